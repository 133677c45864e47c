
#include "html/rt_htree.h"


enum { HTML = 0, SVG, MATHML };

/*
 * What the children of an element of SVG or MathML are: HTML in a POINT, but
 * in one of MathML not all of it; an <svg> is HTML's in an annotation-xml.
 */

enum { NO_POINT = 0, POINT, ANNOTATION };


/*
 * Each of these keeps a nonce from where a browser has no such tag.  Their
 * names are for a test, which takes one away at a time and shows that a page
 * goes wrong without it (test/diff/guards.mjs).
 */

#if defined(RT_HTREE_GUARDS)

int rt_htree_guarded(const char *name);

#define guard(name, cond)  (rt_htree_guarded(#name) && (cond))

#else

#define guard(name, cond)  (cond)

#endif


void
rt_htree_init(rt_htree_t *t)
{
    memset(t, 0, offsetof(rt_htree_t, nodes));
}


static rt_hmade_e
stop(rt_htree_t *t, rt_hstop_e why)
{
    t->stopped = why;

    return RT_HMADE_NOT;
}


static inline unsigned
props(const rt_htoken_t *k)
{
    return rt_htag_props[k->tag];
}


static void
push(rt_htree_t *t, const rt_htoken_t *k, unsigned space, unsigned point)
{
    rt_hnode_t  *node;

    if (t->depth == RT_HTREE_DEPTH) {
        stop(t, RT_HSTOP_DEPTH);
        return;
    }

    node = &t->nodes[t->depth++];

    memcpy(node->name, k->name, RT_HNAME_MAX);
    node->space = (unsigned char) space;
    node->point = (unsigned char) point;
}


static inline int
is_named(const rt_hnode_t *node, const unsigned char *name)
{
    return memcmp(node->name, name, RT_HNAME_MAX) == 0;
}


/* is no HTML open in there, nor anything that may hold some? */

static int
only_foreign(const rt_htree_t *t)
{
    unsigned  i;

    for (i = 0; i < t->depth; i++) {
        if (t->nodes[i].space == HTML || t->nodes[i].point == POINT) {
            return 0;
        }
    }

    return 1;
}


/* all of it is closed, or some, or nothing: what is outside decides */

static void
doubt(rt_htree_t *t)
{
    if (guard(doubt_in_point, !only_foreign(t))) {
        stop(t, RT_HSTOP_FOREIGN);
        return;
    }

    t->doubt = 1;
}


/* the outermost element, for <svg> and <math> in HTML or in a point */

static void
enter(rt_htree_t *t, const rt_htoken_t *k)
{
    if (k->self_closing) {
        return;
    }

    /* parsers that know of no such thing in a select drop it */

    if (t->depth == 0) {
        t->doubt = (guard(svg_in_select, t->select) != 0);
    }

    push(t, k, k->tag == RT_HTAG_SVG ? SVG : MATHML, NO_POINT);
}


static rt_hmade_e
start_template(rt_htree_t *t)
{
    if (guard(template_in_select, t->select)) {
        /* the next </select> is in it, and closes nothing */
        return stop(t, RT_HSTOP_SELECT);
    }

    if (t->templates == RT_HTREE_DEPTH) {
        return stop(t, RT_HSTOP_DEPTH);
    }

    t->templates++;
    t->undecided = t->undecided << 1 | 1;

    return RT_HMADE;
}


/*
 * The first element of a template decides what the others are parts of.  Behind
 * a <col> a browser drops everything but more of them.  So a script makes no
 * element there, and its text is read as tags.
 */

static void
decide(rt_htree_t *t, const rt_htoken_t *k)
{
    if (t->templates == 0 || (props(k) & RT_HP_HEAD)) {
        return;
    }

    if (guard(col_in_template, k->tag == RT_HTAG_COL && (t->undecided & 1))) {
        stop(t, RT_HSTOP_TEMPLATE);
    }

    t->undecided &= ~(uint64_t) 1;
}


static rt_hmade_e
start_html(rt_htree_t *t, const rt_htoken_t *k)
{
    decide(t, k);

    switch (k->tag) {

    case RT_HTAG_SVG:
    case RT_HTAG_MATH:
        enter(t, k);
        return RT_HMADE;

    case RT_HTAG_SELECT:
        t->select = 1;
        return RT_HMADE;

    case RT_HTAG_TEMPLATE:
        return start_template(t);

    case RT_HTAG_FRAMESET:
        return guard(frameset, 1) ? stop(t, RT_HSTOP_FRAMESET) : RT_HMADE;

    case RT_HTAG_PLAINTEXT:
        return stop(t, RT_HSTOP_PLAINTEXT);

    case RT_HTAG_SCRIPT:
        return RT_HMADE_TEXT;

    default:
        break;
    }

    if (k->tag != RT_HTAG_LINK && !(props(k) & RT_HP_TEXT)) {
        return RT_HMADE;
    }

    if (guard(text_in_select, t->select)) {
        /* dropped, or not: a script is the only one that all parsers make */
        return stop(t, RT_HSTOP_SELECT);
    }

    return k->tag == RT_HTAG_LINK ? RT_HMADE : RT_HMADE_TEXT;
}


/*
 * HTML in a point.  What is kept of it may have more elements open than the
 * tree (a <p> closes another one), never less: each start tag is answered by
 * its own end tag, or stops.
 */

static rt_hmade_e
start_in_point(rt_htree_t *t, const rt_htoken_t *k)
{
    if (guard(part_in_point, props(k) & RT_HP_PART)) {
        return stop(t, RT_HSTOP_FOREIGN);
    }

    /* of MathML if nothing is open in the point, which is not known */

    if (guard(glyph_in_point, k->tag == RT_HTAG_MGLYPH
                              || k->tag == RT_HTAG_MALIGNMARK))
    {
        return stop(t, RT_HSTOP_FOREIGN);
    }

    if (!(props(k) & (RT_HP_TEXT|RT_HP_VOID)) && k->tag != RT_HTAG_SVG
        && k->tag != RT_HTAG_MATH)
    {
        push(t, k, HTML, NO_POINT);
    }

    return start_html(t, k);
}


static unsigned
point_of(const rt_htoken_t *k, unsigned space)
{
    if (k->tag == RT_HTAG_ANNOTATION_XML) {
        return space == MATHML ? ANNOTATION : NO_POINT;
    }

    return (props(k) & (space == SVG ? RT_HP_SVG_POINT : RT_HP_MATH_POINT))
           ? POINT : NO_POINT;
}


static rt_hmade_e
start_foreign(rt_htree_t *t, const rt_htoken_t *k)
{
    unsigned           space;
    const rt_hnode_t  *top;

    top = &t->nodes[t->depth - 1];
    space = top->space;

    if (props(k) & RT_HP_BREAKOUT) {

        if (guard(breakout_in_point, !only_foreign(t))) {
            return stop(t, RT_HSTOP_FOREIGN);
        }

        t->depth = 0;
        return RT_HMADE;
    }

    if (k->tag == RT_HTAG_FONT && guard(font, 1)) {
        /* some of its attributes make it one that leaves */
        doubt(t);
        return RT_HMADE_NOT;
    }

    if (k->tag == RT_HTAG_ANNOTATION_XML && guard(annotation_xml, k->html)) {
        return stop(t, RT_HSTOP_FOREIGN);
    }

    if (top->point == ANNOTATION && k->tag == RT_HTAG_SVG) {
        space = SVG;
    }

    if (!k->self_closing) {
        push(t, k, space, point_of(k, space));
    }

    return RT_HMADE;
}


static rt_hmade_e
start_in_doubt(rt_htree_t *t, const rt_htoken_t *k)
{
    if (props(k) & RT_HP_BREAKOUT) {
        t->doubt = 0;
        t->depth = 0;
        return RT_HMADE;
    }

    if (guard(start_in_doubt,
              (props(k) & (RT_HP_TEXT|RT_HP_PART|RT_HP_SVG_POINT
                           |RT_HP_MATH_POINT))
              || k->tag == RT_HTAG_LINK || k->tag == RT_HTAG_SVG
              || k->tag == RT_HTAG_MATH || k->tag == RT_HTAG_PLAINTEXT
              || k->tag == RT_HTAG_ANNOTATION_XML))
    {
        return stop(t, RT_HSTOP_FOREIGN);
    }

    return RT_HMADE_NOT;
}


/*
 * Bytes that are not ASCII are characters of a charset that is not minded
 * here.  The second byte of one may look like a letter, which has another
 * case to us and is another character to a parser.
 */

static int
is_odd(const rt_htoken_t *k)
{
    unsigned  i;

    for (i = 0; i < k->len && i < RT_HNAME_MAX; i++) {
        if (k->name[i] >= 0x80) {
            return 1;
        }
    }

    return 0;
}


/* ret: 1 if it stops here */

static int
refuse_name(rt_htree_t *t, const rt_htoken_t *k)
{
    if (guard(long_name, k->len > RT_HNAME_MAX)) {
        stop(t, RT_HSTOP_DEPTH);

    } else if (guard(odd_name, is_odd(k))) {
        stop(t, RT_HSTOP_FOREIGN);
    }

    return t->stopped != RT_HSTOP_NONE;
}


rt_hmade_e
rt_htree_start(rt_htree_t *t, const rt_htoken_t *k)
{
    rt_hmade_e         made;
    const rt_hnode_t  *top;

    if (t->depth && refuse_name(t, k)) {
        return RT_HMADE_NOT;
    }

    top = &t->nodes[t->depth ? t->depth - 1 : 0];

    if (t->depth == 0) {
        made = start_html(t, k);

    } else if (t->doubt) {
        made = start_in_doubt(t, k);

    } else if (top->space == HTML || top->point == POINT) {
        made = start_in_point(t, k);

    } else {
        made = start_foreign(t, k);
    }

    return t->stopped ? RT_HMADE_NOT : made;
}


/* the end tag of the outermost element leads back to HTML whatever is open */

static void
end_in_doubt(rt_htree_t *t, const rt_htoken_t *k)
{
    unsigned  i, roots;

    roots = 0;

    for (i = 0; i < t->depth; i++) {
        roots += (unsigned) is_named(&t->nodes[i], t->nodes[0].name);
    }

    if (is_named(&t->nodes[0], k->name) && !guard(two_roots, roots > 1)) {
        t->doubt = 0;
        t->depth = 0;
    }
}


static void
end_foreign(rt_htree_t *t, const rt_htoken_t *k)
{
    unsigned  i;

    i = t->depth - 1;

    if (is_named(&t->nodes[i], k->name)) {
        t->depth--;
        return;
    }

    if (guard(end_in_point, t->nodes[i].space == HTML)) {
        stop(t, RT_HSTOP_FOREIGN);
        return;
    }

    do {
        if (is_named(&t->nodes[i], k->name)) {
            t->depth = (unsigned char) i;
            return;
        }
    } while (i-- && t->nodes[i].space != HTML);

    /* "</p>" and "</br>" are among these: they leave whatever is open */

    if (guard(end_of_outside, 1)) {
        doubt(t);
    }
}


void
rt_htree_end(rt_htree_t *t, const rt_htoken_t *k)
{
    if (t->depth == 0) {
        if (k->tag == RT_HTAG_SELECT) {
            t->select = 0;

        } else if (k->tag == RT_HTAG_TEMPLATE && t->templates) {
            t->templates--;
            t->undecided >>= 1;
        }

        return;
    }

    if (refuse_name(t, k)) {
        return;
    }

    if (t->doubt) {
        end_in_doubt(t, k);

    } else {
        end_foreign(t, k);
    }
}


int
rt_htree_cdata(rt_htree_t *t)
{
    if (t->depth == 0) {
        return 0;
    }

    /*
     * What is innermost in the tree is not known for sure in a point, and in
     * one itself parsers differ.
     */

    if (guard(cdata_in_doubt, t->doubt)
        || guard(cdata_in_point, !only_foreign(t)))
    {
        stop(t, RT_HSTOP_CDATA);
        return 0;
    }

    return 1;
}

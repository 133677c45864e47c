
/*
 * The quick way, for what most of a page consists of: text, and tags that
 * are whole in the buffer and of whose attributes nothing is kept.  Such a
 * tag is read without the states of rt_html.c, and what it does to the stack
 * in the common case is done here, without the rules of the insertion modes.
 *
 * Each step is the one the states and the rules would take; wherever that is
 * not plain to see, the tag is left to them, and nothing has been changed.
 * So a page is read the same whatever it is cut into, and test/fuzz cuts it.
 */

#include "html/rt_hscan.h"
#include "html/rt_hmode.h"


#if defined(__SSE2__)


/* what a tag does in the common case; 0: see the rules */

typedef enum {
    WAY_RULES = 0,
    WAY_PLAIN,              /* start: is pushed */
    WAY_BLOCK,              /* start: closes a p */
    WAY_HEADING,            /* start: and a heading */
    WAY_ITEM,               /* start: and one of its kind, if current */
    WAY_VOID,               /* start: is not pushed */
    WAY_INPUT,
    WAY_FORMAT,             /* has an entry in the list of those */
    WAY_ANCHOR,
    WAY_CELL,
    WAY_ROW,
    WAY_SECTION,
    WAY_OPTION,
    WAY_POP                 /* end: of the current element */
} way_e;


#define ROW(name, way)  [RT_HTAG_##name] = way

#define FORMATS                                                               \
    ROW(B, WAY_FORMAT), ROW(BIG, WAY_FORMAT), ROW(CODE, WAY_FORMAT),          \
    ROW(EM, WAY_FORMAT), ROW(FONT, WAY_FORMAT), ROW(I, WAY_FORMAT),           \
    ROW(S, WAY_FORMAT), ROW(SMALL, WAY_FORMAT), ROW(STRIKE, WAY_FORMAT),      \
    ROW(STRONG, WAY_FORMAT), ROW(TT, WAY_FORMAT), ROW(U, WAY_FORMAT)

#define BLOCKS(way)                                                           \
    ROW(ADDRESS, way), ROW(ARTICLE, way), ROW(ASIDE, way),                    \
    ROW(BLOCKQUOTE, way), ROW(CENTER, way), ROW(DETAILS, way),                \
    ROW(DIALOG, way), ROW(DIR, way), ROW(DIV, way), ROW(DL, way),             \
    ROW(FIELDSET, way), ROW(FIGCAPTION, way), ROW(FIGURE, way),               \
    ROW(FOOTER, way), ROW(HEADER, way), ROW(HGROUP, way), ROW(MAIN, way),     \
    ROW(MENU, way), ROW(NAV, way), ROW(OL, way), ROW(P, way),                 \
    ROW(SEARCH, way), ROW(SECTION, way), ROW(SUMMARY, way), ROW(UL, way)

#define HEADINGS(way)                                                         \
    ROW(H1, way), ROW(H2, way), ROW(H3, way), ROW(H4, way), ROW(H5, way),     \
    ROW(H6, way)

#define PLAIN(way)                                                            \
    ROW(OTHER, way), ROW(SPAN, way), ROW(LABEL, way), ROW(LEGEND, way),       \
    ROW(SUB, way), ROW(SUP, way), ROW(VAR, way)

#define TABLES                                                                \
    ROW(TD, WAY_CELL), ROW(TH, WAY_CELL), ROW(TR, WAY_ROW),                   \
    ROW(OPTION, WAY_OPTION)


static const unsigned char  starts[RT_HTAG_N] = {
    PLAIN(WAY_PLAIN), BLOCKS(WAY_BLOCK), HEADINGS(WAY_HEADING), FORMATS,
    TABLES, ROW(LI, WAY_ITEM), ROW(A, WAY_ANCHOR),
    ROW(AREA, WAY_VOID), ROW(BR, WAY_VOID), ROW(EMBED, WAY_VOID),
    ROW(IMG, WAY_VOID), ROW(WBR, WAY_VOID), ROW(INPUT, WAY_INPUT)
};


static const unsigned char  ends[RT_HTAG_N] = {
    PLAIN(WAY_POP), BLOCKS(WAY_POP), HEADINGS(WAY_POP), FORMATS, TABLES,
    ROW(A, WAY_FORMAT), ROW(LI, WAY_POP), ROW(BUTTON, WAY_POP),
    ROW(DD, WAY_POP), ROW(DT, WAY_POP), ROW(PRE, WAY_POP),
    ROW(TBODY, WAY_SECTION), ROW(TFOOT, WAY_SECTION),
    ROW(THEAD, WAY_SECTION)
};


/* the stack */


#define BODY_RULES                                                            \
    (1u << RT_HM_IN_BODY | 1u << RT_HM_IN_CAPTION | 1u << RT_HM_IN_CELL)

#define SELECT_RULES                                                          \
    (1u << RT_HM_IN_SELECT | 1u << RT_HM_IN_SELECT_TABLE)


static inline int
by_rules(const rt_htree_t *t, unsigned rules)
{
    return (rules >> t->mode) & 1;
}


static inline void
reconstruct(rt_htree_t *t)
{
    if (!rt_hformats_open(t)) {
        rt_hreconstruct(t);
    }
}


/* a formatting element without attributes, or an "a" */

static inline void
format_start(rt_htree_t *t, rt_htag_e tag)
{
    rt_htoken_t  k;

    if (t->nformats == 0
        || t->formats[t->nformats - 1].tag == RT_HTAG_OTHER)
    {
        /* the first after a marker */

        rt_hinsert(t, tag);

        if (!t->stopped) {
            rt_hformat_append(t, tag, 0, rt_hcurrent(t)->serial);
        }

        return;
    }

    memset(&k, 0, sizeof(rt_htoken_t));

    k.tag = tag;

    reconstruct(t);
    rt_hinsert(t, tag);
    rt_hpush_format(t, &k);
}


/* n: the current node, in SVG or MathML */

static int
foreign_start(rt_htree_t *t, const rt_hnode_t *n, const rt_htoken_t *k)
{
    if (k->tag != RT_HTAG_OTHER || n->html || rt_hmath_text(n)) {
        return 0;
    }

    if (!k->self_closing) {
        rt_hpush(t, k->tag, k->name, (rt_hns_e) n->ns, 0);
    }

    return 1;
}


/* in the modes of tables and select; current: the tag of the current node */

static int
table_start(rt_htree_t *t, rt_htag_e tag, unsigned current)
{
    switch (starts[tag]) {

    case WAY_CELL:
        if (t->mode != RT_HM_IN_ROW || current != RT_HTAG_TR) {
            return 0;
        }

        rt_hmarker(t);
        t->mode = RT_HM_IN_CELL;
        break;

    case WAY_ROW:
        if (t->mode != RT_HM_IN_TBODY
            || (current != RT_HTAG_TBODY && current != RT_HTAG_THEAD
                && current != RT_HTAG_TFOOT))
        {
            return 0;
        }

        t->mode = RT_HM_IN_ROW;
        break;

    case WAY_OPTION:
        if (!by_rules(t, SELECT_RULES)) {
            return 0;
        }

        t->depth -= (current == RT_HTAG_OPTION);
        break;

    default:
        return 0;
    }

    rt_hinsert(t, tag);

    return 1;
}


/* ret: 0 if the tag is for the rules, and nothing was changed */

static inline int
tree_start(rt_htree_t *t, const rt_htoken_t *k)
{
    const rt_hnode_t  *n;

    n = rt_hcurrent(t);

    if (n == NULL) {
        return 0;
    }

    if (n->ns != RT_HNS_HTML) {
        return foreign_start(t, n, k);
    }

    if (!by_rules(t, BODY_RULES)) {
        return table_start(t, k->tag, n->tag);
    }

    switch (starts[k->tag]) {

    case WAY_PLAIN:
        reconstruct(t);
        rt_hpush(t, k->tag, k->name, RT_HNS_HTML, 0);
        return 1;

    case WAY_ITEM:
        if (n->tag == RT_HTAG_LI) {
            t->depth--;

        } else if (n->tag != RT_HTAG_UL && n->tag != RT_HTAG_OL) {
            return 0;
        }

        t->not_frameset = 1;
        break;

    case WAY_HEADING:
        rt_hclose_p(t);
        t->depth -= (rt_hnode_props(rt_hcurrent(t)) & RT_HP_HEADING) != 0;
        break;

    case WAY_BLOCK:
        break;

    case WAY_INPUT:
        /* its type matters until then */

        if (!t->not_frameset) {
            return 0;
        }

        /* fall through */

    case WAY_VOID:
        reconstruct(t);
        t->not_frameset = 1;
        return 1;

    case WAY_ANCHOR:
        if (t->nformats && t->formats[t->nformats - 1].tag != RT_HTAG_OTHER
            && rt_hformat_find(t, RT_HTAG_A) >= 0)
        {
            return 0;
        }

        /* fall through */

    case WAY_FORMAT:
        format_start(t, k->tag);
        return 1;

    default:
        return 0;
    }

    if (t->open_p) {
        rt_hclose_p(t);
    }

    rt_hinsert(t, k->tag);

    return 1;
}


/* the same for the end tag of the current node, an HTML element */

static inline int
tree_end(rt_htree_t *t, rt_htag_e tag)
{
    const rt_hformat_t  *f;

    switch (ends[tag]) {

    case WAY_POP:
        if (!by_rules(t, BODY_RULES)) {
            return 0;
        }

        t->open_p -= (tag == RT_HTAG_P);
        break;

    case WAY_FORMAT:
        /* its own entry has to be the last one */

        if (!by_rules(t, BODY_RULES) || t->nformats == 0) {
            return 0;
        }

        f = &t->formats[t->nformats - 1];

        if (f->tag != tag || f->serial != t->stack[t->depth - 1].serial) {
            return 0;
        }

        t->nformats--;
        break;

    case WAY_CELL:
        if (t->mode != RT_HM_IN_CELL) {
            return 0;
        }

        rt_hclear_formats(t);
        t->mode = RT_HM_IN_ROW;
        break;

    case WAY_ROW:
        if (t->mode != RT_HM_IN_ROW) {
            return 0;
        }

        t->mode = RT_HM_IN_TBODY;
        break;

    case WAY_SECTION:
        if (t->mode != RT_HM_IN_TBODY) {
            return 0;
        }

        t->mode = RT_HM_IN_TABLE;
        break;

    case WAY_OPTION:
        if (!by_rules(t, SELECT_RULES | BODY_RULES)) {
            return 0;
        }

        break;

    default:
        return 0;
    }

    t->depth--;

    return 1;
}


/* tags */


#define load(p)   _mm_loadu_si128((const __m128i *) (p))
#define is(v, c)  _mm_cmpeq_epi8(v, _mm_set1_epi8(c))
#define bits(v)   ((unsigned) _mm_movemask_epi8(v))

#define ATTR_ROOM  18       /* bytes that are looked at from an attribute on */
#define TAG_ROOM   18       /* from a "<" on */
#define BLOCK      64


/*
 * What ends the value that begins at p: one after its quote, or the blank or
 * ">" behind it.  ret: NULL if there is no value, or its end is not before
 * last
 */

static inline const unsigned char *
skip_value(const unsigned char *p, const unsigned char *last)
{
    unsigned        found;
    unsigned char   quote;

    quote = *p;

    if (quote != '"' && quote != '\'') {

        if (rt_hclass[quote] & RT_HC_VALUE_END) {
            return NULL;
        }

        while (++p < last) {
            if (rt_hclass[*p] & RT_HC_VALUE_END) {
                return p;
            }
        }

        return NULL;
    }

    for (p++; last - p > 16; p += 16) {
        found = bits(is(load(p), (char) quote));

        if (found) {
            return p + __builtin_ctz(found) + 1;
        }
    }

    return NULL;
}


/*
 * p: one after the tag's name.  ret: one after its ">", or NULL if that is
 * near or beyond last, or hard to say
 *
 * Between two values there are only names, blanks and "/" before the first
 * "=" or ">", and quotes mean nothing in them.  So with a name right before
 * it the "=" begins a value, and the ">" ends the tag.
 */

static inline const unsigned char *
skip_attrs(const unsigned char *p, const unsigned char *last,
    unsigned char *self_closing)
{
    __m128i   v;
    unsigned  found;

    for ( ;; ) {
        if (last - p < ATTR_ROOM) {
            return NULL;
        }

        v = load(p);
        found = bits(_mm_or_si128(is(v, '='), is(v, '>')));

        if (found == 0) {
            p += 15;        /* not 16: what comes first is then not at p */
            continue;
        }

        if (found & 1) {
            *self_closing = 0;
            return *p == '>' ? p + 1 : NULL;
        }

        p += __builtin_ctz(found);

        if (*p == '>') {
            *self_closing = (p[-1] == '/');
            return p + 1;
        }

        if (rt_hclass[p[-1]] & RT_HC_NAME_END) {
            return NULL;
        }

        p = skip_value(p + 1, last);

        if (p == NULL) {
            return NULL;
        }
    }
}


/* a tag that the quick way can read, but not do; end: one after it */

static void
by_the_rules(rt_html_t *h, const rt_htoken_t *k, const unsigned char *end)
{
    h->token = *k;
    h->want = 0;

    rt_hend_tag(h, end);
}


/* p[0 .. len) is a tag's name that is none of those we know, or a long one */

static unsigned
long_name(const rt_html_t *h, rt_htoken_t *k, const unsigned char *p,
    unsigned len)
{
    unsigned char  name[RT_HTAG_ROOM + sizeof(uint64_t)];

    memset(name, 0, sizeof(name));

    rt_htake_name(name, p, len);

    k->tag = rt_htag_find(name, len);
    k->name = (k->tag == RT_HTAG_OTHER)
              ? rt_hname_hash(0, h->seed, name, len) : 0;

    return len;
}


/*
 * The name of a tag at p, where RT_HTAG_ROOM bytes can be read.
 * ret: its length; 0: see the states
 */

static inline unsigned
take_tag(const rt_html_t *h, rt_htoken_t *k, const unsigned char *p)
{
    unsigned  len;

    len = rt_hname_ends(p);

    if (len == 0) {
        return 0;
    }

    len = (unsigned) __builtin_ctz(len);

    if (p[len] != '>' && !(rt_hclass[p[len]] & RT_HC_TAG_END)) {
        return 0;
    }

    k->name = 0;

    if (len - 1 < sizeof(uint64_t)) {
        k->tag = rt_htag_short(rt_htag_folded(p, len));

        if (k->tag != RT_HTAG_OTHER) {
            return len;
        }
    }

    return rt_hletter(*p) ? long_name(h, k, p, len) : 0;
}


/* an input's type is, in the body, once no frameset may follow */

static inline int
type_is_nothing(const rt_htree_t *t, rt_htag_e tag)
{
    return tag == RT_HTAG_INPUT && t->not_frameset && by_rules(t, BODY_RULES);
}


/* p: one after "</".  ret: one after the tag, or NULL: it was not read */

static const unsigned char *
other_end(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    unsigned           len;
    rt_htree_t        *t;
    rt_htoken_t        k;
    const rt_hnode_t  *n;

    memset(&k, 0, sizeof(rt_htoken_t));

    t = &h->tree;
    len = take_tag(h, &k, p);

    if (len == 0) {
        return NULL;
    }

    p += len;
    p = (*p == '>') ? p + 1 : skip_attrs(p, last, &k.self_closing);

    if (p == NULL) {
        return NULL;
    }

    rt_hflush_text(h);

    n = rt_hcurrent(t);

    if (k.tag == RT_HTAG_OTHER && t->depth > 1 && n->tag == RT_HTAG_OTHER
        && n->name == k.name
        && (n->ns != RT_HNS_HTML || by_rules(t, BODY_RULES)))
    {
        t->depth--;
        return p;
    }

    k.end = 1;

    by_the_rules(h, &k, p);

    return p;
}


/* the same; nearly always it is the current node that ends */

static inline const unsigned char *
end_tag(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    unsigned               len;
    const rt_hnode_t      *n;
    const rt_htag_name_t  *name;

    n = rt_hcurrent(&h->tree);

    if (n == NULL || n->ns != RT_HNS_HTML || h->text_seen) {
        return other_end(h, p, last);
    }

    name = &rt_htag_names[n->tag];
    len = name->len;

    if (len - 1 < sizeof(uint64_t) && p[len] == '>'
        && rt_htag_folded(p, len) == rt_htag_load(name->text)
        && tree_end(&h->tree, (rt_htag_e) n->tag))
    {
        return p + len + 1;
    }

    return other_end(h, p, last);
}


/* p: one after "<".  ret: one after the tag, or NULL: it was not read */

static inline const unsigned char *
start_tag(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    unsigned     len, want;
    rt_htree_t  *t;
    rt_htoken_t  k;

    t = &h->tree;
    len = take_tag(h, &k, p);

    if (len == 0) {
        return NULL;
    }

    p += len;
    k.self_closing = 0;
    want = rt_hwanted[k.tag];

    if (*p == '>') {
        p++;
        want &= RT_HWANT_TAG;

    } else if (want == 0 || type_is_nothing(t, k.tag)) {
        p = skip_attrs(p, last, &k.self_closing);
        want = 0;
    }

    if (want || p == NULL) {
        return NULL;
    }

    if (h->text_seen) {
        rt_hflush_text(h);
    }

    if (!tree_start(t, &k)) {
        k.end = 0;
        k.flags = 0;
        k.attrs = 0;

        by_the_rules(h, &k, p);
    }

    return p;
}


/* bit i: p[i] is "<" */

static inline uint64_t
mark_tags(const unsigned char *p)
{
    __m128i  a, b, c, d;

    a = is(load(p), '<');
    b = is(load(p + 16), '<');
    c = is(load(p + 32), '<');
    d = is(load(p + 48), '<');

    if (bits(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))) == 0) {
        return 0;
    }

    return bits(a) | bits(b) << 16
           | (uint64_t) (bits(c) | bits(d) << 16) << 32;
}


/*
 * In block: "<" are marked ahead of the tags, for what comes next must not
 * wait for where a tag ends; those within a tag are passed over.
 * ret: 0 if *pos is where the quick way ends
 */

static inline int
quick_block(rt_html_t *h, const unsigned char *block,
    const unsigned char **pos, const unsigned char *last)
{
    uint64_t              marks;
    const unsigned char  *p, *lt;

    for (marks = mark_tags(block); marks; marks &= marks - 1) {
        lt = block + __builtin_ctzll(marks);

        if (lt < *pos) {
            continue;
        }

        if (lt != *pos && rt_htext_matters(&h->tree)) {
            rt_hsee_text(h, *pos, lt);
        }

        *pos = lt;

        p = (lt[1] == '/') ? end_tag(h, lt + 2, last)
                           : start_tag(h, lt + 1, last);

        if (p == NULL) {
            return 0;
        }

        *pos = p;

        if (h->state != RT_HS_DATA || h->tree.stopped) {
            return 0;
        }
    }

    return 1;
}


const unsigned char *
rt_hquick(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    const unsigned char  *block;

    block = p;

    while (last - block >= BLOCK + TAG_ROOM) {

        if (!quick_block(h, block, &p, last)) {
            goto done;
        }

        block += BLOCK;

        if (p - block > BLOCK) {
            block = p;
        }
    }

    /* all up to block is read, be it text or tag */

    if (p < block) {
        if (rt_htext_matters(&h->tree)) {
            rt_hsee_text(h, p, block);
        }

        p = block;
    }

done:

    h->stopped = h->tree.stopped;
    h->text_matters = (unsigned char) rt_htext_matters(&h->tree);

    return p;
}


#else


const unsigned char *
rt_hquick(rt_html_t *h, const unsigned char *p, const unsigned char *last)
{
    (void) h;
    (void) last;

    return p;
}


#endif

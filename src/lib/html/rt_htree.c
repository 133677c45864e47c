
#include "html/rt_hmode.h"


#define IS_START(k, name)  (!(k)->end && (k)->tag == RT_HTAG_##name)
#define IS_END(k, name)    ((k)->end && (k)->tag == RT_HTAG_##name)


void
rt_htree_init(rt_htree_t *t)
{
    /* the arrays need no clearing: nothing above their counts is read */
    memset(t, 0, offsetof(rt_htree_t, formats));
}


rt_hmode_rc_e
rt_hmade(rt_hresult_t *r, rt_htext_e text)
{
    r->made = 1;
    r->text = text;

    return RT_HM_DONE;
}


static int
ends_head(const rt_htoken_t *k)
{
    return k->tag == RT_HTAG_HEAD || k->tag == RT_HTAG_BODY
           || k->tag == RT_HTAG_HTML || k->tag == RT_HTAG_BR;
}


static rt_hmode_rc_e
initial(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) k;
    (void) r;

    t->quirks = 1;
    t->mode = RT_HM_BEFORE_HTML;

    return RT_HM_AGAIN;
}


static rt_hmode_rc_e
before_html(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    if (k->end && !ends_head(k)) {
        return RT_HM_DONE;
    }

    rt_hinsert(t, RT_HTAG_HTML);
    t->mode = RT_HM_BEFORE_HEAD;

    return IS_START(k, HTML) ? RT_HM_DONE : RT_HM_AGAIN;
}


static rt_hmode_rc_e
before_head(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (IS_START(k, HTML)) {
        return rt_hm_body(t, k, r);
    }

    if (k->end && !ends_head(k)) {
        return RT_HM_DONE;
    }

    rt_hinsert(t, RT_HTAG_HEAD);
    t->head = 1;
    t->mode = RT_HM_IN_HEAD;

    return IS_START(k, HEAD) ? RT_HM_DONE : RT_HM_AGAIN;
}


static void
template_start(rt_htree_t *t)
{
    if (t->ntemplates == RT_HTREE_TEMPLATES) {
        t->stopped = RT_HSTOP_DEPTH;
        return;
    }

    rt_hinsert(t, RT_HTAG_TEMPLATE);
    rt_hmarker(t);

    t->not_frameset = 1;
    t->mode = RT_HM_IN_TEMPLATE;
    t->templates[t->ntemplates++] = RT_HM_IN_TEMPLATE;
}


static void
template_end(rt_htree_t *t)
{
    if (t->ntemplates == 0) {
        return;
    }

    rt_himplied_thoroughly(t);
    rt_hpop_until(t, RT_HTAG_TEMPLATE);
    rt_hclear_formats(t);

    t->ntemplates--;

    rt_hreset_mode(t);
}


static rt_hmode_rc_e
head_end(rt_htree_t *t, const rt_htoken_t *k)
{
    if (k->tag == RT_HTAG_TEMPLATE) {
        template_end(t);
        return RT_HM_DONE;
    }

    if (!ends_head(k)) {
        return RT_HM_DONE;
    }

    rt_hpop(t);
    t->mode = RT_HM_AFTER_HEAD;

    return k->tag == RT_HTAG_HEAD ? RT_HM_DONE : RT_HM_AGAIN;
}


rt_hmode_rc_e
rt_hm_head(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (k->end) {
        return head_end(t, k);
    }

    switch (k->tag) {

    case RT_HTAG_HTML:
        return rt_hm_body(t, k, r);

    case RT_HTAG_BASE:
    case RT_HTAG_BASEFONT:
    case RT_HTAG_BGSOUND:
    case RT_HTAG_LINK:
    case RT_HTAG_META:
        return rt_hmade(r, RT_HTEXT_DATA);

    case RT_HTAG_TITLE:
        return rt_hmade(r, RT_HTEXT_RCDATA);

    case RT_HTAG_NOSCRIPT:
    case RT_HTAG_NOFRAMES:
    case RT_HTAG_STYLE:
        return rt_hmade(r, RT_HTEXT_RAWTEXT);

    case RT_HTAG_SCRIPT:
        return rt_hmade(r, RT_HTEXT_SCRIPT);

    case RT_HTAG_TEMPLATE:
        template_start(t);
        return RT_HM_DONE;

    case RT_HTAG_HEAD:
        return RT_HM_DONE;

    default:
        break;
    }

    rt_hpop(t);
    t->mode = RT_HM_AFTER_HEAD;

    return RT_HM_AGAIN;
}


/* what may come after the head and still belongs to it */

static int
is_metadata(rt_htag_e tag)
{
    switch (tag) {

    case RT_HTAG_BASE:
    case RT_HTAG_BASEFONT:
    case RT_HTAG_BGSOUND:
    case RT_HTAG_LINK:
    case RT_HTAG_META:
    case RT_HTAG_NOFRAMES:
    case RT_HTAG_SCRIPT:
    case RT_HTAG_STYLE:
    case RT_HTAG_TEMPLATE:
    case RT_HTAG_TITLE:
        return 1;

    default:
        return 0;
    }
}


static rt_hmode_rc_e
after_head(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (k->end) {
        if (k->tag == RT_HTAG_TEMPLATE) {
            return rt_hm_head(t, k, r);
        }

        if (!ends_head(k) || k->tag == RT_HTAG_HEAD) {
            return RT_HM_DONE;
        }

    } else if (k->tag == RT_HTAG_HTML) {
        return rt_hm_body(t, k, r);

    } else if (k->tag == RT_HTAG_HEAD) {
        return RT_HM_DONE;

    } else if (k->tag == RT_HTAG_FRAMESET) {
        t->stopped = RT_HSTOP_FRAMESET;
        return RT_HM_DONE;

    } else if (is_metadata(k->tag)) {
        return rt_hm_head(t, k, r);
    }

    rt_hinsert(t, RT_HTAG_BODY);
    t->mode = RT_HM_IN_BODY;

    if (IS_START(k, BODY)) {
        t->not_frameset = 1;
        return RT_HM_DONE;
    }

    return RT_HM_AGAIN;
}


static rt_hmode_e
template_mode(rt_htag_e tag)
{
    switch (tag) {

    case RT_HTAG_CAPTION:
    case RT_HTAG_COLGROUP:
    case RT_HTAG_TBODY:
    case RT_HTAG_TFOOT:
    case RT_HTAG_THEAD:
        return RT_HM_IN_TABLE;

    case RT_HTAG_COL:
        return RT_HM_IN_COLGROUP;

    case RT_HTAG_TR:
        return RT_HM_IN_TBODY;

    case RT_HTAG_TD:
    case RT_HTAG_TH:
        return RT_HM_IN_ROW;

    default:
        return RT_HM_IN_BODY;
    }
}


static rt_hmode_rc_e
in_template(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (k->end) {
        return k->tag == RT_HTAG_TEMPLATE ? rt_hm_head(t, k, r) : RT_HM_DONE;
    }

    if (is_metadata(k->tag)) {
        return rt_hm_head(t, k, r);
    }

    t->mode = (unsigned char) template_mode(k->tag);
    t->templates[t->ntemplates - 1] = t->mode;

    return RT_HM_AGAIN;
}


static rt_hmode_rc_e
after_body(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (IS_START(k, HTML)) {
        return rt_hm_body(t, k, r);
    }

    if (IS_END(k, HTML) && t->mode == RT_HM_AFTER_BODY) {
        t->mode = RT_HM_AFTER_AFTER_BODY;
        return RT_HM_DONE;
    }

    t->mode = RT_HM_IN_BODY;

    return RT_HM_AGAIN;
}


static const rt_hmode_pt  modes[RT_HM_N] = {
    [RT_HM_INITIAL] = initial,
    [RT_HM_BEFORE_HTML] = before_html,
    [RT_HM_BEFORE_HEAD] = before_head,
    [RT_HM_IN_HEAD] = rt_hm_head,
    [RT_HM_AFTER_HEAD] = after_head,
    [RT_HM_IN_BODY] = rt_hm_body,
    [RT_HM_IN_TABLE] = rt_hm_table,
    [RT_HM_IN_CAPTION] = rt_hm_caption,
    [RT_HM_IN_COLGROUP] = rt_hm_colgroup,
    [RT_HM_IN_TBODY] = rt_hm_tbody,
    [RT_HM_IN_ROW] = rt_hm_row,
    [RT_HM_IN_CELL] = rt_hm_cell,
    [RT_HM_IN_SELECT] = rt_hm_select,
    [RT_HM_IN_SELECT_TABLE] = rt_hm_select_table,
    [RT_HM_IN_TEMPLATE] = in_template,
    [RT_HM_AFTER_BODY] = after_body,
    [RT_HM_AFTER_AFTER_BODY] = after_body,
};


static rt_hmode_e
select_mode(const rt_htree_t *t, unsigned i)
{
    while (i-- > 0) {
        if (rt_hnode_is(&t->stack[i], RT_HTAG_TEMPLATE)) {
            break;
        }

        if (rt_hnode_is(&t->stack[i], RT_HTAG_TABLE)) {
            return RT_HM_IN_SELECT_TABLE;
        }
    }

    return RT_HM_IN_SELECT;
}


/* the mode that the element at i asks for; RT_HM_N: none */

static rt_hmode_e
mode_of(const rt_htree_t *t, unsigned i)
{
    switch (t->stack[i].tag) {

    case RT_HTAG_SELECT:
        return select_mode(t, i);

    case RT_HTAG_TD:
    case RT_HTAG_TH:
        return RT_HM_IN_CELL;

    case RT_HTAG_TR:
        return RT_HM_IN_ROW;

    case RT_HTAG_TBODY:
    case RT_HTAG_THEAD:
    case RT_HTAG_TFOOT:
        return RT_HM_IN_TBODY;

    case RT_HTAG_CAPTION:
        return RT_HM_IN_CAPTION;

    case RT_HTAG_COLGROUP:
        return RT_HM_IN_COLGROUP;

    case RT_HTAG_TABLE:
        return RT_HM_IN_TABLE;

    case RT_HTAG_TEMPLATE:
        return t->ntemplates ? t->templates[t->ntemplates - 1] : RT_HM_N;

    case RT_HTAG_HEAD:
        return RT_HM_IN_HEAD;

    case RT_HTAG_BODY:
        return RT_HM_IN_BODY;

    case RT_HTAG_HTML:
        return t->head ? RT_HM_AFTER_HEAD : RT_HM_BEFORE_HEAD;

    default:
        return RT_HM_N;
    }
}


void
rt_hreset_mode(rt_htree_t *t)
{
    unsigned    i;
    rt_hmode_e  mode;

    for (i = t->depth; i-- > 0; /* void */ ) {

        if (t->stack[i].ns != RT_HNS_HTML) {
            continue;
        }

        mode = mode_of(t, i);

        if (mode != RT_HM_N) {
            t->mode = (unsigned char) mode;
            return;
        }
    }

    t->mode = RT_HM_IN_BODY;
}


/* foreign content */


static int
is_foreign(const rt_hnode_t *n)
{
    return n != NULL && n->ns != RT_HNS_HTML;
}


int
rt_htree_cdata(rt_htree_t *t)
{
    const rt_hnode_t  *n;

    n = rt_hcurrent(t);

    if (!is_foreign(n)) {
        return 0;
    }

    if (n->html || rt_hmath_text(n)) {
        t->stopped = RT_HSTOP_CDATA;
    }

    return 1;
}


/* the "tree construction dispatcher" */

static int
by_foreign_rules(const rt_htree_t *t, const rt_htoken_t *k)
{
    const rt_hnode_t  *n;

    n = rt_hcurrent(t);

    if (!is_foreign(n)) {
        return 0;
    }

    if (k->end) {
        return 1;
    }

    if (rt_hmath_text(n)) {
        return k->tag == RT_HTAG_MGLYPH || k->tag == RT_HTAG_MALIGNMARK;
    }

    if (n->ns == RT_HNS_MATHML && n->tag == RT_HTAG_ANNOTATION_XML
        && k->tag == RT_HTAG_SVG)
    {
        return 0;
    }

    return !n->html;
}


static int
breaks_out(const rt_htoken_t *k)
{
    if (k->end) {
        return k->tag == RT_HTAG_BR || k->tag == RT_HTAG_P;
    }

    if (k->tag == RT_HTAG_FONT) {
        return (k->flags & RT_HATTR_FONT) != 0;
    }

    return (rt_htag_props[k->tag] & RT_HP_BREAKOUT) != 0;
}


static void
foreign_start(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    int       html;
    rt_hns_e  ns;

    ns = (rt_hns_e) rt_hcurrent(t)->ns;
    html = 0;

    if (ns == RT_HNS_SVG) {
        html = k->tag == RT_HTAG_FOREIGNOBJECT || k->tag == RT_HTAG_DESC
               || k->tag == RT_HTAG_TITLE;

    } else if (k->tag == RT_HTAG_ANNOTATION_XML) {

        if (k->flags & RT_HATTR_UNSURE) {
            t->stopped = RT_HSTOP_VALUE;
            return;
        }

        html = (k->flags & RT_HATTR_HTML) != 0;
    }

    r->made = 1;
    r->foreign = 1;

    if (!k->self_closing) {
        rt_hpush(t, k->tag, k->name, ns, html);
    }
}


/* ret: 0 if the rules for HTML content are to be used after all */

static int
foreign_end(rt_htree_t *t, const rt_htoken_t *k)
{
    unsigned           i;
    const rt_hnode_t  *n;

    for (i = t->depth - 1; i > 0; i--) {
        n = &t->stack[i];

        if (n->ns == RT_HNS_HTML) {
            return 0;
        }

        if (n->tag == k->tag && n->name == k->name) {
            rt_hpop_to(t, i);
            return 1;
        }
    }

    return 1;
}


static int
foreign_tag(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    const rt_hnode_t  *n;

    if (breaks_out(k)) {
        for ( ;; ) {
            n = rt_hcurrent(t);

            if (!is_foreign(n) || n->html || rt_hmath_text(n)) {
                return 0;
            }

            rt_hpop(t);
        }
    }

    if (k->end) {
        return foreign_end(t, k);
    }

    foreign_start(t, k, r);

    return 1;
}


void
rt_htree_tag(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    memset(r, 0, sizeof(rt_hresult_t));

    if (t->stopped) {
        return;
    }

    if (by_foreign_rules(t, k) && foreign_tag(t, k, r)) {
        return;
    }

    while (modes[t->mode](t, k, r) == RT_HM_AGAIN && !t->stopped) {
        /* void */
    }

    if (t->stopped) {
        memset(r, 0, sizeof(rt_hresult_t));
    }
}


/* text */


/* up to the body; ret: 0 if the text was white space that is dropped */

static int
text_before_body(rt_htree_t *t, unsigned seen)
{
    if (!(seen & (RT_HSEEN_OTHER | RT_HSEEN_NUL))) {
        return 0;
    }

    if (t->mode == RT_HM_INITIAL) {
        t->quirks = 1;
    }

    if (t->mode <= RT_HM_BEFORE_HTML) {
        rt_hinsert(t, RT_HTAG_HTML);
    }

    if (t->mode == RT_HM_IN_HEAD) {
        rt_hpop(t);
    }

    t->head = 1;
    t->mode = RT_HM_IN_BODY;
    rt_hinsert(t, RT_HTAG_BODY);

    return 1;
}


static void
table_text(rt_htree_t *t, unsigned seen)
{
    const rt_hnode_t  *n;

    n = rt_hcurrent(t);

    if (rt_hnode_is(n, RT_HTAG_TABLE) || rt_hnode_is(n, RT_HTAG_TBODY)
        || rt_hnode_is(n, RT_HTAG_TFOOT) || rt_hnode_is(n, RT_HTAG_THEAD)
        || rt_hnode_is(n, RT_HTAG_TR) || rt_hnode_is(n, RT_HTAG_TEMPLATE))
    {
        if (!(seen & RT_HSEEN_OTHER)) {
            return;
        }
    }

    rt_hbody_text(t, seen);
}


void
rt_htree_text(rt_htree_t *t, unsigned seen)
{
    const rt_hnode_t  *n;

    if (t->stopped) {
        return;
    }

    n = rt_hcurrent(t);

    if (is_foreign(n) && !n->html && !rt_hmath_text(n)) {
        t->not_frameset |= (seen & RT_HSEEN_OTHER) != 0;
        return;
    }

    switch (t->mode) {

    case RT_HM_INITIAL:
    case RT_HM_BEFORE_HTML:
    case RT_HM_BEFORE_HEAD:
    case RT_HM_IN_HEAD:
    case RT_HM_AFTER_HEAD:
        if (!text_before_body(t, seen)) {
            return;
        }

        break;

    case RT_HM_IN_SELECT:
    case RT_HM_IN_SELECT_TABLE:
        return;

    case RT_HM_IN_COLGROUP:
        if (!(seen & (RT_HSEEN_OTHER | RT_HSEEN_NUL))
            || !rt_hcurrent_is(t, RT_HTAG_COLGROUP))
        {
            return;
        }

        rt_hpop(t);
        t->mode = RT_HM_IN_TABLE;

        /* fall through */

    case RT_HM_IN_TABLE:
    case RT_HM_IN_TBODY:
    case RT_HM_IN_ROW:
        table_text(t, seen);
        return;

    case RT_HM_AFTER_BODY:
    case RT_HM_AFTER_AFTER_BODY:
        if (seen & (RT_HSEEN_OTHER | RT_HSEEN_NUL)) {
            t->mode = RT_HM_IN_BODY;
        }

        break;

    default:
        break;
    }

    rt_hbody_text(t, seen);
}


/* doctype */


/* public identifiers that begin so mean quirks mode (13.2.6.4.1, in short) */

static const char *const  quirky[] = {
    "+//silmaril//", "-//as//", "-//advasoft ltd//", "-//ietf//dtd html",
    "-//metrius//", "-//microsoft//dtd internet explorer",
    "-//netscape comm. corp.//", "-//o'reilly and associates//",
    "-//softquad", "-//spyglass//", "-//sq//", "-//sun microsystems corp.//",
    "-//w3c//dtd html 3", "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//", "-//w3c//dtd html experimental",
    "-//w3c//dtd w3 html", "-//w3o//dtd w3 html", "-//webtechs//",
    "-/w3c/dtd html 4.0 transitional/en"
};


/* these only without a system identifier */

static const char *const  half_quirky[] = {
    "-//w3c//dtd html 4.01 frameset//", "-//w3c//dtd html 4.01 transitional//"
};


static int
begins_with(const unsigned char *p, size_t len, const char *s)
{
    size_t  n;

    n = strlen(s);

    return len >= n && memcmp(p, s, n) == 0;
}


static size_t
skip_blanks(const unsigned char *p, size_t len, size_t i)
{
    while (i < len && (p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r'
                                       && p[i] != '\v')))
    {
        i++;
    }

    return i;
}


static int
quirky_public(const unsigned char *p, size_t len)
{
    size_t                i;
    const unsigned char  *end, *rest;

    for (i = 0; i < sizeof(quirky) / sizeof(quirky[0]); i++) {
        if (begins_with(p + 1, len - 1, quirky[i])) {
            return 1;
        }
    }

    if (len > 5 && memcmp(p + 1, "html", 4) == 0 && p[5] == p[0]) {
        return 1;
    }

    end = memchr(p + 1, p[0], len - 1);

    if (end == NULL) {
        return 0;
    }

    rest = end + 1;
    rest += skip_blanks(rest, len - (size_t) (rest - p), 0);

    for (i = 0; i < sizeof(half_quirky) / sizeof(half_quirky[0]); i++) {
        if (rest == p + len && begins_with(p + 1, len - 1, half_quirky[i])) {
            return 1;
        }
    }

    return 0;
}


/* p[0 .. len) follows the name */

static int
quirky_ids(const unsigned char *p, size_t len)
{
    size_t  i;

    i = skip_blanks(p, len, 0);

    if (i == len) {
        return 0;
    }

    if (begins_with(p + i, len - i, "system")) {
        i = skip_blanks(p, len, i + 6);

        return i == len || (p[i] != '"' && p[i] != '\'')
               || begins_with(p + i + 1, len - i - 1,
                              "http://www.ibm.com/data/dtd/v11/ibmxhtml1-");
    }

    if (begins_with(p + i, len - i, "public")) {
        i = skip_blanks(p, len, i + 6);

        return i == len || (p[i] != '"' && p[i] != '\'')
               || quirky_public(p + i, len - i);
    }

    return 1;
}


void
rt_htree_doctype(rt_htree_t *t, const unsigned char *text, size_t len)
{
    if (t->mode != RT_HM_INITIAL) {
        return;
    }

    t->mode = RT_HM_BEFORE_HTML;

    t->quirks = !begins_with(text, len, "html")
                || (len > 4 && skip_blanks(text, len, 4) == 4)
                || quirky_ids(text + 4, len - 4);
}


/*
 * The insertion mode "in body" (WHATWG HTML 13.2.6.4.7).
 */

#include "html/rt_hmode.h"


void
rt_hbody_text(rt_htree_t *t, unsigned seen)
{
    if (seen & (RT_HSEEN_SPACE | RT_HSEEN_OTHER)) {
        rt_hreconstruct(t);
    }

    t->not_frameset |= (seen & RT_HSEEN_OTHER) != 0;
}


/* start tags */


static rt_hmode_rc_e
ordinary(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    rt_hreconstruct(t);
    rt_hpush(t, k->tag, k->name, RT_HNS_HTML, 0);

    return RT_HM_DONE;
}


static rt_hmode_rc_e
ignored(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) t;
    (void) k;
    (void) r;

    return RT_HM_DONE;
}


static rt_hmode_rc_e
block(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    rt_hclose_p(t);
    rt_hinsert(t, k->tag);

    return RT_HM_DONE;
}


static rt_hmode_rc_e
heading(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    rt_hclose_p(t);

    if (rt_hnode_props(rt_hcurrent(t)) & RT_HP_HEADING) {
        rt_hpop(t);
    }

    return block(t, k, r);
}


static rt_hmode_rc_e
preformatted(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    t->not_frameset = 1;

    return block(t, k, r);
}


static rt_hmode_rc_e
form(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (t->in_form && t->ntemplates == 0) {
        return RT_HM_DONE;
    }

    block(t, k, r);

    if (t->ntemplates == 0) {
        t->in_form = 1;
        t->form = t->serial;
    }

    return RT_HM_DONE;
}


/* li; dd and dt: ends an open one of its kind */

static rt_hmode_rc_e
item(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    unsigned           i;
    const rt_hnode_t  *n;

    t->not_frameset = 1;

    for (i = t->depth; i-- > 0; /* void */ ) {
        n = &t->stack[i];

        if (rt_hnode_is(n, k->tag)
            || (k->tag == RT_HTAG_DD && rt_hnode_is(n, RT_HTAG_DT))
            || (k->tag == RT_HTAG_DT && rt_hnode_is(n, RT_HTAG_DD)))
        {
            rt_hpop_to(t, i);
            break;
        }

        if (rt_hspecial(n) && !rt_hnode_is(n, RT_HTAG_ADDRESS)
            && !rt_hnode_is(n, RT_HTAG_DIV) && !rt_hnode_is(n, RT_HTAG_P))
        {
            break;
        }
    }

    return block(t, k, r);
}


static rt_hmode_rc_e
button(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (rt_hin_scope(t, RT_HTAG_BUTTON, RT_HSCOPE)) {
        rt_himplied(t, RT_HTAG_OTHER);
        rt_hpop_until(t, RT_HTAG_BUTTON);
    }

    t->not_frameset = 1;

    return ordinary(t, k, r);
}


static rt_hmode_rc_e
formatting(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    ordinary(t, k, r);
    rt_hpush_format(t, k);

    return RT_HM_DONE;
}


static rt_hmode_rc_e
anchor(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    int       i, f;
    uint32_t  serial;

    f = rt_hformat_find(t, RT_HTAG_A);

    if (f >= 0) {
        serial = t->formats[f].serial;
        rt_hadopt(t, k);

        f = rt_hformat_find(t, RT_HTAG_A);

        if (f >= 0 && t->formats[f].serial == serial) {
            rt_hformat_remove(t, (unsigned) f);
        }

        i = rt_hfind(t, serial);

        if (i >= 0) {
            rt_hremove(t, (unsigned) i);
        }
    }

    return formatting(t, k, r);
}


static rt_hmode_rc_e
nobr(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    rt_hreconstruct(t);

    if (rt_hin_scope(t, RT_HTAG_NOBR, RT_HSCOPE)) {
        rt_hadopt(t, k);
    }

    return formatting(t, k, r);
}


static rt_hmode_rc_e
object(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    ordinary(t, k, r);
    rt_hmarker(t);
    t->not_frameset = 1;

    return RT_HM_DONE;
}


static rt_hmode_rc_e
table(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    if (!t->quirks) {
        rt_hclose_p(t);
    }

    rt_hinsert(t, k->tag);

    t->not_frameset = 1;
    t->mode = RT_HM_IN_TABLE;

    return RT_HM_DONE;
}


/* void elements are made and not pushed */

static rt_hmode_rc_e
void_element(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) k;

    rt_hreconstruct(t);
    t->not_frameset = 1;

    return rt_hmade(r, RT_HTEXT_DATA);
}


static rt_hmode_rc_e
input(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    rt_hreconstruct(t);

    if (!(k->flags & RT_HATTR_HIDDEN)) {
        t->not_frameset = 1;
    }

    return rt_hmade(r, RT_HTEXT_DATA);
}


static rt_hmode_rc_e
rule(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) k;

    rt_hclose_p(t);
    t->not_frameset = 1;

    return rt_hmade(r, RT_HTEXT_DATA);
}


static rt_hmode_rc_e
body(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) k;
    (void) r;

    if (t->depth > 1 && rt_hnode_is(&t->stack[1], RT_HTAG_BODY)
        && t->ntemplates == 0)
    {
        t->not_frameset = 1;
    }

    return RT_HM_DONE;
}


static rt_hmode_rc_e
frameset(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) k;
    (void) r;

    if (t->depth > 1 && rt_hnode_is(&t->stack[1], RT_HTAG_BODY)
        && !t->not_frameset)
    {
        t->stopped = RT_HSTOP_FRAMESET;
    }

    return RT_HM_DONE;
}


static rt_hmode_rc_e
plaintext(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) k;
    (void) r;

    t->stopped = RT_HSTOP_PLAINTEXT;

    return RT_HM_DONE;
}


static rt_hmode_rc_e
textarea(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) k;

    t->not_frameset = 1;

    return rt_hmade(r, RT_HTEXT_RCDATA);
}


static rt_hmode_rc_e
xmp(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) k;

    rt_hclose_p(t);
    rt_hreconstruct(t);
    t->not_frameset = 1;

    return rt_hmade(r, RT_HTEXT_RAWTEXT);
}


static rt_hmode_rc_e
rawtext(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (k->tag == RT_HTAG_IFRAME) {
        t->not_frameset = 1;
    }

    return rt_hmade(r, RT_HTEXT_RAWTEXT);
}


static rt_hmode_rc_e
select(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    ordinary(t, k, r);

    t->not_frameset = 1;
    t->mode = (t->mode >= RT_HM_IN_TABLE && t->mode <= RT_HM_IN_CELL
               && t->mode != RT_HM_IN_COLGROUP)
              ? RT_HM_IN_SELECT_TABLE : RT_HM_IN_SELECT;

    return RT_HM_DONE;
}


static rt_hmode_rc_e
option(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (rt_hcurrent_is(t, RT_HTAG_OPTION)) {
        rt_hpop(t);
    }

    return ordinary(t, k, r);
}


static rt_hmode_rc_e
ruby(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    if (rt_hin_scope(t, RT_HTAG_RUBY, RT_HSCOPE)) {
        rt_himplied(t, (k->tag == RT_HTAG_RP || k->tag == RT_HTAG_RT)
                       ? RT_HTAG_RTC : RT_HTAG_OTHER);
    }

    rt_hinsert(t, k->tag);

    return RT_HM_DONE;
}


static rt_hmode_rc_e
foreign(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    rt_hreconstruct(t);

    if (!k->self_closing) {
        rt_hpush(t, k->tag, 0,
                 k->tag == RT_HTAG_SVG ? RT_HNS_SVG : RT_HNS_MATHML, 0);
    }

    return RT_HM_DONE;
}


#define ROW(name, handler)  [RT_HTAG_##name] = handler

static const rt_hmode_pt  starts[RT_HTAG_N] = {
    ROW(HTML, ignored), ROW(BODY, body), ROW(FRAMESET, frameset),

    ROW(BASE, rt_hm_head), ROW(BASEFONT, rt_hm_head),
    ROW(BGSOUND, rt_hm_head), ROW(LINK, rt_hm_head), ROW(META, rt_hm_head),
    ROW(NOFRAMES, rt_hm_head), ROW(SCRIPT, rt_hm_head),
    ROW(STYLE, rt_hm_head), ROW(TEMPLATE, rt_hm_head),
    ROW(TITLE, rt_hm_head),

    ROW(ADDRESS, block), ROW(ARTICLE, block), ROW(ASIDE, block),
    ROW(BLOCKQUOTE, block), ROW(CENTER, block), ROW(DETAILS, block),
    ROW(DIALOG, block), ROW(DIR, block), ROW(DIV, block), ROW(DL, block),
    ROW(FIELDSET, block), ROW(FIGCAPTION, block), ROW(FIGURE, block),
    ROW(FOOTER, block), ROW(HEADER, block), ROW(HGROUP, block),
    ROW(MAIN, block), ROW(MENU, block), ROW(NAV, block), ROW(OL, block),
    ROW(P, block), ROW(SEARCH, block), ROW(SECTION, block),
    ROW(SUMMARY, block), ROW(UL, block),

    ROW(H1, heading), ROW(H2, heading), ROW(H3, heading), ROW(H4, heading),
    ROW(H5, heading), ROW(H6, heading),

    ROW(PRE, preformatted), ROW(LISTING, preformatted), ROW(FORM, form),
    ROW(LI, item), ROW(DD, item), ROW(DT, item),
    ROW(PLAINTEXT, plaintext), ROW(BUTTON, button),

    ROW(A, anchor), ROW(NOBR, nobr), ROW(B, formatting),
    ROW(BIG, formatting), ROW(CODE, formatting), ROW(EM, formatting),
    ROW(FONT, formatting), ROW(I, formatting), ROW(S, formatting),
    ROW(SMALL, formatting), ROW(STRIKE, formatting), ROW(STRONG, formatting),
    ROW(TT, formatting), ROW(U, formatting),

    ROW(APPLET, object), ROW(MARQUEE, object), ROW(OBJECT, object),
    ROW(TABLE, table),

    ROW(AREA, void_element), ROW(BR, void_element), ROW(EMBED, void_element),
    ROW(IMG, void_element), ROW(IMAGE, void_element),
    ROW(KEYGEN, void_element), ROW(WBR, void_element), ROW(INPUT, input),
    ROW(PARAM, ignored), ROW(SOURCE, ignored), ROW(TRACK, ignored),
    ROW(HR, rule),

    ROW(TEXTAREA, textarea), ROW(XMP, xmp), ROW(IFRAME, rawtext),
    ROW(NOEMBED, rawtext), ROW(NOSCRIPT, rawtext),

    ROW(SELECT, select), ROW(OPTION, option), ROW(OPTGROUP, option),
    ROW(RB, ruby), ROW(RTC, ruby), ROW(RP, ruby), ROW(RT, ruby),
    ROW(MATH, foreign), ROW(SVG, foreign),

    ROW(CAPTION, ignored), ROW(COL, ignored), ROW(COLGROUP, ignored),
    ROW(FRAME, ignored), ROW(HEAD, ignored), ROW(TBODY, ignored),
    ROW(TD, ignored), ROW(TFOOT, ignored), ROW(TH, ignored),
    ROW(THEAD, ignored), ROW(TR, ignored)
};


/* end tags */


static rt_hmode_rc_e
end_any(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    rt_hend_any(t, k);

    return RT_HM_DONE;
}


static rt_hmode_rc_e
end_body(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    if (!rt_hin_scope(t, RT_HTAG_BODY, RT_HSCOPE)) {
        return RT_HM_DONE;
    }

    t->mode = RT_HM_AFTER_BODY;

    return k->tag == RT_HTAG_HTML ? RT_HM_AGAIN : RT_HM_DONE;
}


static rt_hmode_rc_e
end_block(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    if (rt_hin_scope(t, k->tag, RT_HSCOPE)) {
        rt_hpop_until(t, k->tag);
    }

    return RT_HM_DONE;
}


static rt_hmode_rc_e
end_form(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    int  i;

    if (t->ntemplates) {
        return end_block(t, k, r);
    }

    if (!t->in_form) {
        return RT_HM_DONE;
    }

    t->in_form = 0;
    i = rt_hfind(t, t->form);

    if (i < 0 || !rt_hin_scope(t, RT_HTAG_FORM, RT_HSCOPE)) {
        return RT_HM_DONE;
    }

    rt_himplied(t, RT_HTAG_OTHER);
    i = rt_hfind(t, t->form);

    if (i >= 0) {
        rt_hremove(t, (unsigned) i);
    }

    return RT_HM_DONE;
}


static rt_hmode_rc_e
end_p(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) k;
    (void) r;

    /* without an open one it makes one, and ends it */
    rt_hclose_p(t);

    return RT_HM_DONE;
}


static rt_hmode_rc_e
end_li(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    if (rt_hin_scope(t, k->tag, RT_HSCOPE_LIST)) {
        rt_hpop_until(t, k->tag);
    }

    return RT_HM_DONE;
}


static rt_hmode_rc_e
end_heading(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    unsigned  props;

    (void) k;
    (void) r;

    if (!rt_hheading_in_scope(t)) {
        return RT_HM_DONE;
    }

    do {
        props = rt_hnode_props(rt_hcurrent(t));
        rt_hpop(t);
    } while (!(props & RT_HP_HEADING));

    return RT_HM_DONE;
}


static rt_hmode_rc_e
end_formatting(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    rt_hadopt(t, k);

    return RT_HM_DONE;
}


static rt_hmode_rc_e
end_object(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    (void) r;

    if (rt_hin_scope(t, k->tag, RT_HSCOPE)) {
        rt_hpop_until(t, k->tag);
        rt_hclear_formats(t);
    }

    return RT_HM_DONE;
}


static const rt_hmode_pt  ends[RT_HTAG_N] = {
    ROW(TEMPLATE, rt_hm_head), ROW(BODY, end_body), ROW(HTML, end_body),

    ROW(ADDRESS, end_block), ROW(ARTICLE, end_block), ROW(ASIDE, end_block),
    ROW(BLOCKQUOTE, end_block), ROW(BUTTON, end_block),
    ROW(CENTER, end_block), ROW(DETAILS, end_block), ROW(DIALOG, end_block),
    ROW(DIR, end_block), ROW(DIV, end_block), ROW(DL, end_block),
    ROW(FIELDSET, end_block), ROW(FIGCAPTION, end_block),
    ROW(FIGURE, end_block), ROW(FOOTER, end_block), ROW(HEADER, end_block),
    ROW(HGROUP, end_block), ROW(LISTING, end_block), ROW(MAIN, end_block),
    ROW(MENU, end_block), ROW(NAV, end_block), ROW(OL, end_block),
    ROW(PRE, end_block), ROW(SEARCH, end_block), ROW(SECTION, end_block),
    ROW(SUMMARY, end_block), ROW(UL, end_block), ROW(DD, end_block),
    ROW(DT, end_block),

    ROW(FORM, end_form), ROW(P, end_p), ROW(LI, end_li),

    ROW(H1, end_heading), ROW(H2, end_heading), ROW(H3, end_heading),
    ROW(H4, end_heading), ROW(H5, end_heading), ROW(H6, end_heading),

    ROW(A, end_formatting), ROW(B, end_formatting), ROW(BIG, end_formatting),
    ROW(CODE, end_formatting), ROW(EM, end_formatting),
    ROW(FONT, end_formatting), ROW(I, end_formatting),
    ROW(NOBR, end_formatting), ROW(S, end_formatting),
    ROW(SMALL, end_formatting), ROW(STRIKE, end_formatting),
    ROW(STRONG, end_formatting), ROW(TT, end_formatting),
    ROW(U, end_formatting),

    ROW(APPLET, end_object), ROW(MARQUEE, end_object),
    ROW(OBJECT, end_object), ROW(BR, void_element)
};


rt_hmode_rc_e
rt_hm_body(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    rt_hmode_pt  handler;

    if (k->end) {
        handler = ends[k->tag];

        return handler != NULL ? handler(t, k, r) : end_any(t, k, r);
    }

    handler = starts[k->tag];

    return handler != NULL ? handler(t, k, r) : ordinary(t, k, r);
}

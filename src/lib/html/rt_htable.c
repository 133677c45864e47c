
/*
 * The insertion modes of tables and of select (WHATWG HTML 13.2.6.4.9-17).
 */

#include "html/rt_hmode.h"


int
rt_htable_part(rt_htag_e tag)
{
    switch (tag) {

    case RT_HTAG_CAPTION:
    case RT_HTAG_COL:
    case RT_HTAG_COLGROUP:
    case RT_HTAG_TBODY:
    case RT_HTAG_TD:
    case RT_HTAG_TFOOT:
    case RT_HTAG_TH:
    case RT_HTAG_THEAD:
    case RT_HTAG_TR:
        return 1;

    default:
        return 0;
    }
}


static int
is_section(rt_htag_e tag)
{
    return tag == RT_HTAG_TBODY || tag == RT_HTAG_TFOOT
           || tag == RT_HTAG_THEAD;
}


static int
is_cell(rt_htag_e tag)
{
    return tag == RT_HTAG_TD || tag == RT_HTAG_TH;
}


static int
in_table_scope(const rt_htree_t *t, rt_htag_e tag)
{
    return rt_hin_scope(t, tag, RT_HSCOPE_TABLE);
}


static rt_hmode_rc_e
into(rt_htree_t *t, rt_htag_e tag, rt_hmode_e mode, rt_hmode_rc_e rc)
{
    rt_hinsert(t, tag);
    t->mode = (unsigned char) mode;

    return rc;
}


/* in table */


static void
clear_to_table(rt_htree_t *t)
{
    rt_hclear_back(t, RT_HTAG_TABLE, RT_HTAG_TABLE, RT_HTAG_TABLE);
}


static rt_hmode_rc_e
table_part(rt_htree_t *t, rt_htag_e tag)
{
    clear_to_table(t);

    switch (tag) {

    case RT_HTAG_CAPTION:
        rt_hmarker(t);
        return into(t, tag, RT_HM_IN_CAPTION, RT_HM_DONE);

    case RT_HTAG_COLGROUP:
        return into(t, tag, RT_HM_IN_COLGROUP, RT_HM_DONE);

    case RT_HTAG_COL:
        return into(t, RT_HTAG_COLGROUP, RT_HM_IN_COLGROUP, RT_HM_AGAIN);

    case RT_HTAG_TBODY:
    case RT_HTAG_TFOOT:
    case RT_HTAG_THEAD:
        return into(t, tag, RT_HM_IN_TBODY, RT_HM_DONE);

    default:
        return into(t, RT_HTAG_TBODY, RT_HM_IN_TBODY, RT_HM_AGAIN);
    }
}


/* "</table>", and "<table>" in a table */

static rt_hmode_rc_e
end_table(rt_htree_t *t, rt_hmode_rc_e rc)
{
    if (!in_table_scope(t, RT_HTAG_TABLE)) {
        return RT_HM_DONE;
    }

    rt_hpop_until(t, RT_HTAG_TABLE);
    rt_hreset_mode(t);

    return rc;
}


static void
table_form(rt_htree_t *t)
{
    if (t->ntemplates || t->in_form) {
        return;
    }

    /* made and popped at once: the pointer stays set */
    t->in_form = 1;
    t->form = ++t->serial;
}


static rt_hmode_rc_e
table_end(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    switch (k->tag) {

    case RT_HTAG_TABLE:
        return end_table(t, RT_HM_DONE);

    case RT_HTAG_BODY:
    case RT_HTAG_HTML:
        return RT_HM_DONE;

    case RT_HTAG_TEMPLATE:
        return rt_hm_head(t, k, r);

    default:
        return rt_htable_part(k->tag) ? RT_HM_DONE : rt_hm_body(t, k, r);
    }
}


rt_hmode_rc_e
rt_hm_table(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (k->end) {
        return table_end(t, k, r);
    }

    if (rt_htable_part(k->tag)) {
        return table_part(t, k->tag);
    }

    switch (k->tag) {

    case RT_HTAG_TABLE:
        return end_table(t, RT_HM_AGAIN);

    case RT_HTAG_STYLE:
    case RT_HTAG_SCRIPT:
    case RT_HTAG_TEMPLATE:
        return rt_hm_head(t, k, r);

    case RT_HTAG_INPUT:
        if (k->flags & RT_HATTR_HIDDEN) {
            return rt_hmade(r, RT_HTEXT_DATA);
        }

        break;

    case RT_HTAG_FORM:
        table_form(t);
        return RT_HM_DONE;

    default:
        break;
    }

    return rt_hm_body(t, k, r);
}


/* in caption, in column group */


rt_hmode_rc_e
rt_hm_caption(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    int  own, closes;

    own = k->end && k->tag == RT_HTAG_CAPTION;

    closes = own || (k->end ? k->tag == RT_HTAG_TABLE
                            : rt_htable_part(k->tag));

    if (!closes) {
        if (k->end && (rt_htable_part(k->tag) || k->tag == RT_HTAG_BODY
                       || k->tag == RT_HTAG_HTML))
        {
            return RT_HM_DONE;
        }

        return rt_hm_body(t, k, r);
    }

    if (!in_table_scope(t, RT_HTAG_CAPTION)) {
        return RT_HM_DONE;
    }

    rt_hpop_until(t, RT_HTAG_CAPTION);
    rt_hclear_formats(t);
    t->mode = RT_HM_IN_TABLE;

    return own ? RT_HM_DONE : RT_HM_AGAIN;
}


rt_hmode_rc_e
rt_hm_colgroup(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (k->tag == RT_HTAG_TEMPLATE) {
        return rt_hm_head(t, k, r);
    }

    if (k->tag == RT_HTAG_COL || (!k->end && k->tag == RT_HTAG_HTML)) {
        return RT_HM_DONE;
    }

    if (!rt_hcurrent_is(t, RT_HTAG_COLGROUP)) {
        return RT_HM_DONE;
    }

    rt_hpop(t);
    t->mode = RT_HM_IN_TABLE;

    return (k->end && k->tag == RT_HTAG_COLGROUP) ? RT_HM_DONE : RT_HM_AGAIN;
}


/* in table body, in row, in cell */


static void
clear_to_section(rt_htree_t *t)
{
    rt_hclear_back(t, RT_HTAG_TBODY, RT_HTAG_TFOOT, RT_HTAG_THEAD);
}


static rt_hmode_rc_e
end_section(rt_htree_t *t, rt_hmode_rc_e rc)
{
    clear_to_section(t);
    rt_hpop(t);
    t->mode = RT_HM_IN_TABLE;

    return rc;
}


static int
section_in_scope(const rt_htree_t *t)
{
    return in_table_scope(t, RT_HTAG_TBODY) || in_table_scope(t, RT_HTAG_THEAD)
           || in_table_scope(t, RT_HTAG_TFOOT);
}


rt_hmode_rc_e
rt_hm_tbody(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (k->end && is_section(k->tag)) {
        return in_table_scope(t, k->tag) ? end_section(t, RT_HM_DONE)
                                         : RT_HM_DONE;
    }

    if (k->end ? k->tag == RT_HTAG_TABLE
               : rt_htable_part(k->tag) && k->tag != RT_HTAG_TR
                 && !is_cell(k->tag))
    {
        return section_in_scope(t) ? end_section(t, RT_HM_AGAIN)
                                   : RT_HM_DONE;
    }

    if (!k->end && k->tag == RT_HTAG_TR) {
        clear_to_section(t);
        return into(t, RT_HTAG_TR, RT_HM_IN_ROW, RT_HM_DONE);
    }

    if (!k->end && is_cell(k->tag)) {
        clear_to_section(t);
        return into(t, RT_HTAG_TR, RT_HM_IN_ROW, RT_HM_AGAIN);
    }

    /* "in table" ignores the end tags that are ignored here */
    return rt_hm_table(t, k, r);
}


static void
clear_to_row(rt_htree_t *t)
{
    rt_hclear_back(t, RT_HTAG_TR, RT_HTAG_TR, RT_HTAG_TR);
}


static rt_hmode_rc_e
end_row(rt_htree_t *t, rt_hmode_rc_e rc)
{
    if (!in_table_scope(t, RT_HTAG_TR)) {
        return RT_HM_DONE;
    }

    clear_to_row(t);
    rt_hpop(t);
    t->mode = RT_HM_IN_TBODY;

    return rc;
}


rt_hmode_rc_e
rt_hm_row(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (k->end) {
        if (k->tag == RT_HTAG_TR) {
            return end_row(t, RT_HM_DONE);
        }

        if (k->tag == RT_HTAG_TABLE) {
            return end_row(t, RT_HM_AGAIN);
        }

        if (is_section(k->tag)) {
            return in_table_scope(t, k->tag) ? end_row(t, RT_HM_AGAIN)
                                             : RT_HM_DONE;
        }

    } else if (is_cell(k->tag)) {
        clear_to_row(t);
        rt_hmarker(t);
        return into(t, k->tag, RT_HM_IN_CELL, RT_HM_DONE);

    } else if (rt_htable_part(k->tag)) {
        return end_row(t, RT_HM_AGAIN);
    }

    return rt_hm_table(t, k, r);
}


static rt_hmode_rc_e
close_cell(rt_htree_t *t)
{
    rt_hclear_back(t, RT_HTAG_TD, RT_HTAG_TH, RT_HTAG_TH);
    rt_hpop(t);
    rt_hclear_formats(t);
    t->mode = RT_HM_IN_ROW;

    return RT_HM_AGAIN;
}


static int
cell_in_scope(const rt_htree_t *t)
{
    return in_table_scope(t, RT_HTAG_TD) || in_table_scope(t, RT_HTAG_TH);
}


rt_hmode_rc_e
rt_hm_cell(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (!k->end) {
        if (rt_htable_part(k->tag)) {
            return cell_in_scope(t) ? close_cell(t) : RT_HM_DONE;
        }

        return rt_hm_body(t, k, r);
    }

    switch (k->tag) {

    case RT_HTAG_TD:
    case RT_HTAG_TH:
        if (in_table_scope(t, k->tag)) {
            rt_hpop_until(t, k->tag);
            rt_hclear_formats(t);
            t->mode = RT_HM_IN_ROW;
        }

        return RT_HM_DONE;

    case RT_HTAG_BODY:
    case RT_HTAG_CAPTION:
    case RT_HTAG_COL:
    case RT_HTAG_COLGROUP:
    case RT_HTAG_HTML:
        return RT_HM_DONE;

    case RT_HTAG_TABLE:
    case RT_HTAG_TBODY:
    case RT_HTAG_TFOOT:
    case RT_HTAG_THEAD:
    case RT_HTAG_TR:
        return in_table_scope(t, k->tag) ? close_cell(t) : RT_HM_DONE;

    default:
        return rt_hm_body(t, k, r);
    }
}


/*
 * In select.  The stack is that of the old parsers, where nothing but
 * option, optgroup, hr, script and template makes an element.  In the new
 * ones everything does, and is gone with the select: so what has
 * RT_HP_SELECT, or no name we know, leads to the same state in both.
 */


static rt_hmode_rc_e
end_select(rt_htree_t *t, rt_hmode_rc_e rc)
{
    rt_hpop_until(t, RT_HTAG_SELECT);
    rt_hreset_mode(t);

    return rc;
}


static void
end_option(rt_htree_t *t)
{
    if (rt_hcurrent_is(t, RT_HTAG_OPTION)) {
        rt_hpop(t);
    }
}


static void
end_optgroup(rt_htree_t *t)
{
    if (rt_hcurrent_is(t, RT_HTAG_OPTGROUP)) {
        rt_hpop(t);
    }
}


static rt_hmode_rc_e
select_start(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    switch (k->tag) {

    case RT_HTAG_OTHER:
    case RT_HTAG_HTML:
    case RT_HTAG_LINK:      /* new parsers make it; it is not reported */
    case RT_HTAG_META:
        return RT_HM_DONE;

    case RT_HTAG_OPTION:
        end_option(t);
        rt_hinsert(t, k->tag);
        return RT_HM_DONE;

    case RT_HTAG_OPTGROUP:
        end_option(t);
        end_optgroup(t);
        rt_hinsert(t, k->tag);
        return RT_HM_DONE;

    case RT_HTAG_HR:
        end_option(t);
        end_optgroup(t);
        return RT_HM_DONE;

    case RT_HTAG_SELECT:
        return end_select(t, RT_HM_DONE);

    case RT_HTAG_INPUT:
        return end_select(t, RT_HM_AGAIN);

    case RT_HTAG_SCRIPT:
    case RT_HTAG_TEMPLATE:
        return rt_hm_head(t, k, r);

    default:
        if (!(rt_htag_props[k->tag] & RT_HP_SELECT)) {
            t->stopped = RT_HSTOP_SELECT;
        }

        return RT_HM_DONE;
    }
}


rt_hmode_rc_e
rt_hm_select(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    if (!k->end) {
        return select_start(t, k, r);
    }

    switch (k->tag) {

    case RT_HTAG_OPTION:
        end_option(t);
        break;

    case RT_HTAG_OPTGROUP:
        if (rt_hcurrent_is(t, RT_HTAG_OPTION) && t->depth > 1
            && rt_hnode_is(&t->stack[t->depth - 2], RT_HTAG_OPTGROUP))
        {
            rt_hpop(t);
        }

        end_optgroup(t);
        break;

    case RT_HTAG_SELECT:
        return end_select(t, RT_HM_DONE);

    case RT_HTAG_TEMPLATE:
        return rt_hm_head(t, k, r);

    case RT_HTAG_FORM:
        if (t->in_form) {
            t->stopped = RT_HSTOP_SELECT;
        }

        break;

    default:
        break;
    }

    return RT_HM_DONE;
}


rt_hmode_rc_e
rt_hm_select_table(rt_htree_t *t, const rt_htoken_t *k, rt_hresult_t *r)
{
    /* new parsers put a table into the select, and may keep the select
       open at an input that is in a table and not in a cell */

    if (!k->end && (k->tag == RT_HTAG_TABLE || k->tag == RT_HTAG_INPUT)) {

        if (k->tag == RT_HTAG_TABLE || !cell_in_scope(t)) {
            t->stopped = RT_HSTOP_SELECT;
            return RT_HM_DONE;
        }
    }

    if (k->tag == RT_HTAG_COL || k->tag == RT_HTAG_COLGROUP
        || !(rt_htable_part(k->tag) || k->tag == RT_HTAG_TABLE))
    {
        return rt_hm_select(t, k, r);
    }

    if (k->end && !in_table_scope(t, k->tag)) {
        return RT_HM_DONE;
    }

    return end_select(t, RT_HM_AGAIN);
}

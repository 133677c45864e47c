
/*
 * The insertion modes (WHATWG HTML 13.2.6.4): private to the tree builder.
 */


#ifndef RT_HMODE_H_INCLUDED
#define RT_HMODE_H_INCLUDED


#include "rt_base.h"
#include "html/rt_hstack.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_HM_INITIAL = 0,
    RT_HM_BEFORE_HTML,
    RT_HM_BEFORE_HEAD,
    RT_HM_IN_HEAD,
    RT_HM_AFTER_HEAD,
    RT_HM_IN_BODY,
    RT_HM_IN_TABLE,
    RT_HM_IN_CAPTION,
    RT_HM_IN_COLGROUP,
    RT_HM_IN_TBODY,
    RT_HM_IN_ROW,
    RT_HM_IN_CELL,
    RT_HM_IN_SELECT,
    RT_HM_IN_SELECT_TABLE,
    RT_HM_IN_TEMPLATE,
    RT_HM_AFTER_BODY,
    RT_HM_AFTER_AFTER_BODY,
    RT_HM_N
} rt_hmode_e;


typedef enum {
    RT_HM_DONE = 0,
    RT_HM_AGAIN             /* the mode has changed: "reprocess the token" */
} rt_hmode_rc_e;


/* a tag by the rules of a mode */
typedef rt_hmode_rc_e (*rt_hmode_pt)(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);


rt_hmode_rc_e rt_hm_head(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);
rt_hmode_rc_e rt_hm_body(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);

/* rt_htable.c */
rt_hmode_rc_e rt_hm_table(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);
rt_hmode_rc_e rt_hm_caption(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);
rt_hmode_rc_e rt_hm_colgroup(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);
rt_hmode_rc_e rt_hm_tbody(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);
rt_hmode_rc_e rt_hm_row(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);
rt_hmode_rc_e rt_hm_cell(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);
rt_hmode_rc_e rt_hm_select(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);
rt_hmode_rc_e rt_hm_select_table(rt_htree_t *t, const rt_htoken_t *k,
    rt_hresult_t *r);

/* caption col colgroup tbody td tfoot th thead tr */
int rt_htable_part(rt_htag_e tag);

/* an element whose content is text: made, but not put on the stack */
rt_hmode_rc_e rt_hmade(rt_hresult_t *r, rt_htext_e text);

/* "reset the insertion mode appropriately" */
void rt_hreset_mode(rt_htree_t *t);

void rt_hbody_text(rt_htree_t *t, unsigned seen);


/* up to the body, in column group and after the body, text ends the mode */

#define RT_HM_ENDED_BY_TEXT                                                   \
    (1u << RT_HM_INITIAL | 1u << RT_HM_BEFORE_HTML | 1u << RT_HM_BEFORE_HEAD  \
     | 1u << RT_HM_IN_HEAD | 1u << RT_HM_AFTER_HEAD | 1u << RT_HM_IN_COLGROUP \
     | 1u << RT_HM_AFTER_BODY | 1u << RT_HM_AFTER_AFTER_BODY)


/* 0: whatever text comes before the next tag, it changes nothing */

static inline int
rt_htext_matters(const rt_htree_t *t)
{
    return (!t->not_frameset || (RT_HM_ENDED_BY_TEXT >> t->mode & 1)
            || !rt_hformats_open(t))
           && !t->stopped;
}


#pragma GCC visibility pop


#endif /* RT_HMODE_H_INCLUDED */

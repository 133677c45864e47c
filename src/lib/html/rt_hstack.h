
/*
 * The stack of open elements and the list of active formatting elements
 * (WHATWG HTML 13.2.4): private to the tree builder.
 */


#ifndef RT_HSTACK_H_INCLUDED
#define RT_HSTACK_H_INCLUDED


#include "rt_base.h"
#include "html/rt_htree.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_HSCOPE = 0,
    RT_HSCOPE_LIST,
    RT_HSCOPE_BUTTON,
    RT_HSCOPE_TABLE
} rt_hscope_e;


static inline rt_hnode_t *
rt_hcurrent(const rt_htree_t *t)
{
    return t->depth ? (rt_hnode_t *) &t->stack[t->depth - 1] : NULL;
}


/* an HTML element of that name; never true for RT_HTAG_OTHER */

static inline int
rt_hnode_is(const rt_hnode_t *n, rt_htag_e tag)
{
    return n != NULL && n->tag == tag && n->ns == RT_HNS_HTML;
}


static inline int
rt_hcurrent_is(const rt_htree_t *t, rt_htag_e tag)
{
    return rt_hnode_is(rt_hcurrent(t), tag);
}


static inline unsigned
rt_hnode_props(const rt_hnode_t *n)
{
    return n->ns == RT_HNS_HTML ? rt_htag_props[n->tag] : 0;
}


/*
 * 1 if there is nothing to reconstruct, for the last of the formatting
 * elements is the current node.  (0 means no more than: see there.)
 */

static inline int
rt_hformats_open(const rt_htree_t *t)
{
    const rt_hformat_t  *f;

    if (t->nformats == 0) {
        return 1;
    }

    f = &t->formats[t->nformats - 1];

    return f->tag == RT_HTAG_OTHER
           || (t->depth && f->serial == t->stack[t->depth - 1].serial);
}


/* at the bound these set t->stopped and do nothing */

static inline void
rt_hpush(rt_htree_t *t, rt_htag_e tag, uint64_t name, rt_hns_e ns, int html)
{
    rt_hnode_t  *n;

    if (t->depth == RT_HTREE_DEPTH) {
        t->stopped = RT_HSTOP_DEPTH;
        return;
    }

    n = &t->stack[t->depth++];

    n->name = name;
    n->serial = ++t->serial;
    n->tag = (unsigned char) tag;
    n->ns = (unsigned char) ns;
    n->html = (unsigned char) html;
    n->unused = 0;

    t->open_p += rt_hnode_is(n, RT_HTAG_P);
}


static inline void
rt_hinsert(rt_htree_t *t, rt_htag_e tag)
{
    rt_hpush(t, tag, 0, RT_HNS_HTML, 0);
}


static inline void
rt_hpop(rt_htree_t *t)
{
    if (t->depth) {
        t->open_p -= rt_hcurrent_is(t, RT_HTAG_P);
        t->depth--;
    }
}


void rt_hpop_to(rt_htree_t *t, unsigned depth);
void rt_hremove(rt_htree_t *t, unsigned i);

/* up to and including the uppermost HTML element of that name */
void rt_hpop_until(rt_htree_t *t, rt_htag_e tag);

/* the index of the element with that identity, or -1 */
int rt_hfind(const rt_htree_t *t, uint32_t serial);

int rt_hspecial(const rt_hnode_t *n);
int rt_hmath_text(const rt_hnode_t *n);
int rt_hin_scope(const rt_htree_t *t, rt_htag_e tag, rt_hscope_e scope);
int rt_hheading_in_scope(const rt_htree_t *t);

/* "generate implied end tags", except for tag */
void rt_himplied(rt_htree_t *t, rt_htag_e except);
void rt_himplied_thoroughly(rt_htree_t *t);

/* "clear the stack back to": pops until one of up to four names, or html or
   template, is current */
void rt_hclear_back(rt_htree_t *t, rt_htag_e a, rt_htag_e b, rt_htag_e c);

/* "close a p element" if there is one in button scope */
void rt_hclose_p(rt_htree_t *t);

void rt_hreconstruct(rt_htree_t *t);
void rt_hpush_format(rt_htree_t *t, const rt_htoken_t *token);

/* the index of the last of that name after the last marker, or -1 */
int rt_hformat_find(const rt_htree_t *t, rt_htag_e tag);
void rt_hformat_remove(rt_htree_t *t, unsigned i);

/* "any other end tag", and the adoption agency algorithm */
void rt_hend_any(rt_htree_t *t, const rt_htoken_t *token);
void rt_hadopt(rt_htree_t *t, const rt_htoken_t *token);


/* at the bound these set t->stopped and do nothing */

static inline void
rt_hformat_append(rt_htree_t *t, rt_htag_e tag, uint64_t attrs,
    uint32_t serial)
{
    rt_hformat_t  *f;

    if (t->nformats == RT_HTREE_FORMATS) {
        t->stopped = RT_HSTOP_DEPTH;
        return;
    }

    f = &t->formats[t->nformats++];

    f->attrs = attrs;
    f->serial = serial;
    f->tag = (unsigned char) tag;
}


static inline void
rt_hmarker(rt_htree_t *t)
{
    rt_hformat_append(t, RT_HTAG_OTHER, 0, 0);
}


/* up to and including the last marker */

static inline void
rt_hclear_formats(rt_htree_t *t)
{
    while (t->nformats) {
        t->nformats--;

        if (t->formats[t->nformats].tag == RT_HTAG_OTHER) {
            return;
        }
    }
}


#pragma GCC visibility pop


#endif /* RT_HSTACK_H_INCLUDED */


/*
 * The attributes of a script, style or link start tag, as they stream by:
 * where its nonce is, and whether the tag swallowed another one.
 */


#ifndef RT_HATTR_H_INCLUDED
#define RT_HATTR_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef struct {
    uint64_t       start;          /* of the value of the first attribute */
    uint64_t       end;            /* named nonce, without quotes */
    unsigned char  nonce;          /* there is one */
    unsigned char  in_nonce;       /* its value has begun */

    /*
     * The trace of a dangling tag that swallowed the next one, and its nonce,
     * in any attribute:
     *
     *     <script src=//evil a="<p title="b" nonce=SECRET>
     *
     * a quoted value has "<script", "<style" or "<link" in it; a name or an
     * unquoted value has a "<"; or one of these has a quote in it and comes
     * after a quoted value that has a "<".  CSP3 ("is element nonceable") has
     * browsers look for "<script" and "<style" alone.
     */
    unsigned char  markup;

    /* the attribute being read */
    unsigned char  named;          /* so many letters of "nonce" so far */
    unsigned char  here;           /* it is the first nonce */
    unsigned char  matched;        /* of "<script" and others */
    unsigned char  quoted_lt;      /* a quoted value had a "<" */
} rt_hattr_t;


void rt_hattr_start(rt_hattr_t *a);

/* a name: it begins, these are bytes of it, it ends at that offset */
void rt_hattr_begin_name(rt_hattr_t *a);
void rt_hattr_name(rt_hattr_t *a, const unsigned char *p,
    const unsigned char *last);
void rt_hattr_end_name(rt_hattr_t *a, uint64_t at);

/* the same of its value, if it has one */
void rt_hattr_begin_value(rt_hattr_t *a, uint64_t at);
void rt_hattr_value(rt_hattr_t *a, const unsigned char *p,
    const unsigned char *last, int quoted);
void rt_hattr_end_value(rt_hattr_t *a, uint64_t at);


#pragma GCC visibility pop


#endif /* RT_HATTR_H_INCLUDED */


/*
 * The attributes of a script, style, link or meta start tag, as they stream
 * by: where its nonce is, and whether the tag swallowed another one.
 */


#ifndef RT_HATTR_H_INCLUDED
#define RT_HATTR_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_HATTR_NAME   8           /* bytes kept of a name */
#define RT_HATTR_VALUE  31          /* and of a value */


/* attributes whose value counts; the first of a name does */

typedef enum {
    RT_HATTR_OTHER = 0,
    RT_HATTR_NONCE,
    RT_HATTR_CONTENT,
    RT_HATTR_FIRST_KEPT,            /* of these the value is kept */
    RT_HATTR_NAMED = RT_HATTR_FIRST_KEPT,
    RT_HATTR_PROPERTY,
    RT_HATTR_REL,
    RT_HATTR_AS,
    RT_HATTR_N
} rt_hattr_e;


typedef struct {
    uint64_t       start;          /* of the value of the first attribute */
    uint64_t       end;            /* named nonce, without quotes */
    unsigned char  nonce;          /* there is one */
    unsigned char  meta;           /* of a meta; its content is one, too */
    unsigned char  keeps;          /* others than nonce are looked at */
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

    unsigned       seen;           /* a bit each */
    unsigned char  lens[RT_HATTR_N];        /* of values; or one more */

    /* the attribute being read */
    unsigned char  which;          /* OTHER as well if it is not the first */
    unsigned char  len;            /* of its name; or one more */
    unsigned char  here;           /* it is the nonce */
    unsigned char  matched;        /* of "<script" and others */
    unsigned char  quoted_lt;      /* a quoted value had a "<" */

    unsigned char  name[RT_HATTR_NAME];             /* in lower case */
    unsigned char  values[RT_HATTR_N][RT_HATTR_VALUE];
} rt_hattr_t;


void rt_hattr_start(rt_hattr_t *a, unsigned meta, unsigned keeps);

/* ret: 1 if the attribute is there and has that value, letter by letter */
int rt_hattr_is(const rt_hattr_t *a, rt_hattr_e which, const char *value);

/* ret: 1 if it is there and has that word, in whatever case, among others */
int rt_hattr_has(const rt_hattr_t *a, rt_hattr_e which, const char *word);

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

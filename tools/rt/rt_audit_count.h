
/*
 * How often each of some texts came: a table of bounded size.  Texts that come
 * when it is full, or when too many of them fall on one place, are counted
 * together.
 */


#ifndef RT_AUDIT_COUNT_H_INCLUDED
#define RT_AUDIT_COUNT_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_AUDIT_COUNT_SLOTS  131072        /* a power of two */
#define RT_AUDIT_COUNT_TEXT   256           /* bytes by which texts differ */


typedef struct {
    rt_str_t            text;
    uint64_t            n;
} rt_audit_count_slot_t;


typedef struct {
    rt_audit_count_slot_t   *slot;
    uint64_t                 seed;
    size_t                   used;
    uint64_t                 others;
} rt_audit_count_t;


/* ret: 0: no memory */
int rt_audit_count_init(rt_audit_count_t *count, uint64_t seed);

/* in: value, a scalar of JSON; path: 1, only what is before a '?' counts */
void rt_audit_count(rt_audit_count_t *count, const rt_str_t *value, int path);

/* sorts the table: the most frequent are slot[0], slot[1] ... up to used */
void rt_audit_count_sort(rt_audit_count_t *count);


#pragma GCC visibility pop


#endif /* RT_AUDIT_COUNT_H_INCLUDED */

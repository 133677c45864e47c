
/*
 * Cache-Control (RFC 9111, 5.2): how long an answer is fresh (4.2; the policy,
 * such as a least and a most, is the caller's), and what is left of it when the
 * answer is one person's.
 */


#ifndef RT_CACHECONTROL_H_INCLUDED
#define RT_CACHECONTROL_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_CACHECONTROL_MAX   31536000      /* seconds: a year */


/*
 * in:   control, age: values of the header fields, any bytes, repeated fields
 *       joined by commas; empty when absent
 * ret:  seconds from 0 to RT_CACHECONTROL_MAX; -1 when nothing valid was said
 *
 * no-store and no-cache count as 0, with names of fields too.  The first
 * max-age holds; one that is no number is as good as none.  What stands in a
 * quoted string of another directive is not looked at.
 */
long rt_cachecontrol_fresh(const rt_str_t *control, const rt_str_t *age);

/*
 * For an answer that only the cache of one person's browser may keep.
 *
 * in:   control: as above
 * out:  "private", and behind it the directives of control, byte for byte,
 *       but public, s-maxage and private (one that names fields lets others
 *       keep the rest), and but what is no directive: caches differ in how
 *       they read it
 * ret:  RT_OK, RT_ERROR (out of memory)
 */
rt_status_e rt_cachecontrol_private(rt_mem_t *mem, const rt_str_t *control,
    rt_str_t *out);


#pragma GCC visibility pop


#endif /* RT_CACHECONTROL_H_INCLUDED */


/*
 * How long an answer is fresh, as its Cache-Control and Age say (RFC 9111,
 * 4.2 and 5.2.2).  The policy, such as a least and a most, is the caller's.
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


#pragma GCC visibility pop


#endif /* RT_CACHECONTROL_H_INCLUDED */

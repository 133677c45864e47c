
/*
 * What is told of a change: what kind it is, which attributes it has changed,
 * and of their values those that name nobody.
 */


#ifndef RT_SCIM_TOLD_H_INCLUDED
#define RT_SCIM_TOLD_H_INCLUDED


#include "scim/rt_scim_change.h"


#pragma GCC visibility push(hidden)


/* in: c with its edit, if any; out: reply->told.  ret: NULL; no_memory */
const rt_scim_error_t *rt_scim_tell(rt_scim_changing_t *c);


#pragma GCC visibility pop


#endif /* RT_SCIM_TOLD_H_INCLUDED */


/*
 * What an audit event tells of a change: its kind, the attributes that it has
 * changed, and those of their values that name nobody.
 */


#ifndef RT_SCIM_TOLD_H_INCLUDED
#define RT_SCIM_TOLD_H_INCLUDED


#include "scim/rt_scim_change.h"


#pragma GCC visibility push(hidden)


/* in: c, with its edit if it has one; out: reply->told; ret: NULL, no_memory */
const rt_scim_error_t *rt_scim_tell(rt_scim_changing_t *c);


#pragma GCC visibility pop


#endif /* RT_SCIM_TOLD_H_INCLUDED */


/*
 * What an operation of PATCH is about: attrPath, or valuePath with or without a
 * sub-attribute behind it (RFC 7644, figure 7).
 *
 *     name.givenName
 *     emails[type eq "work"].value
 */


#ifndef RT_SCIM_TARGET_H_INCLUDED
#define RT_SCIM_TARGET_H_INCLUDED


#include "scim/rt_scim_filter.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_scim_path_t      path;       /* no steps: no attribute of ours */
    rt_scim_filter_t   *filter;     /* of the path's multi-valued step, or
                                       NULL */
} rt_scim_target_t;


/* ret:  NULL; invalid_path, invalid_filter, mutability, too_large, no_memory */
const rt_scim_error_t *rt_scim_target(rt_mem_t *mem,
    const rt_scim_attr_t *schema, const rt_str_t *text,
    rt_scim_target_t *target);


#pragma GCC visibility pop


#endif /* RT_SCIM_TARGET_H_INCLUDED */


/*
 * PATCH (RFC 7644, 3.5.2), as providers send it.  That takes more than the RFC
 * has:
 *   - "op" in any case, and booleans as strings ("False");
 *   - one value where a list belongs, and a list of one where it does not;
 *   - a manager or a member as a bare id;
 *   - names with dots and filters in a value without a path
 *     ({"name.givenName":"Jo"});
 *   - a list of members beside op "remove".
 *
 * Either all operations are done or none: *change is a new tree, and the old
 * one stays as it was.
 *
 * Where a path's filter fits no value, "add" makes the value that the filter
 * describes ([type eq "work"] becomes type "work"), "replace" is noTarget, and
 * "remove" has nothing to do.  A read-only attribute in a path is an error of
 * mutability; in a value without a path it is ignored, since providers send
 * whole resources.
 *
 * Of members only those that the request names are looked at: a path may be
 * members, or members[value eq "..."] with "or" between several.
 */


#ifndef RT_SCIM_PATCH_H_INCLUDED
#define RT_SCIM_PATCH_H_INCLUDED


#include "scim/rt_scim_filter.h"
#include "scim/rt_scim_resource.h"


#pragma GCC visibility push(hidden)


/*
 * in:   old, the resource's tree; body, of rt_scim_body()
 * out:  *change in the arena; its strings may point into body and old; if only
 *       members were changed, the text of its root is that of old
 * ret:  NULL; invalid_syntax, invalid_path, invalid_filter, invalid_value,
 *       no_target, mutability, too_large, no_memory
 */
const rt_scim_error_t *rt_scim_patch(rt_mem_t *mem, rt_scim_type_e type,
    const rt_json_t *old, const rt_json_t *body, rt_scim_change_t *change);


#pragma GCC visibility pop


#endif /* RT_SCIM_PATCH_H_INCLUDED */

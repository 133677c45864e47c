
/*
 * From what the store keeps of a user or a group to the resource that a client
 * is shown.
 */


#ifndef RT_SCIM_LOAD_H_INCLUDED
#define RT_SCIM_LOAD_H_INCLUDED


#include "scim/rt_scim_db.h"


#pragma GCC visibility push(hidden)


/*
 * in:   refs: 1, with the groups of a user or the members of a group
 * out:  *item and *res, whose strings are copies in mem
 * ret:  RT_OK, RT_ERROR
 */
rt_status_e rt_scim_load(rt_mem_t *mem, const rt_scim_db_t *db,
    rt_scim_node_t node, int refs, rt_scim_item_t *item,
    rt_scim_resource_t *res);

/* the refs alone, for an item that was loaded without them */
rt_status_e rt_scim_load_refs(rt_mem_t *mem, const rt_scim_db_t *db,
    rt_scim_node_t node, const rt_scim_item_t *item, rt_scim_resource_t *res);


#pragma GCC visibility pop


#endif /* RT_SCIM_LOAD_H_INCLUDED */

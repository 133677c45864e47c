
/*
 * POST, PUT, PATCH and DELETE of RFC 7644, 3.3, 3.5 and 3.6: from a body to an
 * edit.
 */


#ifndef RT_SCIM_CHANGE_H_INCLUDED
#define RT_SCIM_CHANGE_H_INCLUDED


#include "scim/rt_scim_load.h"
#include "scim/rt_scim_resource.h"
#include "scim/rt_scim_request.h"


#pragma GCC visibility push(hidden)


/* one change that is under way */

typedef struct {
    rt_mem_t                  *mem;
    const rt_scim_db_t        *db;
    const rt_scim_request_t   *request;
    const rt_scim_moment_t    *moment;
    rt_scim_node_t             node;    /* 0: it does not exist yet */
    rt_scim_item_t             item;    /* as it was */
    rt_scim_resource_t         res;     /* likewise, without refs */
    rt_scim_change_t           change;
    rt_scim_edit_t            *edit;
    rt_scim_reply_t           *reply;
} rt_scim_changing_t;


/*
 * ret: NULL; *edit stays RT_SCIM_NOTHING when nothing changes, and says by kind
 *      and id of what
 */
const rt_scim_error_t *rt_scim_change(rt_scim_changing_t *c);

/* makes the edit that deletes the node */
void rt_scim_remove(rt_scim_changing_t *c);


#pragma GCC visibility pop


#endif /* RT_SCIM_CHANGE_H_INCLUDED */

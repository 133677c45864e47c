
/*
 * Serves a request to a service provider of SCIM from what the store has:
 * RFC 7644, 3, without HTTP.
 *
 * Nothing is changed here.  A request that changes something makes an edit, and
 * its answer is the one to send once that edit is on disk.
 */


#ifndef RT_SCIM_SERVE_H_INCLUDED
#define RT_SCIM_SERVE_H_INCLUDED


#include "scim/rt_scim_request.h"


#pragma GCC visibility push(hidden)


/*
 * in:   mem, for the answer; edit, zeroed
 * out:  *reply; *edit, RT_SCIM_NOTHING when nothing changes: zeroed then, but
 *       for the item's kind and id where a user or group has it all already
 */
void rt_scim_serve(rt_mem_t *mem, const rt_scim_db_t *db,
    const rt_scim_request_t *request, const rt_scim_moment_t *moment,
    rt_scim_edit_t *edit, rt_scim_reply_t *reply);


#pragma GCC visibility pop


#endif /* RT_SCIM_SERVE_H_INCLUDED */

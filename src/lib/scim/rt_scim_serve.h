
/*
 * A request to a service provider of SCIM, served from what there is: RFC 7644,
 * 3, without HTTP.
 *
 * Nothing is changed here: a request that changes something says so in an
 * edit, and its answer is that of the edit being made.
 */


#ifndef RT_SCIM_SERVE_H_INCLUDED
#define RT_SCIM_SERVE_H_INCLUDED


#include "scim/rt_scim_request.h"


#pragma GCC visibility push(hidden)


/*
 * in:   mem, of the answer; edit, zeroed
 * out:  *edit, unless nothing changes; *reply
 */
void rt_scim_serve(rt_mem_t *mem, const rt_scim_db_t *db,
    const rt_scim_request_t *request, const rt_scim_moment_t *moment,
    rt_scim_edit_t *edit, rt_scim_reply_t *reply);


#pragma GCC visibility pop


#endif /* RT_SCIM_SERVE_H_INCLUDED */

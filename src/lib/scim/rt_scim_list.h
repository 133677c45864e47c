
/*
 * Lists of RFC 7644, 3.4.2 and 3.4.3, filtered and a page at a time.
 */


#ifndef RT_SCIM_LIST_H_INCLUDED
#define RT_SCIM_LIST_H_INCLUDED


#include "scim/rt_scim_request.h"


#pragma GCC visibility push(hidden)


/* answers GET of /Users or /Groups; ret: NULL, with reply->text */
const rt_scim_error_t *rt_scim_list(rt_mem_t *mem, const rt_scim_db_t *db,
    const rt_scim_request_t *request, rt_scim_reply_t *reply);

/* likewise, with the arguments that the body has */
const rt_scim_error_t *rt_scim_search(rt_mem_t *mem, const rt_scim_db_t *db,
    const rt_scim_request_t *request, rt_scim_reply_t *reply);


#pragma GCC visibility pop


#endif /* RT_SCIM_LIST_H_INCLUDED */


/*
 * rtauth_scim: users and groups that a provider pushes (SCIM 2.0, RFC 7643 and
 * 7644), at an address of its own.
 *
 * Only the provider may ask here: the key of a request is compared, its body is
 * read, and the store does what it asks.  A change is answered when it is on
 * disk, and counts from then on in all workers.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_H_INCLUDED


#include "request/ngx_http_rtauth_caller.h"


#pragma GCC visibility push(hidden)


/* of a location */

struct ngx_http_rtauth_scim_loc_s {
    ngx_rt_where_t               where;
    ngx_http_core_srv_conf_t    *server;
    ngx_http_core_loc_conf_t    *location;
    ngx_http_rtauth_caller_t     caller;
};


ngx_int_t ngx_http_rtauth_scim_handler(ngx_http_request_t *r);

/* installs the filter that keeps a body of these locations out of a file */
void ngx_http_rtauth_scim_filter_init(void);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_H_INCLUDED */

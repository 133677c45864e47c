
/*
 * rtauth_revoke: who or what is let in no more, by a POST of the operator's.
 *
 * With "state=" the answer waits until it is on disk, and it counts from then
 * on, in all workers.
 */


#ifndef NGX_HTTP_RTAUTH_REVOKE_H_INCLUDED
#define NGX_HTTP_RTAUTH_REVOKE_H_INCLUDED


#include "request/ngx_http_rtauth_caller.h"


#pragma GCC visibility push(hidden)


/* of a location */

struct ngx_http_rtauth_revoke_conf_s {
    ngx_rt_where_t              where;
    ngx_http_rtauth_caller_t    caller;
    unsigned                    open:1;
};


ngx_int_t ngx_http_rtauth_revoke_handler(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REVOKE_H_INCLUDED */

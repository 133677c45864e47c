
/*
 * Whether a request may go on.
 */


#ifndef NGX_HTTP_RTAUTH_DECIDE_H_INCLUDED
#define NGX_HTTP_RTAUTH_DECIDE_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/* main requests, in ACCESS: here "satisfy" works */
ngx_int_t ngx_http_rtauth_access_handler(ngx_http_request_t *r);

/*
 * In PREACCESS: the client's raw path, in any location of a server in which
 * rtauth is on, and subrequests, for which nginx skips ACCESS.
 */
ngx_int_t ngx_http_rtauth_preaccess_handler(ngx_http_request_t *r);

/*
 * In PRECONTENT, where nobody comes who was refused: a refusal that stands
 * was overruled by "satisfy any".  Users are sent to their workspace here.
 */
ngx_int_t ngx_http_rtauth_precontent_handler(ngx_http_request_t *r);

/* makes and notes a refusal; returns its status */
ngx_int_t ngx_http_rtauth_refuse(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_reason_e reason, ngx_uint_t status);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_DECIDE_H_INCLUDED */


/*
 * Groups with a time, in a decision: which of them let somebody in, and whose
 * end keeps him out.
 */


#ifndef NGX_HTTP_RTAUTH_TIMED_H_INCLUDED
#define NGX_HTTP_RTAUTH_TIMED_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/*
 * The group with a time that made the difference: who was let in has less here
 * without it; who was refused would have more, had it not ended.  NULL: none
 */
const rt_group_t *ngx_http_rtauth_timed(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);

/* says which group's end it was that kept him out, if it was one's */
void ngx_http_rtauth_timed_explain(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_TIMED_H_INCLUDED */

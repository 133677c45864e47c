
/*
 * Whether a token that is bound to somebody was shown by him.
 */


#ifndef NGX_HTTP_RTAUTH_BOUND_H_INCLUDED
#define NGX_HTTP_RTAUTH_BOUND_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/*
 * For an identity whose provider has "bound": each request is asked, whoever
 * knows the token already.  Of the identity only provider and claims count, so
 * that they may be those of a JWT or of an introspection's answer.
 *
 * out:  *reason, unless NGX_OK
 * ret:  NGX_OK, NGX_DECLINED
 */
ngx_int_t ngx_http_rtauth_bound(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, rt_reason_e *reason);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_BOUND_H_INCLUDED */

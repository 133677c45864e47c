
/*
 * Whether a token that is bound to somebody was shown by him.
 */


#ifndef NGX_HTTP_RTAUTH_BOUND_H_INCLUDED
#define NGX_HTTP_RTAUTH_BOUND_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/*
 * For pass->identity, if its provider has "bound" or the token came as "DPoP"
 * (pass->dpop): each request is asked, whoever knows the token already.  Of the
 * identity only provider and claims count, so that they may be those of a JWT
 * or of an introspection's answer.
 *
 * in:   header: the token stood in Authorization, with a scheme
 * out:  *reason, unless NGX_OK or NGX_AGAIN
 *       pass->dpop, whether the token is bound to a key that signs proofs
 * ret:  NGX_OK, NGX_DECLINED, NGX_ERROR; NGX_AGAIN: the phases of r run again
 */
ngx_int_t ngx_http_rtauth_bound(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_uint_t header, ngx_str_t *token,
    rt_reason_e *reason);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_BOUND_H_INCLUDED */

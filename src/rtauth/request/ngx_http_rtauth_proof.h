
/*
 * The DPoP header of a request (RFC 9449, 4.3 and 9).
 */


#ifndef NGX_HTTP_RTAUTH_PROOF_H_INCLUDED
#define NGX_HTTP_RTAUTH_PROOF_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/* a server's own names, which a proof may be for */
char *ngx_http_rtauth_proof_merge(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *conf);

/*
 * Whether the client's request has a proof by the key "jkt" for this token.
 * It is looked at once a client request: whoever was redirected within nginx,
 * and the subrequests, come with the same one.
 *
 * in:   provider, of the token, with "bound"
 * out:  *reason, unless NGX_OK or NGX_AGAIN; kept->nonce, a nonce to be sent
 * ret:  NGX_OK, NGX_DECLINED, NGX_ERROR; NGX_AGAIN, the store is asked, and the
 *       phases of r run again when it has answered
 */
ngx_int_t ngx_http_rtauth_proof(ngx_http_request_t *r,
    ngx_http_rtauth_provider_t *provider, u_char *jkt, ngx_str_t *token,
    rt_reason_e *reason);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_PROOF_H_INCLUDED */

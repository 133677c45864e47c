
/*
 * A token that says nothing by itself: its provider is asked about it (RFC
 * 7662).  The answer is remembered, in the worker and in the zone; a token that
 * many requests show at once is asked about once in a worker.
 */


#ifndef NGX_HTTP_RTAUTH_INTROSPECT_H_INCLUDED
#define NGX_HTTP_RTAUTH_INTROSPECT_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/*
 * Who stands behind such a token, after ngx_http_rtauth_verify() said NGX_DONE.
 * Returns as that does otherwise, and waits as that does.  A provider that does
 * not say whether the token is active, for whatever cause, is
 * RT_REASON_PROVIDER_UNAVAILABLE: nothing is known of the token then.
 */
ngx_int_t ngx_http_rtauth_introspect(ngx_http_request_t *r,
    ngx_array_t *providers, ngx_str_t *token,
    ngx_http_rtauth_identity_t **identity, rt_reason_e *reason);

/*
 * The token became known otherwise, by another worker's question: what this
 * request has asked ends, or others would wait for it as long as it lives.
 */
void ngx_http_rtauth_introspect_leave(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_INTROSPECT_H_INCLUDED */


/*
 * What is known of a session's user does not get older than "recheck": then
 * the provider is asked anew, with the refresh token (OpenID Connect Core 1.0,
 * 12) or at its userinfo endpoint.
 *
 * One request asks, and waits for the answer.  A lock in the store keeps the
 * others of the session from asking, in all workers and hosts: a refresh token
 * is often good once.  The lock lapses when the request does not live on.
 *
 * What an answer means:
 *
 *     new claims           they decide, in this very request
 *     a definite no        the session is over: the grant is, another user, a
 *                          token that does not hold
 *     none, or it is not   the session goes on for recheck_stale as it is;
 *     about the user       then nobody is let in before there is one
 */


#ifndef NGX_HTTP_RTAUTH_REFRESH_H_INCLUDED
#define NGX_HTTP_RTAUTH_REFRESH_H_INCLUDED


#include "session/ngx_http_rtauth_session.h"


#pragma GCC visibility push(hidden)


/*
 * To be called with the identity that ngx_http_rtauth_session_load() gave.
 *
 * out:  *identity on NGX_OK: the same, or a newer one
 *       *reason on NGX_DECLINED, the session is over, and on NGX_ERROR
 * ret:  NGX_OK, NGX_DECLINED, NGX_ERROR; NGX_AGAIN: the phases of r run again
 */
ngx_int_t ngx_http_rtauth_refresh(ngx_http_request_t *r,
    ngx_array_t *providers, ngx_http_rtauth_identity_t **identity,
    rt_reason_e *reason);

/*
 * r has asked and waits: the session is not to be loaded meanwhile, for what
 * the provider gave is not in the store yet.
 */
ngx_uint_t ngx_http_rtauth_refreshes(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REFRESH_H_INCLUDED */

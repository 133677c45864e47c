
/*
 * Browser sessions: from a request's cookie to who is signed in, and what a
 * sign-in, a refresh and a sign-out make of it.
 *
 * The cookie of the stores that keep something is 32 random bytes.  The
 * record's name in the store is their hash, and the key that seals it is made
 * from these bytes and the configured key: who reads the store opens nothing.
 *
 * Parsed records are kept by each worker beside its tokens (cache.h), under
 * the cookie's bytes and the record's version.
 */


#ifndef NGX_HTTP_RTAUTH_SESSION_H_INCLUDED
#define NGX_HTTP_RTAUTH_SESSION_H_INCLUDED


#include "session/ngx_http_rtauth_store.h"
#include "oidc/rt_session.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_SESSION  -2     /* a source, beside those of _token.h */


/* behind an identity that came from a session; constant */

struct ngx_http_rtauth_session_s {
    rt_session_t    record;
    ngx_str_t       hex;            /* its id, in text */
};


/*
 * Who is signed in on this browser, if one of "providers" signed him in.
 *
 * out:  *identity on NGX_OK, pinned to r's pool; its "session" is set
 *       *reason on NGX_DECLINED: RT_REASON_ANONYMOUS, there is no session or
 *       none any more; RT_REASON_REVOKED; on NGX_ERROR: RT_REASON_STORE, or
 *       RT_REASON_INTERNAL
 * ret:  NGX_OK, NGX_DECLINED, NGX_ERROR; NGX_AGAIN: the store is asked, and
 *       the phases of r run again when it has answered
 */
ngx_int_t ngx_http_rtauth_session_load(ngx_http_request_t *r,
    ngx_array_t *providers, ngx_http_rtauth_identity_t **identity,
    rt_reason_e *reason);


/*
 * What the three below answer, or, after NGX_AGAIN, call handler with, once:
 * NGX_OK, with the Set-Cookie lines in r->headers_out; NGX_DECLINED: the store
 * is full, or the record does not fit into a cookie; NGX_ERROR.  The handler is
 * not called after r's pool is gone.
 */
typedef void (*ngx_http_rtauth_session_pt)(ngx_http_request_t *r,
    ngx_int_t rc);

/*
 * A new session in place of the one this browser has: another cookie, another
 * id, the old record is gone.  Sets id, created, seen, expires of *record.
 */
ngx_int_t ngx_http_rtauth_session_create(ngx_http_request_t *r,
    rt_session_t *record, ngx_http_rtauth_session_pt handler);

/* other contents for the session that r came with: refresh, step-up */
ngx_int_t ngx_http_rtauth_session_update(ngx_http_request_t *r,
    rt_session_t *record, ngx_http_rtauth_session_pt handler);

/* the session that r came with is gone, its cookie is deleted */
ngx_int_t ngx_http_rtauth_session_end(ngx_http_request_t *r,
    ngx_http_rtauth_session_pt handler);


/*
 * Its idle time begins anew: in the store, or by another cookie.  Nobody waits
 * for it, and nobody is refused when it fails.
 */
void ngx_http_rtauth_session_touched(ngx_http_request_t *r,
    rt_session_t *record);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SESSION_H_INCLUDED */


/*
 * What becomes of sessions: made at a sign-in, changed, ended.
 */


#ifndef NGX_HTTP_RTAUTH_SESSION_SAVE_H_INCLUDED
#define NGX_HTTP_RTAUTH_SESSION_SAVE_H_INCLUDED


#include "session/ngx_http_rtauth_store.h"
#include "oidc/rt_session.h"


#pragma GCC visibility push(hidden)


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

/*
 * Other contents for the session that r came with, in place of the record of
 * that version; *version is then that of the new one, and stays until the
 * handler was called.  Answers NGX_DECLINED, too, when the session was ended
 * meanwhile; NGX_BUSY when another has changed it.
 */
ngx_int_t ngx_http_rtauth_session_update(ngx_http_request_t *r,
    rt_session_t *record, ngx_uint_t *version,
    ngx_http_rtauth_session_pt handler);

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


#endif /* NGX_HTTP_RTAUTH_SESSION_SAVE_H_INCLUDED */

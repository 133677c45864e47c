
/*
 * Browser sessions: from a request's cookie to who is signed in.
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
    ngx_uint_t      version;        /* of the record, in its store */
};


/* goes on with a request that goes on, when its session's store has answered */
typedef void (*ngx_http_rtauth_session_live_pt)(ngx_http_request_t *r);


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
 * The session of a request that was let in and goes on.  Its idle time is not
 * looked at.
 *
 * in:   *identity, as it was let in
 * out:  *identity, as it is now, until the caller returns to nginx
 *       *reason on NGX_DECLINED: RT_REASON_REVOKED, it was ended;
 *       RT_REASON_EXPIRED, its absolute time is over;
 *       RT_REASON_STORE_UNAVAILABLE, this host does not know any more what was
 *       revoked; RT_REASON_INTERNAL
 * ret:  NGX_OK, NGX_DECLINED; NGX_AGAIN: handler will be called, to call again
 */
ngx_int_t ngx_http_rtauth_session_live(ngx_http_request_t *r,
    ngx_array_t *providers, ngx_http_rtauth_session_live_pt handler,
    ngx_http_rtauth_identity_t **identity, rt_reason_e *reason);

/* the longest that a session of any server can live; s */
time_t ngx_http_rtauth_sessions_live(ngx_http_rtauth_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SESSION_H_INCLUDED */

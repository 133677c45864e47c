
/*
 * Whether what somebody was let in by has ended meanwhile: one place for each
 * request, and for connections that live longer than one.
 */


#ifndef NGX_HTTP_RTAUTH_ENDED_H_INCLUDED
#define NGX_HTTP_RTAUTH_ENDED_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/*
 * in:   identity, of a verified token or of a session, as this worker has it
 *       seen: what was asked last about the same one; as long as nothing was
 *       revoked and no list was read since, it is the answer
 * ret:  RT_REASON_OK
 *       RT_REASON_DISABLED: rtauth_disabled has him, or he was pushed as one
 *       who is not active (403)
 *       RT_REASON_NOT_PUSHED, RT_REASON_USERS_UNAVAILABLE, RT_REASON_INTERNAL
 *       RT_REASON_STORE_UNAVAILABLE: not all that was revoked can be read
 *       RT_REASON_REVOKED: the token, the session, or all that he was given up
 *       to some second; or that cannot be told (401)
 */
rt_reason_e ngx_http_rtauth_ended(ngx_http_rtauth_worker_t *w,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_seen_t *seen);

/*
 * Likewise; who is switched off is known, and identity->barred says why whoever
 * asks next refuses him.
 * ret:  1: RT_REASON_REVOKED
 */
ngx_uint_t ngx_http_rtauth_ended_note(ngx_http_rtauth_worker_t *w,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_seen_t *seen);

/*
 * The longest that a token of any provider can live; or, 1, one of a user who
 * is pushed; s
 */
time_t ngx_http_rtauth_tokens_live(ngx_http_rtauth_main_conf_t *mcf,
    ngx_uint_t pushed);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ENDED_H_INCLUDED */


/*
 * The attempts to sign in that a browser has under way: eight cookies, see
 * rt_login.h.  One that came back stays for a while without its secret, so that
 * a browser that is sent round and round can be stopped.
 */


#ifndef NGX_HTTP_RTAUTH_ATTEMPT_H_INCLUDED
#define NGX_HTTP_RTAUTH_ATTEMPT_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "oidc/rt_login.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_ATTEMPT_TIME   600      /* seconds to come back in */
#define NGX_HTTP_RTAUTH_ATTEMPT_DONE   60       /* and to be counted after */
#define NGX_HTTP_RTAUTH_ATTEMPT_LOOP   4        /* that came back: a loop */


/* which of them came back within ATTEMPT_DONE seconds; -1: out of memory */
ngx_int_t ngx_http_rtauth_attempt_done(ngx_http_request_t *r);

/* a new one of this client, and its cookie; the oldest goes */
ngx_int_t ngx_http_rtauth_attempt_begin(ngx_http_request_t *r,
    uint32_t provider, ngx_uint_t stepup, rt_login_t *login);

/*
 * The one that this state belongs to, whose cookie is as good as used now.
 *
 * out:  *login, to be wiped; *to, the return address
 * ret:  NGX_OK; NGX_DECLINED: none on this browser; NGX_ERROR
 */
ngx_int_t ngx_http_rtauth_attempt_take(ngx_http_request_t *r, rt_str_t *state,
    rt_login_t *login, rt_str_t *to);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ATTEMPT_H_INCLUDED */


/*
 * rtauth_identity: tokens that this nginx issues about its users, for the
 * applications behind it, and the keys by which these are checked.
 *
 * A token is made when somebody asks for the variable, and kept in the worker
 * for half of its time.  It is found by everything that it says, so that a
 * change of what is known of the user makes another one.
 */


#ifndef NGX_HTTP_RTAUTH_ISSUE_H_INCLUDED
#define NGX_HTTP_RTAUTH_ISSUE_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"
#include "jose/rt_sign.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_ISSUE_KEYS    8         /* of one rtauth_identity */
#define NGX_HTTP_RTAUTH_ISSUE_CLAIMS  32
#define NGX_HTTP_RTAUTH_ISSUE_BYTES   6144      /* of a token's payload */
#define NGX_HTTP_RTAUTH_ISSUE_KEPT    256       /* tokens in a worker */


struct ngx_http_rtauth_issue_s {
    ngx_array_t      keys;          /* rt_sign_t *; the first signs */
    ngx_str_t        iss;
    ngx_str_t        aud;
    ngx_str_t        alg;
    time_t           ttl;
    ngx_array_t     *claims;        /* ngx_str_t; NULL: those by default */
};


/* adds $rtauth_identity */
ngx_int_t ngx_http_rtauth_issue_add_variable(ngx_conf_t *cf);

/* of rtauth_identity_keys: the public keys of this server's identities */
ngx_int_t ngx_http_rtauth_issue_keys_handler(ngx_http_request_t *r);

/* room for what a worker keeps, when any identity is configured */
ngx_int_t ngx_http_rtauth_issue_init_process(ngx_cycle_t *cycle,
    ngx_http_rtauth_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ISSUE_H_INCLUDED */

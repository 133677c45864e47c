
/*
 * Conditions on how and when somebody signed in: acr, amr and auth_age.  Who
 * does not meet them signs in again, once, and the provider is told what is
 * asked for; an API is told so by RFC 9470.
 */


#ifndef NGX_HTTP_RTAUTH_STEPUP_H_INCLUDED
#define NGX_HTTP_RTAUTH_STEPUP_H_INCLUDED


#include "policy/ngx_http_rtauth_require.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_STEPUP_WAIT     60          /* seconds in which one that
                                                       was asked for in vain is
                                                       not asked for again */
#define NGX_HTTP_RTAUTH_STEPUP_MAX_AGE  31536000    /* seconds */
#define NGX_HTTP_RTAUTH_STEPUP_MAX      255         /* a byte in a cookie */
#define NGX_HTTP_RTAUTH_STEPUP_ACR_LEN  1024        /* bytes, in a URL */


/* all that the conditions of a location ask of a sign-in */

struct ngx_http_rtauth_stepup_s {
    ngx_uint_t                   number;    /* from 1 on */
    ngx_str_t                    acr;       /* with blanks; or empty */
    ngx_str_t                    claims;    /* the same as OpenID Connect Core
                                               1.0, 5.5 asks for it */
    time_t                       max_age;   /* seconds; -1: any */
    ngx_str_t                    age;       /* the same as text; or empty */
    ngx_uint_t                   login;     /* unsigned login:1; amr, which
                                               cannot be asked for */
};


/* what one line asks, and what came: see require.h */
ngx_int_t ngx_http_rtauth_stepup_acr(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
ngx_int_t ngx_http_rtauth_stepup_amr(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
ngx_int_t ngx_http_rtauth_stepup_age(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
u_char *ngx_http_rtauth_stepup_came(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf);

/* in merge, when all lines are in place: makes conf->stepup */
char *ngx_http_rtauth_stepup_merge(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* the step-up of that number; NULL: there is none */
ngx_http_rtauth_stepup_t *ngx_http_rtauth_stepup_find(ngx_http_request_t *r,
    ngx_str_t *number);

/* for a session's record: that number was asked for now */
int64_t ngx_http_rtauth_stepup_note(ngx_uint_t number);

/* is this a note of that, of the last NGX_HTTP_RTAUTH_STEPUP_WAIT seconds? */
ngx_uint_t ngx_http_rtauth_stepup_noted(int64_t note,
    ngx_http_rtauth_stepup_t *stepup);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STEPUP_H_INCLUDED */

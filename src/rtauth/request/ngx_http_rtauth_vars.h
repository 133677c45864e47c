
/*
 * The variables of rtauth: empty until somebody was verified, and never
 * cached by nginx, for an internal redirect may change what they say.
 */


#ifndef NGX_HTTP_RTAUTH_VARS_H_INCLUDED
#define NGX_HTTP_RTAUTH_VARS_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/* what a variable of rtauth_claim says */

typedef struct {
    rt_str_t    path;
    ngx_uint_t  json;           /* unsigned json:1 */
} ngx_http_rtauth_claim_t;


ngx_int_t ngx_http_rtauth_add_variables(ngx_conf_t *cf);

/*
 * The decision that lets a user in here, for what an application trusts; NULL:
 * there is none, or it refuses him, though another of "satisfy any" may let
 * the request in.
 */
ngx_http_rtauth_pass_t *ngx_http_rtauth_vars_admitted(ngx_http_request_t *r);

/* NULL is an empty value, not an absent one: logs would say "-" */
ngx_int_t ngx_http_rtauth_vars_of(ngx_http_variable_value_t *v,
    const ngx_str_t *s);

/* of rtauth_claim: data is an ngx_http_rtauth_claim_t */
ngx_int_t ngx_http_rtauth_vars_path(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_VARS_H_INCLUDED */

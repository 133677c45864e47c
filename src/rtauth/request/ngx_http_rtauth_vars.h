
/*
 * The variables of rtauth: empty until somebody was verified, and never
 * cached by nginx, for an internal redirect may change what they say.
 */


#ifndef NGX_HTTP_RTAUTH_VARS_H_INCLUDED
#define NGX_HTTP_RTAUTH_VARS_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


ngx_int_t ngx_http_rtauth_add_variables(ngx_conf_t *cf);

/* rtauth_claim $var PATH [json] */
char *ngx_http_rtauth_claim(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_VARS_H_INCLUDED */

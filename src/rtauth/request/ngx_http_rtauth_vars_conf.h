
/*
 * rtauth_claim: a variable for a claim.
 */


#ifndef NGX_HTTP_RTAUTH_VARS_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_VARS_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_claim $var PATH [json] */
char *ngx_http_rtauth_claim(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_VARS_CONF_H_INCLUDED */

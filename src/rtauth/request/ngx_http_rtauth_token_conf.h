
/*
 * rtauth_token: where a request carries its token.
 */


#ifndef NGX_HTTP_RTAUTH_TOKEN_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_TOKEN_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_token $VARIABLE ... | off */
char *ngx_http_rtauth_token(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_TOKEN_CONF_H_INCLUDED */

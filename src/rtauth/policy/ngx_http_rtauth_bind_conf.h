
/*
 * The directive rtauth_bind.
 */


#ifndef NGX_HTTP_RTAUTH_BIND_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_BIND_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


char *ngx_http_rtauth_bind(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_BIND_CONF_H_INCLUDED */

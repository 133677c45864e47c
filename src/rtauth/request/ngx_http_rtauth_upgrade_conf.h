
/*
 * rtauth_upgrade: to which protocols a client may switch.
 */


#ifndef NGX_HTTP_RTAUTH_UPGRADE_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_UPGRADE_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_upgrade PROTOCOL ... */
char *ngx_http_rtauth_upgrade(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_UPGRADE_CONF_H_INCLUDED */

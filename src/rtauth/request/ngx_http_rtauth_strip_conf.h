
/*
 * rtauth_strip_header: request headers only this server may set.
 */


#ifndef NGX_HTTP_RTAUTH_STRIP_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_STRIP_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_strip_header NAME ... | overrides */
char *ngx_http_rtauth_strip_header(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STRIP_CONF_H_INCLUDED */


/* rtauth_redis NAME { ... } */


#ifndef NGX_HTTP_RTAUTH_REDIS_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_REDIS_CONF_H_INCLUDED


#include "session/ngx_http_rtauth_sessions.h"


#pragma GCC visibility push(hidden)


char *ngx_http_rtauth_redis_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REDIS_CONF_H_INCLUDED */


/*
 * rtauth_reauthorize, as it is written.
 */


#ifndef NGX_HTTP_RTAUTH_REAUTHORIZE_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_REAUTHORIZE_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_reauthorize TIME [expiry] | off */
char *ngx_http_rtauth_reauthorize(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* the TIMEs of a configuration, of which the default is the first */
ngx_int_t ngx_http_rtauth_reauthorize_create(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

void ngx_http_rtauth_reauthorize_merge(ngx_http_rtauth_loc_conf_t *prev,
    ngx_http_rtauth_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REAUTHORIZE_CONF_H_INCLUDED */

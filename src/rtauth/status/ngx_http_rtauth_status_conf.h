
/* rtauth_status [json | prometheus | ready] */


#ifndef NGX_HTTP_RTAUTH_STATUS_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_STATUS_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


ngx_int_t ngx_http_rtauth_status_create(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

char *ngx_http_rtauth_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* when all of http {} is known: warns of pages that anybody may read */
ngx_int_t ngx_http_rtauth_status_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STATUS_CONF_H_INCLUDED */

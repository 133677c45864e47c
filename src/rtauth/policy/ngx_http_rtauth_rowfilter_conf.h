
/*
 * rtauth_row_filter; what a filter means is in src/lib/policy/rt_rowfilter.h.
 */


#ifndef NGX_HTTP_RTAUTH_ROWFILTER_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_ROWFILTER_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_row_filter NAME "CLAUSE" [except=GROUP ...] */
char *ngx_http_rtauth_row_filter(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

ngx_int_t ngx_http_rtauth_rowfilter_conf_create(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/* after the http block was read: a clause may except a group further down */
char *ngx_http_rtauth_rowfilter_conf_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ROWFILTER_CONF_H_INCLUDED */


/*
 * rtcsp_force_https, rtcsp_session_cookie.
 */


#ifndef NGX_HTTP_RTCSP_TRANSPORT_CONF_H_INCLUDED
#define NGX_HTTP_RTCSP_TRANSPORT_CONF_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


char *ngx_http_rtcsp_force_https(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_rtcsp_session_cookie(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

char *ngx_http_rtcsp_transport_merge(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *prev, ngx_http_rtcsp_loc_conf_t *conf);

/* "rewrite" and "return" must not answer first */
ngx_int_t ngx_http_rtcsp_transport_order(ngx_conf_t *cf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_TRANSPORT_CONF_H_INCLUDED */

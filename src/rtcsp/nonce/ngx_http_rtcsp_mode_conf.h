/*
 * rtcsp_nonce and rtcsp_types: how a page gets its nonce, and what is a page.
 */


#ifndef NGX_HTTP_RTCSP_MODE_CONF_H_INCLUDED
#define NGX_HTTP_RTCSP_MODE_CONF_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


char *ngx_http_rtcsp_mode(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtcsp_types(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* inherits the mode with what belongs to it */
void ngx_http_rtcsp_mode_merge(ngx_http_rtcsp_loc_conf_t *prev,
    ngx_http_rtcsp_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_MODE_CONF_H_INCLUDED */

/* rtcsp_status [json | prometheus] */


#ifndef NGX_HTTP_RTCSP_STATUS_CONF_H_INCLUDED
#define NGX_HTTP_RTCSP_STATUS_CONF_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


char *ngx_http_rtcsp_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_STATUS_CONF_H_INCLUDED */

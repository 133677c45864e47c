
/* rtaudit_status [json | prometheus] */


#ifndef NGX_HTTP_RTAUDIT_STATUS_CONF_H_INCLUDED
#define NGX_HTTP_RTAUDIT_STATUS_CONF_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "ngx_rt_metrics.h"


#pragma GCC visibility push(hidden)


ngx_int_t ngx_http_rtaudit_status_create(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf);

char *ngx_http_rtaudit_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_STATUS_CONF_H_INCLUDED */


/* rtaudit_view [file=PATH] [open] */


#ifndef NGX_HTTP_RTAUDIT_VIEW_CONF_H_INCLUDED
#define NGX_HTTP_RTAUDIT_VIEW_CONF_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


char *ngx_http_rtaudit_view(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* when all of http {} is known: which file, and who may see it */
char *ngx_http_rtaudit_view_init(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_VIEW_CONF_H_INCLUDED */

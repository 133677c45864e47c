
/*
 * rtaudit_chain.
 */


#ifndef NGX_HTTP_RTAUDIT_CHAIN_CONF_H_INCLUDED
#define NGX_HTTP_RTAUDIT_CHAIN_CONF_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


char *ngx_http_rtaudit_chain(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* there is a sink whose lines it seals */
char *ngx_http_rtaudit_chain_check(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_CHAIN_CONF_H_INCLUDED */

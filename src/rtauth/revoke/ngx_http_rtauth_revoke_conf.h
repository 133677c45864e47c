
/* rtauth_revoke [key=SECRET ... | open] */


#ifndef NGX_HTTP_RTAUTH_REVOKE_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_REVOKE_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


char *ngx_http_rtauth_revoke(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* in merge, when providers and requirements are known: who may come here */
char *ngx_http_rtauth_revoke_check(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* when all of http {} is known: is there a place to keep it? */
char *ngx_http_rtauth_revoke_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REVOKE_CONF_H_INCLUDED */

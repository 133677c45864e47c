
/*
 * rtauth_group NAME { ... }
 */


#ifndef NGX_HTTP_RTAUTH_GROUP_H_INCLUDED
#define NGX_HTTP_RTAUTH_GROUP_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


char *ngx_http_rtauth_group_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* the policy of a new configuration, and nginx's regular expressions for it */
ngx_int_t ngx_http_rtauth_group_create(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/* after the http block was read: what only the whole can tell */
char *ngx_http_rtauth_group_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/* finds the groups of a user whose claims were verified: once a token */
void ngx_http_rtauth_group_members(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_GROUP_H_INCLUDED */


/* What a location or a server says about people who sign in there. */


#ifndef NGX_HTTP_RTAUTH_LOGIN_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_LOGIN_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_login auto | always | never */
char *ngx_http_rtauth_login(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* rtauth_cross_origin refuse | allow | ORIGIN ... */
char *ngx_http_rtauth_cross_origins(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* rtauth_app_cookie NAME ... */
char *ngx_http_rtauth_app_cookie(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* rtauth_pages DIR */
char *ngx_http_rtauth_pages(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* in merge, when conf->providers is known */
char *ngx_http_rtauth_login_merge(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *prev, ngx_http_rtauth_loc_conf_t *conf);

/* when all of http {} is known: what servers that sign people in need */
char *ngx_http_rtauth_login_init(ngx_conf_t *cf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_LOGIN_CONF_H_INCLUDED */


/*
 * rtauth_identity, rtauth_identity_keys, rtauth_userinfo.
 */


#ifndef NGX_HTTP_RTAUTH_ISSUE_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_ISSUE_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_identity key=SECRET ... iss=VALUE aud=VALUE [...] | off */
char *ngx_http_rtauth_issue(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* handlers of a location; they take no arguments */
char *ngx_http_rtauth_issue_keys(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_rtauth_userinfo(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* what a server publishes: the keys of it and its locations, and of http */
char *ngx_http_rtauth_issue_merge_server(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *prev, ngx_http_rtauth_srv_conf_t *conf);

char *ngx_http_rtauth_issue_merge(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *prev, ngx_http_rtauth_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ISSUE_CONF_H_INCLUDED */


/*
 * The directives of rtauth that stand for themselves; those that belong to a
 * subject (a provider, a group, a requirement) are read in its _conf.c.
 */


#ifndef NGX_HTTP_RTAUTH_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_zone SIZE [state=PATH] */
char *ngx_http_rtauth_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* rtauth NAME ... | off */
char *ngx_http_rtauth(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* rtauth_phase access | preaccess */
char *ngx_http_rtauth_phase(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* rtauth_authorize on | off */
char *ngx_http_rtauth_authorize(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* rtauth_workspace on | off: a flag of "location = /x" alone */
char *ngx_http_rtauth_workspace(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* in merge: finds the providers that were named, here and not outside */
char *ngx_http_rtauth_conf_resolve(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* what was written here, and would let nobody in or do nothing */
char *ngx_http_rtauth_conf_check(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* the same of rtauth_phase, when all is merged */
char *ngx_http_rtauth_conf_check_phase(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* the names of a server: one may be a line that lost its semicolon */
char *ngx_http_rtauth_conf_check_server(ngx_conf_t *cf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_CONF_H_INCLUDED */

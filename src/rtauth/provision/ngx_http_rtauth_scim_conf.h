
/*
 * rtauth_scim_zone SIZE state=PATH
 * rtauth_scim key=SECRET ... [provider=NAME] [unknown=...] [link=...]
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


char *ngx_http_rtauth_scim_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_rtauth_scim(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* call it in merge, when providers are known */
char *ngx_http_rtauth_scim_check(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* when all providers are known: finds whose users are pushed, and bounds the
   lifetime of his tokens */
char *ngx_http_rtauth_scim_whose(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/*
 * When all of http {} is known: both directives have to be there.  Sets how
 * long gone users are kept, and warns of keys that come without TLS.
 */
char *ngx_http_rtauth_scim_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_CONF_H_INCLUDED */

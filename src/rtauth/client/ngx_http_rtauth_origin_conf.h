
/* rtauth_origin, and what it is when it is not written. */


#ifndef NGX_HTTP_RTAUTH_ORIGIN_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_ORIGIN_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* rtauth_origin https://HOST[:PORT] */
char *ngx_http_rtauth_origin(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * When http {} was read: the origin of a server that signs people in, from its
 * first exact server_name and its listeners.  One that cannot be known is an
 * error.
 */
char *ngx_http_rtauth_origin_init(ngx_conf_t *cf,
    ngx_http_core_srv_conf_t *cscf, ngx_http_rtauth_srv_conf_t *rscf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ORIGIN_CONF_H_INCLUDED */

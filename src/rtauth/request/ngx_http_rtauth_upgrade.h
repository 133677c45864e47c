
/*
 * To which protocols a client may switch.
 *
 * nginx looks at no request in a connection that was upgraded.  h2c carries
 * requests there, to any path and as anybody: a way around the gateway.
 */


#ifndef NGX_HTTP_RTAUTH_UPGRADE_H_INCLUDED
#define NGX_HTTP_RTAUTH_UPGRADE_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* after all was read */
char *ngx_http_rtauth_upgrade_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/*
 * Must the request's Upgrade be taken out?  _anywhere() is asked before a
 * location is chosen: a protocol that some location of the configuration takes
 * may stay.  _here() is asked when the location is known.
 */
ngx_uint_t ngx_http_rtauth_upgrade_anywhere(ngx_http_request_t *r);
ngx_uint_t ngx_http_rtauth_upgrade_here(ngx_http_request_t *r);

/* it was taken out: $http_upgrade may have been looked at before */
void ngx_http_rtauth_upgrade_forget(ngx_http_request_t *r);

/* did the upstream switch protocols, and was not asked to? */
ngx_uint_t ngx_http_rtauth_upgrade_unasked(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_UPGRADE_H_INCLUDED */

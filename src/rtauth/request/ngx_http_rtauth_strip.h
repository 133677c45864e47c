
/*
 * Request headers only this server may set.  In a server in which rtauth is on
 * some more are always taken out.
 */


#ifndef NGX_HTTP_RTAUTH_STRIP_H_INCLUDED
#define NGX_HTTP_RTAUTH_STRIP_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/* adds what the outer level strips */
char *ngx_http_rtauth_strip_merge(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *prev, ngx_http_rtauth_srv_conf_t *conf);

/* POST_READ, and SERVER_REWRITE for an error page that begins there */
ngx_int_t ngx_http_rtauth_strip_handler(ngx_http_request_t *r);

/*
 * REWRITE: takes out an Upgrade that this location does not take.  A request
 * that was refused before POST_READ, such as a bad one, still has all its
 * headers.  Its error page may be a named location that passes it on to the
 * application, and begins here: so all the others are taken out here as well.
 */
ngx_int_t ngx_http_rtauth_strip_again_handler(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STRIP_H_INCLUDED */


/*
 * Signed out at the provider: it says so itself (OpenID Connect Back-Channel
 * Logout 1.0), or by a frame in the browser (Front-Channel Logout 1.0).
 */


#ifndef NGX_HTTP_RTAUTH_BACKCHANNEL_H_INCLUDED
#define NGX_HTTP_RTAUTH_BACKCHANNEL_H_INCLUDED


#include "client/ngx_http_rtauth_uris.h"


#pragma GCC visibility push(hidden)


/* handlers of a phase; NGX_DONE: the request waits, or is answered */
ngx_int_t ngx_http_rtauth_backchannel(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri);
ngx_int_t ngx_http_rtauth_frontchannel(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_BACKCHANNEL_H_INCLUDED */

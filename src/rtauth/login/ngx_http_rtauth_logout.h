
/*
 * logout_uri: signing out here, and at the provider (OpenID Connect
 * RP-Initiated Logout 1.0).
 */


#ifndef NGX_HTTP_RTAUTH_LOGOUT_H_INCLUDED
#define NGX_HTTP_RTAUTH_LOGOUT_H_INCLUDED


#include "client/ngx_http_rtauth_uris.h"


#pragma GCC visibility push(hidden)


/* a handler of a phase; NGX_DONE: it waits, and is called again */
ngx_int_t ngx_http_rtauth_logout(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_LOGOUT_H_INCLUDED */


/*
 * redirect_uri: the provider has sent the browser back (OpenID Connect Core
 * 1.0, 3.1.2.5 to 3.1.3.8).
 */


#ifndef NGX_HTTP_RTAUTH_RETURN_H_INCLUDED
#define NGX_HTTP_RTAUTH_RETURN_H_INCLUDED


#include "client/ngx_http_rtauth_uris.h"


#pragma GCC visibility push(hidden)


/* a handler of a phase; NGX_DONE: it waits, and is called again */
ngx_int_t ngx_http_rtauth_return(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_RETURN_H_INCLUDED */

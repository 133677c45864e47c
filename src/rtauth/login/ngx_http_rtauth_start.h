
/*
 * login_uri: which provider, and on to it.
 *
 *     LOGIN_URI?to=/where/he/was[&rtauth_provider=NAME]
 */


#ifndef NGX_HTTP_RTAUTH_START_H_INCLUDED
#define NGX_HTTP_RTAUTH_START_H_INCLUDED


#include "client/ngx_http_rtauth_uris.h"


#pragma GCC visibility push(hidden)


/* a handler of a phase; NGX_DONE: it waits, and is called again */
ngx_int_t ngx_http_rtauth_start(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri);

/* redirect_uri as the provider knows it; empty: out of memory */
ngx_str_t ngx_http_rtauth_start_redirect_uri(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_START_H_INCLUDED */

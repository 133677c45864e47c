
/*
 * The addresses of a server that rtauth answers itself: one file for each of
 * them, and this one, which finds it.
 */


#ifndef NGX_HTTP_RTAUTH_ENDPOINT_H_INCLUDED
#define NGX_HTTP_RTAUTH_ENDPOINT_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* in SERVER_REWRITE: they need no location */
ngx_int_t ngx_http_rtauth_endpoint_handler(ngx_http_request_t *r);

/* in PRECONTENT: those that have one, "location = URI", answer there */
ngx_int_t ngx_http_rtauth_endpoint_exact_handler(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ENDPOINT_H_INCLUDED */


/*
 * Sending a browser elsewhere: nginx would put the listener's scheme and port
 * before a path, and the client's Host.
 */


#ifndef NGX_HTTP_RTAUTH_REDIRECT_H_INCLUDED
#define NGX_HTTP_RTAUTH_REDIRECT_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* what the handler of a phase returns, 302 or an error; nothing is stored */
ngx_int_t ngx_http_rtauth_redirect(ngx_http_request_t *r, ngx_str_t url);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REDIRECT_H_INCLUDED */

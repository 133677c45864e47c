
/*
 * Sending a browser elsewhere: nginx would put the listener's scheme and port
 * before a path, and the client's Host.
 */


#ifndef NGX_HTTP_RTAUTH_REDIRECT_H_INCLUDED
#define NGX_HTTP_RTAUTH_REDIRECT_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "oidc/rt_args.h"


#pragma GCC visibility push(hidden)


/* what the handler of a phase returns, 302 or an error; nothing is stored */
ngx_int_t ngx_http_rtauth_redirect(ngx_http_request_t *r, ngx_str_t url);

/* likewise, to the provider with these arguments; else a page says why not */
ngx_int_t ngx_http_rtauth_redirect_provider(ngx_http_request_t *r,
    ngx_http_rtauth_provider_t *provider, const rt_str_t *endpoint,
    rt_arg_t *args, ngx_uint_t nargs);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REDIRECT_H_INCLUDED */


/*
 * An authorization request that goes to the provider directly, so that the
 * browser carries nothing but a reference to it (RFC 9126).
 */


#ifndef NGX_HTTP_RTAUTH_PUSH_H_INCLUDED
#define NGX_HTTP_RTAUTH_PUSH_H_INCLUDED


#include "exchange/ngx_http_rtauth_exchange.h"


#pragma GCC visibility push(hidden)


/* both are for the handler of a phase to return; NGX_DONE: it waits */

ngx_int_t ngx_http_rtauth_push(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, const rt_metadata_t *m, rt_arg_t *args,
    ngx_uint_t nargs);

/* r comes again, and x is what was made for it */
ngx_int_t ngx_http_rtauth_push_answered(ngx_http_rtauth_exchange_t *x);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_PUSH_H_INCLUDED */

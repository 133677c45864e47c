
/*
 * Sessions in rtauth_zone, and the lock by which one request alone asks the
 * provider anew, for all stores of a single host.
 */


#ifndef NGX_HTTP_RTAUTH_STORE_ZONE_H_INCLUDED
#define NGX_HTTP_RTAUTH_STORE_ZONE_H_INCLUDED


#include "keys/ngx_http_rtauth_zone.h"
#include "session/ngx_http_rtauth_store.h"


#pragma GCC visibility push(hidden)


extern const ngx_http_rtauth_store_t  ngx_http_rtauth_store_zone;

ngx_int_t ngx_http_rtauth_store_zone_lock(ngx_http_rtauth_op_t *op);
ngx_int_t ngx_http_rtauth_store_zone_unlock(ngx_http_rtauth_op_t *op);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STORE_ZONE_H_INCLUDED */

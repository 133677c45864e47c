
/*
 * Sessions in a Redis or Valkey that several hosts share.
 *
 *     PREFIX "s:" NAME    a record; its time is that of the idle session
 *     PREFIX "l:" NAME    a lock, with the number of whoever has it
 *     PREFIX "revoked"    the stream of _fleet.c
 */


#ifndef NGX_HTTP_RTAUTH_STORE_REDIS_H_INCLUDED
#define NGX_HTTP_RTAUTH_STORE_REDIS_H_INCLUDED


#include "session/ngx_http_rtauth_store.h"


#pragma GCC visibility push(hidden)


extern const ngx_http_rtauth_store_t  ngx_http_rtauth_store_redis;


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STORE_REDIS_H_INCLUDED */

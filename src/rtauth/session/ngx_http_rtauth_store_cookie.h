
/*
 * Sessions that nobody keeps.
 */


#ifndef NGX_HTTP_RTAUTH_STORE_COOKIE_H_INCLUDED
#define NGX_HTTP_RTAUTH_STORE_COOKIE_H_INCLUDED


#include "session/ngx_http_rtauth_store.h"


#pragma GCC visibility push(hidden)


extern const ngx_http_rtauth_store_t  ngx_http_rtauth_store_cookie;


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STORE_COOKIE_H_INCLUDED */


/*
 * The list of stores.
 */


#ifndef NGX_HTTP_RTAUTH_STORES_H_INCLUDED
#define NGX_HTTP_RTAUTH_STORES_H_INCLUDED


#include "session/ngx_http_rtauth_store.h"


#pragma GCC visibility push(hidden)


/* the one of "store=" */
const ngx_http_rtauth_store_t *ngx_http_rtauth_stores(
    ngx_http_rtauth_sessions_t *sessions);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STORES_H_INCLUDED */


/*
 * How many signatures that do not hold a worker looks at, for those who come
 * before any limit_req does ("rtauth_phase preaccess").
 *
 * An address (of IPv6 its first 64 bits) may have NGX_HTTP_RTAUTH_BAD of them
 * in a second.  Then tokens from there that are not known are not looked at
 * until the second is over; those that were verified before are not counted.
 *
 * Counts are in a table of fixed size, found by a hash that the worker seeds:
 * two addresses may share a place, and nobody can choose whose.
 */


#ifndef NGX_HTTP_RTAUTH_BUDGET_H_INCLUDED
#define NGX_HTTP_RTAUTH_BUDGET_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_BAD          10     /* in a window */
#define NGX_HTTP_RTAUTH_BAD_WINDOW   1000   /* ms */
#define NGX_HTTP_RTAUTH_BAD_PLACES   1024   /* 16 KiB a worker */


typedef struct {
    ngx_msec_t                     begun;
    ngx_uint_t                     bad;
} ngx_http_rtauth_budget_place_t;


typedef struct {
    uint32_t                       seed;
    ngx_http_rtauth_budget_place_t places[NGX_HTTP_RTAUTH_BAD_PLACES];
} ngx_http_rtauth_budget_t;


/* NULL: out of memory */
ngx_http_rtauth_budget_t *ngx_http_rtauth_budget_create(ngx_pool_t *pool);

/* ret: 1 if a signature from this connection may be looked at */
ngx_uint_t ngx_http_rtauth_budget_left(ngx_http_rtauth_budget_t *budget,
    ngx_connection_t *c);

/* it was, and did not hold */
void ngx_http_rtauth_budget_spend(ngx_http_rtauth_budget_t *budget,
    ngx_connection_t *c);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_BUDGET_H_INCLUDED */

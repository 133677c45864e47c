
/*
 * How much of something an address may have, where no limit_req comes before:
 *
 *   - signatures that do not hold ("rtauth_phase preaccess"): then tokens from
 *     there that are not known are not looked at until the window is over;
 *     those that were verified before are not counted;
 *   - questions to a provider about tokens that turn out not to be active;
 *   - sign-ins that begin or come back;
 *   - wrong keys of rtauth_scim and rtauth_revoke: bad tokens from the address
 *     of a proxy do not keep out the machine that comes from there, too.
 *
 * Of IPv6 the first 64 bits are the address.
 *
 * Counts are in a table of fixed size, found by a hash that the worker seeds:
 * two addresses may share a place, and nobody can choose whose.
 */


#ifndef NGX_HTTP_RTAUTH_BUDGET_H_INCLUDED
#define NGX_HTTP_RTAUTH_BUDGET_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_BAD           10     /* signatures */
#define NGX_HTTP_RTAUTH_BAD_WINDOW    1000   /*   in these ms */
#define NGX_HTTP_RTAUTH_ASK           100    /* tokens asked about */
#define NGX_HTTP_RTAUTH_ASK_WINDOW    10000
#define NGX_HTTP_RTAUTH_LOGIN         100    /* an office has one address */
#define NGX_HTTP_RTAUTH_LOGIN_WINDOW  10000
#define NGX_HTTP_RTAUTH_PLACES        1024   /* 16 KiB a worker */


typedef struct {
    ngx_msec_t                     begun;
    ngx_uint_t                     spent;
} ngx_http_rtauth_budget_place_t;


typedef struct {
    ngx_uint_t                     max;
    ngx_msec_t                     window;
    uint32_t                       seed;
    ngx_http_rtauth_budget_place_t places[NGX_HTTP_RTAUTH_PLACES];
} ngx_http_rtauth_budget_t;


/* for max in a window of so many milliseconds; NULL: out of memory */
ngx_http_rtauth_budget_t *ngx_http_rtauth_budget_create(ngx_pool_t *pool,
    ngx_uint_t max, ngx_msec_t window);

/* ret: 1 if the address of this connection may have another one */
ngx_uint_t ngx_http_rtauth_budget_left(ngx_http_rtauth_budget_t *budget,
    ngx_connection_t *c);

/* that address has had one */
void ngx_http_rtauth_budget_spend(ngx_http_rtauth_budget_t *budget,
    ngx_connection_t *c);

/* gives it one back, which does not count */
void ngx_http_rtauth_budget_return(ngx_http_rtauth_budget_t *budget,
    ngx_connection_t *c);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_BUDGET_H_INCLUDED */

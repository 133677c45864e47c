
#include "keys/ngx_http_rtauth_budget.h"


static ngx_http_rtauth_budget_place_t *ngx_http_rtauth_budget_place(
    ngx_http_rtauth_budget_t *budget, ngx_connection_t *c);


ngx_http_rtauth_budget_t *
ngx_http_rtauth_budget_create(ngx_pool_t *pool, ngx_uint_t max,
    ngx_msec_t window)
{
    ngx_http_rtauth_budget_t  *budget;

    budget = ngx_pcalloc(pool, sizeof(ngx_http_rtauth_budget_t));

    if (budget) {
        budget->max = max;
        budget->window = window;
        budget->seed = (uint32_t) ngx_random();
    }

    return budget;
}


ngx_uint_t
ngx_http_rtauth_budget_left(ngx_http_rtauth_budget_t *budget,
    ngx_connection_t *c)
{
    return ngx_http_rtauth_budget_place(budget, c)->spent < budget->max;
}


void
ngx_http_rtauth_budget_spend(ngx_http_rtauth_budget_t *budget,
    ngx_connection_t *c)
{
    ngx_http_rtauth_budget_place(budget, c)->spent++;
}


void
ngx_http_rtauth_budget_return(ngx_http_rtauth_budget_t *budget,
    ngx_connection_t *c)
{
    ngx_http_rtauth_budget_place_t  *place;

    place = ngx_http_rtauth_budget_place(budget, c);

    if (place->spent) {
        place->spent--;
    }
}


static ngx_http_rtauth_budget_place_t *
ngx_http_rtauth_budget_place(ngx_http_rtauth_budget_t *budget,
    ngx_connection_t *c)
{
    u_char                           buf[sizeof(uint32_t) + 8];
    struct sockaddr_in              *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6             *sin6;
#endif
    ngx_http_rtauth_budget_place_t  *place;

    ngx_memzero(buf, sizeof(buf));
    ngx_memcpy(buf, &budget->seed, sizeof(uint32_t));

    switch (c->sockaddr->sa_family) {

    case AF_INET:
        sin = (struct sockaddr_in *) c->sockaddr;
        ngx_memcpy(buf + sizeof(uint32_t), &sin->sin_addr, 4);
        break;

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) c->sockaddr;
        ngx_memcpy(buf + sizeof(uint32_t), &sin6->sin6_addr, 8);
        break;
#endif

    default: /* AF_UNIX: all who come that way are one */
        break;
    }

    /*
     * Not by a CRC: two addresses that have one place would have one with every
     * seed, and who has many addresses could use up the budget of another's.
     */

    place = &budget->places[ngx_murmur_hash2(buf, sizeof(buf))
                            % NGX_HTTP_RTAUTH_PLACES];

    if (ngx_current_msec - place->begun >= budget->window) {
        place->begun = ngx_current_msec;
        place->spent = 0;
    }

    return place;
}

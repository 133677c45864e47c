
/*
 * What providers said of tokens (RFC 7662), in the zone: for all workers, and
 * over reloads.  A token is known by a digest of itself and of the provider's
 * policy; the zone has nothing a token could be made from.  What was said of
 * active tokens and that others are not active have a budget each, in which the
 * least used goes: nobody who sends words of his own evicts an answer.
 */


#ifndef NGX_HTTP_RTAUTH_TOLD_H_INCLUDED
#define NGX_HTTP_RTAUTH_TOLD_H_INCLUDED


#include "keys/ngx_http_rtauth_zone.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_TOLD_NOT  10        /* seconds that a token is known
                                               not to be active, at most */


/*
 * out:  *answer, its claims as JSON, in the pool; empty: it is not active;
 *       *until, when it has to be asked again
 * ret:  NGX_OK; NGX_DECLINED, nothing is known; NGX_ERROR, memory is out
 */
ngx_int_t ngx_http_rtauth_told(ngx_shm_zone_t *zone, u_char *key,
    ngx_pool_t *pool, ngx_str_t *answer, time_t *until);

/* an empty answer: it is not active.  What finds no room is not kept */
void ngx_http_rtauth_told_keep(ngx_shm_zone_t *zone, u_char *key,
    ngx_str_t *answer, time_t until);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_TOLD_H_INCLUDED */

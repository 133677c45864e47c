
/*
 * What rtauth_status shows beside what the zone knows: what became of requests,
 * and how many wait, counted over all workers.
 *
 *   root (slab pool's data), a zone of its own, of one size
 *     +- worker[]   by process slot: what this worker has at present
 *     +- slot[]     the first for requests of no provider, the others by name:
 *                   counts[tally][reason], which only grow
 *
 * A count is one atomic addition, and nobody takes a lock.  The zone is there
 * only where rtauth_status is written, and comes back over a reload with all
 * that was counted: providers are known again by their names.
 */


#ifndef NGX_HTTP_RTAUTH_TALLY_H_INCLUDED
#define NGX_HTTP_RTAUTH_TALLY_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* what became of a client's request: to be let in, or at an address of ours */

typedef enum {
    NGX_HTTP_RTAUTH_TALLY_ALLOWED = 0,
    NGX_HTTP_RTAUTH_TALLY_REFUSED,
    NGX_HTTP_RTAUTH_TALLY_SATISFIED,    /* refused, let in by "satisfy any" */
    NGX_HTTP_RTAUTH_TALLY_DRY_RUN,      /* refused but for rtauth_dry_run */
    NGX_HTTP_RTAUTH_TALLY_ENDED,        /* let in, and ended later */
    NGX_HTTP_RTAUTH_TALLY_LOGIN,
    NGX_HTTP_RTAUTH_TALLY_LOGOUT,
    NGX_HTTP_RTAUTH_TALLY_REVOKE,
    NGX_HTTP_RTAUTH_TALLY_UNDO,
    NGX_HTTP_RTAUTH_TALLY_PUSHED,       /* rtauth_scim: a change was made, */
    NGX_HTTP_RTAUTH_TALLY_PUSH_REFUSED, /*   a request was no good, */
    NGX_HTTP_RTAUTH_TALLY_PUSH_FAILED,  /*   or could not be served */
    NGX_HTTP_RTAUTH_TALLIES
} ngx_http_rtauth_tally_e;


/* whom requests wait for */

typedef enum {
    NGX_HTTP_RTAUTH_WAITS_KEYS = 0,
    NGX_HTTP_RTAUTH_WAITS_ANSWER,       /* of a provider, about a token */
    NGX_HTTP_RTAUTH_WAITS
} ngx_http_rtauth_waits_e;


typedef ngx_atomic_t  ngx_http_rtauth_counts_t[NGX_HTTP_RTAUTH_TALLIES]
                                              [RT_REASON_MAX];


struct ngx_http_rtauth_tally_s {
    ngx_shm_zone_t              *zone;
    ngx_http_rtauth_counts_t    *counts[1 + NGX_HTTP_RTAUTH_MAX_PROVIDERS];
                                             /* [0]: of no provider; others by
                                                provider->index + 1 */
};


/* while the configuration is read; NULL: a message was logged */
ngx_http_rtauth_tally_t *ngx_http_rtauth_tally_create(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/* a worker begins: nothing waits in it */
void ngx_http_rtauth_tally_init_process(ngx_http_rtauth_tally_t *tally);

/* in: provider, or NULL */
void ngx_http_rtauth_tally(ngx_http_rtauth_tally_t *tally,
    ngx_http_rtauth_provider_t *provider, ngx_http_rtauth_tally_e what,
    rt_reason_e reason);

/* this worker's own number of requests that wait, which it alone writes */
ngx_atomic_t *ngx_http_rtauth_tally_gauge(ngx_http_rtauth_tally_t *tally,
    ngx_http_rtauth_waits_e what);

/* of all workers that are alive */
ngx_uint_t ngx_http_rtauth_tally_waiting(ngx_http_rtauth_tally_t *tally,
    ngx_http_rtauth_waits_e what);

/* when counting began */
time_t ngx_http_rtauth_tally_since(ngx_http_rtauth_tally_t *tally);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_TALLY_H_INCLUDED */


/*
 * rtauth_zone: what the workers share.
 *
 *   root (slab pool's data)
 *     +- slots    a list: the key set of one provider that has a URL, as the
 *     |           bytes that were fetched, and who fetches them next
 *     +- tokens   a tree and an LRU queue: digests of verified tokens
 *
 * Everything is under the slab pool's own mutex, which nginx's master unlocks
 * when a worker dies with it.  No parsing, no cryptography and no I/O happens
 * under it.  Tokens are held to half of the zone, so that a flood of them
 * leaves room for keys.
 *
 * Slots are never freed, for a worker of an older configuration may still
 * look at one; a key set nobody looked at for an hour is.
 */


#ifndef NGX_HTTP_RTAUTH_ZONE_H_INCLUDED
#define NGX_HTTP_RTAUTH_ZONE_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_DIGEST       32      /* SHA-256 */
#define NGX_HTTP_RTAUTH_UNKNOWN      32      /* kids remembered as unknown */


typedef struct {
    u_char                    kid[16];       /* of its SHA-256 */
    ngx_msec_t                until;
    ngx_uint_t                generation;    /* 0: the place is free */
} ngx_http_rtauth_unknown_t;


/* times are ngx_current_msec, which is monotonic and the host's own */

typedef struct {
    ngx_queue_t               queue;
    u_char                    key[NGX_HTTP_RTAUTH_DIGEST];

    ngx_atomic_t              generation;    /* 0: no key set was had yet */
    u_char                   *doc;           /* its bytes */
    size_t                    len;

    ngx_atomic_t              attempts;      /* to fetch, good or not */
    ngx_uint_t                failures;      /* since the last success */
    ngx_msec_t                next;          /* when a fetch is due */
    ngx_msec_t                kid_fetch;     /* last one for an unknown kid */
    ngx_msec_t                touched;

    ngx_pid_t                 owner;         /* who fetches; 0: nobody */
    ngx_msec_t                until;         /* the owner's time is over */

    ngx_uint_t                unknown_next;
    ngx_http_rtauth_unknown_t unknown[NGX_HTTP_RTAUTH_UNKNOWN];

    unsigned                  kid_fetched:1; /* kid_fetch is set */
} ngx_http_rtauth_slot_t;


typedef struct {
    ngx_queue_t               slots;
    ngx_uint_t                generation;    /* the last one given out */

    ngx_rbtree_t              tokens;
    ngx_rbtree_node_t         sentinel;
    ngx_queue_t               lru;
    ngx_uint_t                ntokens;
    ngx_uint_t                max_tokens;
} ngx_http_rtauth_root_t;


/* the root of a fresh zone, with no slots yet; ret: NGX_OK, NGX_ERROR */
ngx_int_t ngx_http_rtauth_zone_make(ngx_shm_zone_t *zone);


/* the root and the mutex of a zone that was made */

#define ngx_http_rtauth_shpool(zone)                                          \
    ((ngx_slab_pool_t *) (zone)->shm.addr)

#define ngx_http_rtauth_root(zone)                                            \
    ((ngx_http_rtauth_root_t *) ngx_http_rtauth_shpool(zone)->data)


#define ngx_http_rtauth_lock(zone)                                            \
    ngx_shmtx_lock(&ngx_http_rtauth_shpool(zone)->mutex)

#define ngx_http_rtauth_unlock(zone)                                          \
    ngx_shmtx_unlock(&ngx_http_rtauth_shpool(zone)->mutex)


/* a point in time of this host's clock is reached, whatever it wraps to */

#define ngx_http_rtauth_due(msec)                                             \
    ((ngx_msec_int_t) (ngx_current_msec - (msec)) >= 0)


/* the slot of that key, made when there is none; NULL when memory is out */
ngx_http_rtauth_slot_t *ngx_http_rtauth_slot(ngx_shm_zone_t *zone,
    u_char *key);

/*
 * Single flight: true when a fetch is due and now is this process's to do.
 * Ownership lapses after "limit", so that a killed worker does not hold it.
 */
ngx_uint_t ngx_http_rtauth_slot_claim(ngx_shm_zone_t *zone,
    ngx_http_rtauth_slot_t *slot, ngx_msec_t limit);

/* gives ownership back with nothing fetched */
void ngx_http_rtauth_slot_release(ngx_shm_zone_t *zone,
    ngx_http_rtauth_slot_t *slot);

/*
 * Books a finished attempt; doc is NULL for a failed one, which leaves the
 * old key set.  The next fetch is due after "delay".
 * ret: NGX_OK, or NGX_ERROR when the zone is too small: nothing is booked
 */
ngx_int_t ngx_http_rtauth_slot_store(ngx_shm_zone_t *zone,
    ngx_http_rtauth_slot_t *slot, ngx_str_t *doc, ngx_msec_t delay);

/* a copy of the key set in the pool; *generation is 0 when there is none */
ngx_int_t ngx_http_rtauth_slot_load(ngx_shm_zone_t *zone,
    ngx_http_rtauth_slot_t *slot, ngx_pool_t *pool, ngx_str_t *doc,
    ngx_uint_t *generation);

/* true when somebody is fetching */
ngx_uint_t ngx_http_rtauth_slot_busy(ngx_http_rtauth_slot_t *slot);

/*
 * An unknown kid asks for a fetch: true when there is one now, because the
 * cooldown since the last such one is over or one is under way; false when
 * the kid is known to be unknown, or it is too early.
 */
ngx_uint_t ngx_http_rtauth_slot_want_kid(ngx_shm_zone_t *zone,
    ngx_http_rtauth_slot_t *slot, u_char *kid, ngx_msec_t cooldown);

/* remembers a kid that a fresh key set does not have */
void ngx_http_rtauth_slot_no_kid(ngx_shm_zone_t *zone,
    ngx_http_rtauth_slot_t *slot, u_char *kid, ngx_uint_t generation,
    ngx_msec_t ttl);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ZONE_H_INCLUDED */


/*
 * rtauth_zone: what the workers share.
 *
 *   root (slab pool's data)
 *     +- slots    a list: the key set of one provider that has a URL, as the
 *     |           bytes that were fetched, and who fetches them next
 *     +- tokens   a tree and an LRU queue: digests of verified tokens
 *     +- sessions, locks, revoked, told    trees, each with a budget of its own
 *     +- proofs   pages of cells: DPoP proofs that were seen
 *
 * Everything is under the slab pool's own mutex, which nginx's master unlocks
 * when a worker dies with it.  No parsing, no cryptography and no I/O happens
 * under it.  Tokens are held to half of the zone, sessions to a quarter, what
 * was revoked to a sixteenth, and so is what providers said of tokens: a flood
 * of one leaves room for the others and for keys.
 *
 * A slot belongs to the newest configuration whose workers asked for it.  When
 * a newer configuration has started and does not have it, its memory becomes
 * another provider's slot: at once when memory is out, else a reload later.
 * That memory is never anything but a slot, and it gets another serial then.
 * A worker of the older configuration, which is on its way out, sees by the
 * serial that it holds nothing any more, and goes on with the keys it has.
 */


#ifndef NGX_HTTP_RTAUTH_ZONE_H_INCLUDED
#define NGX_HTTP_RTAUTH_ZONE_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "ngx_rt_http.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_DIGEST       32      /* SHA-256 */
#define NGX_HTTP_RTAUTH_ETAG         128     /* bytes that are kept of one */
#define NGX_HTTP_RTAUTH_HEARINGS     4       /* rtauth_redis blocks in use */
#define NGX_HTTP_RTAUTH_TELLINGS     (NGX_HTTP_RTAUTH_HEARINGS + 1)
                                             /* these, and the journal */

#define ngx_http_rtauth_zone_revoked(size)   ((size) / 16)


/* times are ngx_current_msec, which is monotonic and the host's own */

typedef struct {
    ngx_queue_t               queue;
    u_char                    key[NGX_HTTP_RTAUTH_DIGEST];
    ngx_atomic_t              serial;        /* of its being this key's */
    ngx_uint_t                conf;          /* number of the newest one */

    ngx_atomic_t              generation;    /* 0: no key set was had yet */
    u_char                   *doc;           /* its bytes */
    size_t                    len;
    u_char                    etag[NGX_HTTP_RTAUTH_ETAG];
    size_t                    etag_len;      /* 0: none */

    ngx_atomic_t              attempts;      /* to fetch, good or not */
    ngx_uint_t                good;          /*   of these; and when the */
    ngx_msec_t                had;           /*   last good one was */
    ngx_uint_t                failures;      /* since then, */
    ngx_rt_http_fault_e       fault;         /*   and the last one's kind */
    ngx_msec_t                next;          /* when a fetch is due */
    ngx_msec_t                fresh;         /* until then doc is no old one */
    ngx_msec_t                asked;         /* last one for a token's sake */

    ngx_pid_t                 owner;         /* who fetches; 0: nobody */
    ngx_msec_t                until;         /* the owner's time is over */

    unsigned                  was_asked:1;   /* asked is set */
} ngx_http_rtauth_slot_t;


/* Of a part's queue, what somebody is told of: _revoked.c. */

typedef struct {
    ngx_queue_t              *top;           /* those before it came since, */
    ngx_queue_t              *at;            /*   from it on it is told next */
    ngx_uint_t                round;         /* of telling everything */
} ngx_http_rtauth_telling_t;


/*
 * A part of the zone with a budget of its own: nodes that begin with an
 * ngx_str_node_t, and a queue of them, the one that goes first at its end.
 */

typedef struct {
    ngx_rbtree_t              tree;
    ngx_rbtree_node_t         sentinel;
    ngx_queue_t               queue;
    ngx_uint_t                n;             /* of them */
    size_t                    bytes;         /* of the zone in use, */
    size_t                    max;           /*   at most */
    ngx_atomic_t              serial;        /* of the last addition */
    time_t                    swept;         /* when all of it was last looked
                                                at for room in vain, and */
    u_char                    sweep[NGX_HTTP_RTAUTH_DIGEST];
                                             /*   how far: _revoked.c */
    ngx_http_rtauth_telling_t telling[NGX_HTTP_RTAUTH_TELLINGS];
} ngx_http_rtauth_part_t;


/*
 * Of one rtauth_redis: which worker of this host listens to what other hosts
 * revoke, and when it last knew all of it; until it does once, since when there
 * has been somebody to listen.
 */

typedef struct {
    u_char                    key[NGX_HTTP_RTAUTH_DIGEST];
    ngx_pid_t                 owner;         /* who listens; 0: nobody */
    ngx_msec_t                until;         /* the owner's time is over */
    ngx_msec_t                heard;
    ngx_uint_t                whole;         /* it has known all of it once */
    ngx_uint_t                missed;        /* what the zone has no room for */
} ngx_http_rtauth_hearing_t;


typedef struct {
    ngx_queue_t               slots;
    ngx_uint_t                serial;        /* the last ones given out: */
    ngx_uint_t                generation;
    ngx_uint_t                conf;
    ngx_uint_t                started;       /* the newest configuration that */
    ngx_uint_t                before;        /*   has workers; the one before */

    ngx_rbtree_t              tokens;
    ngx_rbtree_node_t         sentinel;
    ngx_queue_t               lru;
    ngx_uint_t                ntokens;
    ngx_uint_t                max_tokens;

    ngx_http_rtauth_part_t    sessions;      /* _store_zone.c */
    ngx_http_rtauth_part_t    locks;
    ngx_http_rtauth_part_t    revoked;       /* _revoked.c */
    ngx_uint_t                pushed;        /*   of these, by SCIM */
    ngx_uint_t                journal;       /*   the newest configuration that
                                                  writes them: _state.c */
    ngx_uint_t                untold;        /*   for so many it had no room */
    ngx_http_rtauth_part_t    front;         /*   and what nobody signed */
    ngx_http_rtauth_part_t    told;          /* _told.c: of active tokens, */
    ngx_http_rtauth_part_t    untrue;        /*   and of others */
    u_char                  **proofs;        /* pages, _replay.c; or NULL */
    ngx_uint_t                nproofs;
    ngx_http_rtauth_hearing_t hearing[NGX_HTTP_RTAUTH_HEARINGS];
    u_char                    secret[32];    /* of this zone: seals attempts to
                                                sign in where no key is said */
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


/* what a node has as its key: the first bytes of a digest */

static ngx_inline uint32_t
ngx_http_rtauth_zone_hash(u_char *key)
{
    uint32_t  hash;

    ngx_memcpy(&hash, key, sizeof(hash));

    return hash;
}


/*
 * the node, which begins with ngx_str_node_t, of a digest of
 * NGX_HTTP_RTAUTH_DIGEST bytes, or NULL; the lock is held
 */
void *ngx_http_rtauth_part_find(ngx_http_rtauth_part_t *part, u_char *digest);

/* a node of "size" bytes, in all, or NULL: neither room nor memory */
void *ngx_http_rtauth_part_alloc(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, size_t size);
void ngx_http_rtauth_part_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, void *p, size_t size);


/* a point in time of this host's clock is reached, whatever it wraps to */

#define ngx_http_rtauth_due(msec)                                             \
    ((ngx_msec_int_t) (ngx_current_msec - (msec)) >= 0)


/* what a worker has of a slot */

typedef struct {
    ngx_shm_zone_t           *zone;
    ngx_http_rtauth_slot_t   *slot;          /* NULL: nothing */
    ngx_uint_t                serial;
} ngx_http_rtauth_hold_t;


/* a look without the lock: the functions below look again, under it */

#define ngx_http_rtauth_held(hold)                                            \
    ((hold)->slot && (hold)->slot->serial == (hold)->serial)


/*
 * The slot of that key for a worker of the configuration of that number, made
 * when there is none.
 * ret: NGX_OK; NGX_ERROR, memory is out
 */
ngx_int_t ngx_http_rtauth_slot(ngx_shm_zone_t *zone, ngx_uint_t conf,
    u_char *key, ngx_http_rtauth_hold_t *hold);

/*
 * Single flight: true when a fetch is due and now is this process's to do.
 * Ownership lapses after "limit", so that a killed worker does not hold it.
 */
ngx_uint_t ngx_http_rtauth_slot_claim(ngx_http_rtauth_hold_t *hold,
    ngx_msec_t limit);

/* gives ownership back with nothing fetched */
void ngx_http_rtauth_slot_release(ngx_http_rtauth_hold_t *hold);

/*
 * Book a finished attempt; the next fetch is due after "delay".
 *
 * _same:   doc is the one that is there, byte for byte: no worker reads it
 *          anew, and tokens that were verified stay so
 * _store:  doc is another one, and *generation is its own
 *          (of both, etag is the ETag it came with, or empty)
 * _failed: the old one stays
 *
 * ret: NGX_OK; NGX_DECLINED, with nothing booked: the slot is not held any
 *      more, or, of _same, its document is another one; NGX_ERROR, the zone is
 *      too small
 */
ngx_int_t ngx_http_rtauth_slot_same(ngx_http_rtauth_hold_t *hold,
    ngx_str_t *doc, ngx_str_t *etag, ngx_msec_t delay);
ngx_int_t ngx_http_rtauth_slot_store(ngx_http_rtauth_hold_t *hold,
    ngx_str_t *doc, ngx_str_t *etag, ngx_msec_t delay, ngx_uint_t *generation);
void ngx_http_rtauth_slot_failed(ngx_http_rtauth_hold_t *hold,
    ngx_msec_t delay, ngx_rt_http_fault_e fault);

/*
 * A copy of the key set in the pool, and of its ETag; *generation is 0 when
 * there is none.
 * ret: NGX_OK; NGX_ERROR, memory is out; NGX_DECLINED, it is not held any more
 */
ngx_int_t ngx_http_rtauth_slot_load(ngx_http_rtauth_hold_t *hold,
    ngx_pool_t *pool, ngx_str_t *doc, ngx_str_t *etag, ngx_uint_t *generation);

/* what it is now, but for its pointers; ret: 1; 0, it is not held any more */
ngx_uint_t ngx_http_rtauth_slot_look(ngx_http_rtauth_hold_t *hold,
    ngx_http_rtauth_slot_t *slot);

/* true when somebody is fetching */
ngx_uint_t ngx_http_rtauth_slot_busy(ngx_http_rtauth_slot_t *slot);

/*
 * A token asks for newer keys: true when a fetch is due now, because the
 * cooldown since the last such one is over, or one is under way.
 */
ngx_uint_t ngx_http_rtauth_slot_want(ngx_http_rtauth_hold_t *hold,
    ngx_msec_t cooldown);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ZONE_H_INCLUDED */

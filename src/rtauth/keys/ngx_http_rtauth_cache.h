
/*
 * Verified tokens.  Two rooms:
 *
 *   in the zone    the digest of a token whose signature held, for all workers
 *                  and over reloads: a worker that meets it parses the claims
 *                  and checks them, but does no public-key arithmetic.  Its
 *                  key is the SHA-256 of the raw token, the provider's policy
 *                  fingerprint and the generation of its key set
 *   in a worker    the token and its claims as parsed, ready to be given to a
 *                  request.  Its key is the token itself, compared in constant
 *                  time and in full, so that no digest is needed; the provider
 *                  and the generation, which for a token that the provider was
 *                  asked about is NGX_HTTP_RTAUTH_MEMO_TOLD
 *
 * Another policy or another key set never meets an old verdict.  Refusals are
 * not kept.  Whoever takes a hit looks at "exp" and "nbf" again.
 */


#ifndef NGX_HTTP_RTAUTH_CACHE_H_INCLUDED
#define NGX_HTTP_RTAUTH_CACHE_H_INCLUDED


#include "keys/ngx_http_rtauth_zone.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_CACHE_TTL    3600               /* seconds, at most */
#define NGX_HTTP_RTAUTH_MEMO_MAX     4096               /* tokens a worker */
#define NGX_HTTP_RTAUTH_MEMO_BYTES   (16 * 1024 * 1024)
#define NGX_HTTP_RTAUTH_MEMO_CHAIN   8                  /* of one hash */
#define NGX_HTTP_RTAUTH_MEMO_TOLD    0                  /* no key set's */


typedef struct {
    u_char                        digest[NGX_HTTP_RTAUTH_DIGEST];
    u_char                        policy[NGX_HTTP_RTAUTH_DIGEST];
    ngx_uint_t                    generation;
} ngx_http_rtauth_token_key_t;


/* the part of a fresh zone that is for tokens; bytes is its budget */

void ngx_http_rtauth_cache_init(ngx_http_rtauth_root_t *root, size_t bytes);

/* true when this token's signature was found good; counts as use */
ngx_uint_t ngx_http_rtauth_cache_has(ngx_shm_zone_t *zone,
    ngx_http_rtauth_token_key_t *key);

/* until: wall-clock seconds; a full room drops what was used longest ago */
void ngx_http_rtauth_cache_add(ngx_shm_zone_t *zone,
    ngx_http_rtauth_token_key_t *key, time_t until);


/* the worker's room */

typedef struct ngx_http_rtauth_memo_s        ngx_http_rtauth_memo_t;
typedef struct ngx_http_rtauth_memo_entry_s  ngx_http_rtauth_memo_entry_t;

struct ngx_http_rtauth_memo_entry_s {
    ngx_http_rtauth_identity_t    identity;     /* filled by the caller */
    int64_t                       begins;       /* good from here, */
    int64_t                       expires;      /*   and before this */
    rt_str_t                      typ;          /* of the header */
    rt_mem_t                      mem;          /* for all it points to */

    ngx_http_rtauth_token_key_t   key;          /* in the zone */
    ngx_uint_t                    generation;   /* complete when listed; of a
                                                   session, its version */
    ngx_http_rtauth_seen_t        ended;
    time_t                        touched;      /* of a session */
    ngx_http_rtauth_srv_conf_t   *server;       /* likewise: that opened it */
    ngx_str_t                     token;

    /* private */

    uint32_t                      hash;

    ngx_http_rtauth_memo_t       *memo;
    ngx_http_rtauth_memo_entry_t *next;
    ngx_queue_t                   queue;
    ngx_pool_t                   *pool;
    size_t                        size;
    ngx_uint_t                    refs;
    unsigned                      known:1;      /* to the zone */
    unsigned                      listed:1;
};


/* NULL when memory is out */
ngx_http_rtauth_memo_t *ngx_http_rtauth_memo_create(ngx_log_t *log);
void ngx_http_rtauth_memo_destroy(ngx_http_rtauth_memo_t *memo);

/*
 * A hash of a token or cookie for the functions below, made of its last bytes
 * alone: all that is listed was verified, and so ends in a signature, a tag or
 * in random bytes, which nobody chooses.  It decides nothing, for whatever it
 * finds is compared in full.  Whoever gets tokens made until many have one hash
 * wins little: a chain is held to NGX_HTTP_RTAUTH_MEMO_CHAIN of them.
 */
uint32_t ngx_http_rtauth_memo_hash(ngx_str_t *token);

ngx_http_rtauth_memo_entry_t *ngx_http_rtauth_memo_find(
    ngx_http_rtauth_memo_t *memo, ngx_str_t *token, uint32_t hash,
    ngx_http_rtauth_provider_t *provider, ngx_uint_t generation);

/*
 * The one of a session with this cookie, whatever version it is of.  What one
 * server has opened is not open for another: its key and name may differ.
 */
ngx_http_rtauth_memo_entry_t *ngx_http_rtauth_memo_session(
    ngx_http_rtauth_memo_t *memo, ngx_str_t *cookie, uint32_t hash,
    ngx_http_rtauth_srv_conf_t *server);

/*
 * A new entry with a copy of the token, not found by others yet: either
 * memo_list() makes it so, or memo_drop() frees it (at once, or when the last
 * request lets go of it).
 */
ngx_http_rtauth_memo_entry_t *ngx_http_rtauth_memo_new(
    ngx_http_rtauth_memo_t *memo, ngx_str_t *token, uint32_t hash);
void ngx_http_rtauth_memo_list(ngx_http_rtauth_memo_entry_t *e);
void ngx_http_rtauth_memo_drop(ngx_http_rtauth_memo_entry_t *e);

/* keeps the entry as long as the pool */
ngx_int_t ngx_http_rtauth_memo_pin(ngx_http_rtauth_memo_entry_t *e,
    ngx_pool_t *pool);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_CACHE_H_INCLUDED */

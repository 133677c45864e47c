
/*
 * Keys in a worker: the set of each provider ready to verify with, the timer
 * that keeps it fresh, the requests that wait for it.
 *
 * One worker fetches for all.  It reads the document and puts it into the
 * provider's slot in the zone; the other workers see the slot's generation
 * change, and read it as well.  A document that did not change keeps its
 * generation, and no worker reads it.  A set stays in use until a newer one is
 * there, whatever fails meanwhile, but not longer than jwks_stale after a
 * refresh was due.
 */


#ifndef NGX_HTTP_RTAUTH_JWKS_H_INCLUDED
#define NGX_HTTP_RTAUTH_JWKS_H_INCLUDED


#include "keys/ngx_http_rtauth_budget.h"
#include "keys/ngx_http_rtauth_cache.h"
#include "keys/ngx_http_rtauth_disabled.h"
#include "keys/ngx_http_rtauth_fetch.h"
#include "keys/ngx_http_rtauth_jwks_watch.h"
#include "keys/ngx_http_rtauth_wait.h"
#include "oidc/rt_metadata.h"

#include <openssl/evp.h>


#pragma GCC visibility push(hidden)


/* a document that was read */

typedef struct {
    ngx_pool_t                      *pool;      /* of all of it; NULL: none */
    rt_jwks_t                        keys;
    rt_metadata_t                    metadata;  /* what discovery said beside
                                                   them, */
    unsigned                         discovered:1;  /* if it did */
} ngx_http_rtauth_keyset_t;


/*
 * The fourth word is what nginx's debug log takes for the fd of a timer's
 * connection.
 */

typedef struct {
    ngx_http_rtauth_worker_t        *worker;
    ngx_http_rtauth_provider_conf_t *pcf;
    ngx_http_rtauth_hold_t           hold;      /* nothing: files only */
    ngx_int_t                        ident;

    ngx_http_rtauth_keyset_t         fetched;
    ngx_uint_t                       generation;/* of fetched; 0: none */
    ngx_uint_t                       refused;   /* one that did not load */
    ngx_http_rtauth_jwks_watch_t     files;     /* those of jwks_file */

    ngx_event_t                      timer;
    ngx_rt_http_client_t            *client;    /* NULL until needed */
    ngx_http_rtauth_fetch_t         *fetch;     /* ours, under way */

    ngx_http_rtauth_waiting_t        waiting;   /* requests */

    ngx_queue_t                      questions; /* about tokens, that are open:
                                                   _introspect.c */
    ngx_uint_t                       nquestions;
    ngx_uint_t                       question;  /* number of the last one */
    ngx_http_rtauth_waiting_t        asking;    /* who waits for another's */
    ngx_event_t                      answered;  /* wakes them */

    ngx_msec_t                       away;      /* until then no session asks
                                                   it; 0: it is there */
    time_t                           warned;    /* of that, last */
    ngx_uint_t                       unasked;   /* sessions, since then */
} ngx_http_rtauth_keys_t;


struct ngx_http_rtauth_worker_s {
    ngx_http_rtauth_main_conf_t     *mcf;
    ngx_shm_zone_t                  *zone;
    ngx_http_rtauth_memo_t          *memo;
    ngx_http_rtauth_budget_t        *budget;    /* of bad signatures */
    ngx_http_rtauth_budget_t        *asks;      /* of questions about tokens */
    ngx_http_rtauth_budget_t        *logins;
    ngx_http_rtauth_budget_t        *guesses;   /* of the keys of machines */
    EVP_MD                          *sha256;
    EVP_MD_CTX                      *md;
    ngx_http_rtauth_keys_t          *keys;      /* by provider->index */
    ngx_http_rtauth_disabled_t      *disabled;  /* or NULL */
    ngx_pool_t                      *pool;
};


/* the keys of a provider, when a worker begins and when it ends */
void ngx_http_rtauth_jwks_begin(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_worker_t *w, ngx_http_rtauth_provider_t *p);
void ngx_http_rtauth_jwks_end(ngx_http_rtauth_keys_t *keys);

/*
 * The set to verify with now.
 *
 * ret:  NGX_OK with *set and its *generation; NGX_AGAIN, keys are on their
 *       way: wait; NGX_ERROR, they cannot be had
 */
ngx_int_t ngx_http_rtauth_keys_get(ngx_http_rtauth_keys_t *keys,
    rt_jwks_t **set, ngx_uint_t *generation);

/*
 * What discovery says, for a sign-in.  It comes with the keys, and NGX_AGAIN is
 * waited for like these.
 *
 * ret:  NGX_OK with *m, which stays until r goes on; NGX_AGAIN; NGX_ERROR: it
 *       cannot be had
 */
ngx_int_t ngx_http_rtauth_keys_metadata(ngx_http_rtauth_keys_t *keys,
    rt_metadata_t **m);

/* likewise; after NGX_AGAIN the request waits, and its phase runs again */
ngx_int_t ngx_http_rtauth_keys_await(ngx_http_rtauth_keys_t *keys,
    ngx_http_request_t *r, rt_metadata_t **m);

/* for exchanges with this provider; NULL: out of memory */
ngx_rt_http_client_t *ngx_http_rtauth_keys_client(
    ngx_http_rtauth_keys_t *keys);

/*
 * A token does not go with the set: there may be a newer one, which is looked
 * for once in jwks_cooldown.  asked: a request has waited for it already.
 *
 * ret:  NGX_AGAIN, it is looked for: wait; NGX_DECLINED, this is the newest;
 *       NGX_ERROR, the provider is away: there may be a newer one or not
 */
ngx_int_t ngx_http_rtauth_keys_newer(ngx_http_rtauth_keys_t *keys,
    ngx_uint_t asked);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_JWKS_H_INCLUDED */

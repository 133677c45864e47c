
#include "keys/ngx_http_rtauth_replay.h"
#include "keys/ngx_http_rtauth_worker.h"


#define NGX_HTTP_RTAUTH_REPLAY_SET  64      /* cells */


typedef struct {
    uint64_t     hash;
    uint32_t     more;      /* of it */
    uint32_t     until;     /* 0: it was never used */
} ngx_http_rtauth_replay_cell_t;


typedef struct {
    uint64_t     hash;      /* that a cell keeps */
    uint32_t     more;
    uint32_t     page;      /* where it is kept */
    uint32_t     set;
    uint32_t     rest[3];
} ngx_http_rtauth_replay_hash_t;

_Static_assert(sizeof(ngx_http_rtauth_replay_hash_t) == NGX_HTTP_RTAUTH_DIGEST,
               "a hash of a proof is a SHA-256");


static ngx_http_rtauth_replay_cell_t *ngx_http_rtauth_replay_set(
    ngx_slab_pool_t *shpool, ngx_http_rtauth_root_t *root,
    ngx_http_rtauth_replay_hash_t *h);
static ngx_int_t ngx_http_rtauth_replay_look(
    ngx_http_rtauth_replay_cell_t *cell, ngx_http_rtauth_replay_hash_t *h,
    time_t until);


ngx_int_t
ngx_http_rtauth_replay(ngx_http_rtauth_worker_t *w, u_char *id, time_t until)
{
    u_char                          bytes[2 * NGX_HTTP_RTAUTH_DIGEST];
    ngx_int_t                       rc;
    ngx_str_t                       keyed;
    ngx_slab_pool_t                *shpool;
    ngx_http_rtauth_root_t         *root;
    ngx_http_rtauth_replay_hash_t   h;
    ngx_http_rtauth_replay_cell_t  *cell;

    shpool = ngx_http_rtauth_shpool(w->zone);
    root = ngx_http_rtauth_root(w->zone);

    ngx_memcpy(bytes, root->secret, NGX_HTTP_RTAUTH_DIGEST);
    ngx_memcpy(bytes + NGX_HTTP_RTAUTH_DIGEST, id, NGX_HTTP_RTAUTH_DIGEST);

    keyed.data = bytes;
    keyed.len = sizeof(bytes);

    if (ngx_http_rtauth_digest(w, &keyed, (u_char *) &h) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_shmtx_lock(&shpool->mutex);

    cell = ngx_http_rtauth_replay_set(shpool, root, &h);
    rc = cell ? ngx_http_rtauth_replay_look(cell, &h, until) : NGX_ERROR;

    ngx_shmtx_unlock(&shpool->mutex);

    return rc;
}


static ngx_http_rtauth_replay_cell_t *
ngx_http_rtauth_replay_set(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root, ngx_http_rtauth_replay_hash_t *h)
{
    u_char      **page;
    ngx_uint_t    sets;

    page = &root->proofs[h->page % root->nproofs];

    if (*page == NULL) {
        *page = ngx_slab_calloc_locked(shpool, ngx_pagesize);

        if (*page == NULL) {
            return NULL;
        }
    }

    sets = ngx_pagesize / (NGX_HTTP_RTAUTH_REPLAY_SET
                           * sizeof(ngx_http_rtauth_replay_cell_t));

    return (ngx_http_rtauth_replay_cell_t *) *page
           + (h->set % sets) * NGX_HTTP_RTAUTH_REPLAY_SET;
}


/* any cell of the set may have it, also behind one that is free by now */

static ngx_int_t
ngx_http_rtauth_replay_look(ngx_http_rtauth_replay_cell_t *cell,
    ngx_http_rtauth_replay_hash_t *h, time_t until)
{
    ngx_uint_t                      i;
    ngx_http_rtauth_replay_cell_t  *place;

    place = NULL;

    for (i = 0; i < NGX_HTTP_RTAUTH_REPLAY_SET; i++) {

        if (cell[i].until <= (uint32_t) ngx_time()) {
            place = &cell[i];

        } else if (cell[i].hash == h->hash && cell[i].more == h->more) {
            return NGX_DECLINED;
        }
    }

    if (place == NULL) {
        return NGX_ERROR;
    }

    place->hash = h->hash;
    place->more = h->more;
    place->until = (uint32_t) until;

    return NGX_OK;
}

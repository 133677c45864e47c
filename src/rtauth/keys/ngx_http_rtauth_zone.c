
#include "keys/ngx_http_rtauth_zone.h"


#define NGX_HTTP_RTAUTH_SLOT_IDLE  (3600 * 1000)


static ngx_http_rtauth_slot_t *ngx_http_rtauth_slot_find(
    ngx_http_rtauth_root_t *root, u_char *key);
static void ngx_http_rtauth_slot_expire(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root);
static ngx_int_t ngx_http_rtauth_slot_replace(ngx_shm_zone_t *zone,
    ngx_http_rtauth_slot_t *slot, ngx_str_t *doc);
static ngx_uint_t ngx_http_rtauth_slot_is_unknown(
    ngx_http_rtauth_slot_t *slot, u_char *kid);


ngx_int_t
ngx_http_rtauth_zone_make(ngx_shm_zone_t *zone)
{
    ngx_slab_pool_t         *shpool;
    ngx_http_rtauth_root_t  *root;

    shpool = ngx_http_rtauth_shpool(zone);

    root = ngx_slab_calloc(shpool, sizeof(ngx_http_rtauth_root_t));
    if (root == NULL) {
        return NGX_ERROR;
    }

    shpool->log_ctx = ngx_slab_alloc(shpool, sizeof(" in rtauth_zone"));
    if (shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(shpool->log_ctx, " in rtauth_zone", sizeof(" in rtauth_zone"));

    /* a full zone is told by us, once, not by each allocation */

    shpool->log_nomem = 0;

    ngx_queue_init(&root->slots);

    shpool->data = root;

    return NGX_OK;
}


ngx_http_rtauth_slot_t *
ngx_http_rtauth_slot(ngx_shm_zone_t *zone, u_char *key)
{
    ngx_slab_pool_t         *shpool;
    ngx_http_rtauth_root_t  *root;
    ngx_http_rtauth_slot_t  *slot;

    shpool = ngx_http_rtauth_shpool(zone);
    root = ngx_http_rtauth_root(zone);

    ngx_shmtx_lock(&shpool->mutex);

    slot = ngx_http_rtauth_slot_find(root, key);

    if (slot == NULL) {
        ngx_http_rtauth_slot_expire(shpool, root);

        slot = ngx_slab_calloc_locked(shpool, sizeof(ngx_http_rtauth_slot_t));

        if (slot) {
            ngx_memcpy(slot->key, key, NGX_HTTP_RTAUTH_DIGEST);
            slot->next = ngx_current_msec;
            ngx_queue_insert_tail(&root->slots, &slot->queue);
        }
    }

    if (slot) {
        slot->touched = ngx_current_msec;
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return slot;
}


static ngx_http_rtauth_slot_t *
ngx_http_rtauth_slot_find(ngx_http_rtauth_root_t *root, u_char *key)
{
    ngx_queue_t             *q;
    ngx_http_rtauth_slot_t  *slot;

    for (q = ngx_queue_head(&root->slots);
         q != ngx_queue_sentinel(&root->slots);
         q = ngx_queue_next(q))
    {
        slot = ngx_queue_data(q, ngx_http_rtauth_slot_t, queue);

        if (ngx_memcmp(slot->key, key, NGX_HTTP_RTAUTH_DIGEST) == 0) {
            return slot;
        }
    }

    return NULL;
}


/* key sets of configurations that are gone */

static void
ngx_http_rtauth_slot_expire(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root)
{
    ngx_queue_t             *q;
    ngx_http_rtauth_slot_t  *slot;

    for (q = ngx_queue_head(&root->slots);
         q != ngx_queue_sentinel(&root->slots);
         q = ngx_queue_next(q))
    {
        slot = ngx_queue_data(q, ngx_http_rtauth_slot_t, queue);

        if (slot->doc
            && ngx_http_rtauth_due(slot->touched + NGX_HTTP_RTAUTH_SLOT_IDLE))
        {
            ngx_slab_free_locked(shpool, slot->doc);
            slot->doc = NULL;
            slot->generation = 0;
            slot->next = ngx_current_msec;
        }
    }
}


ngx_uint_t
ngx_http_rtauth_slot_busy(ngx_http_rtauth_slot_t *slot)
{
    return slot->owner && !ngx_http_rtauth_due(slot->until);
}


ngx_uint_t
ngx_http_rtauth_slot_claim(ngx_shm_zone_t *zone, ngx_http_rtauth_slot_t *slot,
    ngx_msec_t limit)
{
    ngx_uint_t  claimed;

    ngx_http_rtauth_lock(zone);

    slot->touched = ngx_current_msec;

    claimed = ngx_http_rtauth_due(slot->next)
              && !ngx_http_rtauth_slot_busy(slot);

    if (claimed) {
        slot->owner = ngx_pid;
        slot->until = ngx_current_msec + limit;
    }

    ngx_http_rtauth_unlock(zone);

    return claimed;
}


void
ngx_http_rtauth_slot_release(ngx_shm_zone_t *zone,
    ngx_http_rtauth_slot_t *slot)
{
    ngx_http_rtauth_lock(zone);

    if (slot->owner == ngx_pid) {
        slot->owner = 0;
    }

    ngx_http_rtauth_unlock(zone);
}


ngx_int_t
ngx_http_rtauth_slot_store(ngx_shm_zone_t *zone, ngx_http_rtauth_slot_t *slot,
    ngx_str_t *doc, ngx_msec_t delay)
{
    ngx_int_t  rc;

    ngx_http_rtauth_lock(zone);

    rc = NGX_OK;

    if (doc == NULL) {
        slot->failures++;

    } else if (slot->doc && slot->len == doc->len
               && ngx_memcmp(slot->doc, doc->data, doc->len) == 0)
    {
        /* the same keys: tokens verified with them stay verified */

        slot->failures = 0;

    } else {
        rc = ngx_http_rtauth_slot_replace(zone, slot, doc);
    }

    if (rc != NGX_OK) {
        ngx_http_rtauth_unlock(zone);
        return rc;
    }

    slot->attempts++;
    slot->next = ngx_current_msec + delay;

    if (slot->owner == ngx_pid) {
        slot->owner = 0;
    }

    ngx_http_rtauth_unlock(zone);

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_slot_replace(ngx_shm_zone_t *zone,
    ngx_http_rtauth_slot_t *slot, ngx_str_t *doc)
{
    u_char           *copy, *old;
    ngx_slab_pool_t  *shpool;

    shpool = ngx_http_rtauth_shpool(zone);

    copy = ngx_slab_alloc_locked(shpool, doc->len);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(copy, doc->data, doc->len);

    old = slot->doc;
    slot->doc = copy;
    slot->len = doc->len;
    slot->failures = 0;
    slot->generation = ++ngx_http_rtauth_root(zone)->generation;

    if (old) {
        ngx_slab_free_locked(shpool, old);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_rtauth_slot_load(ngx_shm_zone_t *zone, ngx_http_rtauth_slot_t *slot,
    ngx_pool_t *pool, ngx_str_t *doc, ngx_uint_t *generation)
{
    size_t  len;

    doc->len = 0;

    /* memory is taken outside of the lock: the document may grow meanwhile */

    for ( ;; ) {
        len = slot->len;

        doc->data = ngx_pnalloc(pool, len + 1);
        if (doc->data == NULL) {
            return NGX_ERROR;
        }

        ngx_http_rtauth_lock(zone);

        if (slot->len <= len) {
            break;
        }

        ngx_http_rtauth_unlock(zone);
    }

    *generation = slot->generation;

    if (slot->doc) {
        doc->len = slot->len;
        ngx_memcpy(doc->data, slot->doc, slot->len);
    }

    slot->touched = ngx_current_msec;

    ngx_http_rtauth_unlock(zone);

    return NGX_OK;
}


ngx_uint_t
ngx_http_rtauth_slot_want_kid(ngx_shm_zone_t *zone,
    ngx_http_rtauth_slot_t *slot, u_char *kid, ngx_msec_t cooldown)
{
    ngx_uint_t  want;

    ngx_http_rtauth_lock(zone);

    if (ngx_http_rtauth_slot_is_unknown(slot, kid)) {
        want = 0;

    } else if (ngx_http_rtauth_slot_busy(slot)) {
        want = 1;

    } else if (slot->kid_fetched
               && !ngx_http_rtauth_due(slot->kid_fetch + cooldown))
    {
        want = 0;

    } else {
        slot->kid_fetched = 1;
        slot->kid_fetch = ngx_current_msec;
        slot->next = ngx_current_msec;
        want = 1;
    }

    ngx_http_rtauth_unlock(zone);

    return want;
}


static ngx_uint_t
ngx_http_rtauth_slot_is_unknown(ngx_http_rtauth_slot_t *slot, u_char *kid)
{
    ngx_uint_t                  i;
    ngx_http_rtauth_unknown_t  *u;

    for (i = 0; i < NGX_HTTP_RTAUTH_UNKNOWN; i++) {
        u = &slot->unknown[i];

        if (u->generation == slot->generation
            && u->generation
            && !ngx_http_rtauth_due(u->until)
            && ngx_memcmp(u->kid, kid, sizeof(u->kid)) == 0)
        {
            return 1;
        }
    }

    return 0;
}


void
ngx_http_rtauth_slot_no_kid(ngx_shm_zone_t *zone, ngx_http_rtauth_slot_t *slot,
    u_char *kid, ngx_uint_t generation, ngx_msec_t ttl)
{
    ngx_http_rtauth_unknown_t  *u;

    ngx_http_rtauth_lock(zone);

    if (!ngx_http_rtauth_slot_is_unknown(slot, kid)) {
        u = &slot->unknown[slot->unknown_next++ % NGX_HTTP_RTAUTH_UNKNOWN];

        ngx_memcpy(u->kid, kid, sizeof(u->kid));
        u->generation = generation;
        u->until = ngx_current_msec + ttl;
    }

    ngx_http_rtauth_unlock(zone);
}

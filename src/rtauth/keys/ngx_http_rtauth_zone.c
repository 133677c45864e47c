
#include "keys/ngx_http_rtauth_zone.h"
#include "oidc/rt_seal.h"


static void ngx_http_rtauth_zone_part(ngx_http_rtauth_part_t *part,
    size_t max);
static size_t ngx_http_rtauth_zone_taken(size_t size);
static ngx_http_rtauth_slot_t *ngx_http_rtauth_zone_slot_find(
    ngx_http_rtauth_root_t *root, u_char *key);
static void ngx_http_rtauth_zone_slot_started(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root, ngx_uint_t conf);
static ngx_http_rtauth_slot_t *ngx_http_rtauth_zone_slot_make(
    ngx_slab_pool_t *shpool, ngx_http_rtauth_root_t *root);
static ngx_http_rtauth_slot_t *ngx_http_rtauth_zone_slot_reuse(
    ngx_slab_pool_t *shpool, ngx_http_rtauth_root_t *root, ngx_uint_t conf);
static void ngx_http_rtauth_zone_slot_empty(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root, ngx_uint_t conf);
static void ngx_http_rtauth_zone_slot_drop(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_slot_t *slot);
static ngx_uint_t ngx_http_rtauth_zone_slot_lock(ngx_http_rtauth_hold_t *hold);
static void ngx_http_rtauth_zone_slot_good(ngx_http_rtauth_slot_t *slot,
    ngx_str_t *etag, ngx_msec_t delay);
static void ngx_http_rtauth_zone_slot_book(ngx_http_rtauth_slot_t *slot,
    ngx_msec_t delay);
static ngx_int_t ngx_http_rtauth_zone_slot_replace(ngx_http_rtauth_hold_t *hold,
    ngx_str_t *doc);


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

    ngx_http_rtauth_zone_part(&root->sessions, zone->shm.size / 4);
    ngx_http_rtauth_zone_part(&root->locks, zone->shm.size / 64);
    ngx_http_rtauth_zone_part(&root->revoked,
                              ngx_http_rtauth_zone_revoked(zone->shm.size));
    ngx_http_rtauth_zone_part(&root->front, zone->shm.size / 64);
    ngx_http_rtauth_zone_part(&root->told, zone->shm.size / 16);
    ngx_http_rtauth_zone_part(&root->untrue, zone->shm.size / 64);

    root->nproofs = ngx_max(zone->shm.size / 32 / ngx_pagesize, 1);
    root->proofs = ngx_slab_calloc(shpool, root->nproofs * sizeof(u_char *));

    if (root->proofs == NULL) {
        return NGX_ERROR;
    }

    if (rt_seal_random(root->secret, sizeof(root->secret)) != RT_OK) {
        return NGX_ERROR;
    }

    shpool->data = root;

    return NGX_OK;
}


static void
ngx_http_rtauth_zone_part(ngx_http_rtauth_part_t *part, size_t max)
{
    ngx_uint_t  i;

    ngx_rbtree_init(&part->tree, &part->sentinel, ngx_str_rbtree_insert_value);
    ngx_queue_init(&part->queue);

    part->max = max;

    for (i = 0; i < NGX_HTTP_RTAUTH_TELLINGS; i++) {
        part->telling[i].top = ngx_queue_sentinel(&part->queue);
        part->telling[i].at = ngx_queue_sentinel(&part->queue);
        part->telling[i].round = 1;
    }
}


void *
ngx_http_rtauth_part_find(ngx_http_rtauth_part_t *part, u_char *digest)
{
    ngx_str_t  str;

    str.len = NGX_HTTP_RTAUTH_DIGEST;
    str.data = digest;

    return ngx_str_rbtree_lookup(&part->tree, &str,
                                 ngx_http_rtauth_zone_hash(digest));
}


/* what the slab allocator makes of it: a power of 2, or whole pages */

static size_t
ngx_http_rtauth_zone_taken(size_t size)
{
    size_t  taken;

    if (size > ngx_pagesize / 2) {
        return ngx_align(size, ngx_pagesize);
    }

    for (taken = 8; taken < size; taken *= 2) { /* void */ }

    return taken;
}


void *
ngx_http_rtauth_part_alloc(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, size_t size)
{
    void    *p;
    size_t   taken;

    taken = ngx_http_rtauth_zone_taken(size);

    if (taken > part->max - part->bytes) {
        return NULL;
    }

    p = ngx_slab_alloc_locked(shpool, size);

    if (p) {
        part->n++;
        part->bytes += taken;
    }

    return p;
}


void
ngx_http_rtauth_part_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, void *p, size_t size)
{
    part->n--;
    part->bytes -= ngx_http_rtauth_zone_taken(size);

    ngx_slab_free_locked(shpool, p);
}


ngx_int_t
ngx_http_rtauth_slot(ngx_shm_zone_t *zone, ngx_uint_t conf, u_char *key,
    ngx_http_rtauth_hold_t *hold)
{
    ngx_slab_pool_t         *shpool;
    ngx_http_rtauth_root_t  *root;
    ngx_http_rtauth_slot_t  *slot;

    shpool = ngx_http_rtauth_shpool(zone);
    root = ngx_http_rtauth_root(zone);

    ngx_shmtx_lock(&shpool->mutex);

    ngx_http_rtauth_zone_slot_started(shpool, root, conf);

    slot = ngx_http_rtauth_zone_slot_find(root, key);

    if (slot == NULL) {
        slot = ngx_http_rtauth_zone_slot_make(shpool, root);

        if (slot) {
            ngx_memcpy(slot->key, key, NGX_HTTP_RTAUTH_DIGEST);
            slot->serial = ++root->serial;
            slot->next = ngx_current_msec;
        }
    }

    hold->zone = zone;
    hold->slot = slot;

    if (slot) {
        slot->conf = ngx_max(slot->conf, conf);
        hold->serial = slot->serial;
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return slot ? NGX_OK : NGX_ERROR;
}


static ngx_http_rtauth_slot_t *
ngx_http_rtauth_zone_slot_find(ngx_http_rtauth_root_t *root, u_char *key)
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


/*
 * The first worker of a configuration: those of the one before are told to go
 * about now, and those before them were told a reload ago.
 */

static void
ngx_http_rtauth_zone_slot_started(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root, ngx_uint_t conf)
{
    if (conf <= root->started) {
        return;
    }

    root->before = root->started;
    root->started = conf;

    ngx_http_rtauth_zone_slot_empty(shpool, root, root->before);
}


static ngx_http_rtauth_slot_t *
ngx_http_rtauth_zone_slot_make(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root)
{
    ngx_http_rtauth_slot_t  *slot;

    slot = ngx_http_rtauth_zone_slot_reuse(shpool, root, root->before);
    if (slot) {
        return slot;
    }

    slot = ngx_slab_calloc_locked(shpool, sizeof(ngx_http_rtauth_slot_t));
    if (slot) {
        ngx_queue_insert_tail(&root->slots, &slot->queue);
        return slot;
    }

    return ngx_http_rtauth_zone_slot_reuse(shpool, root, root->started);
}


/* a slot that no configuration from "conf" on has asked for, or NULL */

static ngx_http_rtauth_slot_t *
ngx_http_rtauth_zone_slot_reuse(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root, ngx_uint_t conf)
{
    ngx_queue_t             *q, link;
    ngx_http_rtauth_slot_t  *slot;

    for (q = ngx_queue_head(&root->slots);
         q != ngx_queue_sentinel(&root->slots);
         q = ngx_queue_next(q))
    {
        slot = ngx_queue_data(q, ngx_http_rtauth_slot_t, queue);

        if (slot->conf < conf) {
            ngx_http_rtauth_zone_slot_drop(shpool, slot);

            link = slot->queue;
            ngx_memzero(slot, sizeof(ngx_http_rtauth_slot_t));
            slot->queue = link;

            return slot;
        }
    }

    return NULL;
}


/* frees the key sets that no configuration from "conf" on has asked for */

static void
ngx_http_rtauth_zone_slot_empty(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root, ngx_uint_t conf)
{
    ngx_queue_t             *q;
    ngx_http_rtauth_slot_t  *slot;

    for (q = ngx_queue_head(&root->slots);
         q != ngx_queue_sentinel(&root->slots);
         q = ngx_queue_next(q))
    {
        slot = ngx_queue_data(q, ngx_http_rtauth_slot_t, queue);

        if (slot->conf < conf) {
            ngx_http_rtauth_zone_slot_drop(shpool, slot);
        }
    }
}


static void
ngx_http_rtauth_zone_slot_drop(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_slot_t *slot)
{
    if (slot->doc) {
        ngx_slab_free_locked(shpool, slot->doc);
        slot->doc = NULL;
        slot->len = 0;
        slot->generation = 0;
        slot->next = ngx_current_msec;
    }
}


/* true with the lock held, while the slot still is the worker's */

static ngx_uint_t
ngx_http_rtauth_zone_slot_lock(ngx_http_rtauth_hold_t *hold)
{
    ngx_http_rtauth_lock(hold->zone);

    if (ngx_http_rtauth_held(hold)) {
        return 1;
    }

    ngx_http_rtauth_unlock(hold->zone);

    return 0;
}


ngx_uint_t
ngx_http_rtauth_slot_busy(ngx_http_rtauth_slot_t *slot)
{
    return slot->owner && !ngx_http_rtauth_due(slot->until);
}


ngx_uint_t
ngx_http_rtauth_slot_claim(ngx_http_rtauth_hold_t *hold, ngx_msec_t limit)
{
    ngx_uint_t               claimed;
    ngx_http_rtauth_slot_t  *slot;

    if (!ngx_http_rtauth_zone_slot_lock(hold)) {
        return 0;
    }

    slot = hold->slot;

    claimed = ngx_http_rtauth_due(slot->next)
              && !ngx_http_rtauth_slot_busy(slot);

    if (claimed) {
        slot->owner = ngx_pid;
        slot->until = ngx_current_msec + limit;
    }

    ngx_http_rtauth_unlock(hold->zone);

    return claimed;
}


void
ngx_http_rtauth_slot_release(ngx_http_rtauth_hold_t *hold)
{
    if (!ngx_http_rtauth_zone_slot_lock(hold)) {
        return;
    }

    if (hold->slot->owner == ngx_pid) {
        hold->slot->owner = 0;
    }

    ngx_http_rtauth_unlock(hold->zone);
}


ngx_int_t
ngx_http_rtauth_slot_same(ngx_http_rtauth_hold_t *hold, ngx_str_t *doc,
    ngx_str_t *etag, ngx_msec_t delay)
{
    ngx_uint_t               same;
    ngx_http_rtauth_slot_t  *slot;

    if (!ngx_http_rtauth_zone_slot_lock(hold)) {
        return NGX_DECLINED;
    }

    slot = hold->slot;

    same = slot->doc && slot->len == doc->len
           && ngx_memcmp(slot->doc, doc->data, doc->len) == 0;

    if (same) {
        ngx_http_rtauth_zone_slot_good(slot, etag, delay);
    }

    ngx_http_rtauth_unlock(hold->zone);

    return same ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_http_rtauth_slot_store(ngx_http_rtauth_hold_t *hold, ngx_str_t *doc,
    ngx_str_t *etag, ngx_msec_t delay, ngx_uint_t *generation)
{
    ngx_int_t  rc;

    if (!ngx_http_rtauth_zone_slot_lock(hold)) {
        return NGX_DECLINED;
    }

    rc = ngx_http_rtauth_zone_slot_replace(hold, doc);

    if (rc == NGX_OK) {
        *generation = hold->slot->generation;
        ngx_http_rtauth_zone_slot_good(hold->slot, etag, delay);
    }

    ngx_http_rtauth_unlock(hold->zone);

    return rc;
}


void
ngx_http_rtauth_slot_failed(ngx_http_rtauth_hold_t *hold, ngx_msec_t delay,
    ngx_rt_http_fault_e fault)
{
    if (!ngx_http_rtauth_zone_slot_lock(hold)) {
        return;
    }

    hold->slot->failures++;
    hold->slot->fault = fault;
    ngx_http_rtauth_zone_slot_book(hold->slot, delay);

    ngx_http_rtauth_unlock(hold->zone);
}


static void
ngx_http_rtauth_zone_slot_good(ngx_http_rtauth_slot_t *slot, ngx_str_t *etag,
    ngx_msec_t delay)
{
    slot->good++;
    slot->had = ngx_current_msec;
    slot->failures = 0;
    slot->fault = NGX_RT_HTTP_NO_FAULT;
    slot->fresh = ngx_current_msec + delay;
    slot->etag_len = ngx_min(etag->len, NGX_HTTP_RTAUTH_ETAG);
    ngx_memcpy(slot->etag, etag->data, slot->etag_len);

    ngx_http_rtauth_zone_slot_book(slot, delay);
}


static void
ngx_http_rtauth_zone_slot_book(ngx_http_rtauth_slot_t *slot, ngx_msec_t delay)
{
    slot->attempts++;
    slot->next = ngx_current_msec + delay;

    if (slot->owner == ngx_pid) {
        slot->owner = 0;
    }
}


static ngx_int_t
ngx_http_rtauth_zone_slot_replace(ngx_http_rtauth_hold_t *hold, ngx_str_t *doc)
{
    u_char                  *copy, *old;
    ngx_slab_pool_t         *shpool;
    ngx_http_rtauth_root_t  *root;
    ngx_http_rtauth_slot_t  *slot;

    slot = hold->slot;
    shpool = ngx_http_rtauth_shpool(hold->zone);
    root = ngx_http_rtauth_root(hold->zone);

    copy = ngx_slab_alloc_locked(shpool, doc->len);

    if (copy == NULL && slot->conf == root->started) {
        ngx_http_rtauth_zone_slot_empty(shpool, root, root->started);
        copy = ngx_slab_alloc_locked(shpool, doc->len);
    }

    if (copy == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(copy, doc->data, doc->len);

    old = slot->doc;
    slot->doc = copy;
    slot->len = doc->len;
    slot->generation = ++root->generation;

    if (old) {
        ngx_slab_free_locked(shpool, old);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_rtauth_slot_load(ngx_http_rtauth_hold_t *hold, ngx_pool_t *pool,
    ngx_str_t *doc, ngx_str_t *etag, ngx_uint_t *generation)
{
    size_t                   len;
    ngx_http_rtauth_slot_t  *slot;

    slot = hold->slot;
    doc->len = 0;
    etag->len = 0;

    etag->data = ngx_pnalloc(pool, NGX_HTTP_RTAUTH_ETAG);
    if (etag->data == NULL) {
        return NGX_ERROR;
    }

    /* memory is taken outside of the lock: the document may grow meanwhile */

    for ( ;; ) {
        len = slot->len;

        doc->data = ngx_pnalloc(pool, len + 1);
        if (doc->data == NULL) {
            return NGX_ERROR;
        }

        if (!ngx_http_rtauth_zone_slot_lock(hold)) {
            return NGX_DECLINED;
        }

        if (slot->len <= len) {
            break;
        }

        ngx_http_rtauth_unlock(hold->zone);
    }

    *generation = slot->generation;

    if (slot->doc) {
        doc->len = slot->len;
        ngx_memcpy(doc->data, slot->doc, slot->len);

        etag->len = slot->etag_len;
        ngx_memcpy(etag->data, slot->etag, slot->etag_len);
    }

    ngx_http_rtauth_unlock(hold->zone);

    return NGX_OK;
}


ngx_uint_t
ngx_http_rtauth_slot_look(ngx_http_rtauth_hold_t *hold,
    ngx_http_rtauth_slot_t *slot)
{
    if (hold->slot == NULL || !ngx_http_rtauth_zone_slot_lock(hold)) {
        return 0;
    }

    *slot = *hold->slot;

    ngx_http_rtauth_unlock(hold->zone);

    slot->doc = NULL;

    return 1;
}


ngx_uint_t
ngx_http_rtauth_slot_want(ngx_http_rtauth_hold_t *hold, ngx_msec_t cooldown)
{
    ngx_uint_t               want;
    ngx_http_rtauth_slot_t  *slot;

    if (!ngx_http_rtauth_zone_slot_lock(hold)) {
        return 0;
    }

    slot = hold->slot;

    if (ngx_http_rtauth_slot_busy(slot)) {
        want = 1;

    } else if (slot->was_asked
               && !ngx_http_rtauth_due(slot->asked + cooldown))
    {
        want = 0;

    } else {
        slot->was_asked = 1;
        slot->asked = ngx_current_msec;
        slot->next = ngx_current_msec;
        want = 1;
    }

    ngx_http_rtauth_unlock(hold->zone);

    return want;
}

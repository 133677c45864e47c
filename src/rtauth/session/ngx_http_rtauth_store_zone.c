
/*
 * Sessions in rtauth_zone.  They stay over reloads, and go when nginx is
 * started anew.
 *
 * Records wait in the order of their last use.  Nobody's is dropped for
 * another's sake: where there is no room, those whose idle time is over go, and
 * if there are none, the new one is refused.
 */


#include "session/ngx_http_rtauth_store_zone.h"


#define NGX_HTTP_RTAUTH_STORE_ZONE_SWEEP  16    /* records, at a time */


typedef struct {
    ngx_str_node_t           node;          /* str: key */
    ngx_queue_t              queue;
    time_t                   until;         /* idle time is over, */
    time_t                   held;          /*   and nobody goes on with it */
    ngx_uint_t               version;
    size_t                   size;          /* of all this */
    size_t                   len;
    u_char                   key[NGX_HTTP_RTAUTH_STORE_KEY];
    u_char                   value[];
} ngx_http_rtauth_store_zone_record_t;


static ngx_int_t ngx_http_rtauth_store_zone_load(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_zone_save(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_zone_touch(ngx_http_rtauth_op_t *op);
static ngx_int_t ngx_http_rtauth_store_zone_remove(ngx_http_rtauth_op_t *op);
static ngx_http_rtauth_store_zone_record_t *ngx_http_rtauth_store_zone_add(
    ngx_slab_pool_t *shpool, ngx_http_rtauth_part_t *part, u_char *key,
    size_t len);
static void ngx_http_rtauth_store_zone_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, ngx_http_rtauth_store_zone_record_t *rec);
static void ngx_http_rtauth_store_zone_sweep(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part);


#define ngx_http_rtauth_store_zone_shm(op)                                    \
    ((op)->sessions->zone)


const ngx_http_rtauth_store_t  ngx_http_rtauth_store_zone = {
    .name = ngx_string("zone"),
    .load = ngx_http_rtauth_store_zone_load,
    .save = ngx_http_rtauth_store_zone_save,
    .touch = ngx_http_rtauth_store_zone_touch,
    .remove = ngx_http_rtauth_store_zone_remove,
    .lock = ngx_http_rtauth_store_zone_lock,
    .unlock = ngx_http_rtauth_store_zone_unlock,
    .touches = 1
};


/* memory is taken outside of the lock: the record may grow meanwhile */

static ngx_int_t
ngx_http_rtauth_store_zone_load(ngx_http_rtauth_op_t *op)
{
    size_t                                len;
    ngx_shm_zone_t                       *zone;
    ngx_http_rtauth_root_t               *root;
    ngx_http_rtauth_store_zone_record_t  *rec;

    zone = ngx_http_rtauth_store_zone_shm(op);
    root = ngx_http_rtauth_root(zone);

    op->value.data = NULL;
    len = 0;

    for ( ;; ) {
        ngx_http_rtauth_lock(zone);

        rec = ngx_http_rtauth_part_find(&root->sessions, op->key);

        if (rec == NULL || (op->hold == 0 && rec->until <= ngx_time())) {
            ngx_http_rtauth_unlock(zone);
            return NGX_DECLINED;
        }

        if (rec->version == op->version || rec->len <= len) {
            break;
        }

        len = rec->len;

        ngx_http_rtauth_unlock(zone);

        op->value.data = ngx_pnalloc(op->pool, len);
        if (op->value.data == NULL) {
            return NGX_ERROR;
        }
    }

    op->value.len = 0;

    if (rec->version != op->version) {
        op->value.len = rec->len;
        ngx_memcpy(op->value.data, rec->value, rec->len);
    }

    op->version = rec->version;

    if (op->hold) {
        rec->held = ngx_time() + op->hold;

    } else if (rec->until != ngx_time() + op->ttl) {
        rec->until = ngx_time() + op->ttl;

        ngx_queue_remove(&rec->queue);
        ngx_queue_insert_head(&root->sessions.queue, &rec->queue);
    }

    ngx_http_rtauth_unlock(zone);

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_store_zone_save(ngx_http_rtauth_op_t *op)
{
    ngx_shm_zone_t                       *zone;
    ngx_slab_pool_t                      *shpool;
    ngx_http_rtauth_root_t               *root;
    ngx_http_rtauth_store_zone_record_t  *rec, *old;

    zone = ngx_http_rtauth_store_zone_shm(op);
    shpool = ngx_http_rtauth_shpool(zone);
    root = ngx_http_rtauth_root(zone);

    ngx_http_rtauth_lock(zone);

    ngx_http_rtauth_store_zone_sweep(shpool, &root->sessions);

    old = ngx_http_rtauth_part_find(&root->sessions, op->key);

    if (op->again && (old == NULL || old->version != op->version)) {
        ngx_http_rtauth_unlock(zone);
        return old ? NGX_BUSY : NGX_DECLINED;
    }

    rec = ngx_http_rtauth_store_zone_add(shpool, &root->sessions, op->key,
                                         op->value.len);
    if (rec == NULL) {
        ngx_http_rtauth_unlock(zone);
        return NGX_DECLINED;
    }

    ngx_memcpy(rec->value, op->value.data, op->value.len);
    rec->until = ngx_time() + op->ttl;
    rec->version = ++root->sessions.serial;

    op->version = rec->version;

    if (old) {
        rec->held = old->held;
        ngx_http_rtauth_store_zone_free(shpool, &root->sessions, old);
    }

    ngx_http_rtauth_unlock(zone);

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_store_zone_touch(ngx_http_rtauth_op_t *op)
{
    ngx_shm_zone_t                       *zone;
    ngx_http_rtauth_root_t               *root;
    ngx_http_rtauth_store_zone_record_t  *rec;

    zone = ngx_http_rtauth_store_zone_shm(op);
    root = ngx_http_rtauth_root(zone);

    ngx_http_rtauth_lock(zone);

    rec = ngx_http_rtauth_part_find(&root->sessions, op->key);

    if (rec) {
        rec->until = ngx_time() + op->ttl;
    }

    ngx_http_rtauth_unlock(zone);

    return rec ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_rtauth_store_zone_remove(ngx_http_rtauth_op_t *op)
{
    ngx_shm_zone_t                       *zone;
    ngx_http_rtauth_root_t               *root;
    ngx_http_rtauth_store_zone_record_t  *rec;

    zone = ngx_http_rtauth_store_zone_shm(op);
    root = ngx_http_rtauth_root(zone);

    ngx_http_rtauth_lock(zone);

    rec = ngx_http_rtauth_part_find(&root->sessions, op->key);

    if (rec) {
        ngx_http_rtauth_store_zone_free(ngx_http_rtauth_shpool(zone),
                                        &root->sessions, rec);
    }

    ngx_http_rtauth_unlock(zone);

    return NGX_OK;
}


/*
 * A lock is a record without a value, which lapses: a worker that is killed
 * takes none with it.
 */

ngx_int_t
ngx_http_rtauth_store_zone_lock(ngx_http_rtauth_op_t *op)
{
    ngx_int_t                             rc;
    ngx_shm_zone_t                       *zone;
    ngx_slab_pool_t                      *shpool;
    ngx_http_rtauth_root_t               *root;
    ngx_http_rtauth_store_zone_record_t  *rec;

    zone = ngx_http_rtauth_store_zone_shm(op);
    shpool = ngx_http_rtauth_shpool(zone);
    root = ngx_http_rtauth_root(zone);

    ngx_http_rtauth_lock(zone);

    ngx_http_rtauth_store_zone_sweep(shpool, &root->locks);

    rec = ngx_http_rtauth_part_find(&root->locks, op->key);
    rc = (rec && rec->until > ngx_time()) ? NGX_DECLINED : NGX_OK;

    if (rec == NULL) {
        rec = ngx_http_rtauth_store_zone_add(shpool, &root->locks, op->key, 0);
        rc = rec ? NGX_OK : NGX_ERROR;
    }

    if (rc == NGX_OK) {
        rec->until = ngx_time() + op->ttl;
        rec->version = ++root->locks.serial;

        op->version = rec->version;
    }

    ngx_http_rtauth_unlock(zone);

    return rc;
}


ngx_int_t
ngx_http_rtauth_store_zone_unlock(ngx_http_rtauth_op_t *op)
{
    ngx_shm_zone_t                       *zone;
    ngx_http_rtauth_root_t               *root;
    ngx_http_rtauth_store_zone_record_t  *rec;

    zone = ngx_http_rtauth_store_zone_shm(op);
    root = ngx_http_rtauth_root(zone);

    ngx_http_rtauth_lock(zone);

    rec = ngx_http_rtauth_part_find(&root->locks, op->key);

    /* one that lapsed may be another's by now */

    if (rec && rec->version == op->version) {
        ngx_http_rtauth_store_zone_free(ngx_http_rtauth_shpool(zone),
                                        &root->locks, rec);
    }

    ngx_http_rtauth_unlock(zone);

    return NGX_OK;
}


/* the functions below are called with the lock held */

static ngx_http_rtauth_store_zone_record_t *
ngx_http_rtauth_store_zone_add(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, u_char *key, size_t len)
{
    size_t                                size;
    ngx_http_rtauth_store_zone_record_t  *rec;

    size = offsetof(ngx_http_rtauth_store_zone_record_t, value) + len;

    rec = ngx_http_rtauth_part_alloc(shpool, part, size);
    if (rec == NULL) {
        return NULL;
    }

    ngx_memzero(rec, sizeof(ngx_http_rtauth_store_zone_record_t));

    rec->size = size;
    rec->len = len;
    ngx_memcpy(rec->key, key, NGX_HTTP_RTAUTH_STORE_KEY);

    rec->node.node.key = ngx_http_rtauth_zone_hash(key);
    rec->node.str.len = NGX_HTTP_RTAUTH_STORE_KEY;
    rec->node.str.data = rec->key;

    ngx_rbtree_insert(&part->tree, &rec->node.node);
    ngx_queue_insert_head(&part->queue, &rec->queue);

    return rec;
}


static void
ngx_http_rtauth_store_zone_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, ngx_http_rtauth_store_zone_record_t *rec)
{
    ngx_rbtree_delete(&part->tree, &rec->node.node);
    ngx_queue_remove(&rec->queue);

    ngx_http_rtauth_part_free(shpool, part, rec, rec->size);
}


static void
ngx_http_rtauth_store_zone_sweep(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part)
{
    ngx_uint_t                            i;
    ngx_queue_t                          *q, *prev;
    ngx_http_rtauth_store_zone_record_t  *rec;

    q = ngx_queue_last(&part->queue);

    for (i = 0; i < NGX_HTTP_RTAUTH_STORE_ZONE_SWEEP; i++, q = prev) {

        if (q == ngx_queue_sentinel(&part->queue)) {
            return;
        }

        prev = ngx_queue_prev(q);

        rec = ngx_queue_data(q, ngx_http_rtauth_store_zone_record_t, queue);

        if (rec->held > ngx_time()) {

            /* those behind it may go, and must not wait for it */

            ngx_queue_remove(q);
            ngx_queue_insert_head(&part->queue, q);

        } else if (rec->until <= ngx_time()) {
            ngx_http_rtauth_store_zone_free(shpool, part, rec);
        }
    }
}

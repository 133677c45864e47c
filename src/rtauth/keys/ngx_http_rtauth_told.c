
#include "keys/ngx_http_rtauth_told.h"


#define NGX_HTTP_RTAUTH_TOLD_EVICT  64      /* answers for one, at most */


typedef struct {
    ngx_str_node_t           node;          /* str: key */
    ngx_queue_t              queue;
    time_t                   until;
    size_t                   len;
    u_char                   key[NGX_HTTP_RTAUTH_DIGEST];
    u_char                   answer[];
} ngx_http_rtauth_told_t;


static ngx_http_rtauth_told_t *ngx_http_rtauth_told_find(ngx_shm_zone_t *zone,
    ngx_http_rtauth_part_t *part, u_char *key);
static ngx_http_rtauth_told_t *ngx_http_rtauth_told_room(
    ngx_slab_pool_t *shpool, ngx_http_rtauth_part_t *part, size_t size);
static void ngx_http_rtauth_told_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, ngx_http_rtauth_told_t *t);


#define ngx_http_rtauth_told_size(len)                                        \
    (offsetof(ngx_http_rtauth_told_t, answer) + (len))


/* memory is taken outside of the lock: another answer may be there by then */

ngx_int_t
ngx_http_rtauth_told(ngx_shm_zone_t *zone, u_char *key, ngx_pool_t *pool,
    ngx_str_t *answer, time_t *until)
{
    size_t                   room;
    ngx_http_rtauth_root_t  *root;
    ngx_http_rtauth_told_t  *t;

    root = ngx_http_rtauth_root(zone);
    room = 0;
    answer->data = NULL;

    for ( ;; ) {
        ngx_http_rtauth_lock(zone);

        t = ngx_http_rtauth_told_find(zone, &root->untrue, key);

        if (t == NULL) {
            t = ngx_http_rtauth_told_find(zone, &root->told, key);
        }

        if (t == NULL || t->len <= room) {
            break;
        }

        room = t->len;

        ngx_http_rtauth_unlock(zone);

        answer->data = ngx_pnalloc(pool, room);
        if (answer->data == NULL) {
            return NGX_ERROR;
        }
    }

    if (t) {
        answer->len = t->len;
        *until = t->until;

        if (t->len) {
            ngx_memcpy(answer->data, t->answer, t->len);
        }
    }

    ngx_http_rtauth_unlock(zone);

    return t ? NGX_OK : NGX_DECLINED;
}


void
ngx_http_rtauth_told_keep(ngx_shm_zone_t *zone, u_char *key,
    ngx_str_t *answer, time_t until)
{
    ngx_slab_pool_t         *shpool;
    ngx_http_rtauth_part_t  *part;
    ngx_http_rtauth_root_t  *root;
    ngx_http_rtauth_told_t  *t;

    shpool = ngx_http_rtauth_shpool(zone);
    root = ngx_http_rtauth_root(zone);
    part = answer->len ? &root->told : &root->untrue;

    ngx_http_rtauth_lock(zone);

    t = ngx_http_rtauth_told_find(zone, part, key);

    if (t) {
        ngx_http_rtauth_told_free(shpool, part, t);
    }

    t = ngx_http_rtauth_told_room(shpool, part,
                                  ngx_http_rtauth_told_size(answer->len));

    if (t) {
        t->until = until;
        t->len = answer->len;

        ngx_memcpy(t->key, key, NGX_HTTP_RTAUTH_DIGEST);

        if (answer->len) {
            ngx_memcpy(t->answer, answer->data, answer->len);
        }

        t->node.node.key = ngx_http_rtauth_zone_hash(key);
        t->node.str.len = NGX_HTTP_RTAUTH_DIGEST;
        t->node.str.data = t->key;

        ngx_rbtree_insert(&part->tree, &t->node.node);
        ngx_queue_insert_head(&part->queue, &t->queue);
    }

    ngx_http_rtauth_unlock(zone);
}


/* the functions below are called with the lock held */

static ngx_http_rtauth_told_t *
ngx_http_rtauth_told_find(ngx_shm_zone_t *zone, ngx_http_rtauth_part_t *part,
    u_char *key)
{
    ngx_http_rtauth_told_t  *t;

    t = ngx_http_rtauth_part_find(part, key);

    if (t == NULL) {
        return NULL;
    }

    if (t->until <= ngx_time()) {
        ngx_http_rtauth_told_free(ngx_http_rtauth_shpool(zone), part, t);
        return NULL;
    }

    ngx_queue_remove(&t->queue);
    ngx_queue_insert_head(&part->queue, &t->queue);

    return t;
}


static ngx_http_rtauth_told_t *
ngx_http_rtauth_told_room(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, size_t size)
{
    ngx_uint_t               i;
    ngx_http_rtauth_told_t  *t;

    for (i = 0; i <= NGX_HTTP_RTAUTH_TOLD_EVICT; i++) {
        t = ngx_http_rtauth_part_alloc(shpool, part, size);

        if (t || ngx_queue_empty(&part->queue)) {
            return t;
        }

        ngx_http_rtauth_told_free(shpool, part,
                                  ngx_queue_data(ngx_queue_last(&part->queue),
                                                 ngx_http_rtauth_told_t,
                                                 queue));
    }

    return NULL;
}


static void
ngx_http_rtauth_told_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, ngx_http_rtauth_told_t *t)
{
    ngx_rbtree_delete(&part->tree, &t->node.node);
    ngx_queue_remove(&t->queue);

    ngx_http_rtauth_part_free(shpool, part, t,
                              ngx_http_rtauth_told_size(t->len));
}

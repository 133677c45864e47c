
#include "keys/ngx_http_rtauth_cache.h"


/* 128 bytes: one of the slab allocator's sizes */

typedef struct {
    ngx_rbtree_node_t             node;
    ngx_queue_t                   queue;
    u_char                        digest[NGX_HTTP_RTAUTH_DIGEST];
    u_char                        policy[16];
    ngx_uint_t                    generation;
    time_t                        until;
} ngx_http_rtauth_token_t;

_Static_assert(sizeof(ngx_http_rtauth_token_t) <= 128,
               "a token must fit a 128 byte slab");


static void ngx_http_rtauth_cache_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
static ngx_int_t ngx_http_rtauth_cache_cmp(ngx_http_rtauth_token_t *t,
    u_char *digest, u_char *policy, ngx_uint_t generation);
static ngx_http_rtauth_token_t *ngx_http_rtauth_cache_find(
    ngx_http_rtauth_root_t *root, ngx_http_rtauth_token_key_t *key);
static void ngx_http_rtauth_cache_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root, ngx_http_rtauth_token_t *t);
static ngx_rbtree_key_t ngx_http_rtauth_cache_hash(u_char *digest);


void
ngx_http_rtauth_cache_init(ngx_http_rtauth_root_t *root, size_t bytes)
{
    ngx_rbtree_init(&root->tokens, &root->sentinel,
                    ngx_http_rtauth_cache_insert);
    ngx_queue_init(&root->lru);

    root->max_tokens = bytes / 128;
}


ngx_uint_t
ngx_http_rtauth_cache_has(ngx_shm_zone_t *zone,
    ngx_http_rtauth_token_key_t *key)
{
    ngx_uint_t                has;
    ngx_slab_pool_t          *shpool;
    ngx_http_rtauth_root_t   *root;
    ngx_http_rtauth_token_t  *t;

    has = 0;
    shpool = ngx_http_rtauth_shpool(zone);
    root = ngx_http_rtauth_root(zone);

    ngx_shmtx_lock(&shpool->mutex);

    t = ngx_http_rtauth_cache_find(root, key);

    if (t && t->until > ngx_time()) {
        ngx_queue_remove(&t->queue);
        ngx_queue_insert_head(&root->lru, &t->queue);
        has = 1;

    } else if (t) {
        ngx_http_rtauth_cache_free(shpool, root, t);
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return has;
}


void
ngx_http_rtauth_cache_add(ngx_shm_zone_t *zone,
    ngx_http_rtauth_token_key_t *key, time_t until)
{
    ngx_slab_pool_t          *shpool;
    ngx_http_rtauth_root_t   *root;
    ngx_http_rtauth_token_t  *t;

    until = ngx_min(until, ngx_time() + NGX_HTTP_RTAUTH_CACHE_TTL);

    if (until <= ngx_time()) {
        return;
    }

    shpool = ngx_http_rtauth_shpool(zone);
    root = ngx_http_rtauth_root(zone);

    ngx_shmtx_lock(&shpool->mutex);

    t = ngx_http_rtauth_cache_find(root, key);

    if (t) {
        t->until = until;
        goto done;
    }

    t = NULL;

    if (root->ntokens < root->max_tokens) {
        t = ngx_slab_alloc_locked(shpool, sizeof(ngx_http_rtauth_token_t));
    }

    if (t == NULL && !ngx_queue_empty(&root->lru)) {
        ngx_http_rtauth_cache_free(shpool, root,
                              ngx_queue_data(ngx_queue_last(&root->lru),
                                             ngx_http_rtauth_token_t, queue));

        t = ngx_slab_alloc_locked(shpool, sizeof(ngx_http_rtauth_token_t));
    }

    if (t == NULL) {
        goto done;
    }

    ngx_memcpy(t->digest, key->digest, NGX_HTTP_RTAUTH_DIGEST);
    ngx_memcpy(t->policy, key->policy, sizeof(t->policy));
    t->generation = key->generation;
    t->until = until;
    t->node.key = ngx_http_rtauth_cache_hash(key->digest);

    ngx_rbtree_insert(&root->tokens, &t->node);
    ngx_queue_insert_head(&root->lru, &t->queue);
    root->ntokens++;

done:

    ngx_shmtx_unlock(&shpool->mutex);
}


static ngx_rbtree_key_t
ngx_http_rtauth_cache_hash(u_char *digest)
{
    ngx_rbtree_key_t  hash;

    ngx_memcpy(&hash, digest, sizeof(hash));

    return hash;
}


static ngx_int_t
ngx_http_rtauth_cache_cmp(ngx_http_rtauth_token_t *t, u_char *digest,
    u_char *policy, ngx_uint_t generation)
{
    ngx_int_t  rc;

    rc = ngx_memcmp(digest, t->digest, sizeof(t->digest));

    if (rc == 0) {
        rc = ngx_memcmp(policy, t->policy, sizeof(t->policy));
    }

    if (rc == 0 && generation != t->generation) {
        rc = (generation < t->generation) ? -1 : 1;
    }

    return rc;
}


static void
ngx_http_rtauth_cache_insert(ngx_rbtree_node_t *temp, ngx_rbtree_node_t *node,
    ngx_rbtree_node_t *sentinel)
{
    ngx_rbtree_node_t        **p;
    ngx_http_rtauth_token_t   *t, *other;

    t = (ngx_http_rtauth_token_t *) node;

    for ( ;; ) {

        if (node->key != temp->key) {
            p = (node->key < temp->key) ? &temp->left : &temp->right;

        } else {
            other = (ngx_http_rtauth_token_t *) temp;

            p = (ngx_http_rtauth_cache_cmp(other, t->digest, t->policy,
                                           t->generation) < 0)
                ? &temp->left : &temp->right;
        }

        if (*p == sentinel) {
            break;
        }

        temp = *p;
    }

    *p = node;
    node->parent = temp;
    node->left = sentinel;
    node->right = sentinel;
    ngx_rbt_red(node);
}


static ngx_http_rtauth_token_t *
ngx_http_rtauth_cache_find(ngx_http_rtauth_root_t *root,
    ngx_http_rtauth_token_key_t *key)
{
    ngx_int_t                 rc;
    ngx_rbtree_key_t          hash;
    ngx_rbtree_node_t        *node, *sentinel;
    ngx_http_rtauth_token_t  *t;

    hash = ngx_http_rtauth_cache_hash(key->digest);

    node = root->tokens.root;
    sentinel = root->tokens.sentinel;

    while (node != sentinel) {

        if (hash != node->key) {
            node = (hash < node->key) ? node->left : node->right;
            continue;
        }

        t = (ngx_http_rtauth_token_t *) node;

        rc = ngx_http_rtauth_cache_cmp(t, key->digest, key->policy,
                                       key->generation);
        if (rc == 0) {
            return t;
        }

        node = (rc < 0) ? node->left : node->right;
    }

    return NULL;
}


static void
ngx_http_rtauth_cache_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_root_t *root, ngx_http_rtauth_token_t *t)
{
    ngx_rbtree_delete(&root->tokens, &t->node);
    ngx_queue_remove(&t->queue);
    root->ntokens--;

    ngx_slab_free_locked(shpool, t);
}

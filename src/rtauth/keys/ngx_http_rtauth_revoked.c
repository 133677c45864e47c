
#include "keys/ngx_http_rtauth_revoked.h"

#include <openssl/evp.h>


typedef struct {
    ngx_str_node_t           node;          /* str: key */
    ngx_queue_t              queue;
    time_t                   before;
    time_t                   until;
    u_char                   key[NGX_HTTP_RTAUTH_DIGEST];
} ngx_http_rtauth_revoked_t;


static ngx_http_rtauth_part_t *ngx_http_rtauth_revoked_part(
    ngx_shm_zone_t *zone, ngx_http_rtauth_revoked_e kind);
static ngx_int_t ngx_http_rtauth_revoked_key(ngx_http_rtauth_revoked_e kind,
    ngx_str_t *issuer, ngx_str_t *value, u_char *key);
static ngx_http_rtauth_revoked_t *ngx_http_rtauth_revoked_find(
    ngx_http_rtauth_part_t *part, u_char *key);
static ngx_http_rtauth_revoked_t *ngx_http_rtauth_revoked_make(
    ngx_slab_pool_t *shpool, ngx_http_rtauth_part_t *part, u_char *key);
static void ngx_http_rtauth_revoked_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, ngx_http_rtauth_revoked_t *rev);
static void ngx_http_rtauth_revoked_sweep(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part);


ngx_int_t
ngx_http_rtauth_revoked_add(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer, ngx_str_t *value,
    time_t before, time_t until)
{
    u_char                      key[NGX_HTTP_RTAUTH_DIGEST];
    ngx_int_t                   rc;
    ngx_slab_pool_t            *shpool;
    ngx_http_rtauth_part_t     *part;
    ngx_http_rtauth_revoked_t  *rev;

    if (ngx_http_rtauth_revoked_key(kind, issuer, value, key) != NGX_OK) {
        return NGX_ERROR;
    }

    shpool = ngx_http_rtauth_shpool(zone);
    part = ngx_http_rtauth_revoked_part(zone, kind);

    ngx_http_rtauth_lock(zone);

    rev = ngx_http_rtauth_revoked_find(part, key);
    rc = (rev && rev->until > ngx_time()) ? NGX_DECLINED : NGX_OK;

    if (rev == NULL) {
        rev = ngx_http_rtauth_revoked_make(shpool, part, key);
    }

    if (rev == NULL && kind == NGX_HTTP_RTAUTH_REVOKED_FRONT
        && !ngx_queue_empty(&part->queue))
    {
        ngx_http_rtauth_revoked_free(shpool, part,
                       ngx_queue_data(ngx_queue_last(&part->queue),
                                      ngx_http_rtauth_revoked_t, queue));

        rev = ngx_http_rtauth_revoked_make(shpool, part, key);
    }

    if (rev) {
        rev->before = ngx_max(rev->before, before);
        rev->until = ngx_max(rev->until, until);
        ngx_http_rtauth_root(zone)->revoked.serial++;

    } else {
        rc = NGX_ERROR;
    }

    ngx_http_rtauth_unlock(zone);

    return rc;
}


ngx_uint_t
ngx_http_rtauth_revoked(ngx_shm_zone_t *zone, ngx_str_t *issuer,
    ngx_http_rtauth_revoked_of_t *of)
{
    u_char                      key[NGX_HTTP_RTAUTH_DIGEST];
    ngx_uint_t                  i, revoked;
    ngx_http_rtauth_part_t     *part;
    ngx_http_rtauth_revoked_t  *rev;

    if (ngx_http_rtauth_revoked_serial(zone) == 0) {
        return 0;
    }

    of->value[NGX_HTTP_RTAUTH_REVOKED_FRONT]
                                   = of->value[NGX_HTTP_RTAUTH_REVOKED_SID];

    for (i = 0; i < NGX_HTTP_RTAUTH_REVOKED_SEEN; i++) {

        if (of->value[i].len == 0) {
            continue;
        }

        if (ngx_http_rtauth_revoked_key(i, issuer, &of->value[i], key)
            != NGX_OK)
        {
            return 1;
        }

        part = ngx_http_rtauth_revoked_part(zone, i);

        ngx_http_rtauth_lock(zone);

        rev = ngx_http_rtauth_revoked_find(part, key);
        revoked = rev && rev->until > ngx_time() && of->issued <= rev->before;

        ngx_http_rtauth_unlock(zone);

        if (revoked) {
            return 1;
        }
    }

    return 0;
}


static ngx_http_rtauth_part_t *
ngx_http_rtauth_revoked_part(ngx_shm_zone_t *zone,
    ngx_http_rtauth_revoked_e kind)
{
    ngx_http_rtauth_root_t  *root;

    root = ngx_http_rtauth_root(zone);

    return (kind == NGX_HTTP_RTAUTH_REVOKED_FRONT) ? &root->front
                                                   : &root->revoked;
}


static ngx_int_t
ngx_http_rtauth_revoked_key(ngx_http_rtauth_revoked_e kind, ngx_str_t *issuer,
    ngx_str_t *value, u_char *key)
{
    u_char       head;
    ngx_str_t    nobody;
    ngx_int_t    rc;
    EVP_MD_CTX  *md;

    head = '0' + kind;

    if (kind == NGX_HTTP_RTAUTH_REVOKED_ID) {
        ngx_str_null(&nobody);      /* it is ours, no issuer's */
        issuer = &nobody;
    }

    md = EVP_MD_CTX_new();
    if (md == NULL) {
        return NGX_ERROR;
    }

    rc = EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1
         && EVP_DigestUpdate(md, &head, 1) == 1
         && EVP_DigestUpdate(md, issuer->data, issuer->len) == 1
         && EVP_DigestUpdate(md, "", 1) == 1
         && EVP_DigestUpdate(md, value->data, value->len) == 1
         && EVP_DigestFinal_ex(md, key, NULL) == 1
         ? NGX_OK : NGX_ERROR;

    EVP_MD_CTX_free(md);

    return rc;
}


/* the functions below are called with the lock held */

static ngx_http_rtauth_revoked_t *
ngx_http_rtauth_revoked_find(ngx_http_rtauth_part_t *part, u_char *key)
{
    ngx_str_t  str;

    str.len = NGX_HTTP_RTAUTH_DIGEST;
    str.data = key;

    return (ngx_http_rtauth_revoked_t *)
           ngx_str_rbtree_lookup(&part->tree, &str,
                                 ngx_http_rtauth_zone_hash(key));
}


/* whatever is still in force stays: no room is an error */

static ngx_http_rtauth_revoked_t *
ngx_http_rtauth_revoked_make(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, u_char *key)
{
    ngx_http_rtauth_revoked_t  *rev;

    rev = ngx_http_rtauth_part_alloc(shpool, part,
                                     sizeof(ngx_http_rtauth_revoked_t));
    if (rev == NULL) {
        ngx_http_rtauth_revoked_sweep(shpool, part);

        rev = ngx_http_rtauth_part_alloc(shpool, part,
                                         sizeof(ngx_http_rtauth_revoked_t));
    }

    if (rev == NULL) {
        return NULL;
    }

    ngx_memzero(rev, sizeof(ngx_http_rtauth_revoked_t));
    ngx_memcpy(rev->key, key, NGX_HTTP_RTAUTH_DIGEST);

    rev->node.node.key = ngx_http_rtauth_zone_hash(key);
    rev->node.str.len = NGX_HTTP_RTAUTH_DIGEST;
    rev->node.str.data = rev->key;

    ngx_rbtree_insert(&part->tree, &rev->node.node);
    ngx_queue_insert_head(&part->queue, &rev->queue);

    return rev;
}


static void
ngx_http_rtauth_revoked_sweep(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part)
{
    ngx_queue_t                *q, *next;
    ngx_http_rtauth_revoked_t  *rev;

    for (q = ngx_queue_head(&part->queue);
         q != ngx_queue_sentinel(&part->queue);
         q = next)
    {
        next = ngx_queue_next(q);
        rev = ngx_queue_data(q, ngx_http_rtauth_revoked_t, queue);

        if (rev->until <= ngx_time()) {
            ngx_http_rtauth_revoked_free(shpool, part, rev);
        }
    }
}


static void
ngx_http_rtauth_revoked_free(ngx_slab_pool_t *shpool,
    ngx_http_rtauth_part_t *part, ngx_http_rtauth_revoked_t *rev)
{
    ngx_rbtree_delete(&part->tree, &rev->node.node);
    ngx_queue_remove(&rev->queue);

    ngx_http_rtauth_part_free(shpool, part, rev,
                              sizeof(ngx_http_rtauth_revoked_t));
}


/* The worker's room of verified tokens; see ngx_http_rtauth_cache.h. */

#include "keys/ngx_http_rtauth_cache.h"
#include "text/rt_same.h"


#define NGX_HTTP_RTAUTH_MEMO_BUCKETS  4096      /* a power of 2 */
#define NGX_HTTP_RTAUTH_MEMO_POOL     4096
#define NGX_HTTP_RTAUTH_MEMO_TAIL     16        /* bytes that are hashed */

#define ngx_http_rtauth_memo_bucket(hash)                                     \
    ((hash) & (NGX_HTTP_RTAUTH_MEMO_BUCKETS - 1))


struct ngx_http_rtauth_memo_s {
    ngx_http_rtauth_memo_entry_t **buckets;
    ngx_queue_t                    lru;
    ngx_uint_t                     count;
    size_t                         bytes;
    ngx_pool_t                    *pool;
    ngx_log_t                     *log;
};


static ngx_uint_t ngx_http_rtauth_memo_is(ngx_http_rtauth_memo_entry_t *e,
    ngx_str_t *token, uint32_t hash);
static ngx_http_rtauth_memo_entry_t *ngx_http_rtauth_memo_used(
    ngx_http_rtauth_memo_entry_t *e);
static void *ngx_http_rtauth_memo_alloc(void *ctx, size_t size);
static void ngx_http_rtauth_memo_shorten(ngx_http_rtauth_memo_entry_t *e);
static void ngx_http_rtauth_memo_trim(ngx_http_rtauth_memo_t *memo);
static void ngx_http_rtauth_memo_unpin(void *data);


ngx_http_rtauth_memo_t *
ngx_http_rtauth_memo_create(ngx_log_t *log)
{
    ngx_pool_t              *pool;
    ngx_http_rtauth_memo_t  *memo;

    pool = ngx_create_pool(1024, log);
    if (pool == NULL) {
        return NULL;
    }

    memo = ngx_pcalloc(pool, sizeof(ngx_http_rtauth_memo_t));

    if (memo) {
        memo->buckets = ngx_pcalloc(pool, NGX_HTTP_RTAUTH_MEMO_BUCKETS
                                          * sizeof(*memo->buckets));
    }

    if (memo == NULL || memo->buckets == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    memo->pool = pool;
    memo->log = log;
    ngx_queue_init(&memo->lru);

    return memo;
}


void
ngx_http_rtauth_memo_destroy(ngx_http_rtauth_memo_t *memo)
{
    ngx_http_rtauth_memo_entry_t  *e;

    while (!ngx_queue_empty(&memo->lru)) {
        e = ngx_queue_data(ngx_queue_head(&memo->lru),
                           ngx_http_rtauth_memo_entry_t, queue);

        ngx_http_rtauth_memo_drop(e);
    }

    ngx_destroy_pool(memo->pool);
}


uint32_t
ngx_http_rtauth_memo_hash(ngx_str_t *token)
{
    size_t  n;

    n = ngx_min(token->len, NGX_HTTP_RTAUTH_MEMO_TAIL);

    return ngx_murmur_hash2(token->data + token->len - n, n);
}


ngx_http_rtauth_memo_entry_t *
ngx_http_rtauth_memo_find(ngx_http_rtauth_memo_t *memo, ngx_str_t *token,
    uint32_t hash, ngx_http_rtauth_provider_t *provider,
    ngx_uint_t generation)
{
    ngx_http_rtauth_memo_entry_t  *e;

    for (e = memo->buckets[ngx_http_rtauth_memo_bucket(hash)]; e; e = e->next)
    {
        if (e->identity.provider == provider
            && e->generation == generation
            && e->identity.session == NULL
            && ngx_http_rtauth_memo_is(e, token, hash))
        {
            return ngx_http_rtauth_memo_used(e);
        }
    }

    return NULL;
}


ngx_http_rtauth_memo_entry_t *
ngx_http_rtauth_memo_session(ngx_http_rtauth_memo_t *memo, ngx_str_t *cookie,
    uint32_t hash, ngx_http_rtauth_srv_conf_t *server)
{
    ngx_http_rtauth_memo_entry_t  *e;

    for (e = memo->buckets[ngx_http_rtauth_memo_bucket(hash)]; e; e = e->next)
    {
        if (e->identity.session && e->server == server
            && ngx_http_rtauth_memo_is(e, cookie, hash))
        {
            return ngx_http_rtauth_memo_used(e);
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_rtauth_memo_is(ngx_http_rtauth_memo_entry_t *e, ngx_str_t *token,
    uint32_t hash)
{
    return e->hash == hash
           && e->token.len == token->len
           && rt_same(e->token.data, token->data, token->len);
}


static ngx_http_rtauth_memo_entry_t *
ngx_http_rtauth_memo_used(ngx_http_rtauth_memo_entry_t *e)
{
    ngx_queue_remove(&e->queue);
    ngx_queue_insert_head(&e->memo->lru, &e->queue);

    return e;
}


ngx_http_rtauth_memo_entry_t *
ngx_http_rtauth_memo_new(ngx_http_rtauth_memo_t *memo, ngx_str_t *token,
    uint32_t hash)
{
    ngx_pool_t                    *pool;
    ngx_http_rtauth_memo_entry_t  *e;

    pool = ngx_create_pool(NGX_HTTP_RTAUTH_MEMO_POOL, memo->log);
    if (pool == NULL) {
        return NULL;
    }

    e = ngx_pcalloc(pool, sizeof(ngx_http_rtauth_memo_entry_t));

    if (e) {
        e->token.data = ngx_pnalloc(pool, token->len + 1);
    }

    if (e == NULL || e->token.data == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    e->token.len = token->len;
    ngx_memcpy(e->token.data, token->data, token->len);

    e->memo = memo;
    e->pool = pool;
    e->hash = hash;
    e->size = NGX_HTTP_RTAUTH_MEMO_POOL + token->len;
    e->mem.alloc = ngx_http_rtauth_memo_alloc;
    e->mem.ctx = e;

    return e;
}


static void *
ngx_http_rtauth_memo_alloc(void *ctx, size_t size)
{
    ngx_http_rtauth_memo_entry_t *e = ctx;

    e->size += size;

    return ngx_palloc(e->pool, size);
}


void
ngx_http_rtauth_memo_list(ngx_http_rtauth_memo_entry_t *e)
{
    ngx_http_rtauth_memo_t        *memo;
    ngx_http_rtauth_memo_entry_t **bucket;

    memo = e->memo;
    bucket = &memo->buckets[ngx_http_rtauth_memo_bucket(e->hash)];

    ngx_http_rtauth_memo_shorten(*bucket);

    e->next = *bucket;
    *bucket = e;
    e->listed = 1;

    ngx_queue_insert_head(&memo->lru, &e->queue);

    memo->count++;
    memo->bytes += e->size;

    ngx_http_rtauth_memo_trim(memo);
}


/* makes room for one more: a full chain loses its last, which is the oldest */

static void
ngx_http_rtauth_memo_shorten(ngx_http_rtauth_memo_entry_t *e)
{
    ngx_uint_t  n;

    for (n = 1; e && e->next; e = e->next) {
        n++;
    }

    if (n == NGX_HTTP_RTAUTH_MEMO_CHAIN) {
        ngx_http_rtauth_memo_drop(e);
    }
}


/* the newest entry stays, whatever its size: tokens are bounded themselves */

static void
ngx_http_rtauth_memo_trim(ngx_http_rtauth_memo_t *memo)
{
    ngx_queue_t  *q;

    while (memo->count > 1
           && (memo->count > NGX_HTTP_RTAUTH_MEMO_MAX
               || memo->bytes > NGX_HTTP_RTAUTH_MEMO_BYTES))
    {
        q = ngx_queue_last(&memo->lru);

        ngx_http_rtauth_memo_drop(ngx_queue_data(q,
                                       ngx_http_rtauth_memo_entry_t, queue));
    }
}


void
ngx_http_rtauth_memo_drop(ngx_http_rtauth_memo_entry_t *e)
{
    ngx_http_rtauth_memo_t        *memo;
    ngx_http_rtauth_memo_entry_t **p;

    memo = e->memo;

    if (e->listed) {

        for (p = &memo->buckets[ngx_http_rtauth_memo_bucket(e->hash)];
             *p != e;
             p = &(*p)->next)
        {
            /* void */
        }

        *p = e->next;
        e->listed = 0;

        ngx_queue_remove(&e->queue);

        memo->count--;
        memo->bytes -= e->size;
    }

    if (e->refs == 0) {
        ngx_destroy_pool(e->pool);
    }
}


ngx_int_t
ngx_http_rtauth_memo_pin(ngx_http_rtauth_memo_entry_t *e, ngx_pool_t *pool)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_rtauth_memo_unpin;
    cln->data = e;

    e->refs++;

    return NGX_OK;
}


static void
ngx_http_rtauth_memo_unpin(void *data)
{
    ngx_http_rtauth_memo_entry_t *e = data;

    if (--e->refs == 0 && !e->listed) {
        ngx_destroy_pool(e->pool);
    }
}

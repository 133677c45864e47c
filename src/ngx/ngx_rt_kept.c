
#include "ngx_rt_kept.h"


void *
ngx_rt_kept_add(ngx_pool_t *pool, size_t size, ngx_pool_cleanup_pt handler)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(pool, size);
    if (cln == NULL) {
        return NULL;
    }

    ngx_memzero(cln->data, size);

    cln->handler = handler;

    return cln->data;
}


void *
ngx_rt_kept(ngx_pool_t *pool, ngx_pool_cleanup_pt handler)
{
    ngx_pool_cleanup_t  *cln;

    cln = pool->cleanup;

    return ngx_rt_kept_next(&cln, handler);
}


void *
ngx_rt_kept_next(ngx_pool_cleanup_t **cln, ngx_pool_cleanup_pt handler)
{
    ngx_pool_cleanup_t  *c;

    for (c = *cln; c; c = c->next) {
        if (c->handler == handler) {
            *cln = c->next;
            return c->data;
        }
    }

    return NULL;
}

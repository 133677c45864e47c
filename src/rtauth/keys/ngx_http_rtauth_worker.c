
#include "keys/ngx_http_rtauth_worker.h"


static void ngx_http_rtauth_worker_cleanup(void *data);
static void ngx_http_rtauth_worker_destroy(ngx_http_rtauth_worker_t *w);


/* the cache manager and its kin serve no requests and need no keys */

ngx_int_t
ngx_http_rtauth_worker_init_process(ngx_cycle_t *cycle)
{
    ngx_http_rtauth_main_conf_t  *mcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rtauth_module);

    if (mcf == NULL || mcf->providers.nelts == 0) {
        return NGX_OK;
    }

    return ngx_http_rtauth_worker(mcf) ? NGX_OK : NGX_ERROR;
}


void
ngx_http_rtauth_worker_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rtauth_module);

    if (mcf) {
        ngx_http_rtauth_worker_cleanup(mcf);
    }
}


/*
 * Made at the start of the worker.  Without a master process nginx tells
 * modules of no new cycle: then the first request makes it, and the end of
 * the old cycle's pool takes the old one away.
 */

ngx_http_rtauth_worker_t *
ngx_http_rtauth_worker(ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_uint_t                    i;
    ngx_pool_t                   *pool;
    ngx_pool_cleanup_t           *cln;
    ngx_http_rtauth_worker_t     *w;
    ngx_http_rtauth_provider_t  **p;

    if (mcf->keys) {
        return mcf->keys;
    }

    pool = ngx_create_pool(4096, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    w = ngx_pcalloc(pool, sizeof(ngx_http_rtauth_worker_t));
    if (w == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    w->pool = pool;
    w->mcf = mcf;
    w->zone = mcf->zone;

    w->keys = ngx_pcalloc(pool, mcf->providers.nelts
                                * sizeof(ngx_http_rtauth_keys_t));
    w->memo = ngx_http_rtauth_memo_create(ngx_cycle->log);
    w->budget = ngx_http_rtauth_budget_create(pool, NGX_HTTP_RTAUTH_BAD,
                                              NGX_HTTP_RTAUTH_BAD_WINDOW);
    w->asks = ngx_http_rtauth_budget_create(pool, NGX_HTTP_RTAUTH_ASK,
                                            NGX_HTTP_RTAUTH_ASK_WINDOW);
    w->logins = ngx_http_rtauth_budget_create(pool, NGX_HTTP_RTAUTH_LOGIN,
                                              NGX_HTTP_RTAUTH_LOGIN_WINDOW);
    w->guesses = ngx_http_rtauth_budget_create(pool, NGX_HTTP_RTAUTH_BAD,
                                               NGX_HTTP_RTAUTH_BAD_WINDOW);

    w->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    w->md = EVP_MD_CTX_new();

    cln = ngx_pool_cleanup_add(ngx_cycle->pool, 0);

    if (mcf->disabled) {
        w->disabled = ngx_http_rtauth_disabled_watch(mcf->disabled, pool);
    }

    if (w->keys == NULL || w->memo == NULL || w->budget == NULL
        || w->asks == NULL || w->logins == NULL
        || w->guesses == NULL
        || (mcf->disabled && w->disabled == NULL)
        || w->sha256 == NULL || w->md == NULL || cln == NULL)
    {
        ngx_http_rtauth_worker_destroy(w);
        return NULL;
    }

    cln->handler = ngx_http_rtauth_worker_cleanup;
    cln->data = mcf;

    mcf->keys = w;
    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        ngx_http_rtauth_jwks_begin(&w->keys[p[i]->index], w, p[i]);
    }

    return w;
}


static void
ngx_http_rtauth_worker_cleanup(void *data)
{
    ngx_http_rtauth_main_conf_t *mcf = data;

    if (mcf->keys) {
        ngx_http_rtauth_worker_destroy(mcf->keys);
        mcf->keys = NULL;
    }
}


static void
ngx_http_rtauth_worker_destroy(ngx_http_rtauth_worker_t *w)
{
    ngx_uint_t  i;

    for (i = 0; w->keys && i < w->mcf->providers.nelts; i++) {
        ngx_http_rtauth_jwks_end(&w->keys[i]);
    }

    if (w->disabled) {
        ngx_http_rtauth_disabled_end(w->disabled);
    }

    if (w->memo) {
        ngx_http_rtauth_memo_destroy(w->memo);
    }

    EVP_MD_CTX_free(w->md);
    EVP_MD_free(w->sha256);

    ngx_destroy_pool(w->pool);
}


ngx_int_t
ngx_http_rtauth_digest(ngx_http_rtauth_worker_t *w, ngx_str_t *s,
    u_char *digest)
{
    if (EVP_DigestInit_ex(w->md, w->sha256, NULL) != 1
        || EVP_DigestUpdate(w->md, s->data, s->len) != 1
        || EVP_DigestFinal_ex(w->md, digest, NULL) != 1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}

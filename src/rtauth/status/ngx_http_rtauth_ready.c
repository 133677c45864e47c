
#include "status/ngx_http_rtauth_ready.h"
#include "keys/ngx_http_rtauth_state.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "session/ngx_http_rtauth_fleet.h"


#define NGX_HTTP_RTAUTH_READY_LINE  160     /* bytes, of what is missing */


static ngx_uint_t ngx_http_rtauth_ready_users(ngx_http_rtauth_scim_t *scim);
static void ngx_http_rtauth_ready_lacks(rt_jsonw_t *w, const char *kind,
    ngx_str_t *name, const char *reason);


ngx_int_t
ngx_http_rtauth_ready_redis(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_redis_t *redis)
{
    return mcf->zone ? ngx_http_rtauth_fleet_heard(redis, mcf->zone)
                     : NGX_DECLINED;
}


ngx_uint_t
ngx_http_rtauth_ready(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_worker_t *worker, rt_jsonw_t *w)
{
    ngx_int_t                     rc;
    rt_jwks_t                    *set;
    ngx_uint_t                    i, ready, generation;
    ngx_http_rtauth_redis_t     **redis;
    ngx_http_rtauth_provider_t  **p;

    static ngx_str_t  revoked = ngx_string("rtauth_zone");
    static ngx_str_t  users = ngx_string("rtauth_scim_zone");

    ready = 1;
    p = mcf->providers.elts;
    redis = mcf->redis.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        rc = ngx_http_rtauth_keys_get(&worker->keys[i], &set, &generation);

        if (rc != NGX_OK) {
            ready = 0;
            ngx_http_rtauth_ready_lacks(w, "provider", &p[i]->name,
                                        rc == NGX_AGAIN ? "keys_pending"
                                                        : "keys_unavailable");
        }
    }

    for (i = 0; i < mcf->redis.nelts; i++) {
        rc = ngx_http_rtauth_ready_redis(mcf, redis[i]);

        if (rc == NGX_AGAIN || rc == NGX_ERROR) {
            ready = 0;
            ngx_http_rtauth_ready_lacks(w, "redis", &redis[i]->name,
                                        rc == NGX_AGAIN ? "redis_pending"
                                                        : "redis_unavailable");
        }
    }

    if (ngx_http_rtauth_state_damaged(mcf)) {
        ready = 0;
        ngx_http_rtauth_ready_lacks(w, "zone", &revoked, "store_unavailable");
    }

    if (mcf->scim && !ngx_http_rtauth_ready_users(mcf->scim)) {
        ready = 0;
        ngx_http_rtauth_ready_lacks(w, "zone", &users, "users_unavailable");
    }

    return ready;
}


static ngx_uint_t
ngx_http_rtauth_ready_users(ngx_http_rtauth_scim_t *scim)
{
    ngx_http_rtauth_scim_stats_t   stats;
    ngx_http_rtauth_scim_store_t  *store;

    store = ngx_http_rtauth_scim_opened(scim);

    if (store == NULL) {
        return 0;
    }

    ngx_http_rtauth_scim_stats(store, &stats);

    return stats.ready;
}


static void
ngx_http_rtauth_ready_lacks(rt_jsonw_t *w, const char *kind, ngx_str_t *name,
    const char *reason)
{
    if (w == NULL) {
        return;
    }

    rt_jsonw_open(w, '{');
    rt_jsonw_name(w, kind, ngx_strlen(kind));
    rt_jsonw_str(w, ngx_rt_str(name));
    rt_jsonw_lit(w, "reason");
    rt_jsonw_str(w, &(rt_str_t) { ngx_strlen(reason), (u_char *) reason });
    rt_jsonw_close(w, '}');
}


ngx_int_t
ngx_http_rtauth_ready_text(ngx_http_request_t *r,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_worker_t *worker,
    ngx_str_t *text)
{
    u_char      *p;
    size_t       size;
    ngx_uint_t   ready;
    rt_jsonw_t   w;

    size = (3 + mcf->providers.nelts + mcf->redis.nelts)
           * NGX_HTTP_RTAUTH_READY_LINE;

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    rt_jsonw_init(&w, p, size);
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "missing");
    rt_jsonw_open(&w, '[');

    ready = ngx_http_rtauth_ready(mcf, worker, &w);

    rt_jsonw_close(&w, ']');
    rt_jsonw_lit(&w, "ready");
    rt_jsonw_bool(&w, ready);
    rt_jsonw_close(&w, '}');
    rt_jsonw_byte(&w, '\n');

    text->data = p;
    text->len = rt_jsonw_len(&w);

    return w.full ? NGX_ERROR : ready ? NGX_OK : NGX_DECLINED;
}

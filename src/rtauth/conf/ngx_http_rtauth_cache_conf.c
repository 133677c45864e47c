
#include "conf/ngx_http_rtauth_cache_conf.h"


#if (NGX_HTTP_CACHE)

/* those whose configuration begins with the one of upstreams */

static char  *ngx_http_rtauth_cache_conf_modules[] = {
    "ngx_http_proxy_module",
    "ngx_http_fastcgi_module",
    "ngx_http_uwsgi_module",
    "ngx_http_scgi_module",
    NULL
};

#endif


/*
 * A response is kept out of a cache when its header is sent.  The status of one
 * that an error_page replaces, or of an upstream that does not answer, is in
 * the cache before that, and is what the next user gets.  Nothing of the
 * request's is asked on that way but these times, so here they go.  By now the
 * location has its values from the levels around it.
 */

void
ngx_http_rtauth_cache_merge(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
#if (NGX_HTTP_CACHE)

    char                      **name;
    ngx_uint_t                  i;
    ngx_module_t               *m;
    ngx_http_conf_ctx_t        *ctx;
    ngx_http_upstream_conf_t   *upstream;

    if (conf->providers == NULL || conf->cache) {
        return;
    }

    ctx = cf->ctx;

    for (i = 0; cf->cycle->modules[i]; i++) {
        m = cf->cycle->modules[i];

        for (name = ngx_http_rtauth_cache_conf_modules; *name; name++) {

            if (ngx_strcmp(m->name, *name) != 0) {
                continue;
            }

            upstream = ctx->loc_conf[m->ctx_index];

            upstream->cache_valid = NULL;
            upstream->ignore_headers |= NGX_HTTP_UPSTREAM_IGN_XA_EXPIRES
                                        |NGX_HTTP_UPSTREAM_IGN_EXPIRES
                                        |NGX_HTTP_UPSTREAM_IGN_CACHE_CONTROL;
        }
    }

#endif
}

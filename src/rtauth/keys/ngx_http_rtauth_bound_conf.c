
#include "keys/ngx_http_rtauth_bound_conf.h"
#include "keys/ngx_http_rtauth_provider.h"


typedef struct {
    ngx_str_t    name;
    ngx_uint_t   ways;
} ngx_http_rtauth_bound_conf_way_t;


static char *ngx_http_rtauth_bound_conf_algs(ngx_conf_t *cf,
    ngx_http_rtauth_bound_conf_t *bound, ngx_str_t *value);
static char *ngx_http_rtauth_bound_conf_show(ngx_conf_t *cf,
    ngx_http_rtauth_bound_conf_t *bound);


static ngx_http_rtauth_bound_conf_way_t  ngx_http_rtauth_bound_conf_ways[] = {
    { ngx_string("off"), 0 },
    { ngx_string("dpop"), RT_BOUND_DPOP },
    { ngx_string("any"), RT_BOUND_DPOP|RT_BOUND_MTLS },
#if (NGX_HTTP_SSL)
    { ngx_string("mtls"), RT_BOUND_MTLS },
#endif
    { ngx_null_string, 0 }
};


char *
ngx_http_rtauth_bound_conf(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    ngx_str_t                         *value, list;
    ngx_uint_t                         i;
    ngx_http_rtauth_bound_conf_t      *bound;
    ngx_http_rtauth_bound_conf_way_t  *way;

    value = cf->args->elts;

    way = ngx_rt_conf_row(ngx_http_rtauth_bound_conf_ways,
                          sizeof(ngx_http_rtauth_bound_conf_way_t), &value[1],
                          0);
    if (way == NULL) {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write \"off\", \"dpop\", or, in an nginx "
                                   "with SSL, \"mtls\" or \"any\"");
    }

    bound = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_bound_conf_t));
    if (bound == NULL) {
        return NGX_CONF_ERROR;
    }

    bound->ways = way->ways;

    for (i = 2; i < cf->args->nelts; i++) {

        if (!(bound->ways & RT_BOUND_DPOP)) {
            return ngx_rt_conf_invalid(cf, "parameter", &value[i],
                                       "leave it out, it is of \"dpop\" and "
                                       "\"any\"");
        }

        if (ngx_strcmp(value[i].data, "nonce=on") == 0) {
            bound->nonce = 1;
            continue;
        }

        if (ngx_strncmp(value[i].data, "algs=", 5) != 0) {
            return ngx_rt_conf_invalid(cf, "parameter", &value[i],
                                       "write \"algs=NAME,...\" or "
                                       "\"nonce=on\"");
        }

        list.data = value[i].data + 5;
        list.len = value[i].len - 5;

        if (ngx_http_rtauth_bound_conf_algs(cf, bound, &list) != NGX_CONF_OK) {
            return NGX_CONF_ERROR;
        }
    }

    if (bound->ways) {
        pcf->provider->bound = bound;
    }

    return ngx_http_rtauth_bound_conf_show(cf, bound);
}


static char *
ngx_http_rtauth_bound_conf_algs(ngx_conf_t *cf,
    ngx_http_rtauth_bound_conf_t *bound, ngx_str_t *value)
{
    rt_str_t         rest, name;
    const rt_jwa_t  *alg;

    rest = *ngx_rt_str(value);

    do {
        (void) rt_str_cut(&rest, ',', &name, &rest);

        alg = rt_jwa_find(&name);

        if (alg == NULL || (RT_JWA_HS & rt_jwa_bit(alg->id))) {
            return ngx_rt_conf_invalid(cf, "algorithm", ngx_rt_ngx(&name),
                                       "write any of RS256 RS384 RS512 PS256 "
                                       "PS384 PS512 ES256 ES384 ES512 EdDSA "
                                       "Ed25519 Ed448");
        }

        bound->algs |= rt_jwa_bit(alg->id);

    } while (rest.data);

    return NGX_CONF_OK;
}


/* as a challenge names them */

static char *
ngx_http_rtauth_bound_conf_show(ngx_conf_t *cf,
    ngx_http_rtauth_bound_conf_t *bound)
{
    u_char      *p;
    ngx_uint_t   i;

    if (bound->algs == 0) {
        bound->algs = RT_JWA_DEFAULT;
    }

    p = ngx_pnalloc(cf->pool, RT_JWA_MAX * sizeof("Ed25519"));
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    bound->shown.data = p;

    for (i = 0; i < RT_JWA_MAX; i++) {

        if (bound->algs & rt_jwa_bit(i)) {
            p = ngx_sprintf(p, "%s%V", p == bound->shown.data ? "" : " ",
                            ngx_rt_ngx((rt_str_t *) &rt_jwa(i)->name));
        }
    }

    bound->shown.len = p - bound->shown.data;

    return NGX_CONF_OK;
}


time_t
ngx_http_rtauth_bound_leeway(ngx_http_rtauth_provider_t *provider)
{
    return provider->conf->leeway;
}

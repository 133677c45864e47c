
#include "keys/ngx_http_rtauth_bound_conf.h"
#include "keys/ngx_http_rtauth_provider.h"


typedef struct {
    ngx_str_t    name;
    ngx_uint_t   ways;
} ngx_http_rtauth_bound_conf_way_t;


static ngx_http_rtauth_bound_conf_way_t  ngx_http_rtauth_bound_conf_ways[] = {
    { ngx_string("off"), 0 },
#if (NGX_HTTP_SSL)
    { ngx_string("mtls"), RT_BOUND_MTLS },
#endif
    { ngx_null_string, 0 }
};


char *
ngx_http_rtauth_bound_conf(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line)
{
    ngx_http_rtauth_provider_conf_t *pcf = conf;

    ngx_str_t                         *value;
    ngx_http_rtauth_bound_conf_t      *bound;
    ngx_http_rtauth_bound_conf_way_t  *way;

    value = cf->args->elts;

    way = ngx_rt_conf_row(ngx_http_rtauth_bound_conf_ways,
                          sizeof(ngx_http_rtauth_bound_conf_way_t), &value[1],
                          0);
    if (way == NULL) {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write \"off\", or \"mtls\" in an nginx "
                                   "with SSL");
    }

    if (way->ways == 0) {
        return NGX_CONF_OK;
    }

    bound = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_bound_conf_t));
    if (bound == NULL) {
        return NGX_CONF_ERROR;
    }

    bound->ways = way->ways;
    pcf->provider->bound = bound;

    return NGX_CONF_OK;
}


#include "request/ngx_http_rtauth_reauthorize_conf.h"


#define NGX_HTTP_RTAUTH_REAUTHORIZE      30000      /* ms, by default */
#define NGX_HTTP_RTAUTH_REAUTHORIZE_MIN  1000
#define NGX_HTTP_RTAUTH_REAUTHORIZE_MAX  86400000


static ngx_int_t ngx_http_rtauth_reauthorize_conf_queue(
    ngx_http_rtauth_main_conf_t *mcf, ngx_msec_t time);


char *
ngx_http_rtauth_reauthorize(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_int_t   time;
    ngx_str_t  *value;

    if (rlcf->reauthorize != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    rlcf->reauthorize_expiry = 0;
    rlcf->reauthorize_queue = 0;

    if (cf->args->nelts == 3) {

        if (!rt_str_lit(ngx_rt_str(&value[2]), "expiry")) {
            return ngx_rt_conf_invalid(cf, "option", &value[2],
                                       "write \"expiry\" or nothing behind "
                                       "the time");
        }

        rlcf->reauthorize_expiry = 1;

    } else if (rt_str_lit(ngx_rt_str(&value[1]), "off")) {
        rlcf->reauthorize = 0;
        return NGX_CONF_OK;
    }

    time = ngx_parse_time(&value[1], 0);

    if (time < NGX_HTTP_RTAUTH_REAUTHORIZE_MIN
        || time > NGX_HTTP_RTAUTH_REAUTHORIZE_MAX)
    {
        return ngx_rt_conf_invalid(cf, "time", &value[1],
                                   "write one from 1s to 1d, or \"off\" "
                                   "alone");
    }

    rlcf->reauthorize = time;
    rlcf->reauthorize_queue = ngx_http_rtauth_reauthorize_conf_queue(
               ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module),
               time);

    return rlcf->reauthorize_queue == (ngx_uint_t) NGX_ERROR
           ? NGX_CONF_ERROR : NGX_CONF_OK;
}


/* which of them that TIME has */

static ngx_int_t
ngx_http_rtauth_reauthorize_conf_queue(ngx_http_rtauth_main_conf_t *mcf,
    ngx_msec_t time)
{
    ngx_uint_t   i;
    ngx_msec_t  *times;

    times = mcf->reauthorize.elts;

    for (i = 0; i < mcf->reauthorize.nelts; i++) {
        if (times[i] == time) {
            return i;
        }
    }

    times = ngx_array_push(&mcf->reauthorize);
    if (times == NULL) {
        return NGX_ERROR;
    }

    *times = time;

    return i;
}


ngx_int_t
ngx_http_rtauth_reauthorize_create(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf)
{
    if (ngx_array_init(&mcf->reauthorize, cf->pool, 2, sizeof(ngx_msec_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_reauthorize_conf_queue(mcf,
                                                  NGX_HTTP_RTAUTH_REAUTHORIZE);
}


void
ngx_http_rtauth_reauthorize_merge(ngx_http_rtauth_loc_conf_t *prev,
    ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_conf_merge_msec_value(conf->reauthorize, prev->reauthorize,
                              NGX_HTTP_RTAUTH_REAUTHORIZE);
    ngx_conf_merge_uint_value(conf->reauthorize_queue, prev->reauthorize_queue,
                              0);
    ngx_conf_merge_value(conf->reauthorize_expiry, prev->reauthorize_expiry,
                         0);
}

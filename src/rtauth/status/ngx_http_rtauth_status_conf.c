
#include "status/ngx_http_rtauth_status_conf.h"
#include "keys/ngx_http_rtauth_tally.h"
#include "status/ngx_http_rtauth_status.h"
#include "ngx_rt_metrics.h"


static ngx_conf_enum_t  ngx_http_rtauth_status_conf_forms[] = {
    { ngx_string("json"), NGX_HTTP_RTAUTH_STATUS_JSON },
    { ngx_string("prometheus"), NGX_HTTP_RTAUTH_STATUS_PROMETHEUS },
    { ngx_string("ready"), NGX_HTTP_RTAUTH_STATUS_READY },
    { ngx_null_string, 0 }
};


ngx_int_t
ngx_http_rtauth_status_create(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    return ngx_array_init(&mcf->statuses, cf->pool, 1,
                          sizeof(ngx_rt_metrics_place_t));
}


/* whether a worker is ready is for those who send it requests: no numbers */

char *
ngx_http_rtauth_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t                    *value;
    ngx_conf_enum_t              *form;
    ngx_http_rtauth_main_conf_t  *mcf;

    value = cf->args->elts;
    form = ngx_http_rtauth_status_conf_forms;

    if (cf->args->nelts == 2) {
        form = ngx_rt_conf_row(form, sizeof(ngx_conf_enum_t), &value[1], 0);
    }

    if (form == NULL) {
        return ngx_rt_conf_invalid(cf, "value", &value[1], "write \"json\", "
                                   "\"prometheus\" or \"ready\"");
    }

    rlcf->status = form->value;
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    if (rlcf->status != NGX_HTTP_RTAUTH_STATUS_READY) {

        if (mcf->tally == NULL) {
            mcf->tally = ngx_http_rtauth_tally_create(cf, mcf);
        }

        if (mcf->tally == NULL
            || ngx_rt_metrics_place(cf, &mcf->statuses) != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return ngx_rt_conf_handler(cf, ngx_http_rtauth_status_handler);
}


ngx_int_t
ngx_http_rtauth_status_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    ngx_rt_metrics_warn(cf, &mcf->statuses, "rtauth_status");

    if (mcf->tally == NULL) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_rtauth_status_count_handler;

    return NGX_OK;
}

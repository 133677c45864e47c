
#include "status/ngx_http_rtaudit_status_conf.h"
#include "status/ngx_http_rtaudit_status.h"


static ngx_conf_enum_t  ngx_http_rtaudit_status_conf_forms[] = {
    { ngx_string("json"), RT_METRICS_JSON },
    { ngx_string("prometheus"), RT_METRICS_PROMETHEUS },
    { ngx_null_string, 0 }
};


ngx_int_t
ngx_http_rtaudit_status_create(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    return ngx_array_init(&mcf->statuses, cf->pool, 1,
                          sizeof(ngx_rt_metrics_place_t));
}


char *
ngx_http_rtaudit_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_main_conf_t *mcf = conf;

    ngx_str_t        *value;
    ngx_conf_enum_t  *form;

    value = cf->args->elts;
    form = ngx_http_rtaudit_status_conf_forms;

    if (cf->args->nelts == 2) {
        form = ngx_rt_conf_row(form, sizeof(ngx_conf_enum_t), &value[1], 0);
    }

    if (form == NULL) {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write \"json\" or \"prometheus\"");
    }

    if (ngx_rt_metrics_place(cf, &mcf->statuses) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_rt_conf_handler(cf, form->value == RT_METRICS_JSON
                                   ? ngx_http_rtaudit_status_json
                                   : ngx_http_rtaudit_status_prometheus);
}

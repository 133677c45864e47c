
#include "status/ngx_http_rtaudit_status_conf.h"
#include "status/ngx_http_rtaudit_status.h"


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

    return ngx_rt_metrics_conf(cf, &mcf->statuses, ngx_http_rtaudit_status_json,
                               ngx_http_rtaudit_status_prometheus);
}

#include "report/ngx_http_rtcsp_status_conf.h"
#include "report/ngx_http_rtcsp_status.h"
#include "report/ngx_http_rtcsp_tally.h"


char *
ngx_http_rtcsp_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_main_conf_t *mcf = conf;

    mcf->tally = ngx_http_rtcsp_tally_create(cf);

    return mcf->tally
           ? ngx_rt_metrics_conf(cf, &mcf->statuses, ngx_http_rtcsp_status_json,
                                 ngx_http_rtcsp_status_prometheus)
           : NGX_CONF_ERROR;
}

#include "report/ngx_http_rtcsp_collector_conf.h"
#include "report/ngx_http_rtcsp_collector.h"


char *
ngx_http_rtcsp_collector(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    lcf->collector = 1;

    return ngx_rt_conf_handler(cf, ngx_http_rtcsp_collector_handler);
}

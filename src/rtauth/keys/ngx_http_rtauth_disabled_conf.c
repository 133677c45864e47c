
#include "keys/ngx_http_rtauth_disabled_conf.h"
#include "keys/ngx_http_rtauth_disabled.h"


char *
ngx_http_rtauth_disabled(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    ngx_str_t                        *value;
    ngx_http_rtauth_disabled_conf_t  *dcf;

    if (mcf->disabled) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len <= sizeof("file=") - 1
        || ngx_strncmp(value[1].data, "file=", sizeof("file=") - 1) != 0)
    {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write \"file=PATH\"");
    }

    dcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_disabled_conf_t));
    if (dcf == NULL) {
        return NGX_CONF_ERROR;
    }

    dcf->name.data = value[1].data + sizeof("file=") - 1;
    dcf->name.len = value[1].len - (sizeof("file=") - 1);

    if (ngx_conf_full_name(cf->cycle, &dcf->name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    (void) ngx_rt_file_changed(&dcf->name, &dcf->seen);

    if (ngx_http_rtauth_disabled_read(cf, &dcf->name, &dcf->list) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    mcf->disabled = dcf;

    return NGX_CONF_OK;
}


#include "request/ngx_http_rtauth_vars_conf.h"
#include "request/ngx_http_rtauth_vars.h"


char *
ngx_http_rtauth_claim(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value, name;
    ngx_http_variable_t      *var;
    ngx_http_rtauth_claim_t  *claim;

    value = cf->args->elts;

    if (value[1].len < 2 || value[1].data[0] != '$') {
        return ngx_rt_conf_invalid(cf, "variable", &value[1],
                                   "write \"rtauth_claim $NAME PATH\"");
    }

    if (rt_json_path_check(ngx_rt_str(&value[2])) != RT_OK) {
        return ngx_rt_conf_invalid(cf, "path", &value[2],
                                   "write \"a.b[0]\", or a JSON Pointer, "
                                   "\"/https:~1~1example.com~1a\"");
    }

    if (cf->args->nelts == 4 && ngx_strcmp(value[3].data, "json") != 0) {
        return ngx_rt_conf_invalid(cf, "parameter", &value[3],
                                   "write \"json\" or nothing");
    }

    claim = ngx_palloc(cf->pool, sizeof(ngx_http_rtauth_claim_t));
    if (claim == NULL) {
        return NGX_CONF_ERROR;
    }

    claim->path = *ngx_rt_str(&value[2]);
    claim->json = (cf->args->nelts == 4);

    name.len = value[1].len - 1;
    name.data = value[1].data + 1;

    var = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
    if (var == NULL) {
        return NGX_CONF_ERROR;
    }

    if (var->get_handler) {
        return ngx_rt_conf_invalid(cf, "variable", &value[1],
                                   "write another name, this one is taken");
    }

    var->get_handler = ngx_http_rtauth_vars_path;
    var->data = (uintptr_t) claim;

    return NGX_CONF_OK;
}

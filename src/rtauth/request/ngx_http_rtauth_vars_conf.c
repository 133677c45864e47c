
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
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid variable \"%V\" in \"rtauth_claim\": "
                           "write \"rtauth_claim $NAME PATH\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (rt_json_path_check(ngx_rt_str(&value[2])) != RT_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid path \"%V\" in \"rtauth_claim\": write "
                           "\"a.b[0]\", or a JSON Pointer, "
                           "\"/https:~1~1example.com~1a\"", &value[2]);
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 4 && ngx_strcmp(value[3].data, "json") != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"%V\" in \"rtauth_claim\": write "
                           "\"json\" or nothing", &value[3]);
        return NGX_CONF_ERROR;
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
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the variable \"%V\" in \"rtauth_claim\" is taken: "
                           "choose another name", &value[1]);
        return NGX_CONF_ERROR;
    }

    var->get_handler = ngx_http_rtauth_vars_path;
    var->data = (uintptr_t) claim;

    return NGX_CONF_OK;
}

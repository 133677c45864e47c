
#include "request/ngx_http_rtauth_token_conf.h"
#include "request/ngx_http_rtauth_token.h"


static char *ngx_http_rtauth_token_conf_add(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *rlcf, ngx_str_t *value);


char *
ngx_http_rtauth_token(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    char        *rv;
    ngx_str_t   *value;
    ngx_uint_t   i;

    if (rlcf->sources != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    rlcf->sources = ngx_array_create(cf->pool, 2, sizeof(ngx_int_t));
    if (rlcf->sources == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        return NGX_CONF_OK;
    }

    if (cf->args->nelts - 1 > NGX_HTTP_RTAUTH_MAX_SOURCES) {
        return ngx_rt_conf_invalid(cf, "number of arguments", NULL,
                                   "write at most %d",
                                   NGX_HTTP_RTAUTH_MAX_SOURCES);
    }

    for (i = 1; i < cf->args->nelts; i++) {

        rv = ngx_http_rtauth_token_conf_add(cf, rlcf, &value[i]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_token_conf_add(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *rlcf,
    ngx_str_t *value)
{
    ngx_int_t  *source, index;
    ngx_str_t   name;

    if (value->len < 2 || value->data[0] != '$') {
        return ngx_rt_conf_invalid(cf, "source", value,
                                   "write variables, as $http_authorization "
                                   "or $cookie_token, or \"off\" alone");
    }

    name.len = value->len - 1;
    name.data = value->data + 1;

    /* the header has a scheme before its token, other variables have none */

    if (name.len == sizeof("http_authorization") - 1
        && ngx_strncasecmp(name.data, (u_char *) "http_authorization",
                           name.len)
           == 0)
    {
        index = NGX_HTTP_RTAUTH_BEARER;

    } else {
        index = ngx_http_get_variable_index(cf, &name);
        if (index == NGX_ERROR) {
            return NGX_CONF_ERROR;
        }
    }

    source = ngx_array_push(rlcf->sources);
    if (source == NULL) {
        return NGX_CONF_ERROR;
    }

    *source = index;

    return NGX_CONF_OK;
}


#include "request/ngx_http_rtauth_strip_conf.h"


static char *ngx_http_rtauth_strip_conf_add(ngx_array_t *names,
    ngx_str_t *name);
static char *ngx_http_rtauth_strip_conf_check(ngx_conf_t *cf, ngx_str_t *name);


/* headers nginx itself reads to know where a request ends and whose it is */

static ngx_str_t  ngx_http_rtauth_strip_conf_unstrippable[] = {
    ngx_string("host"),
    ngx_string("connection"),
    ngx_string("content-length"),
    ngx_string("transfer-encoding"),
    ngx_string("expect"),
    ngx_string("upgrade"),
    ngx_null_string
};


/* what makes an application take another path or method than nginx did */

static ngx_str_t  ngx_http_rtauth_strip_conf_overrides[] = {
    ngx_string("X-HTTP-Method-Override"),
    ngx_string("X-HTTP-Method"),
    ngx_string("X-Method-Override"),
    ngx_string("X-Forwarded-Method"),
    ngx_string("X-Original-Method"),
    ngx_string("X-Original-URL"),
    ngx_string("X-Original-URI"),
    ngx_string("X-Original-Path"),
    ngx_string("X-Envoy-Original-Path"),
    ngx_string("X-Rewrite-URL"),
    ngx_string("X-Override-URL"),
    ngx_string("X-Request-URI"),
    ngx_string("X-Forwarded-URI"),
    ngx_string("X-Forwarded-URL"),
    ngx_string("X-Forwarded-Path"),
    ngx_string("X-Forwarded-Prefix"),
    ngx_string("X-Script-Name"),
    ngx_string("Script-Name"),
    ngx_string("Path-Info"),
    ngx_null_string
};


char *
ngx_http_rtauth_strip_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_srv_conf_t *rscf = conf;

    ngx_str_t   *value, *name;
    ngx_uint_t   i;

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (rscf->strip == NULL) {
        rscf->strip = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
        if (rscf->strip == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "overrides") == 0) {

            for (name = ngx_http_rtauth_strip_conf_overrides;
                 name->len;
                 name++)
            {
                if (ngx_http_rtauth_strip_conf_add(rscf->strip, name)
                    != NGX_CONF_OK)
                {
                    return NGX_CONF_ERROR;
                }
            }

            continue;
        }

        if (ngx_http_rtauth_strip_conf_check(cf, &value[i]) != NGX_CONF_OK
            || ngx_http_rtauth_strip_conf_add(rscf->strip, &value[i])
               != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_strip_conf_add(ngx_array_t *names, ngx_str_t *name)
{
    ngx_str_t  *added;

    added = ngx_array_push(names);
    if (added == NULL) {
        return NGX_CONF_ERROR;
    }

    *added = *name;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_strip_conf_check(ngx_conf_t *cf, ngx_str_t *name)
{
    if (!ngx_rt_conf_name(name, "-_")) {
        return ngx_rt_conf_invalid(cf, "header name", name,
                                   "write the name alone, of letters, digits, "
                                   "\"-\" and \"_\"");
    }

    if (ngx_rt_conf_among(ngx_http_rtauth_strip_conf_unstrippable, name->data,
                          name->len))
    {
        return ngx_rt_conf_invalid(cf, "header name", name,
                                   "write none that nginx itself needs, and "
                                   "set this one with \"proxy_set_header\"");
    }

    return NGX_CONF_OK;
}


#include "request/ngx_http_rtauth_upgrade_conf.h"


static char *ngx_http_rtauth_upgrade_conf_check(ngx_conf_t *cf,
    ngx_str_t *name);


/* protocols, without a version, that carry requests */

static ngx_str_t  ngx_http_rtauth_upgrade_conf_tunnels[] = {
    ngx_string("h2c"),
    ngx_string("h2"),
    ngx_string("HTTP"),
    ngx_string("TLS"),
    ngx_null_string
};


char *
ngx_http_rtauth_upgrade(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t                    *value, *name, *all;
    ngx_uint_t                    i;
    ngx_http_rtauth_main_conf_t  *mcf;

    if (rlcf->upgrade != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);
    value = cf->args->elts;

    rlcf->upgrade = ngx_array_create(cf->pool, 2, sizeof(ngx_str_t));
    if (rlcf->upgrade == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_rtauth_upgrade_conf_check(cf, &value[i]) != NGX_CONF_OK) {
            return NGX_CONF_ERROR;
        }

        name = ngx_array_push(rlcf->upgrade);
        all = ngx_array_push(&mcf->upgrades);
        if (name == NULL || all == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
        *all = value[i];
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_upgrade_conf_check(ngx_conf_t *cf, ngx_str_t *name)
{
    size_t   len;
    u_char  *p;

    if (!ngx_rt_conf_name(name, "-_.+/")) {
        return ngx_rt_conf_invalid(cf, "protocol", name,
                                   "write each name as it stands in "
                                   "\"Upgrade\", apart from the others");
    }

    p = (u_char *) ngx_strchr(name->data, '/');
    len = p ? (size_t) (p - name->data) : name->len;

    if (ngx_rt_conf_among(ngx_http_rtauth_upgrade_conf_tunnels, name->data,
                          len))
    {
        return ngx_rt_conf_invalid(cf, "protocol", name,
                                   "write none that carries requests, for "
                                   "nobody would look at them");
    }

    return NGX_CONF_OK;
}

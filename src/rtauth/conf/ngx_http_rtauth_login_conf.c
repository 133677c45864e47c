
#include "conf/ngx_http_rtauth_login_conf.h"
#include "client/ngx_http_rtauth_origin_conf.h"
#include "client/ngx_http_rtauth_uris.h"
#include "oidc/rt_origin.h"
#include "session/ngx_http_rtauth_session_conf.h"
#include "text/rt_cookie.h"


static ngx_uint_t ngx_http_rtauth_login_conf_clients(ngx_array_t *providers);


static ngx_conf_enum_t  ngx_http_rtauth_login_conf_ways[] = {
    { ngx_string("auto"), NGX_HTTP_RTAUTH_LOGIN_AUTO },
    { ngx_string("always"), NGX_HTTP_RTAUTH_LOGIN_ALWAYS },
    { ngx_string("never"), NGX_HTTP_RTAUTH_LOGIN_NEVER },
    { ngx_null_string, 0 }
};


char *
ngx_http_rtauth_login(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t        *value;
    ngx_conf_enum_t  *way;

    if (rlcf->login != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    way = ngx_rt_conf_row(ngx_http_rtauth_login_conf_ways,
                          sizeof(ngx_conf_enum_t), &value[1], 0);

    if (way == NULL) {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write auto, always or never");
    }

    rlcf->login = way->value;
    ngx_rt_conf_here(cf, &rlcf->login_where);

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_cross_origins(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t    *value;
    ngx_uint_t    i;
    const char   *why;
    rt_origin_t  *origin;

    if (rlcf->cross_origin != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && rt_str_lit(ngx_rt_str(&value[1]), "allow")) {
        rlcf->cross_origin = NGX_HTTP_RTAUTH_CROSS_ALLOW;
        return NGX_CONF_OK;
    }

    rlcf->cross_origin = NGX_HTTP_RTAUTH_CROSS_REFUSE;

    if (cf->args->nelts == 2 && rt_str_lit(ngx_rt_str(&value[1]), "refuse")) {
        rlcf->origins = NULL;
        return NGX_CONF_OK;
    }

    rlcf->origins = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                     sizeof(rt_origin_t));
    if (rlcf->origins == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {
        origin = ngx_array_push(rlcf->origins);

        if (rt_origin_parse(ngx_rt_str(&value[i]), origin, &why) != RT_OK) {
            return ngx_rt_conf_invalid(cf, "origin", &value[i],
                                       "write \"https://HOST\", or \"refuse\""
                                       " or \"allow\" alone, for this one %s",
                                       why);
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_app_cookie(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t    *value, *name;
    ngx_uint_t    i;
    const char   *why;
    rt_cookie_t   cookie;

    if (rlcf->app_cookies != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    rlcf->app_cookies = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                         sizeof(ngx_str_t));
    if (rlcf->app_cookies == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&cookie, sizeof(rt_cookie_t));

    cookie.secure = 1;
    cookie.path.len = 1;
    cookie.path.data = (u_char *) "/";

    for (i = 1; i < cf->args->nelts; i++) {

        cookie.name = *ngx_rt_str(&value[i]);

        if (rt_cookie_check(&cookie, &why) != RT_OK) {
            return ngx_rt_conf_invalid(cf, "name", &value[i],
                                       "write that of a cookie which the "
                                       "application sets, this one %s", why);
        }

        name = ngx_array_push(rlcf->app_cookies);
        *name = value[i];
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_pages(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_srv_conf_t *rscf = conf;

    ngx_str_t        *value;
    ngx_file_info_t   fi;

    if (rscf->pages.len) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0
        || ngx_conf_full_name(cf->cycle, &value[1], 1) != NGX_OK)
    {
        return "has no folder";
    }

    if (ngx_file_info(value[1].data, &fi) == NGX_FILE_ERROR
        || !ngx_is_dir(&fi))
    {
        return ngx_rt_conf_invalid(cf, "folder", &value[1],
                                   "make it, or mend the path");
    }

    rscf->pages = value[1];
    ngx_rt_conf_here(cf, &rscf->pages_where);

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_login_merge(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *prev,
    ngx_http_rtauth_loc_conf_t *conf)
{
    if (conf->providers
        && !ngx_http_rtauth_login_conf_clients(conf->providers)
        && conf->login != NGX_CONF_UNSET_UINT
        && conf->login != NGX_HTTP_RTAUTH_LOGIN_NEVER)
    {
        return ngx_rt_conf_error(cf, &conf->login_where,
                                 "\"rtauth_login\" has nowhere to send "
                                 "people: no provider of \"rtauth\" here has "
                                 "a \"client_id\", write one, or "
                                 "\"rtauth_login never\"");
    }

    ngx_conf_merge_uint_value(conf->login, prev->login,
                              NGX_HTTP_RTAUTH_LOGIN_AUTO);

    if (conf->cross_origin == NGX_CONF_UNSET_UINT) {
        conf->origins = prev->origins;
    }

    ngx_conf_merge_uint_value(conf->cross_origin, prev->cross_origin,
                              NGX_HTTP_RTAUTH_CROSS_REFUSE);
    ngx_conf_merge_ptr_value(conf->app_cookies, prev->app_cookies, NULL);

    return ngx_http_rtauth_uris_merge(cf, conf->providers);
}


static ngx_uint_t
ngx_http_rtauth_login_conf_clients(ngx_array_t *providers)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **provider;

    if (providers == NULL) {
        return 0;
    }

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {
        if (provider[i]->client) {
            return 1;
        }
    }

    return 0;
}


char *
ngx_http_rtauth_login_init(ngx_conf_t *cf)
{
    ngx_uint_t                    i;
    ngx_http_core_srv_conf_t    **cscf;
    ngx_http_core_main_conf_t    *cmcf;
    ngx_http_rtauth_srv_conf_t   *rscf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    cscf = cmcf->servers.elts;

    for (i = 0; i < cmcf->servers.nelts; i++) {

        rscf = cscf[i]->ctx->srv_conf[ngx_http_rtauth_module.ctx_index];

        if (rscf->uris.nelts == 0) {
            continue;
        }

        ngx_http_rtauth_uris_exact(rscf);

        if (ngx_http_rtauth_origin_init(cf, cscf[i], rscf) != NGX_CONF_OK
            || ngx_http_rtauth_session_use(cf, rscf->sessions) != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }

        ngx_http_rtauth_session_check(cf, cscf[i], rscf);
    }

    return NGX_CONF_OK;
}

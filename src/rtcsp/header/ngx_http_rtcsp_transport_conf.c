#include "header/ngx_http_rtcsp_transport_conf.h"
#include "ngx_rt_server.h"


static char *ngx_http_rtcsp_transport_conf_host(ngx_conf_t *cf,
    ngx_str_t *arg, ngx_str_t *host);
static char *ngx_http_rtcsp_transport_conf_name(ngx_conf_t *cf,
    ngx_http_rtcsp_cookie_t *cookie, ngx_str_t *arg);


/* rtcsp_force_https on|permanent|off [host=NAME[:PORT]] */

char *
ngx_http_rtcsp_force_https(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_str_t                     *args;
    ngx_http_rtcsp_force_https_t  *force;

    if (lcf->force_https) {
        return "is duplicate";
    }

    force = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtcsp_force_https_t));
    if (force == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_rt_conf_here(cf, &force->where);
    lcf->force_https = force;
    args = cf->args->elts;

    if (ngx_strcmp(args[1].data, "permanent") == 0) {
        force->permanent = 1;
        force->on = 1;

    } else if (ngx_strcmp(args[1].data, "on") == 0) {
        force->on = 1;

    } else if (ngx_strcmp(args[1].data, "off") != 0
               || cf->args->nelts != 2)
    {
        return ngx_rt_conf_invalid(cf, "value", &args[1],
                                   "write \"on\", \"permanent\" or \"off\", "
                                   "and \"host=NAME\" behind the first two");
    }

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    return ngx_http_rtcsp_transport_conf_host(cf, &args[2], &force->host);
}


static char *
ngx_http_rtcsp_transport_conf_host(ngx_conf_t *cf, ngx_str_t *arg,
    ngx_str_t *host)
{
    u_char     *colon;
    ngx_int_t   port;
    ngx_str_t   name;

    if (arg->len <= 5 || ngx_strncmp(arg->data, "host=", 5) != 0) {
        return ngx_rt_conf_invalid(cf, "parameter", arg,
                                   "write \"host=NAME\" or "
                                   "\"host=NAME:PORT\"");
    }

    host->data = arg->data + 5;
    host->len = arg->len - 5;
    name = *host;
    port = 443;

    colon = ngx_strlchr(name.data, name.data + name.len, ':');

    if (colon != NULL) {
        port = ngx_atoi(colon + 1, name.data + name.len - colon - 1);
        name.len = colon - name.data;
    }

    if (port < 1 || port > 65535 || !ngx_rt_conf_name(&name, "-.")
        || name.len == 0 || name.data[0] == '.')
    {
        return ngx_rt_conf_invalid(cf, "parameter", arg,
                                   "write \"host=\" and a name such as "
                                   "\"tools.example.com\", without a path");
    }

    return NGX_CONF_OK;
}


/* rtcsp_session_cookie NAME ... [secure] [httponly] [samesite=VALUE] | off */

char *
ngx_http_rtcsp_session_cookie(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    char                     *rv;
    ngx_str_t                *args;
    ngx_uint_t                i;
    ngx_http_rtcsp_cookie_t  *cookie;

    if (lcf->cookie) {
        return "is duplicate";
    }

    cookie = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtcsp_cookie_t));
    if (cookie == NULL) {
        return NGX_CONF_ERROR;
    }

    lcf->cookie = cookie;
    args = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(args[1].data, "off") == 0) {
        return NGX_CONF_OK;
    }

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK
        || ngx_rt_conf_once(cf, NULL) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    cookie->names = ngx_array_create(cf->pool, 1, sizeof(rt_str_t));
    if (cookie->names == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(args[i].data, "secure") == 0) {
            cookie->flags.secure = 1;

        } else if (ngx_strcmp(args[i].data, "httponly") == 0) {
            cookie->flags.httponly = 1;

        } else if (ngx_strcmp(args[i].data, "samesite=Lax") == 0) {
            cookie->flags.samesite = RT_SAMESITE_LAX;

        } else if (ngx_strcmp(args[i].data, "samesite=Strict") == 0) {
            cookie->flags.samesite = RT_SAMESITE_STRICT;

        } else if (ngx_strcmp(args[i].data, "samesite=None") == 0) {
            cookie->flags.samesite = RT_SAMESITE_NONE;

        } else {
            rv = ngx_http_rtcsp_transport_conf_name(cf, cookie, &args[i]);
            if (rv != NGX_CONF_OK) {
                return rv;
            }
        }
    }

    if (cookie->names->nelts == 0) {
        return "names no cookie: write \"rtcsp_session_cookie NAME ...\"";
    }

    /* a line without flags gets Talisman's */

    if (cookie->names->nelts == cf->args->nelts - 1) {
        cookie->flags.secure = 1;
        cookie->flags.httponly = 1;
        cookie->flags.samesite = RT_SAMESITE_LAX;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtcsp_transport_conf_name(ngx_conf_t *cf,
    ngx_http_rtcsp_cookie_t *cookie, ngx_str_t *arg)
{
    rt_str_t  *name;

    if (!ngx_rt_conf_name(arg, "_-.!#$%&'*+^`|~")) {
        return ngx_rt_conf_invalid(cf, "parameter", arg,
                                   "write a cookie's name, \"secure\", "
                                   "\"httponly\", or \"samesite=\" and Lax, "
                                   "Strict or None");
    }

    name = ngx_array_push(cookie->names);
    if (name == NULL) {
        return NGX_CONF_ERROR;
    }

    name->data = arg->data;
    name->len = arg->len;

    return NGX_CONF_OK;
}


/* where a line of an outer level is inherited to, the names are the server's */

char *
ngx_http_rtcsp_transport_merge(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *prev, ngx_http_rtcsp_loc_conf_t *conf)
{
    ngx_http_rtcsp_force_https_t  *force;

    if (conf->cookie == NULL) {
        conf->cookie = prev->cookie;
    }

    if (conf->force_https == NULL) {
        conf->force_https = prev->force_https;
    }

    force = conf->force_https;

    if (force == NULL || !force->on || force->host.len) {
        return NGX_CONF_OK;
    }

    if (conf->force_https == prev->force_https && prev->merged
        && force->names)
    {
        return NGX_CONF_OK;
    }

    /* a copy, for another server of the same http block has other names */

    force = ngx_palloc(cf->pool, sizeof(ngx_http_rtcsp_force_https_t));
    if (force == NULL) {
        return NGX_CONF_ERROR;
    }

    *force = *conf->force_https;
    conf->force_https = force;

    force->names = ngx_rt_server_names(cf->pool,
                    ngx_http_conf_get_module_srv_conf(cf,
                                                      ngx_http_core_module));
    if (force->names == NULL) {
        return NGX_CONF_ERROR;
    }

    if (force->names->nelts == 0) {
        return ngx_rt_conf_error(cf, &force->where,
                                 "\"rtcsp_force_https\" does not know where "
                                 "to send people, for the server has no exact "
                                 "\"server_name\": write it, or "
                                 "\"rtcsp_force_https on host=NAME\"");
    }

    return NGX_CONF_OK;
}


/* handlers of this phase run from the last to the first */

ngx_int_t
ngx_http_rtcsp_transport_order(ngx_conf_t *cf)
{
    ngx_uint_t  i, self;

    self = 0;

    for (i = 0; cf->cycle->modules[i]; i++) {

        if (cf->cycle->modules[i] == &ngx_http_rtcsp_module) {
            self = 1;
            continue;
        }

        if (self && ngx_strcmp(cf->cycle->modules[i]->name,
                               "ngx_http_rewrite_module")
                    == 0)
        {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"return\" and \"rewrite\" would answer before "
                          "\"rtcsp_force_https\": load "
                          "\"ngx_http_rtcsp_module\" by \"load_module\", at "
                          "the top of \"%V\"", &cf->cycle->conf_file);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}

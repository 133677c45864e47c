
#include "conf/ngx_http_rtauth_conf.h"
#include "ngx_rt_journal_place.h"
#include "ngx_rt_server.h"
#include "keys/ngx_http_rtauth_cache.h"
#include "keys/ngx_http_rtauth_state.h"
#include "request/ngx_http_rtauth_request.h"


static ngx_int_t ngx_http_rtauth_conf_zone_init(ngx_shm_zone_t *zone,
    void *data);
static char *ngx_http_rtauth_conf_resolve_name(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf, ngx_str_t *name);
static ngx_http_rtauth_provider_t *ngx_http_rtauth_conf_twin(
    ngx_http_rtauth_loc_conf_t *conf, ngx_http_rtauth_provider_t *provider);
static ngx_uint_t ngx_http_rtauth_conf_in_server_name(ngx_conf_t *cf);


/*
 * A zone of the same size comes back over a reload with all that is in it.  A
 * new configuration never reuses what another one put there: the keys of all
 * entries include the fingerprint of the configuration that made them.
 */

static ngx_int_t
ngx_http_rtauth_conf_zone_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_http_rtauth_main_conf_t *mcf = zone->data;

    if (ngx_http_rtauth_shpool(zone)->data == NULL) {

        if (ngx_http_rtauth_zone_make(zone) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_http_rtauth_cache_init(ngx_http_rtauth_root(zone),
                                   zone->shm.size / 2);
    }

    mcf->number = ++ngx_http_rtauth_root(zone)->conf;

    return mcf->state.len
           ? ngx_http_rtauth_state_prepare(mcf, zone->shm.log) : NGX_OK;
}


char *
ngx_http_rtauth_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    ngx_str_t  *value, name = ngx_string("rtauth");

    if (mcf->zone) {
        return "is duplicate";
    }

    mcf->zone = ngx_rt_conf_zone(cf, &name, NGX_HTTP_RTAUTH_MIN_ZONE,
                                 &ngx_http_rtauth_module);
    if (mcf->zone == NULL) {
        return NGX_CONF_ERROR;
    }

    mcf->zone->init = ngx_http_rtauth_conf_zone_init;
    mcf->zone->data = mcf;

    ngx_rt_conf_here(cf, &mcf->zone_where);

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    value = cf->args->elts;

    if (ngx_strncmp(value[2].data, "state=", 6) != 0 || value[2].len == 6) {
        return ngx_rt_conf_invalid(cf, "value", &value[2],
                                   "write \"state=PATH\"");
    }

    mcf->cycle = cf->cycle;
    mcf->state.data = value[2].data + 6;
    mcf->state.len = value[2].len - 6;

    if (ngx_conf_full_name(cf->cycle, &mcf->state, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_rt_journal_none(&mcf->state)) {
        ngx_rt_conf_warn(cf, &mcf->zone_where,
                         "\"%V\" is not there, and is made: nothing is known "
                         "of what was revoked", &mcf->state);
    }

    return NGX_CONF_OK;
}


/* names are looked up when all is read: providers may stand further down */

char *
ngx_http_rtauth(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t   *value, *name;
    ngx_uint_t   i;

    if (rlcf->providers != NGX_CONF_UNSET_PTR || rlcf->names) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        rlcf->providers = NULL;
        return NGX_CONF_OK;
    }

    rlcf->names = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                   sizeof(ngx_str_t));
    if (rlcf->names == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_rt_conf_here(cf, &rlcf->where);

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "off") == 0) {
            return "cannot hold both names and \"off\": "
                   "write \"rtauth off\" alone";
        }

        name = ngx_array_push(rlcf->names);
        *name = value[i];
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_phase(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_rt_conf_here(cf, &rlcf->phase_where);

    return ngx_conf_set_enum_slot(cf, cmd, conf);
}


char *
ngx_http_rtauth_authorize(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_rt_conf_here(cf, &rlcf->authorize_where);

    return ngx_conf_set_flag_slot(cf, cmd, conf);
}


char *
ngx_http_rtauth_workspace(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (!clcf->exact_match) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" in location \"%V\" would send deep links "
                           "away: write it in \"location = /\"", &cmd->name,
                           &clcf->name);
        return NGX_CONF_ERROR;
    }

    ngx_rt_conf_here(cf, &rlcf->workspace_where);

    return ngx_conf_set_flag_slot(cf, cmd, conf);
}


char *
ngx_http_rtauth_conf_resolve(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_str_t                    *name;
    ngx_uint_t                    i;
    ngx_http_rtauth_main_conf_t  *mcf;

    if (conf->names == NULL || conf->providers != NGX_CONF_UNSET_PTR) {
        return NGX_CONF_OK;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    if (mcf->zone == NULL) {
        return ngx_rt_conf_error(cf, &conf->where,
                                 "no memory for keys and tokens of \"rtauth\""
                                 ": write \"rtauth_zone 16m\" in http");
    }

    conf->providers = ngx_array_create(cf->pool, conf->names->nelts,
                                       sizeof(ngx_http_rtauth_provider_t *));
    if (conf->providers == NULL) {
        return NGX_CONF_ERROR;
    }

    name = conf->names->elts;

    for (i = 0; i < conf->names->nelts; i++) {
        if (ngx_http_rtauth_conf_resolve_name(cf, conf, &name[i])
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_conf_resolve_name(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf, ngx_str_t *name)
{
    ngx_http_rtauth_provider_t   *provider, *twin, **listed;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    provider = ngx_http_rtauth_provider_find(mcf, name);

    if (provider == NULL) {
        return ngx_rt_conf_error(cf, &conf->where,
                                 "unknown provider \"%V\" in \"rtauth\": "
                                 "write \"rtauth_provider %V { ... }\" in "
                                 "http", name, name);
    }

    if (ngx_http_rtauth_trusts(conf, provider)) {
        return ngx_rt_conf_error(cf, &conf->where,
                                 "duplicate provider \"%V\" in \"rtauth\": "
                                 "write it once", name);
    }

    twin = ngx_http_rtauth_conf_twin(conf, provider);

    if (twin) {
        return ngx_rt_conf_error(cf, &conf->where,
                                 "providers \"%V\" and \"%V\" in \"rtauth\" "
                                 "have one issuer, \"%V\", and the second "
                                 "would never be asked: write one of them, "
                                 "or give one provider both audiences",
                                 &twin->name, name, &provider->issuer);
    }

    listed = ngx_array_push(conf->providers);
    *listed = provider;

    return NGX_CONF_OK;
}


/* a token's issuer chooses among the providers of a line: each has its own */

static ngx_http_rtauth_provider_t *
ngx_http_rtauth_conf_twin(ngx_http_rtauth_loc_conf_t *conf,
    ngx_http_rtauth_provider_t *provider)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **listed;

    listed = conf->providers->elts;

    for (i = 0; i < conf->providers->nelts; i++) {
        if (rt_str_eq(ngx_rt_str(&listed[i]->issuer),
                      ngx_rt_str(&provider->issuer)))
        {
            return listed[i];
        }
    }

    return NULL;
}


/* what was written here, and would let nobody in or do nothing */

char *
ngx_http_rtauth_conf_check(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
    rt_group_t                   *group;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    if (conf->authorize == 1 && !mcf->policy.grants) {
        return ngx_rt_conf_error(cf, &conf->authorize_where,
                                 "\"rtauth_authorize on\" lets nobody in: no "
                                 "\"rtauth_group\" has a \"permission\", "
                                 "write one");
    }

    if (conf->workspace != 1) {
        return NGX_CONF_OK;
    }

    if (conf->providers == NULL) {
        return ngx_rt_conf_error(cf, &conf->workspace_where,
                                 "\"rtauth_workspace on\" knows no user: "
                                 "write \"rtauth NAME\" at the same level or "
                                 "outside of it");
    }

    for (group = mcf->policy.groups; group; group = group->next) {
        if (group->default_app.len) {
            return NGX_CONF_OK;
        }
    }

    return ngx_rt_conf_error(cf, &conf->workspace_where,
                             "\"rtauth_workspace on\" has nowhere to send "
                             "users: write \"default_app PATH\" in an "
                             "\"rtauth_group\"");
}


/* a refusal in PREACCESS is the end: nobody else is asked */

char *
ngx_http_rtauth_conf_check_phase(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->providers == NULL
        || conf->phase != NGX_HTTP_RTAUTH_PREACCESS
        || clcf->satisfy != NGX_HTTP_SATISFY_ANY)
    {
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_error(cf, &conf->phase_where,
                             "\"rtauth_phase preaccess\" lets nobody in by "
                             "\"satisfy any\"%s%V%s: write \"rtauth_phase "
                             "access\" or \"satisfy all\" there",
                             clcf->name.len ? " in location \"" : "",
                             &clcf->name, clcf->name.len ? "\"" : "");
}


char *
ngx_http_rtauth_conf_check_server(ngx_conf_t *cf)
{
    ngx_rt_where_t             where;
    ngx_http_core_srv_conf_t  *cscf;

    if (!ngx_http_rtauth_conf_in_server_name(cf)) {
        return NGX_CONF_OK;
    }

    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);

    where = ngx_rt_server_where(cscf);

    return ngx_rt_conf_error(cf, &where,
                             "a semicolon is missing before \"rtauth\" in "
                             "\"server_name\" of the server");
}


/*
 * The line before "rtauth corp;" is often this one, and without a semicolon it
 * makes names of it.  "rtauth" alone may be a host.
 */

static ngx_uint_t
ngx_http_rtauth_conf_in_server_name(ngx_conf_t *cf)
{
    ngx_uint_t                     i, n;
    ngx_http_server_name_t        *name;
    ngx_http_core_srv_conf_t      *cscf;
    ngx_http_rtauth_provider_t   **provider;
    ngx_http_rtauth_main_conf_t   *mcf;

    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    name = cscf->server_names.elts;
    provider = mcf->providers.elts;

    for (i = 0; i + 1 < cscf->server_names.nelts; i++) {

        if (!rt_str_lit(ngx_rt_str(&name[i].name), "rtauth")) {
            continue;
        }

        /* nginx has made lower case of the names of servers */

        for (n = 0; n < mcf->providers.nelts; n++) {
            if (rt_str_ieq(ngx_rt_str(&provider[n]->name),
                           ngx_rt_str(&name[i + 1].name)))
            {
                return 1;
            }
        }
    }

    return 0;
}

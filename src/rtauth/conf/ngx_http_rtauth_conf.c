
#include "conf/ngx_http_rtauth_conf.h"
#include "keys/ngx_http_rtauth_cache.h"


static ngx_int_t ngx_http_rtauth_conf_zone_init(ngx_shm_zone_t *zone,
    void *data);


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

    return NGX_OK;
}


char *
ngx_http_rtauth_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    ngx_str_t  name = ngx_string("rtauth");

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

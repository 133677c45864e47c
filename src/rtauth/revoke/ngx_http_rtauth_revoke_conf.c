
#include "revoke/ngx_http_rtauth_revoke_conf.h"
#include "revoke/ngx_http_rtauth_revoke.h"
#include "session/ngx_http_rtauth_sessions.h"


char *
ngx_http_rtauth_revoke(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_rtauth_revoke_conf_t  *rcf;

    rcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_revoke_conf_t));
    if (rcf == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_rt_conf_here(cf, &rcf->where);

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "open") == 0 && cf->args->nelts == 2) {
            rcf->open = 1;
            continue;
        }

        if (ngx_strncmp(value[i].data, "key=", 4) != 0) {
            return ngx_rt_conf_invalid(cf, "value", &value[i],
                                       "write \"key=SECRET\", or \"open\" "
                                       "alone");
        }

        if (ngx_http_rtauth_caller_conf(cf, &rcf->caller, &value[i])
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    rlcf->revoke = rcf;

    return ngx_rt_conf_handler(cf, ngx_http_rtauth_revoke_handler);
}


char *
ngx_http_rtauth_revoke_check(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_http_rtauth_main_conf_t    *mcf;
    ngx_http_rtauth_revoke_conf_t  *rcf;

    rcf = conf->revoke;

    if (rcf == NULL) {
        return NGX_CONF_OK;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    if (mcf->revokes.line == 0) {
        mcf->revokes = rcf->where;
    }

    if (rcf->caller.n && conf->providers) {
        return ngx_rt_conf_error(cf, &rcf->where,
                                 "the \"key=\" of \"rtauth_revoke\" would be "
                                 "taken for a token: write \"rtauth off\" in "
                                 "its location");
    }

    if (rcf->caller.n == 0 && !rcf->open
        && (conf->providers == NULL || conf->require == NULL))
    {
        return ngx_rt_conf_error(cf, &rcf->where,
                                 "anybody could use \"rtauth_revoke\": write "
                                 "\"rtauth NAME\" and an \"rtauth_require\", "
                                 "\"key=SECRET\", or \"open\" with \"allow\" "
                                 "and \"deny\"");
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_revoke_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    if (mcf->revokes.line == 0 || mcf->state.len
        || (mcf->zone && mcf->redis.nelts))
    {
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_error(cf, &mcf->revokes,
                             "a restart would forget what \"rtauth_revoke\" "
                             "has revoked: write \"rtauth_zone SIZE "
                             "state=PATH\", or have an "
                             "\"rtauth_redis\"");
}


#include "status/ngx_http_rtauth_status_conf.h"
#include "keys/ngx_http_rtauth_tally.h"
#include "status/ngx_http_rtauth_status.h"


typedef struct {
    ngx_rt_where_t    where;
    void            **loc_conf;
} ngx_http_rtauth_status_place_t;


static ngx_uint_t ngx_http_rtauth_status_conf_guarded(ngx_conf_t *cf,
    void **loc_conf);


static ngx_conf_enum_t  ngx_http_rtauth_status_conf_forms[] = {
    { ngx_string("json"), NGX_HTTP_RTAUTH_STATUS_JSON },
    { ngx_string("prometheus"), NGX_HTTP_RTAUTH_STATUS_PROMETHEUS },
    { ngx_string("ready"), NGX_HTTP_RTAUTH_STATUS_READY },
    { ngx_null_string, 0 }
};


ngx_int_t
ngx_http_rtauth_status_create(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    return ngx_array_init(&mcf->statuses, cf->pool, 1,
                          sizeof(ngx_http_rtauth_status_place_t));
}


/* whether a worker is ready is for those who send it requests: no numbers */

char *
ngx_http_rtauth_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t                       *value;
    ngx_conf_enum_t                 *form;
    ngx_http_rtauth_main_conf_t     *mcf;
    ngx_http_rtauth_status_place_t  *place;

    value = cf->args->elts;
    form = ngx_http_rtauth_status_conf_forms;

    if (cf->args->nelts == 2) {
        form = ngx_rt_conf_row(form, sizeof(ngx_conf_enum_t), &value[1], 0);
    }

    if (form == NULL) {
        return ngx_rt_conf_invalid(cf, "value", &value[1], "write \"json\", "
                                   "\"prometheus\" or \"ready\"");
    }

    rlcf->status = form->value;
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    if (rlcf->status != NGX_HTTP_RTAUTH_STATUS_READY) {

        if (mcf->tally == NULL) {
            mcf->tally = ngx_http_rtauth_tally_create(cf, mcf);
        }

        place = ngx_array_push(&mcf->statuses);

        if (mcf->tally == NULL || place == NULL) {
            return NGX_CONF_ERROR;
        }

        place->loc_conf = ((ngx_http_conf_ctx_t *) cf->ctx)->loc_conf;
        ngx_rt_conf_here(cf, &place->where);
    }

    return ngx_rt_conf_handler(cf, ngx_http_rtauth_status_handler);
}


ngx_int_t
ngx_http_rtauth_status_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_uint_t                       i;
    ngx_http_handler_pt             *h;
    ngx_http_core_main_conf_t       *cmcf;
    ngx_http_rtauth_loc_conf_t      *rlcf;
    ngx_http_rtauth_status_place_t  *place;

    place = mcf->statuses.elts;

    for (i = 0; i < mcf->statuses.nelts; i++) {
        rlcf = place[i].loc_conf[ngx_http_rtauth_module.ctx_index];

        if ((rlcf->providers == NULL || rlcf->dry_run)
            && !ngx_http_rtauth_status_conf_guarded(cf, place[i].loc_conf))
        {
            ngx_rt_conf_warn(cf, &place[i].where,
                             "anybody can read this \"rtauth_status\": write "
                             "\"allow\" and \"deny all\", or \"rtauth NAME\"");
        }
    }

    if (mcf->tally == NULL) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_rtauth_status_count_handler;

    return NGX_OK;
}


/*
 * What these modules are told is their own.  But each one's configuration
 * begins with a word that is 0 where it guards nothing: rules, a realm, the
 * length of an address.  If that should change, a warning is given or not.
 */

static ngx_uint_t
ngx_http_rtauth_status_conf_guarded(ngx_conf_t *cf, void **loc_conf)
{
    ngx_uint_t     i;
    ngx_module_t  *m;

    static ngx_str_t  guards[] = {
        ngx_string("ngx_http_access_module"),
        ngx_string("ngx_http_auth_basic_module"),
        ngx_string("ngx_http_auth_request_module"),
        ngx_null_string
    };

    for (i = 0; cf->cycle->modules[i]; i++) {
        m = cf->cycle->modules[i];

        if (m->type == NGX_HTTP_MODULE
            && ngx_rt_conf_among(guards, (u_char *) m->name,
                                 ngx_strlen(m->name))
            && *(uintptr_t *) loc_conf[m->ctx_index])
        {
            return 1;
        }
    }

    return 0;
}

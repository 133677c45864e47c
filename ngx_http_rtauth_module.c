
/*
 * rtauth: who a request comes from, and what he may do here.
 *
 * This file is the table of contents: directives, configuration, phases.  A
 * request is decided in src/rtauth/request/ngx_http_rtauth_decide.c.
 */


#include "ngx_http_rtauth.h"
#include "request/ngx_http_rtauth_answer.h"
#include "client/ngx_http_rtauth_origin_conf.h"
#include "conf/ngx_http_rtauth_cache_conf.h"
#include "conf/ngx_http_rtauth_conf.h"
#include "conf/ngx_http_rtauth_login_conf.h"
#include "conf/ngx_http_rtauth_show.h"
#include "keys/ngx_http_rtauth_disabled_conf.h"
#include "keys/ngx_http_rtauth_state.h"
#include "keys/ngx_http_rtauth_tally.h"
#include "login/ngx_http_rtauth_endpoint.h"
#include "login/ngx_http_rtauth_page_conf.h"
#include "login/ngx_http_rtauth_send.h"
#include "request/ngx_http_rtauth_decide.h"
#include "policy/ngx_http_rtauth_bind.h"
#include "policy/ngx_http_rtauth_bind_conf.h"
#include "policy/ngx_http_rtauth_group_conf.h"
#include "request/ngx_http_rtauth_path.h"
#include "request/ngx_http_rtauth_reauthorize_conf.h"
#include "request/ngx_http_rtauth_proof.h"
#include "policy/ngx_http_rtauth_require.h"
#include "policy/ngx_http_rtauth_stepup.h"
#include "policy/ngx_http_rtauth_require_conf.h"
#include "policy/ngx_http_rtauth_rowfilter_conf.h"
#include "request/ngx_http_rtauth_issue.h"
#include "request/ngx_http_rtauth_issue_conf.h"
#include "request/ngx_http_rtauth_rowfilter.h"
#include "request/ngx_http_rtauth_strip.h"
#include "request/ngx_http_rtauth_strip_conf.h"
#include "request/ngx_http_rtauth_token.h"
#include "request/ngx_http_rtauth_user.h"
#include "request/ngx_http_rtauth_token_conf.h"
#include "request/ngx_http_rtauth_upgrade.h"
#include "request/ngx_http_rtauth_upgrade_conf.h"
#include "request/ngx_http_rtauth_vars.h"
#include "provision/ngx_http_rtauth_scim.h"
#include "provision/ngx_http_rtauth_scim_conf.h"
#include "revoke/ngx_http_rtauth_revoke_conf.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "session/ngx_http_rtauth_fleet.h"
#include "session/ngx_http_rtauth_redis_conf.h"
#include "session/ngx_http_rtauth_session_conf.h"
#include "request/ngx_http_rtauth_vars_conf.h"
#include "status/ngx_http_rtauth_status_conf.h"
#include "session/ngx_http_rtauth_jar.h"
#include "ngx_rt_show.h"


static void *ngx_http_rtauth_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_rtauth_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_rtauth_create_srv_conf(ngx_conf_t *cf);
static char *ngx_http_rtauth_merge_srv_conf(ngx_conf_t *cf, void *parent,
    void *child);
static void *ngx_http_rtauth_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_rtauth_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_rtauth_init_variables(ngx_conf_t *cf);
static ngx_int_t ngx_http_rtauth_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_rtauth_init_process(ngx_cycle_t *cycle);
static void ngx_http_rtauth_exit_process(ngx_cycle_t *cycle);


static ngx_conf_enum_t  ngx_http_rtauth_raw_paths[] = {
    { ngx_string("refuse"), NGX_HTTP_RTAUTH_RAW_REFUSE },
    { ngx_string("strict"), NGX_HTTP_RTAUTH_RAW_STRICT },
    { ngx_string("allow"), NGX_HTTP_RTAUTH_RAW_ALLOW },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_rtauth_phase_names[] = {
    { ngx_string("access"), NGX_HTTP_RTAUTH_ACCESS },
    { ngx_string("preaccess"), NGX_HTTP_RTAUTH_PREACCESS },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_rtauth_commands[] = {

    { ngx_string("rtauth_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_rtauth_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_provider"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_rtauth_provider_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_group"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_rtauth_group_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_row_filter"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_2MORE,
      ngx_http_rtauth_row_filter,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_redis"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_rtauth_redis_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_disabled"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_rtauth_disabled,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_revoke"),
      NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      ngx_http_rtauth_revoke,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_scim_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_rtauth_scim_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_scim"),
      NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_rtauth_scim,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_rtauth_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_session"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_1MORE,
      ngx_http_rtauth_session,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_origin"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_TAKE1,
      ngx_http_rtauth_origin,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_pages"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_TAKE1,
      ngx_http_rtauth_pages,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_login"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_rtauth_login,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_cross_origin"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_rtauth_cross_origins,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_app_cookie"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_rtauth_app_cookie,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_claim"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE23,
      ngx_http_rtauth_claim,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_strip_header"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_1MORE,
      ngx_http_rtauth_strip_header,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LMT_CONF
                        |NGX_CONF_1MORE,
      ngx_http_rtauth,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_phase"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_rtauth_phase,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtauth_loc_conf_t, phase),
      &ngx_http_rtauth_phase_names },

    { ngx_string("rtauth_token"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_rtauth_token,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_require"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LMT_CONF
                        |NGX_CONF_1MORE,
      ngx_http_rtauth_require,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_bind"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE123,
      ngx_http_rtauth_bind,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_authorize"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_http_rtauth_authorize,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtauth_loc_conf_t, authorize),
      NULL },

    { ngx_string("rtauth_public_group"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_rtauth_public_group,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_dry_run"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtauth_loc_conf_t, dry_run),
      NULL },

    { ngx_string("rtauth_workspace"),
      NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_http_rtauth_workspace,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtauth_loc_conf_t, workspace),
      NULL },

    { ngx_string("rtauth_cache"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtauth_loc_conf_t, cache),
      NULL },

    { ngx_string("rtauth_raw_path"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtauth_loc_conf_t, raw_path),
      &ngx_http_rtauth_raw_paths },

    { ngx_string("rtauth_upgrade"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_rtauth_upgrade,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_reauthorize"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_rtauth_reauthorize,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_identity"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_rtauth_issue,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_identity_keys"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_rtauth_issue_keys,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtauth_userinfo"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_rtauth_userinfo,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_rtauth_module_ctx = {
    ngx_http_rtauth_init_variables,        /* preconfiguration */
    ngx_http_rtauth_init,                  /* postconfiguration */

    ngx_http_rtauth_create_main_conf,      /* create main configuration */
    ngx_http_rtauth_init_main_conf,        /* init main configuration */

    ngx_http_rtauth_create_srv_conf,       /* create server configuration */
    ngx_http_rtauth_merge_srv_conf,        /* merge server configuration */

    ngx_http_rtauth_create_loc_conf,       /* create location configuration */
    ngx_http_rtauth_merge_loc_conf         /* merge location configuration */
};


ngx_module_t  ngx_http_rtauth_module = {
    NGX_MODULE_V1,
    &ngx_http_rtauth_module_ctx,           /* module context */
    ngx_http_rtauth_commands,              /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_rtauth_init_process,          /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_rtauth_exit_process,          /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/*
 * Handlers of dynamic modules are called before those of nginx's own modules,
 * and the last one registered first: headers are stripped before a "return",
 * "rewrite" or realip looks at them.
 */

static struct {
    ngx_uint_t              phase;
    ngx_http_handler_pt     handler;
} ngx_http_rtauth_phases[] = {
    { NGX_HTTP_POST_READ_PHASE, ngx_http_rtauth_note_handler },
    { NGX_HTTP_POST_READ_PHASE, ngx_http_rtauth_jar_handler },
    { NGX_HTTP_POST_READ_PHASE, ngx_http_rtauth_strip_handler },
    { NGX_HTTP_SERVER_REWRITE_PHASE, ngx_http_rtauth_endpoint_handler },
    { NGX_HTTP_SERVER_REWRITE_PHASE, ngx_http_rtauth_strip_handler },
    { NGX_HTTP_SERVER_REWRITE_PHASE, ngx_http_rtauth_jar_again_handler },
    { NGX_HTTP_REWRITE_PHASE, ngx_http_rtauth_path_note_handler },
    { NGX_HTTP_REWRITE_PHASE, ngx_http_rtauth_jar_again_handler },
    { NGX_HTTP_REWRITE_PHASE, ngx_http_rtauth_strip_again_handler },
    { NGX_HTTP_PREACCESS_PHASE, ngx_http_rtauth_send_preaccess_handler },
    { NGX_HTTP_ACCESS_PHASE, ngx_http_rtauth_send_access_handler },
    { NGX_HTTP_PRECONTENT_PHASE, ngx_http_rtauth_endpoint_exact_handler },
    { NGX_HTTP_PRECONTENT_PHASE, ngx_http_rtauth_precontent_handler },
    { 0, NULL }
};


static ngx_int_t
ngx_http_rtauth_init_variables(ngx_conf_t *cf)
{
    return ngx_http_rtauth_add_variables(cf) == NGX_OK
           ? ngx_http_rtauth_issue_add_variable(cf) : NGX_ERROR;
}


static void *
ngx_http_rtauth_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_main_conf_t));
    if (mcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&mcf->providers, cf->pool, 2,
                       sizeof(ngx_http_rtauth_provider_t *))
        != NGX_OK
        || ngx_array_init(&mcf->stepups, cf->pool, 4, sizeof(void *))
           != NGX_OK
        || ngx_array_init(&mcf->requires, cf->pool, 4, sizeof(void *))
           != NGX_OK
        || ngx_array_init(&mcf->sessions, cf->pool, 2, sizeof(void *))
           != NGX_OK
        || ngx_array_init(&mcf->upgrades, cf->pool, 2, sizeof(ngx_str_t))
           != NGX_OK
        || ngx_array_init(&mcf->redis, cf->pool, 1, sizeof(void *)) != NGX_OK)
    {
        return NULL;
    }

    mcf->once = ngx_rt_once_create(cf);
    if (mcf->once == NULL) {
        return NULL;
    }

    if (ngx_http_rtauth_group_create(cf, mcf) != NGX_OK
        || ngx_http_rtauth_rowfilter_conf_create(cf, mcf) != NGX_OK
        || ngx_http_rtauth_status_create(cf, mcf) != NGX_OK
        || ngx_http_rtauth_reauthorize_create(cf, mcf) != NGX_OK)
    {
        return NULL;
    }

    return mcf;
}


static char *
ngx_http_rtauth_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    char  *rv;

    rv = ngx_http_rtauth_group_init(cf, mcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (ngx_http_rtauth_user_ends(cf, mcf) != NGX_OK
        || ngx_http_rtauth_rowfilter_conf_init(cf, mcf) != NGX_CONF_OK
        || ngx_http_rtauth_rowfilter_init(cf, mcf) != NGX_OK
        || ngx_http_rtauth_path_init(cf, mcf) != NGX_CONF_OK
        || ngx_http_rtauth_upgrade_init(cf, mcf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtauth_require_init(cf, mcf);
}


static void *
ngx_http_rtauth_create_srv_conf(ngx_conf_t *cf)
{
    ngx_http_rtauth_srv_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_srv_conf_t));

    if (conf == NULL
        || ngx_array_init(&conf->issues, cf->pool, 1, sizeof(void *))
           != NGX_OK)
    {
        return NULL;
    }

    return conf;
}


static char *
ngx_http_rtauth_merge_srv_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_rtauth_srv_conf_t *prev = parent;
    ngx_http_rtauth_srv_conf_t *conf = child;

    if (ngx_http_rtauth_conf_check_server(cf) != NGX_CONF_OK
        || ngx_http_rtauth_session_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_rtauth_proof_merge(cf, conf) != NGX_CONF_OK
        || ngx_http_rtauth_page_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_rtauth_issue_merge_server(cf, prev, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->origin.len == 0) {
        conf->origin = prev->origin;
        conf->origin_where = prev->origin_where;
    }

    return ngx_http_rtauth_strip_merge(cf, parent, child);
}


static void *
ngx_http_rtauth_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_rtauth_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->names = NULL;
     *     conf->require = NULL;
     *     conf->bind = NULL;
     *     conf->origins = NULL;
     */

    conf->providers = NGX_CONF_UNSET_PTR;
    conf->sources = NGX_CONF_UNSET_PTR;
    conf->upgrade = NGX_CONF_UNSET_PTR;
    conf->app_cookies = NGX_CONF_UNSET_PTR;
    conf->issue = NGX_CONF_UNSET_PTR;
    conf->require_off = NGX_CONF_UNSET;
    conf->bind_off = NGX_CONF_UNSET;
    conf->public_group = NGX_CONF_UNSET_PTR;
    conf->dry_run = NGX_CONF_UNSET;
    conf->authorize = NGX_CONF_UNSET;
    conf->workspace = NGX_CONF_UNSET;
    conf->cache = NGX_CONF_UNSET;
    conf->raw_path = NGX_CONF_UNSET_UINT;
    conf->phase = NGX_CONF_UNSET_UINT;
    conf->reauthorize = NGX_CONF_UNSET_MSEC;
    conf->reauthorize_queue = NGX_CONF_UNSET_UINT;
    conf->reauthorize_expiry = NGX_CONF_UNSET;
    conf->login = NGX_CONF_UNSET_UINT;
    conf->cross_origin = NGX_CONF_UNSET_UINT;

    return conf;
}


static char *
ngx_http_rtauth_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_rtauth_loc_conf_t *prev = parent;
    ngx_http_rtauth_loc_conf_t *conf = child;

    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    /* http has no outer level: nothing but its inner ones looks at its lines */

    if (ngx_http_rtauth_conf_resolve(cf, prev) != NGX_CONF_OK
        || ngx_http_rtauth_conf_resolve(cf, conf) != NGX_CONF_OK
        || ngx_http_rtauth_conf_check(cf, prev) != NGX_CONF_OK
        || (prev->providers == NGX_CONF_UNSET_PTR
            && (ngx_http_rtauth_require_check(cf, prev) != NGX_CONF_OK
                || ngx_http_rtauth_bind_check(cf, prev) != NGX_CONF_OK)))
    {
        return NGX_CONF_ERROR;
    }

    if (prev->sources == NGX_CONF_UNSET_PTR
        && ngx_http_rtauth_token_default(cf, prev) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_conf_merge_ptr_value(conf->providers, prev->providers, NULL);
    ngx_conf_merge_ptr_value(conf->sources, prev->sources, NULL);
    ngx_conf_merge_ptr_value(conf->upgrade, prev->upgrade, NULL);

    if (ngx_http_rtauth_path_merge(cf, conf) != NGX_CONF_OK
        || ngx_http_rtauth_require_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_rtauth_bind_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_rtauth_stepup_merge(cf, conf) != NGX_CONF_OK
        || ngx_http_rtauth_public_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_rtauth_login_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_rtauth_issue_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_rtauth_conf_check(cf, conf) != NGX_CONF_OK
        || ngx_http_rtauth_revoke_check(cf, conf) != NGX_CONF_OK
        || ngx_http_rtauth_scim_check(cf, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_conf_merge_value(conf->authorize, prev->authorize,
                         (ngx_flag_t) mcf->policy.grants);
    ngx_conf_merge_value(conf->dry_run, prev->dry_run, 0);
    conf->guards = (conf->providers == NULL || conf->dry_run) ? 0
                   : conf->require ? NGX_RT_GUARD_ASKS|NGX_RT_GUARD_REQUIRES
                   : NGX_RT_GUARD_ASKS;
    ngx_conf_merge_value(conf->workspace, prev->workspace, 0);
    ngx_conf_merge_value(conf->cache, prev->cache, 0);
    ngx_http_rtauth_cache_merge(cf, conf);

    /* an "if" of the location answers by the same handler */

    if (conf->status == 0) {
        conf->status = prev->status;
    }

    ngx_http_rtauth_reauthorize_merge(prev, conf);
    ngx_conf_merge_uint_value(conf->raw_path, prev->raw_path,
                              NGX_HTTP_RTAUTH_RAW_REFUSE);

    if (conf->phase == NGX_CONF_UNSET_UINT) {
        conf->phase_where = prev->phase_where;
    }

    ngx_conf_merge_uint_value(conf->phase, prev->phase,
                              NGX_HTTP_RTAUTH_ACCESS);

    if (ngx_rt_show_note(cf, &mcf->shown, conf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtauth_conf_check_phase(cf, conf);
}


static ngx_int_t
ngx_http_rtauth_init(ngx_conf_t *cf)
{
    ngx_uint_t                    i;
    ngx_http_handler_pt          *h;
    ngx_http_core_main_conf_t    *cmcf;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    if (ngx_rt_conf_handlers(cf) != NGX_CONF_OK
        || ngx_http_rtauth_scim_whose(cf, mcf) != NGX_CONF_OK
        || ngx_http_rtauth_provider_init(cf, mcf) != NGX_CONF_OK
        || ngx_http_rtauth_login_init(cf) != NGX_CONF_OK
        || ngx_http_rtauth_revoke_init(cf, mcf) != NGX_CONF_OK
        || ngx_http_rtauth_scim_init(cf, mcf) != NGX_CONF_OK
        || ngx_http_rtauth_status_init(cf, mcf) != NGX_OK
        || ngx_http_rtauth_show(cf, mcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    for (i = 0; ngx_http_rtauth_phases[i].handler; i++) {

        h = ngx_array_push(&cmcf->phases[ngx_http_rtauth_phases[i].phase]
                            .handlers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        *h = ngx_http_rtauth_phases[i].handler;
    }

    ngx_http_rtauth_answer_init();

    if (mcf->scim) {
        ngx_http_rtauth_scim_filter_init();
    }

    return ngx_http_rtauth_jar_init(cf, mcf);
}


/* the cache manager and its kin serve no requests */

static ngx_int_t
ngx_http_rtauth_init_process(ngx_cycle_t *cycle)
{
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rtauth_module);

    if (mcf == NULL
        || (ngx_process != NGX_PROCESS_WORKER
            && ngx_process != NGX_PROCESS_SINGLE))
    {
        return NGX_OK;
    }

    if (mcf->tally) {
        ngx_http_rtauth_tally_init_process(mcf->tally);
    }

    if (ngx_http_rtauth_issue_init_process(cycle, mcf) != NGX_OK
        || ngx_http_rtauth_worker_init_process(cycle) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if ((mcf->state.len && ngx_http_rtauth_state(mcf) == NULL)
        || (mcf->scim && ngx_http_rtauth_scim_opened(mcf->scim) == NULL))
    {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_fleet_init(mcf);
}


static void
ngx_http_rtauth_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rtauth_module);

    if (mcf) {
        ngx_http_rtauth_fleet_exit(mcf);
        ngx_http_rtauth_state_exit(mcf);
    }

    if (mcf && mcf->scim) {
        ngx_http_rtauth_scim_exit(mcf->scim);
    }

    ngx_http_rtauth_worker_exit_process(cycle);
}

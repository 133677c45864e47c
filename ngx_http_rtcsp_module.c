/*
 * rtcsp: what a browser may run.
 *
 * A request that must come over https is sent there by a handler of REWRITE.
 *
 * A response on its way out:
 *
 *     early header filter    forbids a 304 for pages that get a nonce
 *     (nginx: not_modified, SSI, sub, gunzip, charset, add_header ...)
 *     header filter          nonce, policies and the other headers
 *     body filter            placeholder to nonce
 *     (nginx: gzip, chunked, range, write)
 */


#include "ngx_http_rtcsp.h"
#include "header/ngx_http_rtcsp_filter.h"
#include "header/ngx_http_rtcsp_fixed.h"
#include "header/ngx_http_rtcsp_fixed_conf.h"
#include "nonce/ngx_http_rtcsp_mode_conf.h"
#include "nonce/ngx_http_rtcsp_nonce.h"
#include "header/ngx_http_rtcsp_policy.h"
#include "header/ngx_http_rtcsp_policy_conf.h"
#include "header/ngx_http_rtcsp_show.h"
#include "header/ngx_http_rtcsp_transport.h"
#include "header/ngx_http_rtcsp_transport_conf.h"
#include "nonce/ngx_http_rtcsp_request.h"
#include "report/ngx_http_rtcsp_collector_conf.h"
#include "report/ngx_http_rtcsp_status_conf.h"
#include "report/ngx_http_rtcsp_tally.h"
#include "nonce/ngx_http_rtcsp_vars.h"
#include "ngx_rt_show.h"


static void *ngx_http_rtcsp_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_rtcsp_create_srv_conf(ngx_conf_t *cf);
static char *ngx_http_rtcsp_merge_srv_conf(ngx_conf_t *cf, void *parent,
    void *child);
static void *ngx_http_rtcsp_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_rtcsp_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_rtcsp_init(ngx_conf_t *cf);


#define NGX_HTTP_RTCSP_CONF                                                   \
    (NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF)


static ngx_conf_enum_t  ngx_http_rtcsp_upstreams[] = {
    { ngx_string("replace"), NGX_HTTP_RTCSP_REPLACE },
    { ngx_string("keep"), NGX_HTTP_RTCSP_KEEP },
    { ngx_string("append"), NGX_HTTP_RTCSP_APPEND },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_rtcsp_caches[] = {
    { ngx_string("no-store"), NGX_HTTP_RTCSP_NO_STORE },
    { ngx_string("private"), NGX_HTTP_RTCSP_PRIVATE },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_rtcsp_commands[] = {

    { ngx_string("rtcsp"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_preset,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_policy"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_policy,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_directive"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_nonce"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_mode,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_nonce_in"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_nonce_in,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_report_only"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_FLAG,
      ngx_http_rtcsp_report_only,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtcsp_loc_conf_t, report_only),
      NULL },

    { ngx_string("rtcsp_report_only_policy"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_report_only_policy,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_report_uri"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_report_uri,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_report_to"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE12,
      ngx_http_rtcsp_report_to,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_collector"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_rtcsp_collector,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_rtcsp_status,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_warning"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_SRV_CONF_OFFSET,
      offsetof(ngx_http_rtcsp_srv_conf_t, warning),
      NULL },

    { ngx_string("rtcsp_upstream"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtcsp_loc_conf_t, upstream),
      &ngx_http_rtcsp_upstreams },

    { ngx_string("rtcsp_cache"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtcsp_loc_conf_t, cache),
      &ngx_http_rtcsp_caches },

    { ngx_string("rtcsp_types"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_types,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtcsp_loc_conf_t, types_keys),
      &ngx_http_html_default_types[0] },

    { ngx_string("rtcsp_force_https"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE12,
      ngx_http_rtcsp_force_https,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_session_cookie"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_session_cookie,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_trusted_proxy"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_trusted_proxy,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_hsts"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_hsts,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtcsp_feature_policy"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_FEATURE_POLICY] },

    { ngx_string("rtcsp_permissions_policy"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_PERMISSIONS_POLICY] },

    { ngx_string("rtcsp_document_policy"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_DOCUMENT_POLICY] },

    { ngx_string("rtcsp_frame_options"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_FRAME_OPTIONS] },

    { ngx_string("rtcsp_xss_protection"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_XSS_PROTECTION] },

    { ngx_string("rtcsp_content_type_options"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_CONTENT_TYPE_OPTIONS] },

    { ngx_string("rtcsp_force_file_save"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_FILE_SAVE] },

    { ngx_string("rtcsp_referrer_policy"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_1MORE,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_REFERRER_POLICY] },

    { ngx_string("rtcsp_coop"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_COOP] },

    { ngx_string("rtcsp_coep"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_COEP] },

    { ngx_string("rtcsp_corp"),
      NGX_HTTP_RTCSP_CONF|NGX_CONF_TAKE1,
      ngx_http_rtcsp_fixed,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_rtcsp_grammars[NGX_HTTP_RTCSP_CORP] },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_rtcsp_module_ctx = {
    ngx_http_rtcsp_add_variables,          /* preconfiguration */
    ngx_http_rtcsp_init,                   /* postconfiguration */

    ngx_http_rtcsp_create_main_conf,       /* create main configuration */
    NULL,                                  /* init main configuration */

    ngx_http_rtcsp_create_srv_conf,        /* create server configuration */
    ngx_http_rtcsp_merge_srv_conf,         /* merge server configuration */

    ngx_http_rtcsp_create_loc_conf,        /* create location configuration */
    ngx_http_rtcsp_merge_loc_conf          /* merge location configuration */
};


ngx_module_t  ngx_http_rtcsp_module = {
    NGX_MODULE_V1,
    &ngx_http_rtcsp_module_ctx,            /* module context */
    ngx_http_rtcsp_commands,               /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_rtcsp_nonce_exit,             /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* a place of its own in the filter chain, before not_modified's */

static ngx_http_module_t  ngx_http_rtcsp_early_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_rtcsp_filter_early_init,      /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_rtcsp_early_module = {
    NGX_MODULE_V1,
    &ngx_http_rtcsp_early_module_ctx,      /* module context */
    NULL,                                  /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_rtcsp_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_rtcsp_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtcsp_main_conf_t));

    if (mcf == NULL
        || ngx_array_init(&mcf->statuses, cf->pool, 1,
                          sizeof(ngx_rt_metrics_place_t))
           != NGX_OK)
    {
        return NULL;
    }

    mcf->once = ngx_rt_once_create(cf);

    return mcf->once ? mcf : NULL;
}


static void *
ngx_http_rtcsp_create_srv_conf(ngx_conf_t *cf)
{
    ngx_http_rtcsp_srv_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtcsp_srv_conf_t));

    if (conf) {
        conf->warning = NGX_CONF_UNSET;
    }

    return conf;
}


static char *
ngx_http_rtcsp_merge_srv_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_rtcsp_srv_conf_t *prev = parent;
    ngx_http_rtcsp_srv_conf_t *conf = child;

    ngx_conf_merge_value(conf->warning, prev->warning, 1);

    return NGX_CONF_OK;
}


static void *
ngx_http_rtcsp_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_rtcsp_loc_conf_t  *conf;

    /*
     * set by ngx_pcalloc():
     *
     *     conf->policy, preset_policy, report_policy = NULL;
     *     conf->force_https, cookie = NULL;
     *     conf->edits, nonce_in = NULL;
     *     conf->report_uri, report_to = { 0, NULL };
     *     conf->nonce_header, secret, allow;
     *     conf->types = { NULL };
     *     conf->said, fixed = { { 0, NULL } };
     *     conf->enforced, reported = NULL;
     *     conf->on, collector, merged = 0;
     */

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtcsp_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->preset = NGX_CONF_UNSET_UINT;
    conf->mode = NGX_CONF_UNSET_UINT;
    conf->report_only = NGX_CONF_UNSET;
    conf->upstream = NGX_CONF_UNSET_UINT;
    conf->cache = NGX_CONF_UNSET_UINT;
    conf->trusted = NGX_CONF_UNSET_PTR;
    conf->types_keys = NULL;

    return conf;
}


static char *
ngx_http_rtcsp_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_rtcsp_loc_conf_t *prev = parent;
    ngx_http_rtcsp_loc_conf_t *conf = child;

    char                        *rv;
    ngx_uint_t                   i, nonce_here;
    ngx_http_rtcsp_srv_conf_t   *scf;
    ngx_http_rtcsp_main_conf_t  *mcf;

    nonce_here = (conf->mode != NGX_CONF_UNSET_UINT
                  && conf->mode != NGX_HTTP_RTCSP_NONCE_OFF);

    if (conf->preset == NGX_CONF_UNSET_UINT) {
        conf->preset = prev->preset;
    }

    ngx_http_rtcsp_mode_merge(prev, conf);

    if (conf->mode == NGX_HTTP_RTCSP_NONCE_UPSTREAM
        && conf->upstream != NGX_CONF_UNSET_UINT
        && conf->upstream != NGX_HTTP_RTCSP_KEEP)
    {
        return ngx_rt_conf_error(cf, &conf->mode_where,
                                 "\"rtcsp_nonce upstream\" needs the policy "
                                 "of upstream: remove \"rtcsp_upstream\"");
    }

    ngx_conf_merge_uint_value(conf->upstream, prev->upstream,
                              NGX_HTTP_RTCSP_REPLACE);
    ngx_conf_merge_uint_value(conf->cache, prev->cache,
                              NGX_HTTP_RTCSP_NO_STORE);
    ngx_conf_merge_ptr_value(conf->trusted, prev->trusted, NULL);

    if (ngx_http_merge_types(cf, &conf->types_keys, &conf->types,
                             &prev->types_keys, &prev->types,
                             ngx_http_html_default_types)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_http_rtcsp_fixed_merge(prev, conf);

    rv = ngx_http_rtcsp_policy_merge(cf, prev, conf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_rtcsp_transport_merge(cf, prev, conf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (nonce_here) {
        ngx_http_rtcsp_nonce_unused(cf, conf);
    }

    conf->merged = 1;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtcsp_module);

    if (ngx_rt_show_note(cf, &mcf->shown, conf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (conf->preset == NGX_HTTP_RTCSP_OFF) {
        return NGX_CONF_OK;
    }

    conf->on = (conf->enforced != NULL || conf->reported != NULL
                || conf->mode == NGX_HTTP_RTCSP_NONCE_UPSTREAM);

    scf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_rtcsp_module);
    scf->policy |= conf->on;

    for (i = 0; i < NGX_HTTP_RTCSP_FIXED; i++) {
        conf->on |= (conf->fixed[i].len != 0);
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_rtcsp_init(ngx_conf_t *cf)
{
    ngx_array_t                 *log;
    ngx_http_handler_pt         *h;
    ngx_http_core_main_conf_t   *cmcf;
    ngx_http_rtcsp_main_conf_t  *mcf;

    static ngx_str_t  page = ngx_string("rtauth_page");

    if (ngx_rt_conf_handlers(cf) != NGX_CONF_OK
        || ngx_http_rtcsp_transport_order(cf) != NGX_OK
        || ngx_http_rtcsp_filter_init(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtcsp_module);

    ngx_rt_var_init(cf, &mcf->page, &page);
    ngx_rt_metrics_warn(cf, &mcf->statuses, "rtcsp_status");
    ngx_http_rtcsp_policy_warn(cf);

    if (ngx_http_rtcsp_show(cf, mcf) != NGX_OK) {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_rtcsp_request;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_REWRITE_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_rtcsp_force_https_handler;

    /* unlike those of other phases, log handlers run in the array's order */

    log = &cmcf->phases[NGX_HTTP_LOG_PHASE].handlers;

    if (mcf->tally) {
        h = ngx_array_push(log);
        if (h == NULL) {
            return NGX_ERROR;
        }

        *h = ngx_http_rtcsp_tally_handler;
    }

    if (ngx_array_push_n(log, 2) == NULL) {
        return NGX_ERROR;
    }

    h = log->elts;

    ngx_memmove(h + 1, h, (log->nelts - 2) * sizeof(ngx_http_handler_pt));

    h[0] = ngx_http_rtcsp_vars_close;
    h[log->nelts - 1] = ngx_http_rtcsp_vars_open;

    return NGX_OK;
}

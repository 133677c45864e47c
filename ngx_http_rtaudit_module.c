
/*
 * rtaudit: one event for each request.
 *
 *   REWRITE       the first location decides where the event goes, later
 *                 ones add their redactions; a request whose required sink
 *                 cannot take it ends here (src/rtaudit, capture)
 *   PRECONTENT    a request of a strict sink waits until it is on disk that it
 *                 is let in (src/rtaudit, strict)
 *   body filter   keeps what arrives, up to rtaudit_body
 *   response      likewise what goes out, where a level wants it
 *   LOG           the event is encoded and put into the worker's ring; of one
 *                 that takes long it was said before that it runs (long)
 *   writer        a thread writes rings to files
 *   CONTENT       in a location of rtaudit_view, shows what was written
 */

#include "ngx_http_rtaudit.h"
#include "capture/ngx_http_rtaudit_capture.h"
#include "capture/ngx_http_rtaudit_event.h"
#include "capture/ngx_http_rtaudit_long.h"
#include "capture/ngx_http_rtaudit_path.h"
#include "capture/ngx_http_rtaudit_response.h"
#include "conf/ngx_http_rtaudit_show.h"
#include "sink/ngx_http_rtaudit_chain_conf.h"
#include "sink/ngx_http_rtaudit_digest.h"
#include "sink/ngx_http_rtaudit_own.h"
#include "sink/ngx_http_rtaudit_retired.h"
#include "sink/ngx_http_rtaudit_worker.h"
#include "sink/ngx_http_rtaudit_zone.h"
#include "status/ngx_http_rtaudit_status_conf.h"
#include "view/ngx_http_rtaudit_view_conf.h"
#include "ngx_rt_regex.h"
#include "ngx_rt_show.h"


static ngx_int_t ngx_http_rtaudit_init(ngx_conf_t *cf);
static void *ngx_http_rtaudit_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_rtaudit_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_rtaudit_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_rtaudit_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_rtaudit_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_rtaudit_init_process(ngx_cycle_t *cycle);
static void ngx_http_rtaudit_exit_process(ngx_cycle_t *cycle);
static void ngx_http_rtaudit_exit_master(ngx_cycle_t *cycle);


static ngx_conf_post_t  ngx_http_rtaudit_body_bounds = {
    ngx_http_rtaudit_body_post
};

static ngx_conf_post_t  ngx_http_rtaudit_event_bounds = {
    ngx_http_rtaudit_event_post
};


static ngx_conf_enum_t  ngx_http_rtaudit_unreadable[] = {
    { ngx_string("note"), NGX_HTTP_RTAUDIT_NOTE },
    { ngx_string("refuse"), NGX_HTTP_RTAUDIT_REFUSE },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_rtaudit_parameters[] = {
    { ngx_string("object"), NGX_HTTP_RTAUDIT_OBJECT },
    { ngx_string("flat"), NGX_HTTP_RTAUDIT_FLAT },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_rtaudit_commands[] = {

    { ngx_string("rtaudit_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_rtaudit_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_sink"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_2MORE,
      ngx_http_rtaudit_sink,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_chain"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE123,
      ngx_http_rtaudit_chain,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_started"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_rtaudit_started,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_rtaudit_names,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_level"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_rtaudit_level,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_redact"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      ngx_http_rtaudit_redact,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_hmac_key"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_rtaudit_hmac_key,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_header"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_rtaudit_header,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_body"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtaudit_loc_conf_t, body),
      &ngx_http_rtaudit_body_bounds },

    { ngx_string("rtaudit_max_event"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtaudit_loc_conf_t, max_event),
      &ngx_http_rtaudit_event_bounds },

    { ngx_string("rtaudit_action"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_rtaudit_action,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_field"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_2MORE,
      ngx_http_rtaudit_field,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_unreadable"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtaudit_loc_conf_t, unreadable),
      &ngx_http_rtaudit_unreadable },

    { ngx_string("rtaudit_parameters"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_rtaudit_loc_conf_t, parameters),
      &ngx_http_rtaudit_parameters },

    { ngx_string("rtaudit_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_rtaudit_status,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("rtaudit_view"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE12,
      ngx_http_rtaudit_view,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_rtaudit_module_ctx = {
    ngx_http_rtaudit_path_add,             /* preconfiguration */
    ngx_http_rtaudit_init,                 /* postconfiguration */

    ngx_http_rtaudit_create_main_conf,     /* create main configuration */
    ngx_http_rtaudit_init_main_conf,       /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_rtaudit_create_loc_conf,      /* create location configuration */
    ngx_http_rtaudit_merge_loc_conf        /* merge location configuration */
};


ngx_module_t  ngx_http_rtaudit_module = {
    NGX_MODULE_V1,
    &ngx_http_rtaudit_module_ctx,          /* module context */
    ngx_http_rtaudit_commands,             /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_rtaudit_init_module,          /* init module */
    ngx_http_rtaudit_init_process,         /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_rtaudit_exit_process,         /* exit process */
    ngx_http_rtaudit_exit_master,          /* exit master */
    NGX_MODULE_V1_PADDING
};


/* a place of its own in the filter chain, behind those that change a body */

static ngx_http_module_t  ngx_http_rtaudit_response_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_rtaudit_response_init,        /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_rtaudit_response_module = {
    NGX_MODULE_V1,
    &ngx_http_rtaudit_response_module_ctx, /* module context */
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


static ngx_int_t
ngx_http_rtaudit_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt           *h;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtaudit_module);

    if (ngx_rt_conf_handlers(cf) != NGX_CONF_OK
        || ngx_http_rtaudit_hmac_check(cf, mcf) != NGX_CONF_OK
        || ngx_http_rtaudit_view_init(cf, mcf) != NGX_CONF_OK
        || ngx_http_rtaudit_chain_check(cf, mcf) != NGX_CONF_OK
        || ngx_http_rtaudit_show(cf, mcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_rt_metrics_warn(cf, &mcf->statuses, "rtaudit_status");

    if (mcf->sinks.nelts == 0) {
        return NGX_OK;
    }

    if (ngx_http_rtaudit_zone_check(cf, mcf) != NGX_CONF_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_rtaudit_event_init(cf, mcf) != NGX_OK
        || ngx_http_rtaudit_digest_end(mcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_REWRITE_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_rtaudit_located;

    if (mcf->required) {
        h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        *h = ngx_http_rtaudit_let_in;
    }

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_rtaudit_finished;

    ngx_http_rtaudit_capture_init();

    return NGX_OK;
}


static void *
ngx_http_rtaudit_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtaudit_main_conf_t));
    if (mcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&mcf->sinks, cf->pool, 2,
                       sizeof(ngx_http_rtaudit_sink_t *))
        != NGX_OK
        || ngx_array_init(&mcf->keys, cf->pool, 2, sizeof(rt_pseudonym_key_t))
           != NGX_OK
        || ngx_array_init(&mcf->uris, cf->pool, 2, sizeof(rt_redact_rule_t))
           != NGX_OK
        || ngx_http_rtaudit_status_create(cf, mcf) != NGX_OK
        || ngx_array_init(&mcf->views, cf->pool, 1,
                          sizeof(ngx_http_rtaudit_view_t *))
           != NGX_OK)
    {
        return NULL;
    }

    ngx_rt_regex_init(&mcf->regex);

    mcf->cycle = cf->cycle;
    mcf->max_event = RT_EVENT_MIN;
    mcf->started = NGX_CONF_UNSET_MSEC;
    mcf->look = ngx_http_rtaudit_long_look;
    mcf->request_id = NGX_DECLINED;

    return mcf;
}


static char *
ngx_http_rtaudit_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_rtaudit_main_conf_t *mcf = conf;

    ngx_conf_init_msec_value(mcf->started, 60000);

    return NGX_CONF_OK;
}


static void *
ngx_http_rtaudit_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_rtaudit_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtaudit_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->body = NGX_CONF_UNSET_SIZE;
    conf->max_event = NGX_CONF_UNSET_SIZE;
    conf->unreadable = NGX_CONF_UNSET_UINT;
    conf->parameters = NGX_CONF_UNSET_UINT;

    return conf;
}


static char *
ngx_http_rtaudit_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtaudit_module);

    if (ngx_rt_show_note(cf, &mcf->shown, child) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtaudit_merge(cf, parent, child);
}


static ngx_int_t
ngx_http_rtaudit_init_module(ngx_cycle_t *cycle)
{
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rtaudit_module);

    if (mcf && ngx_http_rtaudit_sink_own(cycle, mcf) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_rtaudit_retired_keep(cycle, mcf ? mcf->sh : NULL);

    if (mcf && mcf->sh) {
        ngx_http_rtaudit_own_cycle(mcf);
    }

    return ngx_http_rtaudit_worker_renew(cycle, mcf);
}


static ngx_int_t
ngx_http_rtaudit_init_process(ngx_cycle_t *cycle)
{
    ngx_http_rtaudit_main_conf_t  *mcf;

    /* not in the cache manager and loader */

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rtaudit_module);

    return ngx_http_rtaudit_worker_init(cycle, mcf);
}


static void
ngx_http_rtaudit_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_rtaudit_worker_exit(cycle);
}


static void
ngx_http_rtaudit_exit_master(ngx_cycle_t *cycle)
{
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rtaudit_module);

    if (mcf && mcf->sh) {
        ngx_http_rtaudit_zone_final(mcf->sh, cycle->log);
    }

    ngx_http_rtaudit_retired_final(cycle->log);
}

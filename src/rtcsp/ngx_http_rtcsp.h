/*
 * What the rooms of rtcsp share: the configuration of a location and what is
 * kept of a request.  What reads the directives of one is in its NAME_conf.c.
 */


#ifndef NGX_HTTP_RTCSP_H_INCLUDED
#define NGX_HTTP_RTCSP_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "rt_base.h"
#include "csp/rt_csp.h"
#include "html/rt_nonce.h"
#include "html/rt_place.h"
#include "text/rt_setcookie.h"
#include "ngx_rt_conf.h"
#include "ngx_rt_metrics.h"
#include "ngx_rt_once.h"
#include "ngx_rt_str.h"
#include "ngx_rt_var.h"
#include "ngx_rt_compat.h"


#pragma GCC visibility push(hidden)


/* rtcsp */

typedef enum {
    NGX_HTTP_RTCSP_OFF = 0,
    NGX_HTTP_RTCSP_TALISMAN,
    NGX_HTTP_RTCSP_GOOGLE,
    NGX_HTTP_RTCSP_SUPERSET,
    NGX_HTTP_RTCSP_SUPERSET_DEV,
    NGX_HTTP_RTCSP_STRICT,
    NGX_HTTP_RTCSP_API
} ngx_http_rtcsp_preset_e;


/* rtcsp_nonce */

typedef enum {
    NGX_HTTP_RTCSP_NONCE_OFF = 0,
    NGX_HTTP_RTCSP_NONCE_UPSTREAM,
    NGX_HTTP_RTCSP_NONCE_HEADER,
    NGX_HTTP_RTCSP_NONCE_PLACEHOLDER,
    NGX_HTTP_RTCSP_NONCE_EVERY,         /* unsafe-auto */
    NGX_HTTP_RTCSP_NONCE_GATED
} ngx_http_rtcsp_mode_e;


/* rtcsp_upstream */

typedef enum {
    NGX_HTTP_RTCSP_REPLACE = 0,
    NGX_HTTP_RTCSP_KEEP,
    NGX_HTTP_RTCSP_APPEND
} ngx_http_rtcsp_upstream_e;


/* rtcsp_cache */

typedef enum {
    NGX_HTTP_RTCSP_NO_STORE = 0,
    NGX_HTTP_RTCSP_PRIVATE
} ngx_http_rtcsp_cache_e;


/* why 502 was sent in place of what upstream sent */

typedef enum {
    NGX_HTTP_RTCSP_GOOD = 0,            /* it was not */
    NGX_HTTP_RTCSP_INTERIM,
    NGX_HTTP_RTCSP_PART,
    NGX_HTTP_RTCSP_ENCODED,
    NGX_HTTP_RTCSP_RANGE,
    NGX_HTTP_RTCSP_BADS
} ngx_http_rtcsp_bad_e;


/* the headers whose value is fixed at start, in Talisman's order */

typedef enum {
    NGX_HTTP_RTCSP_FEATURE_POLICY = 0,
    NGX_HTTP_RTCSP_PERMISSIONS_POLICY,
    NGX_HTTP_RTCSP_DOCUMENT_POLICY,
    NGX_HTTP_RTCSP_FRAME_OPTIONS,
    NGX_HTTP_RTCSP_XSS_PROTECTION,
    NGX_HTTP_RTCSP_CONTENT_TYPE_OPTIONS,
    NGX_HTTP_RTCSP_FILE_SAVE,
    NGX_HTTP_RTCSP_HSTS,                /* over https only */
    NGX_HTTP_RTCSP_REFERRER_POLICY,
    NGX_HTTP_RTCSP_COOP,
    NGX_HTTP_RTCSP_COEP,
    NGX_HTTP_RTCSP_CORP,
    NGX_HTTP_RTCSP_ENDPOINTS,           /* Reporting-Endpoints */
    NGX_HTTP_RTCSP_FIXED                /* how many */
} ngx_http_rtcsp_fixed_e;


extern ngx_str_t  ngx_http_rtcsp_fixed_names[];


/* a line of rtcsp_directive */

typedef struct {
    ngx_uint_t                 op;      /* '=', '+' or '-' */
    ngx_str_t                  name;
    ngx_array_t               *values;  /* of ngx_str_t */
    ngx_rt_where_t             where;
} ngx_http_rtcsp_edit_t;


/* a policy before directives, nonces and report-uri are added to it */

typedef struct {
    rt_csp_t                   csp;
    const char                *directive;       /* "rtcsp_policy" */
    ngx_rt_where_t             where;
    const rt_str_t            *nonce_in;        /* the preset's */
    unsigned                   nnonce_in;
    unsigned                   off:1;   /* rtcsp_policy off */
} ngx_http_rtcsp_base_t;


/* rtcsp_force_https */

typedef struct {
    ngx_str_t                  host;    /* or empty: one of names */
    ngx_array_t               *names;   /* ngx_str_t, of the server */
    ngx_rt_where_t             where;
    unsigned                   on:1;
    unsigned                   permanent:1;
} ngx_http_rtcsp_force_https_t;


/* rtcsp_session_cookie */

typedef struct {
    ngx_array_t               *names;   /* of rt_str_t */
    rt_setcookie_t             flags;
} ngx_http_rtcsp_cookie_t;


typedef struct {
    ngx_rt_once_t             *once;    /* what was warned of */
    ngx_shm_zone_t            *tally;   /* of rtcsp_status, or NULL */
    ngx_array_t                statuses;        /* ngx_rt_metrics_place_t */
    ngx_rt_var_t               page;    /* of rtauth, where it is loaded */
    ngx_array_t               *shown;   /* ngx_rt_show_place_t, under
                                           nginx -t; or NULL */
} ngx_http_rtcsp_main_conf_t;


typedef struct {
    ngx_flag_t                 warning;
    unsigned                   policy:1;        /* some location has one */

    /* of the server's own level: is it served, and what is wrong then */
    unsigned                   root:1;  /* there is a location / */
    unsigned                   served:1;        /* in some location */
    ngx_str_t                  finding;
    ngx_rt_where_t            *finding_where;
} ngx_http_rtcsp_srv_conf_t;


typedef struct {
    /* as configured here, or inherited; UNSET until merged */

    ngx_uint_t                 preset;
    ngx_http_rtcsp_base_t     *policy;          /* rtcsp_policy; merged: or
                                                   the preset's */
    ngx_http_rtcsp_base_t     *preset_policy;
    ngx_http_rtcsp_base_t     *report_policy;
    ngx_array_t               *edits;   /* of ngx_http_rtcsp_edit_t */
    ngx_array_t               *nonce_in;        /* of ngx_str_t */
    ngx_rt_where_t             nonce_in_where;
    ngx_str_t                  report_uri;
    ngx_str_t                  report_to;       /* an endpoint's name */
    ngx_flag_t                 report_only;
    ngx_rt_where_t             report_only_where;

    ngx_uint_t                 mode;
    ngx_rt_where_t             mode_where;
    ngx_str_t                  nonce_header;
    rt_nonce_secret_t         *secret;
    rt_allow_t                *allow;   /* rtcsp_nonce gated, or NULL */

    ngx_uint_t                 upstream;
    ngx_uint_t                 cache;
    ngx_array_t               *trusted; /* of ngx_cidr_t */

    ngx_http_rtcsp_force_https_t  *force_https;
    ngx_http_rtcsp_cookie_t       *cookie;      /* without names: off */

    ngx_hash_t                 types;
    ngx_array_t               *types_keys;

    /* data NULL: not configured; len 0: off */
    ngx_str_t                  said[NGX_HTTP_RTCSP_FIXED];

    /* what is sent */

    ngx_str_t                  fixed[NGX_HTTP_RTCSP_FIXED];
    rt_csp_template_t         *enforced;
    rt_csp_template_t         *reported;
    unsigned                   on:1;    /* headers are sent */
    unsigned                   meta:1;  /* of mode: meta tags, too */
    unsigned                   collector:1;
    unsigned                   merged:1;
} ngx_http_rtcsp_loc_conf_t;


/* is the nonce put into our policies?  Under upstream, only in the others */
#define ngx_http_rtcsp_lists(conf)                                            \
    ((conf)->mode > NGX_HTTP_RTCSP_NONCE_UPSTREAM)

/* does what upstream sends for pages stay, whatever rtcsp_upstream says? */
#define ngx_http_rtcsp_takes(conf)                                            \
    ((conf)->mode == NGX_HTTP_RTCSP_NONCE_UPSTREAM && (conf)->on)

/* does a tag get a nonce that upstream knows nothing of? */
#define ngx_http_rtcsp_places(conf)                                           \
    ((conf)->mode >= NGX_HTTP_RTCSP_NONCE_EVERY && (conf)->on)

/* is upstream asked for whole responses, which can be searched? */
#define ngx_http_rtcsp_searches(conf)                                         \
    ((conf)->mode == NGX_HTTP_RTCSP_NONCE_PLACEHOLDER                         \
     || ngx_http_rtcsp_takes(conf) || ngx_http_rtcsp_places(conf))


/* what a response is to the rewriter */

typedef enum {
    NGX_HTTP_RTCSP_BINARY = 0,  /* cannot hold the placeholder */
    NGX_HTTP_RTCSP_TEXT,        /* can, but takes no nonce */
    NGX_HTTP_RTCSP_PAGE         /* one of rtcsp_types */
} ngx_http_rtcsp_class_e;


typedef struct ngx_http_rtcsp_body_s     ngx_http_rtcsp_body_t;
typedef struct ngx_http_rtcsp_inflate_s  ngx_http_rtcsp_inflate_t;


/*
 * One for each request of a client, in r->main->pool: found again after an
 * internal redirect, shared by subrequests.
 */

typedef struct {
    u_char                     nonce[RT_CSP_NONCE_LEN];
    rt_nonce_secret_t         *secret;  /* of the response, or NULL */
    ngx_http_rtcsp_body_t     *body;    /* NULL: the body is passed on */
    ngx_str_t                  violations;      /* that were reported, as
                                                   $rtcsp_event says them */
    ngx_http_rtcsp_bad_e       bad;

    /* of the response whose headers went out, for $rtcsp_event */
    unsigned                   enforced:1;
    unsigned                   reported:1;
    unsigned                   nonced:1;

    unsigned                   made:1;  /* there is a nonce */
    unsigned                   failed:1;        /* randomness failed */
    unsigned                   closed:1;        /* logs are being written */
    unsigned                   ranged:1;        /* Range was not passed on */
} ngx_http_rtcsp_ctx_t;


extern ngx_module_t  ngx_http_rtcsp_early_module;

/* the only symbol of ours that is not hidden: the name of the .so */
extern ngx_module_t  ngx_http_rtcsp_module
    __attribute__ ((visibility ("default")));


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_H_INCLUDED */

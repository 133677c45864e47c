
/* What the rooms of rtaudit share: its configuration. */


#ifndef NGX_HTTP_RTAUDIT_H_INCLUDED
#define NGX_HTTP_RTAUDIT_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ngx_rt_conf.h"
#include "ngx_rt_str.h"
#include "ngx_rt_var.h"

#include "event/rt_event.h"
#include "event/rt_event_format.h"
#include "redact/rt_redact.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_BODY       65536
#define NGX_HTTP_RTAUDIT_BODY_MAX   (16 * 1024 * 1024)
#define NGX_HTTP_RTAUDIT_EVENT_MAX  (1024 * 1024)


/* the action of requests that rtaudit_view answers */

#define NGX_HTTP_RTAUDIT_VIEWED     "AUDIT_VIEW"


typedef enum {
    NGX_HTTP_RTAUDIT_NONE = 0,
    NGX_HTTP_RTAUDIT_METADATA,
    NGX_HTTP_RTAUDIT_REQUEST,
    NGX_HTTP_RTAUDIT_RESPONSE
} ngx_http_rtaudit_level_e;


/* rtaudit_unreadable */

#define NGX_HTTP_RTAUDIT_NOTE    0
#define NGX_HTTP_RTAUDIT_REFUSE  1

/* rtaudit_parameters */

#define NGX_HTTP_RTAUDIT_OBJECT  0
#define NGX_HTTP_RTAUDIT_FLAT    1


typedef struct ngx_http_rtaudit_kind_s  ngx_http_rtaudit_kind_t;


typedef struct {
    ngx_str_t                  name;
    ngx_str_t                  target;      /* as log lines name it */
    ngx_str_t                  place;       /* ... where lines are written */
    ngx_http_rtaudit_kind_t   *kind;
    void                      *conf;        /* the kind's */
    ngx_uint_t                 id;          /* in the zone */
    ngx_event_t               *reopen;      /* of this worker, or NULL */
    ngx_rt_where_t             where;
    ngx_uint_t                 classes;     /* 0: all */
    rt_event_view_t            view;        /* no format: retool */
    uint32_t                   made;        /* of what its lines depend on */
    ngx_msec_t                 fsync;       /* from commit to commit */
    unsigned                   required:1;
    unsigned                   commits:1;   /* fsync= */
    unsigned                   strict:1;    /* ... and requests wait for it */
    unsigned                   classed:1;   /* class= was said */
    unsigned                   remote:1;    /* events leave this machine */
    unsigned                   batches:1;   /* ... in requests */
} ngx_http_rtaudit_sink_t;


typedef struct {
    ngx_http_rtaudit_level_e   level;
    ngx_http_complex_value_t  *cond;        /* NULL: always */
} ngx_http_rtaudit_depth_t;


typedef enum {
    NGX_HTTP_RTAUDIT_ARG = 0,
    NGX_HTTP_RTAUDIT_FORM,
    NGX_HTTP_RTAUDIT_JSON,
    NGX_HTTP_RTAUDIT_HEADER,
    NGX_HTTP_RTAUDIT_VALUE
} ngx_http_rtaudit_from_e;


typedef struct {
    ngx_http_rtaudit_from_e    from;
    ngx_str_t                  name;
    ngx_array_t                names;       /* rt_str_t: what rules judge */
    ngx_array_t                heads;       /* rt_str_t: likewise, headers' */
    ngx_http_complex_value_t   value;
} ngx_http_rtaudit_source_t;


typedef struct {
    ngx_str_t                  name;
    size_t                     offset;      /* in rt_event_t */
    ngx_str_t                  member;      /* of user{}, if it is one */
    ngx_array_t                sources;     /* ngx_http_rtaudit_source_t */
} ngx_http_rtaudit_field_t;


/* rtaudit_view of a location */

typedef struct {
    ngx_str_t                  file;
    ngx_str_t                  location;    /* ends with a slash */
    void                     **loc_conf;
    void                      *pool;        /* ngx_thread_pool_t */
    ngx_rt_where_t             where;
    unsigned                   named:1;     /* by file=; else it is a sink's */
    unsigned                   open:1;      /* to whoever comes here */
} ngx_http_rtaudit_view_t;


/* rtaudit_chain */

typedef struct {
    ngx_str_t                  key;         /* empty: there is none */
    ngx_str_t                  sign;        /* PEM, or empty */
    ngx_msec_t                 checkpoint;
    ngx_rt_where_t             where;
} ngx_http_rtaudit_chain_conf_t;


typedef struct {
    ngx_cycle_t               *cycle;
    ngx_shm_zone_t            *zone;
    void                      *sh;          /* ngx_http_rtaudit_zone_t */
    ngx_rt_where_t             where;       /* of rtaudit_zone */
    ngx_uint_t                 required;    /* some sink is */
    ngx_array_t                sinks;       /* ngx_http_rtaudit_sink_t * */
    ngx_array_t                keys;        /* rt_pseudonym_key_t: the first
                                               is used */
    ngx_rt_where_t             hmac;        /* the first action=hmac */
    ngx_array_t                statuses;    /* ngx_rt_metrics_place_t */
    rt_regex_t                 regex;       /* nginx's, of "regex:" */
    ngx_http_rtaudit_chain_conf_t  chain;
    size_t                     max_event;   /* the largest of all */
    ngx_msec_t                 started;     /* a request takes long; 0: none
                                               does */
    void                     (*look)(void); /* each second, in a worker */
    ngx_uint_t                 responses;   /* some place wants them */
    ngx_array_t                views;       /* ngx_http_rtaudit_view_t * */
    ngx_array_t               *shown;       /* ngx_rt_show_place_t, under
                                               nginx -t; or NULL */

    /* for AUDIT_CONFIG: what is audited */

    EVP_MD_CTX                *digest;      /* over the directives in effect */
    u_char                     hash[SHA256_DIGEST_LENGTH];
    uint64_t                   number;      /* of the cycle; by the master */
    ngx_uint_t                 audited;     /* servers and locations */
    ngx_uint_t                 unaudited;
    ngx_uint_t                 rules;       /* selectors of rtaudit_redact */

    ngx_int_t                  request_id;  /* index, or NGX_DECLINED */
    ngx_rt_var_t               user;
    ngx_rt_var_t               rtauth;
    ngx_rt_var_t               result;      /* of rtauth */
    ngx_rt_var_t               ends;        /* ... groups with a time */
    ngx_rt_var_t               rtcsp;
    ngx_rt_var_t               nonce;       /* of rtcsp */
    ngx_rt_var_t               endpoint;    /* of rtauth */
    rt_redact_set_t            sign_in;     /* rules that hold there */
    ngx_array_t                uris;        /* rt_redact_rule_t: uri: of all
                                               locations */
    rt_redact_set_t            elsewhere;   /* ... for addresses with a host */
    ngx_rt_var_t               peer;        /* before realip */
    ngx_rt_var_t               tls;
} ngx_http_rtaudit_main_conf_t;


typedef struct {
    ngx_array_t               *names;       /* ngx_str_t, as written */
    ngx_rt_where_t             where;
    ngx_array_t               *sinks;       /* ngx_http_rtaudit_sink_t * */

    ngx_array_t               *levels;      /* ngx_http_rtaudit_depth_t */
    ngx_array_t               *rules;       /* rt_redact_rule_t, of all */
    rt_redact_set_t            redact;
    ngx_array_t               *headers;     /* ngx_str_t, lower case */
    ngx_array_t               *fields;      /* ngx_http_rtaudit_field_t */
    ngx_http_complex_value_t  *action;
    size_t                     body;
    size_t                     max_event;
    ngx_uint_t                 unreadable;  /* NGX_HTTP_RTAUDIT_NOTE ... */
    ngx_uint_t                 parameters;  /* NGX_HTTP_RTAUDIT_OBJECT ... */
    ngx_http_rtaudit_view_t   *view;        /* of this very location; or NULL */

    unsigned                   enabled:1;   /* some sink, not always none */
    unsigned                   required:1;  /* some sink is */
    unsigned                   strict:1;    /* ... and even strict */
    unsigned                   want_body:1;
    unsigned                   show_body:1; /* some level shows bodies */
    unsigned                   want_response:1;     /* ... and responses' */
} ngx_http_rtaudit_loc_conf_t;


extern ngx_module_t  ngx_http_rtaudit_module
    __attribute__((__visibility__("default")));

extern ngx_module_t  ngx_http_rtaudit_response_module;


/* conf */

char *ngx_http_rtaudit_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtaudit_started(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtaudit_names(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtaudit_level(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtaudit_redact(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtaudit_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtaudit_hmac_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_rtaudit_action(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_rtaudit_body_post(ngx_conf_t *cf, void *post, void *data);
char *ngx_http_rtaudit_event_post(ngx_conf_t *cf, void *post, void *data);

/* its name in the configuration */
ngx_str_t *ngx_http_rtaudit_level_name(ngx_http_rtaudit_level_e level);

/* action=hmac, where there is one, has a key */
char *ngx_http_rtaudit_hmac_check(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf);

/* sinks, of which there are some, have a zone */
char *ngx_http_rtaudit_zone_check(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf);

char *ngx_http_rtaudit_merge(ngx_conf_t *cf,
    ngx_http_rtaudit_loc_conf_t *prev, ngx_http_rtaudit_loc_conf_t *conf);

/* field */

char *ngx_http_rtaudit_field(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_uint_t ngx_http_rtaudit_field_needs_body(ngx_array_t *fields);

/* sink */

char *ngx_http_rtaudit_sink(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* what a message tells to write as a target */
char *ngx_http_rtaudit_sink_target(void);

/* gives what sinks write to to the workers' user */
ngx_int_t ngx_http_rtaudit_sink_own(ngx_cycle_t *cycle,
    ngx_http_rtaudit_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_H_INCLUDED */


/*
 * A request from its first location to its end.
 */


#ifndef NGX_HTTP_RTAUDIT_CAPTURE_H_INCLUDED
#define NGX_HTTP_RTAUDIT_CAPTURE_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "ngx_http_rtaudit_worker.h"

#include "rt_uuid.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_SETS  16   /* locations whose redactions add up */


typedef struct {
    ngx_http_rtaudit_loc_conf_t  *conf;     /* of the first location */
    ngx_http_rtaudit_slot_t      *slot;
    off_t                         announced;    /* body bytes, or <= 0 */

    const rt_redact_set_t        *set[NGX_HTTP_RTAUDIT_SETS];
    ngx_uint_t                    nsets;

    u_char                       *body;
    size_t                        body_len;
    size_t                        body_size;    /* of the memory */
    uint64_t                      body_seen;

    u_char                        id[RT_UUID_LEN];

    unsigned                      chunked:1;
    unsigned                      body_last:1;
    unsigned                      body_lost:1;  /* no memory */
    unsigned                      has_id:1;
    unsigned                      refused:1;    /* by the gate */
    unsigned                      open:1;       /* its event is owed */
} ngx_http_rtaudit_ctx_t;


/* of the main request; NULL before its first location */
ngx_http_rtaudit_ctx_t *ngx_http_rtaudit_ctx(ngx_http_request_t *r);

/* REWRITE phase, ahead of the rewrite module: the location was chosen */
ngx_int_t ngx_http_rtaudit_located(ngx_http_request_t *r);

/* LOG phase: the request is over */
ngx_int_t ngx_http_rtaudit_finished(ngx_http_request_t *r);

/* puts the body filter into its chain */
void ngx_http_rtaudit_capture_init(void);


/* event: encodes what is known into *line, in the worker's scratch */
rt_status_e ngx_http_rtaudit_event(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_level_e level, ngx_str_t *line);

/* event: a request header by its lower-case name, all of them joined */
void ngx_http_rtaudit_header_value(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value);


/* what fields are taken from */

typedef struct {
    ngx_http_request_t           *r;
    rt_mem_t                     *mem;
    rt_redact_t                  *rd;
    rt_form_t                    *args;
    rt_body_t                    *body;
} ngx_http_rtaudit_input_t;

/* field: fills the fields of ev */
ngx_int_t ngx_http_rtaudit_field_fill(ngx_http_rtaudit_input_t *in,
    ngx_array_t *fields, rt_event_t *ev);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_CAPTURE_H_INCLUDED */


#include "capture/ngx_http_rtaudit_capture.h"
#include "capture/ngx_http_rtaudit_event.h"
#include "capture/ngx_http_rtaudit_long.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"


static ngx_http_request_body_filter_pt  ngx_http_rtaudit_capture_next_filter;


static ngx_http_rtaudit_ctx_t *ngx_http_rtaudit_capture_begin(
    ngx_http_request_t *r);
static void ngx_http_rtaudit_capture_abandoned(void *data);
static ngx_http_rtaudit_loc_conf_t *ngx_http_rtaudit_capture_server_conf(
    ngx_http_request_t *r);
static void ngx_http_rtaudit_capture_add_set(ngx_http_rtaudit_ctx_t *ctx,
    ngx_http_rtaudit_loc_conf_t *conf);
static ngx_int_t ngx_http_rtaudit_capture_refuse(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx);
static ngx_int_t ngx_http_rtaudit_capture_bare(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtaudit_capture_intend(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx);
static ngx_int_t ngx_http_rtaudit_capture_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_rtaudit_capture_readable(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx);
static ngx_int_t ngx_http_rtaudit_capture_unreadable(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, const char *why);
static ngx_http_rtaudit_level_e ngx_http_rtaudit_capture_level(
    ngx_http_request_t *r, ngx_http_rtaudit_loc_conf_t *conf);


/*
 * r->ctx is emptied by internal redirects, the pool's cleanups stay.  They
 * run after the LOG phase, unlike those of the request.
 */

ngx_http_rtaudit_ctx_t *
ngx_http_rtaudit_ctx(ngx_http_request_t *r)
{
    ngx_http_rtaudit_ctx_t  *ctx;

    r = r->main;

    ctx = ngx_http_get_module_ctx(r, ngx_http_rtaudit_module);

    if (ctx) {
        return ctx;
    }

    ctx = ngx_rt_kept(r->pool, ngx_http_rtaudit_capture_abandoned);

    if (ctx) {
        ngx_http_set_ctx(r, ctx, ngx_http_rtaudit_module);
    }

    return ctx;
}


ngx_int_t
ngx_http_rtaudit_located(ngx_http_request_t *r)
{
    ngx_http_rtaudit_ctx_t       *ctx;
    ngx_http_rtaudit_loc_conf_t  *conf;

    if (r != r->main) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_rtaudit_ctx(r);
    conf = ngx_http_get_module_loc_conf(r, ngx_http_rtaudit_module);

    if (ctx) {
        ngx_http_rtaudit_capture_add_set(ctx, conf);
        return NGX_DECLINED;
    }

    ctx = ngx_http_rtaudit_capture_begin(r);

    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_rtaudit_capture_add_set(ctx, conf);

    if (ctx->open) {
        ngx_http_rtaudit_long_begin(r, ctx);
    }

    if (ctx->open && ctx->conf->required
        && ngx_http_rtaudit_books_gate(ctx->conf->sinks) != NGX_OK)
    {
        return ngx_http_rtaudit_capture_refuse(r, ctx);
    }

    return NGX_DECLINED;
}


static ngx_http_rtaudit_ctx_t *
ngx_http_rtaudit_capture_begin(ngx_http_request_t *r)
{
    uint64_t                      ms;
    ngx_http_rtaudit_ctx_t       *ctx;
    ngx_http_rtaudit_loc_conf_t  *conf;

    ctx = ngx_rt_kept_add(r->pool, sizeof(ngx_http_rtaudit_ctx_t),
                          ngx_http_rtaudit_capture_abandoned);
    if (ctx == NULL) {
        return NULL;
    }

    ngx_http_set_ctx(r, ctx, ngx_http_rtaudit_module);

    conf = ngx_http_get_module_loc_conf(r, ngx_http_rtaudit_module);

    /*
     * An error page is the first location of what was refused before it had
     * one: that is its server's.
     */

    if (r->internal && ngx_http_rtaudit_capture_server_conf(r)->enabled) {
        conf = ngx_http_rtaudit_capture_server_conf(r);
    }

    ctx->conf = conf;
    ngx_http_rtaudit_capture_add_set(ctx, conf);

    if (!conf->enabled) {
        return ctx;
    }

    /* not content_length_n, which counts down when a body is thrown away */

    if (r->headers_in.content_length) {
        ctx->announced = ngx_atoof(r->headers_in.content_length->value.data,
                                   r->headers_in.content_length->value.len);
    }

    ctx->chunked = r->headers_in.chunked;

    ms = (uint64_t) r->start_sec * 1000 + r->start_msec;

    ctx->has_id = ngx_http_rtaudit_books_uuid(ms, ctx->id) == NGX_OK;
    ctx->slot = ngx_http_rtaudit_books_begin(conf->sinks);
    ctx->open = 1;

    return ctx;
}


/* the pool goes: an event that is still owed is lost */

static void
ngx_http_rtaudit_capture_abandoned(void *data)
{
    ngx_http_rtaudit_ctx_t *ctx = data;

    if (ctx->intent) {
        ngx_http_rtaudit_strict_end(ctx->intent);
    }

    ngx_http_rtaudit_long_end(ctx);

    if (ctx->open) {
        ctx->open = 0;
        ngx_http_rtaudit_books_lose(ctx->conf->sinks, ctx->slot,
                                    RT_EVENT_DROP_MEMORY);
    }
}


static ngx_http_rtaudit_loc_conf_t *
ngx_http_rtaudit_capture_server_conf(ngx_http_request_t *r)
{
    ngx_http_core_srv_conf_t  *cscf;

    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

    return cscf->ctx->loc_conf[ngx_http_rtaudit_module.ctx_index];
}


static void
ngx_http_rtaudit_capture_add_set(ngx_http_rtaudit_ctx_t *ctx,
    ngx_http_rtaudit_loc_conf_t *conf)
{
    ngx_uint_t  i;

    if (conf->redact.n == 0) {
        return;
    }

    for (i = 0; i < ctx->nsets; i++) {
        if (ctx->set[i]->rule == conf->redact.rule) {
            return;
        }
    }

    /* nginx itself ends a request after 10 internal redirects */

    if (ctx->nsets < NGX_HTTP_RTAUDIT_SETS) {
        ctx->set[ctx->nsets++] = &conf->redact;
    }
}


/*
 * Once: an internal redirect, to an error page too, does not begin anew.  Of a
 * subrequest the main request is an event.
 */

ngx_int_t
ngx_http_rtaudit_let_in(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_rtaudit_ctx_t  *ctx;

    ctx = ngx_http_rtaudit_ctx(r);

    if (ctx == NULL || !ctx->open) {
        return NGX_DECLINED;
    }

    /*
     * Its error page may be nginx's or a file, but not an application's: it
     * ends here, before "mirror" sees it.  So does what "auth_request" asks
     * about it, or what is included in it.
     */

    if (ctx->refused) {

        if (r->content_handler == NULL) {
            return NGX_DECLINED;
        }

        ngx_http_finalize_request(r, ngx_http_rtaudit_capture_bare(r));

        return NGX_DONE;
    }

    if (r != r->main) {
        return NGX_DECLINED;
    }

    if (!ctx->conf->strict || ctx->passed) {
        return NGX_DECLINED;
    }

    rc = ctx->intent ? NGX_OK : ngx_http_rtaudit_capture_intend(r, ctx);

    if (rc == NGX_OK) {
        rc = ngx_http_rtaudit_strict_wait(ctx->intent);
    }

    switch (rc) {

    case NGX_OK:
        ctx->passed = 1;
        return NGX_DECLINED;

    case NGX_AGAIN:
        return NGX_AGAIN;

    default: /* NGX_ERROR */
        return ngx_http_rtaudit_capture_refuse(r, ctx);
    }
}


/* puts the intent into the ring, for the strict ones of its sinks */

static ngx_int_t
ngx_http_rtaudit_capture_intend(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx)
{
    uint32_t                  sinks;
    ngx_http_rtaudit_entry_t  e;

    if (ngx_http_rtaudit_books_gate(ctx->conf->sinks) != NGX_OK) {
        return NGX_ERROR;
    }

    sinks = ngx_http_rtaudit_event_early(r, ctx, RT_EVENT_RECEIVED, &e);

    if (e.end == 0) {
        return NGX_ERROR;
    }

    ctx->intent = ngx_http_rtaudit_strict_begin(r, e.slot, e.end, sinks);

    if (ctx->intent == NULL) {
        return NGX_ERROR;
    }

    ngx_http_rtaudit_books_press();

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_capture_bare(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    r->headers_out.content_length_n = 0;
    r->headers_out.status = NGX_HTTP_SERVICE_UNAVAILABLE;
    r->header_only = 1;

    return ngx_http_send_header(r);
}


static ngx_int_t
ngx_http_rtaudit_capture_refuse(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx)
{
    ngx_table_elt_t  *h;

    ctx->refused = 1;
    ngx_http_rtaudit_books_refused();

    h = ngx_rt_headers_add(r, "Retry-After");
    if (h == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&h->value, "5");

    ngx_rt_log_error(NGX_LOG_ERR, r,
                     "rtaudit: refused, a required sink cannot take its event");

    return NGX_HTTP_SERVICE_UNAVAILABLE;
}


void
ngx_http_rtaudit_capture_init(void)
{
    ngx_http_rtaudit_capture_next_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = ngx_http_rtaudit_capture_body_filter;
}


/* looks at the body as it arrives; nothing is read for our sake */

static ngx_int_t
ngx_http_rtaudit_capture_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                rc;
    ngx_http_rtaudit_ctx_t  *ctx;

    ctx = (r == r->main) ? ngx_http_rtaudit_ctx(r) : NULL;

    if (ctx && ctx->open) {

        ngx_http_rtaudit_keep(r->pool, &ctx->body, in,
                              ctx->conf->want_body ? ctx->conf->body : 0,
                              ctx->announced);

        if (ctx->conf->unreadable == NGX_HTTP_RTAUDIT_REFUSE) {
            rc = ngx_http_rtaudit_capture_readable(r, ctx);

            if (rc != NGX_OK) {
                return rc;
            }
        }
    }

    return ngx_http_rtaudit_capture_next_filter(r, in);
}


/*
 * Will the event show this body?  The headers tell before anything is read,
 * the rest is known when all of it is here; none of it went on until then,
 * unless it is not buffered.
 */

static ngx_int_t
ngx_http_rtaudit_capture_readable(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx)
{
    rt_mem_t         mem;
    rt_body_t        b;
    const char      *why;
    rt_body_kind_e   kind;

    if (!ctx->conf->show_body || ctx->unreadable) {
        return NGX_OK;
    }

    ngx_http_rtaudit_event_seen(r, ctx, &b);

    kind = rt_body_kind(&b.type);

    if ((kind != RT_BODY_JSON && kind != RT_BODY_FORM)
        || (ctx->announced <= 0 && !ctx->chunked && b.bytes == 0))
    {
        return NGX_OK;
    }

    if (ctx->announced > (off_t) ctx->conf->body) {
        b.bytes = ctx->announced;
        b.data.len = 0;
    }

    why = rt_body_hindrance(&b);

    if (why == NULL && ctx->body.last && !r->request_body_no_buffering) {

        mem = ngx_rt_str_mem(r->pool);

        if (rt_body_parse(&mem, &b) != RT_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        why = b.why;
    }

    return why ? ngx_http_rtaudit_capture_unreadable(r, ctx, why) : NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_capture_unreadable(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, const char *why)
{
    size_t             i;
    static const char *const  types[] = { "encoding", "charset", "type" };

    ngx_rt_log_error(NGX_LOG_WARN, r,
                     "rtaudit: refused, its event could not show the body "
                     "(%s)", why);

    ctx->unreadable = why;

    /* the rest is not read, and an error page's upstream gets nothing of it */

    r->keepalive = 0;
    r->lingering_close = 1;
    r->headers_in.content_length_n = 0;
    r->headers_in.chunked = 0;

    if (r->request_body) {
        r->request_body->bufs = NULL;
    }

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (ngx_strcmp(types[i], why) == 0) {
            return NGX_HTTP_UNSUPPORTED_MEDIA_TYPE;
        }
    }

    return NGX_HTTP_RTAUDIT_UNPROCESSABLE;
}


/* the first line whose condition holds */

static ngx_http_rtaudit_level_e
ngx_http_rtaudit_capture_level(ngx_http_request_t *r,
    ngx_http_rtaudit_loc_conf_t *conf)
{
    ngx_str_t                  value;
    ngx_uint_t                 i;
    ngx_http_rtaudit_depth_t  *depth;

    if (conf->levels == NULL) {
        return NGX_HTTP_RTAUDIT_METADATA;
    }

    depth = conf->levels->elts;

    for (i = 0; i < conf->levels->nelts; i++) {

        if (depth[i].cond == NULL) {
            return depth[i].level;
        }

        /* what cannot be evaluated holds: rather too much than too little */

        if (ngx_http_complex_value(r, depth[i].cond, &value) != NGX_OK
            || (value.len && !(value.len == 1 && value.data[0] == '0')))
        {
            return depth[i].level;
        }
    }

    return NGX_HTTP_RTAUDIT_METADATA;
}


ngx_int_t
ngx_http_rtaudit_finished(ngx_http_request_t *r)
{
    ngx_str_t                  line;
    rt_status_e                rc;
    rt_event_drop_e            why;
    rt_event_level_e           depth;
    ngx_http_rtaudit_ctx_t    *ctx;
    ngx_http_rtaudit_entry_t   e;
    ngx_http_rtaudit_level_e   deep;

    if (r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_http_rtaudit_ctx(r);

    if (ctx == NULL) {

        /*
         * Nginx refused it before any phase: its server's lines hold, or its
         * location's.
         */

        ctx = ngx_http_rtaudit_capture_begin(r);
    }

    if (ctx == NULL || !ctx->open) {
        return NGX_OK;
    }

    ctx->open = 0;
    ngx_http_rtaudit_long_end(ctx);

    deep = ngx_http_rtaudit_capture_level(r, ctx->conf);

    /* a request of which a line was written already gets its event */

    if (deep == NGX_HTTP_RTAUDIT_NONE && (ctx->intent || ctx->started)) {
        deep = NGX_HTTP_RTAUDIT_METADATA;
    }

    if (deep == NGX_HTTP_RTAUDIT_NONE) {
        ngx_http_rtaudit_books_waive(ctx->conf->sinks, ctx->slot);
        return NGX_OK;
    }

    depth = (deep == NGX_HTTP_RTAUDIT_RESPONSE) ? RT_EVENT_RESPONSE
            : (deep == NGX_HTTP_RTAUDIT_REQUEST) ? RT_EVENT_REQUEST
                                                 : RT_EVENT_METADATA;

    ngx_http_rtaudit_books_event(&e, ctx->conf->sinks, ctx->slot);

    while (ngx_http_rtaudit_books_next(&e)) {
        rc = ngx_http_rtaudit_event(r, ctx, depth, &e, &line);
        why = (rc == RT_TOO_BIG) ? RT_EVENT_DROP_SIZE : RT_EVENT_DROP_MEMORY;

        ngx_http_rtaudit_books_put(&e, rc == RT_OK ? &line : NULL, why);
    }

    return NGX_OK;
}


/*
 * What nginx knows of a request that is over, as the event's fields.
 */

#include "capture/ngx_http_rtaudit_event.h"
#include "capture/ngx_http_rtaudit_field.h"
#include "ngx_rt_headers.h"
#include "event/rt_event_class.h"
#include "event/rt_event_encode.h"
#include "text/rt_field.h"
#include "text/rt_ip.h"


#define HEADERS   64        /* logged headers of one request */
#define FIELDS    512       /* arguments of one query string */


/* an event that is being made */

typedef struct {
    rt_mem_t                   mem;
    rt_event_t                 ev;
    rt_redact_t                rd;
    const rt_redact_set_t     *set[NGX_HTTP_RTAUDIT_SETS + 1];
    u_char                    *line;        /* in the worker's scratch */
    size_t                     size;        /* ... of at most these bytes */
} ngx_http_rtaudit_event_t;


static void ngx_http_rtaudit_event_var(ngx_conf_t *cf, ngx_rt_var_t *var,
    ngx_str_t *name);
static rt_status_e ngx_http_rtaudit_event_unended(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_stage_e stage,
    ngx_http_rtaudit_entry_t *e, ngx_str_t *line);
static rt_status_e ngx_http_rtaudit_event_begin(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, ngx_http_rtaudit_event_t *made, size_t size);
static rt_status_e ngx_http_rtaudit_event_line(ngx_http_rtaudit_event_t *made,
    ngx_http_rtaudit_entry_t *e, ngx_str_t *line);
static ngx_uint_t ngx_http_rtaudit_event_sets(ngx_http_request_t *r,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_ctx_t *ctx,
    const rt_redact_set_t **set);
static void ngx_http_rtaudit_event_who(ngx_http_request_t *r,
    ngx_http_rtaudit_main_conf_t *mcf, rt_redact_t *rd, rt_event_t *ev);
static void ngx_http_rtaudit_event_what(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_t *ev);
static void ngx_http_rtaudit_event_times(ngx_http_request_t *r,
    rt_event_t *ev);
static void ngx_http_rtaudit_event_outcome(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_t *ev);
static void ngx_http_rtaudit_event_upstream(ngx_http_request_t *r,
    rt_event_t *ev);
static void ngx_http_rtaudit_event_where(ngx_http_request_t *r,
    ngx_http_rtaudit_main_conf_t *mcf, rt_event_t *ev);
static rt_status_e ngx_http_rtaudit_event_args(ngx_http_request_t *r,
    rt_mem_t *mem, rt_form_t *form);
static rt_status_e ngx_http_rtaudit_event_body(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_level_e level, rt_mem_t *mem,
    rt_body_t *b);
static rt_status_e ngx_http_rtaudit_event_response(ngx_http_request_t *r,
    ngx_http_rtaudit_response_t *response, rt_mem_t *mem, rt_body_t *b);
static rt_status_e ngx_http_rtaudit_event_headers(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_t *ev);
static rt_status_e ngx_http_rtaudit_event_action(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_t *ev);


/*
 * Parameters between browser, rtauth and provider that could sign somebody in.
 */

static const rt_str_t  ngx_http_rtaudit_event_sign_in[] = {
    rt_string("name:code"),
    rt_string("name:state"),
    rt_string("name:id_token_hint"),
    rt_string("name:logout_token")
};

#define NGX_HTTP_RTAUDIT_SIGN_IN                                              \
    (sizeof(ngx_http_rtaudit_event_sign_in) / sizeof(rt_str_t))


ngx_int_t
ngx_http_rtaudit_event_init(ngx_conf_t *cf, ngx_http_rtaudit_main_conf_t *mcf)
{
    rt_mem_t           mem;
    rt_str_t           err;
    rt_redact_rule_t  *rule;

    static ngx_str_t  request_id = ngx_string("request_id");
    static ngx_str_t  user[] = { ngx_string("rtauth_user_packed"),
                                 ngx_string("rtauth_user_json") };
    static ngx_str_t  rtauth[] = { ngx_string("rtauth_event_packed"),
                                   ngx_string("rtauth_event") };
    static ngx_str_t  rtcsp[] = { ngx_string("rtcsp_event_packed"),
                                  ngx_string("rtcsp_event") };
    static ngx_str_t  ends = ngx_string("rtauth-ends");
    static ngx_str_t  endpoint = ngx_string("rtauth_endpoint");
    static ngx_str_t  peer = ngx_string("realip_remote_addr");
    static ngx_str_t  tls = ngx_string("ssl_protocol");

    /*
     * An id nobody else uses says nothing; and without an index each look
     * at $request_id makes another one.
     */

    mcf->request_id = ngx_rt_var_used(cf, &request_id);

    ngx_http_rtaudit_event_var(cf, &mcf->user, user);
    ngx_http_rtaudit_event_var(cf, &mcf->rtauth, rtauth);
    ngx_http_rtaudit_event_var(cf, &mcf->rtcsp, rtcsp);
    ngx_rt_var_init(cf, &mcf->ends, &ends);
    ngx_rt_var_init(cf, &mcf->endpoint, &endpoint);
    ngx_rt_var_init(cf, &mcf->peer, &peer);
    ngx_rt_var_init(cf, &mcf->tls, &tls);

    mem = ngx_rt_str_mem(cf->pool);

    rule = ngx_palloc(cf->pool,
                      NGX_HTTP_RTAUDIT_SIGN_IN * sizeof(rt_redact_rule_t));
    if (rule == NULL) {
        return NGX_ERROR;
    }

    mcf->sign_in.rule = rule;

    return rt_redact_parse(&mem, ngx_http_rtaudit_event_sign_in,
                           NGX_HTTP_RTAUDIT_SIGN_IN, NULL, rule,
                           &mcf->sign_in.n, &err)
           == RT_OK ? NGX_OK : NGX_ERROR;
}


/*
 * What another module says: as it packs it for us, or the JSON that a
 * configuration sets where the module is not loaded
 */

static void
ngx_http_rtaudit_event_var(ngx_conf_t *cf, ngx_rt_var_t *var, ngx_str_t *name)
{
    ngx_rt_var_init(cf, var, &name[0]);

    if (var->var == NULL) {
        ngx_rt_var_init(cf, var, &name[1]);
    }
}


rt_status_e
ngx_http_rtaudit_event(ngx_http_request_t *r, ngx_http_rtaudit_ctx_t *ctx,
    rt_event_level_e level, ngx_http_rtaudit_entry_t *e, ngx_str_t *line)
{
    rt_form_t                  form;
    rt_body_t                  b, answer;
    rt_event_t                *ev;
    ngx_http_rtaudit_input_t   in;
    ngx_http_rtaudit_event_t   made;

    if (ngx_http_rtaudit_event_begin(r, ctx, &made, ctx->conf->max_event)
        != RT_OK)
    {
        return RT_ERROR;
    }

    ev = &made.ev;
    ev->level = level;

    ngx_http_rtaudit_event_outcome(r, ctx, ev);
    ngx_http_rtaudit_event_upstream(r, ev);

    if (ngx_http_rtaudit_event_body(r, ctx, level, &made.mem, &b) != RT_OK) {
        return RT_ERROR;
    }

    ev->body = &b;
    ev->body_key = made.rd.key;

    ngx_memzero(&form, sizeof(rt_form_t));

    if (level >= RT_EVENT_REQUEST || ctx->conf->fields) {

        if (ngx_http_rtaudit_event_args(r, &made.mem, &form) != RT_OK) {
            return RT_ERROR;
        }

        ev->args = &form;
    }

    if (level >= RT_EVENT_REQUEST
        && ngx_http_rtaudit_event_headers(r, ctx, ev) != RT_OK)
    {
        return RT_ERROR;
    }

    if (level >= RT_EVENT_RESPONSE && ctx->response) {

        if (ngx_http_rtaudit_event_response(r, ctx->response, &made.mem,
                                            &answer)
            != RT_OK)
        {
            return RT_ERROR;
        }

        ev->response = &answer;
    }

    in.r = r;
    in.mem = &made.mem;
    in.rd = &made.rd;
    in.args = &form;
    in.body = &b;

    if (ngx_http_rtaudit_event_action(r, ctx, ev) != RT_OK
        || ngx_http_rtaudit_field_fill(&in, ctx->conf->fields, ev) != NGX_OK)
    {
        return RT_ERROR;
    }

    return ngx_http_rtaudit_event_line(&made, e, line);
}


uint32_t
ngx_http_rtaudit_event_early(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_stage_e stage,
    ngx_http_rtaudit_entry_t *e)
{
    uint32_t                   sinks;
    ngx_str_t                  line;
    ngx_uint_t                 i;
    rt_status_e                rc;
    ngx_http_rtaudit_sink_t  **sink;

    sinks = 0;
    sink = ctx->conf->sinks->elts;

    for (i = 0; i < ctx->conf->sinks->nelts; i++) {
        if (stage == RT_EVENT_RECEIVED ? sink[i]->strict
                                       : !(sink[i]->classes & RT_EVENT_ALERT))
        {
            sinks |= (uint32_t) 1 << sink[i]->id;
        }
    }

    ngx_http_rtaudit_books_extra(e, sinks);

    if (ngx_http_rtaudit_books_next(e)) {
        rc = ngx_http_rtaudit_event_unended(r, ctx, stage, e, &line);
        ngx_http_rtaudit_books_put(e, rc == RT_OK ? &line : NULL,
                                   RT_EVENT_DROP_MEMORY);
    }

    return sinks;
}


static rt_status_e
ngx_http_rtaudit_event_unended(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_stage_e stage,
    ngx_http_rtaudit_entry_t *e, ngx_str_t *line)
{
    ngx_http_rtaudit_event_t   made;
    ngx_http_complex_value_t  *action;

    if (ngx_http_rtaudit_event_begin(r, ctx, &made, RT_EVENT_MIN) != RT_OK) {
        return RT_ERROR;
    }

    if (stage == RT_EVENT_STARTED) {
        ngx_http_rtaudit_event_outcome(r, ctx, &made.ev);
        ngx_http_rtaudit_event_upstream(r, &made.ev);

    } else {
        ngx_http_rtaudit_event_times(r, &made.ev);
    }

    made.ev.level = RT_EVENT_METADATA;
    made.ev.stage = stage;

    action = ctx->conf->action;

    if (action && action->lengths == NULL) {
        made.ev.action = *ngx_rt_str(&action->value);
    }

    return ngx_http_rtaudit_event_line(&made, e, line);
}


/*
 * Begins what is said of a request: every line about it has who does what
 * where.
 */

static rt_status_e
ngx_http_rtaudit_event_begin(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, ngx_http_rtaudit_event_t *made, size_t size)
{
    rt_event_t                    *ev;
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtaudit_module);
    ev = &made->ev;

    made->mem = ngx_rt_str_mem(r->pool);
    made->size = size;
    made->line = ngx_http_rtaudit_books_scratch(&made->size);

    if (made->line == NULL || !ctx->has_id) {
        return RT_ERROR;
    }

    rt_redact_init(&made->rd, &made->mem, made->set,
                   ngx_http_rtaudit_event_sets(r, mcf, ctx, made->set));
    made->rd.key = mcf->keys.nelts ? mcf->keys.elts : NULL;
    made->rd.elsewhere = mcf->elsewhere.n ? &mcf->elsewhere : NULL;
    rt_event_init(ev);

    ev->flat = (ctx->conf->parameters == NGX_HTTP_RTAUDIT_FLAT);
    ev->id.data = ctx->id;
    ev->id.len = RT_UUID_LEN;

    ngx_http_rtaudit_event_who(r, mcf, &made->rd, ev);
    ngx_http_rtaudit_event_what(r, ctx, ev);
    ngx_http_rtaudit_event_where(r, mcf, ev);

    return RT_OK;
}


static rt_status_e
ngx_http_rtaudit_event_line(ngx_http_rtaudit_event_t *made,
    ngx_http_rtaudit_entry_t *e, ngx_str_t *line)
{
    ngx_http_rtaudit_books_stamp(e, &made->ev);

    line->data = made->line;

    return rt_event_encode(&made->ev, &made->rd, line->data, made->size,
                           &line->len);
}


/*
 * The rules of the locations it passed, and of an address that rtauth answers.
 */

static ngx_uint_t
ngx_http_rtaudit_event_sets(ngx_http_request_t *r,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_ctx_t *ctx,
    const rt_redact_set_t **set)
{
    ngx_str_t   value;
    ngx_uint_t  n;

    for (n = 0; n < ctx->nsets; n++) {
        set[n] = ctx->set[n];
    }

    ngx_rt_var_get(r, &mcf->endpoint, &value);

    if (value.len) {
        set[n++] = &mcf->sign_in;
    }

    return n;
}


/* a header that is shown at every level: rules hold for it as well */

static void
ngx_http_rtaudit_event_forwarded(ngx_http_request_t *r, rt_redact_t *rd,
    rt_event_t *ev)
{
    size_t            saved;
    rt_str_t          rule;
    ngx_str_t         value;
    rt_redact_act_e   act;
    static ngx_str_t  xff = ngx_string("x-forwarded-for");

    ngx_rt_headers_value(r, &xff, &value);

    if (value.len == 0) {
        return;
    }

    act = rt_redact_known(rd, ngx_rt_str(&xff), &rule);

    /* it is a list of addresses, or of what stands for all of them */

    act = (act == RT_REDACT_HMAC) ? RT_REDACT_MASK : act;

    if (act != RT_REDACT_NONE) {
        saved = rt_redact_into(rd, "metadata");
        (void) rt_redact_into(rd, "net");
        (void) rt_redact_into(rd, "forwardedFor");

        rt_redact_note(rd, rt_redact_act_name(act), &rule);

        rt_redact_leave(rd, saved);
        ngx_str_set(&value, RT_REDACT_MASKED);
    }

    if (act != RT_REDACT_DROP) {
        ev->forwarded_for = *ngx_rt_str(&value);
    }
}


static void
ngx_http_rtaudit_event_who(ngx_http_request_t *r,
    ngx_http_rtaudit_main_conf_t *mcf, rt_redact_t *rd, rt_event_t *ev)
{
    ngx_str_t  value;

    ngx_rt_var_get(r, &mcf->user, &value);
    ev->user = *ngx_rt_str(&value);

    ev->ip = *ngx_rt_str(&r->connection->addr_text);

    ngx_rt_var_get(r, &mcf->peer, &value);
    ev->peer = value.len ? *ngx_rt_str(&value) : ev->ip;

    ev->port = ngx_inet_get_port(r->connection->sockaddr);

    ngx_http_rtaudit_event_forwarded(r, rd, ev);
}


static void
ngx_http_rtaudit_event_what(ngx_http_request_t *r, ngx_http_rtaudit_ctx_t *ctx,
    rt_event_t *ev)
{
    ngx_str_t         value;
    static ngx_str_t  destination = ngx_string("destination");

    /*
     * r->method_name becomes GET in error pages.  What is no method may be
     * the end of a body that was longer than it said.
     */

    ev->method = rt_field_method(ngx_rt_str(&r->request_line));

    ev->url = *ngx_rt_str(&r->unparsed_uri);

    if (rt_str_lit(&ev->method, "COPY") || rt_str_lit(&ev->method, "MOVE")) {
        ngx_rt_headers_value(r, &destination, &value);
        ev->destination = *ngx_rt_str(&value);
    }

    switch (r->http_version) {

    case NGX_HTTP_VERSION_9:
        ev->http_version = (rt_str_t) rt_string("0.9");
        break;

    case NGX_HTTP_VERSION_10:
        ev->http_version = (rt_str_t) rt_string("1.0");
        break;

    case NGX_HTTP_VERSION_11:
        ev->http_version = (rt_str_t) rt_string("1.1");
        break;

    case NGX_HTTP_VERSION_20:
        ev->http_version = (rt_str_t) rt_string("2.0");
        break;

    case 3000:
        ev->http_version = (rt_str_t) rt_string("3.0");
        break;
    }
}


static void
ngx_http_rtaudit_event_times(ngx_http_request_t *r, rt_event_t *ev)
{
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    ev->created_ms = (uint64_t) r->start_sec * 1000 + r->start_msec;
    ev->updated_ms = (uint64_t) tp->sec * 1000 + tp->msec;

    /* the clock may have been set back */

    ev->updated_ms = ngx_max(ev->updated_ms, ev->created_ms);
    ev->response_ms = ev->updated_ms - ev->created_ms;

    ev->bytes_in = r->request_length;
    ev->bytes_out = r->connection->sent;
}


static void
ngx_http_rtaudit_event_outcome(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_t *ev)
{
    ngx_http_rtaudit_event_times(r, ev);

    /* as $status */

    ev->status = r->err_status ? r->err_status
               : r->headers_out.status ? r->headers_out.status
               : (r->http_version == NGX_HTTP_VERSION_9) ? 9 : 0;

    if (ctx->refused) {
        ev->error = (rt_str_t) rt_string("audit_unavailable");

    } else if (ctx->unreadable) {
        ev->error = (rt_str_t) rt_string("audit_unreadable");
    }

    /* in the middle of an answer, its status stays */

    ev->stage = (ev->status == NGX_HTTP_CLIENT_CLOSED_REQUEST
                 || (ev->status < NGX_HTTP_BAD_REQUEST
                     && (r->connection->error || r->connection->timedout)))
                ? RT_EVENT_ABORTED : RT_EVENT_COMPLETE;
}


static int64_t
ngx_http_rtaudit_event_ms(ngx_msec_t ms)
{
    return ms == (ngx_msec_t) -1 ? -1 : (int64_t) ms;
}


static void
ngx_http_rtaudit_event_upstream(ngx_http_request_t *r, rt_event_t *ev)
{
    ngx_http_upstream_state_t     *state;
    ngx_http_upstream_resolved_t  *u;

    if (r->upstream_states == NULL || r->upstream_states->nelts == 0) {
        return;
    }

    /* the one that answered, or failed, last */

    state = r->upstream_states->elts;
    state += r->upstream_states->nelts - 1;

    if (state->peer) {
        ev->upstream_addr = *ngx_rt_str(state->peer);
    }

    /* what a client may have chosen is no address of an upstream */

    u = r->upstream ? r->upstream->resolved : NULL;

    if (u && (u->sockaddr || !rt_ip_valid(&ev->upstream_addr))) {
        ev->upstream_addr = (rt_str_t) rt_string("variable");
    }

    ev->upstream_status = state->status;
    ev->upstream_connect_ms = ngx_http_rtaudit_event_ms(state->connect_time);
    ev->upstream_header_ms = ngx_http_rtaudit_event_ms(state->header_time);
    ev->upstream_response_ms = ngx_http_rtaudit_event_ms(state->response_time);
}


static void
ngx_http_rtaudit_event_where(ngx_http_request_t *r,
    ngx_http_rtaudit_main_conf_t *mcf, rt_event_t *ev)
{
    ngx_str_t                  value;
    ngx_http_core_srv_conf_t  *cscf;
    static ngx_str_t           traceparent = ngx_string("traceparent");
    static ngx_str_t           agent = ngx_string("user-agent");

    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

    ev->node = *ngx_rt_str((ngx_str_t *) &ngx_cycle->hostname);
    ev->host = *ngx_rt_str(&r->headers_in.server);
    ev->server = *ngx_rt_str(&cscf->server_name);

    if (mcf->request_id != NGX_DECLINED) {
        ngx_rt_var_indexed(r, mcf->request_id, &value);
        ev->request_id = *ngx_rt_str(&value);
    }

    ev->scheme = (rt_str_t) rt_string("http");

#if (NGX_HTTP_SSL)

    if (r->connection->ssl) {
        ev->scheme = (rt_str_t) rt_string("https");

        ngx_rt_var_get(r, &mcf->tls, &value);
        ev->tls = *ngx_rt_str(&value);
    }

#endif

    ngx_rt_headers_value(r, &agent, &value);
    ev->user_agent = *ngx_rt_str(&value);

    ngx_rt_headers_value(r, &traceparent, &value);
    ev->traceparent = *ngx_rt_str(&value);

    ngx_rt_var_get(r, &mcf->rtauth, &value);
    ev->rtauth = *ngx_rt_str(&value);

    ngx_rt_var_get(r, &mcf->rtcsp, &value);
    ev->rtcsp = *ngx_rt_str(&value);
}


/* arguments of the query string as it was received: rewrites change r->args */

static rt_status_e
ngx_http_rtaudit_event_args(ngx_http_request_t *r, rt_mem_t *mem,
    rt_form_t *form)
{
    rt_str_t  path, query, fragment;

    if (!rt_str_cut(ngx_rt_str(&r->unparsed_uri), '?', &path, &query)) {
        return RT_OK;
    }

    (void) rt_str_cut(&query, '#', &query, &fragment);

    return rt_form_parse(mem, &query, FIELDS, form);
}


void
ngx_http_rtaudit_event_seen(ngx_http_request_t *r, ngx_http_rtaudit_ctx_t *ctx,
    rt_body_t *b)
{
    ngx_str_t         value;
    static ngx_str_t  encoding = ngx_string("content-encoding");

    ngx_memzero(b, sizeof(rt_body_t));

    if (r->headers_in.content_type) {
        b->type = *ngx_rt_str(&r->headers_in.content_type->value);
    }

    ngx_rt_headers_value(r, &encoding, &value);
    b->encoding = *ngx_rt_str(&value);

    b->data.data = ctx->body.data;
    b->data.len = ctx->body.len;
    b->bytes = ctx->body.seen;
}


static rt_status_e
ngx_http_rtaudit_event_body(ngx_http_request_t *r, ngx_http_rtaudit_ctx_t *ctx,
    rt_event_level_e level, rt_mem_t *mem, rt_body_t *b)
{
    ngx_http_rtaudit_event_seen(r, ctx, b);

    /* a part is never parsed; an announced length is known all the same */

    if ((ctx->announced > 0 || ctx->chunked || ctx->body.seen)
        && !ctx->body.last)
    {
        b->unread = 1;
        b->data.len = 0;

        if (ctx->announced > (off_t) b->bytes) {
            b->bytes = ctx->announced;
        }
    }

    if (ctx->unreadable) {
        b->kind = RT_BODY_UNPARSED;
        b->why = ctx->unreadable;
        return RT_OK;
    }

    if (level >= RT_EVENT_REQUEST
        || ngx_http_rtaudit_field_needs_body(ctx->conf->fields))
    {
        return rt_body_parse(mem, b) == RT_OK ? rt_body_show(mem, b)
                                              : RT_ERROR;
    }

    b->kind = b->unread ? RT_BODY_UNREAD
              : b->bytes ? rt_body_kind(&b->type) : RT_BODY_NONE;

    return RT_OK;
}


/*
 * A part is never parsed: of a range, of an answer that broke off, of one that
 * turned into something else than HTTP.
 */

static rt_status_e
ngx_http_rtaudit_event_response(ngx_http_request_t *r,
    ngx_http_rtaudit_response_t *response, rt_mem_t *mem, rt_body_t *b)
{
    ngx_uint_t  status;

    status = r->headers_out.status;

    ngx_memzero(b, sizeof(rt_body_t));

    b->type = *ngx_rt_str(&response->type);
    b->charset = *ngx_rt_str(&response->charset);
    b->encoding = *ngx_rt_str(&response->encoding);
    b->data.data = response->body.data;
    b->data.len = response->body.len;
    b->bytes = response->body.seen;

    if (status == NGX_HTTP_PARTIAL_CONTENT
        || status == NGX_HTTP_SWITCHING_PROTOCOLS
        || (!response->body.last && !r->header_only))
    {
        b->unread = 1;
        b->data.len = 0;
    }

    return rt_body_parse(mem, b) == RT_OK ? rt_body_show(mem, b) : RT_ERROR;
}


static ngx_uint_t
ngx_http_rtaudit_event_listed(ngx_array_t *names, ngx_table_elt_t *h)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    name = names->elts;

    for (i = 0; i < names->nelts; i++) {
        if (ngx_rt_header_is(h, &name[i])) {
            return 1;
        }
    }

    return 0;
}


static rt_status_e
ngx_http_rtaudit_event_headers(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_t *ev)
{
    ngx_table_elt_t    *h;
    ngx_rt_headers_t    walk;
    rt_event_header_t  *header;

    if (ctx->conf->headers == NULL) {
        return RT_OK;
    }

    header = ngx_palloc(r->pool, HEADERS * sizeof(rt_event_header_t));
    if (header == NULL) {
        return RT_ERROR;
    }

    ev->header = header;

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while (ev->nheaders < HEADERS
           && (h = ngx_rt_headers_next(&walk)) != NULL)
    {
        if (ngx_http_rtaudit_event_listed(ctx->conf->headers, h)) {
            header[ev->nheaders].name = *ngx_rt_str(&h->key);
            header[ev->nheaders].value = *ngx_rt_str(&h->value);
            ev->nheaders++;
        }
    }

    return RT_OK;
}


static rt_status_e
ngx_http_rtaudit_event_action(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_t *ev)
{
    rt_str_t   type, page = rt_string("text/html");
    ngx_str_t  value;

    if (ctx->conf->action) {

        if (ngx_http_complex_value(r, ctx->conf->action, &value) != NGX_OK) {
            return RT_ERROR;
        }

        ev->action = *ngx_rt_str(&value);

        if (rt_event_action_valid(&ev->action)) {
            return RT_OK;
        }
    }

    if (ctx->view) {
        ev->action = (rt_str_t) rt_string(NGX_HTTP_RTAUDIT_VIEWED);
        return RT_OK;
    }

    (void) rt_field_media(ngx_rt_str(&r->headers_out.content_type), &type);

    /* neither an error nor a redirect is a page that was seen */

    if (ev->status >= NGX_HTTP_OK
        && ev->status < NGX_HTTP_SPECIAL_RESPONSE
        && (rt_str_lit(&ev->method, "GET")
            || rt_str_lit(&ev->method, "HEAD"))
        && rt_str_ieq(&type, &page))
    {
        ev->action = (rt_str_t) rt_string("PAGE_VIEW");

    } else {
        ev->action = (rt_str_t) rt_string("QUERY_RUN");
    }

    return RT_OK;
}


#include "event/rt_event_encode.h"
#include "event/rt_event_body.h"
#include "event/rt_event_handed.h"
#include "event/rt_event_meta.h"
#include "event/rt_event_part.h"
#include "event/rt_event_who.h"
#include "event/rt_params.h"
#include "redact/rt_redact_graphql.h"
#include "redact/rt_redact_head.h"
#include "redact/rt_redact_url.h"
#include "text/rt_time.h"


#define URL_MAX      8192
#define HEADER_MAX   2048
#define METHOD_MAX   32
#define VERSION_MAX  16

/* what is held back for mandatory members that come later, bytes */

#define HOLD_REQUEST   1024
#define HOLD_TAIL      64


static const rt_str_t  default_action = rt_string("HTTP_REQUEST");
static const rt_str_t  code_abort = rt_string("client_abort");
static const rt_str_t  code_failed = rt_string("failed");


static const rt_str_t *
action(const rt_event_part_t *p)
{
    const rt_str_t  *s;

    s = rt_event_handed(p, "action");

    if (s) {
        return s;
    }

    return rt_event_action_valid(&p->ev->action) ? &p->ev->action
                                                 : &default_action;
}


static int
is_error(const rt_event_t *ev)
{
    if (ev->stage == RT_EVENT_MODULE) {
        return ev->error.len != 0;
    }

    if (ev->stage == RT_EVENT_RECEIVED || ev->stage == RT_EVENT_STARTED) {
        return 0;
    }

    return ev->status == 0 || ev->status >= 400 || ev->error.len
           || ev->stage == RT_EVENT_ABORTED;
}


/* "Not Found" as a code: not_found */

static size_t
status_code(unsigned status, unsigned char *buf, size_t size)
{
    size_t       i;
    const char  *text;

    text = rt_event_status_text(status);

    for (i = 0; text[i] && i < size; i++) {
        buf[i] = rt_lower((unsigned char) text[i]);

        if (buf[i] < 'a' || buf[i] > 'z') {
            buf[i] = '_';
        }
    }

    return i;
}


/* a code and our own words, never what somebody sent */

static void
write_error(rt_event_part_t *p)
{
    rt_str_t          code, text;
    unsigned char     buf[64];
    const rt_str_t   *reason, *decision;
    const rt_event_t *ev = p->ev;

    if (!is_error(ev)) {
        rt_jsonw_json(&p->w, "\"error\":null");
        return;
    }

    rt_jsonw_lit(&p->w, "error");

    code.data = buf;
    code.len = status_code(ev->status, buf, sizeof(buf));

    decision = rt_event_handed(p, "decision");
    reason = rt_event_handed(p, "reason");

    if (rt_event_code(&ev->error)) {
        code = ev->error;

    } else if (ev->stage == RT_EVENT_ABORTED) {
        code = code_abort;

    } else if (decision && reason && !rt_str_lit(decision, "allow"))
    {
        code = *reason;

    } else if (code.len == 0) {
        code = code_failed;
    }

    text.data = (unsigned char *) rt_event_status_text(ev->status);
    text.len = strlen((char *) text.data);

    rt_jsonw_open(&p->w, '{');
    rt_jsonw_lit(&p->w, "type");
    rt_jsonw_str(&p->w, &code);

    if (text.len) {
        rt_jsonw_lit(&p->w, "message");
        rt_jsonw_str(&p->w, &text);
    }

    rt_jsonw_close(&p->w, '}');
}


static void
write_query(rt_event_part_t *p)
{
    const rt_event_t *ev = p->ev;

    if (ev->level < RT_EVENT_REQUEST
        || (ev->route.len == 0 && ev->operation.len == 0))
    {
        rt_jsonw_json(&p->w, "\"query\":null");
        return;
    }

    rt_jsonw_lit(&p->w, "query");
    rt_jsonw_open(&p->w, '{');

    if (ev->route.len) {
        rt_event_text(p, "route", &ev->route, p->text_max);
    }

    if (ev->operation.len) {
        rt_event_text(p, "operation", &ev->operation, RT_EVENT_WORD);
    }

    rt_jsonw_close(&p->w, '}');
}


static void
write_time(rt_event_part_t *p, uint64_t ms)
{
    unsigned char  quoted[RT_TIME_ISO_LEN + 2];

    quoted[0] = '"';
    rt_time_iso_kept(p->ev->clock ? p->ev->clock : &p->clock, ms, quoted + 1);
    quoted[sizeof(quoted) - 1] = '"';

    rt_jsonw_put(&p->w, quoted, sizeof(quoted));
}


/* what comes before the user */

static void
write_head(rt_event_part_t *p)
{
    rt_str_t          text;
    rt_jsonw_t       *w = &p->w;
    const rt_event_t *ev = p->ev;

    rt_jsonw_lit(w, "id");
    rt_jsonw_str(w, &ev->id);

    rt_event_user_id(p);
    rt_event_organization_id(p);
    rt_event_text(p, "ipAddress", &ev->ip, 64);
    rt_event_geo(p);

    rt_event_number(p, "responseTimeMs", ev->response_ms);

    rt_jsonw_lit(w, "actionType");
    rt_jsonw_str(w, action(p));

    rt_event_text(p, "pageName", &ev->page_name, p->text_max);
    rt_event_text(p, "queryName", &ev->query_name, p->text_max);
    rt_event_text(p, "resourceName", &ev->resource_name, p->text_max);
    rt_event_text(p, "pageVersion", &ev->page_version, RT_EVENT_WORD);

    write_error(p);
    write_query(p);

    rt_event_number(p, "status", ev->status < 1000 ? ev->status : 0);
    rt_jsonw_lit(w, "isError");
    rt_jsonw_bool(w, is_error(ev));

    text.data = (unsigned char *) rt_event_status_text(ev->status);
    text.len = strlen((char *) text.data);
    rt_event_text(p, "statusText", &text, RT_EVENT_WORD);

    rt_jsonw_lit(w, "createdAt");
    write_time(p, ev->created_ms);
    rt_jsonw_lit(w, "updatedAt");
    write_time(p, ev->updated_ms);
}


/* the lower case name, so that spelling does not make two of one */

static rt_str_t
header_key(const rt_str_t *name, unsigned char *buf, size_t size)
{
    size_t    i;
    rt_str_t  key;

    key.data = buf;
    key.len = name->len < size ? name->len : size;

    for (i = 0; i < key.len; i++) {
        buf[i] = rt_lower(name->data[i]);

        if (buf[i] < 0x21 || buf[i] > 0x7e) {
            buf[i] = '?';
        }
    }

    return key;
}


/* is there one of this name in [from, to)? */

static unsigned
same_header(const rt_event_t *ev, unsigned from, unsigned to,
    const rt_str_t *key)
{
    unsigned       i;
    rt_str_t       other;
    unsigned char  buf[RT_EVENT_WORD];

    for (i = from; i < to; i++) {

        if (ev->header[i].name.len < sizeof(buf)
            && ev->header[i].name.len != key->len)
        {
            continue;
        }

        other = header_key(&ev->header[i].name, buf, sizeof(buf));

        if (rt_str_eq(&other, key)) {
            return i;
        }
    }

    return to;
}


/* all headers of one name: a string, or an array of strings */

static void
write_header(rt_event_part_t *p, unsigned i, const rt_str_t *key)
{
    int               many;
    rt_str_t          rule;
    rt_jsonw_t       *w = &p->w;
    rt_redact_act_e   act;
    const rt_event_t *ev = p->ev;

    act = rt_redact_header(p->rd, &ev->header[i].name, &rule);

    if (act == RT_REDACT_DROP) {
        rt_redact_note(p->rd, "drop", &rule);
        return;
    }

    many = (same_header(ev, i + 1, ev->nheaders, key) < ev->nheaders);

    rt_jsonw_key(w, key);

    if (many) {
        rt_jsonw_open(w, '[');
    }

    while (i < ev->nheaders && !w->full) {

        if (rt_redact_header_value(p->rd, w, &ev->header[i].name,
                                   &ev->header[i].value, act, &rule,
                                   HEADER_MAX)
            != RT_OK)
        {
            rt_redact_cut(p->rd);
        }

        i = same_header(ev, i + 1, ev->nheaders, key);
    }

    if (many) {
        rt_jsonw_close(w, ']');
    }
}


static void
write_headers(rt_event_part_t *p)
{
    size_t            each;
    unsigned          i;
    rt_str_t          key;
    rt_jsonw_t       *w = &p->w;
    unsigned char     buf[RT_EVENT_WORD];
    rt_jsonw_mark_t   mark;
    const rt_event_t *ev = p->ev;

    rt_jsonw_lit(w, "headers");
    rt_jsonw_open(w, '{');

    for (i = 0; i < ev->nheaders && !w->full; i++) {
        key = header_key(&ev->header[i].name, buf, sizeof(buf));

        if (same_header(ev, 0, i, &key) != i) {
            continue;
        }

        mark = rt_jsonw_mark(w);
        each = rt_redact_enter(p->rd, &key);
        write_header(p, i, &key);

        if (w->full) {
            rt_jsonw_restore(w, &mark);
            rt_redact_cut(p->rd);
        }

        rt_redact_leave(p->rd, each);
    }

    rt_jsonw_close(w, '}');
}


/* where to, of COPY and MOVE: as much of it as of the request's own address */

static void
write_destination(rt_event_part_t *p)
{
    const rt_event_t  *ev = p->ev;

    rt_jsonw_lit(&p->w, "destination");

    if (rt_redact_url(p->rd, &p->w, &ev->destination,
                      ev->level >= RT_EVENT_REQUEST, p->url_max)
        != RT_OK)
    {
        rt_redact_cut(p->rd);
    }
}


static void
write_version(rt_event_part_t *p)
{
    if (p->ev->http_version.len) {
        rt_event_text(p, "httpVersion", &p->ev->http_version, VERSION_MAX);
    }
}


static rt_status_e
write_request(rt_event_part_t *p)
{
    int               deep;
    size_t            saved, url;
    rt_status_e       rc;
    rt_jsonw_t       *w = &p->w;
    const rt_event_t *ev = p->ev;

    rt_jsonw_lit(w, "request");

    if (ev->stage == RT_EVENT_MODULE) {
        rt_jsonw_null(w);
        return RT_OK;
    }

    deep = (ev->level >= RT_EVENT_REQUEST);

    saved = rt_redact_into(p->rd, "request");
    p->at = "/request";
    rt_jsonw_open(w, '{');

    rt_event_text(p, "method", &ev->method, METHOD_MAX);

    url = rt_redact_into(p->rd, "url");
    rt_jsonw_lit(w, "url");
    rc = rt_redact_url(p->rd, w, &ev->url, deep, p->url_max);

    if (rc == RT_TOO_BIG) {
        rt_redact_cut(p->rd);
    }

    rt_redact_leave(p->rd, url);

    if (rc == RT_ERROR) {
        return rc;
    }

    rt_event_may(p, "httpVersion", write_version);

    if (ev->destination.len) {
        rt_event_may(p, "destination", write_destination);
    }

    if (deep && ev->nheaders) {
        rt_event_may(p, "headers", write_headers);
    }

    if (deep) {
        rt_event_may(p, "body", rt_event_body_shown);
    }

    rt_jsonw_close(w, '}');
    rt_redact_leave(p->rd, saved);
    p->at = "";

    return RT_OK;
}


static rt_status_e
write_params(rt_event_part_t *p)
{
    size_t            saved;
    rt_status_e       rc;
    const rt_event_t *ev = p->ev;

    rt_jsonw_lit(&p->w, "parameters");

    if (ev->level < RT_EVENT_REQUEST || ev->stage == RT_EVENT_MODULE) {
        rt_jsonw_open(&p->w, ev->flat ? '[' : '{');
        rt_jsonw_close(&p->w, ev->flat ? ']' : '}');
        return RT_OK;
    }

    saved = rt_redact_into(p->rd, "parameters");
    rc = rt_params_write(p->rd, &p->w, ev->args, ev->body, (int) ev->flat);
    rt_redact_leave(p->rd, saved);

    return rc;
}


static void
part_init(rt_event_part_t *p, const rt_event_t *ev, rt_redact_t *rd,
    unsigned char *buf, size_t size)
{
    rt_jsonw_init(&p->w, buf, size);

    p->ev = ev;
    p->rd = rd;
    p->text_max = size >= 16384 ? 512 : 256;
    p->url_max = size / 4 < URL_MAX ? size / 4 : URL_MAX;
    p->at = "";
    p->ncuts = 0;
    p->cuts_over = 0;
    p->clock.text[0] = '\0';

    rt_event_user_read(p);
    rt_event_handed_read(p);

    rd->cut = rt_event_cut;
    rd->cut_ctx = p;
}


/*
 * A document of GraphQL in the body may have its variables among the arguments,
 * which are written before it.
 */

static void
documents(rt_redact_t *rd, const rt_body_t *body)
{
    unsigned  i;

    if (body->kind == RT_BODY_TEXT || body->kind == RT_BODY_OPAQUE) {
        rt_redact_graphql_variables(rd, &body->data);
    }

    for (i = 0; i < body->form.n; i++) {
        rt_redact_graphql_member(rd, &body->form.field[i].name,
                                 &body->form.field[i].value);
    }

    if (body->json && body->json->type == RT_JSON_OBJECT) {
        rt_redact_graphql_members(rd, body->json);
    }
}


rt_status_e
rt_event_encode(const rt_event_t *ev, rt_redact_t *rd, unsigned char *buf,
    size_t size, size_t *len)
{
    size_t           meta;
    rt_jsonw_t      *w;
    rt_status_e      rc;
    rt_event_part_t  p;

    if (size < RT_EVENT_MIN) {
        return RT_TOO_BIG;
    }

    part_init(&p, ev, rd, buf, size);

    if (ev->level >= RT_EVENT_REQUEST) {
        rt_redact_keep(rd, ev->args);

        if (ev->args && ev->args->n && ev->body) {
            documents(rd, ev->body);
        }
    }

    w = &p.w;
    meta = size / 4 < 8192 ? size / 4 : 8192;

    if (ev->response) {
        meta += size / 4;
    }

    rt_jsonw_hold(w, 1);                        /* LF */
    rt_jsonw_open(w, '{');
    rt_jsonw_hold(w, meta + HOLD_TAIL + HOLD_REQUEST);

    write_head(&p);
    rt_event_user(&p);

    rt_jsonw_release(w, HOLD_REQUEST);
    rc = write_request(&p);

    rt_jsonw_release(w, HOLD_TAIL);

    if (rc == RT_OK) {
        rc = write_params(&p);
    }

    rt_jsonw_release(w, meta);
    rt_event_meta(&p);

    rt_jsonw_close(w, '}');
    rt_jsonw_release(w, 1);
    rt_jsonw_byte(w, '\n');

    rd->kept = NULL;
    rd->cut = NULL;
    rd->cut_ctx = NULL;

    if (rc != RT_OK || w->full) {
        return RT_ERROR;
    }

    *len = rt_jsonw_len(w);

    return RT_OK;
}

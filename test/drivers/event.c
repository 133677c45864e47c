
/*
 * event: the encoded audit event of what nginx would have seen.
 *
 * in, a JSON line; every member is optional:
 *
 *     {"level": "metadata|request|response",
 *      "stage": "complete|aborted|received|module",
 *      "created_ms": 0, "updated_ms": 0, "response_ms": 0, "status": 200,
 *      "id": "...", "user_id", "organization_id", "ip", "peer",
 *      "forwarded_for", "country", "region", "city", "action", "page_name",
 *      "page_version", "query_name", "resource_name", "route", "operation",
 *      "method", "url", "http_version", "error", "upstream_addr", "host",
 *      "stream", "request_id", "traceparent", "server", "sink", "node",
 *      "scheme", "tls", "user_agent", "environment", "destination": strings,
 *      "bytes_in", "bytes_out", "seq", "lost", "upstream_status",
 *      "port", "flat": numbers,
 *      "user", "rtauth", "rtcsp": objects, or strings of JSON,
 *      "user_fields": {"email": "a@b"},
 *      "headers": [["Name", "value"], ...],
 *      "type": "application/json", "encoding": "", "body": "bytes",
 *      "body_bytes": 10 (more than body has: it was cut), "unread": false,
 *      "response_type": "application/json", "response": "bytes",
 *      "rules": ["name:password", "name:*token* action=drop"],
 *      "max": 65536}
 *
 * out: the event as rtaudit writes it (docs/event.schema.json), or
 * {"error": "..."}.
 */


#include "rt_driver.h"
#include "event/rt_event_encode.h"
#include "redact/rt_redact_url.h"
#include "rt_rules.h"
#include "text/rt_uuid.h"


#define HEADERS  256

#define str(m)   { #m, offsetof(rt_event_t, m) }


typedef struct {
    const char  *name;
    size_t       offset;
} field_t;


typedef struct {
    rt_event_t          ev;
    rt_form_t           args;
    rt_body_t           body;
    rt_body_t           response;
    rt_event_header_t   header[HEADERS];
    rt_event_header_t   user_field[HEADERS];
    unsigned char       id[RT_UUID_LEN];
} input_t;


static const field_t  strings[] = {
    str(id), str(user_id), str(organization_id), str(ip), str(peer),
    str(forwarded_for), str(country), str(region), str(city), str(action),
    str(page_name), str(page_version), str(query_name), str(resource_name),
    str(route), str(operation), str(method), str(url), str(http_version),
    str(error), str(upstream_addr), str(host), str(stream), str(request_id),
    str(traceparent), str(server), str(sink), str(user), str(rtauth),
    str(rtcsp), str(node), str(scheme), str(tls), str(user_agent),
    str(environment), str(destination)
};


static const field_t  numbers[] = {
    str(created_ms), str(updated_ms), str(response_ms), str(bytes_in),
    str(bytes_out), str(seq), str(lost)
};


static rt_rules_t   rules;
static rt_redact_t  rd;


static const rt_json_t *
get(const rt_json_t *v, const char *name)
{
    rt_str_t  s;

    s.data = (unsigned char *) name;
    s.len = strlen(name);

    return rt_json_get(v, &s);
}


static rt_str_t
text(const rt_json_t *v, const char *name)
{
    rt_str_t  none = rt_null_string;

    v = get(v, name);

    return (v && v->type == RT_JSON_STRING) ? v->str : none;
}


static uint64_t
number(const rt_json_t *v, const char *name, uint64_t otherwise)
{
    int64_t  n;

    v = get(v, name);

    return (v && rt_json_int64(v, &n) == RT_OK && n >= 0) ? (uint64_t) n
                                                          : otherwise;
}


/* an object becomes the text a module would hand over */

static rt_str_t
object_text(rt_mem_t *mem, const rt_json_t *v, size_t size)
{
    rt_str_t    s = rt_null_string;
    rt_jsonw_t  w;

    s.data = rt_alloc(mem, 8 * size);

    if (s.data) {
        rt_redact_init(&rd, mem, NULL, 0);
        rt_jsonw_init(&w, s.data, 8 * size);
        rt_redact_json(&rd, &w, v);
        s.len = w.full ? 0 : rt_jsonw_len(&w);
    }

    return s;
}


static void
read_fields(rt_mem_t *mem, const rt_json_t *v, size_t size, rt_event_t *ev)
{
    size_t            i;
    rt_str_t         *s;
    const rt_json_t  *m;

    for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        m = get(v, strings[i].name);
        s = (rt_str_t *) ((char *) ev + strings[i].offset);

        if (m && m->type == RT_JSON_STRING) {
            *s = m->str;

        } else if (m && m->type == RT_JSON_OBJECT) {
            *s = object_text(mem, m, size);
        }
    }

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        *(uint64_t *) ((char *) ev + numbers[i].offset)
            = number(v, numbers[i].name, 0);
    }

    ev->status = (unsigned) number(v, "status", 200);
    ev->upstream_status = (unsigned) number(v, "upstream_status", 0);
    ev->flat = (unsigned) number(v, "flat", 0);
    ev->port = (unsigned) number(v, "port", 0);
}


static void
read_lists(const rt_json_t *v, input_t *in)
{
    const rt_json_t  *m, *name, *value;
    rt_event_t       *ev = &in->ev;

    ev->header = in->header;
    ev->user_field = in->user_field;

    m = get(v, "headers");

    for (m = m ? m->child : NULL; m && ev->nheaders < HEADERS; m = m->next) {
        name = rt_json_at(m, 0);
        value = rt_json_at(m, 1);

        if (name && value) {
            in->header[ev->nheaders].name = name->str;
            in->header[ev->nheaders++].value = value->str;
        }
    }

    m = get(v, "user_fields");

    for (m = m ? m->child : NULL; m && ev->nuser_fields < HEADERS;
         m = m->next)
    {
        in->user_field[ev->nuser_fields].name = m->key;
        in->user_field[ev->nuser_fields++].value = m->str;
    }
}


static rt_status_e
read_body(rt_mem_t *mem, const rt_json_t *v, input_t *in)
{
    size_t            i;
    rt_str_t          query = rt_null_string;
    rt_event_t       *ev = &in->ev;
    const rt_json_t  *unread;

    for (i = 0; i < ev->url.len; i++) {
        if (ev->url.data[i] == '?') {
            query.data = ev->url.data + i + 1;
            query.len = ev->url.len - i - 1;
            break;
        }
    }

    unread = get(v, "unread");

    in->body.type = text(v, "type");
    in->body.encoding = text(v, "encoding");
    in->body.data = text(v, "body");
    in->body.bytes = number(v, "body_bytes", in->body.data.len);
    in->body.unread = (unread && unread->type == RT_JSON_TRUE);

    ev->args = &in->args;
    ev->body = &in->body;

    if (rt_form_parse(mem, &query, RT_REDACT_ARGS, &in->args) != RT_OK) {
        return RT_ERROR;
    }

    if (rt_body_parse(mem, &in->body) != RT_OK) {
        return RT_ERROR;
    }

    return rt_body_show(mem, &in->body);
}


static rt_status_e
read_response(rt_mem_t *mem, const rt_json_t *v, input_t *in)
{
    if (in->ev.level < RT_EVENT_RESPONSE) {
        return RT_OK;
    }

    in->response.type = text(v, "response_type");
    in->response.data = text(v, "response");
    in->response.bytes = in->response.data.len;
    in->ev.response = &in->response;

    if (rt_body_parse(mem, &in->response) != RT_OK) {
        return RT_ERROR;
    }

    return rt_body_show(mem, &in->response);
}


static void
read_kind(const rt_json_t *v, rt_event_t *ev)
{
    rt_str_t  s;

    s = text(v, "level");
    ev->level = rt_str_lit(&s, "response") ? RT_EVENT_RESPONSE
                : rt_str_lit(&s, "request") ? RT_EVENT_REQUEST
                                            : RT_EVENT_METADATA;
    s = text(v, "stage");
    ev->stage = rt_str_lit(&s, "module") ? RT_EVENT_MODULE
                : rt_str_lit(&s, "aborted") ? RT_EVENT_ABORTED
                : rt_str_lit(&s, "received") ? RT_EVENT_RECEIVED
                                             : RT_EVENT_COMPLETE;
}


static const char *
answer(rt_mem_t *mem, const rt_str_t *line, unsigned char *out, size_t size,
    size_t *len)
{
    size_t           max;
    input_t         *in;
    rt_json_t       *v;
    rt_uuid_t        uuid = { 0, 0 };
    unsigned char    rnd[RT_UUID_RAND] = { 0 };
    const char      *err;
    rt_json_opts_t   opts = { RT_JSON_REPAIR, 64, 100000 };

    if (rt_json_parse(mem, line, &opts, &v, NULL) != RT_OK
        || v->type != RT_JSON_OBJECT)
    {
        return "a line is a JSON object";
    }

    err = rt_rules_read(mem, rt_json_member(v, "rules"), &rules);
    if (err) {
        return err;
    }

    in = rt_alloc(mem, sizeof(input_t));
    if (in == NULL) {
        return "out of memory";
    }

    memset(in, 0, sizeof(input_t));
    rt_event_init(&in->ev);
    read_kind(v, &in->ev);
    read_fields(mem, v, line->len, &in->ev);
    read_lists(v, in);

    if (in->ev.id.len == 0) {
        rt_uuid7(&uuid, in->ev.created_ms, rnd, in->id);
        in->ev.id.data = in->id;
        in->ev.id.len = RT_UUID_LEN;
    }

    if (read_body(mem, v, in) != RT_OK
        || read_response(mem, v, in) != RT_OK)
    {
        return "out of memory";
    }

    rt_redact_init(&rd, mem, rules.sets, 1);

    max = (size_t) number(v, "max", RT_EVENT_MAX);

    switch (rt_event_encode(&in->ev, &rd, out, max < size ? max : size, len))
    {
    case RT_OK:
        return NULL;
    case RT_TOO_BIG:
        return "\"max\" is below the smallest bound";
    default:
        return "the event is lost";
    }
}


int
main(void)
{
    size_t          len;
    const char     *err;
    driver_line_t   in = { 0 };

    static unsigned char  out[1 << 20];

    while (driver_next(&in)) {
        err = answer(&in.mem, &in.text, out, sizeof(out), &len);

        if (err) {
            driver_error(err);

        } else {
            fwrite(out, 1, len, stdout);
        }
    }

    return 0;
}

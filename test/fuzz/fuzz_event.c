
/*
 * Whatever nginx hands over, a line comes out: JSON without equal names,
 * ended by its only LF, no longer than the bound; and of each such line, one
 * for any classes in any format.
 */

#include <stdio.h>

#include "rt_arena.h"
#include "event/rt_event_class.h"
#include "event/rt_event_encode.h"
#include "event/rt_event_format.h"
#include "redact/rt_redact_url.h"


#define NHEADERS  8


static rt_redact_rule_t        rule[2];
static rt_redact_set_t         set = { rule, 0 };
static const rt_redact_set_t  *sets[1] = { &set };
static rt_arena_t              forever;
static rt_redact_t             rd;
static unsigned char           out[RT_EVENT_MAX + 1];


static const char *const  format[] = {
    "datadog", "loki", "es_bulk", "splunk_hec"
};

static const char *const  type[] = {
    "application/json", "application/x-www-form-urlencoded",
    "multipart/form-data", "", "text/plain"
};


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


static unsigned
take(rt_str_t *in)
{
    if (in->len == 0) {
        return 0;
    }

    in->len--;

    return *in->data++;
}


/* a piece; its length first, in half of them times 32 */

static rt_str_t
piece(rt_str_t *in)
{
    size_t    n;
    rt_str_t  s;

    n = take(in);
    n = (n & 1) ? (n >> 1) * 32 : n >> 1;

    if (n > in->len) {
        n = in->len;
    }

    s.data = in->data;
    s.len = n;

    in->data += n;
    in->len -= n;

    return s;
}


static void
read_event(rt_str_t *in, rt_event_t *ev, rt_event_header_t *header)
{
    unsigned    i, n;
    rt_str_t  *const  field[] = {
        &ev->user_id, &ev->organization_id, &ev->user, &ev->ip, &ev->peer,
        &ev->forwarded_for, &ev->country, &ev->region, &ev->city,
        &ev->action, &ev->page_name, &ev->page_version, &ev->query_name,
        &ev->resource_name, &ev->route, &ev->operation, &ev->method,
        &ev->http_version, &ev->error, &ev->upstream_addr, &ev->host,
        &ev->node, &ev->tls, &ev->user_agent, &ev->environment,
        &ev->destination, &ev->stream, &ev->request_id, &ev->traceparent,
        &ev->server, &ev->rtauth, &ev->rtcsp, &ev->sink
    };

    n = take(in);
    ev->level = (n & 8) ? RT_EVENT_RESPONSE
                : (n & 1) ? RT_EVENT_REQUEST : RT_EVENT_METADATA;
    ev->stage = (rt_event_stage_e) (n / 2 % 4);
    ev->status = take(in) * 4;

    /* a few fields, then headers: the input says which */

    for (i = 0, n = take(in) % 8; i < n; i++) {
        *field[take(in) % (sizeof(field) / sizeof(field[0]))] = piece(in);
    }

    ev->header = header;
    ev->nheaders = take(in) % NHEADERS;

    for (i = 0; i < ev->nheaders; i++) {
        header[i].name = piece(in);
        header[i].value = piece(in);
    }

    ev->user_field = header;
    ev->nuser_fields = ev->nheaders / 2;
}


/* what a sink gets of the line */

static void
sinks(rt_mem_t *mem, const rt_str_t *line, unsigned classes)
{
    size_t           len;
    unsigned         i;
    rt_str_t         part, whole, name;
    rt_json_t       *v;
    rt_json_opts_t   opts = { RT_JSON_UNIQUE, 129, 100000 };
    rt_event_view_t  view;

    static unsigned char  some[RT_EVENT_MAX + RT_EVENT_CLASS_MORE];
    static unsigned char  view_of[2 * RT_EVENT_MAX + 16384];

    must(rt_event_project(line, classes, NULL, some, sizeof(some), &part.len)
         == RT_OK);
    must(memchr(some, '\n', part.len) == some + part.len - 1);

    part.data = some;
    part.len--;
    must(rt_json_parse(mem, &part, &opts, &v, NULL) == RT_OK);
    part.len++;

    for (i = 0; i < 4; i++) {
        memset(&view, 0, sizeof(view));
        name.data = (unsigned char *) format[i];
        name.len = strlen(format[i]);
        view.format = rt_event_format_find(&name);

        must(rt_event_format(&view, classes & 1 ? line : &part, view_of,
                             sizeof(view_of), &len) == RT_OK);
        must(memchr(view_of, '\n', len) == view_of + len - 1);

        whole.data = view_of;
        whole.len = len - 1;
        must(rt_json_parse(mem, &whole, &opts, &v, NULL) == RT_OK);
    }
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    unsigned         n;
    rt_mem_t         mem;
    rt_str_t         mask[] = { rt_string("name:password"),
                                rt_string("name:*token*") };
    rt_str_t         err;

    (void) argc;
    (void) argv;

    mem = rt_arena_init(&forever);
    must(rt_redact_parse(&mem, mask, 2, NULL, rule, &n, &err) == RT_OK);
    set.n = n;

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t              bound, len;
    rt_mem_t            mem;
    rt_str_t            in, query, line;
    rt_json_t          *v;
    rt_form_t           args;
    rt_body_t           body;
    rt_arena_t          arena;
    rt_event_t          ev;
    rt_json_opts_t      opts = { RT_JSON_UNIQUE, 128, 100000 };
    rt_event_header_t   header[NHEADERS];

    mem = rt_arena_init(&arena);

    in.data = (unsigned char *) data;
    in.len = size;

    rt_event_init(&ev);
    ev.id.data = (unsigned char *) "01920f5e-7a3b-7c11-9d2e-1b2c3d4e5f60";
    ev.id.len = 36;

    bound = take(&in) & 1 ? RT_EVENT_MAX : RT_EVENT_MIN;
    read_event(&in, &ev, header);

    ev.url = piece(&in);
    query = piece(&in);
    must(rt_form_parse(&mem, &query, RT_REDACT_ARGS, &args) == RT_OK);
    ev.args = &args;

    memset(&body, 0, sizeof(body));
    body.type.data = (unsigned char *) type[take(&in) % 5];
    body.type.len = strlen((char *) body.type.data);
    body.data = in;
    body.bytes = in.len;
    must(rt_body_parse(&mem, &body) == RT_OK);
    must(rt_body_show(&mem, &body) == RT_OK);
    ev.body = &body;

    if (ev.level == RT_EVENT_RESPONSE) {
        ev.response = &body;
    }

    rt_redact_init(&rd, &mem, sets, 1);
    out[bound] = '#';

    must(rt_event_encode(&ev, &rd, out, bound, &len) == RT_OK);
    must(len <= bound && out[bound] == '#');
    must(memchr(out, '\n', len) == out + len - 1);

    line.data = out;
    line.len = len - 1;
    must(rt_json_parse(&mem, &line, &opts, &v, NULL) == RT_OK);
    must(rt_json_member(v, "metadata") != NULL);

    line.len = len;
    sinks(&mem, &line, 1 + ev.status / 4 % 63);

    rt_arena_free(&arena);

    return 0;
}

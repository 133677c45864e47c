
#include "event/rt_event_format.h"
#include "event/rt_event_scan.h"
#include "json/rt_jsonw.h"
#include "text/rt_time.h"


/* members of the line, as they stand there; empty: absent, or null */

struct rt_event_seen_s {
    rt_str_t         id;
    rt_str_t         created;
    rt_str_t         user;
    rt_str_t         ip;
    rt_str_t         action;
    rt_str_t         status;
    rt_str_t         is_error;
    rt_str_t         method;
    rt_str_t         url;
    rt_str_t         node;
};


typedef struct {
    rt_str_t         object;        /* it is in; empty: the event itself */
    rt_str_t         name;
    size_t           offset;
} member_t;


#define at(name)  offsetof(struct rt_event_seen_s, name)

static const member_t  members[] = {
    { rt_null_string, rt_string("id"), at(id) },
    { rt_null_string, rt_string("userId"), at(user) },
    { rt_null_string, rt_string("ipAddress"), at(ip) },
    { rt_null_string, rt_string("actionType"), at(action) },
    { rt_null_string, rt_string("status"), at(status) },
    { rt_null_string, rt_string("isError"), at(is_error) },
    { rt_null_string, rt_string("createdAt"), at(created) },
    { rt_string("request"), rt_string("method"), at(method) },
    { rt_string("request"), rt_string("url"), at(url) },
    { rt_string("metadata"), rt_string("node"), at(node) }
};

#define MEMBERS  (sizeof(members) / sizeof(member_t))


static rt_status_e make_datadog(const rt_event_view_t *view,
    const rt_str_t *line, const rt_event_seen_t *seen, unsigned char *buf,
    size_t size, size_t *len);
static rt_status_e make_loki(const rt_event_view_t *view,
    const rt_str_t *line, const rt_event_seen_t *seen, unsigned char *buf,
    size_t size, size_t *len);
static rt_status_e make_es_bulk(const rt_event_view_t *view,
    const rt_str_t *line, const rt_event_seen_t *seen, unsigned char *buf,
    size_t size, size_t *len);
static rt_status_e make_splunk_hec(const rt_event_view_t *view,
    const rt_str_t *line, const rt_event_seen_t *seen, unsigned char *buf,
    size_t size, size_t *len);

static size_t begin_datadog(const rt_event_view_t *view, unsigned char *buf);
static size_t begin_loki(const rt_event_view_t *view, unsigned char *buf);
static size_t before_es_bulk(const rt_event_view_t *view,
    const rt_str_t *line, unsigned char *buf);


static const rt_event_format_t  formats[] = {
    { rt_string("retool"), 0, 1,
      rt_string("application/x-ndjson"), 0, rt_string("\n"), rt_string("\n"),
      NULL, NULL, NULL },

    { rt_string("datadog"), RT_EVENT_SERVICE | RT_EVENT_ENV | RT_EVENT_TAGS, 1,
      rt_string("application/json"), 0, rt_string(","), rt_string("]"),
      make_datadog, begin_datadog, NULL },

    { rt_string("loki"), RT_EVENT_SERVICE | RT_EVENT_ENV, 0,
      rt_string("application/json"), 0, rt_string(","), rt_string("]}]}"),
      make_loki, begin_loki, NULL },

    { rt_string("es_bulk"), RT_EVENT_INDEX, 0,
      rt_string("application/x-ndjson"), 1, rt_string("\n"), rt_string("\n"),
      make_es_bulk, NULL, before_es_bulk },

    { rt_string("splunk_hec"), RT_EVENT_SERVICE | RT_EVENT_INDEX, 0,
      rt_string("application/json"), 0, rt_string("\n"), rt_string("\n"),
      make_splunk_hec, NULL, NULL }
};


const rt_event_format_t *
rt_event_format_find(const rt_str_t *name)
{
    size_t  i;

    for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (rt_str_eq(&formats[i].name, name)) {
            return &formats[i];
        }
    }

    return NULL;
}


int
rt_event_format_option(unsigned option, const rt_str_t *value)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < value->len; i++) {
        c = rt_lower(value->data[i]);

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')
            && (c == '\0' || strchr("_-./:", c) == NULL)
            && !(c == ',' && option == RT_EVENT_TAGS))
        {
            return 0;
        }
    }

    return value->len >= 1 && value->len <= RT_EVENT_OPTION;
}


/* -- what is in a line */

static rt_status_e
see(rt_event_seen_t *seen, rt_str_t *rest, const rt_str_t *object)
{
    size_t       i;
    rt_str_t     name, value;
    rt_status_e  rc;

    rc = rt_event_scan_open(rest);

    while (rc == RT_OK && (rc = rt_event_scan_member(rest, &name)) == RT_OK) {

        if (object->len == 0
            && (rt_str_lit(&name, "request") || rt_str_lit(&name, "metadata"))
            && rest->len && *rest->data == '{')
        {
            rc = see(seen, rest, &name);
            continue;
        }

        rc = rt_event_scan_value(rest, &value);

        if (rc != RT_OK || rt_str_lit(&value, "null")) {
            continue;
        }

        for (i = 0; i < MEMBERS; i++) {
            if (rt_str_eq(&members[i].name, &name)
                && rt_str_eq(&members[i].object, object))
            {
                *(rt_str_t *) ((char *) seen + members[i].offset) = value;
            }
        }
    }

    return rc == RT_DONE ? RT_OK : RT_INVALID;
}


/* milliseconds, of "2023-06-26T15:12:32.652Z" */

static rt_status_e
moment(const rt_event_seen_t *seen, uint64_t *ms)
{
    int64_t         seconds;
    rt_str_t        text, whole;
    unsigned char  *p, buf[RT_TIME_ISO_LEN];

    text = rt_event_scan_text(&seen->created);

    if (text.len != RT_TIME_ISO_LEN || text.data[19] != '.') {
        return RT_INVALID;
    }

    memcpy(buf, text.data, 19);
    buf[19] = text.data[23];

    whole.data = buf;
    whole.len = 20;
    p = text.data + 20;

    if (rt_time_parse(&whole, &seconds) != RT_OK || seconds < 0
        || p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9'
        || p[2] < '0' || p[2] > '9')
    {
        return RT_INVALID;
    }

    *ms = (uint64_t) seconds * 1000 + (p[0] - '0') * 100 + (p[1] - '0') * 10
          + (p[2] - '0');

    return RT_OK;
}


/* -- writing */

/* a member, if there is a value, which is JSON */

static void
put(rt_jsonw_t *w, const char *name, const rt_str_t *value)
{
    if (value->len) {
        rt_jsonw_name(w, name, strlen(name));
        rt_jsonw_raw(w, value);
    }
}


/* likewise of text */

static void
put_text(rt_jsonw_t *w, const char *name, const rt_str_t *text)
{
    if (text->len) {
        rt_jsonw_name(w, name, strlen(name));
        rt_jsonw_str(w, text);
    }
}


/* members of an object that is not there without them */

static void
put_object(rt_jsonw_t *w, const char *name, const char *first,
    const rt_str_t *value)
{
    if (value->len) {
        rt_jsonw_name(w, name, strlen(name));
        rt_jsonw_open(w, '{');
        put(w, first, value);
        rt_jsonw_close(w, '}');
    }
}


static void
append(rt_jsonw_t *w, const void *text, size_t len)
{
    w->comma = 0;
    rt_jsonw_put(w, text, len);
}

#define append_lit(w, lit)  append(w, lit, sizeof(lit) - 1)


static rt_status_e
finish(rt_jsonw_t *w, size_t *len)
{
    rt_jsonw_byte(w, '\n');
    *len = rt_jsonw_len(w);

    return w->full ? RT_TOO_BIG : RT_OK;
}


/* errors of the server, other errors, the rest */

static void
put_severity(rt_jsonw_t *w, const rt_event_seen_t *seen)
{
    if (seen->status.len
        && (seen->status.len != 3 || seen->status.data[0] >= '5'))
    {
        rt_jsonw_json(w, "\"status\":\"error\"");

    } else if (rt_str_lit(&seen->is_error, "true")) {
        rt_jsonw_json(w, "\"status\":\"warn\"");

    } else {
        rt_jsonw_json(w, "\"status\":\"info\"");
    }
}


static void
put_datadog_tags(rt_jsonw_t *w, const rt_event_view_t *view)
{
    if (view->env.len == 0 && view->tags.len == 0) {
        return;
    }

    rt_jsonw_lit(w, "ddtags");
    rt_jsonw_str_open(w);

    if (view->env.len) {
        rt_jsonw_str_text(w, &(rt_str_t) rt_string("env:"));
        rt_jsonw_str_text(w, &view->env);
    }

    if (view->env.len && view->tags.len) {
        rt_jsonw_str_text(w, &(rt_str_t) rt_string(","));
    }

    rt_jsonw_str_text(w, &view->tags);
    rt_jsonw_str_close(w);
}


static rt_status_e
make_datadog(const rt_event_view_t *view, const rt_str_t *line,
    const rt_event_seen_t *seen, unsigned char *buf, size_t size, size_t *len)
{
    rt_jsonw_t      w;
    const rt_str_t  event = rt_string("\"event\"");

    rt_jsonw_init(&w, buf, size);
    rt_jsonw_open(&w, '{');

    put(&w, "id", &seen->id);
    rt_jsonw_json(&w, "\"ddsource\":\"rtaudit\"");
    put(&w, "message", seen->action.len ? &seen->action : &event);
    put_text(&w, "service", &view->service);
    put_datadog_tags(&w, view);
    put(&w, "timestamp", &seen->created);
    put(&w, "hostname", &seen->node);
    put_severity(&w, seen);

    if (seen->status.len || seen->method.len || seen->url.len) {
        rt_jsonw_lit(&w, "http");
        rt_jsonw_open(&w, '{');
        put(&w, "status_code", &seen->status);
        put(&w, "method", &seen->method);
        put(&w, "url", &seen->url);
        rt_jsonw_close(&w, '}');
    }

    if (seen->ip.len) {
        rt_jsonw_lit(&w, "network");
        rt_jsonw_open(&w, '{');
        put_object(&w, "client", "ip", &seen->ip);
        rt_jsonw_close(&w, '}');
    }

    put_object(&w, "usr", "id", &seen->user);
    put_object(&w, "evt", "name", &seen->action);
    put(&w, "retool", line);

    rt_jsonw_close(&w, '}');

    return finish(&w, len);
}


static size_t
begin_datadog(const rt_event_view_t *view, unsigned char *buf)
{
    (void) view;

    *buf = '[';

    return 1;
}


/* nanoseconds as text; the line as text, too */

static rt_status_e
make_loki(const rt_event_view_t *view, const rt_str_t *line,
    const rt_event_seen_t *seen, unsigned char *buf, size_t size, size_t *len)
{
    uint64_t    ms;
    rt_jsonw_t  w;

    (void) view;

    if (moment(seen, &ms) != RT_OK) {
        return RT_INVALID;
    }

    rt_jsonw_init(&w, buf, size);

    append_lit(&w, "[\"");
    w.comma = 0;
    rt_jsonw_uint(&w, ms);
    append_lit(&w, "000000\"");
    rt_jsonw_str(&w, line);
    append_lit(&w, "]");

    return finish(&w, len);
}


/* few labels, none of them a client's: each combination makes a stream */

static size_t
begin_loki(const rt_event_view_t *view, unsigned char *buf)
{
    rt_jsonw_t  w;

    rt_jsonw_init(&w, buf, RT_EVENT_BEGIN);

    append_lit(&w, "{\"streams\":[{\"stream\":{\"job\":\"rtaudit\"");
    put_text(&w, "service_name", &view->service);
    put_text(&w, "env", &view->env);
    append_lit(&w, "},\"values\":[");

    return rt_jsonw_len(&w);
}


static rt_status_e
make_es_bulk(const rt_event_view_t *view, const rt_str_t *line,
    const rt_event_seen_t *seen, unsigned char *buf, size_t size, size_t *len)
{
    rt_jsonw_t  w;

    (void) view;

    /* the id is the first member */

    if (seen->id.data != line->data + sizeof("{\"id\":") - 1
        || seen->created.len == 0)
    {
        return RT_INVALID;
    }

    rt_jsonw_init(&w, buf, size);

    append_lit(&w, "{");
    w.comma = 0;
    put(&w, "id", &seen->id);
    put(&w, "@timestamp", &seen->created);

    /* what is behind its id */

    append(&w, seen->id.data + seen->id.len,
           (size_t) (line->data + line->len - seen->id.data) - seen->id.len);

    return finish(&w, len);
}


/* a line that is sent twice is stored once: it has its event's id */

static size_t
before_es_bulk(const rt_event_view_t *view, const rt_str_t *line,
    unsigned char *buf)
{
    rt_str_t    rest, name, id;
    rt_jsonw_t  w;

    rest = *line;

    if (rt_event_scan_open(&rest) != RT_OK
        || rt_event_scan_member(&rest, &name) != RT_OK
        || rt_event_scan_value(&rest, &id) != RT_OK || id.len > 64)
    {
        id.len = 0;
    }

    rt_jsonw_init(&w, buf, RT_EVENT_BEFORE);

    append_lit(&w, "{\"create\":{");
    w.comma = 0;
    put_text(&w, "_index", &view->index);
    put(&w, "_id", &id);
    append_lit(&w, "}}\n");

    return rt_jsonw_len(&w);
}


/* seconds with milliseconds */

static rt_status_e
make_splunk_hec(const rt_event_view_t *view, const rt_str_t *line,
    const rt_event_seen_t *seen, unsigned char *buf, size_t size, size_t *len)
{
    uint64_t       ms;
    rt_jsonw_t     w;
    unsigned char  part[4];

    if (moment(seen, &ms) != RT_OK) {
        return RT_INVALID;
    }

    rt_jsonw_init(&w, buf, size);
    rt_jsonw_open(&w, '{');

    rt_jsonw_lit(&w, "time");
    rt_jsonw_uint(&w, ms / 1000);

    part[0] = '.';
    part[1] = (unsigned char) ('0' + ms / 100 % 10);
    part[2] = (unsigned char) ('0' + ms / 10 % 10);
    part[3] = (unsigned char) ('0' + ms % 10);
    append(&w, part, sizeof(part));

    put(&w, "host", &seen->node);
    put_text(&w, "source", &view->service);
    rt_jsonw_json(&w, "\"sourcetype\":\"rtaudit\"");
    put_text(&w, "index", &view->index);
    put(&w, "event", line);

    rt_jsonw_close(&w, '}');

    return finish(&w, len);
}


/* -- what others call */

rt_status_e
rt_event_format(const rt_event_view_t *view, const rt_str_t *line,
    unsigned char *buf, size_t size, size_t *len)
{
    rt_str_t         text, rest;
    rt_status_e      rc;
    rt_event_seen_t  seen;

    text = *line;

    if (text.len == 0 || text.data[--text.len] != '\n') {
        return RT_INVALID;
    }

    memset(&seen, 0, sizeof(seen));
    rest = text;

    rc = see(&seen, &rest, &(rt_str_t) rt_null_string);

    if (rc != RT_OK || rest.len) {
        return RT_INVALID;
    }

    return view->format->make(view, &text, &seen, buf, size, len);
}


size_t
rt_event_format_begin(const rt_event_view_t *view, unsigned char *buf)
{
    return view->format->begin ? view->format->begin(view, buf) : 0;
}


size_t
rt_event_format_before(const rt_event_view_t *view, const rt_str_t *line,
    unsigned char *buf)
{
    return view->format->before ? view->format->before(view, line, buf) : 0;
}

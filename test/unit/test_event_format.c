
/*
 * Formats: what a collector's documentation asks of a line and of a request,
 * and that nothing stands beside a line that is not in it.
 */

#include <jansson.h>

#include "rt_test.h"
#include "event/rt_event_class.h"
#include "event/rt_event_format.h"


#define ID    "01920f5e-7a3b-7c11-9d2e-1b2c3d4e5f60"
#define TIME  "2023-06-26T15:12:32.652Z"

#define LINE  "{\"id\":\"" ID "\",\"userId\":\"u\\\"1\","                     \
    "\"ipAddress\":\"203.0.113.7\",\"actionType\":\"QUERY_RUN\","             \
    "\"status\":200,\"isError\":false,\"createdAt\":\"" TIME "\","            \
    "\"request\":{\"method\":\"GET\",\"url\":\"/a?b=\\\"c\\\"\"},"            \
    "\"parameters\":{\"status\":500,\"node\":\"x\"},"                         \
    "\"metadata\":{\"schema\":\"rtaudit/1.0\",\"node\":\"edge-1\"}}\n"


static unsigned char    out[65536];
static size_t           out_len;
static rt_event_view_t  view;


static const char *const  names[] = {
    "datadog", "loki", "es_bulk", "splunk_hec"
};


static void
options(const char *format)
{
    rt_str_t  name = str(format);

    memset(&view, 0, sizeof(view));

    view.format = rt_event_format_find(&name);
    view.service = str("tools");
    view.env = str("production");
    view.tags = str("team:ops,region:eu");
    view.index = str("logs-audit");

    assert_non_null(view.format);
}


/* what is made of it, as JSON */

static json_t *
made(const char *text)
{
    json_t    *v;
    rt_str_t   line = str(text);

    assert_int_equal(rt_event_format(&view, &line, out, sizeof(out), &out_len),
                     RT_OK);
    assert_ptr_equal(memchr(out, '\n', out_len), out + out_len - 1);

    v = json_loadb((char *) out, out_len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(v);

    return v;
}


/* "a.b" of an object */

static const char *
text_at(const json_t *v, const char *path)
{
    char        *name, *rest;
    static char  buf[64];

    (void) snprintf(buf, sizeof(buf), "%s", path);

    for (name = strtok_r(buf, ".", &rest); name;
         name = strtok_r(NULL, ".", &rest))
    {
        v = json_object_get(v, name);
    }

    return json_string_value(v);
}


/* the body of a request with these lines */

static char *
request(const char *text, unsigned n)
{
    char           *body;
    size_t          len;
    unsigned        i;
    rt_str_t        line;
    unsigned char   before[RT_EVENT_BEFORE];

    json_decref(made(text));

    line.data = out;
    line.len = out_len - 1;

    body = rt_alloc(&mem, RT_EVENT_BEGIN + n * (RT_EVENT_BEFORE + out_len) + 8);
    len = rt_event_format_begin(&view, (unsigned char *) body);
    assert_true(len <= RT_EVENT_BEGIN);

    for (i = 0; i < n; i++) {
        if (i) {
            memcpy(body + len, view.format->between.data,
                   view.format->between.len);
            len += view.format->between.len;
        }

        memcpy(body + len, before,
               rt_event_format_before(&view, &line, before));
        len += rt_event_format_before(&view, &line, before);

        memcpy(body + len, line.data, line.len);
        len += line.len;
    }

    memcpy(body + len, view.format->end.data, view.format->end.len);
    body[len + view.format->end.len] = '\0';

    return body;
}


static void
datadog(void **state)
{
    json_t  *v, *want;

    (void) state;

    options("datadog");
    v = made(LINE);

    assert_string_equal(text_at(v, "ddsource"), "rtaudit");
    assert_string_equal(text_at(v, "message"), "QUERY_RUN");
    assert_string_equal(text_at(v, "service"), "tools");
    assert_string_equal(text_at(v, "ddtags"),
                        "env:production,team:ops,region:eu");
    assert_string_equal(text_at(v, "timestamp"), TIME);
    assert_string_equal(text_at(v, "hostname"), "edge-1");
    assert_string_equal(text_at(v, "status"), "info");
    assert_string_equal(text_at(v, "http.method"), "GET");
    assert_string_equal(text_at(v, "http.url"), "/a?b=\"c\"");
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(v, "http"), "status_code")), 200);
    assert_string_equal(text_at(v, "network.client.ip"), "203.0.113.7");
    assert_string_equal(text_at(v, "usr.id"), "u\"1");
    assert_string_equal(text_at(v, "evt.name"), "QUERY_RUN");

    want = json_loads(LINE, 0, NULL);
    assert_true(json_equal(json_object_get(v, "retool"), want));
    json_decref(want);
    json_decref(v);

    /* syslog takes its time from how a line begins */

    assert_memory_equal(out, "{\"id\":\"" ID, 42);

    v = json_loads(request(LINE, 3), 0, NULL);
    assert_int_equal(json_array_size(v), 3);
    json_decref(v);
    assert_true(rt_str_lit(&view.format->type, "application/json"));
}


static void
severity(void **state)
{
    size_t   i;
    char     line[256];
    json_t  *v;

    static const struct {
        const char  *members;
        const char  *status;
    } row[] = {
        { "\"status\":200,\"isError\":false", "info" },
        { "\"status\":200,\"isError\":true", "warn" },
        { "\"status\":404,\"isError\":true", "warn" },
        { "\"status\":500,\"isError\":true", "error" },
        { "\"status\":0,\"isError\":true", "error" },
        { "\"isError\":true", "warn" },
        { "\"pageName\":null", "info" }
    };

    (void) state;

    options("datadog");

    for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        (void) snprintf(line, sizeof(line), "{\"id\":\"1\",%s,"
                        "\"createdAt\":\"" TIME "\",\"metadata\":{}}\n",
                        row[i].members);
        v = made(line);
        assert_string_equal(text_at(v, "status"), row[i].status);
        json_decref(v);
    }
}


/* https://grafana.com/docs/loki: POST /loki/api/v1/push */

static void
loki(void **state)
{
    json_t  *v, *stream, *values, *entry;

    (void) state;

    options("loki");

    v = json_loads(request(LINE, 2), 0, NULL);
    assert_int_equal(json_array_size(json_object_get(v, "streams")), 1);

    stream = json_array_get(json_object_get(v, "streams"), 0);
    assert_int_equal(json_object_size(json_object_get(stream, "stream")), 3);
    assert_string_equal(text_at(stream, "stream.job"), "rtaudit");
    assert_string_equal(text_at(stream, "stream.service_name"), "tools");
    assert_string_equal(text_at(stream, "stream.env"), "production");

    values = json_object_get(stream, "values");
    assert_int_equal(json_array_size(values), 2);

    entry = json_array_get(values, 0);
    assert_int_equal(json_array_size(entry), 2);
    assert_string_equal(json_string_value(json_array_get(entry, 0)),
                        "1687792352652000000");

    /* the line itself, without its LF */

    assert_int_equal(json_string_length(json_array_get(entry, 1)),
                     strlen(LINE) - 1);
    assert_memory_equal(json_string_value(json_array_get(entry, 1)), LINE,
                        strlen(LINE) - 1);
    json_decref(v);

    memset(&view.service, 0, sizeof(rt_str_t));
    memset(&view.env, 0, sizeof(rt_str_t));

    v = json_loads(request(LINE, 1), 0, NULL);
    stream = json_array_get(json_object_get(v, "streams"), 0);
    assert_int_equal(json_object_size(json_object_get(stream, "stream")), 1);
    json_decref(v);
}


/* https://www.elastic.co/docs: POST _bulk; an action, a document, by LF */

static void
es_bulk(void **state)
{
    char    *body, *line, *rest;
    json_t  *v, *want;

    (void) state;

    options("es_bulk");

    body = request(LINE, 2);
    assert_int_equal(body[strlen(body) - 1], '\n');

    line = strtok_r(body, "\n", &rest);
    assert_string_equal(line, "{\"create\":{\"_index\":\"logs-audit\","
                              "\"_id\":\"" ID "\"}}");

    v = json_loads(strtok_r(NULL, "\n", &rest), 0, NULL);
    assert_string_equal(text_at(v, "@timestamp"), TIME);
    json_object_del(v, "@timestamp");
    want = json_loads(LINE, 0, NULL);
    assert_true(json_equal(v, want));
    json_decref(want);
    json_decref(v);

    assert_string_equal(strtok_r(NULL, "\n", &rest), line);
    assert_non_null(strtok_r(NULL, "\n", &rest));
    assert_null(strtok_r(NULL, "\n", &rest));

    memset(&view.index, 0, sizeof(rt_str_t));
    line = strtok_r(request(LINE, 1), "\n", &rest);
    assert_string_equal(line, "{\"create\":{\"_id\":\"" ID "\"}}");
}


/* https://docs.splunk.com: services/collector/event */

static void
splunk_hec(void **state)
{
    char    *body, *line, *rest;
    json_t  *v, *want;

    (void) state;

    options("splunk_hec");
    v = made(LINE);

    assert_true(json_number_value(json_object_get(v, "time"))
                == 1687792352.652);
    assert_string_equal(text_at(v, "host"), "edge-1");
    assert_string_equal(text_at(v, "source"), "tools");
    assert_string_equal(text_at(v, "sourcetype"), "rtaudit");
    assert_string_equal(text_at(v, "index"), "logs-audit");

    want = json_loads(LINE, 0, NULL);
    assert_true(json_equal(json_object_get(v, "event"), want));
    json_decref(want);
    json_decref(v);

    body = request(LINE, 2);

    for (line = strtok_r(body, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest))
    {
        v = json_loads(line, 0, NULL);
        assert_non_null(json_object_get(v, "event"));
        json_decref(v);
    }
}


/* a part of an event brings nothing back that was left out */

static void
parts(void **state)
{
    size_t         i;
    rt_str_t       line, part;
    unsigned char  buf[4096];

    static const char *const  secret[] = {
        "u\\\"1", "203.0.113", "/a?b", "GET", "QUERY_RUN"
    };

    (void) state;

    line = str(LINE);
    part.data = buf;

    assert_int_equal(rt_event_project(&line, RT_EVENT_HEALTH, NULL, buf,
                                      sizeof(buf), &part.len), RT_OK);

    for (i = 0; i < 4; i++) {
        options(names[i]);
        assert_int_equal(rt_event_format(&view, &part, out, sizeof(out),
                                         &out_len), RT_OK);
    }

    options("datadog");
    assert_int_equal(rt_event_format(&view, &part, out, sizeof(out),
                                     &out_len), RT_OK);

    for (i = 0; i < 5; i++) {
        assert_null(memmem(out, out_len, secret[i], strlen(secret[i])));
    }

    assert_null(memmem(out, out_len, "usr", 3));
    assert_null(memmem(out, out_len, "network", 7));
}


static void
broken(void **state)
{
    size_t     i, n;
    rt_str_t   part;

    static const char *const  bad[] = {
        "", "\n", "{}", "[]\n", LINE "\n", "{\"id\":\"1\"}x\n",
        "{\"id\":\"1\",\"request\":{\"url\":}}\n"
    };

    static const char *const  moment[] = {
        "1687792352", "\"\"", "\"2023-06-26T15:12:32Z\"", "null",
        "\"2023-13-26T15:12:32.652Z\"", "\"2023-06-26T15:12:32.x52Z\"",
        "\"2023-06-26T15:12:32.652+\"", "\"1023-06-26T15:12:32.652Z\""
    };

    (void) state;

    for (n = 0; n < 4; n++) {
        options(names[n]);

        for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
            part = str(bad[i]);
            assert_int_equal(rt_event_format(&view, &part, out, sizeof(out),
                                             &out_len), RT_INVALID);
        }

        for (i = 0; i < strlen(LINE); i++) {
            part = copy_of(LINE, i);
            assert_int_equal(rt_event_format(&view, &part, out, sizeof(out),
                                             &out_len), RT_INVALID);
        }
    }

    for (i = 0; i < sizeof(moment) / sizeof(moment[0]); i++) {
        (void) snprintf((char *) out, 256, "{\"id\":\"1\",\"createdAt\":%s}\n",
                        moment[i]);
        part = copied((char *) out);

        options("loki");
        assert_int_equal(rt_event_format(&view, &part, out, sizeof(out),
                                         &out_len), RT_INVALID);
        options("splunk_hec");
        assert_int_equal(rt_event_format(&view, &part, out, sizeof(out),
                                         &out_len), RT_INVALID);
    }

    /* an id is the first member, or it is none */

    options("es_bulk");
    part = str("{\"createdAt\":\"" TIME "\",\"id\":\"1\"}\n");
    assert_int_equal(rt_event_format(&view, &part, out, sizeof(out),
                                     &out_len), RT_INVALID);
}


static void
room(void **state)
{
    size_t          i, n, len;
    rt_str_t        line;
    unsigned char  *buf;

    (void) state;

    line = str(LINE);

    for (n = 0; n < 4; n++) {
        options(names[n]);
        assert_int_equal(rt_event_format(&view, &line, out, sizeof(out), &len),
                         RT_OK);
        assert_true(len <= rt_event_format_most(line.len));

        for (i = 0; i <= len; i++) {
            buf = malloc(i ? i : 1);
            assert_int_equal(rt_event_format(&view, &line, buf, i, &out_len),
                             i < len ? RT_TOO_BIG : RT_OK);
            free(buf);
        }
    }
}


static void
values(void **state)
{
    size_t    i;
    char      text[RT_EVENT_OPTION + 2];
    rt_str_t  s;

    static const char *const  bad[] = {
        "", "a b", "a\"", "a\\", "a\n", "a,b", "\xc3\xa4", "{a}"
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        s = str(bad[i]);
        assert_false(rt_event_format_option(RT_EVENT_SERVICE, &s));
    }

    s = str("a,b:c");
    assert_true(rt_event_format_option(RT_EVENT_TAGS, &s));
    s = str("A-z_0.9/x:y");
    assert_true(rt_event_format_option(RT_EVENT_INDEX, &s));
    s = (rt_str_t) { 3, (unsigned char *) "a\0b" };
    assert_false(rt_event_format_option(RT_EVENT_ENV, &s));

    memset(text, 'a', sizeof(text));
    s = (rt_str_t) { RT_EVENT_OPTION, (unsigned char *) text };
    assert_true(rt_event_format_option(RT_EVENT_ENV, &s));

    options("loki");
    view.service = view.env = s;
    assert_int_equal(strlen(request(LINE, 1)) > 2 * RT_EVENT_OPTION, 1);
    options("es_bulk");
    view.index = s;
    assert_non_null(strstr(request(LINE, 1), ID));

    s.len++;
    assert_false(rt_event_format_option(RT_EVENT_ENV, &s));

    s = str("syslog");
    assert_null(rt_event_format_find(&s));
    s = str("retool");
    assert_null(rt_event_format_find(&s)->make);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(datadog),
        ARENA_TEST(severity),
        ARENA_TEST(loki),
        ARENA_TEST(es_bulk),
        ARENA_TEST(splunk_hec),
        ARENA_TEST(parts),
        ARENA_TEST(broken),
        ARENA_TEST(room),
        ARENA_TEST(values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

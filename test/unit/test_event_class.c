
/*
 * What a sink may be given: the table against the schema, by another way than
 * the one that made it, and lines that are none.
 */

#include <jansson.h>

#include "rt_test.h"
#include "rt_schema.h"
#include "event/rt_event_class.h"
#include "event/rt_event_encode.h"


#define ALL  0x3f


static const char *const  word[] = {
    "usage", "metering", "health", "alert", "pii", "content"
};

static json_t                    *schema;
static unsigned                   serial;
static unsigned char              out[RT_EVENT_MAX];
static size_t                     out_len;
static const rt_pseudonym_key_t   key = {
    rt_string("k1"), rt_string("0123456789abcdef0123456789abcdef")
};


static int
load(void **state)
{
    (void) state;

    schema = rt_schema_load();

    return schema ? 0 : -1;
}


static int
unload(void **state)
{
    (void) state;

    json_decref(schema);

    return 0;
}


/* -- a value for each leaf of the schema, each of its own */

static json_t *
invented(const json_t *s)
{
    char          text[32];
    json_t       *v, *object;
    const char   *name, *type;
    const json_t *props, *t;

    props = json_object_get(s, "properties");
    t = json_object_get(s, "type");
    type = json_string_value(json_is_array(t) ? json_array_get(t, 0) : t);

    if (props) {
        object = json_object();

        json_object_foreach((json_t *) props, name, v) {
            json_object_set_new(object, name, invented(v));
        }

        return object;
    }

    serial++;
    (void) snprintf(text, sizeof(text), "v\"\\}%u", serial);

    if (type && strcmp(type, "object") == 0) {
        return json_pack("{s:o}", text + 3,
                         invented(json_object_get(s, "additionalProperties")));
    }

    if (type && strcmp(type, "array") == 0) {
        return json_pack("[o]", invented(json_object_get(s, "items")));
    }

    if (type && strcmp(type, "integer") == 0) {
        return json_integer(serial);
    }

    return json_string(text);
}


static int
among(const char *classes, unsigned wanted)
{
    unsigned  i;

    if (strcmp(classes, "every") == 0) {
        return 1;
    }

    for (i = 0; i < RT_EVENT_CLASSES; i++) {
        if ((wanted >> i & 1) && strstr(classes, word[i])) {
            return 1;
        }
    }

    return 0;
}


/* v without what those classes do not have; NULL: nothing is left */

static json_t *
filtered(const json_t *s, json_t *v, unsigned wanted)
{
    json_t       *left, *kept, *member;
    const char   *name, *class;
    const json_t *props, *more, *below;

    class = json_string_value(json_object_get(s, "x-class"));

    if (class) {
        return among(class, wanted) ? json_incref(v) : NULL;
    }

    if (json_is_array(v)) {
        kept = filtered(json_object_get(s, "items"), json_array_get(v, 0),
                        wanted);
        return kept ? json_pack("[o]", kept) : NULL;
    }

    left = json_object();
    props = json_object_get(s, "properties");
    more = json_object_get(s, "additionalProperties");

    json_object_foreach(v, name, member) {
        below = json_object_get(props, name);
        kept = filtered(below ? below : more, member, wanted);

        if (kept) {
            json_object_set_new(left, name, kept);
        }
    }

    if (json_object_size(left) == 0) {
        json_decref(left);
        return NULL;
    }

    return left;
}


static rt_str_t
dumped(const json_t *v)
{
    char      *text;
    rt_str_t   line;

    text = json_dumps(v, JSON_COMPACT);
    assert_non_null(text);

    line.len = strlen(text) + 1;
    line.data = rt_alloc(&mem, line.len);

    memcpy(line.data, text, line.len - 1);
    line.data[line.len - 1] = '\n';

    free(text);

    return line;
}


static rt_status_e
project(const rt_str_t *line, unsigned classes)
{
    return rt_event_project(line, classes, NULL, out, sizeof(out), &out_len);
}


static json_t *
parsed(void)
{
    json_t  *v;

    assert_int_equal(out[out_len - 1], '\n');

    v = json_loadb((char *) out, out_len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(v);

    return v;
}


static json_t *
whole(void)
{
    json_t  *event, *metadata;

    event = invented(schema);

    metadata = json_object_get(event, "metadata");
    json_object_del(metadata, "class");
    json_object_del(metadata, "userPseudonym");

    return event;
}


/* -- tests */

static void
each_leaf(void **state)
{
    json_t    *event, *want, *got, *told;
    unsigned   i, wanted;
    rt_str_t   line;

    (void) state;

    event = whole();
    line = dumped(event);
    assert_true(serial > 100);

    for (wanted = 1; wanted <= ALL; wanted++) {

        assert_int_equal(project(&line, wanted), RT_OK);

        told = json_array();

        for (i = 0; i < RT_EVENT_CLASSES; i++) {
            if (wanted >> i & 1) {
                json_array_append_new(told, json_string(word[i]));
            }
        }

        got = parsed();
        want = filtered(schema, event, wanted);
        json_object_set_new(json_object_get(want, "metadata"), "class", told);

        assert_true(json_equal(got, want));

        json_decref(got);
        json_decref(want);
    }

    json_decref(event);
}


static void
names(void **state)
{
    unsigned  i;
    rt_str_t  name;

    (void) state;

    for (i = 0; i < RT_EVENT_CLASSES; i++) {
        name = str(word[i]);
        assert_int_equal(rt_event_class(&name), 1u << i);
    }

    name = str("every");
    assert_int_equal(rt_event_class(&name), 0);
    name = str("");
    assert_int_equal(rt_event_class(&name), 0);
}


/* what the table does not know is in no line, wherever it stands */

static void
unknown(void **state)
{
    size_t     i;
    json_t    *event, *at;
    rt_str_t   line;

    static const char *const  where[] = { NULL, "rtauth", "body" };

    (void) state;

    event = whole();

    json_object_set_new(event, "secret", json_string("c4n4ry"));

    for (i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
        at = json_object_get(event, "metadata");
        at = where[i] ? json_object_get(at, where[i]) : at;
        json_object_set_new(at, "secret", json_pack("{s:s}", "id", "c4n4ry"));
    }

    line = dumped(event);
    json_decref(event);

    assert_int_equal(project(&line, ALL), RT_OK);
    assert_null(memmem(out, out_len, "c4n4ry", 6));
}


/* what an own event is stands in each line of it, and in no request's */

static void
own(void **state)
{
    size_t    i;
    rt_str_t  line;

    static const struct {
        const char  *line;
        int          told;
    } lines[] = {
        { "{\"actionType\":\"AUDIT_STOP\",\"metadata\":"
          "{\"stage\":\"module\"}}\n", 1 },
        { "{\"actionType\":\"GRANT_EXPIRED\",\"metadata\":"
          "{\"level\":1,\"stage\":\"module\"}}\n", 1 },
        { "{\"actionType\":\"AUDIT_STOP\",\"metadata\":"
          "{\"stage\":\"complete\"}}\n", 0 },
        { "{\"actionType\":\"AUDIT_VIEW\",\"parameters\":{\"metadata\":"
          "{\"stage\":\"module\"}},\"metadata\":{\"level\":1}}\n", 0 },
        { "{\"actionType\":\"USER_MARY\",\"metadata\":"
          "{\"stage\":\"module\"}}\n", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        line = str(lines[i].line);

        assert_int_equal(project(&line, RT_EVENT_HEALTH), RT_OK);
        assert_int_equal(memmem(out, out_len, "actionType", 10) != NULL,
                         lines[i].told);
    }
}


/* cut anywhere, it is no line; and no byte behind it is read */

static void
cut(void **state)
{
    size_t     i;
    json_t    *event;
    rt_str_t   line, part;

    (void) state;

    event = whole();
    line = dumped(event);
    json_decref(event);

    for (i = 0; i < line.len; i++) {
        part.len = i;
        part.data = malloc(i ? i : 1);
        memcpy(part.data, line.data, i);

        assert_int_equal(project(&part, ALL), RT_INVALID);
        (void) rt_event_alert(&part);

        free(part.data);
    }
}


static void
broken(void **state)
{
    size_t    i;
    rt_str_t  line;

    static const char *const  bad[] = {
        "", "\n", "{}\n", "[]\n", "null\n", "{\"metadata\":1}\n",
        "{\"metadata\":[]}\n", " {\"metadata\":{}}\n",
        "{ \"metadata\":{}}\n", "{\"metadata\" :{}}\n",
        "{,\"metadata\":{}}\n", "{\"metadata\":{},}\n",
        "{\"id\":1\"metadata\":{}}\n", "{\"metadata\":{}}",
        "{\"metadata\":{}}\n\n", "{\"metadata\":{}} \n",
        "{\"metadata\":{}}{}\n", "{\"id\":,\"metadata\":{}}\n",
        "{\"id\":\"\\\",\"metadata\":{}}\n", "{\"id\":[,\"metadata\":{}}\n",
        "{\"metadata\":{\"body\":{}\n",
        "{\"metadata\":{},\"metadata\":{}}\n", "{id:1,\"metadata\":{}}\n"
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        line = str(bad[i]);
        assert_int_equal(project(&line, ALL), RT_INVALID);
    }

    line = str("{\"metadata\":{}}\n");
    assert_int_equal(project(&line, RT_EVENT_HEALTH), RT_OK);

    line.data = out;
    line.len = out_len;
    assert_true(is_text(&line, "{\"metadata\":{\"class\":[\"health\"]}}\n"));
}


static void
room(void **state)
{
    size_t          i, len;
    json_t         *event;
    rt_str_t        line;
    unsigned char  *buf;

    (void) state;

    event = whole();
    line = dumped(event);
    json_decref(event);

    assert_int_equal(rt_event_project(&line, ALL, &key, out, sizeof(out),
                                      &len), RT_OK);
    assert_true(len <= line.len + RT_EVENT_CLASS_MORE);

    for (i = 0; i <= len; i++) {
        buf = malloc(i ? i : 1);
        assert_int_equal(rt_event_project(&line, ALL, &key, buf, i, &out_len),
                         i < len ? RT_TOO_BIG : RT_OK);
        free(buf);
    }
}


/* users can be counted without being known */

static void
pseudonym(void **state)
{
    size_t          i, len;
    json_t         *event, *v;
    rt_str_t        line, id;
    unsigned char   buf[RT_PSEUDONYM_MAX + 1];

    static const struct {
        const char  *json;
        const char  *text;          /* NULL: nobody */
    } user[] = {
        { "\"ada\"", "ada" }, { "4711", "4711" }, { "\"a\\\"b\"", "a\\\"b" },
        { "null", NULL }, { "\"\"", NULL }, { "\"[REDACTED]\"", NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(user) / sizeof(user[0]); i++) {
        event = whole();
        json_object_set_new(event, "userId",
                            json_loads(user[i].json, JSON_DECODE_ANY, NULL));
        line = dumped(event);
        json_decref(event);

        assert_int_equal(rt_event_project(&line, RT_EVENT_METERING, &key, out,
                                          sizeof(out), &out_len), RT_OK);
        event = parsed();
        v = json_object_get(json_object_get(event, "metadata"),
                            "userPseudonym");

        assert_null(json_object_get(event, "userId"));
        assert_int_equal(v != NULL, user[i].text != NULL);

        if (v) {
            id = str(user[i].text);
            assert_int_equal(rt_pseudonym(&key, &id, buf, &len), RT_OK);
            buf[len] = '\0';
            assert_string_equal(json_string_value(v), (char *) buf);
        }

        json_decref(event);

        /* for nobody else, and not without a key */

        assert_int_equal(rt_event_project(&line, ALL & ~RT_EVENT_METERING,
                                          &key, out, sizeof(out), &out_len),
                         RT_OK);
        assert_null(memmem(out, out_len, "userPseudonym", 13));

        assert_int_equal(project(&line, RT_EVENT_METERING), RT_OK);
        assert_null(memmem(out, out_len, "userPseudonym", 13));
    }
}


/* what the encoder makes stays valid, whatever the classes */

static void
encoded(void **state)
{
    unsigned         classes, level;
    rt_str_t         line;
    rt_event_t       ev;
    rt_redact_t      rd;
    unsigned char   *buf;

    (void) state;

    buf = rt_alloc(&mem, RT_EVENT_MAX);
    line.data = buf;

    for (level = 0; level < 2; level++) {
        rt_event_init(&ev);
        rt_redact_init(&rd, &mem, NULL, 0);

        ev.level = level ? RT_EVENT_REQUEST : RT_EVENT_METADATA;
        ev.id = str("01920f5e-7a3b-7c11-9d2e-1b2c3d4e5f60");
        ev.method = str("GET");
        ev.url = str("/a?b=c");
        ev.status = 503;
        ev.user = str("{\"id\":\"u1\",\"organizationId\":7}");
        ev.rtauth = str("{\"decision\":\"deny\",\"reason\":\"expired\"}");
        ev.upstream_addr = str("127.0.0.1:80");
        ev.lost = 3;

        assert_int_equal(rt_event_encode(&ev, &rd, buf, RT_EVENT_MAX,
                                         &line.len), RT_OK);
        assert_true(rt_schema_line(schema, line.data, line.len));
        assert_true(rt_event_alert(&line));

        for (classes = 1; classes <= ALL; classes++) {
            assert_int_equal(rt_event_project(&line, classes, &key, out,
                                              sizeof(out), &out_len), RT_OK);
            assert_true(rt_schema_line(schema, out, out_len));
        }
    }
}


static void
alert(void **state)
{
    size_t    i;
    rt_str_t  line;

    static const struct {
        int          alert;
        const char  *line;
    } row[] = {
        { 0, "{\"status\":200,\"metadata\":{\"stage\":\"complete\"}}\n" },
        { 0, "{\"status\":404,\"metadata\":{\"stage\":\"aborted\"}}\n" },
        { 0, "{\"actionType\":\"LOGIN\",\"status\":302,\"metadata\":{}}\n" },
        { 0, "{\"parameters\":{\"lost\":1,\"status\":500},"
             "\"metadata\":{\"body\":{\"stage\":\"module\"}}}\n" },
        { 1, "{\"status\":0,\"metadata\":{}}\n" },
        { 1, "{\"status\":500,\"metadata\":{}}\n" },
        { 1, "{\"status\":999,\"metadata\":{}}\n" },
        { 1, "{\"actionType\":\"ACCESS_DENIED\",\"status\":403,"
             "\"metadata\":{}}\n" },
        { 1, "{\"actionType\":\"LOGIN_FAILED\",\"metadata\":{}}\n" },
        { 1, "{\"status\":200,\"metadata\":{\"seq\":1,\"lost\":1}}\n" },
        { 1, "{\"status\":200,\"metadata\":{\"stage\":\"module\"}}\n" },
        { 1, "{\"status\":200,\"metadata\":{\"seq\":}}\n" },
        { 1, "{\"status\":200,\"metadata\":[]}\n" },
        { 1, "no event\n" }
    };

    (void) state;

    for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        line = str(row[i].line);
        assert_int_equal(rt_event_alert(&line), row[i].alert);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(each_leaf),
        ARENA_TEST(names),
        ARENA_TEST(unknown),
        ARENA_TEST(own),
        ARENA_TEST(cut),
        ARENA_TEST(broken),
        ARENA_TEST(room),
        ARENA_TEST(pseudonym),
        ARENA_TEST(encoded),
        ARENA_TEST(alert),
    };

    return cmocka_run_group_tests(tests, load, unload);
}

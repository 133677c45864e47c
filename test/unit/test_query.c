
#include "rt_test.h"
#include "event/rt_query.h"
#include "event/rt_query_time.h"
#include "json/rt_jsonscan.h"


#define NOW  1790000000000ULL           /* 2026-09-21T14:13:20.000Z */

#define ID      "0188f843-7d8c-7000-8000-000000000000"
#define CREATED "2023-06-26T15:12:32.652Z"

#define EVENT                                                                 \
    "{\"id\":\"" ID "\",\"userId\":\"u1\",\"ipAddress\":\"203.0.113.7\","     \
    "\"responseTimeMs\":113,\"actionType\":\"QUERY_RUN\",\"error\":null,"     \
    "\"status\":200,\"createdAt\":\"" CREATED "\","                           \
    "\"user\":{\"id\":\"n7\",\"email\":\"ada@example.com\"},"                 \
    "\"request\":{\"method\":\"POST\",\"url\":\"/api/query?env=/admin/\"},"   \
    "\"parameters\":{\"status\":404,\"user\":{\"id\":\"boss\"},"              \
    "\"a\":\"\\\",\\\"status\\\":404,\\\"userId\\\":\\\"boss\\\"\"},"         \
    "\"metadata\":{\"stage\":\"complete\",\"lost\":7}}"


/* ret: 1 if the line is an event, and what "NAME=VALUE ..." asks for */

static int
asked(const char *words, const char *line)
{
    rt_str_t          rest, word, name, value, text;
    rt_query_t        query;
    const char       *why;
    rt_query_line_t   ev;

    rt_query_init(&query, &mem);
    rest = str(words);

    while (rest.len) {
        (void) rt_str_cut(&rest, ' ', &word, &rest);
        assert_true(rt_str_cut(&word, '=', &name, &value));
        assert_int_equal(rt_query_add(&query, &name, &value, NOW, &why),
                         RT_OK);
    }

    text = copied(line);

    return rt_query_line(&text, &ev) == RT_OK && rt_query_match(&query, &ev);
}


static rt_status_e
refused(const char *name, const char *value)
{
    rt_str_t      n = str(name), v = str(value);
    rt_query_t    query;
    const char   *why = NULL;
    rt_status_e   rc;

    rt_query_init(&query, &mem);
    rc = rt_query_add(&query, &n, &v, NOW, &why);
    assert_true(rc == RT_OK || rc == RT_DECLINED || why != NULL);

    return rc;
}


static void
by_each_name(void **state)
{
    size_t  i;

    static const char  *yes[] = {
        "", "user=u1", "user=n7", "user=ada@example.com", "user=*@example.com",
        "action=QUERY_RUN", "action=QUERY*", "action=LOGIN action=QUERY_RUN",
        "path=/api/query", "path=/api/*", "path=*query", "path=/*p*r*",
        "id=" ID, "id=0188f843*", "status=200", "status=2xx", "status=2XX",
        "status=>=200", "status=<201", "status=<=200", "status=>199",
        "status=404,2xx", "status=100-200", "since=2023-06-26",
        "since=" CREATED, "until=2023-06-27", "until=now",
        "user=u1 action=QUERY_RUN path=/api/* status=200 since=2023-06-01"
    };
    static const char  *no[] = {
        "user=u", "user=U1", "user=boss", "user=null", "action=QUERY",
        "action=*RU", "path=/api", "path=/admin/*", "path=*admin*", "id=0188",
        "status=404", "status=4xx", "status=>200", "status=<200",
        "status=201-999", "since=2023-06-27", "since=-1h", "until=2023-06-26",
        "until=" CREATED, "user=u1 action=LOGIN"
    };

    (void) state;

    for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (!asked(yes[i], EVENT)) {
            fail_msg("not found: %s", yes[i]);
        }
    }

    for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        if (asked(no[i], EVENT)) {
            fail_msg("found: %s", no[i]);
        }
    }
}


/* values are what they say, however somebody wrote them */

static void
escapes(void **state)
{
    (void) state;

    assert_true(asked("user=Ada", "{\"id\":1,\"userId\":\"\\u0041da\"}"));
    assert_true(asked("user=Ada", "{\"id\":1,\"\\u0075serId\":\"Ada\"}"));
    assert_true(asked("path=/a/b",
                      "{\"id\":1,\"request\":{\"url\":\"\\/a\\/b?c\"}}"));
    assert_true(asked("path=/a/b",
                      "{\"id\":1,\"request\":{\"url\":\"/%61\\u00252Fb\"}}"));
    assert_true(asked("path=/a?b",
                      "{\"id\":1,\"request\":{\"url\":\"/a%3Fb?c\"}}"));
    assert_true(asked("path=/a%", "{\"id\":1,\"request\":{\"url\":\"/a%\"}}"));
    assert_true(asked("path=/%zz",
                      "{\"id\":1,\"request\":{\"url\":\"/%zz\"}}"));
    assert_true(asked("user=\xc3\xa9\xf0\x9f\x98\x80",
                      "{\"id\":1,\"userId\":\"\\u00e9\\ud83d\\ude00\"}"));
    assert_true(asked("user=a\"b\\*",
                      "{\"id\":1,\"userId\":\"a\\\"b\\\\c\"}"));
    assert_true(asked("user=42", "{\"id\":1,\"userId\":42}"));

    assert_false(asked("user=u0041", "{\"id\":1,\"userId\":\"\\u0041\"}"));
    assert_false(asked("user=*", "{\"id\":1,\"userId\":null}"));
    assert_false(asked("user=*", "{\"id\":1,\"userId\":{\"a\":1}}"));
}


/* nothing that a client names or writes stands for a member of the event */

static void
attacks(void **state)
{
    (void) state;

    assert_false(asked("status=404", EVENT));
    assert_false(asked("user=boss", EVENT));
    assert_false(asked("user=boss",
                       "{\"id\":1,\"user\":{\"x\":{\"id\":\"boss\"}}}"));
    assert_false(asked("user=boss", "{\"id\":1,\"request\":"
                                    "{\"userId\":\"boss\",\"id\":\"boss\"}}"));
    assert_false(asked("user=boss",
                       "{\"id\":1,\"user\":[{\"id\":\"boss\"}]}"));
    assert_false(asked("action=LOGIN", "{\"id\":1,\"parameters\":"
                                       "{\"actionType\":\"LOGIN\"}}"));

    /* of two the first counts, as for who makes a tree of it */

    assert_false(asked("status=200", "{\"id\":1,\"status\":404,"
                                     "\"\\u0073tatus\":200}"));
    assert_false(asked("user=boss",
                       "{\"id\":1,\"user\":null,\"user\":{\"id\":\"boss\"}}"));

    /* the star does not reach over the end of a value */

    assert_false(asked("path=/a*b",
                       "{\"id\":1,\"request\":{\"url\":\"/a\"},\"b\":\"b\"}"));
}


/* a status is a number as nginx has it */

static void
statuses(void **state)
{
    (void) state;

    assert_true(asked("status=0", "{\"id\":1,\"status\":0}"));
    assert_true(asked("status=999", "{\"id\":1,\"status\":999}"));
    assert_false(asked("status=<999", "{\"id\":1,\"status\":1000}"));
    assert_false(asked("status=<=999", "{\"id\":1,\"status\":-1}"));
    assert_false(asked("status=<=999", "{\"id\":1,\"status\":200.0}"));
    assert_false(asked("status=<=999", "{\"id\":1,\"status\":\"200\"}"));
    assert_false(asked("status=<=999",
                       "{\"id\":1,\"status\":99999999999999999999}"));
    assert_false(asked("status=>999", "{\"id\":1,\"status\":999}"));
    assert_false(asked("status=<0", "{\"id\":1,\"status\":0}"));
}


static void
without_a_time(void **state)
{
    (void) state;

    assert_true(asked("since=2023-06-26T15:12:32.652Z",
                      "{\"id\":\"" ID "\",\"status\":200}"));
    assert_false(asked("since=2023-06-26T15:12:32.653Z",
                       "{\"id\":\"" ID "\",\"status\":200}"));
    assert_true(asked("since=2023-06-26",
                      "{\"id\":1,\"createdAt\":\"2023-06-2\\u0036T00:00:00."
                      "000Z\"}"));
    assert_false(asked("until=now", "{\"id\":\"x\",\"createdAt\":\"x\"}"));
    assert_false(asked("until=now",
                       "{\"id\":\"0188f843-7d8c-4000-8000-000000000000\"}"));
    assert_true(asked("", "{\"id\":\"x\"}"));
}


static void
no_events(void **state)
{
    size_t           i;
    rt_str_t         text;
    rt_query_line_t  ev;

    static const char  *broken[] = {
        "", " ", "{", "}", "{\"id\":1", "{\"id\"}", "{\"id\":1,}", "{,}",
        "{\"id\":1}{", "{\"id\":01}", "{\"id\":\"\n\"}", "{\"id\":\"\\x\"}",
        "{\"id\":\"\\ud800\"}", "{\"id\":\"\\udc00\\ud800\"}",
        "{\"id\":\"\\u12\"}", "{\"id\":\"\xff\"}", "{\"id\":\"x}",
        "{\"id\":[1}", "{\"id\":{\"a\":1]}", "{\"id\":[1,]}", "{\"id\":nul}",
        "{\"user\":{\"id\":1}", "{\"a\":[[[[}", "{\"a\":{\"b\"}}",
        "{\"a\":{,}}", "{\"a\":-}", "{\"a\":1.}", "{\"a\":1e}", "{a:1}",
        "nothing", "{\"id\":1\0}"
    };
    static const char  *others[] = {
        "{}", "[]", "1", "\"x\"", "{\"event\":{\"id\":1}}",
        "{\"parameters\":{\"id\":1,\"actionType\":\"X\"}}"
    };

    (void) state;

    for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        text = copied(broken[i]);
        if (rt_query_line(&text, &ev) != RT_INVALID) {
            fail_msg("taken: %s", broken[i]);
        }
    }

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        text = copied(others[i]);
        if (rt_query_line(&text, &ev) != RT_DECLINED) {
            fail_msg("not declined: %s", others[i]);
        }
    }

    text = (rt_str_t) rt_null_string;
    assert_int_equal(rt_query_line(&text, &ev), RT_INVALID);
}


/* every beginning of an event is none, and is not read over its end */

static void
cut_anywhere(void **state)
{
    size_t           n;
    rt_str_t         text;
    rt_query_line_t  ev;

    (void) state;

    for (n = 0; n < sizeof(EVENT) - 1; n++) {
        text = copy_of(EVENT, n);
        assert_int_equal(rt_query_line(&text, &ev), RT_INVALID);
    }

    text = copy_of(EVENT, n);
    assert_int_equal(rt_query_line(&text, &ev), RT_OK);
    assert_true(is_text(&ev.at[RT_QUERY_USER],
                        "{\"id\":\"n7\",\"email\":\"ada@example.com\"}"));
    assert_true(is_text(&ev.at[RT_QUERY_LOST], "7"));
}


static void
depth(void **state)
{
    size_t           n;
    rt_str_t         text;
    rt_query_line_t  ev;
    char             buf[2 * RT_JSONSCAN_DEPTH + 64];

    (void) state;

    for (n = RT_JSONSCAN_DEPTH - 1; n <= RT_JSONSCAN_DEPTH; n++) {
        strcpy(buf, "{\"id\":");
        memset(buf + 6, '[', n);
        memset(buf + 6 + n, ']', n);
        strcpy(buf + 6 + 2 * n, "}");

        text = copied(buf);
        assert_int_equal(rt_query_line(&text, &ev),
                         n < RT_JSONSCAN_DEPTH ? RT_OK : RT_INVALID);
    }
}


static void
refuses(void **state)
{
    size_t       i;
    rt_str_t     name = rt_string("user"), value = rt_string("u");
    rt_query_t   query;
    const char  *why;
    char         text[RT_QUERY_TEXT + 2];

    static const char  *statuses[] = {
        "", "x", "40", "4x", "4xxx", "xyz", "1000", ">", ">=", ">=x", "200-",
        "-200", "300-200", "200,", ",200", "200 ", "=200", ">=200-300", "2000"
    };

    (void) state;

    for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (strcmp(statuses[i], "40") != 0
            && refused("status", statuses[i]) != RT_INVALID)
        {
            fail_msg("taken: %s", statuses[i]);
        }
    }

    assert_int_equal(refused("status", "40"), RT_OK);
    assert_int_equal(refused("since", "soon"), RT_INVALID);
    assert_int_equal(refused("until", ""), RT_INVALID);
    assert_int_equal(refused("user", ""), RT_INVALID);
    assert_int_equal(refused("path", "admin"), RT_INVALID);
    assert_int_equal(refused("path", "*admin"), RT_OK);
    assert_int_equal(refused("path", "/admin"), RT_OK);
    assert_int_equal(refused("colour", "red"), RT_DECLINED);

    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(refused("path", text), RT_TOO_BIG);

    rt_query_init(&query, &mem);

    for (i = 0; i < RT_QUERY_VALUES; i++) {
        assert_int_equal(rt_query_add(&query, &name, &value, NOW, &why),
                         RT_OK);
    }

    assert_int_equal(rt_query_add(&query, &name, &value, NOW, &why),
                     RT_TOO_BIG);

    rt_query_init(&query, &mem);
    arena.left = 0;
    assert_int_equal(rt_query_add(&query, &name, &value, NOW, &why),
                     RT_ERROR);
}


static void
times(void **state)
{
    size_t         i;
    uint64_t       ms;
    rt_str_t       text;
    unsigned char  iso[RT_TIME_ISO_LEN + 1] = "";

    static const struct {
        const char  *text;
        const char  *means;
    } good[] = {
        { "now", "2026-09-21T14:13:20.000Z" },
        { "today", "2026-09-21T00:00:00.000Z" },
        { "yesterday", "2026-09-20T00:00:00.000Z" },
        { "-90s", "2026-09-21T14:11:50.000Z" },
        { "-15m", "2026-09-21T13:58:20.000Z" },
        { "-1h", "2026-09-21T13:13:20.000Z" },
        { "-7d", "2026-09-14T14:13:20.000Z" },
        { "-2w", "2026-09-07T14:13:20.000Z" },
        { "-0s", "2026-09-21T14:13:20.000Z" },
        { "-999999999w", "1970-01-01T00:00:00.000Z" },
        { "2026-11-29", "2026-11-29T00:00:00.000Z" },
        { "2026-11-29T10:20", "2026-11-29T10:20:00.000Z" },
        { "2026-11-29 10:20", "2026-11-29T10:20:00.000Z" },
        { "2026-11-29T10:20:30", "2026-11-29T10:20:30.000Z" },
        { "2026-11-29T10:20:30.6", "2026-11-29T10:20:30.600Z" },
        { "2026-11-29T10:20:30.652Z", "2026-11-29T10:20:30.652Z" },
        { "2026-11-29T10:20:30.652999Z", "2026-11-29T10:20:30.652Z" },
        { "2026-11-29T10:20:30+01:00", "2026-11-29T09:20:30.000Z" },
        { "2026-11-29T10:20:30.007-01:30", "2026-11-29T11:50:30.007Z" }
    };

    static const char  *bad[] = {
        "", "-", "-h", "-1", "-1y", "-1 h", "1h", "--1h", "-1.5h",
        "-9999999999s", "tomorrow", "2026", "2026-11", "2026-13-01",
        "2026-02-30", "2026-11-29T", "2026-11-29T10", "2026-11-29T25:00",
        "2026-11-29T10:20:30.", "2026-11-29T10:20:30.Z", "2026-11-29x10:20",
        "2026-11-29T10:20:30.0000000000000000000000001Z", "1969-12-31"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        text = copied(good[i].text);
        assert_int_equal(rt_query_time(&text, NOW, &ms), RT_OK);
        rt_time_iso(ms, iso);
        assert_string_equal((char *) iso, good[i].means);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text = copied(bad[i]);
        if (rt_query_time(&text, NOW, &ms) != RT_DECLINED) {
            fail_msg("taken: %s", bad[i]);
        }
    }
}


static void
cursors(void **state)
{
    size_t             i;
    rt_str_t           text, line;
    rt_query_line_t    ev;
    unsigned char      buf[RT_QUERY_CURSOR_LEN];
    rt_query_cursor_t  cursor, back;

    static const char  *bad[] = {
        "", ".", "..", "1.2", "1.2.x", "1..", ".2." ID, "1.2." ID "0",
        "g.2." ID, "12345678901234567.2." ID, "1.2.../../../../../../../etc/pas"
        "swd........", "1.2.3." ID
    };

    (void) state;

    cursor.file = UINT64_MAX;
    cursor.offset = 0;
    memcpy(cursor.id, ID, RT_UUID_LEN);

    text.data = buf;
    text.len = rt_query_cursor_write(&cursor, buf);
    assert_true(is_text(&text, "ffffffffffffffff.0." ID));
    assert_int_equal(rt_query_cursor_read(&text, &back), RT_OK);
    assert_int_equal(back.file, cursor.file);
    assert_int_equal(back.offset, cursor.offset);
    assert_memory_equal(back.id, cursor.id, RT_UUID_LEN);

    line = copied(EVENT);
    assert_int_equal(rt_query_line(&line, &ev), RT_OK);
    assert_true(rt_query_cursor_at(&cursor, &ev));
    cursor.id[35] = '1';
    assert_false(rt_query_cursor_at(&cursor, &ev));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text = copied(bad[i]);
        if (rt_query_cursor_read(&text, &back) != RT_INVALID) {
            fail_msg("taken: %s", bad[i]);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(by_each_name),
        ARENA_TEST(escapes),
        ARENA_TEST(attacks),
        ARENA_TEST(statuses),
        ARENA_TEST(without_a_time),
        ARENA_TEST(no_events),
        ARENA_TEST(cut_anywhere),
        ARENA_TEST(depth),
        ARENA_TEST(refuses),
        ARENA_TEST(times),
        ARENA_TEST(cursors)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

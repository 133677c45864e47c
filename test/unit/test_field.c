
/* rt_field, rt_csp_foreign: the pieces of a message's head */

#include "rt_test.h"
#include "csp/rt_csp_foreign.h"
#include "policy/rt_source.h"
#include "text/rt_field.h"


/* up to three words of what came out, NULL behind the last one */

typedef struct {
    const char  *in;
    const char  *out[4];
} reading_t;


static void
same(const char *in, const rt_str_t *got, const char *want)
{
    if (want == NULL || !is_text(got, want)) {
        fail_msg("<%s>: <%.*s>, not <%s>", in, (int) got->len,
                 got->len ? (char *) got->data : "", want ? want : "nothing");
    }
}


static void
lines(void **state)
{
    size_t       i;
    rt_str_t     line, name, value;
    rt_status_e  rc;

    static const struct {
        const char   *line;
        rt_status_e   rc;
        const char   *name;
        const char   *value;
    }  all[] = {
        { "Age: 7\r\n", RT_OK, "Age", "7" },
        { "Age:7", RT_OK, "Age", "7" },
        { "Age: \t 7 8 \t \r\n", RT_OK, "Age", "7 8" },
        { "Age:\r\n", RT_OK, "Age", "" },
        { "Age: \r\n", RT_OK, "Age", "" },
        { "Link: <http://a/>: b\n", RT_OK, "Link", "<http://a/>: b" },
        { "X: HTTP/1.1 200 OK", RT_OK, "X", "HTTP/1.1 200 OK" },
        { "HTTPX: 1", RT_OK, "HTTPX", "1" },

        { "HTTP/1.1 200 OK\r\n", RT_AGAIN, NULL, NULL },
        { "http/2 200\r\n", RT_AGAIN, NULL, NULL },
        { "HTTP/", RT_AGAIN, NULL, NULL },

        { "", RT_DONE, NULL, NULL },
        { "\r\n", RT_DONE, NULL, NULL },
        { "\n", RT_DONE, NULL, NULL },

        { "Age", RT_INVALID, NULL, NULL },
        { ": 7", RT_INVALID, NULL, NULL },
        { "Age : 7", RT_INVALID, NULL, NULL },
        { "Age\t: 7", RT_INVALID, NULL, NULL },
        { " Age: 7", RT_INVALID, NULL, NULL },
        { "A ge: 7", RT_INVALID, NULL, NULL },
        { "Ag\xc3\xa9: 7", RT_INVALID, NULL, NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        line = copied(all[i].line);
        rc = rt_field_line(&line, &name, &value);

        if (rc != all[i].rc) {
            fail_msg("<%s>: %d, not %d", all[i].line, rc, all[i].rc);
        }

        if (rc == RT_OK) {
            same(all[i].line, &name, all[i].name);
            same(all[i].line, &value, all[i].value);
        }
    }
}


static void
lists(void **state)
{
    size_t    i, n;
    rt_str_t  list, rest, element;

    static const reading_t  all[] = {
        { "", { NULL } },
        { " \t ", { NULL } },
        { ",", { NULL } },
        { ", ,\t,", { NULL } },
        { "close", { "close", NULL } },
        { " close\t", { "close", NULL } },
        { "close,", { "close", NULL } },
        { "a,b , c", { "a", "b", "c", NULL } },
        { ",,a b,,\t,c;q=1,", { "a b", "c;q=1", NULL } },
    };

    (void) state;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        list = copied(all[i].in);
        rest = list;

        for (n = 0; rt_field_next(&rest, &element); n++) {
            same(all[i].in, &element, all[i].out[n]);
            assert_true(rt_field_has(&list, all[i].out[n]));
        }

        assert_null(all[i].out[n]);
    }

    assert_true(rt_field_has(&STR("keep-alive, UPgrade"), "upgrade"));
    assert_false(rt_field_has(&STR("upgrade-insecure"), "upgrade"));
    assert_false(rt_field_has(&STR("x upgrade"), "upgrade"));
    assert_false(rt_field_has(&STR("upgrade;q=1"), "upgrade"));
    assert_false(rt_field_has(&STR("a,,b"), ""));
}


static void
parts(void **state)
{
    size_t    n;
    rt_str_t  rest, part;

    static const char *const  want[] = { "", "a", "", "b" };

    (void) state;

    rest = STR("; a; ; b;");

    for (n = 0; rt_field_part(&rest, ';', &part); n++) {
        assert_true(n < 4);
        same("; a; ; b;", &part, want[n]);
    }

    assert_int_equal(n, 4);
}


static void
last_of_several(void **state)
{
    size_t    i;
    rt_str_t  list, got;

    static const reading_t  all[] = {
        { "", { "" } },
        { "https", { "https" } },
        { "http, https ", { "https" } },
        { "https,http", { "http" } },
        { "https,", { "" } },
        { "https, \t", { "" } },
        { "http https", { "http https" } },
    };

    (void) state;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        list = copied(all[i].in);
        got = rt_field_last(&list);
        same(all[i].in, &got, all[i].out[0]);
    }
}


static void
media_types(void **state)
{
    int       single;
    size_t    i;
    rt_str_t  value, type;

    static const struct {
        const char  *value;
        const char  *type;
        int          single;
    }  all[] = {
        { "text/html", "text/html", 1 },
        { "Text/HTML;charset=utf-8", "Text/HTML", 1 },
        { "text/html ; charset=utf-8", "text/html", 1 },
        { "text/html\t;", "text/html", 1 },
        { " \ttext/html ", "text/html", 1 },
        { "text/html charset=utf-8", "text/html", 1 },
        { "text/htmlx", "text/htmlx", 1 },

        { "", "", 0 },
        { " ", "", 0 },
        { ";charset=utf-8", "", 0 },

        /* a browser takes the last one, others the first */
        { "text/html, text/plain", "text/html,", 0 },
        { "text/html;a=1,text/plain", "text/html", 0 },
        { "text/html;a=\",\"", "text/html", 0 },
        { ",", ",", 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        value = copied(all[i].value);
        single = rt_field_media(&value, &type);

        same(all[i].value, &type, all[i].type);

        if (single != all[i].single) {
            fail_msg("<%s>: %d", all[i].value, single);
        }
    }
}


static void
methods(void **state)
{
    size_t    i;
    rt_str_t  line, got;

    static const reading_t  all[] = {
        { "GET / HTTP/1.1", { "GET" } },
        { "M-SEARCH * HTTP/1.1", { "M-SEARCH" } },
        { "BASELINE_CONTROL /", { "BASELINE_CONTROL" } },
        { "", { "" } },
        { "GET", { "" } },
        { "get / HTTP/1.1", { "" } },
        { "pass=1&GET / HTTP/1.1", { "" } },
        { "GET\t/ HTTP/1.1", { "" } },
        { " GET /", { "" } },
    };

    (void) state;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        line = copied(all[i].in);
        got = rt_field_method(&line);
        same(all[i].in, &got, all[i].out[0]);
    }
}


static void
foreign_nonces(void **state)
{
    int       got;
    size_t    i;
    rt_str_t  value;

    static const rt_str_t  own[] = { rt_string("OWN"), rt_string("HOLD") };

    static const struct {
        const char  *value;
        int          want;
    }  all[] = {
        { "script-src 'nonce-abc'", 1 },
        { "SCRIPT-SRC 'Nonce-abc'", 1 },
        { "default-src 'self'; style-src 'self' 'nonce-abc'", 1 },
        { "default-src\f'nonce-abc'", 1 },
        { "img-src x, script-src-elem 'nonce-abc'", 1 },
        { ";;, ; script-src 'nonce-OWN' 'nonce-abc'", 1 },
        { "script-src 'nonce-OWNx'", 1 },
        { "script-src 'nonce-own'", 1 },

        { "", 0 },
        { ",;, ;", 0 },
        { "'nonce-abc'", 0 },
        { "script-src", 0 },
        { "script-src 'nonce-OWN' 'nonce-HOLD'", 0 },
        { "script-src nonce-abc", 0 },
        { "script-src 'nonce-abc", 0 },
        { "script-src x'nonce-abc'", 0 },
        { "img-src 'nonce-abc'", 0 },
        { "report-uri /x?'nonce-abc'", 0 },
        { "xscript-src 'nonce-abc'", 0 },
        { "script-src 'sha256-abc='", 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        value = copied(all[i].value);
        got = rt_csp_foreign_nonce(&value, own, 2);

        if (got != all[i].want) {
            fail_msg("<%s>: %d", all[i].value, got);
        }
    }

    assert_int_equal(rt_csp_foreign_nonce(&STR("script-src 'nonce-OWN'"),
                                          NULL, 0), 1);
}


static void
header_values(void **state)
{
    (void) state;

    assert_null(rt_source_header(&STR("a b")));
    assert_string_equal(rt_source_header(&STR("M\xc3\xbcller")),
                        "is not ASCII");
    assert_non_null(rt_source_header(&STR("a\x01")));
    assert_non_null(rt_source_header(&STR(" a")));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(lines),
        ARENA_TEST(lists),
        ARENA_TEST(parts),
        ARENA_TEST(last_of_several),
        ARENA_TEST(media_types),
        ARENA_TEST(methods),
        ARENA_TEST(foreign_nonces),
        ARENA_TEST(header_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

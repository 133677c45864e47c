
#include "rt_test.h"
#include "text/rt_resp.h"


/* an answer by the letters of its values, and the status of its scan */

static rt_status_e
shown(const char *text, size_t len, char *out)
{
    rt_str_t        s;
    rt_resp_t       value;
    rt_status_e     rc;
    rt_resp_scan_t  scan;

    s = copy_of(text, len);
    memset(&scan, 0, sizeof(rt_resp_scan_t));

    rc = rt_resp_scan(&scan, &s);

    if (rc == RT_OK) {
        assert_true(scan.len <= s.len);
        s.len = scan.len;

        while (rt_resp_next(&s, &value) == RT_OK) {
            *out++ = "n+-:$*"[value.type];
        }

        assert_int_equal(s.len, 0);
    }

    *out = '\0';

    return rc;
}


static void
answers_are_read(void **state)
{
    char    out[64];
    size_t  i, len, n;

    static const struct {
        const char  *text, *shown;
    } cases[] = {
        { "+OK\r\n", "+" },
        { "+\r\n", "+" },
        { "-READONLY You can't write\r\n", "-" },
        { ":-12\r\n", ":" },
        { "$0\r\n\r\n", "$" },
        { "$5\r\na\r\nbc\r\n", "$" },
        { "$-1\r\n", "n" },
        { "*-1\r\n", "n" },
        { "*0\r\n", "*" },
        { "*2\r\n$3\r\nfoo\r\n*1\r\n:7\r\n", "*$*:" },
        { "*3\r\n*0\r\n*1\r\n*1\r\n+x\r\n$-1\r\n", "***" "*+n" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        len = strlen(cases[i].text);

        assert_int_equal(shown(cases[i].text, len, out), RT_OK);
        assert_string_equal(out, cases[i].shown);

        for (n = 0; n < len; n++) {
            assert_int_equal(shown(cases[i].text, n, out), RT_AGAIN);
        }
    }
}


static void
others_are_refused(void **state)
{
    char    out[64];
    size_t  i;

    static const struct {
        const char   *text;
        rt_status_e   rc;
    } cases[] = {
        { "OK\r\n", RT_INVALID },
        { "\r\n", RT_INVALID },
        { "HTTP/1.1 400 Bad Request\r\n", RT_INVALID },
        { "%1\r\n+a\r\n+b\r\n", RT_INVALID },
        { "_\r\n", RT_INVALID },
        { "+OK\n", RT_INVALID },
        { ":\r\n", RT_INVALID },
        { ":-\r\n", RT_INVALID },
        { ":1x\r\n", RT_INVALID },
        { ": 1\r\n", RT_INVALID },
        { ":1234567890123456789\r\n", RT_INVALID },
        { "$-2\r\n", RT_INVALID },
        { "$\r\n", RT_INVALID },
        { "$3\r\nabcd\r\n", RT_INVALID },
        { "$65537\r\n", RT_TOO_BIG },
        { "$999999999999999999\r\n", RT_TOO_BIG },
        { "*8193\r\n", RT_TOO_BIG },
        { "*-2\r\n", RT_INVALID },
        { "*1\r\n?\r\n", RT_INVALID },
        { "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n+x\r\n",
          RT_TOO_BIG },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(shown(cases[i].text, strlen(cases[i].text), out),
                         cases[i].rc);
    }
}


static void
lines_and_values_are_bounded(void **state)
{
    char             line[RT_RESP_MAX_LINE + 8], out[RT_RESP_MAX_LINE];
    size_t           i;
    rt_str_t         s;
    unsigned char   *p;
    rt_resp_scan_t   scan;

    (void) state;

    memset(line, 'x', sizeof(line));
    line[0] = '-';
    memcpy(line + 1 + RT_RESP_MAX_LINE, "\r\n", 2);
    assert_int_equal(shown(line, RT_RESP_MAX_LINE + 3, out), RT_OK);

    memcpy(line + 1 + RT_RESP_MAX_LINE, "xx", 2);
    assert_int_equal(shown(line, RT_RESP_MAX_LINE + 2, out), RT_AGAIN);
    assert_int_equal(shown(line, RT_RESP_MAX_LINE + 3, out), RT_TOO_BIG);

    /* 100 arrays of 100 */

    s.len = 6 + 100 * (6 + 100 * 4);
    s.data = p = rt_alloc(&mem, s.len);

    memcpy(p, "*100\r\n", 6);
    p += 6;

    for (i = 0; i < 100 * 101; i++) {
        if (i % 101 == 0) {
            memcpy(p, "*100\r\n", 6);
            p += 6;

        } else {
            memcpy(p, ":1\r\n", 4);
            p += 4;
        }
    }

    memset(&scan, 0, sizeof(rt_resp_scan_t));
    assert_int_equal(rt_resp_scan(&scan, &s), RT_TOO_BIG);
}


static void
a_value_is_passed_over(void **state)
{
    rt_str_t   s;
    rt_resp_t  value;

    (void) state;

    s = STR("*2\r\n*2\r\n:1\r\n:2\r\n$1\r\nx\r\n:9\r\n");

    assert_int_equal(rt_resp_skip(&s), RT_OK);
    assert_int_equal(rt_resp_next(&s, &value), RT_OK);
    assert_int_equal(value.number, 9);
    assert_int_equal(rt_resp_skip(&s), RT_AGAIN);
}


static void
codes_of_errors(void **state)
{
    size_t     i;
    rt_str_t   code;
    rt_resp_t  error;

    static const struct {
        const char  *text, *code;
    } cases[] = {
        { "READONLY You can't write against a read only replica.",
          "READONLY" },
        { "LOADING", "LOADING" },
        { "ERR", "ERR" },
        { "", "" },
        { "invalid password", "" },
        { "READ_ONLY x", "" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        error.type = RT_RESP_ERROR;
        error.text = str(cases[i].text);

        code = rt_resp_code(&error);
        assert_true(is_text(&code, cases[i].code));
    }
}


static void
commands_are_written(void **state)
{
    rt_str_t       s;
    unsigned char *last;

    static const char       text[] = "*3\r\n$3\r\nSET\r\n$0\r\n\r\n"
                                     "$11\r\na\r\nb\0cdefgh\r\n";
    static const rt_str_t   words[] = {
        rt_string("SET"), rt_null_string, rt_string("a\r\nb\0cdefgh")
    };

    (void) state;

    s.len = rt_resp_size(words, 3);
    assert_int_equal(s.len, sizeof(text) - 1);

    s.data = rt_alloc(&mem, s.len);
    last = rt_resp_write(s.data, words, 3);

    assert_ptr_equal(last, s.data + s.len);
    assert_memory_equal(s.data, text, s.len);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        ARENA_TEST(answers_are_read),
        ARENA_TEST(others_are_refused),
        ARENA_TEST(lines_and_values_are_bounded),
        ARENA_TEST(a_value_is_passed_over),
        ARENA_TEST(codes_of_errors),
        ARENA_TEST(commands_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

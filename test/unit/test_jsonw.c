
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "rt_arena.h"
#include "json/rt_json.h"
#include "json/rt_jsonw.h"
#include "text/rt_utf8.h"


static unsigned char  buf[4096];


static void
assert_text(const rt_jsonw_t *w, const char *expected)
{
    assert_false(w->full);
    assert_int_equal(rt_jsonw_len(w), strlen(expected));
    assert_memory_equal(w->start, expected, strlen(expected));
}


static void
written(const char *in, size_t len, const char *expected)
{
    rt_str_t    s = { len, (unsigned char *) in };
    rt_jsonw_t  w;

    rt_jsonw_init(&w, buf, sizeof(buf));
    rt_jsonw_str(&w, &s);
    assert_text(&w, expected);
}

#define WRITTEN(in, expected)  written(in, sizeof(in) - 1, expected)


static void
escapes(void **state)
{
    (void) state;

    WRITTEN("", "\"\"");
    WRITTEN("plain", "\"plain\"");
    WRITTEN("a\"b\\c", "\"a\\\"b\\\\c\"");
    WRITTEN("\b\t\n\f\r\v", "\"\\b\\t\\n\\f\\r\\u000b\"");
    WRITTEN("\0\x1f\x7f", "\"\\u0000\\u001f\\u007f\"");
    WRITTEN("\xc2\x80\xc2\x9b\xc2\xa0", "\"\\u0080\\u009b\xc2\xa0\"");
    WRITTEN("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xa7",
            "\"\\u2028\\u2029\xe2\x80\xa7\"");
    WRITTEN("\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"");
    WRITTEN("long enough for eight at a time\n, and on it goes until here",
            "\"long enough for eight at a time\\n, and on it goes until"
            " here\"");
}


static void
repairs(void **state)
{
    (void) state;

    WRITTEN("\xff", "\"\xef\xbf\xbd\"");
    WRITTEN("a\xc3", "\"a\xef\xbf\xbd\"");
    WRITTEN("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    WRITTEN("\xed\xa0\x80z", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
    WRITTEN("\xf0\x9f\x98", "\"\xef\xbf\xbd\"");
}


/* every byte at every place of the eight, against the plain meaning */

static void
every_byte(void **state)
{
    size_t           at;
    unsigned         c;
    rt_mem_t         mem;
    rt_str_t         in, out, want;
    rt_arena_t       arena;
    rt_json_t       *v;
    rt_jsonw_t       w;
    unsigned char    text[24];
    rt_json_opts_t   opts = { 0, 1, 1 };

    (void) state;

    for (c = 0; c < 256; c++) {
        for (at = 0; at < sizeof(text); at++) {
            mem = rt_arena_init(&arena);

            memset(text, 'x', sizeof(text));
            text[at] = (unsigned char) c;
            in.data = text;
            in.len = sizeof(text);

            rt_jsonw_init(&w, buf, sizeof(buf));
            rt_jsonw_str(&w, &in);
            assert_false(w.full);

            out.data = buf;
            out.len = rt_jsonw_len(&w);
            assert_true(rt_utf8_valid(&out));
            assert_int_equal(rt_json_parse(&mem, &out, &opts, &v, NULL),
                             RT_OK);
            assert_int_equal(rt_utf8_repair(&mem, &in, &want), RT_OK);
            assert_true(rt_str_eq(&v->str, &want));

            rt_arena_free(&arena);
        }
    }
}


static void
structure(void **state)
{
    rt_jsonw_t  w;
    rt_str_t    key = rt_string("k\"");

    (void) state;

    rt_jsonw_init(&w, buf, sizeof(buf));
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "a");
    rt_jsonw_uint(&w, 0);
    rt_jsonw_key(&w, &key);
    rt_jsonw_open(&w, '[');
    rt_jsonw_uint(&w, UINT64_MAX);
    rt_jsonw_bool(&w, 1);
    rt_jsonw_null(&w);
    rt_jsonw_open(&w, '{');
    rt_jsonw_close(&w, '}');
    rt_jsonw_close(&w, ']');
    rt_jsonw_lit(&w, "s");
    rt_jsonw_str_open(&w);
    rt_jsonw_str_text(&w, &key);
    rt_jsonw_str_text(&w, &key);
    rt_jsonw_str_close(&w);
    rt_jsonw_close(&w, '}');
    rt_jsonw_byte(&w, '\n');

    assert_text(&w, "{\"a\":0,\"k\\\"\":[18446744073709551615,true,null,{}],"
                    "\"s\":\"k\\\"k\\\"\"}\n");
}


/*
 * In a buffer of each size: an object of members of which as many are kept
 * as fit is valid JSON, and not a byte behind the end is touched.
 */

static void
bounded(void **state)
{
    size_t            size, i;
    unsigned          kept;
    rt_mem_t          mem;
    rt_str_t          out, s = rt_string("v\n\xff\xc2\x80");
    rt_arena_t        arena;
    rt_json_t        *v;
    rt_jsonw_t        w;
    rt_jsonw_mark_t   mark;
    rt_json_opts_t    opts = { 0, 8, 100 };

    (void) state;

    for (size = 2; size < 200; size++) {
        mem = rt_arena_init(&arena);
        memset(buf, '#', sizeof(buf));
        rt_jsonw_init(&w, buf, size);

        rt_jsonw_open(&w, '[');
        assert_false(w.full);

        for (i = 0, kept = 0; i < 12; i++) {
            mark = rt_jsonw_mark(&w);
            rt_jsonw_open(&w, '{');
            rt_jsonw_lit(&w, "k");
            rt_jsonw_str(&w, &s);
            rt_jsonw_close(&w, '}');

            if (w.full) {
                rt_jsonw_restore(&w, &mark);
            } else {
                kept++;
            }
        }

        rt_jsonw_close(&w, ']');
        assert_false(w.full);
        assert_true(rt_jsonw_len(&w) <= size);
        assert_int_equal(buf[size], '#');

        out.data = buf;
        out.len = rt_jsonw_len(&w);
        assert_int_equal(rt_json_parse(&mem, &out, &opts, &v, NULL), RT_OK);
        assert_int_equal(v->count, kept);

        rt_arena_free(&arena);
    }

    assert_int_equal(kept, 9);
}


static void
cuts(void **state)
{
    rt_jsonw_t  w;
    rt_str_t    s = rt_string("ab\xc3\xa9\xc3\xa9z");

    (void) state;

    rt_jsonw_init(&w, buf, sizeof(buf));
    assert_int_equal(rt_jsonw_str_cut(&w, &s, 5), RT_TOO_BIG);
    assert_text(&w, "\"ab\xc3\xa9\"");

    rt_jsonw_init(&w, buf, sizeof(buf));
    assert_int_equal(rt_jsonw_str_cut(&w, &s, 7), RT_OK);
    assert_text(&w, "\"ab\xc3\xa9\xc3\xa9z\"");

    rt_jsonw_init(&w, buf, 6);
    assert_int_equal(rt_jsonw_str_cut(&w, &s, 7), RT_OK);
    assert_true(w.full);
}


static void
holds(void **state)
{
    rt_jsonw_t  w;

    (void) state;

    rt_jsonw_init(&w, buf, 16);
    rt_jsonw_hold(&w, 10);
    assert_int_equal(rt_jsonw_room(&w), 6);
    rt_jsonw_uint(&w, 1234567);
    assert_true(w.full);

    rt_jsonw_init(&w, buf, 16);
    rt_jsonw_hold(&w, 17);
    assert_true(w.full);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(repairs),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(structure),
        cmocka_unit_test(bounded),
        cmocka_unit_test(cuts),
        cmocka_unit_test(holds)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

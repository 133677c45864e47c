
#include "rt_test.h"
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


/* every byte at every place of every length, against the plain meaning */

static void
every_byte(void **state)
{
    size_t           at, i, len;
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
        for (i = 0; i < sizeof(text) * sizeof(text); i++) {
            at = i % sizeof(text);
            len = i / sizeof(text) + 1;

            if (at >= len) {
                continue;
            }

            mem = rt_arena_init(&arena);

            memset(text, 'x', sizeof(text));
            text[at] = (unsigned char) c;
            in.data = text;
            in.len = len;

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


/* text of any length and kind, cut anywhere: what fits of it, no byte more */

static void
cut_anywhere(void **state)
{
    size_t         i, max, len, whole;
    unsigned       round;
    rt_str_t       s;
    rt_jsonw_t     w;
    unsigned char  text[40], all[256];

    static const char  some[] = "abcdefgh\"\\\n\x7f\xc3\xa9\xff";

    (void) state;

    for (round = 0; round < 2000; round++) {
        s.data = text;
        s.len = chance(sizeof(text) + 1);

        for (i = 0; i < s.len; i++) {
            text[i] = (unsigned char)
                      some[chance(round % 2 ? sizeof(some) : 8)];
        }

        rt_jsonw_init(&w, all, sizeof(all));
        rt_jsonw_str(&w, &s);
        assert_false(w.full);
        whole = rt_jsonw_len(&w) - 2;

        max = chance((uint32_t) whole + 3);

        memset(buf, '#', sizeof(buf));
        rt_jsonw_init(&w, buf, whole + 2);
        assert_int_equal(rt_jsonw_str_cut(&w, &s, max),
                         max < whole ? RT_TOO_BIG : RT_OK);

        len = rt_jsonw_len(&w) - 2;
        assert_true(len <= max && (len + 6 > max || len == whole));
        assert_memory_equal(buf, all, len + 1);
        assert_int_equal(buf[len + 1], '"');

        for (i = whole + 2; i < sizeof(buf); i++) {
            assert_int_equal(buf[i], '#');
        }
    }
}


static void
numbers(void **state)
{
    int         n;
    char        text[32];
    uint64_t    v;
    unsigned    i;
    rt_jsonw_t  w;

    (void) state;

    for (i = 0, v = 1; i < 64; i++, v *= 2) {
        rt_jsonw_init(&w, buf, sizeof(buf));
        rt_jsonw_open(&w, '[');
        rt_jsonw_uint(&w, v - 1);
        rt_jsonw_uint(&w, v);
        rt_jsonw_close(&w, ']');

        n = snprintf(text, sizeof(text), "[%llu,", (unsigned long long) v - 1);
        assert_memory_equal(buf, text, (size_t) n);
        n = snprintf(text, sizeof(text), ",%llu]", (unsigned long long) v);
        assert_memory_equal(w.pos - n, text, (size_t) n);
    }

    rt_jsonw_init(&w, buf, 3);
    rt_jsonw_uint(&w, 1000);
    assert_true(w.full);
    assert_int_equal(rt_jsonw_len(&w), 0);
}


static void
fragments(void **state)
{
    rt_jsonw_t  w;

    (void) state;

    rt_jsonw_init(&w, buf, sizeof(buf));
    rt_jsonw_open(&w, '{');
    rt_jsonw_json(&w, "\"a\":null,\"b\":1");
    rt_jsonw_json(&w, "\"c\":2");
    rt_jsonw_lit(&w, "d");
    rt_jsonw_bool(&w, 0);
    rt_jsonw_close(&w, '}');
    assert_text(&w, "{\"a\":null,\"b\":1,\"c\":2,\"d\":false}");

    rt_jsonw_init(&w, buf, 3);
    rt_jsonw_json(&w, "null");
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
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(numbers),
        cmocka_unit_test(fragments),
        cmocka_unit_test(holds)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}


/* rt_json: grammar, flags, bounds, paths, numbers; jansson as a second mind */

#include <jansson.h>

#include "rt_test.h"
#include "json/rt_json.h"


static rt_status_e
parse(const rt_str_t *text, unsigned flags, unsigned depth, unsigned nodes,
    rt_json_t **root, size_t *err)
{
    rt_str_t        copy;
    rt_json_opts_t  opts = { flags, depth, nodes };

    copy = copy_of(text->data, text->len);

    return rt_json_parse(&mem, &copy, &opts, root, err);
}


static void
test_tree(void **state)
{
    rt_json_t  *root, *v;

    (void) state;

    assert_int_equal(parse(&STR(" {\"a\" : [1, -2.5e+3, \"x\\ny\"],\n"
                                "\"b\":{}, \"c\":null,\"d\":true,\"e\":false,"
                                "\"\\u00e9\":\"\\ud83d\\ude00\"}\r\n"),
                           RT_JSON_UNIQUE, 8, 64, &root, NULL), RT_OK);

    assert_int_equal(root->type, RT_JSON_OBJECT);
    assert_int_equal(root->count, 6);

    v = rt_json_member(root, "a");
    assert_int_equal(v->type, RT_JSON_ARRAY);
    assert_int_equal(v->count, 3);
    assert_true(rt_str_lit(&rt_json_at(v, 1)->str, "-2.5e+3"));
    assert_true(rt_str_lit(&rt_json_at(v, 2)->str, "x\ny"));
    assert_null(rt_json_at(v, 3));
    assert_null(rt_json_at(root, 0));

    assert_int_equal(rt_json_member(root, "b")->count, 0);
    assert_int_equal(rt_json_member(root, "c")->type, RT_JSON_NULL);
    assert_int_equal(rt_json_member(root, "d")->type, RT_JSON_TRUE);
    assert_int_equal(rt_json_member(root, "e")->type, RT_JSON_FALSE);

    v = rt_json_member(root, "\xc3\xa9");
    assert_true(rt_str_lit(&v->str, "\xf0\x9f\x98\x80"));
    assert_null(rt_json_member(root, "A"));
    assert_null(rt_json_member(NULL, "a"));
}


/* strings are read by eight bytes, too: whatever stands at whichever place */

static void
test_places(void **state)
{
    size_t       at, len, i;
    rt_str_t     text;
    rt_json_t   *v;
    rt_status_e  expected;
    char         buf[48];

    static const struct {
        const char  *text;
        const char  *means;             /* NULL: refused */
    } odd[] = {
        { "\x7f", "\x7f" }, { "\\n", "\n" }, { "\\\"", "\"" },
        { "\xc3\xa9", "\xc3\xa9" }, { "\x1f", NULL }, { "\x80", NULL },
        { "\n", NULL }, { "\"", NULL }, { "a", "a" }
    };

    (void) state;

    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        for (len = 0; len <= 20; len++) {
            for (at = 0; at <= len; at++) {
                text.data = (unsigned char *) buf;
                text.len = (size_t) snprintf(buf, sizeof(buf), "\"%.*s%s%.*s\"",
                                             (int) at, "abcdefghijklmnopqrstu",
                                             odd[i].text, (int) (len - at),
                                             "vwxyzABCDEFGHIJKLMNOP");

                expected = odd[i].means ? RT_OK : RT_INVALID;
                assert_int_equal(parse(&text, 0, 1, 1, &v, NULL), expected);

                if (expected == RT_OK) {
                    assert_int_equal(v->str.len, len + strlen(odd[i].means));
                    assert_memory_equal(v->str.data + at, odd[i].means,
                                        strlen(odd[i].means));
                }
            }
        }
    }
}


static const char  *bad[] = {
    "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"",
    "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{'a':1}",
    "{\"a\" 1}", "{1:1}", "{\"a\":1]", "[1}", "1 2", "[] []", "tru", "truex",
    "nul", "True", "NaN", "Infinity", "-", "-a", "+1", "01", "-01", "1.", ".5",
    "1.e3", "1e", "1e+", "0x10", "\"", "\"a", "\"\\\"", "\"\\", "\"\\x\"",
    "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
    "\"\\udc00\"", "\"\\ud800\\", "\"\\ud800\\ud\"", "\"a\nb\"", "\"a\tb\"",
    "\"\x1f\"", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xe2\x82\"",
    "\"\xf4\x90\x80\x80\"", "\xef\xbb\xbf{}", "/**/1", "[1]//", "\"\\\x01\"",
    "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "[{\"x\":{\"\":1,\"\":1}}]",
    "\x00", "[\f1]", "[\xc2\xa0" "1]"
};


static void
test_refused(void **state)
{
    size_t      i;
    rt_str_t    text;
    rt_json_t  *root;

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text.data = (unsigned char *) bad[i];
        text.len = strlen(bad[i]);

        if (parse(&text, RT_JSON_UNIQUE, 16, 64, &root, NULL) != RT_INVALID) {
            fail_msg("accepted: %s", bad[i]);
        }

        assert_null(root);
    }
}


static void
test_error_offset(void **state)
{
    size_t      err;
    rt_json_t  *root;

    (void) state;

    assert_int_equal(parse(&STR("{\"a\":1,\"b\":x}"), 0, 4, 9, &root, &err),
                     RT_INVALID);
    assert_int_equal(err, 11);

    assert_int_equal(parse(&STR("\"ab\xff\""), 0, 4, 9, &root, &err),
                     RT_INVALID);
    assert_int_equal(err, 3);

    assert_int_equal(parse(&STR("[1] x"), 0, 4, 9, &root, &err), RT_INVALID);
    assert_int_equal(err, 4);
}


/* wherever in a string: it is looked at when one byte of it is not ASCII */

static void
test_utf8(void **state)
{
    size_t      i, err;
    char        text[] = "\"0123456789abcdef\"";
    rt_str_t    bytes = rt_string(text);
    rt_json_t  *root;

    (void) state;

    for (i = 1; i < 16; i++) {
        memcpy(text, "\"0123456789abcdef\"", sizeof(text));
        memcpy(text + i, "\xc3\xa9", 2);

        assert_int_equal(parse(&bytes, 0, 4, 9, &root, NULL), RT_OK);
        assert_int_equal(root->str.len, 16);

        text[i + 1] = '-';

        assert_int_equal(parse(&bytes, 0, 4, 9, &root, &err), RT_INVALID);
        assert_int_equal(err, i);

        memcpy(text + i, "\\\xc3", 2);

        assert_int_equal(parse(&bytes, 0, 4, 9, &root, NULL), RT_INVALID);
    }
}


static void
test_flags(void **state)
{
    rt_json_t  *root;

    (void) state;

    assert_int_equal(parse(&STR("{\"a\":1,\"a\":2}"), 0, 4, 9, &root, NULL),
                     RT_OK);
    assert_int_equal(root->count, 2);
    assert_true(rt_str_lit(&rt_json_member(root, "a")->str, "1"));

    assert_int_equal(parse(&STR("\"a\\u0000b\""), 0, 4, 9, &root, NULL),
                     RT_OK);
    assert_true(rt_str_lit(&root->str, "a\0b"));

    assert_int_equal(parse(&STR("\"a\\u0000b\""), RT_JSON_NO_NUL, 4, 9, &root,
                           NULL), RT_INVALID);
    assert_int_equal(parse(&STR("{\"\\u0000\":1}"), RT_JSON_NO_NUL, 4, 9,
                           &root, NULL), RT_INVALID);

    assert_int_equal(parse(&STR("\"\xff\\ud800x\\n\xe2\x82\""),
                           RT_JSON_REPAIR, 4, 9, &root, NULL), RT_OK);
    assert_true(rt_str_lit(&root->str, "\xef\xbf\xbd\xef\xbf\xbdx\n"
                                       "\xef\xbf\xbd"));

    /* names that are equal only after the repair are equal */

    assert_int_equal(parse(&STR("{\"\xff\":1,\"\xfe\":2}"),
                           RT_JSON_REPAIR|RT_JSON_UNIQUE, 4, 9, &root, NULL),
                     RT_INVALID);
}


static void
test_bounds(void **state)
{
    rt_json_t  *root;

    (void) state;

    assert_int_equal(parse(&STR("[[1]]"), 0, 2, 3, &root, NULL), RT_OK);
    assert_int_equal(parse(&STR("[[1]]"), 0, 1, 3, &root, NULL), RT_TOO_BIG);
    assert_int_equal(parse(&STR("[[1]]"), 0, 2, 2, &root, NULL), RT_TOO_BIG);
    assert_int_equal(parse(&STR("[[[],[[]]],{}]"), 0, 4, 9, &root, NULL),
                     RT_OK);
    assert_int_equal(parse(&STR("[[[],[[]]],{}]"), 0, 3, 9, &root, NULL),
                     RT_TOO_BIG);
    assert_int_equal(parse(&STR("1"), 0, 1, 1, &root, NULL), RT_OK);
}


static void
test_deep(void **state)
{
    rt_str_t    text;
    rt_json_t  *root;

    (void) state;

    text.len = 200000;
    text.data = rt_arena_alloc(&arena, text.len);
    memset(text.data, '[', text.len / 2);
    memset(text.data + text.len / 2, ']', text.len / 2);

    assert_int_equal(parse(&text, 0, 100000, 100000, &root, NULL), RT_OK);
    assert_int_equal(parse(&text, 0, 99999, 100000, &root, NULL), RT_TOO_BIG);
    text.len--;
    assert_int_equal(parse(&text, 0, 100000, 100000, &root, NULL),
                     RT_INVALID);
}


/* big objects: 40000 names take milliseconds; the last one may be a twin */

static void
test_many_members(void **state)
{
    int         i, twin;
    char       *p, *start;
    rt_str_t    text;
    rt_json_t  *root;

    (void) state;

    for (twin = 0; twin < 2; twin++) {
        start = rt_arena_alloc(&arena, 40000 * 16);
        p = start;
        *p++ = '{';

        for (i = 0; i < 40000; i++) {
            p += sprintf(p, "\"k%05d\":%d,", i * 7919 % 40000, i);
        }

        p += sprintf(p, "\"%s\":0}", twin ? "k00777" : "z");

        text.data = (unsigned char *) start;
        text.len = (size_t) (p - start);

        assert_int_equal(parse(&text, RT_JSON_UNIQUE, 2, 50000, &root, NULL),
                         twin ? RT_INVALID : RT_OK);
        assert_int_equal(parse(&text, RT_JSON_UNIQUE|RT_JSON_CASELESS, 2, 50000,
                               &root, NULL),
                         twin ? RT_INVALID : RT_OK);
        assert_int_equal(parse(&text, 0, 2, 50000, &root, NULL), RT_OK);
        assert_int_equal(root->count, 40001);
    }
}


static void
test_no_memory(void **state)
{
    int              i;
    rt_json_t       *root;
    rt_status_e      rc;

    static const rt_str_t        text = rt_string(
        "{\"a\\n\":[{\"b\":[1,2,\"\\u0041\"]}],\"1\":1,\"2\":1,\"3\":1,"
        "\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"10\":1,\"11\":1,"
        "\"12\":1,\"13\":1,\"14\":1,\"15\":1,\"16\":1,\"17\":1}");
    static const rt_json_opts_t  opts = { RT_JSON_UNIQUE, 8, 64 };

    (void) state;

    for (i = 0; i < 100; i++) {
        arena.left = i;
        rc = rt_json_parse(&mem, &text, &opts, &root, NULL);
        arena.left = -1;

        if (rc == RT_OK) {
            break;
        }

        assert_int_equal(rc, RT_ERROR);
        assert_null(root);
    }

    assert_in_range(i, 10, 99);
}


static void
check_path(rt_json_t *root, const char *path, const char *want)
{
    rt_str_t    p = { strlen(path), (unsigned char *) path };
    rt_json_t  *v;

    assert_int_equal(rt_json_path_check(&p), RT_OK);

    v = rt_json_path(root, &p);

    if (want == NULL) {
        assert_null(v);
        return;
    }

    if (v == NULL || !is_text(&v->str, want)) {
        fail_msg("%s is not %s", path, want);
    }
}


static void
test_paths(void **state)
{
    size_t      i;
    rt_str_t    p;
    rt_json_t  *root;

    static const char  *wrong[] = {
        ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[01]", "a[-1]", "a[1",
        "a]", "a[1]b", "a.[0]", "a[1234567890]", "/~", "/~2", "/a~", "",
        "https://x.y/g", "/https://x/g", "a.b://"
    };

    (void) state;

    assert_int_equal(parse(&STR("{\"a\":{\"b\":[\"x\",{\"c d\":\"y\"}]},"
                                "\"m/n\":\"1\",\"t~\":\"2\",\"\":\"3\","
                                "\"https://x.y/g\":[[\"4\"]],\"0\":\"5\"}"),
                           RT_JSON_UNIQUE, 9, 99, &root, NULL), RT_OK);

    check_path(root, "a.b[0]", "x");
    check_path(root, "a.b[1].c d", "y");
    check_path(root, "/a/b/0", "x");
    check_path(root, "/a/b/1/c d", "y");
    check_path(root, "/m~1n", "1");
    check_path(root, "/t~0", "2");
    check_path(root, "/", "3");
    check_path(root, "/https:~1~1x.y~1g/0/0", "4");
    check_path(root, "0", "5");
    check_path(root, "/0", "5");

    check_path(root, "a.b[2]", NULL);
    check_path(root, "a[0]", NULL);
    check_path(root, "a.b.c", NULL);
    check_path(root, "x", NULL);
    check_path(root, "x.y[0].z", NULL);
    check_path(root, "/a/b/00", NULL);
    check_path(root, "/a/b/-", NULL);
    check_path(root, "/a/b/", NULL);
    check_path(root, "/m", NULL);
    check_path(root, "/t", NULL);
    check_path(root, "/a/b/0/0", NULL);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        p.data = (unsigned char *) wrong[i];
        p.len = strlen(wrong[i]);

        if (rt_json_path_check(&p) != RT_INVALID || rt_json_path(root, &p)) {
            fail_msg("a good path? %s", wrong[i]);
        }
    }
}


static void
test_numbers(void **state)
{
    double      d;
    int64_t     n;
    rt_json_t  *root;

    (void) state;

    assert_int_equal(parse(&STR("[9223372036854775807,-9223372036854775808,"
                                "9223372036854775808,-9223372036854775809,"
                                "-0,1.5,1e2,1e400,\"1\",1e-400]"),
                           0, 2, 20, &root, NULL), RT_OK);

    assert_int_equal(rt_json_int64(rt_json_at(root, 0), &n), RT_OK);
    assert_true(n == INT64_MAX);
    assert_int_equal(rt_json_int64(rt_json_at(root, 1), &n), RT_OK);
    assert_true(n == INT64_MIN);
    assert_int_equal(rt_json_int64(rt_json_at(root, 2), &n), RT_INVALID);
    assert_int_equal(rt_json_int64(rt_json_at(root, 3), &n), RT_INVALID);
    assert_int_equal(rt_json_int64(rt_json_at(root, 4), &n), RT_OK);
    assert_true(n == 0);
    assert_int_equal(rt_json_int64(rt_json_at(root, 5), &n), RT_INVALID);
    assert_int_equal(rt_json_int64(rt_json_at(root, 6), &n), RT_INVALID);
    assert_int_equal(rt_json_int64(rt_json_at(root, 8), &n), RT_DECLINED);
    assert_int_equal(rt_json_int64(NULL, &n), RT_DECLINED);

    assert_int_equal(rt_json_double(rt_json_at(root, 5), &d), RT_OK);
    assert_true(d == 1.5);
    assert_int_equal(rt_json_double(rt_json_at(root, 6), &d), RT_OK);
    assert_true(d == 100);
    assert_int_equal(rt_json_double(rt_json_at(root, 7), &d), RT_INVALID);
    assert_int_equal(rt_json_double(rt_json_at(root, 8), &d), RT_DECLINED);
    assert_int_equal(rt_json_double(rt_json_at(root, 9), &d), RT_OK);
    assert_true(d == 0);
}


static int
same(const rt_json_t *a, json_t *b)
{
    size_t            i;
    double            d;
    json_t           *m;
    const rt_json_t  *c;

    switch (a->type) {

    case RT_JSON_OBJECT:
        if (!json_is_object(b) || json_object_size(b) != a->count) {
            return 0;
        }

        for (c = a->child; c; c = c->next) {
            m = json_object_getn(b, (char *) c->key.data, c->key.len);
            if (m == NULL || !same(c, m)) {
                return 0;
            }
        }

        return 1;

    case RT_JSON_ARRAY:
        if (!json_is_array(b) || json_array_size(b) != a->count) {
            return 0;
        }

        for (c = a->child, i = 0; c; c = c->next, i++) {
            if (!same(c, json_array_get(b, i))) {
                return 0;
            }
        }

        return 1;

    case RT_JSON_STRING:
        return json_is_string(b)
               && rt_str_is(&a->str, json_string_value(b),
                            json_string_length(b));

    case RT_JSON_NUMBER:
        return json_is_number(b) && rt_json_double(a, &d) == RT_OK
               && d == json_number_value(b);

    case RT_JSON_TRUE:
        return json_is_true(b);

    case RT_JSON_FALSE:
        return json_is_false(b);

    default:
        return json_is_null(b);
    }
}


/* 1 both accepted, 0 both refused */

static int
agree(const rt_str_t *text)
{
    int           ok;
    json_t       *other;
    rt_json_t    *root;
    json_error_t  error;
    rt_status_e   rc;

    rc = parse(text, RT_JSON_UNIQUE|RT_JSON_NO_NUL, 2048, 100000, &root,
               NULL);
    other = json_loadb((char *) text->data, text->len,
                       JSON_REJECT_DUPLICATES|JSON_DECODE_ANY, &error);

    ok = (rc == RT_OK) == (other != NULL)
         && (rc != RT_OK || same(root, other));

    json_decref(other);

    if (!ok) {
        fail_msg("jansson thinks otherwise of: %.*s (%s)", (int) text->len,
                 text->data, rc == RT_OK ? error.text : "it accepts");
    }

    return rc == RT_OK;
}


/* texts, and a thousand small damages of each */

static void
test_differential(void **state)
{
    int             n, both[2];
    size_t          i;
    rt_str_t        text;
    unsigned char   buf[512];

    static const char  *good[] = {
        "{\"iss\":\"https://a\",\"aud\":[\"x\",\"y\"],\"exp\":1.5e9}",
        "{\"\\u00e9\":[true,false,null,{}],\"e\":{\"e\":[[]]},\"f\":-0.1}",
        "[\"\\ud83d\\ude00\",\"\xc3\xa9\xe2\x82\xac\",0,-1,12e-1,\"\\/\"]",
        "{\"a\":{\"a\":{\"a\":1}},\"b\":\"\\\"\\\\\\b\\f\\n\\r\\t\"}",
        " [ 1 , { \"x\" : \"y\" } , [ ] ] ",
    };
    static const char   odd[] = "{}[]\",:\\u0d8e+-.19 tfn\x01\x80\xc3\xff/a";

    (void) state;

    both[0] = both[1] = 0;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {

        for (n = 0; n < 1000; n++) {
            text.len = strlen(good[i]);
            text.data = buf;
            memcpy(buf, good[i], text.len);

            if (n > 0) {
                buf[chance(text.len)] =
                    (unsigned char) odd[chance(sizeof(odd) - 1)];
            }

            if (n % 3 == 2) {
                text.len -= chance(text.len);
            }

            both[agree(&text)]++;
            rt_arena_free(&arena);
        }
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text.data = (unsigned char *) bad[i];
        text.len = strlen(bad[i]);
        both[agree(&text)]++;
    }

    assert_in_range(both[0], 1000, 5000);
    assert_in_range(both[1], 300, 5000);
}


/* members of one name are tied together, in the order of the document */

static void
test_twice(void **state)
{
    int          len;
    size_t       i, n;
    char         text[32768], digits[32];
    rt_str_t     s;
    rt_json_t   *root, *v;

    (void) state;

    /* each name three times, in a small object and in one that is sorted */

    for (n = 3; n < 1000; n += 990) {
        len = snprintf(text, sizeof(text), "{");

        for (i = 0; i < n; i++) {
            len += snprintf(text + len, sizeof(text) - (size_t) len,
                            "%s\"m%zu\":%zu", i ? "," : "", i % (n / 3), i);
        }

        len += snprintf(text + len, sizeof(text) - (size_t) len, "}");
        s.data = (unsigned char *) text;
        s.len = (size_t) len;

        assert_int_equal(parse(&s, RT_JSON_UNIQUE, 8, 2000, &root, NULL),
                         RT_INVALID);
        assert_int_equal(parse(&s, RT_JSON_TWICE, 8, 2000, &root, NULL),
                         RT_OK);
        assert_true(root->again);

        for (v = root->child, i = 0; v; v = v->next, i++) {
            assert_int_equal(v->again, i >= n / 3);

            if (i >= 2 * (n / 3)) {
                assert_null(v->same);
                continue;
            }

            snprintf(digits, sizeof(digits), "%zu", i + n / 3);
            assert_true(rt_str_eq(&v->key, &v->same->key));
            assert_true(is_text(&v->same->str, digits));
        }
    }

    s = str("[{\"a\":1,\"b\":2},{\"a\":1}]");
    assert_int_equal(parse(&s, RT_JSON_TWICE, 8, 64, &root, NULL), RT_OK);
    assert_false(root->again);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_tree),
        ARENA_TEST(test_places),
        ARENA_TEST(test_refused),
        ARENA_TEST(test_error_offset),
        ARENA_TEST(test_utf8),
        ARENA_TEST(test_flags),
        ARENA_TEST(test_bounds),
        ARENA_TEST(test_deep),
        ARENA_TEST(test_many_members),
        ARENA_TEST(test_twice),
        ARENA_TEST(test_no_memory),
        ARENA_TEST(test_paths),
        ARENA_TEST(test_numbers),
        ARENA_TEST(test_differential),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

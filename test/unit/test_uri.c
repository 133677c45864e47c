
/* rt_uri: raw request paths, return addresses, paths below paths */

#include "rt_test.h"
#include "text/rt_uri.h"


typedef rt_status_e (*check_pt)(rt_mem_t *, const rt_str_t *, const char **);


static void
check_all(check_pt check, const char **list, size_t n, rt_status_e want)
{
    size_t       i;
    rt_str_t     uri;
    const char  *why;

    for (i = 0; i < n; i++) {
        uri = copied(list[i]);

        if (check(&mem, &uri, &why) != want) {
            fail_msg("%s %s", list[i], want == RT_OK ? why : "is accepted");
        }

        assert_true((why == NULL) == (want == RT_OK));
        assert_memory_equal(uri.data, list[i], uri.len);
    }
}


#define all(check, list, want)                                                \
    check_all(check, list, sizeof(list) / sizeof(list[0]), want)


static void
test_raw(void **state)
{
    static const char  *good[] = {
        "", "/", "/a/b", "/a//b", "/a.b/..c/d..e/...", "/.well-known/x",
        "/a...", "/a/b...", "/a/To_be_continued...", "/..a/b",
        "/%41", "/a%20b", "/%C3%A9", "/a%25", "/100%25/b", "/%25zz",
        "/%25u00", "/a%20", "/%20",
        "/a:b@c!$&'()*+,=~", "/caf%E9", "/%C0propos", "/%F8re", "/%F8%A0",
        "/%e3%81%82",
    };
    static const char  *bad[] = {
        "/.", "/..", "/./", "/../", "/a/./b", "/a/../b", "/a/.", "/a/..",
        ".", "..", "x/..",
        "/x../a", "/x..", "/a/x../b", "/x.../a", "/a/x...../b", "/x.%2e/a",
        "/x%2e%2e", "/x.. /a", "/x..%20",
        "/%2e", "/%2E", "/.%2e", "/%2e.", "/%2e%2e/", "/a/%2e%2e/b",
        "/a%2fb", "/a%2Fb", "/..%2f", "/..%2fadmin", "/%2f",
        "/a\\b", "/a%5cb", "/a%5Cb", "/..\\", "/..%5c",
        "/a;b", "/a;jsessionid=1", "/a;/b", "/..;/b", "/a%3bb", "/a%3B",
        "/a%00", "/%00", "/a%00.png", "/a%0a", "/a%0d%0aX:%201", "/%7f",
        "/a%09", "/a\tb", "/a\x7f", "/a#b", "/#",
        "//", "//a", "//a/b", "///a",
        "/%", "/%2", "/%zz", "/a%2", "/a%g0",
        "/%252e%252e/", "/%252f", "/%252F", "/%255c", "/%2500", "/%253b",
        "/%25252f", "/%2525252f", "/%25%32%66", "/%25%32%65%25%32%65/",
        "/%252e", "/a/.%252e/", "/%25252525252525252541",
        "/a%2525", "/a%2541", "/%2561dmin", "/%25%36%31dmin", "/%25u0061dmin",
        "/a%25U002fb", "/%u0061", "/a%2520b",
        "/a%3Fb", "/x%3fpath=/admin", "/a%23b", "/a%253fb",
        "/a/..%20/b", "/a/.%20", "/a/.. /b", "/..%20%20",
        "/%c0%af", "/%C0%AE%c0%ae/", "/%e0%80%af", "/%f0%80%80%af",
        "/%f8%80%80%80%af", "/%fc%80%80%80%80%ae/",
        "/%c1%9c", "/%c0%80", "/\xc0\xaf", "/%25c0%25af", "/\xc0%af",
    };

    (void) state;

    all(rt_uri_raw_check, good, RT_OK);
    all(rt_uri_raw_check, bad, RT_DECLINED);
}


static void
test_alike(void **state)
{
    size_t     i;
    rt_str_t   path, name;

    static const char  *alike[][2] = {
        { "/Admin", "/admin" }, { "/ADMIN", "/admin" }, { "/admin", "/Admin" },
        { "/admin/", "/admin" }, { "/admin", "/admin/" },
        { "/admin.", "/admin" }, { "/admin ", "/admin" },
        { "/admin. /. ", "/admin" }, { "/admin.json", "/admin" },
        { "/aDmin.tar.gz/", "/admin" }, { "/a/B", "/a/b" },
        { "/a//b", "/a/b" }, { "/a.b.c", "/a.b" }, { "//admin", "/admin" },
        { "/ta\xc5\xbf" "ks", "/tasks" }, { "/TAS\xe2\x84\xaaS", "/tasks" },
        { "/tasks", "/ta\xc5\xbf" "ks" }, { "/adm\xc4\xb1n", "/admin" },
        { "/ADM\xc4\xb0N/", "/admin" }, { "/admin\xc2\xa0", "/admin" },
        { "/admin.\xe3\x80\x80/", "/admin" },
        { "/Caf\xc3\xa9", "/caf\xc3\xa9" }, { "/CAF\xe9", "/caf\xe9" },
    };
    static const char  *other[][2] = {
        { "/admin", "/admin" }, { "/admin/", "/admin/" },
        { "/administrator", "/admin" }, { "/admin/x", "/admin" },
        { "/admin.d/x", "/admin" }, { "/admi", "/admin" }, { "/", "/admin" },
        { "", "/admin" }, { "/x", "/" }, { "/.x", "/" }, { "/.", "/" },
        { "/a/b", "/a/c" }, { "/a b", "/a" }, { "/a-b", "/a" },
        { "/\xe6\x97\xa5", "/\xe6\x9c\xac" }, { "/\xe9", "/\xe8" },
        { "/\xe9", "/\xc3\xa9" }, { "/a\xc3", "/a" }, { "/a\xa0", "/a" },
    };

    (void) state;

    for (i = 0; i < sizeof(alike) / sizeof(alike[0]); i++) {
        path = copied(alike[i][0]);
        name = copied(alike[i][1]);

        if (!rt_uri_alike(&path, &name)) {
            fail_msg("%s is not like %s", alike[i][0], alike[i][1]);
        }
    }

    for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        path = copied(other[i][0]);
        name = copied(other[i][1]);

        if (rt_uri_alike(&path, &name)) {
            fail_msg("%s is like %s", other[i][0], other[i][1]);
        }
    }
}


static void
test_raw_nul(void **state)
{
    rt_str_t     path = rt_string("/a\0b");
    const char  *why;

    (void) state;

    assert_int_equal(rt_uri_raw_check(&mem, &path, &why), RT_DECLINED);
    assert_int_equal(rt_uri_return_check(&mem, &path, &why), RT_DECLINED);
}


static void
test_return(void **state)
{
    static const char  *good[] = {
        "/", "/a", "/a/b/", "/a?b=c", "/?", "/a?x=//y", "/a?u=https://b/c",
        "/a?u=https%3A%2F%2Fb%2Fc", "/a?b=%5c&c=\\", "/#/apps/1", "/a#//x",
        "/@user", "/a:b", "/javascript:alert(1)", "/a%20b", "/%C3%A9",
        "/a%2Fb", "/a;b=c", "/..a", "/a..", "/...", "/a%25", "/a?b=100%25",
        "/a?b=1%2B1%3D2", "/-", "/a/b?redirect=/c/../d", "/a%3Fb", "/a=%2e",
    };
    static const char  *bad[] = {
        "", "a", "?a", "#a", "@evil", ".evil", ":80", "evil.com",
        "https://evil", "http:evil", "javascript:alert(1)", "data:,x",
        "//evil", "///evil", "//", "////", "//evil/..", "//@evil", "//%2f",
        "/\\evil", "/\\/evil", "\\/evil", "\\\\evil", "/a\\b", "/a/\\b",
        "/%2fevil", "/%2Fevil", "/%2f%2fevil", "/%5cevil", "/%5Cevil",
        "/a//b", "/a//", "/a/%2fb", "/a%2f%2fb", "/a%2f/b",
        "/.", "/..", "/./evil", "/..//evil", "/.//evil", "/a/../b",
        "/%2e%2e//evil", "/%2e/%2fevil", "/a/%2e%2e/b",
        "/\t/evil", "/%09/evil", "/\n/evil", "/%0a/evil", "/%0d%0aX:1",
        "/\r\n", "/ /evil", "/%20/evil", "/%20%20/evil", " /a", "/a b",
        "/a\x7f", "/a%7f", "/a%00", "/a?b=%0d%0aX:1", "/a?b=%00",
        "/a?b=\n", "/a?b c", "/a#%0a", "/a?%250a",
        "/%252fevil", "/%252f%252fevil", "/%255cevil", "/%25252fevil",
        "/%25%32%66evil", "/%2525252525252fevil", "/%252e%252e/",
        "/%", "/a%2", "/%zz", "/a?b=%", "/a?b=%zz",
        "/%c0%afevil", "/a?b=%c0%8a",
        "/\xc3\xa9", "/a?\xff", "/\xe2\x80\xae", "/\xc2\xa0/evil",
    };

    (void) state;

    all(rt_uri_return_check, good, RT_OK);
    all(rt_uri_return_check, bad, RT_DECLINED);
}


static void
test_return_length(void **state)
{
    rt_str_t     uri;
    const char  *why;

    (void) state;

    uri.data = rt_arena_alloc(&arena, RT_URI_MAX_RETURN + 1);
    memset(uri.data, 'a', RT_URI_MAX_RETURN + 1);
    uri.data[0] = '/';

    uri.len = RT_URI_MAX_RETURN;
    assert_int_equal(rt_uri_return_check(&mem, &uri, &why), RT_OK);
    uri.len++;
    assert_int_equal(rt_uri_return_check(&mem, &uri, &why), RT_DECLINED);
    assert_string_equal(why, "is too long");
}


static void
test_no_memory(void **state)
{
    rt_str_t     uri = rt_string("/a%20b?c=%20");
    rt_str_t     path;
    const char  *why;

    (void) state;

    arena.left = 0;
    assert_int_equal(rt_uri_return_check(&mem, &uri, &why), RT_ERROR);
    assert_int_equal(rt_uri_raw_check(&mem, &uri, &why), RT_ERROR);
    assert_int_equal(rt_uri_path(&mem, &uri, &path), RT_ERROR);
    arena.left = 1;
    assert_int_equal(rt_uri_return_check(&mem, &uri, &why), RT_ERROR);
    arena.left = -1;
}


static void
test_path(void **state)
{
    rt_str_t  uri = rt_string("/a%20b/%C3%A9?c=%20#d");
    rt_str_t  path;

    (void) state;

    assert_int_equal(rt_uri_path(&mem, &uri, &path), RT_OK);
    assert_true(rt_str_lit(&path, "/a b/\xc3\xa9"));

    uri.len = 0;
    assert_int_equal(rt_uri_path(&mem, &uri, &path), RT_OK);
    assert_int_equal(path.len, 0);
}


static void
test_below(void **state)
{
    size_t  i;

    static const struct {
        rt_str_t  path;
        rt_str_t  top;
        int       below;
    } pairs[] = {
        { rt_string("/a"), rt_string("/a"), 1 },
        { rt_string("/a/"), rt_string("/a"), 1 },
        { rt_string("/a/b"), rt_string("/a"), 1 },
        { rt_string("/ab"), rt_string("/a"), 0 },
        { rt_string("/"), rt_string("/a"), 0 },
        { rt_string("/A"), rt_string("/a"), 0 },
        { rt_string("/a"), rt_string("/a/"), 0 },
        { rt_string("/a/"), rt_string("/a/"), 1 },
        { rt_string("/a/b"), rt_string("/a/"), 1 },
        { rt_string("/"), rt_string("/"), 1 },
        { rt_string("/x"), rt_string("/"), 1 },
        { rt_string("x"), rt_string("/"), 0 },
        { rt_string(""), rt_string("/"), 0 },
        { rt_string("/a"), rt_string(""), 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (rt_uri_below(&pairs[i].path, &pairs[i].top) != pairs[i].below) {
            fail_msg("%s below %s", pairs[i].path.data, pairs[i].top.data);
        }
    }
}


static void
test_normal(void **state)
{
    size_t    i;
    rt_str_t  path, out;

    static const char  *cases[][2] = {
        { "", "/" }, { "/", "/" }, { "*", "*" }, { "/a/b", "/a/b" },
        { "/%7e%41%2d", "/~A-" }, { "/%2f%c3%A9%25", "/%2F%C3%A9%25" },
        { "/%", "/%" }, { "/%4", "/%4" }, { "/%zz", "/%zz" },
        { "/a/./b", "/a/b" }, { "/a/../b", "/b" }, { "/../../b", "/b" },
        { "/a/..", "/" }, { "/a/b/..", "/a/" }, { "/a/.", "/a/" },
        { "/..", "/" }, { "/.", "/" }, { "/.a/..b/c.", "/.a/..b/c." },
        { "/a/%2e%2e/b", "/b" }, { "//a//b", "//a//b" },
        { "//..//a", "//a" }, { "/a//../b", "/a/b" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        path = str(cases[i][0]);

        assert_int_equal(rt_uri_normal(&mem, &path, &out), RT_OK);

        if (!rt_str_is(&out, cases[i][1], strlen(cases[i][1]))) {
            fail_msg("%s: %.*s", cases[i][0], (int) out.len, out.data);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_raw),
        ARENA_TEST(test_alike),
        ARENA_TEST(test_raw_nul),
        ARENA_TEST(test_return),
        ARENA_TEST(test_return_length),
        ARENA_TEST(test_no_memory),
        ARENA_TEST(test_path),
        ARENA_TEST(test_below),
        ARENA_TEST(test_normal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}


/* rt_logpath: what of a request's path stands in a log line */

#include "rt_test.h"
#include "text/rt_logpath.h"


#define TEN      "abcdefghij"
#define SIXTY    TEN TEN TEN TEN TEN TEN
#define HEADER   "eyJhbGciOiJIUzI1NiJ9"

/* a slash before it would begin a comment */
#define STAR     "*"


static void
expect(const char *path, const char *want)
{
    size_t         n;
    rt_str_t       s;
    unsigned char  out[RT_LOGPATH_MAX];

    s = copied(path);
    n = rt_logpath(out, &s);

    if (n != strlen(want) || memcmp(out, want, n) != 0) {
        fail_msg("%s gives %.*s", path, (int) n, (char *) out);
    }
}


static void
shown(void **state)
{
    (void) state;

    expect("", "");
    expect("/", "/");
    expect("/a/b.js", "/a/b.js");
    expect("/a%20b/..;/%2e%2e/x&y", "/a%20b/..;/%2e%2e/x&y");
    expect("/keyboard/eyes/a.b.c", "/keyboard/eyes/a.b.c");
    expect("/9b2e4c7e-7a51-4a3c-8c1d-0f1e2d3c4b5a/x",
           "/9b2e4c7e-7a51-4a3c-8c1d-0f1e2d3c4b5a/x");
    expect("/" SIXTY "abcd", "/" SIXTY "abcd");
}


static void
cut_at_the_query(void **state)
{
    (void) state;

    expect("/a?password=x", "/a");
    expect("/a#x", "/a");
    expect("/a%3fpassword/x", "/a");
    expect("/a%3Fb", "/a");
    expect("/a%23b/c", "/a");
    expect("?a", "");
}


static void
masked(void **state)
{
    (void) state;

    expect("/" SIXTY "abcde/x", "/" STAR "/x");
    expect("/a;jsessionid=1234/x", "/a;jsessionid" STAR "/x");
    expect("/a%3bpassword%3dgeheim/x", "/a%3bpassword" STAR "/x");
    expect("/a%253fpassword%253dx/y", "/a" STAR "/y");
    expect("/100%/y", "/100" STAR "/y");
    expect("/https:/user:secret@host/y", "/https:/" STAR "/y");
    expect("/user%40example.com/y", "/" STAR "/y");
    expect("/t/" HEADER ".e30.c2ln/y", "/t/" STAR);
    expect("/t/" HEADER ".e30./y", "/t/" STAR);
    expect("/t/" HEADER "/a+b.c/d.e/f", "/t/" STAR);
    expect("/t/ewogICJh.e30.x", "/t/" STAR);
    expect("/t/x" HEADER ".e30.c2ln", "/t/x*");
}


static void
one_line(void **state)
{
    (void) state;

    expect("/a\"b\\c", "/a\\x22b\\x5cc");
    expect("/a\r\n\x1b\x7f\xc3\xa9", "/a\\x0d\\x0a\\x1b\\x7f\\xc3\\xa9");
}


static void
bounded(void **state)
{
    size_t         n;
    rt_str_t       s;
    unsigned char  out[RT_LOGPATH_MAX];

    (void) state;

    s = copy_of("", 0);
    s.data = rt_alloc(&mem, 70000);
    s.len = 70000;

    memset(s.data, '/', s.len);
    n = rt_logpath(out, &s);
    assert_int_equal(n, RT_LOGPATH_MAX);
    assert_memory_equal(out + n - 4, "/...", 4);

    for (n = 0; n < s.len; n += 2) {
        memcpy(s.data + n, "/\xff", 2);
    }

    n = rt_logpath(out, &s);
    assert_in_range(n, RT_LOGPATH_MAX - 4, RT_LOGPATH_MAX);
    assert_memory_equal(out + n - 3, "...", 3);

    memset(s.data, 'e', s.len);
    n = rt_logpath(out, &s);
    assert_int_equal(n, 1);
    assert_memory_equal(out, "*", 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(shown),
        ARENA_TEST(cut_at_the_query),
        ARENA_TEST(masked),
        ARENA_TEST(one_line),
        ARENA_TEST(bounded)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

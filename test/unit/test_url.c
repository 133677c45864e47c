
/* rt_url: URLs a module goes to */

#include "rt_test.h"
#include "text/rt_url.h"


typedef struct {
    const char  *text;
    const char  *host;
    const char  *shown;
    unsigned     port;
    int          tls;
    int          kind;          /* 'n'ame, '4', '6' */
} good_t;


static const good_t  good[] = {
    { "https://a", "a", "https://a", 443, 1, 'n' },
    { "http://a", "a", "http://a", 80, 0, 'n' },
    { "HTTPS://A.Example/p", "A.Example", "HTTPS://A.Example/p", 443, 1, 'n' },
    { "https://a:8443/jwks?key=s3cret", "a", "https://a:8443/jwks", 8443, 1,
      'n' },
    { "https://a?key=s3cret", "a", "https://a", 443, 1, 'n' },
    { "https://a:1/?", "a", "https://a:1/", 1, 1, 'n' },
    { "https://a:65535", "a", "https://a:65535", 65535, 1, 'n' },
    { "https://a:00443", "a", "https://a:00443", 443, 1, 'n' },
    { "https://a/b@c", "a", "https://a/b@c", 443, 1, 'n' },
    { "https://a_b-c.d/", "a_b-c.d", "https://a_b-c.d/", 443, 1, 'n' },
    { "https://a.b./x", "a.b.", "https://a.b./x", 443, 1, 'n' },
    { "https://1a.2b/", "1a.2b", "https://1a.2b/", 443, 1, 'n' },
    { "https://10.example", "10.example", "https://10.example", 443, 1, 'n' },
    { "http://127.0.0.1:81/x", "127.0.0.1", "http://127.0.0.1:81/x", 81, 0,
      '4' },
    { "http://255.255.255.255", "255.255.255.255", "http://255.255.255.255",
      80, 0, '4' },
    { "http://0.0.0.0", "0.0.0.0", "http://0.0.0.0", 80, 0, '4' },
    { "https://[::1]/x", "::1", "https://[::1]/x", 443, 1, '6' },
    { "https://[::ffff:1.2.3.4]:8443", "::ffff:1.2.3.4",
      "https://[::ffff:1.2.3.4]:8443", 8443, 1, '6' },
};


static const char  *bad[] = {
    "", "https", "https:", "https:/", "https://", "https:///a", "https://?a",
    "//a/b", "/a", "a", "ftp://a", "file:///etc/passwd", "httpss://a",
    " https://a", "https://a ", "https://a b", "https://a\tb", "https://a/\n",
    "https://a/#x", "https://a\\b", "https://a/\x7f", "https://\xc3\xa9",
    "https://a/\xc3\xa9",
    "https://u@a", "https://u:p@a/", "https://u:p/w@a", "https://@a",
    "https://a:443@b", "https://a%2eb", "https://a,b", "https://a;b",
    "https://a'b", "https://a$b", "https://a*b", "https://a:b:c",
    "https://a:", "https://a:/x", "https://a:0", "https://a:65536",
    "https://a:99999999999999999999", "https://a:-1", "https://a:+1",
    "https://a:1x", "https://a: 1", "https://a:0x50",
    "https://[::1", "https://[::1/", "https://[]", "https://[::1]x",
    "https://[::1%25lo]", "https://[a b]", "https://[1.2.3.4]", "https://::1/",
    /* one reader's address, another reader's name or other address */
    "https://127.1", "https://127.0.1", "https://2130706433",
    "https://0x7f000001", "https://0X7f.1", "https://127.0.0.0x1",
    "https://0127.0.0.1", "https://127.0.0.01", "https://127.0.0.010",
    "https://127.0.0.1.", "https://1.2.3.4.5", "https://256.1.1.1",
    "https://1.2.3.1000", "https://1..2.3", "https://a.1", "https://a.0x1",
    "https://a.0x", "https://a.1.", "https://.", "https://..", "https://a..",
};


static void
test_good(void **state)
{
    size_t         i;
    rt_str_t       text;
    rt_url_t       url;
    const char    *why;
    const good_t  *g;

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        g = &good[i];
        text = copied(g->text);

        if (rt_url_parse(&text, &url, &why) != RT_OK) {
            fail_msg("%s %s", g->text, why);
        }

        assert_true(is_text(&url.host, g->host));
        assert_true(is_text(&url.shown, g->shown));
        assert_int_equal(url.port, g->port);
        assert_int_equal(url.tls, g->tls);
        assert_int_equal(url.quad, g->kind == '4');
        assert_int_equal(url.bracketed, g->kind == '6');
    }
}


static void
test_bad(void **state)
{
    size_t       i;
    rt_str_t     text;
    rt_url_t     url;
    const char  *why;

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text = copied(bad[i]);
        why = NULL;

        if (rt_url_parse(&text, &url, &why) != RT_DECLINED) {
            fail_msg("%s is accepted", bad[i]);
        }

        assert_non_null(why);
    }

    text = copy_of("https://a\0b", 11);
    assert_int_equal(rt_url_parse(&text, &url, &why), RT_DECLINED);
}


static void
test_bounds(void **state)
{
    char         buf[RT_URL_MAX + 2];
    rt_str_t     text;
    rt_url_t     url;
    const char  *why;

    (void) state;

    memset(buf, 'a', sizeof(buf));
    memcpy(buf, "https://a/", 10);

    text = copy_of(buf, RT_URL_MAX);
    assert_int_equal(rt_url_parse(&text, &url, &why), RT_OK);

    text = copy_of(buf, RT_URL_MAX + 1);
    assert_int_equal(rt_url_parse(&text, &url, &why), RT_DECLINED);

    memset(buf + 8, 'a', RT_URL_MAX_HOST + 1);

    text = copy_of(buf, 8 + RT_URL_MAX_HOST);
    assert_int_equal(rt_url_parse(&text, &url, &why), RT_OK);

    text = copy_of(buf, 8 + RT_URL_MAX_HOST + 1);
    assert_int_equal(rt_url_parse(&text, &url, &why), RT_DECLINED);
}


static void
test_login(void **state)
{
    size_t    i;
    rt_str_t  text;

    static const char  *with[] = {
        "https://u@a", "https://u:p@a/x", "https://:p@a", "ftp://u@a",
        "https://u:p/w@a", "https://u:p?w@a", "https://u:p#w@a", "x://@",
    };
    static const char  *without[] = {
        "", "a", "://", "https://a", "https://a/b@c", "https://a:1/b@c",
        "https://[::1]/b@c", "https://[::1]:8/b@c", "https://a?m=u@a",
    };

    (void) state;

    for (i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
        text = copied(with[i]);
        assert_true(rt_url_login(&text));
    }

    for (i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
        text = copied(without[i]);
        assert_false(rt_url_login(&text));
    }
}


static void
test_same_origin(void **state)
{
    size_t       i;
    rt_str_t     text;
    rt_url_t     a, b;
    const char  *why;

    static const struct {
        const char  *url;
        int          same;
    } list[] = {
        { "https://a.example", 1 },
        { "HTTPS://A.EXAMPLE:443/other?x", 1 },
        { "http://a.example:443/", 0 },
        { "https://a.example:444/", 0 },
        { "https://b.example/", 0 },
        { "https://a.example./", 0 },
        { "https://a.example.b/", 0 },
    };

    (void) state;

    text = STR("https://a.example/x");
    assert_int_equal(rt_url_parse(&text, &a, &why), RT_OK);

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        text = copied(list[i].url);
        assert_int_equal(rt_url_parse(&text, &b, &why), RT_OK);
        assert_int_equal(rt_url_same_origin(&a, &b), list[i].same);
        assert_int_equal(rt_url_same_origin(&b, &a), list[i].same);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_good),
        ARENA_TEST(test_bad),
        ARENA_TEST(test_bounds),
        ARENA_TEST(test_login),
        ARENA_TEST(test_same_origin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}


#include "rt_test.h"
#include "oidc/rt_origin.h"


static rt_origin_t
origin(const char *text)
{
    rt_str_t      s;
    const char   *why;
    rt_origin_t   o;

    s = str(text);

    if (rt_origin_parse(&s, &o, &why) != RT_OK) {
        fail_msg("%s %s", text, why);
    }

    return o;
}


static void
test_parse(void **state)
{
    char          buf[RT_URL_MAX + 1];
    size_t        i;
    rt_str_t      text;
    const char   *why;
    rt_origin_t   o;

    static const char  *good[] = {
        "https://a.example", "HTTPS://A.example:8443", "http://127.0.0.1:81",
        "http://[::1]:8080", "capacitor://localhost", "app+x-1.y://a",
        "chrome-extension://abcdefghijklmnop", "http://a_b",
        "https://az-09.example", "zoo9://a",
    };
    static const char  *bad[] = {
        "", "null", "a.example", "//a.example", "://a", "https:", "https://",
        "https:///", "https://a/", "https://a/b", "https://a?b", "https://a#b",
        "https://u@a", "https://a b", "https://a,https://b", "https://a\\b",
        "https://a https://b", "1ttp://a", "+x://a", "h_t://a", "file:///",
        "https://a:0", "https://a:65536", "https://a:", "https://a:b",
        "https:/\x2f*.a", "https://[::1", "capacitor://", "x://a/",
        "http://1.2", "https://\xc3\xa9", "https://%61",
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        text = copied(good[i]);
        assert_int_equal(rt_origin_parse(&text, &o, &why), RT_OK);
        assert_true(rt_origin_same(&o, &o));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text = copied(bad[i]);
        why = NULL;

        if (rt_origin_parse(&text, &o, &why) != RT_DECLINED) {
            fail_msg("%s is accepted", bad[i]);
        }

        assert_non_null(why);
    }

    memset(buf, 'a', sizeof(buf));
    memcpy(buf, "x://", 4);

    text = copy_of(buf, RT_URL_MAX);
    assert_int_equal(rt_origin_parse(&text, &o, &why), RT_OK);

    text = copy_of(buf, RT_URL_MAX + 1);
    assert_int_equal(rt_origin_parse(&text, &o, &why), RT_DECLINED);
}


static void
test_same(void **state)
{
    size_t       i;
    rt_origin_t  a, b;

    static const struct {
        const char  *a;
        const char  *b;
        int          same;
    } list[] = {
        { "https://a.example", "HTTPS://A.Example:443", 1 },
        { "http://a.example:80", "http://a.example", 1 },
        { "http://[::1]", "http://[::1]:80", 1 },
        { "https://a.example", "http://a.example", 0 },
        { "https://a.example:443", "http://a.example:443", 0 },
        { "https://a.example", "https://a.example:8443", 0 },
        { "https://a.example", "https://b.a.example", 0 },
        { "https://a.example", "https://a.example.", 0 },
        { "https://a.example", "https://xa.example", 0 },
        { "capacitor://localhost", "Capacitor://LOCALHOST", 1 },
        { "capacitor://localhost", "capacitor://localhost:443", 0 },
        { "capacitor://localhost", "ionic://localhost", 0 },
        { "capacitor://localhost", "http://localhost", 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        a = origin(list[i].a);
        b = origin(list[i].b);
        assert_int_equal(rt_origin_same(&a, &b), list[i].same);
        assert_int_equal(rt_origin_same(&b, &a), list[i].same);
    }
}


#define SITE    "was started by a page of another origin"
#define NO_ONE  "has an Origin that is \"null\" or none at all"
#define OTHER   "has an Origin that is not ours"
#define TWICE   "has several Origin or Sec-Fetch-Site lines"


typedef struct {
    const char  *method;
    int          websocket;
    const char  *site;
    const char  *origin;
    const char  *why;           /* NULL: it passes */
} row_t;


static rt_origin_request_t
request(const row_t *row)
{
    rt_origin_request_t  r;

    memset(&r, 0, sizeof(rt_origin_request_t));
    r.method = str(row->method);
    r.websocket = row->websocket;

    if (row->site) {
        r.site = str(row->site);
    }

    if (row->origin) {
        r.origin = str(row->origin);
    }

    return r;
}


static void
assert_answer(const rt_origin_request_t *r, const char *want, size_t row)
{
    const char   *why;
    rt_status_e   rc;

    rc = rt_origin_check(r, &why);

    if (rc != (want ? RT_DECLINED : RT_OK)
        || (want && strcmp(why, want) != 0))
    {
        fail_msg("row %zu: %s", row, rc == RT_OK ? "passes" : why);
    }
}


static void
test_check(void **state)
{
    size_t                i;
    rt_origin_t           ours, allowed[2];
    rt_origin_request_t   r;

    static const row_t  rows[] = {
        /* safe methods need nothing */
        { "GET", 0, "cross-site", "https://evil", NULL },
        { "HEAD", 0, "cross-site", "null", NULL },
        { "OPTIONS", 0, "same-site", "https://evil", NULL },
        { "get", 0, "cross-site", NULL, SITE },
        { "TRACE", 0, "cross-site", NULL, SITE },
        { "PROPFIND", 0, NULL, "https://evil", OTHER },
        /* a handshake is not safe */
        { "GET", 1, "cross-site", "https://evil", SITE },
        { "GET", 1, NULL, "https://evil", OTHER },
        { "GET", 1, NULL, "https://a.example", NULL },
        { "GET", 1, "same-origin", "https://a.example", NULL },
        { "GET", 1, NULL, NULL, NULL },
        /* with Sec-Fetch-Site */
        { "POST", 0, "same-origin", "https://a.example", NULL },
        { "POST", 0, "same-origin", "null", NULL },
        { "POST", 0, "same-origin", NULL, NULL },
        { "POST", 0, "none", NULL, NULL },
        { "POST", 0, "same-site", "https://b.a.example", SITE },
        { "POST", 0, "same-site", NULL, SITE },
        { "POST", 0, "cross-site", NULL, SITE },
        { "POST", 0, "cross-site", "https://a.example", SITE },
        { "POST", 0, "cross-site", "https://evil", SITE },
        { "POST", 0, "Same-Origin", NULL, SITE },
        { "POST", 0, "", NULL, SITE },
        { "DELETE", 0, "cross-site", "https://evil", SITE },
        /* without it */
        { "POST", 0, NULL, NULL, NULL },
        { "POST", 0, NULL, "https://a.example", NULL },
        { "POST", 0, NULL, "https://A.EXAMPLE:443", NULL },
        { "POST", 0, NULL, "http://a.example", OTHER },
        { "POST", 0, NULL, "https://a.example:444", OTHER },
        { "POST", 0, NULL, "https://b.a.example", OTHER },
        { "POST", 0, NULL, "null", NO_ONE },
        { "POST", 0, NULL, "", NO_ONE },
        { "POST", 0, NULL, "https://a.example/", NO_ONE },
        /* those allowed */
        { "POST", 0, "cross-site", "https://ok.example", NULL },
        { "POST", 0, "same-site", "https://OK.example", NULL },
        { "POST", 0, NULL, "capacitor://localhost", NULL },
        { "GET", 1, "cross-site", "capacitor://localhost", NULL },
        { "POST", 0, NULL, "http://ok.example", OTHER },
        { "POST", 0, "cross-site", "https://x.ok.example", SITE },
    };

    (void) state;

    ours = origin("https://a.example");
    allowed[0] = origin("https://ok.example");
    allowed[1] = origin("capacitor://localhost");

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        r = request(&rows[i]);
        r.ours = &ours;
        r.allowed = allowed;
        r.nallowed = 2;
        assert_answer(&r, rows[i].why, i);
    }
}


static void
test_unknown(void **state)
{
    rt_origin_t           allowed;
    rt_origin_request_t   r;

    static const row_t  post = { "POST", 0, NULL, "https://a.example", NULL };
    static const row_t  bare = { "POST", 0, NULL, NULL, NULL };
    static const row_t  get = { "GET", 0, NULL, NULL, NULL };
    static const row_t  same = { "POST", 0, "same-origin", NULL, NULL };

    (void) state;

    /* who does not know his own origin believes no other */

    r = request(&post);
    assert_answer(&r, OTHER, 0);

    r = request(&bare);
    assert_answer(&r, NULL, 1);

    /* one of several lines may be the attacker's, the other the browser's */

    allowed = origin("https://a.example");

    r = request(&post);
    r.allowed = &allowed;
    r.nallowed = 1;
    assert_answer(&r, NULL, 2);

    r.repeated = 1;
    assert_answer(&r, TWICE, 3);

    r = request(&same);
    r.repeated = 1;
    assert_answer(&r, TWICE, 4);

    r = request(&get);
    r.repeated = 1;
    assert_answer(&r, NULL, 5);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_parse),
        ARENA_TEST(test_same),
        ARENA_TEST(test_check),
        ARENA_TEST(test_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

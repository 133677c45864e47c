
#include "rt_test.h"
#include "oidc/rt_navigation.h"


#define FIREFOX  "text/html,application/xhtml+xml,application/xml;q=0.9"

#define PAGE   RT_NAVIGATION_PAGE
#define FRAME  RT_NAVIGATION_FRAME
#define OTHER  RT_NAVIGATION_OTHER


typedef struct {
    const char       *method;
    const char       *mode;
    const char       *dest;
    const char       *site;
    const char       *accept;
    rt_navigation_e   answer;
} row_t;


static rt_navigation_t
request(const row_t *row)
{
    rt_navigation_t  r;

    memset(&r, 0, sizeof(rt_navigation_t));
    r.method = str(row->method);

    if (row->mode) {
        r.mode = str(row->mode);
    }

    if (row->dest) {
        r.dest = str(row->dest);
    }

    if (row->site) {
        r.site = str(row->site);
    }

    if (row->accept) {
        r.accept = str(row->accept);
    }

    return r;
}


static void
test_metadata(void **state)
{
    size_t           i;
    rt_navigation_t  r;

    static const row_t  rows[] = {
        { "GET", "navigate", "document", "none", FIREFOX, PAGE },
        { "HEAD", "navigate", "document", NULL, NULL, PAGE },
        { "POST", "navigate", "document", "none", FIREFOX, OTHER },
        { "get", "navigate", "document", "none", FIREFOX, OTHER },
        { "OPTIONS", "navigate", "document", NULL, NULL, OTHER },
        { "GET", "navigate", "iframe", "cross-site", FIREFOX, FRAME },
        { "GET", "navigate", "frame", NULL, NULL, FRAME },
        { "GET", "navigate", "embed", NULL, NULL, FRAME },
        { "HEAD", "navigate", "object", NULL, NULL, FRAME },
        { "POST", "navigate", "iframe", NULL, NULL, OTHER },
        { "GET", "navigate", "fencedframe", NULL, FIREFOX, OTHER },
        { "GET", "navigate", "empty", NULL, FIREFOX, OTHER },
        { "GET", "navigate", "", NULL, FIREFOX, OTHER },
        { "GET", "navigate", NULL, NULL, FIREFOX, OTHER },
        { "GET", "no-cors", "document", NULL, FIREFOX, OTHER },
        { "GET", "no-cors", "iframe", NULL, FIREFOX, OTHER },
        { "GET", "cors", "empty", "same-origin", FIREFOX, OTHER },
        { "GET", "same-origin", "empty", NULL, FIREFOX, OTHER },
        { "GET", "websocket", "websocket", NULL, FIREFOX, OTHER },
        { "GET", "no-cors", "image", NULL, "image/avif", OTHER },
        { "GET", "NAVIGATE", "document", NULL, FIREFOX, OTHER },
        { "GET", NULL, "document", NULL, FIREFOX, OTHER },
        { "GET", NULL, NULL, "none", FIREFOX, OTHER },
        { "GET", "", NULL, NULL, FIREFOX, OTHER },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        r = request(&rows[i]);

        if (rt_navigation(&r) != rows[i].answer) {
            fail_msg("row %zu is %d", i, rt_navigation(&r));
        }
    }
}


static void
test_accept(void **state)
{
    size_t           i;
    rt_navigation_t  r;

    static const row_t  rows[] = {
        { "GET", NULL, NULL, NULL, FIREFOX, PAGE },
        { "HEAD", NULL, NULL, NULL, "text/html", PAGE },
        { "GET", NULL, NULL, NULL, "image/x,\t Text/HTML ;q=0.1,", PAGE },
        { "GET", NULL, NULL, NULL, ",text/html", PAGE },
        { "POST", NULL, NULL, NULL, FIREFOX, OTHER },
        { "GET", NULL, NULL, NULL, NULL, OTHER },
        { "GET", NULL, NULL, NULL, "", OTHER },
        { "GET", NULL, NULL, NULL, "*\x2f*", OTHER },
        { "GET", NULL, NULL, NULL, "application/json", OTHER },
        { "GET", NULL, NULL, NULL, "text/html5, text/htm", OTHER },
        { "GET", NULL, NULL, NULL, "xtext/html, text\x2f*", OTHER },
        { "GET", NULL, NULL, NULL, "a/b;x=text/html", OTHER },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        r = request(&rows[i]);

        if (rows[i].accept) {
            r.accept = copied(rows[i].accept);
        }

        if (rt_navigation(&r) != rows[i].answer) {
            fail_msg("row %zu is %d", i, rt_navigation(&r));
        }
    }
}


/* each of these alone makes something else of a navigation */

static void
test_spoilers(void **state)
{
    size_t           i, n;
    rt_navigation_t  r;

    static const row_t  with = { "GET", "navigate", "document", "none",
                                 FIREFOX, PAGE };
    static const row_t  frame = { "GET", "navigate", "iframe", NULL, NULL,
                                  FRAME };
    static const row_t  without = { "GET", NULL, NULL, NULL, FIREFOX, PAGE };

    static const row_t  *rows[] = { &with, &frame, &without };

    static const char  *speculative[] = {
        "prefetch", "prefetch;prerender", "prerender", "Prefetch",
        "prefetch;anonymous-client-ip",
    };

    (void) state;

    for (i = 0; i < 3; i++) {
        r = request(rows[i]);
        assert_int_equal(rt_navigation(&r), rows[i]->answer);

        for (n = 0; n < sizeof(speculative) / sizeof(speculative[0]); n++) {
            r = request(rows[i]);
            r.sec_purpose = copied(speculative[n]);
            assert_int_equal(rt_navigation(&r), OTHER);

            r = request(rows[i]);
            r.purpose = copied(speculative[n]);
            assert_int_equal(rt_navigation(&r), OTHER);
        }

        r = request(rows[i]);
        r.sec_purpose = STR("pre");
        r.purpose = STR("");
        assert_int_equal(rt_navigation(&r), rows[i]->answer);

        r = request(rows[i]);
        r.upgrade = STR("websocket");
        assert_int_equal(rt_navigation(&r), OTHER);

        r = request(rows[i]);
        r.repeated = 1;
        assert_int_equal(rt_navigation(&r), OTHER);
    }
}


/* Android's WebView sends it with every navigation */

static void
test_requested_with(void **state)
{
    rt_navigation_t  r;

    static const row_t  with = { "GET", "navigate", "document", "none",
                                 FIREFOX, PAGE };
    static const row_t  without = { "GET", NULL, NULL, NULL, FIREFOX, PAGE };

    (void) state;

    r = request(&with);
    r.requested_with = STR("org.example.app");
    assert_int_equal(rt_navigation(&r), PAGE);

    r = request(&without);
    r.requested_with = STR("XMLHttpRequest");
    assert_int_equal(rt_navigation(&r), OTHER);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_metadata),
        ARENA_TEST(test_accept),
        ARENA_TEST(test_spoilers),
        ARENA_TEST(test_requested_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}


#include "rt_test.h"
#include "csp/rt_csp_report.h"


static const char *
said(const char *text, rt_status_e rc)
{
    char             *out;
    rt_str_t          body;
    rt_jsonw_t        w;
    rt_csp_report_t  *report;

    body = copied(text);
    report = rt_alloc(&mem, sizeof(rt_csp_report_t));

    assert_int_equal(rt_csp_report(&mem, &body, report), rc);

    if (rc != RT_OK || report->n == 0) {
        return "";
    }

    out = rt_alloc(&mem, 4096);
    rt_jsonw_init(&w, (unsigned char *) out, 4095);
    rt_csp_report_write(report, &w);
    out[rt_jsonw_len(&w)] = '\0';

    return out;
}


#define ONE  "{\"action\":\"CSP_VIOLATION\",\"reports\":1,\"classes\":"

/* as Firefox, Chromium and Safari send them, with secrets where they may be */

static void
test_browsers(void **state)
{
    (void) state;

    /* Firefox, report-uri */

    assert_string_equal(said(
        "{\"csp-report\":{\"blocked-uri\":\"https://c.example/a.js?k=SeCrEt\","
        "\"column-number\":1,\"disposition\":\"enforce\","
        "\"document-uri\":\"https://app.example/reset;s=SeCrEt?t=SeCrEt\","
        "\"effective-directive\":\"script-src-elem\",\"line-number\":7,"
        "\"original-policy\":\"script-src 'nonce-SeCrEt'\","
        "\"referrer\":\"https://app.example/?SeCrEt\","
        "\"source-file\":\"https://app.example/x.js?SeCrEt\","
        "\"status-code\":200,\"violated-directive\":\"script-src-elem\"}}",
        RT_OK),
        ONE "{\"app\":1},\"violations\":[{\"directive\":\"script-src-elem\","
        "\"class\":\"app\",\"disposition\":\"enforce\","
        "\"blocked\":\"https://c.example/a.js\","
        "\"document\":\"https://app.example/reset\","
        "\"source\":\"https://app.example/x.js\",\"line\":7}]}");

    /* Chromium, report-uri: an inline script and its first bytes */

    assert_string_equal(said(
        "{\"csp-report\":{\"document-uri\":\"http://u:SeCrEt@h/p\","
        "\"referrer\":\"\",\"violated-directive\":\"style-src-attr\","
        "\"effective-directive\":\"style-src-attr\",\"original-policy\":\"\","
        "\"disposition\":\"report\",\"blocked-uri\":\"inline\","
        "\"line-number\":0,\"status-code\":200,"
        "\"script-sample\":\"var t='SeCrEt'\"}}", RT_OK),
        ONE "{\"inline\":1},\"violations\":[{\"directive\":\"style-src-attr\","
        "\"class\":\"inline\",\"disposition\":\"report\","
        "\"blocked\":\"inline\",\"document\":\"http:\"}]}");

    /* Chromium, Reporting API: another kind beside it */

    assert_string_equal(said(
        "[{\"age\":2,\"type\":\"deprecation\",\"url\":\"https://a/?SeCrEt\","
        "\"body\":{\"message\":\"SeCrEt\"}},"
        "{\"age\":1,\"body\":{\"blockedURL\":\"eval\",\"columnNumber\":12,"
        "\"disposition\":\"enforce\",\"documentURL\":\"https://a/b#SeCrEt\","
        "\"effectiveDirective\":\"script-src\",\"lineNumber\":3,"
        "\"originalPolicy\":\"script-src 'nonce-SeCrEt'\",\"referrer\":null,"
        "\"sample\":\"SeCrEt\",\"sourceFile\":\"https://a/b\","
        "\"statusCode\":200},\"type\":\"csp-violation\","
        "\"url\":\"https://a/b?SeCrEt\",\"user_agent\":\"Mozilla/5.0\"}]",
        RT_OK),
        ONE "{\"eval\":1},\"violations\":[{\"directive\":\"script-src\","
        "\"class\":\"eval\",\"disposition\":\"enforce\",\"blocked\":\"eval\","
        "\"document\":\"https://a/b\",\"source\":\"https://a/b\","
        "\"line\":3}]}");

    /* one report alone; an old browser, which gives the whole directive */

    assert_string_equal(said(
        "{\"type\":\"csp-violation\",\"body\":{\"blockedURL\":\"data\","
        "\"violatedDirective\":\"IMG-SRC 'self' SeCrEt\"}}", RT_OK),
        ONE "{\"app\":1},\"violations\":[{\"directive\":\"img-src\","
        "\"class\":\"app\",\"disposition\":\"enforce\","
        "\"blocked\":\"data\"}]}");
}


static void
test_classes(void **state)
{
    size_t       i;
    char         body[512];
    const char  *out;

    static const struct {
        const char  *blocked;
        const char  *source;
        const char  *class;
    } list[] = {
        { "https://a.example/x", "https://h/x.js", "app" },
        { "wss://a.example/x", "", "app" },
        { "blob", "", "app" },
        { "inline", "https://h/", "inline" },
        { "", "", "inline" },
        { "wasm-eval", "", "eval" },
        { "chrome-extension", "", "extension" },
        { "chrome-extension://abcdef/x.js", "", "extension" },
        { "inline", "moz-extension://1234/x.js", "extension" },
        { "eval", "moz-extension", "extension" },
        { "safari-web-extension://1/x", "", "extension" },
        { "webkit-masked-url://hidden/", "", "extension" },
        { "https://gc.kis.v2.scr.kaspersky-labs.com/x", "", "injected" },
        { "http://127.0.0.1:9000/x", "", "injected" },
        { "ws://localhost:9000/x", "", "injected" },
        { "about", "", "injected" },
        { "https://localhost.example/x", "", "app" },
        { "https://moz-extension/x", "", "app" },
    };

    (void) state;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        snprintf(body, sizeof(body), "{\"csp-report\":{\"document-uri\":"
                 "\"https://h/\",\"effective-directive\":\"script-src\","
                 "\"blocked-uri\":\"%s\",\"source-file\":\"%s\"}}",
                 list[i].blocked, list[i].source);

        out = said(body, RT_OK);
        snprintf(body, sizeof(body), "\"class\":\"%s\"", list[i].class);

        if (strstr(out, body) == NULL) {
            fail_msg("%s: %s", list[i].blocked, out);
        }
    }

    /* a page of this very machine may have a service beside it */

    assert_non_null(strstr(said("{\"csp-report\":{\"document-uri\":"
        "\"http://127.0.0.1/\",\"effective-directive\":\"connect-src\","
        "\"blocked-uri\":\"http://localhost:9000/x\"}}", RT_OK),
        "\"class\":\"app\""));
}


static void
test_addresses(void **state)
{
    size_t       i;
    char         body[1024], want[1024];
    const char  *out;

    static const struct {
        const char  *url;
        const char  *shown;         /* NULL: nothing */
    } list[] = {
        { "https://h/a/b?q#f", "https://h/a/b" },
        { "https://h#f", "https://h" },
        { "https://h:8443/a;jsessionid=1", "https://h:8443/a" },
        { "HTTPS://h/A", "HTTPS://h/A" },
        { "https://u@h/a", "https:" },
        { "https:///a", "https:" },
        { "https:h", "https:" },
        { "data:text/html,SeCrEt", "data:" },
        { "blob:https://h/SeCrEt", "blob:" },
        { "file:///home/SeCrEt", "file:" },
        { "https://h/a\\\"b", "https://h/a" },
        { "https://h/a b", "https://h/a" },
        { "https://h/\\u00e4", "https://h/" },
        { "https://h/\\u0000x", "https://h/" },
        { "two words", NULL },
        { "a?b", NULL },
        { "abcdefghijklmnopqrstuvwxyzabcdefg", NULL },
        { "//h/a", NULL },
        { "", NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        snprintf(body, sizeof(body), "{\"csp-report\":{\"document-uri\":"
                 "\"%s\",\"effective-directive\":\"img-src\"}}", list[i].url);
        snprintf(want, sizeof(want), "\"document\":\"%s\"",
                 list[i].shown ? list[i].shown : "");

        out = said(body, RT_OK);

        if (list[i].shown ? strstr(out, want) == NULL
                          : strstr(out, "document") != NULL)
        {
            fail_msg("%s: %s", list[i].url, out);
        }
    }

    /* no longer than that */

    snprintf(body, sizeof(body), "{\"csp-report\":{\"effective-directive\":"
             "\"img-src\",\"blocked-uri\":\"https://%0500d\"}}", 1);

    out = strstr(said(body, RT_OK), "\"blocked\":\"");
    assert_non_null(out);
    assert_int_equal(strcspn(out + 11, "\""), RT_CSP_REPORT_URL);
}


static void
test_refused(void **state)
{
    char    *deep;
    size_t   i;

    (void) state;

    said("", RT_INVALID);
    said("{", RT_INVALID);
    said("1", RT_INVALID);
    said("\"csp-report\"", RT_INVALID);
    said("{}", RT_INVALID);
    said("{\"csp-reports\":{}}", RT_INVALID);
    said("{\"csp-report\":{}} x", RT_INVALID);

    deep = rt_alloc(&mem, 10001);
    memset(deep, '[', 10000);
    deep[10000] = '\0';
    said(deep, RT_TOO_BIG);

    for (i = 0; i < 10000; i += 2) {
        deep[i] = i ? ',' : '[';
        deep[i + 1] = '1';
    }

    said(deep, RT_TOO_BIG);

    /* nothing that is known */

    assert_string_equal(said("[]", RT_OK), "");
    assert_string_equal(said("[1,null,[],{\"type\":\"csp-violation\"}]", RT_OK),
                        "");
    assert_string_equal(said("{\"csp-report\":[]}", RT_OK), "");
    assert_string_equal(said("{\"csp-report\":{\"effective-directive\":"
                             "\"SeCrEt\"}}", RT_OK), "");
    assert_string_equal(said("[{\"type\":\"csp-hash\",\"body\":{"
                             "\"effectiveDirective\":\"img-src\"}}]", RT_OK),
                        "");
}


/* many: counted, each kind once, noise behind the page's own, and bounded */

static void
test_many(void **state)
{
    char         *body, *p;
    unsigned      i;
    const char   *out;

    (void) state;

    body = rt_alloc(&mem, 200 * 128);
    p = body;

    for (i = 0; i < 140; i++) {
        p += sprintf(p, "%c{\"type\":\"csp-violation\",\"body\":{"
                     "\"effectiveDirective\":\"img-src\",\"blockedURL\":"
                     "\"%s\"}}", i ? ',' : '[',
                     i < 100 ? "chrome-extension" : "https://a/x.png");
    }

    sprintf(p, "]");
    out = said(body, RT_OK);

    assert_string_equal(out, "{\"action\":\"CSP_VIOLATION\",\"reports\":128,"
        "\"classes\":{\"app\":28,\"extension\":100},\"violations\":["
        "{\"directive\":\"img-src\",\"class\":\"app\",\"disposition\":"
        "\"enforce\",\"blocked\":\"https://a/x.png\"},"
        "{\"directive\":\"img-src\",\"class\":\"extension\",\"disposition\":"
        "\"enforce\",\"blocked\":\"chrome-extension\"}]}");

    p = body;

    for (i = 0; i < 30; i++) {
        p += sprintf(p, "%c{\"type\":\"csp-violation\",\"body\":{"
                     "\"effectiveDirective\":\"img-src\",\"lineNumber\":%u}}",
                     i ? ',' : '[', i + 1);
    }

    sprintf(p, "]");
    out = said(body, RT_OK);

    for (i = 0; (out = strstr(out, "\"line\":")) != NULL; i++) {
        out++;
    }

    assert_int_equal(i, RT_CSP_REPORT_SHOWN);

    /* a scheme that is too long is none, and hides nothing behind it */

    sprintf(body, "[{\"type\":\"csp-violation\",\"body\":{"
            "\"effectiveDirective\":\"img-src\",\"blockedURL\":\"%05000d:\"}},"
            "{\"type\":\"csp-violation\",\"body\":{"
            "\"effectiveDirective\":\"font-src\"}}]", 0);

    assert_string_equal(said(body, RT_OK), "{\"action\":\"CSP_VIOLATION\","
        "\"reports\":2,\"classes\":{\"inline\":2},\"violations\":["
        "{\"directive\":\"img-src\",\"class\":\"inline\",\"disposition\":"
        "\"enforce\"},{\"directive\":\"font-src\",\"class\":\"inline\","
        "\"disposition\":\"enforce\"}]}");
}


/* what does not fit is left out, and what there is stays whole */

static void
test_room(void **state)
{
    size_t             size, len;
    rt_str_t           body;
    rt_jsonw_t         w;
    rt_csp_report_t   *report;
    unsigned char      buf[512];

    (void) state;

    body = copied("[{\"type\":\"csp-violation\",\"body\":{"
                  "\"effectiveDirective\":\"img-src\"}},"
                  "{\"type\":\"csp-violation\",\"body\":{"
                  "\"effectiveDirective\":\"font-src\"}}]");

    report = rt_alloc(&mem, sizeof(rt_csp_report_t));
    assert_int_equal(rt_csp_report(&mem, &body, report), RT_OK);

    for (size = 96, len = 0; size < sizeof(buf); size++) {
        rt_jsonw_init(&w, buf, size);
        rt_csp_report_write(report, &w);

        assert_false(w.full);
        assert_true(rt_jsonw_len(&w) >= len);
        assert_memory_equal(w.pos - 2, "]}", 2);
        len = rt_jsonw_len(&w);
    }

    assert_int_equal(len, 207);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_browsers),
        ARENA_TEST(test_classes),
        ARENA_TEST(test_addresses),
        ARENA_TEST(test_refused),
        ARENA_TEST(test_many),
        ARENA_TEST(test_room)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}


#include "rt_test.h"
#include "html/rt_html.h"
#include "oidc/rt_page.h"


static rt_page_t
page_of(const char *text, rt_page_e kind)
{
    rt_str_t     s;
    unsigned     line;
    rt_page_t    page;
    const char  *why;

    s = copied(text);

    if (rt_page_read(&mem, &s, kind, &page, &why, &line) != RT_OK) {
        fail_msg("%s: line %u %s", text, line, why);
    }

    return page;
}


static void
assert_page(const char *text, const rt_page_values_t *values,
    const char *want)
{
    rt_str_t   html;
    rt_page_t  page;

    page = page_of(text, RT_PAGE_FAILED);
    assert_int_equal(rt_page_make(&mem, &page, values, &html), RT_OK);

    if (!is_text(&html, want)) {
        fail_msg("%s: \"%.*s\"", text, (int) html.len, html.data);
    }
}


static const rt_page_link_t  links[] = {
    { rt_string("/a?b=1&c=2"), rt_string("One & only") },
    { rt_string("https://op/x"), rt_string("") },
};


static void
test_make(void **state)
{
    size_t             i;
    rt_page_values_t   full, none;

    static const struct {
        const char  *text;
        const char  *full;
        const char  *none;
    } list[] = {
        { "", "", "" },
        { "a { } }} b", "a { } }} b", "a { } }} b" },
        { "{{app}}", "App", "" },
        { "<p>{{message}}{{reference}}", "<p>a&lt;br&gt;&amp;r1", "<p>" },
        { "<a href=\"{{return}}\">", "<a href=\"/back\">",
          "<a href=\"/\">" },
        { "<A HREF = \"{{return}}\" b=c d>{{app}}</A >",
          "<A HREF = \"/back\" b=c d>App</A >",
          "<A HREF = \"/\" b=c d></A >" },
        { "<b title=\"- {{app}} {{message}}\"/>",
          "<b title=\"- App a&lt;br&gt;&amp;\"/>", "<b title=\"-  \"/>" },
        { "<i alt=\"{{app}}\">", "<i alt=\"App\">", "<i alt=\"\">" },
        { "{{#app}}({{app}}){{/app}}.", "(App).", "." },
        { "{{#app}}{{#message}}x{{/message}}{{/app}}{{#app}}y{{/app}}", "xy",
          "" },
        { "{{#links}}[{{url}}{{#title}}={{title}}{{/title}}]{{/links}}",
          "[/a?b=1&amp;c=2=One &amp; only][https://op/x]", "" },
        { "{{#links}}<a href=\"{{url}}\">{{app}}</a>{{/links}}",
          "<a href=\"/a?b=1&amp;c=2\">App</a><a href=\"https://op/x\">App</a>",
          "" },
        { "<z0-9_a:b\tc\nd\re\ff=0z9 _g:-=\"\"\r>{{app}}",
          "<z0-9_a:b\tc\nd\re\ff=0z9 _g:-=\"\"\r>App",
          "<z0-9_a:b\tc\nd\re\ff=0z9 _g:-=\"\"\r>" },
        { "<title>{{app}} & {{#app}}x{{/app}}</title><i>",
          "<title>App & x</title><i>", "<title> & </title><i>" },
        { "<!-- - --><!--> <!doctype HTML x>",
          "<!-- - --><!--> <!doctype HTML x>",
          "<!-- - --><!--> <!doctype HTML x>" },
    };

    (void) state;

    memset(&none, 0, sizeof(rt_page_values_t));
    memset(&full, 0, sizeof(rt_page_values_t));

    full.app = STR("App");
    full.message = STR("a<br>&");
    full.reference = STR("r1");
    full.back = STR("/back");
    full.links = links;
    full.nlinks = 2;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        assert_page(list[i].text, &full, list[i].full);
        assert_page(list[i].text, &none, list[i].none);
    }

    none.app = STR("<>&\"' `=\x01z");
    assert_page("{{app}}<i title=\"{{app}}\">", &none,
                "&lt;&gt;&amp;&quot;&#39; `= z"
                "<i title=\"&lt;&gt;&amp;&quot;&#39; `= z\">");
}


/* what may stand in an href, and what becomes "/" */

static void
test_url(void **state)
{
    char               want[64];
    size_t             i;
    rt_page_values_t   v;

    static const char  *good[] = {
        "/", "/a/b?c=d#e", "https://a", "HTTP://a/b", "/a:b", "/%2f",
        "/\xc3\xa9",
    };
    static const char  *bad[] = {
        "", "a", "?a", "#a", "//evil", "/\\evil", "\\\\evil", "/\t/evil",
        "/\n/evil", " /a", "/a b", "javascript:alert(1)", "data:text/html,x",
        "JavaScript:alert(1)", "\x01javascript:alert(1)", "vbscript:x",
        "java\tscript:alert(1)", "https:evil", "https:/evil", "ftp://a",
        "https://a\nb", "/\x7f",
    };

    (void) state;

    memset(&v, 0, sizeof(rt_page_values_t));

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        v.back = copied(good[i]);
        snprintf(want, sizeof(want), "<a href=\"%s\">", good[i]);
        assert_page("<a href=\"{{return}}\">", &v, want);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        v.back = copied(bad[i]);
        assert_page("<a href=\"{{return}}\">", &v, "<a href=\"/\">");
    }
}


static void
test_bad(void **state)
{
    size_t       i;
    rt_str_t     s;
    unsigned     line;
    rt_page_t    page;
    const char  *why;

    static const struct {
        const char  *text;
        unsigned     line;
        const char  *why;
    } bad[] = {
        { "\xff", 1, "is not UTF-8, or has a NUL" },
        { "{{", 1, "has a \"{{\" without a name and \"}}\" behind it" },
        { "\n{{ app }}", 2,
          "has a \"{{\" without a name and \"}}\" behind it" },
        { "{{app\n}}", 1,
          "has a \"{{\" without a name and \"}}\" behind it" },
        { "{{app}", 1, "has a \"{{\" without a name and \"}}\" behind it" },
        { "{{{app}}}", 1,
          "has a \"{{\" without a name and \"}}\" behind it" },
        { "a\nb{{App}}", 2, "has a value of a name that is not known" },
        { "{{}}", 1, "has a value of a name that is not known" },
        { "{{url}}", 1, "has a link's value outside of {{#links}}" },
        { "{{#title}}", 1, "has a link's value outside of {{#links}}" },
        { "{{#links}}{{/links}}{{title}}", 1,
          "has a link's value outside of {{#links}}" },
        { "{{links}}", 1, "has {{links}} instead of {{#links}}" },
        { "{{#links}}{{#app}}{{#links}}", 1,
          "has {{#links}} within {{#links}}" },
        { "{{#app}}", 1, "has a section without an end" },
        { "{{/app}}", 1, "ends a section that is not the last one begun" },
        { "{{#app}}{{#message}}{{/app}}{{/message}}", 1,
          "ends a section that is not the last one begun" },
        { "<p {{app}}>", 1, "has a value within a tag, outside of quotes" },
        { "<p a=\"b\" {{app}}>", 1,
          "has a value within a tag, outside of quotes" },
        { "<p title={{app}}>", 1, "has an attribute without double quotes" },
        { "<p title=a{{app}}>", 1, "has an attribute without double quotes" },
        { "<p title='{{app}}'>", 1, "has an attribute without double quotes" },
        { "<p title='a'>", 1, "has an attribute without double quotes" },
        { "<p title=a/b=\"><script>\">", 1,
          "has an attribute without double quotes" },
        { "<p a=\"b\" '>", 1, "has a tag that is not plain" },
        { "<p <b>", 1, "has a tag that is not plain" },
        { "<p{{app}}>", 1, "has a value within a tag, outside of quotes" },
        { "<{{app}}>", 1, "has a \"<\" that begins no tag" },
        { "</{{app}}>", 1, "has a \"<\" that begins no tag" },
        { "</p {{app}}>", 1, "has a tag that is not plain" },
        { "</p a=\">\">", 1, "has a tag that is not plain" },
        { "</p", 1, "has a tag that is not plain" },
        { "<!doctype {{app}}>", 1, "has a tag that is not plain" },
        { "a < b", 1, "has a \"<\" that begins no tag" },
        { "<", 1, "has a \"<\" that begins no tag" },
        { "<?x?>", 1, "has a \"<\" that begins no tag" },
        { "<![CDATA[x]]>", 1, "has a \"<\" that begins no tag" },
        { "<p", 1, "ends within a tag" },
        { "<p a=\"b", 1, "ends within a tag" },
        { "<p title=\"{{app}}", 1, "ends within a tag" },
        { "<p title=\"{{#app}}x{{/app}}\">", 1, "has a section within a tag" },
        { "<p onclick=\"{{app}}\">", 1,
          "has a value in an attribute that may not have one" },
        { "<p style=\"{{app}}\">", 1,
          "has a value in an attribute that may not have one" },
        { "<img src=\"{{app}}\">", 1,
          "has a value in an attribute that may not have one" },
        { "<form action=\"{{return}}\">", 1,
          "has a value in an attribute that may not have one" },
        { "<meta content=\"0;url={{return}}\">", 1,
          "has a value in an attribute that may not have one" },
        { "<a href=\"x{{return}}\">", 1,
          "has an href that is not a value as a whole" },
        { "<a href=\"{{return}}x\">", 1,
          "has an href that is not a value as a whole" },
        { "<a href=\"{{return}}{{app}}\">", 1,
          "has an href that is not a value as a whole" },
        { "<a href=\"{{return}}", 1,
          "has an href that is not a value as a whole" },
        { "<style>\n\na{{app}}</style>", 3, "has a value within a style" },
        { "<style>a", 1,
          "has a style that does not end with \"</style>\"" },
        { "<style></stylex>{{app}}</style>", 1,
          "has a style that does not end with \"</style>\"" },
        { "<!-- {{app}} -->", 1, "has a comment that does not end with "
          "\"-->\", or a value within one" },
        { "<!-- ", 1, "has a comment that does not end with \"-->\", or a "
          "value within one" },
        { "<!-- --!> -->", 1, "has a comment that does not end with \"-->\", "
          "or a value within one" },
        { "<title><b title=\"</title>", 1, "has a \"<\" within the title" },
        { "<title>{{app}}</titles><style>a</title><script>b</style>", 1,
          "has a \"<\" within the title" },
        { "<title>a</title >", 1, "has a \"<\" within the title" },
        { "<title>{{#app}}</title>{{/app}}<b title=\"</title><script>\">", 1,
          "has a section with one end of the title in it" },
        { "{{#app}}<title>{{/app}}a</title>", 1,
          "has a section with one end of the title in it" },
        { "<SCRIPT>", 1, "has an element that a page of ours may not have" },
        { "<svg>", 1, "has an element that a page of ours may not have" },
        { "<textarea>", 1, "has an element that a page of ours may not have" },
        { "<iframe src=\"/\">", 1,
          "has an element that a page of ours may not have" },
        { "<noscript>", 1, "has an element that a page of ours may not have" },
        { "<plaintext>", 1,
          "has an element that a page of ours may not have" },
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        s = copied(bad[i].text);
        line = 0;

        if (rt_page_read(&mem, &s, RT_PAGE_AWAY, &page, &why, &line)
            != RT_INVALID)
        {
            fail_msg("%s is accepted", bad[i].text);
        }

        if (strcmp(why, bad[i].why) != 0 || line != bad[i].line) {
            fail_msg("%s: line %u %s", bad[i].text, line, why);
        }
    }

    s = copy_of("a\0b", 3);
    assert_int_equal(rt_page_read(&mem, &s, RT_PAGE_AWAY, &page, &why, &line),
                     RT_INVALID);
}


/* a text repeated n times between two others */

static char *
times(const char *before, const char *text, size_t n, const char *after)
{
    char    *s, *p;
    size_t   i;

    s = rt_alloc(&mem, strlen(before) + n * strlen(text) + strlen(after) + 1);
    p = stpcpy(s, before);

    for (i = 0; i < n; i++) {
        p = stpcpy(p, text);
    }

    (void) stpcpy(p, after);

    return s;
}


static void
assert_bound(const char *most, const char *more, const char *reason)
{
    rt_str_t     s;
    unsigned     line;
    rt_page_t    page;
    const char  *why;

    (void) page_of(most, RT_PAGE_AWAY);

    s = str(more);
    assert_int_equal(rt_page_read(&mem, &s, RT_PAGE_AWAY, &page, &why, &line),
                     RT_TOO_BIG);
    assert_string_equal(why, reason);
}


static void
test_bounds(void **state)
{
    (void) state;

    assert_bound(times("", "a", RT_PAGE_MAX_TEXT, ""),
                 times("", "a", RT_PAGE_MAX_TEXT + 1, ""), "is too long");

    assert_bound(times("", "{{app}}", RT_PAGE_MAX_PARTS, ""),
                 times("", "{{app}}", RT_PAGE_MAX_PARTS + 1, ""),
                 "has too many values and sections");

    assert_bound(times("", "{{app}}", RT_PAGE_MAX_PARTS - 1, "x"),
                 times("", "{{app}}", RT_PAGE_MAX_PARTS, "x"),
                 "has too many values and sections");

    assert_bound(times("", "{{#app}}{{/app}}", RT_PAGE_MAX_PARTS / 2, ""),
                 times("{{app}}", "{{#app}}{{/app}}", RT_PAGE_MAX_PARTS / 2,
                       ""),
                 "has too many values and sections");

    assert_bound(times("", "{{#app}}", RT_PAGE_MAX_DEPTH,
                       times("", "{{/app}}", RT_PAGE_MAX_DEPTH, "")),
                 times("", "{{#app}}", RT_PAGE_MAX_DEPTH + 1,
                       times("", "{{/app}}", RT_PAGE_MAX_DEPTH + 1, "")),
                 "has too many sections within each other");

    assert_bound(times("", "<style>a</style>", RT_PAGE_MAX_STYLES, ""),
                 times("", "<style>a</style>", RT_PAGE_MAX_STYLES + 1, ""),
                 "has too many styles");
}


static void
test_make_bounds(void **state)
{
    rt_str_t           html;
    rt_page_t          page;
    rt_page_link_t     many[RT_PAGE_MAX_LINKS + 1];
    rt_page_values_t   v;

    (void) state;

    page = page_of("{{#links}}{{title}}{{/links}}", RT_PAGE_CHOOSER);
    memset(&v, 0, sizeof(rt_page_values_t));
    memset(many, 0, sizeof(many));

    v.links = many;
    v.nlinks = RT_PAGE_MAX_LINKS;
    assert_int_equal(rt_page_make(&mem, &page, &v, &html), RT_OK);

    v.nlinks = RT_PAGE_MAX_LINKS + 1;
    assert_int_equal(rt_page_make(&mem, &page, &v, &html), RT_TOO_BIG);

    v.nlinks = 1;
    many[0].title = str(times("", "a", RT_PAGE_MAX_HTML, ""));
    assert_int_equal(rt_page_make(&mem, &page, &v, &html), RT_OK);
    assert_int_equal(html.len, RT_PAGE_MAX_HTML);

    many[0].title = str(times("", "a", RT_PAGE_MAX_HTML + 1, ""));
    assert_int_equal(rt_page_make(&mem, &page, &v, &html), RT_TOO_BIG);

    v.nlinks = 0;
    arena.left = 0;
    assert_int_equal(rt_page_make(&mem, &page, &v, &html), RT_ERROR);
}


static void
test_memory(void **state)
{
    long         n;
    rt_str_t     s = rt_string("<style>a</style>");
    unsigned     line;
    rt_page_t    page;
    const char  *why;

    (void) state;

    for (n = 0; n < 3; n++) {
        arena.left = n;
        assert_int_equal(rt_page_read(&mem, &s, RT_PAGE_AWAY, &page, &why,
                                      &line), RT_ERROR);
        assert_string_equal(why, "no memory");
    }

    arena.left = 3;
    assert_int_equal(rt_page_read(&mem, &s, RT_PAGE_AWAY, &page, &why, &line),
                     RT_OK);
}


/* the hashes are of "openssl dgst -sha256 -binary | base64" */

#define HASH_A   " 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='"
#define HASH_AB  " 'sha256-kRFp3arxRq/1OfWMJsSJrzuJLf8P4oPBwmTGWuWqWaI='"

static void
test_csp(void **state)
{
    size_t     i;
    rt_page_t  page;

    static const struct {
        const char  *text;
        rt_page_e    kind;
        const char  *csp;
    } list[] = {
        { "a", RT_PAGE_FAILED,
          "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
          "form-action 'self'" },
        { "a", RT_PAGE_FRAME,
          "default-src 'none'; base-uri 'none'; form-action 'self'" },
        { "<style>a</style>", RT_PAGE_CHOOSER,
          "default-src 'none'; style-src" HASH_A "; base-uri 'none'; "
          "frame-ancestors 'none'; form-action 'self'" },
        { "<STYLE media=\"x\">a</Style><style>a\nb\n</style>", RT_PAGE_AWAY,
          "default-src 'none'; style-src" HASH_A HASH_AB "; base-uri 'none'; "
          "frame-ancestors 'none'; form-action 'self'" },
        { "<style>a\r\nb\r</style>", RT_PAGE_REFUSED,
          "default-src 'none'; style-src" HASH_AB "; base-uri 'none'; "
          "frame-ancestors 'none'; form-action 'self'" },
        { "<style>a\rb\r\n</style>", RT_PAGE_REFUSED,
          "default-src 'none'; style-src" HASH_AB "; base-uri 'none'; "
          "frame-ancestors 'none'; form-action 'self'" },
        { "<IMG alt=\"{{app}}\">", RT_PAGE_SIGNED_OUT,
          "default-src 'none'; img-src 'self'; base-uri 'none'; "
          "frame-ancestors 'none'; form-action 'self'" },
    };

    (void) state;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        page = page_of(list[i].text, list[i].kind);

        if (!is_text(&page.csp, list[i].csp)) {
            fail_msg("%s: %.*s", list[i].text, (int) page.csp.len,
                     page.csp.data);
        }
    }
}


static size_t
count(const rt_str_t *s, char c)
{
    size_t  i, n;

    for (i = 0, n = 0; i < s->len; i++) {
        n += (s->data[i] == c);
    }

    return n;
}


/* script, style and link tags, as a browser sees them */

static unsigned
tags(const rt_str_t *html)
{
    unsigned              n;
    rt_html_t             h;
    rt_html_tag_t         tag;
    const unsigned char  *pos;

    rt_html_init(&h);
    pos = html->data;
    n = 0;

    while (rt_html_next(&h, &pos, html->data + html->len, &tag) == RT_OK) {
        assert_int_equal(tag.tag, RT_HTAG_STYLE);
        n++;
    }

    assert_int_equal(h.tree.stopped, 0);

    return n;
}


/* every value is the same text: as text, in an attribute, as a URL */

static rt_str_t
built_in(rt_page_e kind, const rt_str_t *text, rt_page_t *page)
{
    rt_str_t           html;
    unsigned           line;
    const char        *why;
    rt_page_link_t     link;
    rt_page_values_t   v;

    link.url = *text;
    link.title = *text;

    v.app = *text;
    v.message = *text;
    v.reference = *text;
    v.back = *text;
    v.links = &link;
    v.nlinks = 1;

    assert_int_equal(rt_page_read(&mem, rt_page_builtin(kind), kind, page,
                                  &why, &line), RT_OK);
    assert_int_equal(rt_page_make(&mem, page, &v, &html), RT_OK);

    return html;
}


static void
test_hostile(void **state)
{
    size_t      i;
    rt_str_t    html, plain, text;
    rt_page_e   kind;
    rt_page_t   page;

    static const char  *hostile[] = {
        "<script>alert(1)</script>", "\"><script>alert(1)</script>",
        "'><script>", "</title><script>", "</style><style>", "<style>",
        "--><script>", "<link rel=stylesheet href=//evil>", "<!--", "<![CDATA[",
        "\" onfocus=alert(1) autofocus x=\"", "' onfocus=alert(1) x='",
        "&lt;script&gt;", "&#60;script&#62;", "&quot;><script>",
        "{{app}}", "{{#links}}", "{{/message}}", "<script", "</main>",
        "javascript:alert(1)//\"><script>", "/\"><script>", "/<script>",
        "https://a/\"><script>", "\xc3<script>", "\xe2\x80<script>",
        "\xff\"\xfe<script>", "+ADw-script+AD4-", "\x1b(J<script>",
        "<\tscript>", "<plaintext>", "<textarea>", "<svg><style>", "`><script>",
    };

    (void) state;

    for (kind = 0; kind < RT_PAGE_MAX; kind++) {
        plain = built_in(kind, &STR("/x"), &page);
        assert_int_equal(tags(&plain), 1);

        for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
            text = copied(hostile[i]);
            html = built_in(kind, &text, &page);

            assert_int_equal(tags(&html), 1);
            assert_int_equal(count(&html, '<'), count(&plain, '<'));
            assert_int_equal(count(&html, '>'), count(&plain, '>'));
            assert_int_equal(count(&html, '"'), count(&plain, '"'));
            assert_int_equal(count(&html, '\''), count(&plain, '\''));
        }
    }

    html = built_in(RT_PAGE_FAILED, &STR("a\r\n\t\x7fz"), &page);
    assert_true(rt_str_holds(&html, "<p>a    z</p>"));
}


/* a place in the wrong room is a line on nobody's page */

static void
test_built_in(void **state)
{
    size_t             i;
    rt_str_t           html;
    rt_page_e          kind;
    rt_page_t          page;

    static const struct {
        rt_page_e    kind;
        const char  *name;
        const char  *holds;
    } list[] = {
        { RT_PAGE_CHOOSER, "chooser",
          "<li><a class=\"go\" href=\"/x\">/x</a></li>" },
        { RT_PAGE_SIGN_OUT, "sign_out",
          "<a class=\"go\" href=\"/x\">Sign out</a>" },
        { RT_PAGE_SIGNED_OUT, "signed_out", ">Sign in again</a>" },
        { RT_PAGE_REFUSED, "refused", "the reference <strong>/x</strong>" },
        { RT_PAGE_AWAY, "away", "<h1>Signing in is not possible right now" },
        { RT_PAGE_FAILED, "failed", "the reference <strong>/x</strong>" },
        { RT_PAGE_FRAME, "frame", "target=\"_top\" href=\"/x\"" },
    };

    (void) state;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        kind = list[i].kind;
        assert_int_equal(kind, i);

        html = built_in(kind, &STR("/x"), &page);
        assert_true(rt_str_holds(&html, list[i].holds));
        assert_true(rt_str_is(rt_page_name(kind), list[i].name,
                              strlen(list[i].name)));
        assert_true(rt_str_holds(&html, "<html lang=\"en\">"));
        assert_true(rt_str_holds(&html, "name=\"viewport\""));
        assert_true(rt_str_holds(&html, "prefers-color-scheme: dark"));
        assert_false(rt_str_holds(&html, "{{"));
        assert_true(rt_str_holds(&page.csp, "style-src 'sha256-"));
        assert_int_equal(rt_str_holds(&page.csp, "frame-ancestors 'none'"),
                         kind != RT_PAGE_FRAME);

        html = built_in(kind, &STR(""), &page);
        assert_false(rt_str_holds(&html, "reference"));
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_make),
        ARENA_TEST(test_url),
        ARENA_TEST(test_bad),
        ARENA_TEST(test_bounds),
        ARENA_TEST(test_make_bounds),
        ARENA_TEST(test_memory),
        ARENA_TEST(test_csp),
        ARENA_TEST(test_hostile),
        ARENA_TEST(test_built_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

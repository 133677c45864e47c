
#include "rt_test.h"
#include "csp/rt_csp.h"
#include "csp/rt_csp_foreign.h"
#include "csp/rt_csp_source.h"


static rt_csp_t           policy;
static rt_csp_findings_t  findings;


static int
setup(void **state)
{
    (void) arena_setup(state);
    rt_csp_init(&policy, &mem);
    rt_csp_findings_init(&findings, &mem);

    return 0;
}


static rt_status_e
parse(const char *text)
{
    rt_str_t  s;

    s = str(text);
    setup(NULL);

    return rt_csp_parse(&policy, &s, &findings);
}


static const char *
build(const rt_str_t *nonce_in, unsigned n, const rt_str_t *nonce)
{
    rt_str_t  out;

    assert_int_equal(rt_csp_build(&policy, &mem, nonce_in, n, nonce, &out),
                     RT_OK);

    return (const char *) out.data;
}


static int
has(const char *code)
{
    const rt_csp_finding_t  *f;

    for (f = findings.first; f != NULL; f = f->next) {
        if (strcmp(f->code, code) == 0) {
            return 1 + (int) f->severity;
        }
    }

    return 0;
}


static void
policies_are_normalised(void **state)
{
    size_t  i;

    static const struct {
        const char  *in, *out;
    } cases[] = {
        { "default-src 'self'; object-src 'none'",
          "default-src 'self'; object-src 'none'" },
        { " default-src\t'self'  x ;; ; object-src 'none';",
          "default-src 'self' x; object-src 'none'" },
        { "DEFAULT-SRC 'Self' A.example/B", "default-src 'Self' A.example/B" },
        { "upgrade-insecure-requests ; sandbox",
          "upgrade-insecure-requests; sandbox" },
        { "script-src self nonce-abc sha256-x strict-dynamic report-sample",
          "script-src 'self' 'nonce-abc' 'sha256-x' 'strict-dynamic' "
          "'report-sample'" },
        { "script-src a; script-src b", "script-src a" },
        { "frame-ancestors self none unsafe-inline",
          "frame-ancestors 'self' 'none' unsafe-inline" },
        { "report-uri self; report-to none",
          "report-uri self; report-to none" },
        { "trusted-types none allow-duplicates a; "
          "require-trusted-types-for script",
          "trusted-types 'none' 'allow-duplicates' a; "
          "require-trusted-types-for 'script'" },
        { "unknown self 'x'", "unknown self 'x'" },
        { "img-src a a b a", "img-src a b" },
        { "", "" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse(cases[i].in), RT_OK);
        assert_string_equal(build(NULL, 0, NULL), cases[i].out);
        arena_teardown(NULL);
    }
}


static void
bad_bytes_are_refused(void **state)
{
    size_t  i;

    static const struct {
        const char  *text, *code;
    } cases[] = {
        { "default-src 'self', script-src x", "comma" },
        { "default-src 'self'\nscript-src x", "line-break" },
        { "default-src 'self'\r", "line-break" },
        { "default-src \xe2\x80\x98self\xe2\x80\x99", "non-ascii" },
        { "default-src \x7f", "control" },
        { "default-src: 'self'", "bad-name" },
        { "'self'", "bad-name" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse(cases[i].text), RT_INVALID);
        assert_int_equal(has(cases[i].code), 1 + RT_CSP_ERROR);
        arena_teardown(NULL);
    }
}


static void
lint_finds(void **state)
{
    size_t         i;
    rt_csp_lint_t  opts;

    static const rt_str_t  scripts[] = { rt_string("script-src") };

    enum { RO = 1, NONCE = 2, PRESET = 4 };

    static const struct {
        const char         *text, *code;
        unsigned            flags;
        rt_csp_severity_e   severity;
    } cases[] = {
        { "scirpt-src x", "unknown-directive", 0, RT_CSP_WARN },
        { "script-src self", "missing-quotes", 0, RT_CSP_WARN },
        { "script-src a; script-src b", "duplicate-directive", 0,
          RT_CSP_ERROR },
        { "script-src 'none' a", "none-with-others", 0, RT_CSP_ERROR },
        { "frame-ancestors 'none' a", "none-with-others", 0, RT_CSP_ERROR },
        { "trusted-types 'none' a", "none-with-others", 0, RT_CSP_ERROR },
        { "trusted-types", "empty-directive", 0, RT_CSP_NOTE },
        { "trusted-types a!b", "bad-policy-name", 0, RT_CSP_WARN },
        { "trusted-types 'allow'", "unknown-keyword", 0, RT_CSP_WARN },
        { "require-trusted-types-for 'style'", "unknown-keyword", 0,
          RT_CSP_WARN },
        { "require-trusted-types-for", "empty-directive", 0, RT_CSP_WARN },
        { "script-src 'none'", "none-with-nonce", NONCE, RT_CSP_ERROR },
        { "script-src 'unsafe-inline'", "unsafe-inline", 0, RT_CSP_WARN },
        { "script-src 'unsafe-inline'", "unsafe-inline-void", NONCE,
          RT_CSP_WARN },
        { "style-src 'unsafe-inline' 'sha256-$x'", "unsafe-inline-void", 0,
          RT_CSP_WARN },
        { "script-src 'strict-dynamic'", "strict-dynamic-alone", 0,
          RT_CSP_WARN },
        { "script-src 'nonce-abc'", "static-nonce", 0, RT_CSP_ERROR },
        { "script-src 'nonce-a.c'", "bad-nonce", 0, RT_CSP_ERROR },
        { "script-src 'nonce-$n'", "bad-nonce", 0, RT_CSP_ERROR },
        { "sandbox $x", "variable", 0, RT_CSP_ERROR },
        { "report-uri /$x", "variable", 0, RT_CSP_ERROR },
        { "require-trusted-types-for $x", "variable", 0, RT_CSP_ERROR },
        { "script-src 'sha256-abc'", "bad-hash", 0, RT_CSP_ERROR },
        { "script-src 'sellf'", "unknown-keyword", 0, RT_CSP_WARN },
        { "script-src 'self", "bad-quotes", 0, RT_CSP_ERROR },
        { "script-src \"self\"", "bad-quotes", 0, RT_CSP_ERROR },
        { "default-src 'self' script-src x", "missing-semicolon", 0,
          RT_CSP_ERROR },
        { "script-src *", "weak-script-source", 0, RT_CSP_WARN },
        { "script-src https://unpkg.com/x", "weak-script-source", 0,
          RT_CSP_WARN },
        { "frame-ancestors 'unsafe-inline'", "no-effect", 0, RT_CSP_ERROR },
        { "sandbox allow-everything", "unknown-keyword", 0, RT_CSP_WARN },
        { "sandbox; report-uri /r", "no-effect", RO, RT_CSP_WARN },
        { "upgrade-insecure-requests x", "no-effect", 0, RT_CSP_WARN },
        { "plugin-types x", "deprecated-directive", 0, RT_CSP_WARN },
        { "default-src 'self'", "report-only-silent", RO, RT_CSP_ERROR },
        { "img-src x", "no-script-src", 0, RT_CSP_WARN },
        { "script-src 'self'", "no-base-uri", NONCE, RT_CSP_WARN },
        { "script-src 'self'", "no-base-uri", NONCE | PRESET, RT_CSP_NOTE },
        { "script-src 'unsafe-eval'", "unsafe-eval", 0, RT_CSP_WARN },
        { "default-src 'Unsafe-Eval'", "unsafe-eval", 0, RT_CSP_WARN },
        { "object-src *", "weak-source", 0, RT_CSP_WARN },
        { "object-src 'self' data:", "weak-source", 0, RT_CSP_WARN },
        { "base-uri https:", "weak-source", 0, RT_CSP_WARN },
        { "img-src", "empty-directive", 0, RT_CSP_NOTE },
        { "report-uri", "empty-directive", 0, RT_CSP_WARN },
        { ";;", "empty-policy", 0, RT_CSP_WARN },
        { "script-src *.com", "weak-script-source", 0, RT_CSP_WARN },
        { "script-src *:443", "weak-script-source", 0, RT_CSP_WARN },
        { "script-src http://" "*", "weak-script-source", 0, RT_CSP_WARN },
        { "script-src blob:", "weak-script-source", 0, RT_CSP_WARN },
        { "default-src filesystem:", "weak-script-source", 0, RT_CSP_WARN },
        { "script-src-elem https://www.google.com", "weak-script-source", 0,
          RT_CSP_WARN },
        { "script-src *.google.com", "weak-script-source", 0, RT_CSP_WARN },
        { "script-src *.cloudfront.net", "weak-script-source", 0,
          RT_CSP_WARN },
        { "script-src 'unsafe-eval' www.google-analytics.com",
          "weak-script-source", 0, RT_CSP_WARN },
        { "script-src-attr 'unsafe-inline'", "unsafe-inline", 0,
          RT_CSP_WARN },
        { "default-src *; script-src 'self'", "weak-source", 0, RT_CSP_WARN },
        { "object-src *:443", "weak-source", 0, RT_CSP_WARN },
        { "img-src //a.example", "bad-source", 0, RT_CSP_WARN },
        { "frame-ancestors https://a.*.example", "bad-source", 0,
          RT_CSP_WARN },
        { "style-src 'strict-dynamic'", "no-effect", 0, RT_CSP_WARN },
        { "script-src-attr 'strict-dynamic'", "no-effect", 0, RT_CSP_WARN },
        { "script-src 'self'", "no-object-src", 0, RT_CSP_WARN },
        { "report-uri http://a.example/r", "plain-report", 0, RT_CSP_WARN },
        { "script-src 'strict-dynamic' "
          "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
          "no-base-uri", 0, RT_CSP_WARN },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memset(&opts, 0, sizeof(opts));
        opts.report_only = (cases[i].flags & RO) != 0;
        opts.nonce = (cases[i].flags & NONCE) != 0;
        opts.preset = (cases[i].flags & PRESET) != 0;
        opts.nonce_in = scripts;
        opts.n = 1;

        assert_int_equal(parse(cases[i].text), RT_OK);
        assert_int_equal(rt_csp_lint(&policy, &opts, &findings), RT_OK);

        if (has(cases[i].code) != 1 + (int) cases[i].severity) {
            fail_msg("%s: no %s", cases[i].text, cases[i].code);
        }

        arena_teardown(NULL);
    }
}


static void
lint_is_silent(void **state)
{
    size_t         i;
    rt_csp_lint_t  opts;

    static const char *const  good[] = {
        "default-src 'self'; object-src 'none'",
        "default-src 'none'; script-src 'self' https://a.example:8443/x/ "
        "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
        "default-src 'self'; script-src 'strict-dynamic' 'sha256-$n' https:; "
        "base-uri 'self'",
        "default-src 'self' $hosts; img-src * data: blob:; report-uri /csp",
        "default-src 'self'; style-src 'self' 'unsafe-inline'; sandbox",
        "default-src 'self'; script-src 'wasm-unsafe-eval'; object-src a.b; "
        "base-uri 'self'",
        "default-src 'self' data: blob:; script-src 'self'; object-src a.b",
        "default-src 'self'; script-src 'strict-dynamic' 'sha256-$n' *.com; "
        "base-uri 'self'",
        "default-src 'self'; script-src https://www.google.com/recaptcha/ "
        "d1f69.cloudfront.net www.google-analytics.com notunpkg.com "
        "*.example.com localhost:* wss://a_b.example:443/x%20y/",
        "default-src 'self'; worker-src 'strict-dynamic' blob:; "
        "connect-src * wss: mediastream:; frame-ancestors https: *.a.example",
        "default-src 'unsafe-inline' 'unsafe-eval'; script-src 'self'; "
        "object-src 'none'",
        "default-src 'self'; require-trusted-types-for 'script'; "
        "trusted-types default a/b#c 'allow-duplicates'",
        "default-src 'self'; trusted-types *",
    };

    (void) state;
    memset(&opts, 0, sizeof(opts));

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(parse(good[i]), RT_OK);
        assert_int_equal(rt_csp_lint(&policy, &opts, &findings), RT_OK);

        if (findings.first != NULL) {
            fail_msg("%s: %s", good[i], findings.first->code);
        }

        arena_teardown(NULL);
    }
}


static void
sources_have_parts(void **state)
{
    size_t           i;
    rt_str_t         text;
    const char      *wrong;
    rt_csp_source_t  s;

    static const struct {
        const char  *text, *scheme, *host, *port, *path;
    } cases[] = {
        { "https:", "https", "", "", "" },
        { "web+x-1.0:", "web+x-1.0", "", "", "" },
        { "*", "", "", "", "" },
        { "*:*", "", "", "*", "" },
        { "a", "", "a", "", "" },
        { "HTTPS://A.Example:443/x?", NULL, "", "", "" },
        { "HTTPS://A.Example:443/x:y/", "HTTPS", "A.Example", "443",
          "/x:y/" },
        { "*.example.com:65535", "", "example.com", "65535", "" },
        { "http://" "*/", "http", "", "", "/" },
        { "xn--bcher-kva.example.", "", "xn--bcher-kva.example.", "", "" },
        { "//a", NULL, "", "", "" }, { "/a", NULL, "", "", "" },
        { ":", NULL, "", "", "" }, { "1:", NULL, "", "", "" },
        { "://a", NULL, "", "", "" }, { "https://", NULL, "", "", "" },
        { "u@a", NULL, "", "", "" }, { "https://u:p@a", NULL, "", "", "" },
        { "a.*.b", NULL, "", "", "" }, { "*a", NULL, "", "", "" },
        { "*.", NULL, "", "", "" }, { "a..b", NULL, "", "", "" },
        { "a:", "a", "", "", "" }, { "a.b:", "a.b", "", "", "" },
        { "a:1-2", NULL, "", "", "" }, { "a:65536", NULL, "", "", "" },
        { "a:99999999999999999999", NULL, "", "", "" },
        { "a:/x", NULL, "", "", "" }, { "[::1]", NULL, "", "", "" },
        { "a/x?y=1", NULL, "", "", "" }, { "a/#y", NULL, "", "", "" },
        { "https://a?b", NULL, "", "", "" }, { "a~b", NULL, "", "", "" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        text = copied(cases[i].text);
        wrong = rt_csp_source(&s, &text);

        if ((wrong == NULL) != (cases[i].scheme != NULL)) {
            fail_msg("%s: %s", cases[i].text, wrong ? wrong : "parsed");
        }

        if (wrong != NULL) {
            continue;
        }

        text = str(cases[i].scheme);
        assert_true(rt_str_eq(&s.scheme, &text));
        text = str(cases[i].host);
        assert_true(rt_str_eq(&s.host, &text));
        text = str(cases[i].port);
        assert_true(rt_str_eq(&s.port, &text));
        text = str(cases[i].path);
        assert_true(rt_str_eq(&s.path, &text));
    }
}


static void
directives_change(void **state)
{
    rt_csp_t  copy;

    (void) state;

    assert_int_equal(parse("default-src 'self'; img-src a"), RT_OK);

    assert_int_equal(rt_csp_set(&policy, &STR("IMG-SRC"), &STR("self b"), 1),
                     RT_OK);
    assert_int_equal(rt_csp_add(&policy, &STR("img-src"), &STR("c b"), 1),
                     RT_OK);
    assert_int_equal(rt_csp_add(&policy, &STR("object-src"), &STR("none"), 1),
                     RT_OK);
    assert_int_equal(rt_csp_set(&policy, &STR("sandbox"), NULL, 0), RT_OK);
    assert_string_equal(build(NULL, 0, NULL),
                        "default-src 'self'; img-src 'self' b c; "
                        "object-src 'none'; sandbox");

    assert_int_equal(rt_csp_copy(&copy, &mem, &policy), RT_OK);

    assert_int_equal(rt_csp_add(&policy, &STR("object-src"), &STR("x"), 1),
                     RT_OK);
    assert_int_equal(rt_csp_off(&policy, &STR("Default-Src")), RT_OK);
    assert_int_equal(rt_csp_off(&policy, &STR("default-src")), RT_DECLINED);
    assert_string_equal(build(NULL, 0, NULL),
                        "img-src 'self' b c; object-src x; sandbox");

    policy = copy;
    assert_string_equal(build(NULL, 0, NULL),
                        "default-src 'self'; img-src 'self' b c; "
                        "object-src 'none'; sandbox");

    assert_int_equal(rt_csp_set(&policy, &STR("img-src"), &STR("a;b"), 1),
                     RT_INVALID);
    assert_int_equal(rt_csp_set(&policy, &STR("img-src"), &STR("a,b"), 1),
                     RT_INVALID);
    assert_int_equal(rt_csp_add(&policy, &STR("img-src"), &STR("a\nb"), 1),
                     RT_INVALID);
    assert_int_equal(rt_csp_set(&policy, &STR("img src"), &STR("a"), 1),
                     RT_INVALID);
    assert_int_equal(rt_csp_set(&policy, &STR(""), &STR("a"), 1), RT_INVALID);

    arena_teardown(NULL);
}


static void
values_are_added_to_what_held(void **state)
{
    size_t    i;
    rt_str_t  name;

    static const struct {
        const char  *policy, *name, *out;
    } cases[] = {
        { "default-src 'self'", "connect-src",
          "default-src 'self'; connect-src 'self' x" },
        { "default-src 'none'", "img-src", "default-src 'none'; img-src x" },
        { "default-src a; child-src b", "FRAME-SRC",
          "default-src a; child-src b; frame-src b x" },
        { "default-src a; child-src b; frame-src c", "fenced-frame-src",
          "default-src a; child-src b; frame-src c; fenced-frame-src c x" },
        { "default-src a; script-src b", "worker-src",
          "default-src a; script-src b; worker-src b x" },
        { "default-src a; script-src b; child-src c", "worker-src",
          "default-src a; script-src b; child-src c; worker-src c x" },
        { "default-src a; script-src b", "child-src",
          "default-src a; script-src b; child-src a x" },
        { "default-src a", "script-src-elem",
          "default-src a; script-src-elem a x" },
        { "default-src a; style-src b", "style-src-attr",
          "default-src a; style-src b; style-src-attr b x" },
        { "default-src a; style-src b", "style-src",
          "default-src a; style-src b x" },
        { "default-src a", "form-action", "default-src a; form-action x" },
        { "default-src a", "frame-ancestors",
          "default-src a; frame-ancestors x" },
        { "script-src a", "connect-src", "script-src a; connect-src x" }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        name = str(cases[i].name);

        assert_int_equal(parse(cases[i].policy), RT_OK);
        assert_int_equal(rt_csp_add(&policy, &name, &STR("x"), 1), RT_OK);
        assert_string_equal(build(NULL, 0, NULL), cases[i].out);
        arena_teardown(NULL);
    }
}


static void
nonces_are_placed(void **state)
{
    const rt_str_t  *bad;

    static const rt_str_t  in[] = {
        rt_string("script-src"), rt_string("Style-Src-Elem")
    };

    (void) state;

    assert_int_equal(parse("default-src 'self'; script-src 'unsafe-inline' "
                           "x"), RT_OK);
    assert_int_equal(rt_csp_nonce_in(&policy, in, 2, &bad), RT_OK);
    assert_null(bad);

    assert_string_equal(build(in, 2, &STR("$n")),
                        "default-src 'self'; script-src 'unsafe-inline' x "
                        "'nonce-$n'; style-src-elem 'self' 'nonce-$n'");

    /* without it, nothing comes to life that it kept void */
    assert_string_equal(build(in, 2, NULL),
                        "default-src 'self'; script-src x; "
                        "style-src-elem 'self'");
    arena_teardown(NULL);

    assert_int_equal(parse("default-src 'none'"), RT_OK);
    assert_int_equal(rt_csp_nonce_in(&policy, in, 1, &bad), RT_OK);
    assert_string_equal(build(in, 1, &STR("n")),
                        "default-src 'none'; script-src 'nonce-n'");
    assert_string_equal(build(in, 1, NULL),
                        "default-src 'none'; script-src 'none'");
    arena_teardown(NULL);

    assert_int_equal(parse("img-src x"), RT_OK);
    assert_int_equal(rt_csp_nonce_in(&policy, in, 1, &bad), RT_DECLINED);
    assert_ptr_equal(bad, &in[0]);
    assert_int_equal(rt_csp_nonce_in(&policy, &STR("img-src"), 1, &bad),
                     RT_DECLINED);
    assert_int_equal(rt_csp_nonce_in(&policy, &STR("scirpt-src"), 1, &bad),
                     RT_DECLINED);
    arena_teardown(NULL);
}


static void
presets_are_exact(void **state)
{
    size_t           i;
    unsigned         n;
    rt_str_t         name;
    rt_csp_lint_t    opts;
    const rt_str_t  *in, *bad;

    static const struct {
        const char  *name, *begins;
        unsigned     nonces;
        int          warns;
    } presets[] = {
        { "talisman", "default-src 'self'; object-src 'none'", 0, 0 },
        { "google", "font-src 'self' themes.googleusercontent.com "
          "*.gstatic.com; frame-src 'self' www.google.com www.youtube.com; "
          "script-src 'self' ajax.googleapis.com *.googleanalytics.com "
          "*.google-analytics.com; style-src 'self' ajax.googleapis.com "
          "fonts.googleapis.com *.gstatic.com; object-src 'none'; "
          "default-src 'self' *.gstatic.com", 0, 1 },
        { "superset", "base-uri 'self'; default-src 'self'; img-src 'self' "
          "blob: data: https://apachesuperset.gateway.scarf.sh", 1, 0 },
        { "superset-dev", "base-uri 'self'; default-src 'self'; "
          "img-src 'self' blob: data: "
          "https://apachesuperset.gateway.scarf.sh https://static.scarf.sh/ "
          "https://cdn.brandfolder.io ows.terrestris.de "
          "https://cdn.document360.io; worker-src ", 1, 1 },
        { "strict", "default-src 'none'; script-src 'strict-dynamic'; "
          "style-src 'self'; ", 2, 0 },
        { "API", "default-src 'none'; frame-ancestors 'none'", 0, 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
        setup(NULL);
        memset(&opts, 0, sizeof(opts));
        name = str(presets[i].name);

        assert_int_equal(rt_csp_preset(&policy, &name, &in, &n), RT_OK);
        assert_int_equal(n, presets[i].nonces);
        assert_memory_equal(build(NULL, 0, NULL), presets[i].begins,
                            strlen(presets[i].begins));

        assert_int_equal(rt_csp_nonce_in(&policy, in, n, &bad), RT_OK);

        opts.nonce = n > 0;
        opts.nonce_in = in;
        opts.n = n;
        assert_int_equal(rt_csp_lint(&policy, &opts, &findings), RT_OK);
        assert_int_equal(findings.errors, 0);
        assert_int_equal(findings.warnings != 0, presets[i].warns);
        arena_teardown(NULL);
    }

    setup(NULL);
    assert_int_equal(rt_csp_preset(&policy, &STR("none"), &in, &n),
                     RT_DECLINED);
    arena_teardown(NULL);
}


static void
templates_take_a_nonce(void **state)
{
    unsigned char      out[256];
    rt_csp_template_t  t;

    static const rt_str_t  in[] = {
        rt_string("script-src"), rt_string("style-src")
    };

    (void) state;

    assert_int_equal(parse("script-src 'self'; style-src 'unsafe-inline'"),
                     RT_OK);
    assert_int_equal(rt_csp_compile(&policy, &mem, in, 2, &t), RT_OK);
    assert_int_equal(t.n, 2);
    assert_string_equal((char *) t.without.data,
                        "script-src 'self'; style-src 'none'");

    *rt_csp_render(&t, (unsigned char *) "0123456789abcdefghijklmnopqrstuv",
                   out) = '\0';
    assert_string_equal((char *) out,
                        "script-src 'self' "
                        "'nonce-0123456789abcdefghijklmnopqrstuv'; "
                        "style-src 'unsafe-inline' "
                        "'nonce-0123456789abcdefghijklmnopqrstuv'");
    arena_teardown(NULL);
}


static void
bounds_and_memory(void **state)
{
    long      left;
    size_t    i, len;
    char      text[20000];
    rt_str_t  s;

    (void) state;

    for (i = 0, len = 0; i < 65; i++) {
        len += (size_t) sprintf(text + len, "d%u x;", (unsigned) i);
    }

    assert_int_equal(parse(text), RT_TOO_BIG);
    assert_int_equal(has("too-many"), 1 + RT_CSP_ERROR);
    arena_teardown(NULL);

    for (i = 0, len = (size_t) sprintf(text, "d"); i < 257; i++) {
        len += (size_t) sprintf(text + len, " %u", (unsigned) i);
    }

    assert_int_equal(parse(text), RT_TOO_BIG);
    arena_teardown(NULL);

    memset(text, 'a', 16385);
    text[16385] = '\0';
    assert_int_equal(parse(text), RT_TOO_BIG);
    arena_teardown(NULL);

    s = str("default-src self; script-src a b; x-y");

    for (left = 0; left < 8; left++) {
        setup(NULL);
        arena.left = left;
        assert_int_equal(rt_csp_parse(&policy, &s, &findings), RT_ERROR);
        arena_teardown(NULL);
    }
}


static void
open_for_nonces(void **state)
{
    size_t    i;
    rt_str_t  name;

    static const struct {
        const char  *policy;
        const char  *name;
        int          open;
    } cases[] = {
        { "default-src 'self'", "script-src", 1 },
        { "default-src 'self'", "SCRIPT-SRC-ELEM", 1 },
        { "default-src 'none'", "script-src", 0 },
        { "default-src 'none'; script-src 'self'", "script-src", 1 },
        { "default-src 'none'; script-src 'self'", "script-src-elem", 1 },
        { "default-src 'none'; script-src 'self'", "style-src", 0 },
        { "default-src 'self'; script-src 'NONE'", "script-src-elem", 0 },
        { "frame-ancestors 'self'", "script-src", 0 },
        { "script-src", "script-src", 1 }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        name = str(cases[i].name);

        assert_int_equal(parse(cases[i].policy), RT_OK);
        assert_int_equal(rt_csp_nonce_open(&policy, &name), cases[i].open);
        arena_teardown(NULL);
    }

    assert_true(rt_csp_nonce_name(&STR("Style-Src-Elem")));
    assert_false(rt_csp_nonce_name(&STR("script-src-attr")));
    assert_false(rt_csp_nonce_name(&STR("scirpt-src")));
    assert_false(rt_csp_nonce_name(&STR("")));
}


/* the nonces of a line, as browsers read it */

static void
foreign_nonces(void **state)
{
    size_t           i;
    char             seen[256];
    rt_str_t         value;
    rt_csp_nonces_t  walk;

    static const char *const  cases[][2] = {
        { "", "" },
        { "script-src 'nonce-a'", "a+" },
        { " ;, ;script-src\t'NONCE-a'  'self' 'nonce-b';style-src 'nonce-c'",
          "a+b+c+" },
        { "default-src 'nonce-a', script-src-elem 'nonce-b','nonce-c'",
          "a+b+" },
        { "img-src 'nonce-a'; new-src 'nonce-b'; Script-Src 'Nonce-c'",
          "a-b-c+" },
        { "script-src nonce-a 'nonce-b 'nonce-' x'nonce-c' \"nonce-d\"", "+" },
        { "script-src 'nonce-a;b' 'nonce-c'", "c-" },
        { "'nonce-a' 'nonce-b'", "b-" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        value.data = (unsigned char *) cases[i][0];
        value.len = strlen(cases[i][0]);
        seen[0] = '\0';

        rt_csp_nonces_init(&walk, &value);

        while (rt_csp_nonces_next(&walk)) {
            assert_true(walk.nonce.data >= value.data
                        && walk.nonce.data + walk.nonce.len
                           <= value.data + value.len);
            strncat(seen, (char *) walk.nonce.data, walk.nonce.len);
            strcat(seen, walk.acts ? "+" : "-");
        }

        assert_string_equal(seen, cases[i][1]);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(policies_are_normalised),
        cmocka_unit_test(bad_bytes_are_refused),
        cmocka_unit_test(lint_finds),
        cmocka_unit_test(lint_is_silent),
        ARENA_TEST(sources_have_parts),
        cmocka_unit_test(directives_change),
        cmocka_unit_test(values_are_added_to_what_held),
        cmocka_unit_test(nonces_are_placed),
        cmocka_unit_test(open_for_nonces),
        cmocka_unit_test(presets_are_exact),
        cmocka_unit_test(templates_take_a_nonce),
        cmocka_unit_test(bounds_and_memory),
        cmocka_unit_test(foreign_nonces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

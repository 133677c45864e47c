
#include "rt_test.h"
#include "text/rt_structured.h"
#include "csp/rt_csp_field.h"


/* what a dictionary is made of, one letter a value */

static char    seen[64];
static size_t  nseen;


static void
take(void *ctx, const rt_sf_value_t *v)
{
    (void) ctx;

    assert_true(nseen + 2 < sizeof(seen));
    assert_true(v->member.len > 0);

    if (v->in_list) {
        seen[nseen++] = '.';
    }

    seen[nseen++] = "f(nstbo@d"[v->kind];
    seen[nseen] = '\0';
}


static rt_status_e
parse(const char *text, size_t len, rt_sf_error_t *error)
{
    rt_str_t  s;

    nseen = 0;
    seen[0] = '\0';
    s = copy_of(text, len);

    return rt_sf_dictionary(&s, take, NULL, error);
}


static void
dictionaries_are_read(void **state)
{
    size_t         i;
    rt_sf_error_t  error;

    static const struct {
        const char  *text, *seen;
    } cases[] = {
        { "", "" },
        { "  ", "" },
        { "camera=()", "(" },
        { "browsing-topics=(), camera=( )", "((" },
        { " a=(self  \"https://a.example\" *) \t,\tb=*", "(.t.s.tt" },
        { "a, b;x;y=1, c=?0;z=\"\"", "ffo" },
        { "a=1, b=-1.5, c=999999999999999, d=999999999999.125", "nnnn" },
        { "a=\"\\\"\\\\\"", "s" },
        { "a=:cHJl:, b=::, c=:YQ==:", "bbb" },
        { "a=@1659578233, b=@-1", "@@" },
        { "a=%\"f%c3%bc\", b=%\"\"", "dd" },
        { "*x=https://a.example/x, k_-.*9=A!#$%&'*+-.^_`|~:/", "tt" },
        { "a=(1 ?1 :YQ==: @1 %\"\" x;p=2);q, b", "(.n.o.b.@.d.tf" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse(cases[i].text, strlen(cases[i].text), &error),
                         RT_OK);
        assert_string_equal(seen, cases[i].seen);
        assert_null(error.why);
    }
}


static void
malformed_ones_are_not(void **state)
{
    size_t         i;
    rt_sf_error_t  error;

    static const struct {
        const char  *text;
        size_t       offset;
        const char  *why;
    } cases[] = {
        { "a=(self, \"https://a.example\")", 7, "blanks, and nothing else" },
        { "geolocation=(), Camera=()", 16, "a name begins with a small" },
        { "a=(self 'none')", 8, "quotes are double" },
        { "a=(self \"https://a.example\"", 27, "a list ends with" },
        { "a=(\"https://a.example)", 22, "a string ends with" },
        { "a=(self\"https://a.example\")", 7, "blanks, and nothing else" },
        { "a = ()", 2, "a \"=\" has no blanks" },
        { "a=()b=()", 4, "a \"=\" has no blanks" },
        { "a=(), ", 6, "behind the last feature" },
        { "a=(),,b", 5, "a name begins" },
        { "a=", 2, "a value is missing" },
        { "=()", 0, "a name begins" },
        { "a=((self))", 3, "a value is missing" },
        { "a=(self);P", 9, "a name begins" },
        { "a=1234567890123456", 18, "a number has 1 to 15" },
        { "a=1234567890123.5", 16, "a decimal has up to 12" },
        { "a=1.2345", 8, "a decimal has 1 to 3" },
        { "a=-", 3, "a number has" },
        { "a=1.", 4, "a decimal has 1 to 3" },
        { "a=?2", 3, "a boolean is" },
        { "a=:a", 4, "a byte sequence" },
        { "a=:a===:", 6, "a byte sequence" },
        { "a=@1.5", 4, "a date is" },
        { "a=@", 3, "a date is" },
        { "a=\"\\n\"", 4, "a \"\\\" stands" },
        { "a=\"\x7f\"", 3, "a string is printable" },
        { "a=%\"%C3\"", 5, "a \"%\" stands before" },
        { "a=%\"%c3\"", 7, "a display string is UTF-8" },
        { "a=%\"x", 5, "a display string is UTF-8" },
        { "a=%x", 3, "a display string begins" },
        { "a=%\"\t\"", 4, "a display string is printable" },
        { "a\r\n", 1, "a \"=\" has no blanks" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (parse(cases[i].text, strlen(cases[i].text), &error) != RT_INVALID
            || error.offset != cases[i].offset
            || strncmp(error.why, cases[i].why, strlen(cases[i].why)) != 0)
        {
            fail_msg("%s: %u %s", cases[i].text, (unsigned) error.offset,
                     error.why ? error.why : "");
        }
    }

    assert_int_equal(parse("a\0", 2, &error), RT_INVALID);
    assert_int_equal(error.offset, 1);
}


static void
lengths_are_bounded(void **state)
{
    rt_sf_error_t  error;
    static char    text[RT_SF_TEXT_MAX + 1];

    (void) state;

    memset(text, 'a', sizeof(text));
    assert_int_equal(parse(text, RT_SF_TEXT_MAX, &error), RT_OK);
    assert_int_equal(parse(text, RT_SF_TEXT_MAX + 1, &error), RT_TOO_BIG);
    assert_non_null(error.why);

    memcpy(text, "a=%\"", 4);
    text[4 + RT_SF_DISPLAY_MAX] = '"';
    assert_int_equal(parse(text, 5 + RT_SF_DISPLAY_MAX, &error), RT_OK);

    text[4 + RT_SF_DISPLAY_MAX] = 'a';
    text[5 + RT_SF_DISPLAY_MAX] = '"';
    assert_int_equal(parse(text, 6 + RT_SF_DISPLAY_MAX, &error), RT_TOO_BIG);
}


static void
values_without_effect_are_found(void **state)
{
    size_t             i;
    rt_str_t           s;
    rt_sf_error_t      error;
    rt_csp_findings_t  f;

    static const struct {
        rt_csp_field_e  field;
        const char     *text, *code;
    } cases[] = {
        { RT_CSP_PERMISSIONS, "browsing-topics=(), camera=(self "
          "\"https://a.example\" \"http://127.0.0.1:8080\"), usb=*", NULL },
        { RT_CSP_PERMISSIONS, "camera=none", "no-effect" },
        { RT_CSP_PERMISSIONS, "camera=(src)", "no-effect" },
        { RT_CSP_PERMISSIONS, "camera=(https://a.example)", "no-effect" },
        { RT_CSP_PERMISSIONS, "camera=(\"self\")", "no-origin" },
        { RT_CSP_PERMISSIONS, "camera=(\"\")", "no-origin" },
        { RT_CSP_PERMISSIONS, "camera", "no-effect" },
        { RT_CSP_PERMISSIONS, "camera=?0", "no-effect" },
        { RT_CSP_PERMISSIONS, "usb=(), camera=(), usb=*",
          "duplicate-feature" },
        { RT_CSP_DOCUMENT, "force-load-at-top, js-profiling=?0, "
          "oversized-images=2.0, document-write=?0;report-to=x", NULL },
        { RT_CSP_DOCUMENT, "js-profiling=(self)", "no-effect" },
        { RT_CSP_DOCUMENT, "js-profiling, js-profiling=?0",
          "duplicate-feature" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        s = str(cases[i].text);
        rt_csp_findings_init(&f, &mem);

        assert_int_equal(rt_csp_field(cases[i].field, &s, &f, &error), RT_OK);
        assert_int_equal(f.errors, 0);

        if (cases[i].code == NULL) {
            assert_null(f.first);
            continue;
        }

        assert_non_null(f.first);
        assert_string_equal(f.first->code, cases[i].code);
        assert_null(f.first->next);
    }

    rt_csp_findings_init(&f, &mem);
    assert_int_equal(rt_csp_field(RT_CSP_PERMISSIONS, &STR("Camera=none"), &f,
                                  &error), RT_INVALID);
    assert_null(f.first);

    arena.left = 0;
    assert_int_equal(rt_csp_field(RT_CSP_PERMISSIONS, &STR("camera=none"), &f,
                                  &error), RT_ERROR);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(dictionaries_are_read),
        ARENA_TEST(malformed_ones_are_not),
        ARENA_TEST(lengths_are_bounded),
        ARENA_TEST(values_without_effect_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

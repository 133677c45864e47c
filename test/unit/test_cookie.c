
#include "rt_test.h"
#include "text/rt_cookie.h"


static void
test_find(void **state)
{
    size_t    i;
    unsigned  count;
    rt_str_t  line, value, name = rt_string("__Host-rt");

    static const struct {
        const char  *line;
        const char  *value;         /* of the first */
        unsigned     count;
    } list[] = {
        { "", NULL, 0 },
        { "__Host-rt", NULL, 0 },
        { "__Host-rt=a", "a", 1 },
        { "__Host-rt=", "", 1 },
        { "__Host-rt==a=", "=a=", 1 },
        { "  __Host-rt \t= a b\t", "a b", 1 },
        { "__Host-rt=\"a\"", "\"a\"", 1 },
        { "x=1;__Host-rt=a;y=2", "a", 1 },
        { "x=1; __Host-rt=a; y=2", "a", 1 },
        { "; ;__Host-rt=a;;", "a", 1 },
        { "__Host-rt=a; __Host-rt=b", "a", 2 },
        { "__Host-rt=; __Host-rt=b; __Host-rt", "", 2 },
        { "x=\"; __Host-rt=a\"", "a\"", 1 },
        { "__Host-RT=a; __host-rt=b", NULL, 0 },
        { "__Host-rt_1=a; x__Host-rt=b; __Host-r=c", NULL, 0 },
        { "x=__Host-rt=a", NULL, 0 },
        { "x=1, __Host-rt=a", NULL, 0 },
        { "=__Host-rt; =a", NULL, 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        line = copied(list[i].line);
        value = (rt_str_t) rt_null_string;
        count = 0;

        rt_cookie_find(&line, &name, &value, &count);

        assert_int_equal(count, list[i].count);
        assert_int_equal(value.data != NULL, list[i].value != NULL);

        if (list[i].value && !is_text(&value, list[i].value)) {
            fail_msg("%s: \"%.*s\"", list[i].line, (int) value.len,
                     value.data);
        }
    }
}


/* HTTP/2 splits a Cookie header: the first stays, the count goes on */

static void
test_find_lines(void **state)
{
    unsigned  count;
    rt_str_t  value, name = rt_string("rt");

    (void) state;

    count = 0;

    rt_cookie_find(&STR("a=1"), &name, &value, &count);
    assert_int_equal(count, 0);

    rt_cookie_find(&STR("rt=1"), &name, &value, &count);
    rt_cookie_find(&STR("b=1; rt=2"), &name, &value, &count);
    assert_int_equal(count, 2);
    assert_true(rt_str_lit(&value, "1"));
}


static const rt_cookie_name_t  ours[] = {
    { rt_string("rt"), 0 },
    { rt_string("rt_l"), 1 },
    { rt_string("rt_"), 1 },
};


static void
test_take_out(void **state)
{
    size_t       i;
    rt_str_t     line, rest;
    rt_status_e  rc;

    static const struct {
        const char  *line;
        const char  *rest;          /* NULL: as it was */
    } list[] = {
        { "", NULL },
        { "a=1", NULL },
        { " a=1 ;; b ; ", NULL },
        { "rt=1", "" },
        { "rt", "" },
        { " rt = 1 ", "" },
        { "rt=1;", "" },
        { ";rt=1", "" },
        { " ; rt=1 ; ", "" },
        { "rt=1; rt=2;rt_0=3", "" },
        { "rt=1; a=1", "a=1" },
        { "a=1; rt=1", "a=1" },
        { "a=1; rt=1;", "a=1" },
        { "a=1; rt=1; b=2", "a=1; b=2" },
        { "a=1;rt=1;b=2", "a=1;b=2" },
        { "rt=1;  a=\" x\"  ;\tb=2 ", "a=\" x\"  ;\tb=2 " },
        { " a=1; rt=1", " a=1" },
        { "rt=1;;a=1", "a=1" },
        { "a=1;rt=1; ;b=2", "a=1;b=2" },
        { "a=1; ;rt=1;b=2", "a=1; ;b=2" },
        { ";a=1;rt=1", ";a=1" },
        { "a=1;;b=2; rt=1", "a=1;;b=2" },
        { "RT=1; Rt_L0=1; a=RT", "a=RT" },
        { "rt_l0=1; rt_l9=2; rt_0=3; a=1", "a=1" },
        { "rt_l=1; rt_lx=1; rt_l10=1; rt_=1; rt_10=1; rt1=1", NULL },
        { "art=1; r=1; rt2=1; =rt; a=rt; rt a=1", NULL },
        { "a=\"; rt=1; b=\"", "a=\"; b=\"" },
        { "a=1\xff; rt=\xfe; b=\x01", "a=1\xff; b=\x01" },
    };

    (void) state;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        line = copied(list[i].line);
        rc = rt_cookie_take_out(&mem, &line, ours, 3, &rest);

        if (list[i].rest == NULL) {
            assert_int_equal(rc, RT_DECLINED);
            assert_true(rest.data == line.data && rest.len == line.len);
            continue;
        }

        assert_int_equal(rc, RT_OK);
        assert_int_equal(rest.data[rest.len], '\0');

        if (!is_text(&rest, list[i].rest)) {
            fail_msg("\"%s\" becomes \"%.*s\"", list[i].line, (int) rest.len,
                     rest.data);
        }
    }

    line = STR("rt=1; a=1");
    arena.left = 0;
    assert_int_equal(rt_cookie_take_out(&mem, &line, ours, 3, &rest),
                     RT_ERROR);
}


static rt_cookie_t
plain(void)
{
    rt_cookie_t  c;

    memset(&c, 0, sizeof(rt_cookie_t));
    c.name = STR("rt");
    c.value = STR("v");
    c.max_age = -1;

    return c;
}


static void
assert_line(const rt_cookie_t *c, const char *want)
{
    rt_str_t     line;
    const char  *why;

    assert_int_equal(rt_cookie_write(&mem, c, &line, &why), RT_OK);

    if (!is_text(&line, want)) {
        fail_msg("\"%.*s\" for \"%s\"", (int) line.len, line.data, want);
    }
}


static void
test_write(void **state)
{
    rt_str_t      line;
    const char   *why;
    rt_cookie_t   c;

    (void) state;

    c = plain();
    assert_line(&c, "rt=v");

    c.value = STR("");
    c.max_age = 0;
    assert_line(&c, "rt=; Max-Age=0");

    c = plain();
    c.path = STR("/a b");
    assert_int_equal(rt_cookie_write(&mem, &c, &line, &why), RT_DECLINED);

    c.path = STR("/a");
    c.domain = STR("az.Example-09.org");
    c.max_age = INT64_MAX;
    c.samesite = RT_SAMESITE_STRICT;
    c.httponly = 1;
    assert_line(&c, "rt=v; Path=/a; Domain=az.Example-09.org; "
                    "Max-Age=9223372036854775807; HttpOnly; SameSite=Strict");

    c = plain();
    c.name = STR("__Host-rt");
    c.path = STR("/");
    c.max_age = 3600;
    c.samesite = RT_SAMESITE_LAX;
    c.secure = 1;
    c.httponly = 1;
    assert_line(&c, "__Host-rt=v; Path=/; Max-Age=3600; Secure; HttpOnly; "
                    "SameSite=Lax");

    c.samesite = RT_SAMESITE_NONE;
    c.httponly = 0;
    assert_line(&c, "__Host-rt=v; Path=/; Max-Age=3600; Secure; "
                    "SameSite=None");

    arena.left = 0;
    assert_int_equal(rt_cookie_write(&mem, &c, &line, &why), RT_ERROR);
}


/* all attributes as long as they may be: the sanitizer sees the border */

static void
test_write_long(void **state)
{
    char          text[RT_COOKIE_MAX + 1];
    rt_str_t      line;
    const char   *why;
    rt_cookie_t   c;

    (void) state;

    memset(text, 'a', sizeof(text));

    c = plain();
    c.value = copy_of(text, RT_COOKIE_MAX - 2);
    c.domain = copy_of(text, RT_COOKIE_MAX_ATTR);
    c.path = copy_of(text, RT_COOKIE_MAX_ATTR);
    c.path.data[0] = '/';
    c.max_age = INT64_MAX;
    c.samesite = RT_SAMESITE_STRICT;
    c.secure = 1;
    c.httponly = 1;
    assert_int_equal(rt_cookie_write(&mem, &c, &line, &why), RT_OK);
    assert_int_equal(line.len, RT_COOKIE_MAX + 1 + 2 * RT_COOKIE_MAX_ATTR
                     + strlen("; Path=; Domain=; Max-Age=9223372036854775807"
                              "; Secure; HttpOnly; SameSite=Strict"));

    c.value = copy_of(text, RT_COOKIE_MAX - 1);
    assert_int_equal(rt_cookie_check(&c, &why), RT_DECLINED);
    assert_string_equal(why, "is longer than browsers keep");

    c = plain();
    c.domain = copy_of(text, RT_COOKIE_MAX_ATTR + 1);
    assert_int_equal(rt_cookie_check(&c, &why), RT_DECLINED);

    c = plain();
    c.path = copy_of(text, RT_COOKIE_MAX_ATTR + 1);
    c.path.data[0] = '/';
    assert_int_equal(rt_cookie_check(&c, &why), RT_DECLINED);
}


static void
test_check(void **state)
{
    size_t        i;
    const char   *why;
    rt_cookie_t   c;

    static const struct {
        const char     *name;
        const char     *path;
        const char     *domain;
        unsigned        secure;
        rt_samesite_e   samesite;
        const char     *why;
    } list[] = {
        { "__Host-rt", "/", "", 1, RT_SAMESITE_LAX, NULL },
        { "__HOST-rt", "/", "", 0, 0,
          "begins with __Host-, and is not Secure" },
        { "__host-rt", "", "", 1, 0,
          "begins with __Host-, and its Path is not \"/\"" },
        { "__Host-rt", "/a", "", 1, 0,
          "begins with __Host-, and its Path is not \"/\"" },
        { "__Host-rt", "/", "a.b", 1, 0,
          "begins with __Host-, and has a Domain" },
        { "__Secure-rt", "", "a.b", 1, 0, NULL },
        { "__secure-rt", "/", "", 0, 0,
          "begins with __Secure-, and is not Secure" },
        { "__Host-", "/", "", 0, 0,
          "begins with __Host-, and is not Secure" },
        { "__Hostrt", "", "", 0, 0, NULL },
        { "x__Host-rt", "", "", 0, 0, NULL },
        { "__Host", "", "", 0, 0, NULL },
        { "rt", "", "", 0, RT_SAMESITE_NONE,
          "is SameSite=None, and is not Secure" },
        { "rt", "", "", 1, RT_SAMESITE_NONE, NULL },
        { "rt", "a", "", 0, 0,
          "has a Path that is too long or does not begin with \"/\"" },
        { "rt", "/;a", "", 0, 0,
          "has a Path that is too long or does not begin with \"/\"" },
        { "rt", "/\x7f", "", 0, 0,
          "has a Path that is too long or does not begin with \"/\"" },
        { "rt", "", "a;b", 0, 0, "has a Domain that is no name of a host" },
        { "rt", "", "a b", 0, 0, "has a Domain that is no name of a host" },
        { "", "", "", 0, 0, "has a name that is empty or no token" },
        { "a b", "", "", 0, 0, "has a name that is empty or no token" },
        { "a\x7f", "", "", 0, 0, "has a name that is empty or no token" },
        { "a=b", "", "", 0, 0, "has a name that is empty or no token" },
        { "a;b", "", "", 0, 0, "has a name that is empty or no token" },
        { "a\r\nb", "", "", 0, 0, "has a name that is empty or no token" },
        { "\xc3\xa9", "", "", 0, 0, "has a name that is empty or no token" },
    };

    (void) state;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        c = plain();
        c.name = str(list[i].name);
        c.path = str(list[i].path);
        c.domain = str(list[i].domain);
        c.secure = list[i].secure;
        c.samesite = list[i].samesite;

        assert_int_equal(rt_cookie_check(&c, &why),
                         list[i].why ? RT_DECLINED : RT_OK);

        if (list[i].why) {
            assert_string_equal(why, list[i].why);
        }
    }
}


static void
test_check_value(void **state)
{
    size_t         i;
    const char    *why;
    rt_cookie_t    c;
    unsigned char  byte;

    (void) state;

    for (i = 0; i < 256; i++) {
        byte = (unsigned char) i;

        c = plain();
        c.value.data = &byte;
        c.value.len = 1;

        assert_int_equal(rt_cookie_check(&c, &why) == RT_OK,
                         i > 0x20 && i < 0x7f && byte != '"' && byte != ','
                         && byte != ';' && byte != '\\');
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_find),
        ARENA_TEST(test_find_lines),
        ARENA_TEST(test_take_out),
        ARENA_TEST(test_write),
        ARENA_TEST(test_write_long),
        ARENA_TEST(test_check),
        ARENA_TEST(test_check_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

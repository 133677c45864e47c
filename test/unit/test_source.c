
/* rt_source: the one value that all applications read, or none */

#include "rt_test.h"
#include "policy/rt_source.h"


static const char  *why;


/* the value; NULL: refused or absent, with why */

static const char *
arg(const char *name, const char *query, size_t len)
{
    char      *text;
    rt_str_t   n, q, value;

    n = str(name);
    q.data = (unsigned char *) query;
    q.len = len;
    why = "absent";

    switch (rt_source_arg(&mem, &q, &n, &value, &why)) {

    case RT_OK:
        text = rt_arena_alloc(&arena, value.len + 1);
        memcpy(text, value.data, value.len);
        text[value.len] = '\0';
        return text;

    case RT_DECLINED:
        assert_string_equal(why ? why : "absent", "absent");
        why = "absent";
        return NULL;

    default:
        assert_non_null(why);
        return NULL;
    }
}

#define ARG(name, query)  arg(name, query, sizeof(query) - 1)


static void
test_read(void **state)
{
    size_t  i;

    static const struct {
        const char  *query;
        const char  *value;
    } good[] = {
        { "tenant=mine", "mine" },
        { "a=1&tenant=mine&b=2", "mine" },
        { "&&tenant=mine&&", "mine" },
        { "ten%61nt=mine", "mine" },
        { "%74%65%6e%61%6E%74=%6d%69ne", "mine" },
        { "tenant=a+b%20c%2Bd", "a b c+d" },
        { "tenant=a%3Bb%26c%3Dd=e?f", "a;b&c=d=e?f" },
        { "tenant=%C3%A9", "\xc3\xa9" },
        { "tenant=", "" },
        { "tenant", "" },
        { "tenants=x&tenan=y&tenant=mine", "mine" },
        { "tenant_id=x&tenant=mine", "mine" },
        { "q=100%&x=%zz&tenant=mine", "mine" },
        { "q=a;b&tenant=mine", "mine" },
        { "=x&tenant=mine&%20=y&[]=z", "mine" },
        { "gr%C3%B6%C3%9Fe=5&tenant=mine", "mine" },
        { "filter[tenants]=x&tenant=mine", "mine" },
        { "back=/x?tenant=y&tenant=mine", "mine" },
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const char  *value = arg("tenant", good[i].query,
                                 strlen(good[i].query));

        if (value == NULL) {
            fail_msg("%s: %s", good[i].query, why);
        }

        assert_string_equal(value, good[i].value);
    }

    assert_string_equal(ARG("tenant_id", "tenant_id=1"), "1");
    assert_string_equal(ARG("a.b-c", "a.b-c=1"), "1");
    assert_string_equal(ARG("Tenant", "Tenant=1"), "1");
}


static void
test_absent(void **state)
{
    (void) state;

    assert_null(ARG("tenant", ""));
    assert_string_equal(why, "absent");
    assert_null(ARG("tenant", "&&&"));
    assert_string_equal(why, "absent");
    assert_null(ARG("tenant", "tenants=1&xtenant=2&enant=3"));
    assert_string_equal(why, "absent");
}


/* one application reads another value than the next, or may */

static void
test_refused(void **state)
{
    size_t  i;

#define Q(query, why)  { query, sizeof(query) - 1, why }

    static const struct {
        const char  *query;
        size_t       len;
        const char  *why;
    } bad[] = {
        /* the inputs of the issue */
        Q("TENANT=mine&tenant=other", "spelling"),
        Q("tenant=mine&tenant=other", "repeated"),
        Q("ten%61nt=other&tenant=mine", "repeated"),

        Q("tenant=mine&tenant=mine", "repeated"),
        Q("tenant&tenant=mine", "repeated"),
        Q("tenant=mine&TENANT=other", "repeated"),
        Q("TENANT=mine", "spelling"),
        Q("Tenant=mine", "spelling"),

        /* PHP, Rails, qs: arrays and hashes */
        Q("tenant[]=mine", "spelling"),
        Q("tenant=mine&tenant[]=other", "repeated"),
        Q("tenant=mine&tenant[0]=other", "repeated"),
        Q("tenant=mine&tenant[a][b]=other", "repeated"),
        Q("tenant=mine&tenant%5B%5D=other", "repeated"),
        Q("tenant=mine&[tenant]=other", "repeated"),
        Q("tenant=mine&[tenant]x=other", "repeated"),
        Q("tenant=mine&tenant[=other", "repeated"),
        Q("tenant=mine&tenant]=other", "repeated"),

        /* blanks and signs that are cut, or made "_" */
        Q("tenant=mine&+tenant=other", "repeated"),
        Q("tenant=mine&%20tenant=other", "repeated"),
        Q("tenant=mine&tenant+=other", "repeated"),
        Q("tenant=mine&te+nant=other", "repeated"),
        Q("te+nant=mine", "spelling"),
        Q("te%20nant=mine", "spelling"),
        Q("te.nant=mine", "spelling"),
        Q("?tenant=other&tenant=mine", "spelling"),
        Q("tenant=mine&?tenant=other", "repeated"),
        Q("tenant=mine&%C2%A0tenant=other", "repeated"),
        Q("%EF%BB%BFtenant=mine", "spelling"),
        Q("tenant=mine&tenant%E2%80%8B=other", "repeated"),

        /* letters that case folding makes ASCII ones */
        Q("k=mine&%E2%84%AA=other", "repeated"),
        Q("k=mine&K=other", "repeated"),

        /* names nobody can tell */
        Q("tenant=mine&ten%00ant=other", "malformed"),
        Q("tenant=mine&tenant%00x=other", "malformed"),
        Q("%00tenant=mine", "malformed"),
        Q("tenant=mine&%u0074enant=other", "malformed"),
        Q("tenant=mine&%C1%B4enant=other", "malformed"),
        Q("tenant=mine&ten%FFant=other", "malformed"),
        Q("tenant=mine&ten%ant=other", "malformed"),
        Q("tenant=mine&ten%0Aant=other", "malformed"),

        /* where an argument ends */
        Q("tenant=mine;tenant=other", "\";\""),
        Q("tenant=mine;x=1", "\";\""),
        Q("x=1;tenant=other&tenant=mine", "\";\""),
        Q("x=1;tenant=mine", "\";\""),
        Q(";tenant=mine", "\";\""),
        Q("tenant=mine;", "\";\""),
        Q("tenant=mine&x=#&tenant=other", "repeated"),
        Q("tenant=mine#", "\"#\""),
        Q("tenant=mine&x#y", "\"#\""),

        /* values */
        Q("tenant=mi%00ne", "control"),
        Q("tenant=%00", "control"),
        Q("tenant=mine%0a", "control"),
        Q("tenant=mine%7f", "control"),
        Q("tenant=mine%C2%85", "control"),
        Q("tenant=mine%FF", "UTF-8"),
        Q("tenant=%C1%ADine", "UTF-8"),
        Q("tenant=mine%", "malformed"),
        Q("tenant=%6", "malformed"),
        Q("tenant=%u006dine", "malformed"),
        Q("tenant=+mine", "begins or"),
        Q("tenant=mine%20", "ends with"),
        Q("tenant=mine%C2%A0", "ends with"),
        Q("tenant=%EF%BB%BFmine", "begins or"),
        Q("tenant=+", "begins or"),
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char  *name = bad[i].query[0] == 'k' ? "k" : "tenant";

        if (arg(name, bad[i].query, bad[i].len) != NULL) {
            fail_msg("taken: %s", bad[i].query);
        }

        if (strstr(why, bad[i].why) == NULL) {
            fail_msg("%s: %s, not %s", bad[i].query, why, bad[i].why);
        }
    }

    assert_null(ARG("status", "status=1&%C5%BFtatus=2"));
    assert_string_equal(why, "is repeated");
    assert_null(ARG("id", "id=1&%C4%B1d=2"));
    assert_string_equal(why, "is repeated");
    assert_null(ARG("id", "id=1&%C4%B0d=2"));
    assert_string_equal(why, "is repeated");
    assert_null(ARG("tenant_id", "tenant_id=1&tenant.id=2"));
    assert_string_equal(why, "is repeated");
    assert_null(ARG("tenant_id", "tenant_id=1&tenant%20id=2"));
    assert_string_equal(why, "is repeated");
}


/* PHP and qs read a thousand */

static void
test_many(void **state)
{
    char    text[3 * RT_SOURCE_MAX_ARGS + 16];
    size_t  i;

    (void) state;

    for (i = 0; i < RT_SOURCE_MAX_ARGS; i++) {
        memcpy(text + 2 * i, "a&", 2);
    }

    memcpy(text + 2 * i - 2, "k=1", 3);
    assert_string_equal(arg("k", text, 2 * i + 1), "1");

    memcpy(text + 2 * i - 2, "a&k=1", 5);
    assert_null(arg("k", text, 2 * i + 3));
    assert_string_equal(why, "is one of too many arguments");
}


static void
test_parse(void **state)
{
    size_t        i;
    rt_str_t      word, err;
    rt_source_t   source;

    static const char  *bad[] = {
        "arg:", "arg:a[]", "arg:a b", "arg:$x", "arg:a:b", "arg:_", "arg:\xc3",
        "header:", "header:a.b", "header:X Y", "header:-",
    };

    (void) state;

    word = str("arg:tenant_id");
    assert_true(rt_source_is(&word));
    assert_int_equal(rt_source_parse(&mem, &word, &source, &err), RT_OK);
    assert_int_equal(source.from, RT_SOURCE_ARG);
    assert_true(rt_str_lit(&source.name, "tenant_id"));

    word = str("header:X-Tenant");
    assert_int_equal(rt_source_parse(&mem, &word, &source, &err), RT_OK);
    assert_int_equal(source.from, RT_SOURCE_HEADER);
    assert_true(rt_str_lit(&source.name, "X-Tenant"));

    word = str("args:x");
    assert_false(rt_source_is(&word));
    assert_int_equal(rt_source_parse(&mem, &word, &source, &err),
                     RT_DECLINED);

    word = str("Arg:x");
    assert_false(rt_source_is(&word));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        word = str(bad[i]);

        if (rt_source_parse(&mem, &word, &source, &err) != RT_INVALID) {
            fail_msg("taken: %s", bad[i]);
        }
    }
}


static void
test_alike(void **state)
{
    size_t    i;
    rt_str_t  a, b;

    static const char  *pairs[][2] = {
        { "X-Tenant", "x_tenant" }, { "X-Tenant", "X.TENANT" },
        { "tenant", "tenant[x]" }, { "tenant", "[tenant]" },
        { "a1", "A-1" },
    };

    static const char  *other[][2] = {
        { "X-Tenant", "X-Tenant2" }, { "X-Tenant", "Tenant" }, { "-", "_" },
        { "", "" }, { "a", "" }, { "tenant", "ten[ant]" },
    };

    (void) state;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        a = str(pairs[i][0]);
        b = str(pairs[i][1]);
        assert_true(rt_source_alike(&a, &b));
        assert_true(rt_source_alike(&b, &a));
    }

    for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        a = str(other[i][0]);
        b = str(other[i][1]);
        assert_false(rt_source_alike(&a, &b));
        assert_false(rt_source_alike(&b, &a));
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_read),
        ARENA_TEST(test_absent),
        ARENA_TEST(test_refused),
        ARENA_TEST(test_many),
        ARENA_TEST(test_parse),
        ARENA_TEST(test_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

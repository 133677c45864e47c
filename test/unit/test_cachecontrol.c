
/* rt_cachecontrol: how long an answer is fresh, and for whom */

#include "rt_test.h"
#include "text/rt_cachecontrol.h"


typedef struct {
    const char  *control;
    const char  *age;
    long         want;
} field_t;


static const field_t  cases[] = {
    { "", "", -1 },
    { "", "5", -1 },
    { "public", "", -1 },
    { "max-age=60", "", 60 },
    { "MAX-AGE=60", "", 60 },
    { "public, max-age=60", "", 60 },
    { "public,max-age=60,immutable", "", 60 },
    { " \t max-age=60 \t , public", "", 60 },
    { ",, ,max-age=60,", "", 60 },
    { "max-age=\"60\"", "", 60 },
    { "max-age=0", "", 0 },
    { "max-age=99999999999999999999999", "", RT_CACHECONTROL_MAX },
    { "max-age=00060", "", 60 },

    /* less what it has aged on the way */
    { "max-age=60", "10", 50 },
    { "max-age=60", " 10", 50 },
    { "max-age=60", "60", 0 },
    { "max-age=60", "61", 0 },
    { "max-age=60", "99999999999999999999", 0 },
    { "max-age=60", "10, 20", 50 },
    { "max-age=60", "-10", 60 },
    { "max-age=60", "10s", 60 },
    { "max-age=60", "x", 60 },

    /* the first max-age holds; one that is no number is none */
    { "max-age=60, max-age=5", "", 60 },
    { "max-age", "", -1 },
    { "max-age=", "", -1 },
    { "max-age=, max-age=5", "", 5 },
    { "max-age=-1", "", -1 },
    { "max-age=6x", "", -1 },
    { "max-age=6 0", "", -1 },
    { "max-age=6.5", "", -1 },
    { "max-age=\"6", "", 6 },
    { "max-age=\"6\"0", "", -1 },
    { "max-age =60", "", -1 },
    { "s-maxage=60", "", -1 },
    { "x-max-age=60", "", -1 },
    { "max-ages=60", "", -1 },

    { "no-store", "", 0 },
    { "No-Cache", "", 0 },
    { "max-age=60, no-store", "", 0 },
    { "max-age=60, no-cache=\"Set-Cookie, X\"", "", 0 },
    { "no-storex, max-age=60", "", 60 },
    { "no-cache-x", "", -1 },

    /* words in quotes are no directives */
    { "ext=\"no-store, max-age=1\", max-age=60", "", 60 },
    { "ext=\"a\\\", no-store\", max-age=60", "", 60 },
    { "ext=\"no-store", "", -1 },
    { "ext=\"\\", "", -1 },
    { "\"max-age=60\"", "", -1 },
};


static void
test_cases(void **state)
{
    long      got;
    size_t    i;
    rt_str_t  control, age;

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        control = copied(cases[i].control);
        age = copied(cases[i].age);
        got = rt_cachecontrol_fresh(&control, &age);

        if (got != cases[i].want) {
            fail_msg("<%s> <%s>: %ld, not %ld", cases[i].control,
                     cases[i].age, got, cases[i].want);
        }
    }
}


static void
test_absent(void **state)
{
    rt_str_t  none = rt_null_string;
    rt_str_t  control = rt_string("max-age=60");

    (void) state;

    assert_int_equal(rt_cachecontrol_fresh(&none, &none), -1);
    assert_int_equal(rt_cachecontrol_fresh(&control, &none), 60);
}


typedef struct {
    const char  *control;
    const char  *want;
} private_t;


static const private_t  persons[] = {
    { "", "private" },
    { " , ,", "private" },
    { "public", "private" },
    { "PUBLIC, S-MaxAge=60", "private" },
    { "private", "private" },
    { "private=\"Set-Cookie\", max-age=5", "private, max-age=5" },
    { "public, max-age=31536000, immutable",
      "private, max-age=31536000, immutable" },
    { "max-age=60,s-maxage=600,stale-while-revalidate=5",
      "private, max-age=60, stale-while-revalidate=5" },
    { "no-cache", "private, no-cache" },
    { "No-Store", "private, No-Store" },
    { "no-cache=\"Set-Cookie, X\", public",
      "private, no-cache=\"Set-Cookie, X\"" },
    { "ext=\"public, s-maxage=1\"", "private, ext=\"public, s-maxage=1\"" },
    { "a", "private, a" },
    { "a,b,c", "private, a, b, c" },

    /* what is no directive */
    { "max-age=60 public", "private" },
    { "max-age=60; public, no-cache", "private, no-cache" },
    { "max-age =60", "private" },
    { "max-age=", "private" },
    { "=60, no-cache", "private, no-cache" },
    { "\"public\", no-cache", "private, no-cache" },
    { "ext=\"public", "private" },
    { "ext=\"public\\\"", "private" },
    { "ext=\"\"", "private, ext=\"\"" },
    { "ext=\"\\\"\"", "private, ext=\"\\\"\"" },
    { "ext=\"", "private" },
    { "ext=\"\\", "private" },
    { "pub\200lic, max-age=1", "private, max-age=1" },
};


static void
test_private(void **state)
{
    size_t    i;
    rt_str_t  control, out;

    (void) state;

    for (i = 0; i < sizeof(persons) / sizeof(persons[0]); i++) {
        control = copied(persons[i].control);

        assert_int_equal(rt_cachecontrol_private(&mem, &control, &out), RT_OK);

        if (out.len != strlen(persons[i].want)
            || memcmp(out.data, persons[i].want, out.len) != 0)
        {
            fail_msg("<%s>: <%.*s>", persons[i].control, (int) out.len,
                     out.data);
        }
    }
}


static void
test_private_memory(void **state)
{
    rt_str_t  out, none = rt_null_string;

    (void) state;

    arena.left = 0;

    assert_int_equal(rt_cachecontrol_private(&mem, &none, &out), RT_ERROR);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_cases),
        ARENA_TEST(test_absent),
        ARENA_TEST(test_private),
        ARENA_TEST(test_private_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

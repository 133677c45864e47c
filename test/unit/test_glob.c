
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "rt_arena.h"
#include "text/rt_glob.h"


static int
match(const char *pattern, const char *name)
{
    int             rc;
    rt_mem_t        mem;
    rt_str_t        p, n;
    rt_glob_t       glob;
    rt_arena_t      arena;
    unsigned char   folded[256];

    mem = rt_arena_init(&arena);

    p.data = (unsigned char *) pattern;
    p.len = strlen(pattern);
    n.data = (unsigned char *) name;
    n.len = strlen(name);

    assert_int_equal(rt_glob_compile(&mem, &p, &glob), RT_OK);

    rc = rt_glob_match(&glob, folded, rt_glob_fold(folded, &n));
    rt_arena_free(&arena);

    return rc;
}


static void
literal(void **state)
{
    (void) state;

    assert_true(match("password", "password"));
    assert_false(match("password", "passwor"));
    assert_false(match("password", "password1"));
    assert_false(match("password", "1password"));
    assert_false(match("password", ""));
}


static void
stars(void **state)
{
    (void) state;

    assert_true(match("*", ""));
    assert_true(match("*", "anything"));
    assert_true(match("*token*", "token"));
    assert_true(match("*token*", "my_token_2"));
    assert_true(match("*token*", "totoken"));
    assert_true(match("*token*", "tok-en"));
    assert_true(match("token*", "tokens"));
    assert_false(match("token*", "atoken"));
    assert_true(match("*token", "atoken"));
    assert_false(match("*token", "tokena"));
    assert_true(match("a*b*c", "abc"));
    assert_true(match("a*b*c", "axxbyyc"));
    assert_false(match("a*b*c", "acb"));
    assert_true(match("a**c", "ac"));

    /* the ends may not share bytes, nor the middle with them */
    assert_false(match("aba*aba", "ababa"));
    assert_true(match("aba*aba", "abaaba"));
    assert_false(match("ab*b*bc", "abbc"));
    assert_true(match("*aab*", "aaab"));
    assert_true(match("*abab*c", "abaababc"));
}


static void
folded(void **state)
{
    (void) state;

    assert_true(match("api_key", "API-Key"));
    assert_true(match("API-KEY", "api_key"));
    assert_true(match("api_key", "apikey"));
    assert_true(match("password", " Password\t"));
    assert_true(match("password", "\xef\xbd\x90\xef\xbd\x81" "ssword"));
    assert_true(match("password", "pa\xc5\xbf" "sword"));
    assert_true(match("token", "to\xe2\x84\xaa" "en"));

    /* mathematical bold, script with a letterlike one, circled, digits */

    assert_true(match("pass", "\xf0\x9d\x90\xa9\xf0\x9d\x90\x9a"
                              "\xf0\x9d\x90\xac\xf0\x9d\x90\xac"));
    assert_true(match("pass", "\xf0\x9d\x93\x85" "ass"));
    assert_true(match("pass", "\xf0\x9d\x90\x8f" "ass"));
    assert_true(match("word", "w\xe2\x84\xb4rd"));
    assert_true(match("pass", "\xe2\x93\x9f" "ass"));
    assert_true(match("pass", "\xe2\x93\x85" "ass"));
    assert_true(match("key1", "key\xf0\x9d\x9f\x8f"));
    assert_false(match("key1", "key\xf0\x9f\x94\x91"));
    assert_false(match("key1", "key\xf0\x9d"));
    assert_true(match("password", "p\xc1\xa1ssword"));
    assert_true(match("password", "p\xe0\x81\xa1ssword"));
    assert_false(match("password", "p\xc3\xa1ssword"));
    assert_true(match("\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9"));
}


static void
refused(void **state)
{
    rt_mem_t    mem;
    rt_str_t    s = rt_null_string;
    rt_glob_t   glob;
    rt_arena_t  arena;
    char        big[RT_GLOB_MAX + 1];

    (void) state;

    mem = rt_arena_init(&arena);

    assert_int_equal(rt_glob_compile(&mem, &s, &glob), RT_INVALID);

    s.data = (unsigned char *) "  ";
    s.len = 2;
    assert_int_equal(rt_glob_compile(&mem, &s, &glob), RT_INVALID);

    memset(big, 'a', sizeof(big));
    s.data = (unsigned char *) big;
    s.len = sizeof(big);
    assert_int_equal(rt_glob_compile(&mem, &s, &glob), RT_TOO_BIG);

    s.len--;
    assert_int_equal(rt_glob_compile(&mem, &s, &glob), RT_OK);

    arena.left = 0;
    assert_int_equal(rt_glob_compile(&mem, &s, &glob), RT_ERROR);

    rt_arena_free(&arena);
}


/* the worst of backtracking: 120 stars against a megabyte */

static void
linear(void **state)
{
    size_t           i;
    clock_t          t;
    rt_mem_t         mem;
    rt_str_t         s;
    rt_glob_t        glob;
    rt_arena_t       arena;
    unsigned char    p[RT_GLOB_MAX];
    unsigned char   *name;
    const size_t     len = 1 << 20;

    (void) state;

    mem = rt_arena_init(&arena);

    for (i = 0; i < 240; i += 3) {
        memcpy(p + i, "*aa", 3);
    }

    memcpy(p + i, "aaaab", 5);
    s.data = p;
    s.len = i + 5;

    assert_int_equal(rt_glob_compile(&mem, &s, &glob), RT_OK);

    name = rt_alloc(&mem, len);
    memset(name, 'a', len);

    t = clock();
    assert_false(rt_glob_match(&glob, name, len));
    assert_true(clock() - t < CLOCKS_PER_SEC);

    rt_arena_free(&arena);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(literal),
        cmocka_unit_test(stars),
        cmocka_unit_test(folded),
        cmocka_unit_test(refused),
        cmocka_unit_test(linear)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

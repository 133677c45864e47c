
#include "rt_test.h"
#include "policy/rt_disabled.h"
#include "text/rt_fold.h"


static rt_disabled_t  list;


static int
has(rt_disabled_e kind, const char *value, const char *issuer)
{
    rt_str_t  v = { strlen(value), (unsigned char *) value };
    rt_str_t  i = { strlen(issuer), (unsigned char *) issuer };

    return rt_disabled_has(&list, kind, &v, &i);
}


static void
lines_are_read(void **state)
{
    (void) state;

    assert_int_equal(rt_disabled_parse(&mem, &STR(
        "# who left\n\nsub:alice\r\nsub:bob iss=https://a\n"
        "sub:c iss=d iss=https://a\nemail:J\xc3\x9cRGEN@Example.DE\n"
        "sid:s:1\njti:t"), &list), RT_OK);
    assert_int_equal(list.n, 6);

    assert_true(has(RT_DISABLED_SUB, "alice", "https://a"));
    assert_true(has(RT_DISABLED_SUB, "alice", "https://b"));
    assert_false(has(RT_DISABLED_SUB, "Alice", "https://a"));
    assert_false(has(RT_DISABLED_SUB, "alic", "https://a"));
    assert_false(has(RT_DISABLED_JTI, "alice", "https://a"));

    assert_true(has(RT_DISABLED_SUB, "bob", "https://a"));
    assert_false(has(RT_DISABLED_SUB, "bob", "https://b"));
    assert_false(has(RT_DISABLED_SUB, "bob", ""));
    assert_true(has(RT_DISABLED_SUB, "c iss=d", "https://a"));

    assert_true(has(RT_DISABLED_EMAIL, "j\xc3\xbcrgen@example.de", "x"));
    assert_true(has(RT_DISABLED_SID, "s:1", "x"));
    assert_true(has(RT_DISABLED_JTI, "t", "x"));
}


static void
an_array_is_read(void **state)
{
    (void) state;

    assert_int_equal(rt_disabled_parse(&mem, &STR(
        " [ \"sub:alice\", {\"sub\": \"b iss=c\"}, \"email:X@y iss=https://a\","
        " {\"iss\": \"https://a\", \"email\": \"Q@y\"} ]\n"), &list), RT_OK);
    assert_int_equal(list.n, 4);

    assert_true(has(RT_DISABLED_SUB, "alice", "x"));
    assert_true(has(RT_DISABLED_SUB, "b iss=c", "x"));
    assert_true(has(RT_DISABLED_EMAIL, "x@y", "https://a"));
    assert_false(has(RT_DISABLED_EMAIL, "x@y", "https://b"));
    assert_true(has(RT_DISABLED_EMAIL, "q@y", "https://a"));

    assert_int_equal(rt_disabled_parse(&mem, &STR("[]"), &list), RT_OK);
    assert_int_equal(list.n, 0);
    assert_false(has(RT_DISABLED_SUB, "alice", "x"));
}


static void
a_bad_one_is_refused_as_a_whole(void **state)
{
    size_t  i;

    static const struct {
        const char  *text;
        const char  *unit;
        unsigned     at;
        const char  *why;
    } bad[] = {
        { "sub:a\nbob\n", "line", 2, "has no \":\"" },
        { "\n#\nuser:a", "line", 3,
          "names no \"sub\", \"email\", \"sid\" or \"jti\"" },
        { "Sub:a", "line", 1,
          "names no \"sub\", \"email\", \"sid\" or \"jti\"" },
        { "sub:", "line", 1, "has an empty value" },
        { "sub:a iss=", "line", 1, "has an empty iss" },
        { "sub: a", "line", 1,
          "has a control character, or blanks around its value" },
        { "sub:a\tb", "line", 1,
          "has a control character, or blanks around its value" },
        { "email:\xff", "line", 1, "is no UTF-8" },
        { "[\"sub:a\"", "entry", 0, "is not strict JSON" },
        { "[\"sub:a\\u0000\"]", "entry", 0, "is not strict JSON" },
        { "[{\"sub\":\"a\",\"sub\":\"b\"}]", "entry", 0,
          "is not strict JSON" },
        { "[\"sub:a\",1]", "entry", 2,
          "must be a string, or an object of one of sub, email, sid and jti, "
          "with iss or without" },
        { "[{\"sub\":\"a\",\"jti\":\"b\"}]", "entry", 1,
          "must be a string, or an object of one of sub, email, sid and jti, "
          "with iss or without" },
        { "[{\"iss\":\"a\"}]", "entry", 1,
          "must be a string, or an object of one of sub, email, sid and jti, "
          "with iss or without" },
        { "[{\"sub\":1}]", "entry", 1, "has a member that is no string" },
        { "[{\"sub\":\"a\",\"iss\":\"\"}]", "entry", 1, "has an empty iss" },
        { "[{\"sub\":\"a\",\"iss\":null}]", "entry", 1,
          "has a member that is no string" },
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        rt_str_t  text = { strlen(bad[i].text),
                           (unsigned char *) bad[i].text };

        assert_int_equal(rt_disabled_parse(&mem, &text, &list), RT_INVALID);
        assert_string_equal(list.unit, bad[i].unit);
        assert_int_equal(list.at, bad[i].at);
        assert_string_equal(list.why, bad[i].why);
    }
}


static void
it_is_bounded(void **state)
{
    unsigned   i;
    rt_str_t   text;

    (void) state;

    text.data = rt_alloc(&mem, 16 * (RT_DISABLED_MAX + 1));
    text.len = 0;

    for (i = 0; i < RT_DISABLED_MAX; i++) {
        text.len += (size_t) sprintf((char *) text.data + text.len,
                                     "sub:%u\n", i * 7919 % RT_DISABLED_MAX);
    }

    assert_int_equal(rt_disabled_parse(&mem, &text, &list), RT_OK);
    assert_int_equal(list.n, RT_DISABLED_MAX);

    for (i = 0; i < RT_DISABLED_MAX; i++) {
        char  value[16];

        (void) sprintf(value, "%u", i);
        assert_true(has(RT_DISABLED_SUB, value, "x"));
    }

    assert_false(has(RT_DISABLED_SUB, "16384", "x"));

    text.len += (size_t) sprintf((char *) text.data + text.len, "sub:x\n");
    assert_int_equal(rt_disabled_parse(&mem, &text, &list), RT_TOO_BIG);
    assert_int_equal(list.at, RT_DISABLED_MAX + 1);
    assert_string_equal(list.why, "is one entry too many");
}


static void
letters_lose_their_case(void **state)
{
    size_t         i, len;
    rt_str_t       folded;
    unsigned char  out[64];

    static const char *pairs[][2] = {
        { "ALICE@Example.com", "alice@example.com" },
        { "\xc3\x84\xc3\x96\xc3\x97", "\xc3\xa4\xc3\xb6\xc3\x97" },
        { "\xc4\x80\xc4\x81\xc4\x82", "\xc4\x81\xc4\x81\xc4\x83" },
        { "\xce\x91\xcf\x82\xce\xa3", "\xce\xb1\xcf\x83\xcf\x83" },
        { "\xd0\x96\xd0\x90", "\xd0\xb6\xd0\xb0" },
        { "\xe2\x84\xaa", "k" },                    /* the sign of Kelvin */
        { "\xc5\xbf", "s" },                        /* a long s */
        { "\xe1\xba\x9e\xc3\x9f", "\xc3\x9f\xc3\x9f" },
        { "\xc8\xba", "\xe2\xb1\xa5" },             /* grows */
        { "\xef\xbc\xa1", "\xef\xbd\x81" },
        { "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8" },
        { "\xe6\x97\xa5\xc4\xb1", "\xe6\x97\xa5\xc4\xb1" },
        { "\xff", "\xef\xbf\xbd" },
    };

    (void) state;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        rt_str_t  text = { strlen(pairs[i][0]),
                           (unsigned char *) pairs[i][0] };

        len = rt_fold(out, &text);
        assert_int_equal(len, strlen(pairs[i][1]));
        assert_memory_equal(out, pairs[i][1], len);

        folded.data = out;
        folded.len = len;
        assert_int_equal(rt_fold_strange(&text, &folded), len == 1);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(lines_are_read),
        ARENA_TEST(an_array_is_read),
        ARENA_TEST(a_bad_one_is_refused_as_a_whole),
        ARENA_TEST(it_is_bounded),
        ARENA_TEST(letters_lose_their_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

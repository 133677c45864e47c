
#include "rt_test.h"
#include "oidc/rt_revocation.h"


#define K  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"


static void
an_entry_is_written(void **state)
{
    size_t            i;
    rt_str_t          words[RT_REVOCATION_WORDS];
    unsigned char     text[RT_REVOCATION_TEXT];
    rt_revocation_t   rev = { { 0 }, INT64_MAX, 1800000000, 0, 0, 0 };

    (void) state;

    for (i = 0; i < RT_REVOCATION_KEY; i++) {
        rev.key[i] = (unsigned char) i;
    }

    rev.key[31] = 0xff;
    rt_revocation_words(&rev, text, words);

    assert_true(rt_str_lit(&words[0], "k"));
    assert_true(rt_str_lit(&words[1], K));
    assert_true(rt_str_lit(&words[2], "b"));
    assert_true(rt_str_lit(&words[3], "999999999999999999"));
    assert_true(rt_str_lit(&words[4], "u"));
    assert_true(rt_str_lit(&words[5], "1800000000"));

    rev.before = -1;
    rev.front = 1;
    rt_revocation_words(&rev, text, words);
    assert_true(rt_str_lit(&words[0], "f"));
    assert_true(rt_str_lit(&words[3], "0"));

    rev.front = 0;
    rev.pushed = 1;
    rt_revocation_words(&rev, text, words);
    assert_true(rt_str_lit(&words[0], "p"));
}


#define HEAD     "*1\r\n*2\r\n$10\r\nrt:revoked\r\n"
#define FIELDS   "*6\r\n$1\r\nk\r\n$64\r\n" K "\r\n$1\r\nb\r\n$2\r\n17\r\n"   \
                 "$1\r\nu\r\n$2\r\n99\r\n"

static void
entries_are_read(void **state)
{
    unsigned         n;
    rt_str_t         rest, id;
    rt_revocation_t  rev;

    (void) state;

    rest = STR(HEAD "*3\r\n"
               "*2\r\n$3\r\n1-0\r\n" FIELDS
               "*2\r\n$3\r\n2-0\r\n*2\r\n$1\r\nk\r\n$1\r\nx\r\n"
               "*2\r\n$3\r\n3-0\r\n*-1\r\n");

    assert_int_equal(rt_revocation_entries(&rest, &n), RT_OK);
    assert_int_equal(n, 3);

    assert_int_equal(rt_revocation_next(&rest, &id, &rev), RT_OK);
    assert_true(rt_str_lit(&id, "1-0"));
    assert_int_equal(rev.front, 0);
    assert_int_equal(rev.key[1], 1);
    assert_int_equal(rev.key[31], 0xff);
    assert_int_equal(rev.before, 17);
    assert_int_equal(rev.until, 99);

    assert_int_equal(rt_revocation_next(&rest, &id, &rev), RT_DECLINED);
    assert_true(rt_str_lit(&id, "2-0"));
    assert_int_equal(rt_revocation_next(&rest, &id, &rev), RT_DECLINED);
    assert_true(rt_str_lit(&id, "3-0"));
    assert_int_equal(rest.len, 0);

    rest = STR("*2\r\n$3\r\n4-0\r\n"
               "*6\r\n$1\r\nf\r\n$64\r\n" K "\r\n$1\r\nb\r\n$2\r\n17\r\n"
               "$1\r\nu\r\n$2\r\n99\r\n");
    assert_int_equal(rt_revocation_next(&rest, &id, &rev), RT_OK);
    assert_int_equal(rev.front, 1);

    rest = STR("*-1\r\n");
    assert_int_equal(rt_revocation_entries(&rest, &n), RT_OK);
    assert_int_equal(n, 0);
}


static void
other_answers_are_refused(void **state)
{
    size_t     i;
    unsigned   n;
    rt_str_t   rest;

    static const char  *const texts[] = {
        "", "+OK\r\n", ":1\r\n", "*0\r\n",
        "*2\r\n*0\r\n*0\r\n",
        "*1\r\n*1\r\n$1\r\nx\r\n",
        "*1\r\n*2\r\n:1\r\n*0\r\n",
        "*1\r\n*2\r\n$1\r\nx\r\n$1\r\nx\r\n",
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        rest = str(texts[i]);
        assert_int_equal(rt_revocation_entries(&rest, &n), RT_INVALID);
    }
}


static void
other_entries_are_refused(void **state)
{
    size_t           i;
    rt_str_t         rest, id;
    rt_revocation_t  rev;

    static const struct {
        const char   *text;
        rt_status_e   rc;
    } cases[] = {
        { "", RT_INVALID },
        { "*1\r\n$3\r\n1-0\r\n", RT_INVALID },
        { "*2\r\n:1\r\n*0\r\n", RT_INVALID },
        { "*2\r\n$0\r\n\r\n*0\r\n", RT_INVALID },
        { "*2\r\n$41\r\n12345678901234567890-12345678901234567890\r\n*0\r\n",
          RT_INVALID },
        { "*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\nk\r\n", RT_INVALID },
        { "*2\r\n$3\r\n1-0\r\n*0\r\n", RT_DECLINED },
        { "*2\r\n$3\r\n1-0\r\n*6\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n",
          RT_DECLINED },

        /* twice, too short, no digit, less than 0, too long, empty */

        { "*2\r\n$3\r\n1-0\r\n*6\r\n$1\r\nb\r\n$1\r\n1\r\n"
          "$1\r\nb\r\n$1\r\n1\r\n$1\r\nu\r\n$1\r\n1\r\n", RT_DECLINED },
        { "*2\r\n$3\r\n1-0\r\n*6\r\n$1\r\nk\r\n$63\r\n"
          "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1ef"
          "\r\n$1\r\nb\r\n$1\r\n1\r\n$1\r\nu\r\n$1\r\n1\r\n", RT_DECLINED },
        { "*2\r\n$3\r\n1-0\r\n*6\r\n$1\r\nk\r\n$64\r\n"
          "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"
          "\r\n$1\r\nb\r\n$1\r\n1\r\n$1\r\nu\r\n$1\r\n1\r\n", RT_DECLINED },
        { "*2\r\n$3\r\n1-0\r\n*6\r\n$1\r\nk\r\n$64\r\n" K "\r\n$1\r\nb\r\n"
          "$2\r\n-1\r\n$1\r\nu\r\n$1\r\n1\r\n", RT_DECLINED },
        { "*2\r\n$3\r\n1-0\r\n*6\r\n$1\r\nk\r\n$64\r\n" K "\r\n$1\r\nb\r\n"
          "$19\r\n1234567890123456789\r\n$1\r\nu\r\n$1\r\n1\r\n",
          RT_DECLINED },
        { "*2\r\n$3\r\n1-0\r\n*6\r\n$1\r\nk\r\n$64\r\n" K "\r\n$1\r\nb\r\n"
          "$0\r\n\r\n$1\r\nu\r\n$1\r\n1\r\n", RT_DECLINED },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rest = str(cases[i].text);
        assert_int_equal(rt_revocation_next(&rest, &id, &rev), cases[i].rc);
    }
}


static void
records_are_read_as_written(void **state)
{
    size_t           i;
    rt_str_t         text;
    unsigned char    room[RT_REVOCATION_RECORD];
    rt_revocation_t  other, rev = { { 1, 2 }, 17, 99, 0, 1, 0 };

    static const char *bad[] = {
        "", "k", "k " K, "k " K " b 1", "k " K " b 1 u 2 ", "k " K " b 1 u",
        "k " K " b 1 b 2", "x " K " k " K " u 1", "k " K " b 1 u 2 u 3",
        "k " K "0 b 1 u 2", "k " K " b -1 u 2", " k " K " b 1 u 2",
        "k  " K " b 1 u 2", "y " K " b 1 u 2"
    };

    (void) state;

    text.data = room;
    text.len = rt_revocation_record(&rev, room);
    assert_int_equal(rt_revocation_read(&text, &other), RT_OK);
    assert_memory_equal(other.key, rev.key, RT_REVOCATION_KEY);
    assert_int_equal(other.before, 17);
    assert_int_equal(other.until, 99);
    assert_int_equal(other.lift, 1);
    assert_int_equal(other.front, 0);

    text = STR("k " K " b 1 u 2");
    assert_int_equal(rt_revocation_read(&text, &other), RT_OK);
    assert_int_equal(other.lift, 0);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text.data = (unsigned char *) bad[i];
        text.len = strlen(bad[i]);
        assert_int_equal(rt_revocation_read(&text, &other), RT_DECLINED);
    }
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(records_are_read_as_written),
        ARENA_TEST(an_entry_is_written),
        ARENA_TEST(entries_are_read),
        ARENA_TEST(other_answers_are_refused),
        ARENA_TEST(other_entries_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

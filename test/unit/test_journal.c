
#include "rt_test.h"
#include "text/rt_journal.h"


static rt_str_t  file;


static void
put(const char *text)
{
    rt_str_t  record = { strlen(text), (unsigned char *) text };

    assert_int_equal(rt_journal_line(file.data + file.len, &record), RT_OK);
    file.len += record.len + RT_JOURNAL_MORE;
}


static void
three(void)
{
    file.data = rt_alloc(&mem, 4096);
    file.len = 0;

    put("one");
    put("and another");
    put("3");
}


static void
records_come_back(void **state)
{
    rt_str_t  rest, record;

    (void) state;

    three();
    assert_memory_equal(file.data, "7692c3ad3540bb80 one\n", 21);
    rest = file;

    assert_int_equal(rt_journal_next(&rest, &record), RT_OK);
    assert_true(rt_str_lit(&record, "one"));
    assert_int_equal(rt_journal_next(&rest, &record), RT_OK);
    assert_true(rt_str_lit(&record, "and another"));
    assert_int_equal(rt_journal_next(&rest, &record), RT_OK);
    assert_true(rt_str_lit(&record, "3"));
    assert_int_equal(rt_journal_next(&rest, &record), RT_DONE);
    assert_int_equal(rest.len, 0);

    rest = file;

    assert_int_equal(rt_journal_cut(&rest, &record), 1);
    assert_true(rt_str_lit(&record, "one"));
    assert_int_equal(rt_journal_cut(&rest, &record), 1);
    assert_int_equal(rt_journal_cut(&rest, &record), 1);
    assert_true(rt_str_lit(&record, "3"));
    assert_int_equal(rt_journal_cut(&rest, &record), 0);
}


/* wherever the file ends, whole lines are read and the rest is left */

static void
a_torn_end_is_left(void **state)
{
    size_t    len, n;
    rt_str_t  rest, record;

    (void) state;

    three();

    for (len = 0; len < file.len; len++) {
        rest.data = file.data;
        rest.len = len;

        for (n = 0; rt_journal_next(&rest, &record) == RT_OK; n++) {
            /* void */
        }

        assert_int_equal(n, len < 21 ? 0 : len < 50 ? 1 : 2);
        assert_ptr_equal(memchr(rest.data ? rest.data : file.data, '\n',
                                rest.len), NULL);
    }
}


static void
a_damaged_line_is_told(void **state)
{
    size_t    i;
    rt_str_t  rest, record;

    (void) state;

    three();

    for (i = 0; i < 20; i++) {
        file.data[i] ^= 1;
        rest = file;
        assert_int_equal(rt_journal_next(&rest, &record), RT_DECLINED);
        assert_int_equal(rt_journal_next(&rest, &record), RT_OK);
        assert_true(rt_str_lit(&record, "and another"));
        file.data[i] ^= 1;
    }

    rest = STR("\nx\n7692c3ad3540bb80 \n7692c3ad3540bb80one\n");

    for (i = 0; i < 4; i++) {
        assert_int_equal(rt_journal_next(&rest, &record), RT_DECLINED);
    }

    assert_int_equal(rt_journal_next(&rest, &record), RT_DONE);
}


static void
what_is_no_record_is_refused(void **state)
{
    rt_str_t        record;
    unsigned char  *dst, *text;

    (void) state;

    dst = rt_alloc(&mem, RT_JOURNAL_MAX + 1 + RT_JOURNAL_MORE);
    text = rt_alloc(&mem, RT_JOURNAL_MAX + 1);

    record = STR("");
    assert_int_equal(rt_journal_line(dst, &record), RT_INVALID);
    record = STR("a\nb");
    assert_int_equal(rt_journal_line(dst, &record), RT_INVALID);

    memset(text, 'x', RT_JOURNAL_MAX + 1);
    record.data = text;
    record.len = RT_JOURNAL_MAX;
    assert_int_equal(rt_journal_line(dst, &record), RT_OK);
    record.len++;
    assert_int_equal(rt_journal_line(dst, &record), RT_INVALID);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(records_come_back),
        ARENA_TEST(a_torn_end_is_left),
        ARENA_TEST(a_damaged_line_is_told),
        ARENA_TEST(what_is_no_record_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

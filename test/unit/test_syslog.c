
#include "rt_test.h"
#include "text/rt_syslog.h"


static const char  event[] =
    "{\"id\":\"017f22e2-79b0-74c3-98c4-dc0c0c07398f\",\"userId\":null}";


static void
begin(rt_syslog_t *s)
{
    rt_str_t  host = rt_string("web 1.example\n");
    rt_str_t  app = rt_string("nginx"), none = rt_null_string;

    memset(s, 0, sizeof(*s));

    s->pri = 13 * 8 + 6;
    s->host_len = rt_syslog_word(s->host, RT_SYSLOG_HOST, &host);
    s->app_len = rt_syslog_word(s->app, RT_SYSLOG_APP, &app);
    s->procid_len = rt_syslog_word(s->procid, RT_SYSLOG_WORD, &none);
    s->msgid_len = rt_syslog_word(s->msgid, RT_SYSLOG_WORD, &app);
}


static void
head_is(const char *line, int counted, const char *expected)
{
    rt_str_t       head, text = { strlen(line), (unsigned char *) line };
    rt_syslog_t    s;
    unsigned char  buf[RT_SYSLOG_HEAD];

    begin(&s);
    head = rt_syslog_head(&s, &text, counted, buf);

    assert_int_equal(head.len, strlen(expected));
    assert_memory_equal(head.data, expected, head.len);
}


/* the time is that of RFC 9562's example of version 7 */

static void
heads(void **state)
{
    (void) state;

    head_is(event, 0,
            "<110>1 2022-02-22T19:22:22.000Z web?1.example? nginx - nginx - ");
    head_is(event, 1, "122 "
            "<110>1 2022-02-22T19:22:22.000Z web?1.example? nginx - nginx - ");
    assert_int_equal(strlen(event), 59);
}


/* whatever is no id has no time */

static void
no_time(void **state)
{
    size_t         i;
    rt_str_t       line, head;
    rt_syslog_t    s;
    unsigned char  buf[RT_SYSLOG_HEAD], text[sizeof(event)];

    (void) state;

    head_is("", 1, "40 <110>1 - web?1.example? nginx - nginx - ");
    head_is("{}", 0, "<110>1 - web?1.example? nginx - nginx - ");

    begin(&s);

    for (i = 0; i < 22; i++) {
        memcpy(text, event, sizeof(event));
        text[i] = 'G';
        line.data = text;
        line.len = sizeof(event) - 1;

        head = rt_syslog_head(&s, &line, 0, buf);
        assert_memory_equal(head.data, "<110>1 - web", 12);

        line.len = i;
        head = rt_syslog_head(&s, &line, 0, buf);
        assert_memory_equal(head.data, "<110>1 - web", 12);
    }
}


/* the longest words and numbers there are fit, and are cut */

static void
longest(void **state)
{
    rt_str_t       head, line, word;
    rt_syslog_t    s;
    unsigned char  buf[RT_SYSLOG_HEAD], text[1024];

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(text, 'x', sizeof(text));
    word.data = text;
    word.len = sizeof(text);

    s.pri = 191;
    s.host_len = rt_syslog_word(s.host, RT_SYSLOG_HOST, &word);
    s.app_len = rt_syslog_word(s.app, RT_SYSLOG_APP, &word);
    s.procid_len = rt_syslog_word(s.procid, RT_SYSLOG_WORD, &word);
    s.msgid_len = rt_syslog_word(s.msgid, RT_SYSLOG_WORD, &word);

    assert_int_equal(s.host_len, RT_SYSLOG_HOST);
    assert_int_equal(s.app_len, RT_SYSLOG_APP);

    line.data = (unsigned char *) event;
    line.len = SIZE_MAX / 2;
    head = rt_syslog_head(&s, &line, 1, buf);

    assert_in_range((size_t) (head.data - buf), 0, 21);
    assert_true(head.data + head.len <= buf + sizeof(buf));
}


static void
facilities(void **state)
{
    rt_str_t  name[] = { rt_string("kern"), rt_string("audit"),
                         rt_string("local7"), rt_string("local8"),
                         rt_string("Audit"), rt_null_string };

    (void) state;

    assert_int_equal(rt_syslog_facility(&name[0]), 0);
    assert_int_equal(rt_syslog_facility(&name[1]), 13);
    assert_int_equal(rt_syslog_facility(&name[2]), 23);
    assert_int_equal(rt_syslog_facility(&name[3]), -1);
    assert_int_equal(rt_syslog_facility(&name[4]), -1);
    assert_int_equal(rt_syslog_facility(&name[5]), -1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(heads),
        cmocka_unit_test(no_time),
        cmocka_unit_test(longest),
        cmocka_unit_test(facilities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

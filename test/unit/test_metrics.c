
#include "rt_test.h"
#include "json/rt_json.h"
#include "metrics/rt_metrics.h"
#include "text/rt_utf8.h"


static const rt_metric_t  hits = {
    rt_string("rt_hits_total"), RT_METRICS_COUNTER, rt_string("What was hit."),
    { rt_string("kind"), rt_string("why"), rt_null_string }
};

static const rt_metric_t  full = {
    rt_string("rt_full"), RT_METRICS_GAUGE, rt_string("Three labels."),
    { rt_string("a"), rt_string("b"), rt_string("c") }
};

static const rt_metric_t  up = {
    rt_string("rt_up"), RT_METRICS_GAUGE, rt_string("Whether it is up."),
    { rt_null_string }
};

static unsigned char  buf[4096];


static rt_status_e
write_all(rt_metrics_form_e form, size_t size, rt_str_t *text)
{
    rt_metrics_t  m;

    static const rt_str_t  one[] = { rt_string("a"), rt_null_string };
    static const rt_str_t  two[] = { rt_string("b\\\"c\n"), rt_string("d") };
    static const rt_str_t  abc[] = { rt_string("1"), rt_string("2"),
                                     rt_string("3") };

    rt_metrics_init(&m, form, buf, size);

    rt_metrics_begin(&m, &hits);
    rt_metrics_value(&m, one, 0);
    rt_metrics_value(&m, two, UINT64_MAX);
    rt_metrics_end(&m);

    rt_metrics_begin(&m, &up);
    rt_metrics_value(&m, NULL, 1);
    rt_metrics_end(&m);

    rt_metrics_begin(&m, &up);
    rt_metrics_end(&m);

    rt_metrics_begin(&m, &hits);
    rt_metrics_end(&m);

    rt_metrics_begin(&m, &full);
    rt_metrics_value(&m, abc, 70);
    rt_metrics_end(&m);

    return rt_metrics_done(&m, text);
}


static void
written(rt_metrics_form_e form, const char *expected)
{
    size_t    size;
    rt_str_t  text;

    assert_int_equal(write_all(form, sizeof(buf), &text), RT_OK);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.data, expected, text.len);

    /* with less room for it, it says so, and stays within */

    for (size = 0; size < strlen(expected); size++) {
        memset(buf, '#', sizeof(buf));

        assert_int_equal(write_all(form, size, &text), RT_TOO_BIG);
        assert_true(text.len <= size);
        assert_int_equal(buf[size], '#');
    }

    assert_int_equal(write_all(form, size, &text), RT_OK);
}


static void
forms(void **state)
{
    (void) state;

    written(RT_METRICS_JSON,
            "{\"rt_hits_total\":[{\"kind\":\"a\",\"why\":\"\",\"value\":0},"
            "{\"kind\":\"b\\\\\\\"c\\n\",\"why\":\"d\","
            "\"value\":18446744073709551615}],\"rt_up\":1,"
            "\"rt_hits_total\":[],"
            "\"rt_full\":[{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\","
            "\"value\":70}]}\n");

    written(RT_METRICS_PROMETHEUS,
            "# HELP rt_hits_total What was hit.\n"
            "# TYPE rt_hits_total counter\n"
            "rt_hits_total{kind=\"a\",why=\"\"} 0\n"
            "rt_hits_total{kind=\"b\\\\\\\"c\\n\",why=\"d\"}"
            " 18446744073709551615\n"
            "# HELP rt_up Whether it is up.\n"
            "# TYPE rt_up gauge\n"
            "rt_up 1\n"
            "# HELP rt_up Whether it is up.\n"
            "# TYPE rt_up gauge\n"
            "# HELP rt_hits_total What was hit.\n"
            "# TYPE rt_hits_total counter\n"
            "# HELP rt_full Three labels.\n"
            "# TYPE rt_full gauge\n"
            "rt_full{a=\"1\",b=\"2\",c=\"3\"} 70\n");
}


/* the value between the quotes, read as Prometheus reads it */

static size_t
unquoted(const unsigned char *p, unsigned char *out)
{
    size_t  n;

    for (n = 0; *p != '"'; p++) {
        assert_true(*p >= 0x20 && *p != 0x7f);

        if (*p == '\\') {
            p++;
            assert_non_null(memchr("\\\"n", *p, 3));
            out[n++] = (*p == 'n') ? '\n' : *p;

        } else {
            out[n++] = *p;
        }
    }

    assert_string_equal((const char *) p, "\",why=\"\"} 9\n");

    return n;
}


static void
whatever_bytes(void **state)
{
    size_t           i, n;
    unsigned         round;
    rt_str_t         value[2], text, back;
    rt_json_t       *root;
    rt_json_opts_t   opts = { RT_JSON_UNIQUE, 8, 64 };
    rt_metrics_t     m;
    unsigned char    bytes[40], read[200], *p;

    static const unsigned char  some[] = { '"', '\\', '\n', 0x7f, 0xc3, 0xa9,
                                           ' ', 'a' };

    (void) state;

    value[1] = (rt_str_t) rt_null_string;

    for (round = 0; round < 2000; round++) {
        value[0].data = bytes;
        value[0].len = chance(sizeof(bytes));

        for (i = 0; i < value[0].len; i++) {
            bytes[i] = chance(3) ? some[chance(sizeof(some))]
                                 : (unsigned char) chance(256);
        }

        rt_metrics_init(&m, RT_METRICS_JSON, buf, sizeof(buf));
        rt_metrics_begin(&m, &hits);
        rt_metrics_value(&m, value, 9);
        rt_metrics_end(&m);
        assert_int_equal(rt_metrics_done(&m, &text), RT_OK);
        assert_int_equal(rt_json_parse(&mem, &text, &opts, &root, NULL),
                         RT_OK);

        rt_metrics_init(&m, RT_METRICS_PROMETHEUS, buf, sizeof(buf));
        rt_metrics_begin(&m, &hits);
        rt_metrics_value(&m, value, 9);
        rt_metrics_end(&m);
        assert_int_equal(rt_metrics_done(&m, &text), RT_OK);
        buf[text.len] = '\0';

        p = (unsigned char *) strstr((char *) buf, "{kind=\"");
        assert_non_null(p);
        n = unquoted(p + 7, read);

        back.data = read;
        back.len = n;
        assert_true(rt_utf8_valid(&back));

        if (rt_utf8_valid(&value[0]) && !rt_utf8_has_control(&value[0])) {
            assert_int_equal(n, value[0].len);
            assert_memory_equal(read, bytes, n);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(forms),
        ARENA_TEST(whatever_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

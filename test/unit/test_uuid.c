
#include <time.h>

#include "rt_test.h"
#include "text/rt_time.h"
#include "text/rt_uuid.h"


/* RFC 9562, appendix A.6: the example of version 7 */

static void
example(void **state)
{
    rt_uuid_t            u = { 0, 0 };
    unsigned char        text[RT_UUID_LEN];
    const unsigned char  rnd[] = { 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c,
                                   0x07, 0x39, 0x8f };

    (void) state;

    /* its rand_a, 0xcc3, has the top bit set that we keep for counting */

    rt_uuid7(&u, 0x017f22e279b0, rnd, text);
    assert_memory_equal(text, "017f22e2-79b0-74c3-98c4-dc0c0c07398f",
                        RT_UUID_LEN);
}


/* strictly growing: within a millisecond, with the clock stepping back */

static void
monotonic(void **state)
{
    unsigned        i;
    uint64_t        ms;
    rt_uuid_t       u = { 0, 0 };
    unsigned char   rnd[RT_UUID_RAND], text[RT_UUID_LEN], last[RT_UUID_LEN];

    (void) state;

    memset(rnd, 0xff, sizeof(rnd));
    memset(last, '0', sizeof(last));

    for (i = 0; i < 20000; i++) {
        ms = 1687792352652 + (i < 10000 ? 0 : i / 5000);

        if (i > 15000) {
            ms -= 3600000;
        }

        rnd[9] = (unsigned char) -i;
        rt_uuid7(&u, ms, rnd, text);

        assert_true(memcmp(last, text, sizeof(text)) < 0);
        assert_int_equal(text[14], '7');
        assert_non_null(memchr("89ab", text[19], 4));
        memcpy(last, text, sizeof(text));
    }
}


static void
iso(uint64_t ms, const char *expected)
{
    unsigned char  text[RT_TIME_ISO_LEN];

    rt_time_iso(ms, text);
    assert_memory_equal(text, expected, RT_TIME_ISO_LEN);
}


static void
times(void **state)
{
    int            n;
    time_t         t;
    uint64_t       sec;
    struct tm      tm;
    char           expected[64];

    (void) state;

    iso(0, "1970-01-01T00:00:00.000Z");
    iso(1687792352652, "2023-06-26T15:12:32.652Z");
    iso(951782399999, "2000-02-28T23:59:59.999Z");
    iso(951782400000, "2000-02-29T00:00:00.000Z");
    iso(253402300799999, "9999-12-31T23:59:59.999Z");
    iso(UINT64_MAX, "9999-12-31T23:59:59.999Z");

    /* a bit more than every third day of 600 years, against the C library */

    for (sec = 0; sec < 600ULL * 365 * 86400; sec += 300007) {
        t = (time_t) sec;
        gmtime_r(&t, &tm);

        n = snprintf(expected, sizeof(expected),
                     "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
                     tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                     tm.tm_sec, (int) (sec % 1000));

        assert_int_equal(n, RT_TIME_ISO_LEN);
        iso(sec * 1000 + sec % 1000, expected);
    }
}


/* a second that is kept is the one that would be written */

static void
kept_times(void **state)
{
    unsigned        i;
    uint64_t        ms;
    rt_time_kept_t  kept;
    unsigned char   text[RT_TIME_ISO_LEN], want[RT_TIME_ISO_LEN];

    (void) state;

    memset(&kept, 0, sizeof(kept));

    for (i = 0, ms = 0; i < 5000; i++) {
        rt_time_iso(ms, want);
        rt_time_iso_kept(&kept, ms, text);
        assert_memory_equal(text, want, sizeof(want));

        switch (chance(8)) {
        case 0:
            ms = chance(1 << 24) * 100000000ULL;        /* past its end, too */
            break;
        case 1:
            ms -= ms % 1000;
            break;
        default:
            ms += chance(700);
        }
    }
}


/* a time that is written comes back, with any offset */

static void
parsed_times(void **state)
{
    int            i, east;
    int64_t        now, seconds;
    char           text[64];
    rt_str_t       s = { 0, (unsigned char *) text };

    static const char  *bad[] = {
        "", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z",
        "2026-01-01t00:00:00Z", "2026-01-01T00:00:00z", "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.0Z", "2026-01-01T00:00:00+1:00",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60",
        "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01:00Z",
        "2026-01-01T00:00:00Z ", "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01", "-026-01-01T00:00:00Z",
    };

    (void) state;

    for (i = 0; i < (int) (sizeof(bad) / sizeof(bad[0])); i++) {
        s.len = (size_t) sprintf(text, "%s", bad[i]);

        if (rt_time_parse(&s, &seconds) != RT_DECLINED) {
            fail_msg("accepted: %s", bad[i]);
        }
    }

    for (i = 0; i < 20000; i++) {
        now = (int64_t) chance(1u << 31) * 118 + 86400;
        east = (int) chance(2 * 86340 / 60) * 60 - 86340;

        rt_time_iso((uint64_t) (now + east) * 1000, s.data);
        s.len = 19 + (size_t) sprintf(text + 19, "%c%02d:%02d",
                                      east < 0 ? '-' : '+',
                                      abs(east) / 3600, abs(east) / 60 % 60);

        if (rt_time_parse(&s, &seconds) != RT_OK || seconds != now) {
            fail_msg("%s: %lld, not %lld", text, (long long) seconds,
                     (long long) now);
        }
    }

    memcpy(text, "2028-02-29T12:00:00Z", s.len = 20);
    assert_int_equal(rt_time_parse(&s, &seconds), RT_OK);
    assert_int_equal(seconds, 1835438400);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(example),
        cmocka_unit_test(monotonic),
        cmocka_unit_test(times),
        cmocka_unit_test(kept_times),
        cmocka_unit_test(parsed_times)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

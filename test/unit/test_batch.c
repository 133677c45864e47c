
#include "rt_test.h"
#include "event/rt_batch.h"
#include "text/rt_journal.h"


static rt_str_t    segment;
static rt_batch_t  batch;


static void
put(const char *text)
{
    rt_str_t  record = { strlen(text), (unsigned char *) text };

    assert_int_equal(rt_journal_line(segment.data + segment.len, &record),
                     RT_OK);
    segment.len += record.len + RT_JOURNAL_MORE;
}


static void
lines(unsigned n)
{
    char      text[24];
    unsigned  i;

    segment.data = rt_alloc(&mem, 40 * (size_t) n + 1);
    segment.len = 0;

    for (i = 0; i < n; i++) {
        (void) snprintf(text, sizeof(text), "{\"n\":%u}", i);
        put(text);
    }

    memset(&batch, 0, sizeof(batch));
    batch.line = rt_alloc(&mem, sizeof(rt_batch_line_t)
                                * (rt_batch_lines(&segment) + 1));
    assert_int_equal(rt_batch_read(&batch, &segment), RT_OK);
    assert_int_equal(batch.n, n);
}


static size_t
are(rt_batch_state_e state)
{
    return rt_batch_turn(&batch, state, state);
}


/* n requests are answered so, and the lines wait after each */

static void
waits(unsigned n, unsigned status)
{
    size_t  all;

    for (all = are(RT_BATCH_WAITS); n; n--) {
        assert_true(rt_batch_cut(&batch) > 0);
        assert_true(rt_batch_settle(&batch, status, 0, 0) > 0);
        assert_int_equal(are(RT_BATCH_WAITS), all);
    }
}


static void
all_are_sent_in_requests(void **state)
{
    (void) state;

    lines(2500);

    assert_int_equal(rt_batch_cut(&batch), 1000);
    assert_int_equal(rt_batch_settle(&batch, 200, 0, 0), 0);
    assert_int_equal(rt_batch_cut(&batch), 1000);
    assert_int_equal(rt_batch_settle(&batch, 202, 0, 0), 0);
    assert_int_equal(rt_batch_cut(&batch), 500);
    assert_int_equal(batch.line[1999].state, RT_BATCH_SENT);
    assert_int_equal(batch.line[2000].state, RT_BATCH_FLIES);
    assert_int_equal(rt_batch_settle(&batch, 204, 0, 0), 0);
    assert_int_equal(rt_batch_cut(&batch), 0);
    assert_int_equal(are(RT_BATCH_SENT), 2500);
}


/* cut anywhere, whole lines come back, and what is torn counts */

static void
a_torn_segment_is_read(void **state)
{
    size_t    len, n;
    rt_str_t  all;

    (void) state;

    lines(3);
    all = segment;

    for (len = 0; len <= all.len; len++) {
        segment.len = len;
        n = rt_batch_lines(&segment);

        assert_int_equal(n, len / (all.len / 3));
        assert_int_equal(rt_batch_read(&batch, &segment), RT_OK);
        assert_int_equal(batch.n, n);
        assert_int_equal(batch.damaged, len % (all.len / 3) != 0);
    }
}


/* whichever bit is turned, no other line than those that were put is read */

static void
a_damaged_line_is_counted(void **state)
{
    size_t    i, k, n;
    char      text[24];
    rt_str_t  want;

    (void) state;

    lines(3);

    for (i = 0; i < segment.len * 8; i++) {
        segment.data[i / 8] ^= (unsigned char) (1 << i % 8);

        batch.line = rt_alloc(&mem, sizeof(rt_batch_line_t)
                                    * (rt_batch_lines(&segment) + 1));
        assert_int_equal(rt_batch_read(&batch, &segment), RT_OK);
        assert_in_range(batch.n, 1, 2);
        assert_true(batch.damaged > 0);

        for (n = 0, k = 0; n < 3 && k < batch.n; n++) {
            (void) snprintf(text, sizeof(text), "{\"n\":%u}", (unsigned) n);
            want = str(text);
            k += rt_str_eq(&batch.line[k].text, &want);
        }

        assert_int_equal(k, batch.n);

        segment.data[i / 8] ^= (unsigned char) (1 << i % 8);
    }
}


static void
some_answers_are_waited_out(void **state)
{
    unsigned  i;

    static const unsigned  status[] = { 0, 408, 425, 429, 500, 503, 599 };

    (void) state;

    lines(5);

    for (i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
        waits(1000, status[i]);
    }
}


static void
others_are_refused(void **state)
{
    unsigned  i;

    static const unsigned  bad[] = { 400, 406, 410, 415, 422, 499 };
    static const unsigned  closed[] = { 301, 302, 307, 401, 403, 404, 405,
                                        407 };
    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        lines(5);
        waits(RT_BATCH_BAD - 1, bad[i]);
        assert_int_equal(rt_batch_cut(&batch), 5);
        assert_int_equal(rt_batch_settle(&batch, bad[i], 0, 0), 0);
        assert_int_equal(are(RT_BATCH_REFUSED), 5);
    }

    for (i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
        lines(5);
        waits(RT_BATCH_CLOSED - 1, closed[i]);
        assert_int_equal(rt_batch_cut(&batch), 5);
        assert_int_equal(rt_batch_settle(&batch, closed[i], 0, 0), 0);
        assert_int_equal(are(RT_BATCH_REFUSED), 5);
    }

    /* what was waited out does not count, what was sent begins anew */

    lines(2000);
    waits(50, 503);
    waits(RT_BATCH_BAD - 1, 400);
    assert_int_equal(rt_batch_cut(&batch), 1000);
    assert_int_equal(rt_batch_settle(&batch, 200, 0, 0), 0);
    waits(RT_BATCH_BAD - 1, 400);
    assert_int_equal(rt_batch_cut(&batch), 1000);
    assert_int_equal(rt_batch_settle(&batch, 400, 0, 0), 0);
    assert_int_equal(are(RT_BATCH_REFUSED), 1000);
    assert_int_equal(are(RT_BATCH_SENT), 1000);
}


/* an address that is wrong for an hour says nothing of what is in them */

static void
kinds_of_refusal_count_alone(void **state)
{
    (void) state;

    lines(5);
    waits(RT_BATCH_CLOSED - 1, 401);
    waits(RT_BATCH_BAD - 1, 400);
    assert_int_equal(rt_batch_cut(&batch), 5);
    assert_int_equal(rt_batch_settle(&batch, 403, 0, 0), 0);
    assert_int_equal(are(RT_BATCH_REFUSED), 5);

    /* one of the other kind does not begin it anew */

    lines(5);
    waits(RT_BATCH_BAD - 1, 400);
    waits(1, 404);
    waits(1, 503);
    assert_int_equal(rt_batch_cut(&batch), 5);
    assert_int_equal(rt_batch_settle(&batch, 422, 0, 0), 0);
    assert_int_equal(are(RT_BATCH_REFUSED), 5);
}


/* only what flies is refused, not what waits behind it */

static void
what_was_judged_alone_stays_so(void **state)
{
    unsigned  i;

    (void) state;

    lines(1500);

    for (i = 0; i < RT_BATCH_BAD; i++) {
        assert_int_equal(rt_batch_cut(&batch), 1000);
        batch.line[i].state = RT_BATCH_SENT;
        (void) rt_batch_settle(&batch, 400, 0, 0);
    }

    assert_int_equal(are(RT_BATCH_SENT), 3);
    assert_int_equal(are(RT_BATCH_REFUSED), 999);
    assert_int_equal(are(RT_BATCH_WAITS), 498);
}


static void
what_is_too_large_is_halved(void **state)
{
    unsigned  n;

    (void) state;

    lines(1000);

    for (n = 1000; n > 1; n /= 2) {
        assert_int_equal(rt_batch_cut(&batch), n);
        assert_int_equal(rt_batch_settle(&batch, 413, 0, 0), 0);
        assert_int_equal(are(RT_BATCH_WAITS), 1000);
    }

    assert_int_equal(rt_batch_cut(&batch), 1);
    assert_int_equal(rt_batch_settle(&batch, 413, 0, 0), 0);
    assert_int_equal(are(RT_BATCH_REFUSED), 1);

    /* and grows again */

    for (n = 1; n < 256; n *= 2) {
        assert_int_equal(rt_batch_cut(&batch), n);
        assert_int_equal(rt_batch_settle(&batch, 200, 0, 0), 0);
    }
}


/* the lines that are in these states after this answer */

static void
items(const char *states, unsigned status, const char *text)
{
    size_t    i;
    rt_str_t  answer = str(text);

    lines(5);
    batch.line[1].state = RT_BATCH_SENT;
    assert_int_equal(rt_batch_cut(&batch), 4);
    assert_int_equal(rt_batch_items(&batch, &mem, &answer), status);

    for (i = 0; i < 5; i++) {
        assert_int_equal("WFSR"[batch.line[i].state], states[i]);
    }
}


static void
each_item_is_judged(void **state)
{
    (void) state;

    items("SSSSS", 200,
          "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},"
          "{\"create\":{\"status\":201}},{\"create\":{\"status\":200}},"
          "{\"create\":{\"status\":409}}]}");
    items("SSRFF", 503,
          "{\"items\":[{\"create\":{\"status\":201,\"_id\":\"x\"}},"
          "{\"create\":{\"status\":400,\"error\":{\"type\":\"mapper\"}}},"
          "{\"create\":{\"status\":429}},{\"create\":{\"status\":503}}]}");

    /* no status, or one of another kind, is none to rely on */

    items("FSSFF", 503,
          "{\"items\":[{},{\"index\":{\"status\":201}},"
          "{\"create\":{\"status\":\"201\"}},{\"create\":[201]}]}");

    /* nor is an answer of another form */

    items("FSFFF", 502, "{\"items\":[{\"create\":{\"status\":201}}]}");
    items("FSFFF", 502, "{\"items\":{\"a\":1,\"b\":2,\"c\":3,\"d\":4}}");
    items("FSFFF", 502, "{\"took\":1}");
    items("FSFFF", 502, "[1,2,3,4]");
    items("FSFFF", 502, "{\"items\":[{\"create\":{\"status\":2");
    items("FSFFF", 502, "");
}


static void
pauses_grow_within_bounds(void **state)
{
    unsigned  i, ms, before;

    (void) state;

    lines(1);

    for (i = 0, before = 0; i < 100; i++) {
        (void) rt_batch_cut(&batch);
        ms = rt_batch_settle(&batch, 503, 0, 0);
        assert_true(ms >= before && ms >= 500 && ms <= 30000);
        before = ms;
    }

    assert_int_equal(before, 30000);

    (void) rt_batch_cut(&batch);
    assert_in_range(rt_batch_settle(&batch, 503, 0, 0xffffffff), 30000, 37500);

    /* Retry-After: no less, not for ever, and no number of another kind */

    (void) rt_batch_cut(&batch);
    assert_int_equal(rt_batch_settle(&batch, 429, 45, 0), 45000);
    (void) rt_batch_cut(&batch);
    assert_int_equal(rt_batch_settle(&batch, 429, 1, 0), 30000);
    (void) rt_batch_cut(&batch);
    assert_int_equal(rt_batch_settle(&batch, 429, 0x7fffffffffffffff, 0),
                     600000);
    (void) rt_batch_cut(&batch);
    assert_int_equal(rt_batch_settle(&batch, 429, -1, 0), 30000);

    (void) rt_batch_cut(&batch);
    assert_int_equal(rt_batch_settle(&batch, 200, 45, 0), 0);
    assert_int_equal(batch.failed, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(all_are_sent_in_requests),
        ARENA_TEST(a_torn_segment_is_read),
        ARENA_TEST(a_damaged_line_is_counted),
        ARENA_TEST(some_answers_are_waited_out),
        ARENA_TEST(others_are_refused),
        ARENA_TEST(kinds_of_refusal_count_alone),
        ARENA_TEST(what_was_judged_alone_stays_so),
        ARENA_TEST(what_is_too_large_is_halved),
        ARENA_TEST(each_item_is_judged),
        ARENA_TEST(pauses_grow_within_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

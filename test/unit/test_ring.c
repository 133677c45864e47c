
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "event/rt_ring.h"


#define AREA  1024


typedef struct {
    rt_ring_t                   ring;
    _Alignas(8) unsigned char   area[AREA];
} fixture_t;


static void
put(fixture_t *f, const char *s, rt_status_e rc)
{
    assert_int_equal(rt_ring_put(&f->ring, f->area, 1,
                                 (const unsigned char *) s, strlen(s)), rc);
}


static void
take(fixture_t *f, const char *s)
{
    uint64_t         pos;
    rt_ring_frame_t  frame;

    pos = atomic_load(&f->ring.tail);

    assert_int_equal(rt_ring_read(&f->ring, f->area, &pos, &frame), RT_OK);
    assert_int_equal(frame.data.len, strlen(s));
    assert_memory_equal(frame.data.data, s, strlen(s));
    assert_int_equal(frame.mark, 1);

    rt_ring_release(&f->ring, pos);
}


static void
test_order(void **state)
{
    fixture_t        f;
    uint64_t         pos = 0;
    rt_ring_frame_t  frame;

    (void) state;

    rt_ring_init(&f.ring, AREA);

    assert_int_equal(rt_ring_read(&f.ring, f.area, &pos, &frame), RT_DONE);

    put(&f, "one", RT_OK);
    put(&f, "two", RT_OK);
    take(&f, "one");
    put(&f, "three", RT_OK);
    take(&f, "two");
    take(&f, "three");

    assert_int_equal(rt_ring_used(&f.ring), 0);
}


static void
test_bounds(void **state)
{
    char       big[AREA];
    fixture_t  f;

    (void) state;

    rt_ring_init(&f.ring, AREA);

    memset(big, 'x', sizeof(big));

    put(&f, "", RT_INVALID);

    big[AREA / 2 - RT_RING_HEAD + 1] = '\0';
    put(&f, big, RT_TOO_BIG);

    big[AREA / 2 - RT_RING_HEAD] = '\0';
    put(&f, big, RT_OK);
    put(&f, big, RT_OK);
    put(&f, "x", RT_AGAIN);

    take(&f, big);
    put(&f, "x", RT_OK);
    put(&f, big, RT_AGAIN);
    take(&f, big);
    put(&f, big, RT_OK);
    take(&f, "x");
    take(&f, big);
}


/* every length at every place: nothing is torn where the area ends */

static void
test_wrap(void **state)
{
    char       s[200];
    size_t     len, i;
    fixture_t  f;

    (void) state;

    for (len = 1; len < sizeof(s) - 1; len++) {

        rt_ring_init(&f.ring, AREA);
        memset(s, 'a' + (int) (len % 26), len);
        s[len] = '\0';

        for (i = 0; i < 50; i++) {
            put(&f, s, RT_OK);
            put(&f, "-", RT_OK);
            take(&f, s);
            take(&f, "-");
        }

        assert_int_equal(rt_ring_used(&f.ring), 0);
    }
}


/* memory that was overwritten ends the reading, and nothing else */

static void
test_broken(void **state)
{
    size_t           i;
    uint64_t         pos;
    fixture_t        f;
    rt_status_e      rc;
    rt_ring_frame_t  frame;

    (void) state;

    for (i = 0; i < 256; i++) {

        rt_ring_init(&f.ring, AREA);
        put(&f, "some", RT_OK);
        put(&f, "text", RT_OK);

        memset(f.area, (int) i, RT_RING_HEAD);

        pos = 0;
        rc = rt_ring_read(&f.ring, f.area, &pos, &frame);

        assert_true(rc == RT_INVALID
                    || (rc == RT_OK && frame.data.len <= AREA));
    }

    pos = 4;
    assert_int_equal(rt_ring_read(&f.ring, f.area, &pos, &frame),
                     RT_INVALID);

    pos = 1 << 20;
    assert_int_equal(rt_ring_read(&f.ring, f.area, &pos, &frame),
                     RT_INVALID);
}


#define MANY  200000


static void *
produce(void *data)
{
    fixture_t     *f = data;

    char           s[128];
    unsigned       i, len;

    for (i = 0; i < MANY; i++) {
        len = (unsigned) snprintf(s, sizeof(s), "%u:%.*s", i,
                                  (int) (i % 100),
                                  "0123456789012345678901234567890123456789"
                                  "0123456789012345678901234567890123456789"
                                  "01234567890123456789");

        while (rt_ring_put(&f->ring, f->area, i, (unsigned char *) s, len)
               == RT_AGAIN)
        {
            sched_yield();
        }
    }

    return NULL;
}


/* two threads: every frame once, in order, whole */

static void
test_threads(void **state)
{
    char             head[16];
    unsigned         i;
    uint64_t         pos;
    pthread_t        thread;
    fixture_t       *f;
    rt_ring_frame_t  frame;

    (void) state;

    f = aligned_alloc(64, (sizeof(fixture_t) + 63) & ~(size_t) 63);
    assert_non_null(f);

    rt_ring_init(&f->ring, AREA);
    assert_int_equal(pthread_create(&thread, NULL, produce, f), 0);

    for (i = 0, pos = 0; i < MANY; /* void */) {

        if (rt_ring_read(&f->ring, f->area, &pos, &frame) != RT_OK) {
            sched_yield();
            continue;
        }

        (void) snprintf(head, sizeof(head), "%u:", i);

        assert_int_equal(frame.mark, i);
        assert_int_equal(frame.data.len, strlen(head) + i % 100);
        assert_memory_equal(frame.data.data, head, strlen(head));

        rt_ring_release(&f->ring, pos);
        i++;
    }

    (void) pthread_join(thread, NULL);
    free(f);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_threads)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

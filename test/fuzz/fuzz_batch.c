
/*
 * Lines on their way to a collector: the first byte says how many answers
 * there are, these follow, and then a segment.  Whatever it holds and whatever
 * is answered, each line is in one state, none is lost between them, what was
 * sent or refused stays so, and pauses are within their bounds.  The same bytes
 * are an answer of Elasticsearch's as well.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "event/rt_batch.h"


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


static size_t
over(rt_batch_t *b)
{
    return rt_batch_turn(b, RT_BATCH_SENT, RT_BATCH_SENT)
           + rt_batch_turn(b, RT_BATCH_REFUSED, RT_BATCH_REFUSED);
}


static void
answer(rt_batch_t *b, unsigned status, long after, unsigned random)
{
    size_t    n, before;
    unsigned  ms;

    before = over(b);
    n = rt_batch_cut(b);

    check(n <= RT_BATCH_MOST);
    check(n != 0 || before == b->n);

    if (n == 0) {
        return;
    }

    ms = rt_batch_settle(b, status, after, random);

    check(ms <= RT_BATCH_AFTER * 1000 / 4 * 5);
    check(rt_batch_turn(b, RT_BATCH_FLIES, RT_BATCH_FLIES) == 0);
    check(over(b) == before || over(b) == before + n);
    check(over(b) + rt_batch_turn(b, RT_BATCH_WAITS, RT_BATCH_WAITS) == b->n);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t      i, n;
    rt_mem_t    mem;
    rt_str_t    segment;
    rt_batch_t  b;
    rt_arena_t  arena;

    if (size == 0 || size < 1 + 3 * (size_t) data[0]) {
        return 0;
    }

    mem = rt_arena_init(&arena);

    n = 1 + 3 * (size_t) data[0];
    segment.len = size - n;
    segment.data = rt_alloc(&mem, segment.len + 1);
    memcpy(segment.data, data + n, segment.len);

    memset(&b, 0, sizeof(b));
    b.line = rt_alloc(&mem, (rt_batch_lines(&segment) + 1)
                            * sizeof(rt_batch_line_t));

    check(rt_batch_read(&b, &segment) == RT_OK);
    check(b.n <= rt_batch_lines(&segment));

    for (i = 0; i < b.n; i++) {
        check(b.line[i].text.data >= segment.data);
        check(b.line[i].text.data[b.line[i].text.len] == '\n');
    }

    for (i = 1; i < n; i += 3) {
        answer(&b, data[i] * 2u + 1, (long) data[i + 1] * 1000 - 1000,
               data[i + 2] * 0x1010101u);
    }

    /* and whatever it is, as an answer */

    (void) rt_batch_read(&b, &segment);
    n = rt_batch_cut(&b);
    i = rt_batch_items(&b, &mem, &segment);
    check(i == 200 || i == 502 || i == 503);
    check(i != 502 || over(&b) == 0);
    check(i != 200 || over(&b) == n);

    rt_arena_free(&arena);

    return 0;
}

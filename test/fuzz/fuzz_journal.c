
/*
 * A journal: reading ends, a line that was read is the one that its record
 * makes, and what is behind the last line has no end of one.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "text/rt_journal.h"


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t        mem;
    rt_str_t        rest, before, record, whole;
    rt_arena_t      arena;
    rt_status_e     rc;
    unsigned char  *line;

    mem = rt_arena_init(&arena);
    rest.len = size;
    rest.data = rt_alloc(&mem, size);
    memcpy(rest.data, data, size);
    whole = rest;

    for ( ;; ) {
        before = rest;
        rc = rt_journal_next(&rest, &record);
        check(rc == RT_OK || rc == RT_DECLINED || rc == RT_DONE);

        if (rc == RT_DONE) {
            check(rest.len == 0
                  || memchr(rest.data, '\n', rest.len) == NULL);
            break;
        }

        check(rest.len < before.len);

        if (rc == RT_OK) {
            line = rt_alloc(&mem, record.len + RT_JOURNAL_MORE);
            check(rt_journal_line(line, &record) == RT_OK);
            check(memcmp(line, before.data, record.len + RT_JOURNAL_MORE)
                  == 0);
        }
    }

    /* whatever came, as a record */

    line = rt_alloc(&mem, size + RT_JOURNAL_MORE);

    if (rt_journal_line(line, &whole) == RT_OK) {
        rest.data = line;
        rest.len = size + RT_JOURNAL_MORE;
        check(rt_journal_next(&rest, &record) == RT_OK && rest.len == 0);
        check(rt_str_eq(&record, &whole));
    }

    rt_arena_free(&arena);

    return 0;
}

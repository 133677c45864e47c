
/*
 * A fleet's stream: entries are read to the end or refused, ids lie in the
 * answer, and a revocation that was read is written as one that reads alike.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "oidc/rt_revocation.h"


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


static void
again(rt_mem_t *mem, const rt_revocation_t *rev)
{
    rt_str_t         id, rest, words[RT_REVOCATION_WORDS];
    unsigned char    text[RT_REVOCATION_TEXT], *p;
    rt_revocation_t  other;

    rt_revocation_words(rev, text, words);

    rest.len = 11 + rt_resp_size(words, RT_REVOCATION_WORDS);
    rest.data = p = rt_alloc(mem, rest.len);

    memcpy(p, "*2\r\n$1\r\n1\r\n", 11);
    (void) rt_resp_write(p + 11, words, RT_REVOCATION_WORDS);

    check(rt_revocation_next(&rest, &id, &other) == RT_OK && rest.len == 0);
    check(memcmp(other.key, rev->key, RT_REVOCATION_KEY) == 0);
    check(other.before == rev->before && other.until == rev->until
          && other.front == rev->front && other.lift == rev->lift
          && other.pushed == rev->pushed);

    rest.data = rt_alloc(mem, RT_REVOCATION_RECORD);
    rest.len = rt_revocation_record(rev, rest.data);
    check(rt_revocation_read(&rest, &other) == RT_OK);
    check(memcmp(other.key, rev->key, RT_REVOCATION_KEY) == 0);
    check(other.before == rev->before && other.until == rev->until
          && other.front == rev->front && other.lift == rev->lift
          && other.pushed == rev->pushed);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned         i, n;
    rt_mem_t         mem;
    rt_str_t         rest, id;
    rt_arena_t       arena;
    rt_status_e      rc;
    rt_revocation_t  rev;

    mem = rt_arena_init(&arena);
    rest.len = size;
    rest.data = rt_alloc(&mem, size);
    memcpy(rest.data, data, size);

    if (rt_revocation_read(&rest, &rev) == RT_OK) {
        again(&mem, &rev);
    }

    rc = rt_revocation_entries(&rest, &n);
    check(rc == RT_OK || (rc == RT_INVALID && n == 0));

    for (i = 0; i < n && rc != RT_INVALID; i++) {
        rc = rt_revocation_next(&rest, &id, &rev);

        if (rc != RT_INVALID) {
            check(id.len > 0 && id.len <= RT_REVOCATION_ID);
        }

        if (rc == RT_OK) {
            check(rev.before >= 0 && rev.until >= 0);
            again(&mem, &rev);
        }
    }

    rt_arena_free(&arena);

    return 0;
}

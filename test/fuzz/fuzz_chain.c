
/*
 * A chain: whatever a line says of itself lies within it, a line that was
 * sealed is read as it was, and one that differs in a byte is not sealed.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "event/rt_chain.h"


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


static void
read_any(const rt_str_t *line)
{
    rt_chain_link_t  link;
    rt_chain_head_t  head;

    if (rt_chain_read(line, &link) == RT_OK) {
        check(link.text < link.sealed && link.head.n > 0);
        check(link.sealed + RT_CHAIN_MAC < line->len);
        check(link.sig == NULL
              || (link.sig > line->data + link.sealed
                  && link.sig + RT_CHAIN_SIG < line->data + line->len));
    }

    (void) rt_chain_head_read(line, 0, &head);
    (void) rt_chain_head_read(line, 1, &head);
}


static void
seal_twice(rt_mem_t *mem, const rt_str_t *text)
{
    unsigned         i;
    rt_str_t         line;
    rt_chain_key_t   key;
    rt_chain_link_t  link;
    rt_chain_head_t  head, none;

    const rt_str_t  secret = rt_string("0123456789abcdef0123456789abcdef");

    memset(&none, 0, sizeof(none));
    check(rt_chain_key_open(&key, &secret) == RT_OK);
    check(rt_chain_begin(&key, text, (const unsigned char *) "12345678", &head)
          == RT_OK);

    line.data = rt_alloc(mem, text->len + 3 + RT_CHAIN_ROOM);

    for (i = 1; i <= 2; i++) {
        line.data[0] = '{';
        memcpy(line.data + 1, text->data, text->len);
        memcpy(line.data + 1 + text->len, "}\n", 2);
        line.len = text->len + 3;

        check(rt_chain_seal(&key, &head, &none, 1, line.data, &line.len)
              == RT_OK);
        check(line.len <= text->len + 3 + RT_CHAIN_ROOM);
        check(rt_chain_read(&line, &link) == RT_OK);
        check(memcmp(&link.head, &head, sizeof(head)) == 0);
        check(link.head.n == i && link.text == text->len + 1);
        check(rt_chain_sealed(&key, &line, &link));
    }

    line.data[text->len / 2] ^= 1;
    check(!rt_chain_sealed(&key, &line, &link));

    rt_chain_key_close(&key);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t    mem;
    rt_str_t    line;
    rt_arena_t  arena;

    mem = rt_arena_init(&arena);
    line.len = size;
    line.data = rt_alloc(&mem, size);
    memcpy(line.data, data, size);

    read_any(&line);
    seal_twice(&mem, &line);

    rt_arena_free(&arena);

    return 0;
}

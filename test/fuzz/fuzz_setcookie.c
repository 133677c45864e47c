
/*
 * rt_setcookie: what comes out begins with what went in, has what was asked
 * for, and nothing is added to it a second time.
 *
 * input: a byte that says what is asked for, and a line
 */

#include <assert.h>

#include "rt_arena.h"
#include "text/rt_setcookie.h"


/* is there a part, but the first, that begins with this word? */

static int
has(const rt_str_t *line, const char *word)
{
    size_t  i, k, n;

    n = strlen(word);

    for (i = 0; i < line->len; i++) {

        if (line->data[i] != ';') {
            continue;
        }

        for (i++; i < line->len && (line->data[i] == ' '
                                    || line->data[i] == '\t'); i++)
        {
            /* void */
        }

        for (k = 0; k < n && i + k < line->len
                    && rt_lower(line->data[i + k]) == word[k]; k++)
        {
            /* void */
        }

        if (k == n) {
            return 1;
        }

        i--;
    }

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t         mem;
    rt_str_t         line, out, again, name;
    rt_arena_t       arena;
    const char      *why, *same;
    rt_setcookie_t   want;

    if (size == 0) {
        return 0;
    }

    mem = rt_arena_init(&arena);

    want.samesite = (rt_samesite_e) (data[0] & 3);
    want.secure = (data[0] >> 2) & 1;
    want.httponly = (data[0] >> 3) & 1;

    line.len = size - 1;
    line.data = rt_alloc(&mem, line.len);
    memcpy(line.data, data + 1, line.len);

    assert(rt_setcookie(&mem, &want, &line, &out, &why) == RT_OK);
    assert(out.len >= line.len
          && memcmp(out.data, line.data, line.len) == 0);
    assert(!want.secure || has(&out, "secure"));
    assert(!want.httponly || has(&out, "httponly"));
    assert(!want.samesite || has(&out, "samesite"));

    assert(rt_setcookie(&mem, &want, &out, &again, &same) == RT_OK);
    assert(again.len == out.len && why == same);

    rt_setcookie_name(&line, &name);
    assert(name.len <= line.len
          && (name.len == 0 || (name.data >= line.data
                                && name.data + name.len
                                   < line.data + line.len)));

    rt_arena_free(&arena);

    return 0;
}


/*
 * rt_cachecontrol: the answer is within its bounds, an older answer is never
 * fresher, and one that is forbidden to be kept is never fresh.  What is left
 * of one for a person is private, says so once, and stays as it is when it is
 * made private again.
 */

#include <assert.h>
#include <stdlib.h>

#include "rt_arena.h"
#include "text/rt_cachecontrol.h"


static void
made_private(const rt_str_t *control)
{
    rt_str_t    once, again;
    rt_mem_t    mem;
    rt_arena_t  arena;

    mem = rt_arena_init(&arena);

    assert(rt_cachecontrol_private(&mem, control, &once) == RT_OK);
    assert(once.len >= 7 && memcmp(once.data, "private", 7) == 0);

    assert(rt_cachecontrol_private(&mem, &once, &again) == RT_OK);
    assert(rt_str_eq(&once, &again));

    rt_arena_free(&arena);
}


/* the first line is Cache-Control, what is behind it is Age */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long            fresh, young, kept;
    rt_str_t        control, age, none = rt_null_string;
    rt_str_t        more;
    const uint8_t  *end;

    static const char  no_store[] = "no-store,";

    end = size ? memchr(data, '\n', size) : NULL;

    control.data = (unsigned char *) data;
    control.len = end ? (size_t) (end - data) : size;

    age.data = (unsigned char *) (end ? end + 1 : data);
    age.len = end ? size - control.len - 1 : 0;

    fresh = rt_cachecontrol_fresh(&control, &age);
    young = rt_cachecontrol_fresh(&control, &none);

    assert(fresh >= -1 && fresh <= RT_CACHECONTROL_MAX);
    assert(fresh <= young && (fresh == -1) == (young == -1));

    more.len = sizeof(no_store) - 1 + control.len;
    more.data = malloc(more.len);

    memcpy(more.data, no_store, sizeof(no_store) - 1);

    if (control.len) {
        memcpy(more.data + sizeof(no_store) - 1, control.data, control.len);
    }

    kept = rt_cachecontrol_fresh(&more, &age);
    assert(kept == 0);

    free(more.data);

    made_private(&control);

    return 0;
}

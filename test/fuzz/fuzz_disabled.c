
/*
 * Lists of who is switched off: whoever is listed is found again, a refusal has
 * its reason and its place, and folding twice is folding once.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "policy/rt_disabled.h"
#include "text/rt_fold.h"


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


static void
found(rt_mem_t *mem, const rt_disabled_t *list)
{
    size_t          i;
    rt_str_t        again;
    const rt_str_t  other = rt_string("another issuer");

    for (i = 0; i < list->n; i++) {
        check(rt_disabled_fault(&list->entry[i].value) == NULL
              || list->entry[i].kind == RT_DISABLED_EMAIL);
        check(rt_disabled_has(list, list->entry[i].kind,
                              &list->entry[i].value, &list->entry[i].issuer));

        if (list->entry[i].issuer.len == 0) {
            check(rt_disabled_has(list, list->entry[i].kind,
                                  &list->entry[i].value, &other));
        }

        if (list->entry[i].kind == RT_DISABLED_EMAIL) {
            again.data = rt_alloc(mem,
                                  RT_FOLD_ROOM(list->entry[i].value.len));
            again.len = rt_fold(again.data, &list->entry[i].value);
            check(rt_str_eq(&again, &list->entry[i].value));
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t       mem;
    rt_str_t       text;
    rt_arena_t     arena;
    rt_status_e    rc;
    rt_disabled_t  list;

    mem = rt_arena_init(&arena);
    text.len = size;
    text.data = rt_alloc(&mem, size);
    memcpy(text.data, data, size);

    rc = rt_disabled_parse(&mem, &text, &list);

    if (rc == RT_OK) {
        check(list.n <= RT_DISABLED_MAX);
        found(&mem, &list);

    } else {
        check(rc == RT_INVALID || rc == RT_TOO_BIG);
        check(list.why != NULL && list.unit != NULL);
    }

    rt_arena_free(&arena);

    return 0;
}

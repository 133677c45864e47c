
/*
 * Urlencoded text: iterating and parsing agree, nothing grows by decoding,
 * and what is encoded again by force decodes to the same fields.
 */

#include <stdio.h>

#include "rt_arena.h"
#include "text/rt_form.h"


static size_t
encode(unsigned char *dst, const rt_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        sprintf((char *) dst + 3 * i, "%%%02x", s->data[i]);
    }

    return 3 * s->len;
}


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned          i;
    size_t            n;
    rt_mem_t          mem;
    rt_str_t          text, again;
    rt_form_t         form, twin;
    rt_arena_t        arena;
    rt_form_iter_t    it;
    rt_form_field_t   field;

    mem = rt_arena_init(&arena);

    text.data = rt_alloc(&mem, size + 1);
    text.len = size;
    memcpy(text.data, data, size);

    must(rt_form_parse(&mem, &text, 64, &form) == RT_OK);
    must(form.n <= 64);

    rt_form_iter(&it, &text);

    again.data = rt_alloc(&mem, 3 * size + 2 * 64 + 1);
    again.len = 0;

    for (i = 0; i < form.n; i++) {
        must(rt_form_next(&mem, &it, &field) == RT_OK);
        must(rt_str_eq(&field.name, &form.field[i].name));
        must(rt_str_eq(&field.value, &form.field[i].value));
        must(field.bad == form.field[i].bad);
        must(field.name.len + field.value.len <= size);

        n = again.len;
        n += encode(again.data + n, &field.name);

        if (field.eq) {
            again.data[n++] = '=';
            n += encode(again.data + n, &field.value);
        }

        again.data[n++] = '&';
        again.len = n;
    }

    must(form.many || rt_form_next(&mem, &it, &field) == RT_DONE);

    must(rt_form_parse(&mem, &again, 64, &twin) == RT_OK);
    must(twin.n == form.n && !twin.bad && !twin.many);

    for (i = 0; i < twin.n; i++) {
        must(rt_str_eq(&twin.field[i].name, &form.field[i].name));
        must(rt_str_eq(&twin.field[i].value, &form.field[i].value));
    }

    rt_arena_free(&arena);

    return 0;
}

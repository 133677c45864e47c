
/*
 * Arguments that are compared with claims: NAME, a line end, a query string.
 * Where there is a value, a plain reader of forms finds the same and no second
 * one, and whatever is said beside it takes the value away.
 */

#include <stdio.h>

#include "rt_arena.h"
#include "text/rt_form.h"
#include "policy/rt_source.h"


static void
must(int ok)
{
    if (!ok) {
        abort();
    }
}


/* the query, something before the name, the name, something behind it */

static rt_status_e
with(rt_mem_t *mem, const rt_str_t *query, const char *before,
    const rt_str_t *name, const char *behind)
{
    rt_str_t     text, value;
    const char  *why;

    text.data = rt_alloc(mem, query->len + name->len + 32);
    text.len = (size_t) sprintf((char *) text.data, "%.*s",
                                (int) query->len, (char *) query->data);

    must(text.len == query->len);

    text.len += (size_t) sprintf((char *) text.data + text.len, "%s%.*s%s",
                                 before, (int) name->len,
                                 (char *) name->data, behind);

    return rt_source_arg(mem, &text, name, &value, &why);
}


static void
check_value(rt_mem_t *mem, const rt_str_t *query, const rt_str_t *name,
    const rt_str_t *value)
{
    unsigned    i, n;
    rt_form_t   form;

    must(rt_source_fault(value) == NULL);
    must(rt_form_parse(mem, query, RT_SOURCE_MAX_ARGS, &form) == RT_OK);
    must(!form.many);

    for (i = 0, n = 0; i < form.n; i++) {
        if (rt_str_eq(&form.field[i].name, name)) {
            must(rt_str_eq(&form.field[i].value, value));
            n++;
        }
    }

    must(n == 1);

    if (memchr(query->data, '\0', query->len)) {
        return;
    }

    must(with(mem, query, "&", name, "=x") == RT_INVALID);
    must(with(mem, query, "&", name, "[]=x") == RT_INVALID);
    must(with(mem, query, "&[", name, "]=x") == RT_INVALID);
    must(with(mem, query, "&%20", name, "=x") == RT_INVALID);
    must(with(mem, query, "&%EF%BB%BF", name, "=x") == RT_INVALID);
    must(with(mem, query, ";", name, "=x") == RT_INVALID);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rt_mem_t         mem;
    rt_str_t         word, query, value, err;
    rt_arena_t       arena;
    const char      *why;
    rt_source_t      source;
    unsigned char   *end;

    mem = rt_arena_init(&arena);

    word.data = rt_alloc(&mem, size + 5);
    memcpy(word.data, "arg:", 4);
    memcpy(word.data + 4, data, size);

    end = memchr(word.data, '\n', size + 4);
    query.data = end ? end + 1 : word.data + size + 4;
    query.len = (size_t) (word.data + size + 4 - query.data);
    word.len = (size_t) ((end ? end : query.data) - word.data);

    if (rt_source_parse(&mem, &word, &source, &err) == RT_OK) {
        why = NULL;

        switch (rt_source_arg(&mem, &query, &source.name, &value, &why)) {

        case RT_OK:
            check_value(&mem, &query, &source.name, &value);
            break;

        case RT_DECLINED:
            break;

        default:
            must(why != NULL);
        }
    }

    rt_arena_free(&arena);

    return 0;
}

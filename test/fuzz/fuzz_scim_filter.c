
/*
 * A filter, a line end, a user or a group.  A filter that is read, written
 * anew and read again is the same, and fits the same; its negation fits what it
 * does not fit; where it names a key, whatever fits has it.
 */

#include <assert.h>
#include <stdio.h>

#include "rt_arena.h"
#include "scim/rt_scim_filter.h"
#include "scim/rt_scim_resource.h"


#define ROOM  65536


static const char *const  ops[] = {
    "and", "or", "not", "", "pr", "eq", "ne", "co", "sw", "ew", "gt", "ge",
    "lt", "le"
};


static void
put(rt_str_t *to, const void *data, size_t len)
{
    assert(to->len + len <= ROOM);
    memcpy(to->data + to->len, data, len);
    to->len += len;
}


static void
put_word(rt_str_t *to, const char *word)
{
    put(to, word, strlen(word));
}


static void
write_path(rt_str_t *to, const rt_scim_path_t *path)
{
    unsigned  i;

    for (i = 0; i < path->n; i++) {
        put(to, path->step[i]->name.data, path->step[i]->name.len);

        if (i + 1 < path->n) {
            put_word(to, path->step[i]->flags & RT_SCIM_EXTENSION ? ":" : ".");
        }
    }
}


static void
write_value(rt_str_t *to, const rt_scim_filter_t *filter)
{
    rt_jsonw_t  w;

    if (filter->type == RT_JSON_STRING) {
        rt_jsonw_init(&w, to->data + to->len, ROOM - to->len);
        rt_jsonw_str(&w, &filter->text);
        assert(!w.full);
        to->len += rt_jsonw_len(&w);
        return;
    }

    put_word(to, filter->type == RT_JSON_NULL ? "null"
                 : filter->type == RT_JSON_TRUE ? "true" : "false");
}


static void
write_filter(rt_str_t *to, const rt_scim_filter_t *filter)
{
    const rt_scim_filter_t  *term;

    switch (filter->op) {

    case RT_SCIM_AND:
    case RT_SCIM_OR:
        assert(filter->term && filter->term->next);

        for (term = filter->term; term; term = term->next) {
            put_word(to, "(");
            write_filter(to, term);
            put_word(to, ")");

            if (term->next) {
                put_word(to, " ");
                put_word(to, ops[filter->op]);
                put_word(to, " ");
            }
        }

        return;

    case RT_SCIM_NOT:
        put_word(to, "not (");
        write_filter(to, filter->term);
        put_word(to, ")");
        return;

    default:
        break;
    }

    write_path(to, &filter->path);

    if (filter->op == RT_SCIM_VALUE) {
        put_word(to, "[");
        write_filter(to, filter->term);
        put_word(to, "]");
        return;
    }

    put_word(to, " ");
    put_word(to, ops[filter->op]);

    if (filter->op != RT_SCIM_PR) {
        put_word(to, " ");
        write_value(to, filter);
    }
}


static int
same(const rt_scim_filter_t *a, const rt_scim_filter_t *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }

    return a->op == b->op && a->type == b->type && a->ms == b->ms
           && a->path.n == b->path.n
           && memcmp(a->path.step, b->path.step,
                     a->path.n * sizeof(a->path.step[0])) == 0
           && (a->type != RT_JSON_STRING
               || (rt_str_eq(&a->text, &b->text)
                   && rt_str_eq(&a->value, &b->value)))
           && same(a->term, b->term) && same(a->next, b->next);
}


static void
check_key(const rt_scim_filter_t *filter, const rt_scim_change_t *made,
    const rt_scim_resource_t *res)
{
    unsigned  by;
    rt_str_t  value;

    by = rt_scim_filter_key(filter, &value);

    if (by == RT_SCIM_BY_ID) {
        assert(rt_str_eq(&value, &res->id));

    } else if (by != RT_SCIM_BY_NONE) {
        assert(rt_str_eq(&value, &made->key[by]));
    }
}


static void
check(rt_mem_t *mem, rt_scim_type_e type, const rt_str_t *text,
    const rt_scim_change_t *made, rt_scim_resource_t *res)
{
    int                fits;
    rt_str_t           again;
    rt_scim_filter_t  *filter, *other;

    if (rt_scim_filter_parse(mem, rt_scim_schema(type), text, &filter)) {
        return;
    }

    again.data = rt_alloc(mem, ROOM);
    again.len = 0;
    write_filter(&again, filter);

    fits = rt_scim_filter_match(filter, res);

    if (fits) {
        check_key(filter, made, res);
    }

    /* what is written anew has more parentheses, and may be too much */

    if (rt_scim_filter_parse(mem, rt_scim_schema(type), &again, &other)
        == NULL)
    {
        assert(same(filter, other));
        assert(rt_scim_filter_match(other, res) == fits);
        assert(rt_scim_filter_refs(other) == rt_scim_filter_refs(filter));
    }

    again.len = 0;
    put_word(&again, "not (");
    put(&again, text->data, text->len);
    put_word(&again, ")");

    if (rt_scim_filter_parse(mem, rt_scim_schema(type), &again, &other)
        == NULL)
    {
        assert(rt_scim_filter_match(other, res) == !fits);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t               i;
    rt_mem_t             mem;
    rt_str_t             all, text, json;
    rt_json_t           *body;
    rt_arena_t           arena;
    rt_scim_type_e       type;
    rt_scim_change_t     made;
    rt_scim_resource_t   res;

    mem = rt_arena_init(&arena);

    all.data = rt_alloc(&mem, size + 1);
    all.len = size;
    memcpy(all.data, data, size);

    (void) rt_str_cut(&all, '\n', &text, &json);

    for (type = RT_SCIM_USER; type <= RT_SCIM_GROUP; type++) {

        if (rt_scim_body(&mem, &json, &body)
            || rt_scim_create(&mem, type, body, NULL, &made))
        {
            continue;
        }

        memset(&res, 0, sizeof(rt_scim_resource_t));
        res.type = type;
        res.root = made.root;
        res.id = (rt_str_t) rt_string("0190a1b2");
        res.base = (rt_str_t) rt_string("https://a");
        res.created = 1700000000000;
        res.modified = 1764432000000;
        res.version = 3;
        res.nrefs = made.members.nadded;
        res.refs = rt_alloc(&mem, (res.nrefs + 1) * sizeof(rt_scim_ref_t));

        for (i = 0; i < res.nrefs; i++) {
            res.refs[i].id = made.members.added[i];
            res.refs[i].display = made.members.added[i];
        }

        check(&mem, type, &text, &made, &res);
    }

    rt_arena_free(&arena);

    return 0;
}


#include "event/rt_event_object.h"
#include "event/rt_event_packed.h"


#define ITEMS  65               /* of a list: one more than an event shows */


/* the node of a piece, which a row or a list takes up */

static void
fill(rt_json_t *v, const rt_packed_t *piece)
{
    memset(v, 0, sizeof(rt_json_t));

    v->type = piece->kind == RT_PACKED_TRUE ? RT_JSON_TRUE
              : piece->kind == RT_PACKED_FALSE ? RT_JSON_FALSE
              : piece->kind == RT_PACKED_LIST ? RT_JSON_ARRAY
                                              : RT_JSON_STRING;
    v->str = piece->text;
}


/* ret: 0: out of memory */

static int
append(rt_mem_t *mem, rt_json_t *list, rt_json_t ***last,
    const rt_packed_t *piece)
{
    rt_json_t  *v;

    if (list->count == ITEMS) {
        return 1;
    }

    v = rt_alloc(mem, sizeof(rt_json_t));
    if (v == NULL) {
        return 0;
    }

    fill(v, piece);

    **last = v;
    *last = &v->next;
    list->count++;

    return 1;
}


/* ret: 1; 0: it is not what modules pack */

static int
unpack(rt_mem_t *mem, rt_str_t text, unsigned n, rt_event_object_t *object)
{
    rt_json_t    *v, *list, **last;
    rt_packed_t   piece;

    list = NULL;
    last = NULL;

    while (rt_packed_take(&text, &piece)) {

        if (piece.row >= n) {
            continue;
        }

        v = &object->node[piece.row];

        if (piece.kind == RT_PACKED_ITEM) {

            if (v != list || !append(mem, list, &last, &piece)) {
                return 0;
            }

            continue;
        }

        if (object->member[piece.row]) {
            return 0;
        }

        fill(v, &piece);
        object->member[piece.row] = v;

        if (piece.kind == RT_PACKED_LIST) {
            list = v;
            last = &v->child;
        }
    }

    return text.len == 0;
}


static void
parse(rt_mem_t *mem, const rt_str_t *text, const rt_event_names_t *names,
    rt_event_object_t *object)
{
    unsigned         i;
    rt_json_t       *v;
    rt_str_t        *name;
    rt_json_opts_t   opts;

    opts.flags = RT_JSON_REPAIR;
    opts.max_depth = 8;
    opts.max_nodes = 1024;

    if (rt_json_parse(mem, text, &opts, &v, NULL) != RT_OK
        || v->type != RT_JSON_OBJECT)
    {
        return;
    }

    object->there = 1;

    for (i = 0; i < names->n; i++) {
        name = (rt_str_t *) ((char *) names->first + i * names->size);
        object->member[i] = rt_json_get(v, name);
    }
}


void
rt_event_object(rt_mem_t *mem, const rt_str_t *text,
    const rt_event_names_t *names, rt_event_object_t *object)
{
    object->there = 0;

    if (text->len == 0) {
        return;
    }

    memset(object->member, 0, sizeof(object->member));

    if (text->data[0] < RT_PACKED_TEXT) {
        parse(mem, text, names, object);

    } else {
        object->there = (unsigned) unpack(mem, *text, names->n, object);
    }
}

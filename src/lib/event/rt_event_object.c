
#include "event/rt_event_object.h"
#include "text/rt_char.h"
#include "text/rt_run.h"
#include "text/rt_utf8.h"


#define DIGITS    15            /* of a number */
#define ELEMENTS  64            /* of an array */


typedef struct {
    rt_mem_t             *mem;
    const unsigned char  *p;
    const unsigned char  *end;
} reader_t;


/* every function below answers 1, or 0: let the parser say what this is */


static int
sign(reader_t *r, unsigned char c)
{
    if (r->p == r->end || *r->p != c) {
        return 0;
    }

    r->p++;

    return 1;
}


static int
string(reader_t *r, rt_str_t *s)
{
    size_t    n;
    rt_str_t  rest;

    if (!sign(r, '"')) {
        return 0;
    }

    rest.data = (unsigned char *) r->p;
    rest.len = (size_t) (r->end - r->p);

    n = rt_until(&rest, rt_run(rest.data, rest.len),
                 RT_CHAR_QUOTED|RT_CHAR_HIGH);

    if (n < rest.len && rt_char[rest.data[n]] & RT_CHAR_HIGH) {
        n = rt_until(&rest, n, RT_CHAR_QUOTED);
        *s = (rt_str_t) { n, rest.data };

        if (!rt_utf8_valid(s)) {
            return 0;
        }
    }

    *s = (rt_str_t) { n, rest.data };
    r->p += n;

    return sign(r, '"');
}


static int
word(reader_t *r, const char *text, size_t len)
{
    if ((size_t) (r->end - r->p) < len || memcmp(r->p, text, len) != 0) {
        return 0;
    }

    r->p += len;

    return 1;
}

#define literal(r, lit)  word(r, lit, sizeof(lit) - 1)


/* digits of an integer, in front of which there is no zero */

static int
number(reader_t *r, rt_json_t *v)
{
    v->type = RT_JSON_NUMBER;
    v->str.data = (unsigned char *) r->p;

    for (v->str.len = 0; r->p < r->end && *r->p >= '0' && *r->p <= '9';
         r->p++)
    {
        v->str.len++;
    }

    return v->str.len >= 1 && v->str.len <= DIGITS
           && (v->str.len == 1 || v->str.data[0] != '0');
}


/* of strings; there are groups in it */

static int
array(reader_t *r, rt_json_t *v)
{
    rt_json_t  **last, *e;

    v->type = RT_JSON_ARRAY;
    last = &v->child;

    if (sign(r, ']')) {
        return 1;
    }

    do {
        e = (v->count < ELEMENTS) ? rt_alloc(r->mem, sizeof(*e)) : NULL;
        if (e == NULL) {
            return 0;
        }

        memset(e, 0, sizeof(*e));
        e->type = RT_JSON_STRING;

        if (!string(r, &e->str)) {
            return 0;
        }

        *last = e;
        last = &e->next;
        v->count++;

    } while (sign(r, ','));

    return sign(r, ']');
}


static int
value(reader_t *r, rt_json_t *v)
{
    memset(v, 0, sizeof(*v));

    if (r->p == r->end) {
        return 0;
    }

    switch (*r->p) {

    case '"':
        v->type = RT_JSON_STRING;
        return string(r, &v->str);

    case '[':
        r->p++;
        return array(r, v);

    case 't':
        v->type = RT_JSON_TRUE;
        return literal(r, "true");

    case 'f':
        v->type = RT_JSON_FALSE;
        return literal(r, "false");

    case 'n':
        v->type = RT_JSON_NULL;
        return literal(r, "null");

    default:
        return number(r, v);
    }
}


static const rt_str_t *
name_at(const rt_event_names_t *names, unsigned i)
{
    return (const rt_str_t *) ((const char *) names->first + i * names->size);
}


/* the row of this name; members mostly come in the order of the table */

static int
row(const rt_event_names_t *names, const rt_str_t *name, unsigned *at)
{
    unsigned  i;

    for (i = 0; i < names->n; i++) {

        if (rt_str_eq(name_at(names, *at), name)) {
            return 1;
        }

        *at = (*at + 1 < names->n) ? *at + 1 : 0;
    }

    return 0;
}


static int
plain(reader_t *r, const rt_event_names_t *names, rt_event_object_t *object)
{
    unsigned  at;
    rt_str_t  name;

    if (!sign(r, '{')) {
        return 0;
    }

    if (sign(r, '}')) {
        return r->p == r->end;
    }

    at = 0;

    do {
        if (!string(r, &name) || !row(names, &name, &at)
            || object->member[at] != NULL
            || !sign(r, ':') || !value(r, &object->node[at]))
        {
            return 0;
        }

        object->member[at] = &object->node[at];

    } while (sign(r, ','));

    return sign(r, '}') && r->p == r->end;
}


void
rt_event_object(rt_mem_t *mem, const rt_str_t *text,
    const rt_event_names_t *names, rt_event_object_t *object)
{
    reader_t  r;

    r.mem = mem;
    r.p = text->data;
    r.end = text->data + text->len;

    object->there = 0;

    if (text->len == 0) {
        return;
    }

    memset(object->member, 0, sizeof(object->member));

    if (plain(&r, names, object)) {
        object->there = 1;
        return;
    }

    rt_event_object_parse(mem, text, names, object);
}


void
rt_event_object_parse(rt_mem_t *mem, const rt_str_t *text,
    const rt_event_names_t *names, rt_event_object_t *object)
{
    unsigned         i;
    rt_json_t       *v;
    rt_json_opts_t   opts;

    object->there = 0;
    memset(object->member, 0, sizeof(object->member));

    if (text->len == 0) {
        return;
    }

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
        object->member[i] = rt_json_get(v, name_at(names, i));
    }
}


#include "event/rt_params.h"
#include "redact/rt_redact_url.h"
#include "text/rt_utf8.h"


/*
 * One value.  Equal names are chained in the order they came; the first one of
 * each name is found by its hash, so that a name costs the same among many.
 */

typedef struct entry_s  entry_t;

struct entry_s {
    rt_str_t                 name;      /* well-formed UTF-8 */
    uint32_t                 hash;
    unsigned                 chained;   /* not the first of its name */
    entry_t                 *next;      /* the next of the same name */
    entry_t                 *last;      /* of a first one: of its name so far */
    entry_t                 *other;     /* of a first one: in the same slot */
    const rt_form_field_t   *field;     /* either */
    const rt_json_t         *json;      /* or */
    rt_redact_pair_t         pair;      /* what the names beside it say */
};


typedef struct {
    entry_t                 *entry;
    entry_t                **slot;      /* the first ones, by their hash */
    unsigned                 mask;      /* slots, a power of two, less one */
    unsigned                 n;
    unsigned                 max;
    unsigned                 more;      /* values beyond max */
} list_t;


static const rt_str_t  why_count = rt_string("count");


static uint32_t
hash(const rt_str_t *s)
{
    size_t    i;
    uint32_t  h;

    for (i = 0, h = 2166136261u; i < s->len; i++) {
        h = (h ^ s->data[i]) * 16777619u;
    }

    return h;
}


static rt_status_e
add(rt_mem_t *mem, list_t *list, const rt_str_t *name,
    const rt_form_field_t *field, const rt_json_t *json)
{
    entry_t  *e, *first, **slot;

    if (list->n == list->max) {
        list->more = 1;
        return RT_OK;
    }

    e = &list->entry[list->n++];

    memset(e, 0, sizeof(*e));
    e->field = field;
    e->json = json;

    /* two broken names may become one: look for equals afterwards */

    if (rt_utf8_repair(mem, name, &e->name) != RT_OK) {
        return RT_ERROR;
    }

    e->hash = hash(&e->name);
    slot = &list->slot[e->hash & list->mask];

    for (first = *slot; first; first = first->other) {
        if (first->hash == e->hash && rt_str_eq(&first->name, &e->name)) {
            e->chained = 1;
            first->last->next = e;
            first->last = e;
            return RT_OK;
        }
    }

    e->last = e;
    e->other = *slot;
    *slot = e;

    return RT_OK;
}


/* room for n values, or for as many as are shown */

static rt_status_e
make_room(rt_mem_t *mem, list_t *list, size_t n)
{
    size_t  slots;

    list->max = n < RT_PARAMS_MAX ? (unsigned) n : RT_PARAMS_MAX;

    for (slots = 1; slots < list->max; slots *= 2) { /* void */ }

    list->mask = (unsigned) slots - 1;
    list->entry = rt_alloc(mem, list->max * sizeof(entry_t));
    list->slot = rt_alloc(mem, slots * sizeof(entry_t *));

    if (list->entry == NULL || list->slot == NULL) {
        return RT_ERROR;
    }

    memset(list->slot, 0, slots * sizeof(entry_t *));

    return RT_OK;
}


static rt_status_e
collect(rt_mem_t *mem, list_t *list, const rt_form_t *args,
    const rt_body_t *body)
{
    unsigned                i;
    rt_status_e             rc;
    const rt_json_t        *v;
    const rt_form_field_t  *field;

    rc = RT_OK;

    for (i = 0; args && rc == RT_OK && i < args->n; i++) {
        rc = add(mem, list, &args->field[i].name, &args->field[i], NULL);
    }

    for (i = 0; body && rc == RT_OK && i < body->form.n; i++) {
        field = &body->form.field[i];

        rc = body->file && body->file[i].type == RT_JSON_OBJECT
             ? add(mem, list, &field->name, NULL, &body->file[i])
             : add(mem, list, &field->name, field, NULL);
    }

    if (body && body->json && body->json->type == RT_JSON_OBJECT)
    {
        for (v = body->json->child; rc == RT_OK && v; v = v->next) {
            rc = add(mem, list, &v->key, NULL, v);
        }
    }

    return rc;
}


/* of one source, in which any name may be that of any value */

static void
judge_fields(rt_redact_t *rd, list_t *list, const rt_form_t *form)
{
    unsigned          i;
    rt_redact_pair_t  pair;

    rt_redact_pair_form(rd, form, &pair);

    for (i = 0; pair.act != RT_REDACT_NONE && i < list->n; i++) {

        if (list->entry[i].field >= form->field
            && list->entry[i].field < form->field + form->n)
        {
            list->entry[i].pair = pair;
        }
    }
}


/* such as {"name":"password","value":"x"}, "name=password&value=x" */

static void
judge_pair(rt_redact_t *rd, list_t *list, const rt_form_t *args,
    const rt_body_t *body)
{
    unsigned          i;
    rt_redact_pair_t  pair;

    if (args) {
        judge_fields(rd, list, args);
    }

    if (body && body->form.n) {
        judge_fields(rd, list, &body->form);
    }

    if (body == NULL || body->json == NULL
        || body->json->type != RT_JSON_OBJECT)
    {
        return;
    }

    pair.act = rt_redact_pair(rd, body->json, &pair.rule);

    for (i = 0; pair.act != RT_REDACT_NONE && i < list->n; i++) {

        if (list->entry[i].json
            && rt_redact_pair_value(&list->entry[i].name))
        {
            list->entry[i].pair = pair;
        }
    }
}


static size_t
count(const rt_form_t *args, const rt_body_t *body)
{
    size_t  n;

    n = args ? args->n : 0;

    if (body) {
        n += body->form.n;
    }

    if (body && body->json && body->json->type == RT_JSON_OBJECT)
    {
        n += body->json->count;
    }

    return n;
}


/* ret: 0 if the value is dropped */

static int
value(rt_redact_t *rd, rt_jsonw_t *w, const entry_t *e)
{
    size_t           saved;
    rt_json_t        own;
    rt_str_t         shown, rule;
    rt_redact_act_e  act;

    if (e->field) {
        act = rt_redact_arg(rd, e->field, &e->pair, &shown, &rule);

        if (act != RT_REDACT_DROP) {
            rt_jsonw_str(w, &shown);
        }

        return act != RT_REDACT_DROP;
    }

    if (rt_redact_telling(rd, &e->name, &rule)) {
        rt_redact_note(rd, "drop", &rule);
        return 0;
    }

    act = rt_redact_name(rd, &e->name, &rule);
    saved = rt_redact_enter(rd, &e->name);

    if (e->pair.act > act) {
        act = e->pair.act;
        rule = e->pair.rule;
    }

    /* others of the name have an entry of their own */

    own = *e->json;
    own.same = NULL;
    act = rt_redact_node(rd, &own, act, &rule);

    if (act == RT_REDACT_DROP) {
        rt_redact_note(rd, "drop", &rule);

    } else if (act != RT_REDACT_NONE) {
        rt_redact_put(rd, w, act, rt_redact_text_of(e->json), &rule);

    } else {
        rt_redact_json(rd, w, e->json);
    }

    rt_redact_leave(rd, saved);

    return act != RT_REDACT_DROP;
}


/* tells that the values of a name found no room */

static void
cut(rt_redact_t *rd, const entry_t *e)
{
    size_t    saved;
    rt_str_t  shown, rule;

    saved = rd->nsteps;

    /* a name that tells more than a name stays out of the pointer */

    if (e->field
        ? rt_redact_arg(rd, e->field, &e->pair, &shown, &rule)
          != RT_REDACT_DROP
        : !rt_redact_telling(rd, &e->name, &rule))
    {
        (void) rt_redact_enter(rd, &e->name);
    }

    rt_redact_cut(rd);
    rt_redact_leave(rd, saved);
}


static void
values(rt_redact_t *rd, rt_jsonw_t *w, const entry_t *first)
{
    int              shown;
    const entry_t   *e;
    rt_jsonw_mark_t  mark;

    mark = rt_jsonw_mark(w);
    shown = 0;

    rt_jsonw_key(w, &first->name);

    if (first->next) {
        rt_jsonw_open(w, '[');
    }

    for (e = first; e && !w->full; e = e->next) {
        shown |= value(rd, w, e);
    }

    if (first->next) {
        rt_jsonw_close(w, ']');
    }

    if (w->full) {
        rt_jsonw_restore(w, &mark);
        cut(rd, first);

    } else if (!shown) {
        rt_jsonw_restore(w, &mark);
    }
}


static const char *
where(const entry_t *e, const rt_form_t *args, const rt_body_t *body)
{
    return args && e->field >= args->field
           && e->field < args->field + args->n
           ? "query" : rt_body_kind_name(body->kind);
}


/* one value as {"name", "value", "where"}; all are strings */

static void
flat_value(rt_redact_t *rd, rt_jsonw_t *w, const entry_t *e,
    const rt_str_t *scratch, const char *from)
{
    rt_str_t         text;
    rt_jsonw_t       in;
    rt_jsonw_mark_t  mark;

    mark = rt_jsonw_mark(w);
    rt_jsonw_init(&in, scratch->data, scratch->len);

    if (!value(rd, &in, e)) {
        return;
    }

    text.data = scratch->data;
    text.len = rt_jsonw_len(&in);

    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "name");
    rt_jsonw_str(w, &e->name);
    rt_jsonw_lit(w, "value");

    if (!in.full && text.data[0] == '"') {
        rt_jsonw_raw(w, &text);

    } else if (!in.full) {
        rt_jsonw_str(w, &text);
    }

    text.data = (unsigned char *) from;
    text.len = strlen(from);

    rt_jsonw_lit(w, "where");
    rt_jsonw_str(w, &text);

    rt_jsonw_close(w, '}');

    if (in.full || w->full) {
        rt_jsonw_restore(w, &mark);
        cut(rd, e);
    }
}


static void
write_flat(rt_redact_t *rd, rt_jsonw_t *w, const list_t *list,
    const rt_form_t *args, const rt_body_t *body)
{
    unsigned  i;
    rt_str_t  scratch;

    scratch.len = rt_jsonw_room(w);
    scratch.data = list->n ? rt_alloc(rd->mem, scratch.len + 1) : NULL;

    if (scratch.data == NULL) {

        if (list->n) {
            rt_redact_cut(rd);
        }

        return;
    }

    for (i = 0; i < list->n; i++) {
        flat_value(rd, w, &list->entry[i], &scratch,
                   where(&list->entry[i], args, body));
    }
}


static void
write_object(rt_redact_t *rd, rt_jsonw_t *w, const list_t *list)
{
    unsigned  i;

    for (i = 0; i < list->n; i++) {
        if (!list->entry[i].chained) {
            values(rd, w, &list->entry[i]);
        }
    }
}


rt_status_e
rt_params_write(rt_redact_t *rd, rt_jsonw_t *w, const rt_form_t *args,
    const rt_body_t *body, int flat)
{
    size_t       n;
    list_t       list;
    rt_status_e  rc;

    rd->root = rd->nsteps;
    rt_jsonw_open(w, flat ? '[' : '{');

    if (w->full) {
        return RT_OK;
    }

    if (args && args->many) {
        rt_redact_note(rd, "unparsed", &why_count);
        args = NULL;
    }

    rc = RT_OK;
    n = count(args, body);
    memset(&list, 0, sizeof(list));

    if (n) {
        rc = make_room(rd->mem, &list, n);

        if (rc == RT_OK) {
            rc = collect(rd->mem, &list, args, body);
        }
    }

    if (rc == RT_OK) {
        judge_pair(rd, &list, args, body);

        if (flat) {
            write_flat(rd, w, &list, args, body);

        } else {
            write_object(rd, w, &list);
        }
    }

    if (list.more) {
        rt_redact_cut(rd);
    }

    rt_jsonw_close(w, flat ? ']' : '}');
    rd->root = RT_REDACT_STEPS;

    return rc;
}

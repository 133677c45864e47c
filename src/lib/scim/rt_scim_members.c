
#include <stdlib.h>

#include "scim/rt_scim_members.h"


struct rt_scim_said_s {
    rt_str_t         id;
    size_t           nth;
    unsigned         add;
    rt_scim_said_t  *before;
};


/* Whether a text may be one of our ids: short, and of printable ASCII. */

static int
is_id(const rt_str_t *id)
{
    size_t  i;

    for (i = 0; i < id->len; i++) {
        if (id->data[i] <= ' ' || id->data[i] >= 0x7f) {
            return 0;
        }
    }

    return id->len > 0 && id->len <= RT_SCIM_MAX_ID;
}


static const rt_scim_error_t *
say(rt_scim_members_said_t *said, const rt_json_t *value, unsigned add)
{
    rt_json_t              *v;
    rt_scim_said_t         *new;
    const rt_scim_error_t  *error;

    static const rt_str_t   name = rt_string("value");

    v = (rt_json_t *) value;

    if (value->type == RT_JSON_OBJECT) {
        error = rt_scim_get(value, &name, &v);
        if (error) {
            return error;
        }
    }

    if (v == NULL || v->type != RT_JSON_STRING || !is_id(&v->str)) {
        return &rt_scim_invalid_value;
    }

    if (said->n == RT_SCIM_MAX_MEMBERS) {
        return &rt_scim_too_large;
    }

    new = rt_alloc(said->mem, sizeof(rt_scim_said_t));
    if (new == NULL) {
        return &rt_scim_no_memory;
    }

    new->id = v->str;
    new->nth = said->n++;
    new->add = add;
    new->before = said->last;
    said->last = new;

    return NULL;
}


const rt_scim_error_t *
rt_scim_members_say(rt_scim_members_said_t *said, const rt_json_t *value,
    unsigned add)
{
    const rt_json_t        *v;
    const rt_scim_error_t  *error;

    if (value->type != RT_JSON_ARRAY) {
        return say(said, value, add);
    }

    error = NULL;

    for (v = value->child; v && error == NULL; v = v->next) {
        error = say(said, v, add);
    }

    return error;
}


void
rt_scim_members_clear(rt_scim_members_said_t *said)
{
    said->last = NULL;
    said->n = 0;
    said->all = 1;
}


static int
order(const void *one, const void *two)
{
    int                    rc;
    const rt_scim_said_t  *a = one, *b = two;

    rc = rt_scim_order(&a->id, &b->id);

    return rc ? rc : (a->nth > b->nth) - (a->nth < b->nth);
}


const rt_scim_error_t *
rt_scim_members_end(rt_scim_members_said_t *said, rt_scim_members_t *members)
{
    size_t           i, n;
    rt_scim_said_t  *list, *one;

    memset(members, 0, sizeof(rt_scim_members_t));
    members->all = said->all;

    n = said->n;

    if (n == 0) {
        return NULL;
    }

    list = rt_alloc(said->mem, n * sizeof(rt_scim_said_t));
    members->added = rt_alloc(said->mem, n * sizeof(rt_str_t));
    members->removed = rt_alloc(said->mem, n * sizeof(rt_str_t));

    if (list == NULL || members->added == NULL || members->removed == NULL) {
        return &rt_scim_no_memory;
    }

    for (one = said->last; one; one = one->before) {
        list[one->nth] = *one;
    }

    qsort(list, n, sizeof(rt_scim_said_t), order);

    for (i = 0; i < n; i++) {

        if (i + 1 < n && rt_str_eq(&list[i].id, &list[i + 1].id)) {
            continue;
        }

        if (list[i].add) {
            members->added[members->nadded++] = list[i].id;

        } else if (!said->all) {
            members->removed[members->nremoved++] = list[i].id;
        }
    }

    return NULL;
}

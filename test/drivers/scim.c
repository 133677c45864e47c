
/*
 * A line of JSON in, one out:
 *
 *     {"op":"create","type":"User","body":{...},"old":{...}}
 *     {"op":"patch", "type":"User","body":{...},"old":{...}}
 *     {"op":"filter","type":"User","old":{...},"filter":"userName eq \"x\""}
 *     {"op":"show",  "type":"User","old":{...},"attributes":"","excluded":""}
 *
 * "old" is a resource as a client writes it; it is made ours before.  A group's
 * members are its refs then.  The answers: {"root":{...},"active":true,
 * "all":true,"added":[...],"removed":[...]}, {"match":true}, the resource, or
 * {"error":{...}} as a client gets it.
 */

#include "rt_driver.h"
#include "scim/rt_scim_patch.h"
#include "scim/rt_scim_show.h"


static unsigned char  out[1 << 22];


static rt_str_t
member(const rt_json_t *line, const char *name)
{
    rt_str_t          s = { strlen(name), (unsigned char *) name };
    const rt_json_t  *m;

    m = rt_json_get(line, &s);

    return m ? m->str : (rt_str_t) rt_null_string;
}


static void
say_ids(rt_jsonw_t *w, const char *name, const rt_str_t *id, size_t n)
{
    rt_jsonw_name(w, name, strlen(name));
    rt_jsonw_open(w, '[');

    while (n--) {
        rt_jsonw_str(w, id++);
    }

    rt_jsonw_close(w, ']');
}


static void
say_change(rt_jsonw_t *w, const rt_scim_change_t *change)
{
    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "root");
    rt_jsonw_raw(w, &change->text);
    rt_jsonw_lit(w, "active");
    rt_jsonw_bool(w, (int) change->active);
    rt_jsonw_lit(w, "all");
    rt_jsonw_bool(w, (int) change->members.all);
    say_ids(w, "added", change->members.added, change->members.nadded);
    say_ids(w, "removed", change->members.removed, change->members.nremoved);
    rt_jsonw_close(w, '}');
}


/* a resource of the members that the group was written with */

static const rt_scim_error_t *
resource(rt_mem_t *mem, const rt_scim_change_t *old, rt_scim_resource_t *res)
{
    size_t  i;

    res->root = old->root;
    res->id = (rt_str_t) rt_string("2819c223-7f76-453a-919d-413861904646");
    res->base = (rt_str_t) rt_string("https://example.com/scim/v2");
    res->created = 1700000000000;
    res->modified = 1700000000500;
    res->version = 7;
    res->nrefs = old->members.nadded;
    res->refs = rt_alloc(mem, (res->nrefs + 1) * sizeof(rt_scim_ref_t));

    if (res->refs == NULL) {
        return &rt_scim_no_memory;
    }

    for (i = 0; i < res->nrefs; i++) {
        res->refs[i].id = old->members.added[i];
        res->refs[i].display = old->members.added[i];
    }

    return NULL;
}


static const rt_scim_error_t *
look(rt_mem_t *mem, rt_jsonw_t *w, const rt_json_t *line, const rt_str_t *op,
    const rt_scim_change_t *old, rt_scim_type_e type)
{
    rt_str_t                text, excluded;
    rt_scim_shown_t         shown;
    rt_scim_filter_t       *filter;
    rt_scim_resource_t      res = { .type = type };
    const rt_scim_error_t  *error;

    error = resource(mem, old, &res);

    if (error) {
        return error;
    }

    if (rt_str_lit(op, "filter")) {
        text = member(line, "filter");
        error = rt_scim_filter_parse(mem, rt_scim_schema(type), &text,
                                     &filter);
        if (error == NULL) {
            rt_jsonw_open(w, '{');
            rt_jsonw_lit(w, "match");
            rt_jsonw_bool(w, rt_scim_filter_match(filter, &res));
            rt_jsonw_close(w, '}');
        }

        return error;
    }

    text = member(line, "attributes");
    excluded = member(line, "excluded");

    error = rt_scim_shown(type, &text, &excluded, &shown);

    if (error == NULL) {
        rt_scim_show(w, &res, &shown);
    }

    return error;
}


static const rt_scim_error_t *
answer(rt_mem_t *mem, rt_jsonw_t *w, const rt_json_t *line)
{
    rt_str_t                op, type_name;
    rt_json_t              *body, *old;
    rt_scim_type_e          type;
    rt_scim_change_t        was, change;
    const rt_scim_error_t  *error;

    memset(&was, 0, sizeof(rt_scim_change_t));

    op = member(line, "op");
    type_name = member(line, "type");
    type = rt_str_lit(&type_name, "Group") ? RT_SCIM_GROUP : RT_SCIM_USER;
    body = rt_json_member(line, "body");
    old = rt_json_member(line, "old");

    if (old) {
        error = rt_scim_create(mem, type, old, NULL, &was);
        if (error) {
            return error;
        }
    }

    if (body == NULL || old == NULL) {
        if ((rt_str_lit(&op, "create") && body == NULL)
            || (!rt_str_lit(&op, "create") && old == NULL))
        {
            return &rt_scim_invalid_syntax;
        }
    }

    if (rt_str_lit(&op, "create")) {
        error = rt_scim_create(mem, type, body, was.root, &change);

    } else if (rt_str_lit(&op, "patch") && body) {
        error = rt_scim_patch(mem, type, was.root, body, &change);

    } else {
        return look(mem, w, line, &op, &was, type);
    }

    if (error == NULL) {
        say_change(w, &change);
    }

    return error;
}


int
main(void)
{
    rt_json_t              *line;
    rt_jsonw_t              w;
    driver_line_t           in = { 0 };
    const rt_scim_error_t  *error;

    while (driver_next(&in)) {
        rt_jsonw_init(&w, out, sizeof(out));

        error = rt_scim_body(&in.mem, &in.text, &line);

        if (error == NULL) {
            error = answer(&in.mem, &w, line);
        }

        if (error) {
            rt_jsonw_init(&w, out, sizeof(out));
            rt_jsonw_open(&w, '{');
            rt_jsonw_lit(&w, "error");
            rt_scim_error(&w, error);
            rt_jsonw_close(&w, '}');
        }

        printf("%.*s\n", (int) rt_jsonw_len(&w), out);
    }

    return 0;
}

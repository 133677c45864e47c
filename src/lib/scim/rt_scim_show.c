
#include "scim/rt_scim_show.h"
#include "scim/rt_scim_whole.h"
#include "text/rt_field.h"


#define URN_LIST   "urn:ietf:params:scim:api:messages:2.0:ListResponse"
#define URN_ERROR  "urn:ietf:params:scim:api:messages:2.0:Error"


static int show_object(rt_jsonw_t *w, const rt_scim_resource_t *res,
    const rt_scim_shown_t *shown, const rt_scim_path_t *path,
    const rt_json_t *object);


const rt_scim_error_t *
rt_scim_shown(rt_scim_type_e type, const rt_str_t *attributes,
    const rt_str_t *excluded, rt_scim_shown_t *shown)
{
    rt_str_t  rest, name;

    shown->only = (attributes->len != 0);
    shown->npaths = 0;

    if (attributes->len && excluded->len) {
        return &rt_scim_invalid_value;
    }

    rest = attributes->len ? *attributes : *excluded;

    while (rest.len) {
        (void) rt_str_cut(&rest, ',', &name, &rest);

        name = rt_field_trim(&name);

        if (shown->npaths == RT_SCIM_MAX_SHOWN) {
            return &rt_scim_invalid_value;
        }

        switch (rt_scim_path(rt_scim_schema(type), &name,
                             &shown->paths[shown->npaths]))
        {
        case RT_OK:
            shown->npaths++;
            break;

        case RT_INVALID:
            return &rt_scim_invalid_value;

        default:
            break;
        }
    }

    return NULL;
}


/* 1: path a begins with the whole of path b. */

static int
leads(const rt_scim_path_t *a, const rt_scim_path_t *b)
{
    return a->n >= b->n
           && memcmp(a->step, b->step, b->n * sizeof(b->step[0])) == 0;
}


static int
is_shown(const rt_scim_shown_t *shown, const rt_scim_path_t *path)
{
    unsigned  i;

    if (path->step[path->n - 1]->flags & RT_SCIM_ALWAYS) {
        return 1;
    }

    for (i = 0; i < shown->npaths; i++) {

        if (leads(path, &shown->paths[i])
            || (shown->only && leads(&shown->paths[i], path)))
        {
            return shown->only;
        }
    }

    return !shown->only;
}


int
rt_scim_shown_refs(rt_scim_type_e type, const rt_scim_shown_t *shown)
{
    rt_scim_path_t         path;
    const rt_scim_attr_t  *attr;

    for (attr = rt_scim_schema(type)->sub; attr->name.len; attr++) {

        if (attr->flags & RT_SCIM_REFS) {
            path.n = 1;
            path.step[0] = attr;

            return is_shown(shown, &path);
        }
    }

    return 0;
}


/* Writes the id of another resource as its URL. */

static void
show_url(rt_jsonw_t *w, const rt_scim_resource_t *res, rt_scim_type_e type,
    const rt_str_t *id)
{
    rt_jsonw_str_open(w);
    rt_jsonw_str_text(w, &res->base);
    rt_jsonw_str_text(w, &rt_scim_places[type]);
    rt_jsonw_str_text(w, id);
    rt_jsonw_str_close(w);
}


/* These return whether anything was written: empty objects are left out. */

static int
show_value(rt_jsonw_t *w, const rt_scim_resource_t *res,
    const rt_scim_shown_t *shown, const rt_scim_path_t *path,
    const rt_json_t *v)
{
    const rt_scim_attr_t  *attr = path->step[path->n - 1];

    if (v->type == RT_JSON_OBJECT) {
        return show_object(w, res, shown, path, v);
    }

    if (v->type != RT_JSON_STRING) {
        rt_jsonw_bool(w, v->type == RT_JSON_TRUE);
        return 1;
    }

    if (attr->type == RT_SCIM_REFERENCE
        && (attr->flags & (RT_SCIM_READONLY|RT_SCIM_MULTI))
           == RT_SCIM_READONLY)
    {
        /* meta.location is the resource's own URL, a $ref is one of the
           other type */

        show_url(w, res, attr->name.data[0] == '$' ? !res->type : res->type,
                 &v->str);
        return 1;
    }

    rt_jsonw_str(w, &v->str);

    return 1;
}


static int
show_several(rt_jsonw_t *w, const rt_scim_resource_t *res,
    const rt_scim_shown_t *shown, const rt_scim_path_t *path,
    const rt_json_t *array)
{
    int               written;
    size_t            i;
    const rt_json_t  *v;
    rt_scim_linked_t  linked;

    written = 0;
    rt_jsonw_open(w, '[');

    for (v = array ? array->child : NULL; v; v = v->next) {
        written |= show_value(w, res, shown, path, v);
    }

    for (i = 0; array == NULL && i < res->nrefs; i++) {
        rt_scim_linked(&linked, &res->refs[i]);
        written |= show_value(w, res, shown, path, &linked.object);
    }

    rt_jsonw_close(w, ']');

    return written;
}


static int
show_object(rt_jsonw_t *w, const rt_scim_resource_t *res,
    const rt_scim_shown_t *shown, const rt_scim_path_t *path,
    const rt_json_t *object)
{
    int                     some, written;
    rt_json_t              *v;
    rt_scim_path_t          sub;
    rt_jsonw_mark_t         before, mark;
    const rt_scim_attr_t   *attr;

    before = rt_jsonw_mark(w);
    written = 0;
    sub = *path;
    sub.n++;

    rt_jsonw_open(w, '{');

    attr = path->n ? path->step[path->n - 1]->sub
                   : rt_scim_schema(res->type)->sub;

    for ( /* void */ ; attr->name.len; attr++) {
        sub.step[path->n] = attr;
        v = rt_json_get(object, &attr->name);

        if ((v == NULL && !(attr->flags & RT_SCIM_REFS))
            || !is_shown(shown, &sub))
        {
            continue;
        }

        mark = rt_jsonw_mark(w);
        rt_jsonw_key(w, &attr->name);

        some = attr->flags & RT_SCIM_MULTI
               ? show_several(w, res, shown, &sub, v)
               : show_value(w, res, shown, &sub, v);

        if (!some) {
            rt_jsonw_restore(w, &mark);
        }

        written |= some;
    }

    rt_jsonw_close(w, '}');

    if (!written) {
        rt_jsonw_restore(w, &before);
    }

    return written;
}


void
rt_scim_show(rt_jsonw_t *w, const rt_scim_resource_t *res,
    const rt_scim_shown_t *shown)
{
    rt_scim_path_t   path;
    rt_scim_whole_t  whole;

    rt_scim_whole(&whole, res);
    path.n = 0;

    (void) show_object(w, res, shown, &path, &whole.root);
}


/* How many bytes a text takes between quotes at most. */

static size_t
room(const rt_str_t *s)
{
    size_t  i, n;

    for (i = n = 0; i < s->len; i++) {
        n += s->data[i] < ' ' || s->data[i] == '"' || s->data[i] == '\\'
             || s->data[i] >= 0x7f ? sizeof("\\u0000") - 1 : 1;
    }

    return n;
}


static size_t
room_of(const rt_json_t *v)
{
    size_t            n;
    const rt_json_t  *m;

    n = room(&v->key) + room(&v->str) + sizeof("\"\":\"\",");

    for (m = v->child; m; m = m->next) {
        n += room_of(m);
    }

    return n;
}


size_t
rt_scim_show_room(const rt_scim_resource_t *res)
{
    size_t           i, n, url;
    rt_scim_whole_t  whole;

    rt_scim_whole(&whole, res);

    url = room(&res->base) + sizeof("/Groups/");
    n = room_of(&whole.root) + url;

    for (i = 0; i < res->nrefs; i++) {
        n += 2 * room(&res->refs[i].id) + room(&res->refs[i].display) + url
             + sizeof("{\"value\":\"\",\"$ref\":\"\",\"display\":\"\"},");
    }

    return n + sizeof("\"members\":[],");
}


void
rt_scim_list_open(rt_jsonw_t *w)
{
    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "schemas");
    rt_jsonw_json(w, "[\"" URN_LIST "\"]");
    rt_jsonw_lit(w, "Resources");
    rt_jsonw_open(w, '[');
}


void
rt_scim_list_close(rt_jsonw_t *w, size_t total, size_t start, size_t count)
{
    rt_jsonw_close(w, ']');
    rt_jsonw_lit(w, "totalResults");
    rt_jsonw_uint(w, total);
    rt_jsonw_lit(w, "startIndex");
    rt_jsonw_uint(w, start);
    rt_jsonw_lit(w, "itemsPerPage");
    rt_jsonw_uint(w, count);
    rt_jsonw_close(w, '}');
}


void
rt_scim_say(rt_jsonw_t *w, const char *name, const char *value)
{
    rt_str_t  s = rt_str_of(value);

    rt_jsonw_name(w, name, strlen(name));
    rt_jsonw_str(w, &s);
}


void
rt_scim_error(rt_jsonw_t *w, const rt_scim_error_t *error)
{
    char  status[4];

    status[0] = (char) ('0' + error->status / 100);
    status[1] = (char) ('0' + error->status / 10 % 10);
    status[2] = (char) ('0' + error->status % 10);
    status[3] = '\0';

    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "schemas");
    rt_jsonw_json(w, "[\"" URN_ERROR "\"]");

    if (error->type) {
        rt_scim_say(w, "scimType", error->type);
    }

    rt_scim_say(w, "detail", error->detail);
    rt_scim_say(w, "status", status);
    rt_jsonw_close(w, '}');
}

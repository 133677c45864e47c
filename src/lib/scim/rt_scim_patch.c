
#include "scim/rt_scim_patch.h"
#include "scim/rt_scim_target.h"


#define URN_PATCH  "urn:ietf:params:scim:api:messages:2.0:PatchOp"


typedef enum {
    OP_ADD = 0,
    OP_REPLACE,
    OP_REMOVE
} op_e;


typedef struct {
    rt_mem_t                *mem;
    const rt_scim_attr_t    *schema;
    rt_json_t               *root;      /* a copy, changed op by op */
    unsigned                 nops;      /* operations so far */
    rt_scim_path_t          *named;     /* paths that the members of one value
                                           name */
    unsigned                 nnamed;
    rt_scim_members_said_t   said;
} patch_t;


/* one operation: what it does, to what, and with which value */

typedef struct {
    op_e                     op;
    rt_scim_target_t         to;
    const rt_json_t         *value;     /* NULL: none, or null */
    unsigned                 pathless;  /* it is a member of the value of one
                                           that had no path */
} change_t;


static const rt_scim_error_t *assign(patch_t *patch, const change_t *change,
    rt_json_t *object, unsigned i);
static const rt_scim_error_t *run_pathless(patch_t *patch, change_t *change,
    const rt_json_t *value);


static rt_json_t *
copy(rt_mem_t *mem, const rt_json_t *v)
{
    rt_json_t        *made, **last;
    const rt_json_t  *m;

    made = rt_alloc(mem, sizeof(rt_json_t));
    if (made == NULL) {
        return NULL;
    }

    *made = *v;
    made->next = NULL;
    made->child = NULL;
    last = &made->child;

    for (m = v->child; m; m = m->next) {
        *last = copy(mem, m);

        if (*last == NULL) {
            return NULL;
        }

        last = &(*last)->next;
    }

    return made;
}


/* Sets the path's step i in an object that is a value of the step before. */

static void
put(const patch_t *patch, const change_t *change, rt_json_t *object,
    unsigned i, rt_json_t *value)
{
    const rt_scim_path_t  *path = &change->to.path;

    rt_scim_put(object, i ? path->step[i - 1] : patch->schema, path->step[i],
                value);
}


/* The value of a complex attribute, made if there is none. */

static rt_json_t *
complex(const patch_t *patch, const rt_json_t *object,
    const rt_scim_attr_t *attr)
{
    rt_json_t  *v;

    v = rt_json_get(object, &attr->name);

    return v ? v : rt_scim_new(patch->mem, RT_JSON_OBJECT);
}


/*
 * Each member of the operation's value goes to the sub-attribute of that name,
 * and sub-attributes that it does not name stay (RFC 7644, 3.5.2.3).  A string
 * is taken for the "value".
 *
 * in:   object, a value of the attribute that the path ends with
 */

static const rt_scim_error_t *
merge(patch_t *patch, const change_t *change, rt_json_t *object)
{
    change_t                part;
    rt_json_t              *m;
    const rt_json_t        *value;
    const rt_scim_attr_t   *attr, *sub;
    const rt_scim_error_t  *error;

    attr = change->to.path.step[change->to.path.n - 1];
    value = change->value;

    /* rt_scim_value() takes such an array, but leaves out members that are
       null, and here they unassign something */

    if (value->type == RT_JSON_ARRAY && value->count == 1) {
        value = value->child;
    }

    if (value->type == RT_JSON_STRING) {
        error = rt_scim_value(patch->mem, attr, value, 1, &m);

        if (error || m == NULL) {
            return error;
        }

        value = m;
    }

    for (sub = attr->sub; sub->name.len; sub++) {

        if (sub->flags & RT_SCIM_READONLY) {
            continue;
        }

        error = rt_scim_get(value, &sub->name, &m);
        if (error) {
            return &rt_scim_invalid_value;
        }

        if (m == NULL) {
            continue;
        }

        part = *change;
        part.to.path.step[part.to.path.n++] = sub;
        part.value = m->type == RT_JSON_NULL ? NULL : m;

        error = assign(patch, &part, object, part.to.path.n - 1);
        if (error) {
            return error;
        }
    }

    return NULL;
}


/*
 * A new primary value makes the old one an ordinary one (RFC 7644, 3.5.2).
 *
 * in:   first, the "primary" of the value that had it before, or NULL
 */

static const rt_scim_error_t *
one_primary(const rt_json_t *array, rt_json_t *first)
{
    rt_json_t  *now;

    if (first && rt_scim_primaries(array, &now) > 1) {
        first->type = RT_JSON_FALSE;
    }

    return rt_scim_primaries(array, &now) > 1 ? &rt_scim_invalid_value : NULL;
}


/* Adds a value to a multi-valued attribute, unless it is there already. */

static const rt_scim_error_t *
append(rt_json_t *array, rt_json_t *v)
{
    rt_json_t  **last;

    for (last = &array->child; *last; last = &(*last)->next) {
        if (rt_scim_same(*last, v)) {
            return NULL;
        }
    }

    if (array->count == RT_SCIM_MAX_VALUES) {
        return &rt_scim_too_large;
    }

    v->next = NULL;
    *last = v;
    array->count++;

    return NULL;
}


static const rt_scim_error_t *
append_all(rt_json_t *array, rt_json_t *more)
{
    rt_json_t              *v, *next, *primary;
    const rt_scim_error_t  *error;

    (void) rt_scim_primaries(array, &primary);

    for (v = more->child; v; v = next) {
        next = v->next;

        error = append(array, v);
        if (error) {
            return error;
        }
    }

    return one_primary(array, primary);
}


/* 1: v has every member of one of the array's values. */

static int
named(const rt_json_t *array, const rt_json_t *v)
{
    const rt_json_t  *said, *m, *has;

    for (said = array->child; said; said = said->next) {

        for (m = said->child; m; m = m->next) {
            has = rt_json_get(v, &m->key);

            if (has == NULL || !rt_scim_same(has, m)) {
                break;
            }
        }

        if (m == NULL) {
            return 1;
        }
    }

    return 0;
}


/* Removes the values that a "remove" carries, as Entra ID sends it. */

static void
subtract(rt_json_t *array, const rt_json_t *values)
{
    rt_json_t  **at;

    for (at = &array->child; *at; /* void */ ) {

        if (named(values, *at)) {
            *at = (*at)->next;
            array->count--;

        } else {
            at = &(*at)->next;
        }
    }
}


/* An operation on a multi-valued attribute as a whole. */

static const rt_scim_error_t *
assign_several(patch_t *patch, const change_t *change, rt_json_t *object,
    unsigned i)
{
    rt_json_t              *array, *values;
    const rt_scim_attr_t   *attr;
    const rt_scim_error_t  *error;

    attr = change->to.path.step[i];
    array = rt_json_get(object, &attr->name);
    values = NULL;

    if (change->value) {
        error = rt_scim_value(patch->mem, attr, change->value, 0, &values);
        if (error) {
            return error;
        }
    }

    if (change->op == OP_REPLACE
        || (change->op == OP_REMOVE && change->value == NULL))
    {
        put(patch, change, object, i, values);
        return NULL;
    }

    if (values == NULL) {
        return NULL;
    }

    if (change->op == OP_REMOVE) {

        if (array) {
            subtract(array, values);
            put(patch, change, object, i, array->count ? array : NULL);
        }

        return NULL;
    }

    if (array) {
        return append_all(array, values);
    }

    put(patch, change, object, i, values);

    return NULL;
}


/* An operation on what the path ends with, in the object that has it. */

static const rt_scim_error_t *
assign(patch_t *patch, const change_t *change, rt_json_t *object, unsigned i)
{
    rt_json_t              *v;
    const rt_scim_attr_t   *attr;
    const rt_scim_error_t  *error;

    attr = change->to.path.step[i];

    if (change->op == OP_REMOVE && attr->flags & RT_SCIM_REQUIRED) {
        return &rt_scim_mutability;
    }

    if (attr->flags & RT_SCIM_MULTI) {
        return assign_several(patch, change, object, i);
    }

    if (change->op == OP_REMOVE || change->value == NULL) {

        if (change->op != OP_ADD) {
            put(patch, change, object, i, NULL);
        }

        return NULL;
    }

    if (attr->type == RT_SCIM_COMPLEX) {
        v = complex(patch, object, attr);
        if (v == NULL) {
            return &rt_scim_no_memory;
        }

        error = merge(patch, change, v);
        put(patch, change, object, i, v->count ? v : NULL);

        return error;
    }

    error = rt_scim_value(patch->mem, attr, change->value, 0, &v);

    if (error == NULL && (v || change->op == OP_REPLACE)) {
        put(patch, change, object, i, v);
    }

    return error;
}


/* Makes the value that a filter describes by "eq" and "and". */

static const rt_scim_error_t *
describe(const patch_t *patch, const rt_scim_attr_t *attr,
    const rt_scim_filter_t *filter, rt_json_t *object)
{
    rt_json_t               *v;
    const rt_scim_error_t   *error;
    const rt_scim_filter_t  *term;

    if (filter->op == RT_SCIM_AND) {
        error = NULL;

        for (term = filter->term; term && error == NULL; term = term->next) {
            error = describe(patch, attr, term, object);
        }

        return error;
    }

    if (filter->op != RT_SCIM_EQ || filter->type == RT_JSON_NULL) {
        return &rt_scim_no_target;
    }

    v = rt_scim_new(patch->mem, filter->type);
    if (v == NULL) {
        return &rt_scim_no_memory;
    }

    if (v->type == RT_JSON_STRING) {
        v->str = filter->text;
    }

    rt_scim_put(object, attr, filter->path.step[0], v);

    return NULL;
}


/* An operation on one value of several; *v becomes NULL if it is removed. */

static const rt_scim_error_t *
change_value(patch_t *patch, const change_t *change, unsigned i,
    rt_json_t **v)
{
    const rt_scim_error_t  *error;

    if (i + 1 < change->to.path.n) {
        error = assign(patch, change, *v, i + 1);

    } else if (change->op == OP_REMOVE || change->value == NULL) {
        *v = (change->op == OP_ADD) ? *v : NULL;
        return NULL;

    } else if (change->op == OP_REPLACE) {
        return rt_scim_value(patch->mem, change->to.path.step[i], change->value,
                             1, v);
    } else {
        error = merge(patch, change, *v);
    }

    if ((*v)->count == 0) {
        *v = NULL;
    }

    return error;
}


/* An "add" whose filter no value fits. */

static const rt_scim_error_t *
add_value(patch_t *patch, const change_t *change, unsigned i,
    rt_json_t **array)
{
    rt_json_t              *v;
    const rt_scim_attr_t   *attr;
    const rt_scim_error_t  *error;

    if (change->op != OP_ADD) {
        return change->op == OP_REPLACE ? &rt_scim_no_target : NULL;
    }

    attr = change->to.path.step[i];

    v = rt_scim_new(patch->mem, RT_JSON_OBJECT);

    if (*array == NULL) {
        *array = rt_scim_new(patch->mem, RT_JSON_ARRAY);
    }

    if (v == NULL || *array == NULL) {
        return &rt_scim_no_memory;
    }

    if ((change->to.filter
         && (error = describe(patch, attr, change->to.filter, v)) != NULL)
        || (error = change_value(patch, change, i, &v)) != NULL
        || v == NULL
        || (error = rt_scim_value(patch->mem, attr, v, 1, &v)) != NULL
        || v == NULL)
    {
        return error;
    }

    return append(*array, v);
}


/* An operation on those values of an attribute that the filter fits. */

static const rt_scim_error_t *
change_values(patch_t *patch, const change_t *change, rt_json_t *object,
    unsigned i)
{
    unsigned                found;
    rt_json_t              *array, *v, *next, **at, *primary;
    const rt_scim_error_t  *error;

    array = rt_json_get(object, &change->to.path.step[i]->name);
    (void) rt_scim_primaries(array, &primary);
    found = 0;

    for (at = array ? &array->child : NULL; at && *at; /* void */ ) {
        v = *at;
        next = v->next;

        if (change->to.filter && !rt_scim_filter_value(change->to.filter, v)) {
            at = &v->next;
            continue;
        }

        found = 1;

        error = change_value(patch, change, i, &v);
        if (error) {
            return error;
        }

        if (v == NULL) {
            *at = next;
            array->count--;

        } else {
            v->next = next;
            *at = v;
            at = &v->next;
        }
    }

    if (!found) {
        error = add_value(patch, change, i, &array);
        if (error) {
            return error;
        }
    }

    put(patch, change, object, i, array && array->count ? array : NULL);

    return array ? one_primary(array, primary) : NULL;
}


/* Goes down the path from its step i, which the object may have. */

static const rt_scim_error_t *
walk(patch_t *patch, const change_t *change, rt_json_t *object, unsigned i)
{
    rt_json_t              *v;
    const rt_scim_attr_t   *attr;
    const rt_scim_error_t  *error;

    attr = change->to.path.step[i];

    if (attr->flags & RT_SCIM_MULTI
        && (change->to.filter || i + 1 < change->to.path.n))
    {
        return change_values(patch, change, object, i);
    }

    if (i + 1 == change->to.path.n) {
        return assign(patch, change, object, i);
    }

    v = complex(patch, object, attr);
    if (v == NULL) {
        return &rt_scim_no_memory;
    }

    error = walk(patch, change, v, i + 1);

    put(patch, change, object, i, v->count ? v : NULL);

    return error;
}


/* Takes the ids out of a filter: value eq "...", with "or" between several. */

static const rt_scim_error_t *
say_filtered(patch_t *patch, const rt_scim_filter_t *filter, unsigned add)
{
    rt_json_t                id;
    const rt_scim_error_t   *error;
    const rt_scim_filter_t  *term;

    if (filter->op == RT_SCIM_OR) {
        error = NULL;

        for (term = filter->term; term && error == NULL; term = term->next) {
            error = say_filtered(patch, term, add);
        }

        return error;
    }

    if (filter->op != RT_SCIM_EQ || filter->type != RT_JSON_STRING
        || !(filter->path.step[0]->flags & RT_SCIM_IMMUTABLE))
    {
        return &rt_scim_invalid_filter;
    }

    memset(&id, 0, sizeof(rt_json_t));
    id.type = RT_JSON_STRING;
    id.str = filter->value;

    return rt_scim_members_say(&patch->said, &id, add);
}


static const rt_scim_error_t *
change_members(patch_t *patch, const change_t *change)
{
    if (change->to.path.n > 1
        || (change->to.filter && change->op == OP_REPLACE))
    {
        return &rt_scim_mutability;
    }

    if (change->to.filter) {
        return say_filtered(patch, change->to.filter, change->op == OP_ADD);
    }

    if (change->op == OP_REPLACE
        || (change->op == OP_REMOVE && change->value == NULL))
    {
        rt_scim_members_clear(&patch->said);
    }

    return change->value == NULL
           ? NULL : rt_scim_members_say(&patch->said, change->value,
                                        change->op != OP_REMOVE);
}


/*
 * Two names of a value may mean one attribute, with its URN and without it.
 * That is refused, because nobody knows which of both counts.
 */

static const rt_scim_error_t *
name_once(patch_t *patch, const rt_scim_path_t *path)
{
    unsigned               i, k;
    const rt_scim_path_t  *other;

    if (patch->named == NULL) {
        patch->named = rt_alloc(patch->mem,
                                RT_SCIM_MAX_OPS * sizeof(rt_scim_path_t));
        if (patch->named == NULL) {
            return &rt_scim_no_memory;
        }
    }

    for (i = 0; i < patch->nnamed; i++) {
        other = &patch->named[i];
        k = 0;

        while (k < path->n && k < other->n
               && path->step[k] == other->step[k])
        {
            k++;
        }

        if (k == path->n && k == other->n) {
            return &rt_scim_invalid_value;
        }
    }

    patch->named[patch->nnamed++] = *path;

    return NULL;
}


/* One operation that has a path. */

static const rt_scim_error_t *
run(patch_t *patch, change_t *change, const rt_str_t *path,
    const rt_json_t *value)
{
    const rt_scim_error_t  *error;
    const rt_scim_path_t   *to = &change->to.path;

    if (patch->nops++ == RT_SCIM_MAX_OPS) {
        return &rt_scim_too_large;
    }

    /* a path may name the resource itself, by the URN of its schema */

    if (rt_str_ieq(path, &patch->schema->name)) {
        return run_pathless(patch, change, value);
    }

    error = rt_scim_target(patch->mem, patch->schema, path, &change->to);

    if (error == &rt_scim_mutability && change->pathless) {
        return NULL;
    }

    if (error == NULL
        && (to->n == 0 || to->step[to->n - 1]->flags & RT_SCIM_EXTENSION)
        && rt_scim_stray(patch->schema, path, value))
    {
        return &rt_scim_invalid_path;
    }

    if (error == NULL && to->n && change->pathless
        && change->to.filter == NULL)
    {
        error = name_once(patch, to);
    }

    if (error || to->n == 0) {
        return error;
    }

    if (change->op != OP_REMOVE
        && (value == NULL || rt_scim_unassigned(to->step[0], value)))
    {
        return &rt_scim_invalid_value;
    }

    change->value = value && value->type != RT_JSON_NULL ? value : NULL;

    return to->step[0]->flags & RT_SCIM_REFS
           ? change_members(patch, change)
           : walk(patch, change, patch->root, 0);
}


/* An operation without a path: the name of each member of its value is one. */

static const rt_scim_error_t *
run_pathless(patch_t *patch, change_t *change, const rt_json_t *value)
{
    const rt_json_t        *m;
    const rt_scim_error_t  *error;

    if (change->op == OP_REMOVE) {
        return &rt_scim_no_target;
    }

    if (value == NULL || value->type != RT_JSON_OBJECT) {
        return &rt_scim_invalid_value;
    }

    change->pathless = 1;
    error = NULL;

    for (m = value->child; m && error == NULL; m = m->next) {
        error = run(patch, change, &m->key, m);
    }

    return error;
}


static rt_status_e
read_op(const rt_json_t *name, op_e *op)
{
    unsigned  i;

    static const rt_str_t  names[] = {
        rt_string("add"), rt_string("replace"), rt_string("remove")
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {

        if (name && name->type == RT_JSON_STRING
            && rt_str_ieq(&name->str, &names[i]))
        {
            *op = (op_e) i;
            return RT_OK;
        }
    }

    return RT_INVALID;
}


static const rt_scim_error_t *
run_op(patch_t *patch, const rt_json_t *operation)
{
    change_t                change;
    rt_json_t              *op, *path, *value;
    const rt_scim_error_t  *error;

    static const rt_str_t   name_op = rt_string("op");
    static const rt_str_t   name_path = rt_string("path");
    static const rt_str_t   name_value = rt_string("value");

    memset(&change, 0, sizeof(change_t));
    patch->nnamed = 0;

    if ((error = rt_scim_get(operation, &name_op, &op)) != NULL
        || (error = rt_scim_get(operation, &name_path, &path)) != NULL
        || (error = rt_scim_get(operation, &name_value, &value)) != NULL)
    {
        return error;
    }

    if (read_op(op, &change.op) != RT_OK) {
        return &rt_scim_invalid_syntax;
    }

    if (path == NULL || path->type == RT_JSON_NULL
        || (path->type == RT_JSON_STRING && path->str.len == 0))
    {
        return run_pathless(patch, &change, value);
    }

    return path->type == RT_JSON_STRING
           ? run(patch, &change, &path->str, value) : &rt_scim_invalid_path;
}


const rt_scim_error_t *
rt_scim_patch(rt_mem_t *mem, rt_scim_type_e type, const rt_json_t *old,
    const rt_json_t *body, rt_scim_change_t *change)
{
    patch_t                 patch;
    rt_json_t              *operations, *m;
    const rt_scim_error_t  *error;

    static const rt_str_t   urn = rt_string(URN_PATCH);
    static const rt_str_t   name = rt_string("Operations");

    if ((error = rt_scim_says(body, &urn)) != NULL
        || (error = rt_scim_get(body, &name, &operations)) != NULL)
    {
        return error;
    }

    if (operations == NULL || operations->type != RT_JSON_ARRAY
        || operations->count == 0)
    {
        return &rt_scim_invalid_syntax;
    }

    memset(&patch, 0, sizeof(patch_t));
    patch.mem = mem;
    patch.schema = rt_scim_schema(type);
    patch.said.mem = mem;
    patch.root = copy(mem, old);

    if (patch.root == NULL) {
        return &rt_scim_no_memory;
    }

    for (m = operations->child; m; m = m->next) {
        error = run_op(&patch, m);
        if (error) {
            return error;
        }
    }

    error = rt_scim_members_end(&patch.said, &change->members);

    return error ? error : rt_scim_made(mem, type, patch.root, old, change);
}


#include "jose/rt_claims.h"
#include "scim/rt_scim_resource.h"
#include "text/rt_fold.h"
#include "text/rt_utf8.h"


static const rt_str_t  name_active = rt_string("active");
static const rt_str_t  name_emails = rt_string("emails");
static const rt_str_t  name_external = rt_string("externalId");
static const rt_str_t  name_members = rt_string("members");
static const rt_str_t  name_primary = rt_string("primary");
static const rt_str_t  name_value = rt_string("value");


static const rt_scim_error_t *
text(rt_mem_t *mem, const rt_scim_attr_t *attr, const rt_json_t *value,
    rt_json_t **made)
{
    if (value->type != RT_JSON_STRING) {
        return &rt_scim_invalid_value;
    }

    if (value->str.len > RT_SCIM_MAX_STRING) {
        return &rt_scim_too_large;
    }

    if (value->str.len == 0 || attr->flags & RT_SCIM_WRITEONLY) {
        return NULL;
    }

    if (attr->flags & RT_SCIM_PLAIN && !rt_utf8_plain(&value->str)) {
        return &rt_scim_invalid_value;
    }

    *made = rt_scim_new(mem, RT_JSON_STRING);
    if (*made == NULL) {
        return &rt_scim_no_memory;
    }

    (*made)->str = value->str;

    return NULL;
}


/* A boolean as JSON has it, or as a string in any case. */

static const rt_scim_error_t *
boolean(rt_mem_t *mem, const rt_json_t *value, rt_json_t **made)
{
    rt_json_type_e  type;

    static const rt_str_t  word_true = rt_string("true");
    static const rt_str_t  word_false = rt_string("false");

    type = value->type;

    if (type == RT_JSON_STRING) {

        if (value->str.len == 0) {
            return NULL;
        }

        type = rt_str_ieq(&value->str, &word_true) ? RT_JSON_TRUE
               : rt_str_ieq(&value->str, &word_false) ? RT_JSON_FALSE
               : RT_JSON_STRING;
    }

    if (type != RT_JSON_TRUE && type != RT_JSON_FALSE) {
        return &rt_scim_invalid_value;
    }

    *made = rt_scim_new(mem, type);

    return *made ? NULL : &rt_scim_no_memory;
}


/* The value of a complex attribute, which is an object. */

static const rt_scim_error_t *
complex(rt_mem_t *mem, const rt_scim_attr_t *attr, const rt_json_t *value,
    rt_json_t **made)
{
    rt_json_t              *object, *m, *v;
    const rt_scim_attr_t   *sub;
    const rt_scim_error_t  *error;

    if (value->type != RT_JSON_OBJECT) {
        return &rt_scim_invalid_value;
    }

    object = rt_scim_new(mem, RT_JSON_OBJECT);
    if (object == NULL) {
        return &rt_scim_no_memory;
    }

    for (sub = attr->sub; sub->name.len; sub++) {

        if (sub->flags & (RT_SCIM_READONLY|RT_SCIM_REFS)) {
            continue;
        }

        error = rt_scim_get(value, &sub->name, &m);
        v = NULL;

        if (error == NULL && m) {
            error = rt_scim_value(mem, sub, m, 0, &v);
        }

        if (error) {
            return error;
        }

        rt_scim_put(object, attr, sub, v);
    }

    if (object->count) {
        *made = object;
    }

    return NULL;
}


/* A role or a manager that is sent as a string is taken for its "value". */

static const rt_scim_error_t *
bare(rt_mem_t *mem, const rt_scim_attr_t *attr, const rt_json_t *value,
    rt_json_t **made)
{
    rt_json_t               object, m;
    rt_scim_path_t          path;

    if (rt_scim_path(attr, &name_value, &path) != RT_OK) {
        return &rt_scim_invalid_value;
    }

    memset(&object, 0, sizeof(rt_json_t));

    m = *value;
    m.key = name_value;
    m.next = NULL;

    object.type = RT_JSON_OBJECT;
    object.count = 1;
    object.child = &m;

    return complex(mem, attr, &object, made);
}


/* The values of a multi-valued attribute: an array, or its only value. */

static const rt_scim_error_t *
several(rt_mem_t *mem, const rt_scim_attr_t *attr, const rt_json_t *value,
    rt_json_t **made)
{
    unsigned                npassed;
    rt_json_t              *array, *v, **last;
    const rt_json_t        *m;
    const rt_scim_error_t  *error;

    array = rt_scim_new(mem, RT_JSON_ARRAY);
    if (array == NULL) {
        return &rt_scim_no_memory;
    }

    last = &array->child;
    npassed = 0;

    for (m = value->type == RT_JSON_ARRAY ? value->child : value; m;
         m = m == value ? NULL : m->next)
    {
        if (npassed++ == RT_SCIM_MAX_VALUES) {
            return &rt_scim_too_large;
        }

        error = rt_scim_value(mem, attr, m, 1, &v);
        if (error) {
            return error;
        }

        if (v) {
            *last = v;
            last = &v->next;
            array->count++;
        }
    }

    if (rt_scim_primaries(array, &v) > 1) {
        return &rt_scim_invalid_value;
    }

    if (array->count) {
        *made = array;
    }

    return NULL;
}


int
rt_scim_unassigned(const rt_scim_attr_t *attr, const rt_json_t *value)
{
    return attr->flags & RT_SCIM_ASSIGNED
           && (value->type == RT_JSON_NULL
               || (value->type == RT_JSON_STRING && value->str.len == 0));
}


/* 1: a part of the name is "active". */

static int
names_active(const rt_str_t *name)
{
    size_t    i, from;
    rt_str_t  part;

    for (i = 0, from = 0; i <= name->len; i++) {

        if (i == name->len || name->data[i] == ':' || name->data[i] == '.'
            || name->data[i] == '[')
        {
            part.data = name->data + from;
            part.len = i - from;
            from = i + 1;

            if (rt_str_ieq(&part, &name_active)) {
                return 1;
            }
        }
    }

    return 0;
}


/* 1: a member has a name with that part, however deep in arrays and objects. */

static int
holds_active(const rt_json_t *value)
{
    const rt_json_t  *m;

    for (m = value->child; m; m = m->next) {

        if ((value->type == RT_JSON_OBJECT && names_active(&m->key))
            || holds_active(m))
        {
            return 1;
        }
    }

    return 0;
}


/* The name of an extension counts, and so does every name within its value. */

int
rt_scim_stray(const rt_scim_attr_t *schema, const rt_str_t *name,
    const rt_json_t *value)
{
    rt_scim_path_t  path;

    if (rt_scim_path(schema, &name_active, &path) != RT_OK) {
        return 0;
    }

    if (names_active(name)) {
        return 1;
    }

    return value && rt_str_ibegins(name, "urn:") && holds_active(value);
}


const rt_scim_error_t *
rt_scim_value(rt_mem_t *mem, const rt_scim_attr_t *attr,
    const rt_json_t *value, unsigned each, rt_json_t **made)
{
    *made = NULL;

    if (rt_scim_unassigned(attr, value)) {
        return &rt_scim_invalid_value;
    }

    if (value->type == RT_JSON_NULL) {
        return NULL;
    }

    if (attr->flags & RT_SCIM_MULTI && !each) {
        return several(mem, attr, value, made);
    }

    switch (attr->type) {

    case RT_SCIM_COMPLEX:

        /* Entra ID sends a manager as an array */

        if (value->type == RT_JSON_ARRAY && value->count == 1) {
            value = value->child;
        }

        return value->type == RT_JSON_STRING ? bare(mem, attr, value, made)
                                             : complex(mem, attr, value, made);

    case RT_SCIM_BOOLEAN:
        return boolean(mem, value, made);

    default:
        return text(mem, attr, value, made);
    }
}


unsigned
rt_scim_primaries(const rt_json_t *array, rt_json_t **first)
{
    unsigned          n;
    rt_json_t        *primary;
    const rt_json_t  *m;

    *first = NULL;

    for (n = 0, m = array ? array->child : NULL; m; m = m->next) {
        primary = rt_json_get(m, &name_primary);

        if (primary && primary->type == RT_JSON_TRUE && n++ == 0) {
            *first = primary;
        }
    }

    return n;
}


void
rt_scim_put(rt_json_t *object, const rt_scim_attr_t *of,
    const rt_scim_attr_t *attr, rt_json_t *value)
{
    rt_json_t             **at;
    const rt_scim_attr_t   *sub;

    /* another version of this program may have kept another order */

    for (at = &object->child; *at; at = &(*at)->next) {

        if (rt_str_eq(&(*at)->key, &attr->name)) {
            *at = (*at)->next;
            object->count--;
            break;
        }
    }

    at = &object->child;

    for (sub = of->sub; sub != attr; sub++) {
        if (*at && rt_str_eq(&(*at)->key, &sub->name)) {
            at = &(*at)->next;
        }
    }

    if (value) {
        value->key = attr->name;
        value->next = *at;
        *at = value;
        object->count++;
    }
}


/* Whether a user is active: as the request says, or else as he was. */

static const rt_scim_error_t *
activate(rt_mem_t *mem, const rt_scim_attr_t *schema, rt_json_t *root,
    const rt_json_t *old, rt_scim_change_t *change)
{
    rt_json_t       *active, *was;
    rt_scim_path_t   path;

    change->active = 1;

    if (rt_scim_path(schema, &name_active, &path) != RT_OK) {
        return NULL;
    }

    active = rt_json_get(root, &name_active);

    if (active == NULL) {
        was = rt_json_get(old, &name_active);
        active = rt_scim_new(mem, was ? was->type : RT_JSON_TRUE);

        if (active == NULL) {
            return &rt_scim_no_memory;
        }

        rt_scim_put(root, schema, path.step[0], active);
    }

    change->active = (active->type == RT_JSON_TRUE);

    return NULL;
}


static const rt_scim_error_t *
key(rt_mem_t *mem, const rt_json_t *value, unsigned exact, rt_str_t *key)
{
    if (value == NULL) {
        return NULL;
    }

    *key = value->str;

    if (!exact) {
        key->data = rt_alloc(mem, RT_FOLD_ROOM(value->str.len));
        if (key->data == NULL) {
            return &rt_scim_no_memory;
        }

        key->len = rt_fold(key->data, &value->str);
    }

    return key->len > RT_SCIM_MAX_KEY ? &rt_scim_too_large : NULL;
}


/* 1: a key has letters that its value has not (rt_fold.h) */

static int
strange(const rt_json_t *value, const rt_str_t *key)
{
    return value && rt_fold_strange(&value->str, key);
}


/* The primary value, or else the first. */

static const rt_json_t *
email(const rt_json_t *root)
{
    const rt_json_t  *m, *value, *primary, *found;

    m = rt_json_get(root, &name_emails);
    found = NULL;

    for (m = m ? m->child : NULL; m; m = m->next) {
        value = rt_json_get(m, &name_value);
        primary = rt_json_get(m, &name_primary);

        if (value && primary && primary->type == RT_JSON_TRUE) {
            return value;
        }

        if (found == NULL) {
            found = value;
        }
    }

    return found;
}


const rt_scim_error_t *
rt_scim_made(rt_mem_t *mem, rt_scim_type_e type, rt_json_t *root,
    const rt_json_t *old, rt_scim_change_t *change)
{
    const rt_json_t        *name, *external, *mail;
    const rt_scim_attr_t   *schema, *attr;
    const rt_scim_error_t  *error;

    schema = rt_scim_schema(type);
    name = NULL;
    external = rt_json_get(root, &name_external);
    mail = email(root);

    for (attr = schema->sub; attr->name.len; attr++) {

        if (attr->flags & RT_SCIM_REQUIRED) {
            name = rt_json_get(root, &attr->name);
        }
    }

    if (name == NULL) {
        return &rt_scim_invalid_value;
    }

    change->root = root;
    memset(change->key, 0, sizeof(change->key));

    if ((error = activate(mem, schema, root, old, change)) != NULL
        || (error = key(mem, name, 0, &change->key[RT_SCIM_NAME])) != NULL
        || (error = key(mem, external, 1, &change->key[RT_SCIM_EXTERNAL]))
           != NULL
        || (error = key(mem, mail, 0, &change->key[RT_SCIM_EMAIL])) != NULL)
    {
        return error;
    }

    /* what is disabled keeps others out only, and is never passed over */

    if (change->active && (strange(name, &change->key[RT_SCIM_NAME])
                           || strange(mail, &change->key[RT_SCIM_EMAIL])))
    {
        return &rt_scim_invalid_value;
    }

    if (rt_claims_json(mem, root, &change->text) != RT_OK) {
        return &rt_scim_no_memory;
    }

    return change->text.len > RT_SCIM_MAX_RESOURCE ? &rt_scim_too_large : NULL;
}


const rt_scim_error_t *
rt_scim_create(rt_mem_t *mem, rt_scim_type_e type, const rt_json_t *body,
    const rt_json_t *old, rt_scim_change_t *change)
{
    rt_json_t               *root, *members;
    const rt_json_t         *m;
    const rt_scim_attr_t    *schema;
    const rt_scim_error_t   *error;
    rt_scim_members_said_t   said;

    schema = rt_scim_schema(type);

    for (m = body->child; m; m = m->next) {

        if (!rt_str_ieq(&m->key, &name_active)
            && rt_scim_stray(schema, &m->key, m))
        {
            return &rt_scim_invalid_path;
        }
    }

    memset(&said, 0, sizeof(rt_scim_members_said_t));
    said.mem = mem;
    said.all = (type == RT_SCIM_GROUP);
    members = NULL;

    if ((error = rt_scim_says(body, &schema->name)) != NULL
        || (error = rt_scim_value(mem, schema, body, 1, &root)) != NULL
        || (said.all
            && (error = rt_scim_get(body, &name_members, &members)) != NULL)
        || (members && members->type != RT_JSON_NULL
            && (error = rt_scim_members_say(&said, members, 1)) != NULL)
        || (error = rt_scim_members_end(&said, &change->members)) != NULL)
    {
        return error;
    }

    return root ? rt_scim_made(mem, type, root, old, change)
                : &rt_scim_invalid_value;
}


rt_status_e
rt_scim_read(rt_mem_t *mem, const rt_str_t *text, rt_json_t **root)
{
    rt_status_e  rc;

    static const rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_NO_NUL, RT_SCIM_MAX_DEPTH, RT_SCIM_MAX_RESOURCE
    };

    rc = rt_json_parse(mem, text, &opts, root, NULL);

    if (rc == RT_OK && (*root)->type != RT_JSON_OBJECT) {
        return RT_INVALID;
    }

    return rc == RT_TOO_BIG ? RT_INVALID : rc;
}


#include "scim/rt_scim.h"
#include "text/rt_field.h"


const rt_scim_error_t  rt_scim_no_memory = {
    500, NULL, "memory is out"
};

const rt_scim_error_t  rt_scim_invalid_syntax = {
    400, "invalidSyntax", "the body is not what this request takes"
};

const rt_scim_error_t  rt_scim_invalid_filter = {
    400, "invalidFilter",
    "the filter has another grammar, an attribute that is unknown, or a "
    "comparison that its attribute does not have"
};

const rt_scim_error_t  rt_scim_too_many = {
    400, "tooMany", "the filter has more comparisons than a list takes"
};

const rt_scim_error_t  rt_scim_invalid_path = {
    400, "invalidPath", "a path is malformed"
};

const rt_scim_error_t  rt_scim_invalid_value = {
    400, "invalidValue",
    "a value is missing, of another type, or not allowed for its attribute"
};

const rt_scim_error_t  rt_scim_no_target = {
    400, "noTarget", "a path names nothing that could be changed"
};

const rt_scim_error_t  rt_scim_mutability = {
    400, "mutability", "a path names what cannot be changed"
};

const rt_scim_error_t  rt_scim_uniqueness = {
    409, "uniqueness", "another resource has this userName"
};

const rt_scim_error_t  rt_scim_not_found = {
    404, NULL, "there is no such resource"
};

const rt_scim_error_t  rt_scim_precondition = {
    412, NULL, "the resource has another version"
};

const rt_scim_error_t  rt_scim_too_large = {
    413, NULL, "more bytes, values or operations than are taken"
};

const rt_scim_error_t  rt_scim_not_implemented = {
    501, NULL, "this service provider does not support it"
};

const rt_scim_error_t  rt_scim_no_room = {
    507, NULL, "the store is full"
};


const rt_str_t  rt_scim_places[] = {
    [RT_SCIM_USER] = rt_string("/Users/"),
    [RT_SCIM_GROUP] = rt_string("/Groups/")
};


const rt_scim_error_t *
rt_scim_body(rt_mem_t *mem, const rt_str_t *text, rt_json_t **root)
{
    rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_CASELESS|RT_JSON_NO_NUL, RT_SCIM_MAX_DEPTH,
        RT_SCIM_MAX_NODES
    };

    if (text->len > RT_SCIM_MAX_BODY) {
        return &rt_scim_too_large;
    }

    switch (rt_json_parse(mem, text, &opts, root, NULL)) {

    case RT_OK:
        return (*root)->type == RT_JSON_OBJECT ? NULL
                                               : &rt_scim_invalid_syntax;

    case RT_TOO_BIG:
        return &rt_scim_too_large;

    case RT_ERROR:
        return &rt_scim_no_memory;

    default:
        return &rt_scim_invalid_syntax;
    }
}


static rt_json_t *
find(rt_json_t *m, const rt_str_t *name)
{
    while (m && !rt_str_ieq(&m->key, name)) {
        m = m->next;
    }

    return m;
}


const rt_scim_error_t *
rt_scim_get(const rt_json_t *object, const rt_str_t *name, rt_json_t **member)
{
    *member = NULL;

    if (object->type != RT_JSON_OBJECT) {
        return &rt_scim_invalid_syntax;
    }

    *member = find(object->child, name);

    return *member && find((*member)->next, name) ? &rt_scim_invalid_syntax
                                                  : NULL;
}


rt_json_t *
rt_scim_new(rt_mem_t *mem, rt_json_type_e type)
{
    rt_json_t  *v;

    v = rt_alloc(mem, sizeof(rt_json_t));

    if (v) {
        memset(v, 0, sizeof(rt_json_t));
        v->type = type;
    }

    return v;
}


int
rt_scim_order(const rt_str_t *a, const rt_str_t *b)
{
    int  rc;

    rc = memcmp(a->data, b->data, a->len < b->len ? a->len : b->len);

    return rc ? rc : (a->len > b->len) - (a->len < b->len);
}


int
rt_scim_same(const rt_json_t *a, const rt_json_t *b)
{
    if (a->type != b->type || a->count != b->count
        || ((a->type == RT_JSON_STRING || a->type == RT_JSON_NUMBER)
            && !rt_str_eq(&a->str, &b->str)))
    {
        return 0;
    }

    for (a = a->child, b = b->child; a && b; a = a->next, b = b->next) {
        if (!rt_str_eq(&a->key, &b->key) || !rt_scim_same(a, b)) {
            return 0;
        }
    }

    return a == b;
}


const rt_scim_error_t *
rt_scim_says(const rt_json_t *body, const rt_str_t *urn)
{
    rt_json_t              *schemas, *m;
    const rt_scim_error_t  *error;

    static const rt_str_t   name = rt_string("schemas");

    error = rt_scim_get(body, &name, &schemas);
    if (error || schemas == NULL) {
        return error;
    }

    if (schemas->type == RT_JSON_ARRAY) {
        for (m = schemas->child; m; m = m->next) {
            if (m->type == RT_JSON_STRING && rt_str_ieq(&m->str, urn)) {
                return NULL;
            }
        }
    }

    return &rt_scim_invalid_syntax;
}


size_t
rt_scim_etag(uint64_t version, unsigned char *dst)
{
    size_t  n;

    memcpy(dst, "W/\"", 3);
    n = 3 + rt_decimal(dst + 3, version);
    dst[n] = '"';

    return n + 1;
}


/* The tag without the W/ of a weak one and without the blanks around it. */

static rt_str_t
opaque(const rt_str_t *field)
{
    rt_str_t  tag;

    tag = rt_field_trim(field);

    if (tag.len > 2 && memcmp(tag.data, "W/", 2) == 0) {
        tag.data += 2;
        tag.len -= 2;
    }

    return tag;
}


int
rt_scim_etag_match(const rt_str_t *field, uint64_t version)
{
    rt_str_t       ours, rest, tag;
    unsigned char  text[RT_SCIM_ETAG_LEN];

    ours.data = text;
    ours.len = rt_scim_etag(version, text);
    ours = opaque(&ours);
    rest = *field;

    /* a comma within a foreign tag splits it into pieces; none equals ours */

    while (rest.len) {
        (void) rt_str_cut(&rest, ',', &tag, &rest);
        tag = opaque(&tag);

        if (rt_str_lit(&tag, "*") || rt_str_eq(&tag, &ours)) {
            return 1;
        }
    }

    return 0;
}

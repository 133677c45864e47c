
#include "scim/rt_scim_whole.h"


/* Puts a member in front of those that the object has. */

static void
prepend(rt_json_t *object, const char *name, rt_json_t *m, rt_json_type_e type)
{
    m->type = type;
    m->key.data = (unsigned char *) name;
    m->key.len = strlen(name);
    m->next = object->child;

    object->child = m;
    object->count++;
}


static void
prepend_text(rt_json_t *object, const char *name, rt_json_t *m,
    unsigned char *data, size_t len)
{
    m->str.data = data;
    m->str.len = len;

    prepend(object, name, m, RT_JSON_STRING);
}


static void
about(rt_scim_whole_t *whole, const rt_scim_resource_t *res)
{
    size_t      n;
    rt_str_t    type;
    rt_json_t  *m;

    static const rt_str_t  types[] = {
        rt_string("User"), rt_string("Group")
    };

    type = types[res->type];
    m = whole->about;

    rt_time_iso(res->created, whole->created);
    rt_time_iso(res->modified, whole->modified);
    n = rt_scim_etag(res->version, whole->etag);

    prepend_text(&whole->meta, "version", m++, whole->etag, n);
    prepend_text(&whole->meta, "location", m++, res->id.data, res->id.len);
    prepend_text(&whole->meta, "lastModified", m++, whole->modified,
                 RT_TIME_ISO_LEN);
    prepend_text(&whole->meta, "created", m++, whole->created,
                 RT_TIME_ISO_LEN);
    prepend_text(&whole->meta, "resourceType", m++, type.data, type.len);
}


/* The schema of the resource, and that of each extension it has values of. */

static void
schemas(rt_scim_whole_t *whole, const rt_scim_resource_t *res)
{
    const rt_str_t  *urn;

    static const rt_str_t  enterprise = rt_string(RT_SCIM_URN_ENTERPRISE);

    if (rt_json_get(res->root, &enterprise)) {
        prepend_text(&whole->schemas, "", &whole->urn[1], enterprise.data,
                     enterprise.len);
    }

    urn = &rt_scim_schema(res->type)->name;
    prepend_text(&whole->schemas, "", &whole->urn[0], urn->data, urn->len);
}


void
rt_scim_whole(rt_scim_whole_t *whole, const rt_scim_resource_t *res)
{
    memset(whole, 0, sizeof(rt_scim_whole_t));

    whole->root = *res->root;

    about(whole, res);
    schemas(whole, res);

    prepend(&whole->root, "meta", &whole->meta, RT_JSON_OBJECT);
    prepend_text(&whole->root, "id", &whole->id, res->id.data, res->id.len);
    prepend(&whole->root, "schemas", &whole->schemas, RT_JSON_ARRAY);
}


void
rt_scim_linked(rt_scim_linked_t *linked, const rt_scim_ref_t *ref)
{
    memset(linked, 0, sizeof(rt_scim_linked_t));

    if (ref->display.len) {
        prepend_text(&linked->object, "display", &linked->display,
                     ref->display.data, ref->display.len);
    }

    prepend_text(&linked->object, "$ref", &linked->ref, ref->id.data,
                 ref->id.len);
    prepend_text(&linked->object, "value", &linked->value, ref->id.data,
                 ref->id.len);

    linked->object.type = RT_JSON_OBJECT;
}

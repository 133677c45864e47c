
#include "scim/rt_scim_load.h"
#include "scim/rt_scim_id.h"
#include "scim/rt_scim_resource.h"


static rt_status_e
id_text(rt_mem_t *mem, const rt_scim_id_t *id, rt_str_t *text)
{
    text->data = rt_alloc(mem, RT_UUID_LEN);
    if (text->data == NULL) {
        return RT_ERROR;
    }

    rt_scim_id_text(id, text->data);
    text->len = RT_UUID_LEN;

    return RT_OK;
}


/*
 * A group is named to its users by its displayName.  A member is not named to
 * his group: to read his name costs as much as to read all of him.
 */

static rt_status_e
load_ref(rt_mem_t *mem, const rt_scim_db_t *db, rt_scim_node_t node,
    rt_scim_type_e type, rt_scim_ref_t *ref)
{
    rt_json_t       *root, *name;
    rt_scim_item_t   item;

    ref->display = (rt_str_t) rt_null_string;

    if (rt_scim_db_item(db, node, type == RT_SCIM_GROUP ? mem : NULL, &item)
        != RT_OK
        || id_text(mem, &item.id, &ref->id) != RT_OK)
    {
        return RT_ERROR;
    }

    if (type == RT_SCIM_USER) {
        return RT_OK;
    }

    if (rt_scim_read(mem, &item.json, &root) != RT_OK) {
        return RT_ERROR;
    }

    name = rt_json_member(root, "displayName");

    if (name && name->type == RT_JSON_STRING) {
        ref->display = name->str;
    }

    return RT_OK;
}


rt_status_e
rt_scim_load_refs(rt_mem_t *mem, const rt_scim_db_t *db, rt_scim_node_t node,
    const rt_scim_item_t *item, rt_scim_resource_t *res)
{
    rt_scim_node_t    other;
    rt_scim_cursor_t  cursor;

    res->refs = rt_alloc(mem, (item->links + 1) * sizeof(rt_scim_ref_t));
    if (res->refs == NULL) {
        return RT_ERROR;
    }

    memset(&cursor, 0, sizeof(rt_scim_cursor_t));

    for (res->nrefs = 0; res->nrefs < item->links; res->nrefs++) {

        other = rt_scim_db_link(db, node, &cursor);

        if (other == 0) {
            break;
        }

        if (load_ref(mem, db, other,
                     item->kind == RT_SCIM_USER ? RT_SCIM_GROUP : RT_SCIM_USER,
                     &res->refs[res->nrefs])
            != RT_OK)
        {
            return RT_ERROR;
        }
    }

    return RT_OK;
}


rt_status_e
rt_scim_load(rt_mem_t *mem, const rt_scim_db_t *db, rt_scim_node_t node,
    int refs, rt_scim_item_t *item, rt_scim_resource_t *res)
{
    memset(res, 0, sizeof(rt_scim_resource_t));

    if (rt_scim_db_item(db, node, mem, item) != RT_OK
        || rt_scim_read(mem, &item->json, &res->root) != RT_OK
        || id_text(mem, &item->id, &res->id) != RT_OK)
    {
        return RT_ERROR;
    }

    res->type = item->kind;
    res->created = item->created;
    res->modified = item->modified;
    res->version = item->version;

    return refs ? rt_scim_load_refs(mem, db, node, item, res) : RT_OK;
}

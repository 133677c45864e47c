
#include "scim/rt_scim_out.h"
#include "scim/rt_scim_cell.h"
#include "scim/rt_scim_id.h"


#define OUT_LOOKS  4096             /* nodes that a step looks at */


int
rt_scim_another(const rt_scim_db_t *db, rt_scim_index_e link,
    const rt_str_t *name, rt_scim_node_t node)
{
    rt_scim_node_t  n;

    n = rt_scim_db_key(db, RT_SCIM_USER, link, name, 0);

    if (n && n == node) {
        n = rt_scim_db_key(db, RT_SCIM_USER, link, name, n);
    }

    return n != 0;
}


/*
 * When a node's name ceased to let anybody in.  The user of a lost key may have
 * been disabled or deleted after he lost it: then it was that moment, unless
 * another user had the name by then.
 */

static uint64_t
out_when(const rt_scim_db_t *db, rt_scim_index_e link, rt_scim_node_t node,
    const rt_scim_item_t *item)
{
    rt_scim_id_t    id;
    rt_scim_item_t  owner;
    rt_scim_node_t  n;

    if (!item->gone || rt_scim_id_read(&item->json, &id) != RT_OK
        || rt_scim_another(db, link, &item->key[link], node))
    {
        return item->modified;
    }

    n = rt_scim_node_find(db, RT_SCIM_USER, &id);

    if (n == 0) {
        return item->modified;
    }

    (void) rt_scim_db_item(db, n, NULL, &owner);

    return owner.modified > item->modified ? owner.modified : item->modified;
}


static rt_status_e
out_look(rt_mem_t *mem, const rt_scim_db_t *db, rt_scim_index_e link,
    uint64_t since, rt_scim_node_t node, rt_scim_out_t *out)
{
    rt_scim_item_t  item;

    (void) rt_scim_db_item(db, node, NULL, &item);

    if (item.gone ? !rt_scim_db_bars(db, node) : item.active) {
        return RT_DECLINED;
    }

    if (rt_scim_db_item(db, node, mem, &item) != RT_OK) {
        return RT_ERROR;
    }

    out->name = item.key[link];
    out->when = out_when(db, link, node, &item);

    return out->name.len && out->when >= since ? RT_OK : RT_DECLINED;
}


rt_status_e
rt_scim_out(rt_mem_t *mem, const rt_scim_db_t *db, rt_scim_index_e link,
    uint64_t since, rt_scim_walk_t *walk, rt_scim_out_t *outs, uint32_t max,
    uint32_t *n)
{
    uint32_t        i;
    rt_status_e     rc;
    rt_scim_node_t  node;

    *n = 0;

    if (!walk->begun) {
        walk->begun = 1;
        walk->list = RT_SCIM_USER;
        walk->left = db->end[RT_SCIM_USER];
    }

    for (i = 0; i < OUT_LOOKS && *n < max; i++) {

        if (walk->left > db->end[walk->list]) {
            walk->left = db->end[walk->list];
        }

        if (walk->left <= db->first[walk->list]) {

            if (walk->list == RT_SCIM_GONE) {
                walk->over = 1;
                break;
            }

            walk->list = RT_SCIM_GONE;
            walk->left = db->end[RT_SCIM_GONE];
            continue;
        }

        node = db->list[walk->list][--walk->left];
        rc = node ? out_look(mem, db, link, since, node, &outs[*n])
                  : RT_DECLINED;

        if (rc == RT_ERROR) {
            return RT_ERROR;
        }

        *n += (rc == RT_OK);
    }

    return RT_OK;
}


#include "scim/rt_scim_node.h"


uint32_t
rt_scim_node_is_on(const rt_scim_cell_t *cell)
{
    return cell->kind == RT_SCIM_USER && !cell->gone && cell->active;
}


static uint32_t
is_off(const rt_scim_cell_t *cell)
{
    return cell->kind == RT_SCIM_USER && !cell->gone && !cell->active;
}


uint32_t
rt_scim_node_blocks(size_t len, uint32_t on)
{
    len += on ? RT_SCIM_OFF : 0;

    return (uint32_t) ((len + RT_SCIM_BYTES - 1) / RT_SCIM_BYTES);
}


static uint32_t
spare_of(const rt_scim_cell_t *cell)
{
    if (!rt_scim_node_is_on(cell)) {
        return 0;
    }

    return rt_scim_node_blocks(cell->len, 1)
           - rt_scim_node_blocks(cell->len, 0);
}


void
rt_scim_node_count(rt_scim_db_t *db, const rt_scim_cell_t *cell)
{
    db->off += is_off(cell);
    db->spare += spare_of(cell);
}


void
rt_scim_node_discount(rt_scim_db_t *db, const rt_scim_cell_t *cell)
{
    db->off -= is_off(cell);
    db->spare -= spare_of(cell);
}


void
rt_scim_node_enlist(rt_scim_db_t *db, uint32_t n)
{
    rt_scim_list_add(db, rt_scim_list_of(rt_scim_cell(db, n)), n);
    rt_scim_node_count(db, rt_scim_cell(db, n));
}


void
rt_scim_node_delist(rt_scim_db_t *db, uint32_t n)
{
    rt_scim_list_remove(db, rt_scim_list_of(rt_scim_cell(db, n)), n);
    rt_scim_node_discount(db, rt_scim_cell(db, n));
}


/* Writes an item's bytes into a node without any, and puts it into tables. */

static void
fill_in(rt_scim_db_t *db, uint32_t n, const rt_scim_item_t *item)
{
    uint16_t         len[RT_SCIM_KEYS];
    uint32_t         tail;
    unsigned         i;
    rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, n);
    cell->len = 0;
    tail = 0;

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        len[i] = (uint16_t) item->key[i].len;
    }

    rt_scim_bytes_write(db, cell, &tail, len, sizeof(len));
    rt_scim_bytes_write(db, cell, &tail, &item->created, sizeof(uint64_t));

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        rt_scim_bytes_write(db, cell, &tail, item->key[i].data,
                            item->key[i].len);
    }

    rt_scim_bytes_write(db, cell, &tail, item->json.data, item->json.len);

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        rt_scim_table_add(db, i, n);
    }
}


void
rt_scim_node_empty(rt_scim_db_t *db, uint32_t n)
{
    unsigned  i;

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        rt_scim_table_remove(db, i, n);
    }

    rt_scim_chain_free(db, rt_scim_cell(db, n)->bytes);
}


uint32_t
rt_scim_node_make(rt_scim_db_t *db, const rt_scim_item_t *item)
{
    uint32_t         n;
    rt_scim_cell_t  *cell;

    n = rt_scim_block_alloc(db);

    cell = rt_scim_cell(db, n);
    cell->id = item->id;
    cell->kind = item->kind;

    rt_scim_table_add(db, RT_SCIM_BY_ID, n);

    return n;
}


void
rt_scim_node_set(rt_scim_db_t *db, uint32_t n, const rt_scim_item_t *item)
{
    rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, n);

    cell->active = item->active;
    cell->gone = item->gone;
    cell->mark = db->mark & 1;
    cell->version = item->version;
    cell->modified = item->modified & RT_SCIM_MAX_TIME;

    fill_in(db, n, item);
}


void
rt_scim_node_unmake(rt_scim_db_t *db, uint32_t n)
{
    rt_scim_node_delist(db, n);
    rt_scim_node_empty(db, n);
    rt_scim_table_remove(db, RT_SCIM_BY_ID, n);
    rt_scim_block_free(db, n);
}

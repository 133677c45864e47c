
#include "scim/rt_scim_db.h"
#include "scim/rt_scim_cell.h"
#include "scim/rt_scim_id.h"


/* -- memory */

rt_scim_db_t *
rt_scim_db_init(void *memory, size_t size, uint32_t users, uint32_t groups,
    uint64_t seed)
{
    size_t          taken;
    unsigned        i, t;
    uint32_t       *p;
    rt_scim_db_t   *db = memory;

    const uint32_t  max[RT_SCIM_LISTS] = { users, groups, users };

    if (size < sizeof(rt_scim_db_t)) {
        return NULL;
    }

    memset(db, 0, sizeof(rt_scim_db_t));
    db->seed = seed;

    taken = sizeof(rt_scim_db_t);
    p = (uint32_t *) (db + 1);

    for (i = 0; i < RT_SCIM_LISTS; i++) {
        db->list[i] = p;
        p += rt_scim_places(max[i]);
        taken += rt_scim_places(max[i]) * sizeof(uint32_t);
    }

    db->max[RT_SCIM_USER] = users;
    db->max[RT_SCIM_GROUP] = groups;

    /* gone nodes are found by id in the users' table; their tables of keys are
       smaller, for there are mostly fewer of them */

    for (t = 0; t < RT_SCIM_LISTS; t++) {
        db->mask[t] = 15;

        while (db->mask[t] < max[t] / (t == RT_SCIM_GONE ? 16 : 4) * 3) {
            db->mask[t] = db->mask[t] * 2 + 1;
        }

        for (i = 0; i < RT_SCIM_TABLES; i++) {

            if (t == RT_SCIM_GONE && i == RT_SCIM_BY_ID) {
                db->table[t][i] = db->table[RT_SCIM_USER][i];
                continue;
            }

            db->table[t][i] = p;
            p += (size_t) db->mask[t] + 1;
            taken += ((size_t) db->mask[t] + 1) * sizeof(uint32_t);
        }
    }

    taken = (taken + RT_SCIM_BLOCK - 1) / RT_SCIM_BLOCK * RT_SCIM_BLOCK;

    if (size < taken + 16 * RT_SCIM_BLOCK) {
        return NULL;
    }

    db->blocks = (rt_scim_block_t *) ((unsigned char *) memory + taken);
    size = (size - taken) / RT_SCIM_BLOCK;
    db->nblocks = size < UINT32_MAX ? (uint32_t) size : UINT32_MAX;

    rt_scim_db_clear(db);

    return db;
}


/* Blocks are left as they are: each is zeroed when it is taken. */

void
rt_scim_db_clear(rt_scim_db_t *db)
{
    unsigned  i, t;

    db->state = RT_SCIM_BEGUN;

    db->ready = 0;
    db->filling = 0;
    db->version = 0;
    db->generation++;
    db->memberships = 0;
    db->off = 0;
    db->spare = 0;
    db->fresh = 1;
    db->used = 0;
    db->free = 0;

    for (i = 0; i < RT_SCIM_LISTS; i++) {
        db->n[i] = 0;
        db->first[i] = 0;
        db->end[i] = 0;
    }

    for (t = 0; t < RT_SCIM_LISTS; t++) {
        for (i = 0; i < RT_SCIM_TABLES; i++) {
            memset(db->table[t][i], 0,
                   ((size_t) db->mask[t] + 1) * sizeof(uint32_t));
        }
    }

    db->state = RT_SCIM_REST;
}


/* -- reading */

uint64_t
rt_scim_db_version(const rt_scim_db_t *db)
{
    return db->version;
}


void
rt_scim_db_keep(rt_scim_db_t *db, uint64_t ms)
{
    db->keep = ms;
}


uint64_t
rt_scim_db_generation(const rt_scim_db_t *db)
{
    return *(const volatile uint64_t *) &db->generation;
}


int
rt_scim_db_torn(const rt_scim_db_t *db)
{
    return db->state != RT_SCIM_REST || db->filling;
}


int
rt_scim_db_ready(const rt_scim_db_t *db)
{
    return db->ready && !db->filling && db->state != RT_SCIM_BEGUN;
}


void
rt_scim_db_stats(const rt_scim_db_t *db, rt_scim_stats_t *stats)
{
    unsigned  t;

    for (t = 0; t < RT_SCIM_KINDS; t++) {
        stats->n[t] = db->n[t];
        stats->max[t] = db->max[t];
    }

    stats->gone = db->n[RT_SCIM_GONE];
    stats->off = db->off;
    stats->memberships = db->memberships;
    stats->used = (uint64_t) db->used * RT_SCIM_BLOCK;
    stats->size = (uint64_t) (db->nblocks - 1) * RT_SCIM_BLOCK;
}


int
rt_scim_db_tight(const rt_scim_db_t *db)
{
    return (uint64_t) db->used + db->spare >= db->nblocks;
}


rt_scim_node_t
rt_scim_db_find(const rt_scim_db_t *db, rt_scim_type_e kind,
    const rt_scim_id_t *id)
{
    uint32_t  n;

    n = rt_scim_node_find(db, kind, id);

    return n && !rt_scim_cell(db, n)->gone ? n : 0;
}


rt_scim_node_t
rt_scim_db_key(const rt_scim_db_t *db, rt_scim_type_e kind, rt_scim_index_e key,
    const rt_str_t *value, rt_scim_node_t after)
{
    return rt_scim_node_key(db, kind, key, value, after);
}


rt_scim_node_t
rt_scim_db_next(const rt_scim_db_t *db, rt_scim_type_e kind, uint32_t *place)
{
    return rt_scim_list_next(db, kind, place);
}


rt_scim_node_t
rt_scim_db_gone(const rt_scim_db_t *db, uint32_t *place)
{
    return rt_scim_list_next(db, RT_SCIM_GONE, place);
}


/*
 * Whose key a gone node stands for: a lost key's node has the id of its user
 * as text where others have their JSON.
 * out:  len, the lengths of its keys; *id, that user
 * ret:  1; 0: the node is a user who was deleted
 */

static int
owner(const rt_scim_db_t *db, const rt_scim_cell_t *cell, uint16_t *len,
    rt_scim_id_t *id)
{
    size_t            size;
    uint64_t          created;
    rt_str_t          text;
    unsigned char     data[RT_SCIM_KEYS * RT_SCIM_MAX_KEY + RT_UUID_LEN];
    rt_scim_reader_t  r;

    rt_scim_bytes_head(db, cell, &r, len, &created);

    size = cell->len - RT_SCIM_HEAD;

    if (size > sizeof(data)) {
        return 0;
    }

    rt_scim_bytes_read(db, &r, data, size);

    text.data = data + len[0] + len[1] + len[2];
    text.len = size - len[0] - len[1] - len[2];

    return rt_scim_id_read(&text, id) == RT_OK;
}


int
rt_scim_db_bars(const rt_scim_db_t *db, rt_scim_node_t n)
{
    uint16_t               len[RT_SCIM_KEYS];
    rt_scim_id_t           id;
    const rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, n);
    n = owner(db, cell, len, &id) ? rt_scim_db_find(db, RT_SCIM_USER, &id) : 0;

    return n == 0 || !rt_scim_cell(db, n)->active;
}


/*
 * Looks at those who lost a key at "since" or later.  A row of a table has the
 * latest first, so that the walk may end at RT_SCIM_MAX_HOLDERS.
 * ret:  IS_GONE, one of them bars, or there are too many; IS_ACTIVE, none of
 *       them bars; IS_UNKNOWN, nobody lost it since
 */

static rt_scim_is_e
lost_since(const rt_scim_db_t *db, rt_scim_index_e key, const rt_str_t *value,
    uint64_t since)
{
    unsigned        looks, later;
    rt_scim_is_e    is;
    rt_scim_node_t  n;

    is = RT_SCIM_IS_UNKNOWN;
    looks = 0;
    later = 0;
    n = 0;

    while ((n = rt_scim_node_key(db, RT_SCIM_GONE, key, value, n)) != 0) {

        if (looks++ == RT_SCIM_MAX_HOLDERS) {
            return later ? RT_SCIM_IS_GONE : is;
        }

        later = (rt_scim_cell(db, n)->modified >= since);

        if (later && rt_scim_db_bars(db, n)) {
            return RT_SCIM_IS_GONE;
        }

        is = later ? RT_SCIM_IS_ACTIVE : is;
    }

    return is;
}


rt_scim_is_e
rt_scim_db_who(const rt_scim_db_t *db, rt_scim_index_e key,
    const rt_str_t *value, uint64_t issued, rt_scim_node_t *user)
{
    rt_scim_is_e    lost;
    rt_scim_node_t  n;

    if (!rt_scim_db_ready(db)) {
        return RT_SCIM_IS_UNREADY;
    }

    n = rt_scim_node_key(db, RT_SCIM_USER, key, value, 0);
    lost = lost_since(db, key, value, n ? issued : 0);

    if (lost == RT_SCIM_IS_GONE) {
        return RT_SCIM_IS_GONE;
    }

    if (n == 0) {
        return RT_SCIM_IS_UNKNOWN;
    }

    if (rt_scim_node_key(db, RT_SCIM_USER, key, value, n)) {
        return RT_SCIM_IS_SEVERAL;
    }

    *user = n;

    if (!rt_scim_cell(db, n)->active) {
        return RT_SCIM_IS_OFF;
    }

    return lost == RT_SCIM_IS_ACTIVE ? RT_SCIM_IS_UNKNOWN : RT_SCIM_IS_ACTIVE;
}


/* A lost key's node shares the first half of its user's id: see lost_node(). */

rt_scim_node_t
rt_scim_db_had(const rt_scim_db_t *db, rt_scim_node_t user,
    rt_scim_index_e key, rt_scim_node_t after)
{
    uint16_t               len[RT_SCIM_KEYS];
    uint32_t               n;
    rt_scim_id_t           id;
    const rt_scim_id_t    *whose;
    const rt_scim_cell_t  *cell;

    whose = &rt_scim_cell(db, user)->id;

    n = after ? rt_scim_cell(db, after)->next[RT_SCIM_BY_ID]
              : rt_scim_node_first(db, RT_SCIM_USER, whose);

    for ( /* void */ ; n; n = rt_scim_cell(db, n)->next[RT_SCIM_BY_ID]) {
        cell = rt_scim_cell(db, n);

        if (cell->gone && owner(db, cell, len, &id) && len[key]
            && memcmp(&id, whose, RT_SCIM_ID) == 0)
        {
            return n;
        }
    }

    return 0;
}


static rt_status_e
read_item(const rt_scim_db_t *db, rt_scim_node_t n, rt_mem_t *mem,
    rt_scim_item_t *item, int json)
{
    size_t                 left;
    uint16_t               len[RT_SCIM_KEYS];
    unsigned               i;
    unsigned char         *p;
    rt_scim_reader_t       r;
    const rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, n);
    left = cell->len - RT_SCIM_HEAD;

    memset(item, 0, sizeof(rt_scim_item_t));

    item->kind = cell->kind;
    item->id = cell->id;
    item->modified = cell->modified;
    item->version = cell->version;
    item->links = cell->nlinks;
    item->active = cell->active;
    item->gone = cell->gone;

    rt_scim_bytes_head(db, cell, &r, len, &item->created);

    if (mem == NULL) {
        return RT_OK;
    }

    if (!json) {
        for (left = 0, i = 0; i < RT_SCIM_KEYS; i++) {
            left += len[i];
        }
    }

    p = rt_alloc(mem, left + 1);
    if (p == NULL) {
        return RT_ERROR;
    }

    rt_scim_bytes_read(db, &r, p, left);

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        item->key[i].data = p;
        item->key[i].len = len[i];
        p += len[i];
        left -= len[i];
    }

    item->json.data = p;
    item->json.len = left;

    return RT_OK;
}


rt_status_e
rt_scim_db_item(const rt_scim_db_t *db, rt_scim_node_t n, rt_mem_t *mem,
    rt_scim_item_t *item)
{
    return read_item(db, n, mem, item, 1);
}


rt_status_e
rt_scim_db_keys(const rt_scim_db_t *db, rt_scim_node_t n, rt_mem_t *mem,
    rt_scim_item_t *item)
{
    return read_item(db, n, mem, item, 0);
}


rt_scim_node_t
rt_scim_db_link(const rt_scim_db_t *db, rt_scim_node_t n,
    rt_scim_cursor_t *cursor)
{
    rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, n);

    if (cursor->block == 0) {
        cursor->block = cell->links;
        cursor->n = cell->nlinks ? rt_scim_link_last(cell) + 1 : 0;

    } else if (cursor->n == 0) {
        cursor->block = db->blocks[cursor->block].next;
        cursor->n = cursor->block ? RT_SCIM_LINKS : 0;
    }

    return cursor->n ? db->blocks[cursor->block].link[--cursor->n] : 0;
}


int
rt_scim_db_member(const rt_scim_db_t *db, rt_scim_node_t user,
    rt_scim_node_t group)
{
    return rt_scim_link_find(db, rt_scim_cell(db, user), group) != NULL;
}

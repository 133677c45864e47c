
#include "scim/rt_scim_db.h"
#include "scim/rt_scim_lost.h"
#include "scim/rt_scim_node.h"
#include "text/rt_uuid.h"


/*
 * Blocks of links that an edit may take: those of the group, and one for each
 * user whose last block may be filled by the other edits before this one.
 */

static uint32_t
room_links(const rt_scim_db_t *db, const rt_scim_edit_t *edit, uint32_t edits)
{
    uint32_t  i, n, some, blocks;

    blocks = edit->nadd ? edit->nadd / RT_SCIM_LINKS + 1 : 0;

    for (i = 0; i < edit->nadd; i++) {
        n = rt_scim_node_find(db, RT_SCIM_USER, &edit->add[i]);
        some = n ? rt_scim_cell(db, n)->nlinks : 0;
        some %= RT_SCIM_LINKS;
        blocks += (some == 0 || some + edits >= RT_SCIM_LINKS);
    }

    return blocks;
}


/* How many blocks more than before its bytes take. */

static uint32_t
growth(const rt_scim_cell_t *cell, uint32_t was_on, size_t len, uint32_t on)
{
    uint32_t  now, then;

    now = cell ? rt_scim_node_blocks(cell->len, was_on) : 0;
    then = rt_scim_node_blocks(len, on);

    return then > now ? then - now : 0;
}


/* out: *len, how many bytes the item takes.  ret: RT_OK, RT_TOO_BIG */

static rt_status_e
room_bytes(const rt_scim_item_t *item, size_t *len)
{
    uint32_t  i;

    *len = RT_SCIM_HEAD + item->json.len;

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        if (item->key[i].len > RT_SCIM_MAX_KEY) {
            return RT_TOO_BIG;
        }

        *len += item->key[i].len;
    }

    return item->json.len > RT_SCIM_MAX_RESOURCE ? RT_TOO_BIG : RT_OK;
}


/* Counts what the nodes of the keys that he loses take. */

static void
room_lost(const rt_scim_db_t *db, const rt_scim_item_t *item, uint32_t n,
    uint32_t *nodes, uint32_t *blocks)
{
    size_t          size;
    rt_scim_lost_t  lost;

    rt_scim_lost_init(&lost, db, n);

    while (rt_scim_lost_next(&lost, db, item)) {
        size = RT_SCIM_HEAD + lost.was.len + RT_UUID_LEN + RT_SCIM_BYTES - 1;
        *blocks += 1 + (uint32_t) size / RT_SCIM_BYTES;
        *nodes += 1;
    }
}


/*
 * How many nodes and blocks edits may take.
 * in:   all, they may take what is kept to switch users off; last, also what is
 *       kept for those who are switched off and renamed at once
 */

static void
room_left(const rt_scim_db_t *db, rt_scim_type_e kind, int all, int last,
    uint32_t *nodes, uint32_t *blocks)
{
    uint32_t  taken;

    taken = db->n[kind];

    if (kind == RT_SCIM_USER) {
        taken += db->n[RT_SCIM_GONE];
        taken += last ? 0 : db->max[kind] / RT_SCIM_LAST;
    }

    *nodes = taken < db->max[kind] ? db->max[kind] - taken : 0;

    taken = 1 + db->used;
    taken += all ? 0 : db->spare;
    taken += last ? 0 : db->nblocks / RT_SCIM_LAST;

    *blocks = taken < db->nblocks ? db->nblocks - taken : 0;
}


/*
 * An edit is weighed twice: once with the room that is kept to switch users
 * off, and once by the blocks that are really free.  A zone that was filled
 * from a file may lack the former, and then the latter decides.
 */

rt_status_e
rt_scim_db_room(const rt_scim_db_t *db, const rt_scim_edit_t *edit,
    rt_scim_room_t *room)
{
    int                    last;
    size_t                 len;
    uint32_t               n, on, was_on, blocks, nodes, taken, left, more;
    uint32_t               free;
    const rt_scim_cell_t  *cell;
    const rt_scim_item_t  *item = &edit->item;

    nodes = 0;
    last = room->all;
    blocks = room_links(db, edit, room->edits);
    taken = blocks;

    if (edit->op == RT_SCIM_PUT) {
        n = rt_scim_node_find(db, item->kind, &item->id);
        cell = n ? rt_scim_cell(db, n) : NULL;
        nodes = (n == 0);
        blocks += nodes;

        if (room_bytes(item, &len) != RT_OK) {
            return RT_TOO_BIG;
        }

        if (n) {
            room_lost(db, item, n, &nodes, &blocks);
            last |= rt_scim_node_is_on(cell) && !item->active;
        }

        on = item->kind == RT_SCIM_USER && item->active && !item->gone;
        was_on = n && rt_scim_node_is_on(cell);
        taken = blocks + growth(cell, 0, len, 0);
        blocks += growth(cell, was_on && !room->all, len, on && !room->all);
    }

    room_left(db, item->kind, room->all, last, &more, &left);
    free = db->used < db->nblocks ? db->nblocks - 1 - db->used : 0;

    if ((nodes && (more < nodes || room->nodes[item->kind] > more - nodes))
        || (blocks && (left < blocks || room->blocks > left - blocks))
        || (taken && (free < taken || room->taken > free - taken)))
    {
        return RT_TOO_BIG;
    }

    room->nodes[item->kind] += nodes;
    room->blocks += blocks;
    room->taken += taken;
    room->edits++;

    return RT_OK;
}

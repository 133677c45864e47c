
#include "scim/rt_scim_db.h"
#include "scim/rt_scim_cell.h"
#include "scim/rt_scim_id.h"


#define STEP  256               /* cheap steps in one hold of the lock */
#define MANY  (4 * RT_SCIM_LINKS)   /* members who leave by one walk over the
                                       group: a walk for each of them would
                                       read all its blocks each time */
#define FEW   16                /* gone nodes that one change drops at most */
#define LOOKS 64                /* gone nodes that it looks at for that */


static void
join(rt_scim_db_t *db, uint32_t group, uint32_t user)
{
    if (user && rt_scim_link_find(db, rt_scim_cell(db, user), group) == NULL) {
        rt_scim_link_add(db, rt_scim_cell(db, user), group);
        rt_scim_link_add(db, rt_scim_cell(db, group), user);
        db->memberships++;
    }
}


static void
leave(rt_scim_db_t *db, uint32_t group, uint32_t user)
{
    if (user && rt_scim_link_find(db, rt_scim_cell(db, user), group)) {
        rt_scim_link_remove(db, rt_scim_cell(db, user), group);
        rt_scim_link_remove(db, rt_scim_cell(db, group), user);
        db->memberships--;
    }
}


/* The newest member of a group leaves: no search in the group is needed. */

static void
leave_last(rt_scim_db_t *db, uint32_t group)
{
    uint32_t         user;
    rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, group);
    user = db->blocks[cell->links].link[rt_scim_link_last(cell)];

    rt_scim_link_remove(db, rt_scim_cell(db, user), group);
    rt_scim_link_drop(db, cell);
    db->memberships--;
}


/* -- changing */

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


static uint32_t
is_on(const rt_scim_cell_t *cell)
{
    return cell->kind == RT_SCIM_USER && !cell->gone && cell->active;
}


static uint32_t
is_off(const rt_scim_cell_t *cell)
{
    return cell->kind == RT_SCIM_USER && !cell->gone && !cell->active;
}


/* blocks for so many bytes; "on": with room for the user to be switched off */

static uint32_t
blocks_of(size_t len, uint32_t on)
{
    len += on ? RT_SCIM_OFF : 0;

    return (uint32_t) ((len + RT_SCIM_BYTES - 1) / RT_SCIM_BYTES);
}


/* How many blocks more than before its bytes take. */

static uint32_t
growth(const rt_scim_cell_t *cell, uint32_t was_on, size_t len, uint32_t on)
{
    uint32_t  now, then;

    now = cell ? blocks_of(cell->len, was_on) : 0;
    then = blocks_of(len, on);

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


/*
 * Whether an edit of this user leaves nodes for keys that he loses.  While the
 * zone is filled it does not: the file has those nodes as edits of their own.
 */

static int
had_keys(const rt_scim_db_t *db, const rt_scim_cell_t *cell)
{
    return cell->kind == RT_SCIM_USER && !cell->gone && !db->filling;
}


/* A walk over the keys that an edit takes from a user. */

typedef struct {
    rt_scim_reader_t  r;
    uint16_t          len[RT_SCIM_KEYS];
    unsigned          i;                    /* the next key to look at */
    unsigned          key;                  /* the one he loses, */
    rt_str_t          was;                  /*   and its value, in text */
    unsigned char     text[RT_SCIM_MAX_KEY];
} lost_t;


static void
lost_init(lost_t *lost, const rt_scim_db_t *db, uint32_t n)
{
    uint64_t  created;

    lost->i = 0;
    rt_scim_bytes_head(db, rt_scim_cell(db, n), &lost->r, lost->len, &created);
}


/* ret: 1; 0: *item has all the keys that are left */

static int
lost_next(lost_t *lost, const rt_scim_db_t *db, const rt_scim_item_t *item)
{
    while (lost->i < RT_SCIM_KEYS) {
        lost->key = lost->i++;
        lost->was.data = lost->text;
        lost->was.len = lost->len[lost->key];
        rt_scim_bytes_read(db, &lost->r, lost->text, lost->was.len);

        if (lost->was.len && !rt_str_eq(&lost->was, &item->key[lost->key])) {
            return 1;
        }
    }

    return 0;
}


/* Counts what the nodes of the keys that he loses take. */

static void
room_lost(const rt_scim_db_t *db, const rt_scim_item_t *item, uint32_t n,
    uint32_t *nodes, uint32_t *blocks)
{
    lost_t  lost;
    size_t  size;

    lost_init(&lost, db, n);

    while (lost_next(&lost, db, item)) {
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
    uint32_t               n, on, blocks, nodes, taken, left, more, free;
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

        if (n && had_keys(db, cell)) {
            room_lost(db, item, n, &nodes, &blocks);
            last |= is_on(cell) && !item->active;
        }

        on = !room->all && item->kind == RT_SCIM_USER && item->active
             && !item->gone;
        taken = blocks + growth(cell, 0, len, 0);
        blocks += growth(cell, !room->all && n && is_on(cell), len, on);
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


static void
begin(rt_scim_db_t *db, const rt_scim_lock_t *lock)
{
    lock->lock(lock->ctx);
    db->state = RT_SCIM_BEGUN;
}


static void
end(rt_scim_db_t *db, const rt_scim_lock_t *lock, uint32_t state)
{
    db->generation++;
    db->state = state;
    lock->unlock(lock->ctx);
}


/* Lets readers in between two steps. */

static void
give_way(rt_scim_db_t *db, const rt_scim_lock_t *lock)
{
    end(db, lock, RT_SCIM_PAUSED);
    begin(db, lock);
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


static void
empty(rt_scim_db_t *db, uint32_t n)
{
    unsigned  i;

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        rt_scim_table_remove(db, i, n);
    }

    rt_scim_chain_free(db, rt_scim_cell(db, n)->bytes);
}


static uint32_t
spare_of(const rt_scim_cell_t *cell)
{
    return is_on(cell) ? blocks_of(cell->len, 1) - blocks_of(cell->len, 0) : 0;
}


static void
count(rt_scim_db_t *db, const rt_scim_cell_t *cell)
{
    db->off += is_off(cell);
    db->spare += spare_of(cell);
}


static void
discount(rt_scim_db_t *db, const rt_scim_cell_t *cell)
{
    db->off -= is_off(cell);
    db->spare -= spare_of(cell);
}


/* A node enters its list or leaves it, and is counted or no longer counted. */

static void
enlist(rt_scim_db_t *db, uint32_t n)
{
    rt_scim_list_add(db, rt_scim_list_of(rt_scim_cell(db, n)), n);
    count(db, rt_scim_cell(db, n));
}


static void
delist(rt_scim_db_t *db, uint32_t n)
{
    rt_scim_list_remove(db, rt_scim_list_of(rt_scim_cell(db, n)), n);
    discount(db, rt_scim_cell(db, n));
}


static uint32_t
make(rt_scim_db_t *db, const rt_scim_item_t *item)
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


/* Frees a node that has no links. */

static void
unmake(rt_scim_db_t *db, uint32_t n)
{
    delist(db, n);
    empty(db, n);
    rt_scim_table_remove(db, RT_SCIM_BY_ID, n);
    rt_scim_block_free(db, n);
}


/*
 * Finds the node which says that a key was a user's.
 * out:  *id, the id of that node, found or not.  It is made from the user's id
 *       and the key, so that an edit which is made again makes it again.  Where
 *       another node has that id already, the next number is taken.
 * ret:  0: there is no such node
 */

static uint32_t
lost_node(const rt_scim_db_t *db, const rt_scim_id_t *user, unsigned key,
    const rt_str_t *was, rt_scim_id_t *id)
{
    uint32_t       n;
    uint64_t       hash, half;
    unsigned char  which;

    which = (unsigned char) key;
    hash = rt_scim_hash(14695981039346656037u, &which, 1);
    hash = rt_scim_hash(hash, was->data, was->len);

    *id = *user;

    do {
        memcpy(&half, user->data + sizeof(hash), sizeof(half));
        half ^= hash++;
        memcpy(id->data + sizeof(hash), &half, sizeof(half));

        n = rt_scim_node_find(db, RT_SCIM_USER, id);

    } while (n && (!rt_scim_cell(db, n)->gone
                   || !rt_scim_bytes_are(db, rt_scim_cell(db, n), key, was)));

    return n;
}


/*
 * A user who gets a key back has not lost it.  Nodes of others who lost it or
 * were deleted with it stay, for he may lose it again before they are dropped.
 */

static void
regain(rt_scim_db_t *db, const rt_scim_item_t *item)
{
    uint32_t      n;
    unsigned      i;
    rt_scim_id_t  id;

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        n = lost_node(db, &item->id, i, &item->key[i], &id);

        if (n && item->key[i].len) {
            unmake(db, n);
        }
    }
}


/* All keys of a user who was deleted: his node has nothing else. */

typedef struct {
    uint16_t       len[RT_SCIM_KEYS];
    size_t         size;
    unsigned char  text[RT_SCIM_KEYS * RT_SCIM_MAX_KEY];
} keys_t;


static void
keys_of(const rt_scim_db_t *db, const rt_scim_cell_t *cell, keys_t *keys)
{
    uint64_t          created;
    rt_scim_reader_t  r;

    rt_scim_bytes_head(db, cell, &r, keys->len, &created);

    keys->size = cell->len - RT_SCIM_HEAD;
    rt_scim_bytes_read(db, &r, keys->text, keys->size);
}


static int
lost_any(const rt_scim_db_t *db, uint32_t n)
{
    unsigned  i;

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        if (rt_scim_db_had(db, n, i, 0)) {
            return 1;
        }
    }

    return 0;
}


/*
 * Of users who were deleted with the same keys only the last one is kept, so
 * that a user who is made and deleted over and over takes one node.  One who
 * lost a key before stays: his node says until when that key was his.
 */

static void
supersede(rt_scim_db_t *db, uint32_t last)
{
    keys_t           mine, other;
    uint32_t         n, next;
    rt_str_t         name;
    rt_scim_cell_t  *cell;

    keys_of(db, rt_scim_cell(db, last), &mine);

    name.data = mine.text;
    name.len = mine.len[RT_SCIM_NAME];

    n = rt_scim_node_key(db, RT_SCIM_GONE, RT_SCIM_NAME, &name, 0);

    for ( /* void */ ; n; n = next) {
        next = rt_scim_node_key(db, RT_SCIM_GONE, RT_SCIM_NAME, &name, n);
        cell = rt_scim_cell(db, n);

        if (n == last || cell->len != RT_SCIM_HEAD + mine.size) {
            continue;
        }

        keys_of(db, cell, &other);

        if (memcmp(other.len, mine.len, sizeof(mine.len)) == 0
            && memcmp(other.text, mine.text, mine.size) == 0
            && !lost_any(db, n))
        {
            unmake(db, n);
        }
    }
}


static void
set(rt_scim_db_t *db, uint32_t n, const rt_scim_item_t *item)
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


/* Makes the gone node of a key that a user has lost. */

static void
lose(rt_scim_db_t *db, const rt_scim_item_t *user, unsigned key,
    const rt_str_t *was)
{
    uint32_t        n;
    unsigned char   text[RT_UUID_LEN];
    rt_scim_item_t  item;

    memset(&item, 0, sizeof(rt_scim_item_t));

    rt_scim_id_text(&user->id, text);

    item.kind = RT_SCIM_USER;
    item.key[key] = *was;
    item.json.data = text;
    item.json.len = RT_UUID_LEN;
    item.created = user->modified;
    item.modified = user->modified;
    item.version = user->version;
    item.gone = 1;

    n = lost_node(db, &user->id, key, was, &item.id);

    if (n) {
        unmake(db, n);
    }

    n = make(db, &item);
    set(db, n, &item);
    enlist(db, n);
}


static void
lose_keys(rt_scim_db_t *db, uint32_t n, const rt_scim_item_t *item)
{
    lost_t  lost;

    lost_init(&lost, db, n);

    while (lost_next(&lost, db, item)) {
        lose(db, item, lost.key, &lost.was);
    }
}


/* Makes or replaces a node.  One that stays in its list keeps its place. */

static uint32_t
put(rt_scim_db_t *db, const rt_scim_item_t *item)
{
    uint32_t         n;
    unsigned         stays;
    rt_scim_cell_t  *cell;

    n = rt_scim_node_find(db, item->kind, &item->id);
    stays = (n && rt_scim_cell(db, n)->gone == item->gone);

    if (n == 0) {
        n = make(db, item);
        cell = rt_scim_cell(db, n);

    } else {
        cell = rt_scim_cell(db, n);

        if (stays) {
            discount(db, cell);
        }

        if (had_keys(db, cell)) {
            lose_keys(db, n, item);
        }

        empty(db, n);
    }

    if (!stays && cell->len) {
        delist(db, n);
    }

    set(db, n, item);

    if (stays) {
        count(db, cell);
    } else {
        enlist(db, n);
    }

    if (item->kind == RT_SCIM_USER && !item->gone) {
        regain(db, item);
    }

    return n;
}


/*
 * Cuts all links of a node.  When a user leaves his groups, each of them gets
 * the version and time of that change.
 * in:   item: these; NULL, the groups have them from the file
 */

static void
leave_all(rt_scim_db_t *db, const rt_scim_lock_t *lock, uint32_t n,
    const rt_scim_item_t *item)
{
    uint32_t         i, group;
    rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, n);

    for (i = 0; cell->nlinks; i++) {

        if (cell->kind == RT_SCIM_GROUP) {
            leave_last(db, n);

        } else {
            group = db->blocks[cell->links].link[rt_scim_link_last(cell)];
            leave(db, group, n);

            if (item) {
                rt_scim_cell(db, group)->version = item->version;
                rt_scim_cell(db, group)->modified = item->modified
                                                    & RT_SCIM_MAX_TIME;
            }
        }

        if (cell->kind == RT_SCIM_USER || i % STEP == STEP - 1) {
            give_way(db, lock);
        }
    }
}


/* Of a user who is gone only the keys are kept. */

static void
trim(rt_scim_db_t *db, rt_scim_cell_t *cell)
{
    uint16_t          len[RT_SCIM_KEYS];
    uint32_t          i, b;
    uint64_t          created;
    rt_scim_reader_t  r;

    rt_scim_bytes_head(db, cell, &r, len, &created);

    cell->len = (RT_SCIM_HEAD + (size_t) len[0] + len[1] + len[2])
                & UINT16_MAX;

    for (b = cell->bytes, i = (cell->len - 1u) / RT_SCIM_BYTES; i; i--) {
        b = db->blocks[b].next;
    }

    rt_scim_chain_free(db, db->blocks[b].next);
    db->blocks[b].next = 0;
}


static void
take_out(rt_scim_db_t *db, const rt_scim_lock_t *lock, uint32_t n,
    const rt_scim_item_t *item)
{
    unsigned         i;
    rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, n);

    leave_all(db, lock, n, item);

    if (cell->kind == RT_SCIM_GROUP) {
        unmake(db, n);
        return;
    }

    delist(db, n);
    trim(db, cell);

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        rt_scim_table_remove(db, i, n);
    }

    cell->gone = 1;
    cell->active = 0;
    cell->version = item->version;
    cell->modified = item->modified & RT_SCIM_MAX_TIME;

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        rt_scim_table_add(db, i, n);
    }

    enlist(db, n);
    supersede(db, n);
}


/*
 * Cuts a group's links to members who have no link to it any more.  It walks
 * from the newest link to the first: the newest one fills the place of one that
 * is cut, and has been looked at before.
 */

static void
leave_lost(rt_scim_db_t *db, const rt_scim_lock_t *lock, uint32_t group)
{
    uint32_t         b, i, next, n, *link;
    rt_scim_cell_t  *cell;

    cell = rt_scim_cell(db, group);
    i = cell->nlinks ? rt_scim_link_last(cell) + 1 : 0;
    n = 0;

    for (b = cell->links; b; b = next, i = RT_SCIM_LINKS) {
        next = db->blocks[b].next;

        while (i--) {
            link = &db->blocks[b].link[i];

            if (rt_scim_link_find(db, rt_scim_cell(db, *link), group) == NULL) {
                *link = db->blocks[cell->links].link[rt_scim_link_last(cell)];
                rt_scim_link_drop(db, cell);
                db->memberships--;
            }

            if (++n % STEP == 0) {
                give_way(db, lock);
            }
        }
    }
}


static void
leave_many(rt_scim_db_t *db, const rt_scim_lock_t *lock, uint32_t group,
    const rt_scim_edit_t *edit)
{
    uint32_t  i, user;

    for (i = 0; i < edit->nremove; i++) {
        user = rt_scim_node_find(db, RT_SCIM_USER, &edit->remove[i]);

        if (user) {
            rt_scim_link_remove(db, rt_scim_cell(db, user), group);
        }

        if (i % STEP == STEP - 1) {
            give_way(db, lock);
        }
    }

    leave_lost(db, lock, group);
}


static void
relink(rt_scim_db_t *db, const rt_scim_lock_t *lock, uint32_t n,
    const rt_scim_edit_t *edit)
{
    uint32_t  i;

    if (edit->all) {
        leave_all(db, lock, n, &edit->item);
    }

    if (edit->nremove > MANY) {
        leave_many(db, lock, n, edit);

    } else {
        for (i = 0; i < edit->nremove; i++) {
            leave(db, n, rt_scim_node_find(db, RT_SCIM_USER, &edit->remove[i]));
            give_way(db, lock);
        }
    }

    for (i = 0; i < edit->nadd; i++) {
        join(db, n, rt_scim_db_find(db, RT_SCIM_USER, &edit->add[i]));

        if (i % STEP == STEP - 1) {
            give_way(db, lock);
        }
    }
}


/*
 * Drops nodes that are gone for too long.  It looks past one that is not: the
 * time of a node that went while the clock was ahead says nothing of the next.
 */

static int
expire(rt_scim_db_t *db, const rt_scim_lock_t *lock, uint64_t now,
    uint32_t looks)
{
    uint32_t  i, n, place, dropped;

    if (db->keep == 0 || now < db->keep) {
        return 0;
    }

    place = 0;
    dropped = 0;

    for (i = 0; i < looks && dropped < FEW; i++) {
        n = rt_scim_db_gone(db, &place);

        if (n == 0) {
            break;
        }

        if (rt_scim_cell(db, n)->modified <= now - db->keep) {
            begin(db, lock);
            unmake(db, n);
            end(db, lock, RT_SCIM_REST);
            dropped++;
        }
    }

    return dropped > 0;
}


int
rt_scim_db_expire(rt_scim_db_t *db, const rt_scim_lock_t *lock, uint64_t now)
{
    return expire(db, lock, now, LOOKS);
}


rt_status_e
rt_scim_db_make_room(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    uint64_t now, const rt_scim_edit_t *edit, rt_scim_room_t *room)
{
    rt_status_e  rc;

    (void) rt_scim_db_expire(db, lock, now);

    do {
        rc = rt_scim_db_room(db, edit, room);
    } while (rc != RT_OK && expire(db, lock, now, UINT32_MAX));

    return rc;
}


/*
 * Packs lists that are full.  This takes no second lock, whose holders never
 * read lists.  A process that dies here leaves a state that counts as torn.
 */

static void
pack(rt_scim_db_t *db)
{
    uint32_t  max;
    unsigned  list;

    for (list = 0; list < RT_SCIM_LISTS; list++) {
        max = db->max[list == RT_SCIM_GONE ? RT_SCIM_USER : list];

        if (rt_scim_places(max) - db->end[list] < RT_SCIM_MORE) {
            db->state = RT_SCIM_PAUSED;
            rt_scim_list_pack(db, list);
            db->state = RT_SCIM_REST;
        }
    }
}


void
rt_scim_db_edit(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    const rt_scim_edit_t *edit)
{
    uint32_t  n;

    pack(db);
    begin(db, lock);

    n = rt_scim_db_find(db, edit->item.kind, &edit->item.id);

    if (edit->op == RT_SCIM_PUT) {

        /* a file that was written anew may name a user as gone whom this
           zone still has */

        if (n && edit->item.gone) {
            leave_all(db, lock, n, NULL);
        }

        n = put(db, &edit->item);
    }

    if (edit->op == RT_SCIM_DELETE) {
        if (n) {
            take_out(db, lock, n, &edit->item);
        }

    } else if (n && edit->item.kind == RT_SCIM_GROUP) {
        relink(db, lock, n, edit);
    }

    if (edit->item.version > db->version) {
        db->version = edit->item.version;
    }

    end(db, lock, RT_SCIM_REST);
}


void
rt_scim_db_fill(rt_scim_db_t *db, const rt_scim_lock_t *lock)
{
    begin(db, lock);
    db->filling = 1;
    db->mark = !db->mark;
    end(db, lock, RT_SCIM_REST);
}


/*
 * Drops what the file did not name.  It goes from the last of a list to the
 * first, for the members who came last are found first in their groups.
 */

void
rt_scim_db_filled(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    uint64_t version, int whole)
{
    uint32_t  n, place;
    unsigned  list;

    begin(db, lock);

    for (list = 0; list < RT_SCIM_LISTS; list++) {
        for (place = db->end[list]; place > db->first[list]; place--) {
            n = db->list[list][place - 1];

            if (n && rt_scim_cell(db, n)->mark != db->mark) {
                leave_all(db, lock, n, NULL);
                unmake(db, n);
                give_way(db, lock);

            } else if (place % STEP == 0) {
                give_way(db, lock);
            }
        }
    }

    db->version = version;
    db->ready = whole != 0;
    db->filling = 0;

    end(db, lock, RT_SCIM_REST);
}


void
rt_scim_db_show(rt_scim_db_t *db, const rt_scim_lock_t *lock)
{
    begin(db, lock);
    db->ready = 1;
    end(db, lock, RT_SCIM_REST);
}


void
rt_scim_db_lacks(rt_scim_db_t *db, const rt_scim_lock_t *lock)
{
    begin(db, lock);
    db->ready = 0;
    end(db, lock, RT_SCIM_REST);
}

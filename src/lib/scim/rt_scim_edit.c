
#include "scim/rt_scim_db.h"
#include "scim/rt_scim_lost.h"
#include "scim/rt_scim_node.h"


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


/* Makes or replaces a node.  One that stays in its list keeps its place. */

static uint32_t
put(rt_scim_db_t *db, const rt_scim_item_t *item)
{
    int       stays;
    uint32_t  n;

    n = rt_scim_node_find(db, item->kind, &item->id);
    stays = (n && rt_scim_cell(db, n)->gone == item->gone);

    if (stays) {
        rt_scim_node_discount(db, rt_scim_cell(db, n));
    } else if (n) {
        rt_scim_node_delist(db, n);
    }

    if (n) {
        rt_scim_lost_make(db, n, item);
        rt_scim_node_empty(db, n);
    } else {
        n = rt_scim_node_make(db, item);
    }

    rt_scim_node_set(db, n, item);

    if (stays) {
        rt_scim_node_count(db, rt_scim_cell(db, n));
    } else {
        rt_scim_node_enlist(db, n);
    }

    if (item->kind == RT_SCIM_USER && !item->gone) {
        rt_scim_lost_regain(db, item);
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
        rt_scim_node_unmake(db, n);
        return;
    }

    rt_scim_node_delist(db, n);
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

    rt_scim_node_enlist(db, n);
    rt_scim_lost_supersede(db, n);
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
            rt_scim_node_unmake(db, n);
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
                rt_scim_node_unmake(db, n);
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

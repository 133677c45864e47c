
/*
 * The users and groups that a provider pushed, in one piece of memory that
 * processes share.
 *
 *     header | hash tables | lists | blocks
 *
 * Whatever has a size of its own is a chain of blocks of 64 bytes, so that
 * nothing is fragmented and the room that is left is one number:
 *
 *     node      a user or a group: its id, and where the rest of it is
 *     bytes     its keys and its JSON, 60 bytes a block
 *     links     the groups of a user, or the members of a group: 15 a block
 *
 * Changes come one at a time, from whoever has the lock of the journal.  Who
 * has it reads freely; everybody else reads under a second lock, which a
 * change is made under, too.  A change that was begun and not ended is seen by
 * the next who has the journal's lock: then the memory is good for nothing,
 * and is filled anew.
 *
 * A user who was deleted leaves a node with his keys, so that he is told from
 * one who was never there.  For SCIM he is not there.  A key that a user does
 * not have any more leaves a node, too, which says whose it was: what was given
 * to him under that key is not good when he is disabled.  Such nodes go after
 * some time, whoever has their keys meanwhile; or when he has the key again.
 */


#ifndef RT_SCIM_DB_H_INCLUDED
#define RT_SCIM_DB_H_INCLUDED


#include "scim/rt_scim_item.h"


#pragma GCC visibility push(hidden)


/*
 * Those who had a key and lost it are looked at one by one, while requests
 * wait.  With more of them whoever comes with it is kept out: one of them may
 * have been.
 */
#define RT_SCIM_MAX_HOLDERS  64

typedef enum {
    RT_SCIM_IS_UNKNOWN = 0,         /* nobody's: not pushed, or renamed */
    RT_SCIM_IS_ACTIVE,
    RT_SCIM_IS_OFF,
    RT_SCIM_IS_GONE,                /* was deleted, or lost it and is off */
    RT_SCIM_IS_SEVERAL,             /* users with that externalId or email */
    RT_SCIM_IS_UNREADY              /* rt_scim_db_ready() */
} rt_scim_is_e;


/*
 * An empty one in memory that begins at a multiple of 64.
 * in:   seed, random: nobody can choose keys that the tables are slow with
 * ret:  NULL: the memory has no room for so many
 */
rt_scim_db_t *rt_scim_db_init(void *memory, size_t size, uint32_t users,
    uint32_t groups, uint64_t seed);

/* the same, empty again */
void rt_scim_db_clear(rt_scim_db_t *db);

/* of the last change: the next has a greater one */
uint64_t rt_scim_db_version(const rt_scim_db_t *db);

/*
 * How long nodes of what is gone are kept, in ms: as long as what was given to
 * users may be good.  0, as at first: for ever.
 */
void rt_scim_db_keep(rt_scim_db_t *db, uint64_t ms);

/* another one after each change: who has looked needs not until then */
uint64_t rt_scim_db_generation(const rt_scim_db_t *db);

void rt_scim_db_stats(const rt_scim_db_t *db, rt_scim_stats_t *stats);

/* ret:  1, not each of those who are active has the room to be switched off */
int rt_scim_db_tight(const rt_scim_db_t *db);


/* -- to read; a node that is gone is found by _had() and _gone() alone */

rt_scim_node_t rt_scim_db_find(const rt_scim_db_t *db, rt_scim_type_e kind,
    const rt_scim_id_t *id);

/*
 * One that has that key; several may, but for a userName.
 * in:   after: 0, or what this returned, for the next one
 */
rt_scim_node_t rt_scim_db_key(const rt_scim_db_t *db, rt_scim_type_e kind,
    rt_scim_index_e key, const rt_str_t *value, rt_scim_node_t after);

/*
 * The next one, with the journal's lock: in the order they were made, which
 * stays; a user or a key that is gone, the one before others first.
 * in:   *place, 0 at first, as this left it then
 */
rt_scim_node_t rt_scim_db_next(const rt_scim_db_t *db, rt_scim_type_e kind,
    uint32_t *place);
rt_scim_node_t rt_scim_db_gone(const rt_scim_db_t *db, uint32_t *place);

/*
 * A key that a user had and lost, the latest first; user, gone or not.
 * in:   after: 0, or what this returned, for the next one
 * ret:  a node that is gone, with that key alone; 0: there is no more
 */
rt_scim_node_t rt_scim_db_had(const rt_scim_db_t *db, rt_scim_node_t user,
    rt_scim_index_e key, rt_scim_node_t after);

/*
 * out:  *item; its strings are copies in mem, and empty where mem is NULL
 * ret:  RT_OK; RT_ERROR, memory is out
 */
rt_status_e rt_scim_db_item(const rt_scim_db_t *db, rt_scim_node_t node,
    rt_mem_t *mem, rt_scim_item_t *item);

/* likewise, with its keys alone: the JSON is empty */
rt_status_e rt_scim_db_keys(const rt_scim_db_t *db, rt_scim_node_t node,
    rt_mem_t *mem, rt_scim_item_t *item);

/* the next member of a group, or group of a user; 0: there is no more */
rt_scim_node_t rt_scim_db_link(const rt_scim_db_t *db, rt_scim_node_t node,
    rt_scim_cursor_t *cursor);

/*
 * Of a node that is gone.
 * ret:  1, nobody is let in by what it was: a user who was deleted, or a key of
 *       one who is not active now.  0: it says nothing
 */
int rt_scim_db_bars(const rt_scim_db_t *db, rt_scim_node_t node);

/*
 * Whom a token means by a key.  It was given to whoever had the key then: one
 * who lost it since is not who has it now.  Where nobody has it, all count who
 * ever had it.
 * in:   issued: ms of the Unix epoch, or 0; as early as can be
 * out:  *user, if he is active or off
 */
rt_scim_is_e rt_scim_db_who(const rt_scim_db_t *db, rt_scim_index_e key,
    const rt_str_t *value, uint64_t issued, rt_scim_node_t *user);

/* ret: 1 if that user is a member of that group */
int rt_scim_db_member(const rt_scim_db_t *db, rt_scim_node_t user,
    rt_scim_node_t group);


/* -- to change, with the journal's lock */

/* what several edits, none of which is made yet, take together; zeroed first */

typedef struct {
    uint32_t         edits;
    uint32_t         blocks;        /* with what is left for who is active, */
    uint32_t         taken;         /*   and without */
    uint32_t         nodes[RT_SCIM_KINDS];
    unsigned         all:1;         /* they were made before, in the file */
} rt_scim_room_t;

/*
 * Some room is left for those who are switched off: each of them may be, in a
 * zone that is full, too.  What is read from a file may take that room.
 * in:   no two edits are of the same user or group
 * ret:  RT_OK, there is room for this edit, too, and *room has it;
 *       RT_TOO_BIG: there is not
 */
rt_status_e rt_scim_db_room(const rt_scim_db_t *db, const rt_scim_edit_t *edit,
    rt_scim_room_t *room);


/*
 * The second lock.  A long change gives it away between two steps, after which
 * readers see a part of the change.
 */

typedef struct {
    void           (*lock)(void *ctx);
    void           (*unlock)(void *ctx);
    void            *ctx;
} rt_scim_lock_t;

/*
 * Drops some of what is gone for longer than it is kept.
 * ret:  1, there was some
 */
int rt_scim_db_expire(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    uint64_t now);

/* _room(), after _expire(), which goes on while there is no room */
rt_status_e rt_scim_db_make_room(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    uint64_t now, const rt_scim_edit_t *edit, rt_scim_room_t *room);

/* makes an edit, of edit->item.version, that there is room for */
void rt_scim_db_edit(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    const rt_scim_edit_t *edit);

/* 1: a change was begun and not ended, by whoever had the lock before */
int rt_scim_db_torn(const rt_scim_db_t *db);

/*
 * 1, under the second lock: readers may read.  Not while it is filled, torn in
 * the middle of a step, or known to lack something.
 */
int rt_scim_db_ready(const rt_scim_db_t *db);

/*
 * Fills it with all there is: _fill(), edits, _filled().  Whatever no edit has
 * named is gone then.  in: whole: 0, it is not ready, until _show() if more
 * edits have to be made before
 */
void rt_scim_db_fill(rt_scim_db_t *db, const rt_scim_lock_t *lock);
void rt_scim_db_filled(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    uint64_t version, int whole);

void rt_scim_db_show(rt_scim_db_t *db, const rt_scim_lock_t *lock);

/* it lacks something from now on, until it is filled anew */
void rt_scim_db_lacks(rt_scim_db_t *db, const rt_scim_lock_t *lock);


#pragma GCC visibility pop


#endif /* RT_SCIM_DB_H_INCLUDED */

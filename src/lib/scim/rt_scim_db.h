
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
 * Changes come one at a time, from whoever holds the journal's lock.  Its
 * holder reads freely; everybody else reads under a second lock, and a change
 * is made under that lock as well.  Where a change was begun and not ended, the
 * next holder of the journal's lock sees that: the memory can no longer be
 * trusted, and is filled anew.
 *
 * A user who was deleted leaves a node with his keys, so that he is told from
 * one who was never there.  SCIM itself does not show him.  A key that a user
 * loses leaves a node as well, which says whose it was: once he is disabled,
 * tokens that he was given under that key are refused.  Such nodes are "gone".
 * They are dropped after some time, even when another user has their keys; and
 * a lost key's node is dropped when its user gets the key back.
 */


#ifndef RT_SCIM_DB_H_INCLUDED
#define RT_SCIM_DB_H_INCLUDED


#include "scim/rt_scim_item.h"


#pragma GCC visibility push(hidden)


/*
 * Those who had a key and lost it are looked at one by one, while requests
 * wait.  Where there are more than this, whoever comes with the key is kept
 * out, because one of those not looked at may be disabled.
 */
#define RT_SCIM_MAX_HOLDERS  64

typedef enum {
    RT_SCIM_IS_UNKNOWN = 0,         /* no user has it, or not since then */
    RT_SCIM_IS_ACTIVE,
    RT_SCIM_IS_OFF,
    RT_SCIM_IS_GONE,                /* who had it was deleted or is off */
    RT_SCIM_IS_SEVERAL,             /* users have that externalId or email */
    RT_SCIM_IS_UNREADY              /* rt_scim_db_ready() */
} rt_scim_is_e;


/*
 * Makes an empty one in memory that begins at a multiple of 64.
 * in:   seed, random, so that nobody can choose keys which make tables slow
 * ret:  NULL: the memory has no room for so many users and groups
 */
rt_scim_db_t *rt_scim_db_init(void *memory, size_t size, uint32_t users,
    uint32_t groups, uint64_t seed);

/* empties it */
void rt_scim_db_clear(rt_scim_db_t *db);

/* the version of the last change; that of the next one must be greater */
uint64_t rt_scim_db_version(const rt_scim_db_t *db);

/*
 * How long gone nodes are kept, in ms: as long as a token or session that a
 * user was given may be good.  0, as at first: for ever.
 */
void rt_scim_db_keep(rt_scim_db_t *db, uint64_t ms);

/* differs after each change: an answer holds while this number is the same */
uint64_t rt_scim_db_generation(const rt_scim_db_t *db);

void rt_scim_db_stats(const rt_scim_db_t *db, rt_scim_stats_t *stats);

/* ret:  1, there is no room to switch off every active user */
int rt_scim_db_tight(const rt_scim_db_t *db);


/* -- to read; gone nodes are found by _had() and _gone() alone */

rt_scim_node_t rt_scim_db_find(const rt_scim_db_t *db, rt_scim_type_e kind,
    const rt_scim_id_t *id);

/*
 * Finds a node that has that key.  Several users may have one externalId or
 * email, but never one userName.
 * in:   after: 0, or what this returned, for the next one
 */
rt_scim_node_t rt_scim_db_key(const rt_scim_db_t *db, rt_scim_type_e kind,
    rt_scim_index_e key, const rt_str_t *value, rt_scim_node_t after);

/*
 * The next node, with the journal's lock.  Users and groups come in the order
 * in which they were made, gone nodes in that in which they went.
 * in:   *place, 0 at first, then as this function left it
 */
rt_scim_node_t rt_scim_db_next(const rt_scim_db_t *db, rt_scim_type_e kind,
    uint32_t *place);
rt_scim_node_t rt_scim_db_gone(const rt_scim_db_t *db, uint32_t *place);

/*
 * A key that a user had and lost, the latest first.  The user may be gone.
 * in:   after: 0, or what this returned, for the next one
 * ret:  the gone node of that key; 0: there is no more
 */
rt_scim_node_t rt_scim_db_had(const rt_scim_db_t *db, rt_scim_node_t user,
    rt_scim_index_e key, rt_scim_node_t after);

/*
 * out:  *item; its strings are copies in mem, and empty where mem is NULL
 * ret:  RT_OK; RT_ERROR, memory is out
 */
rt_status_e rt_scim_db_item(const rt_scim_db_t *db, rt_scim_node_t node,
    rt_mem_t *mem, rt_scim_item_t *item);

/* likewise, without the JSON, which is left empty */
rt_status_e rt_scim_db_keys(const rt_scim_db_t *db, rt_scim_node_t node,
    rt_mem_t *mem, rt_scim_item_t *item);

/* the next member of a group, or group of a user; 0: there is no more */
rt_scim_node_t rt_scim_db_link(const rt_scim_db_t *db, rt_scim_node_t node,
    rt_scim_cursor_t *cursor);

/*
 * What a gone node means for whoever comes with its keys.
 * ret:  1, he is kept out: the node is a user who was deleted, or a lost key of
 *       a user who is not active now.  0: it says nothing
 */
int rt_scim_db_bars(const rt_scim_db_t *db, rt_scim_node_t node);

/*
 * Whom a token means by a key.  The token was given to whoever had the key
 * when it was issued, and that need not be who has it now.  Where nobody has
 * the key now, everybody counts who had it and is still kept.
 * in:   issued: ms of the Unix epoch, the earliest that is possible; 0: unknown
 * out:  *user, where the answer is IS_ACTIVE or IS_OFF
 */
rt_scim_is_e rt_scim_db_who(const rt_scim_db_t *db, rt_scim_index_e key,
    const rt_str_t *value, uint64_t issued, rt_scim_node_t *user);

/* ret: 1 if that user is a member of that group */
int rt_scim_db_member(const rt_scim_db_t *db, rt_scim_node_t user,
    rt_scim_node_t group);


/* -- to change, with the journal's lock */

/* what several edits that are not made yet take together; zeroed first */

typedef struct {
    uint32_t         edits;
    uint32_t         blocks;        /* with those kept to switch users off */
    uint32_t         taken;         /* without them */
    uint32_t         nodes[RT_SCIM_KINDS];
    unsigned         all:1;         /* they are read from the file: they may
                                       take the room that is kept */
} rt_scim_room_t;

/*
 * Asks whether there is room for one more edit.  Some room is kept so that
 * every user can be switched off even when the zone is full.  An edit that is
 * read from a file may take that room.
 * in:   no two edits in *room are of the same user or group
 * ret:  RT_OK, there is room, and *room now counts this edit; RT_TOO_BIG
 */
rt_status_e rt_scim_db_room(const rt_scim_db_t *db, const rt_scim_edit_t *edit,
    rt_scim_room_t *room);


/*
 * The second lock.  A long change lets go of it between two steps, and readers
 * then see a part of the change.
 */

typedef struct {
    void           (*lock)(void *ctx);
    void           (*unlock)(void *ctx);
    void            *ctx;
} rt_scim_lock_t;

/*
 * Drops a few of the nodes that are gone for longer than they are kept.
 * ret:  1, it dropped one or more
 */
int rt_scim_db_expire(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    uint64_t now);

/* rt_scim_db_room(), for which nodes are dropped as _expire() does */
rt_status_e rt_scim_db_make_room(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    uint64_t now, const rt_scim_edit_t *edit, rt_scim_room_t *room);

/* makes an edit that there is room for; edit->item.version must be set */
void rt_scim_db_edit(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    const rt_scim_edit_t *edit);

/* 1: the holder of the lock before began a change and did not end it */
int rt_scim_db_torn(const rt_scim_db_t *db);

/*
 * 1: readers may read, under the second lock.  They may not while the memory is
 * filled, is torn in the middle of a step, or is known to lack something.
 */
int rt_scim_db_ready(const rt_scim_db_t *db);

/*
 * Fills it from a file: _fill(), edits, _filled().  Whatever no edit has named
 * is dropped by _filled().
 * in:   whole: 0, it does not become ready by this; _show() makes it ready when
 *       the edits behind are made
 */
void rt_scim_db_fill(rt_scim_db_t *db, const rt_scim_lock_t *lock);
void rt_scim_db_filled(rt_scim_db_t *db, const rt_scim_lock_t *lock,
    uint64_t version, int whole);

void rt_scim_db_show(rt_scim_db_t *db, const rt_scim_lock_t *lock);

/* readers may not read from now on, until it is filled anew or shown again */
void rt_scim_db_lacks(rt_scim_db_t *db, const rt_scim_lock_t *lock);


#pragma GCC visibility pop


#endif /* RT_SCIM_DB_H_INCLUDED */

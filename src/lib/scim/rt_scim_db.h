
/*
 * The users and groups that a provider pushed, in one piece of memory that
 * processes share.
 *
 *     header | four hash tables of users, three of groups | two lists | blocks
 *
 * Whatever has a size of its own is a chain of blocks of 64 bytes, so that
 * nothing is fragmented and the room that is left is one number:
 *
 *     node      a user or a group: its id, and where the rest of it is
 *     bytes     its keys and its JSON, 60 bytes a block
 *     links     the groups of a user, or the members of a group: 15 a block
 *
 * A user with 400 bytes of keys and JSON takes 512 bytes and 28 bytes of the
 * tables; a membership takes less than 9 bytes where there are many.
 *
 * Changes come one at a time, from whoever holds the lock of the journal, and
 * are made under a second lock, which who reads without the first one holds,
 * too.  A change that was begun and not ended leaves "busy" set: then the
 * memory is good for nothing, and is filled anew.
 *
 * A user who was deleted leaves a node with his keys: he is told from one who
 * was never there.  He does not count as there for SCIM, and his node goes when
 * another user gets his userName.
 */


#ifndef RT_SCIM_DB_H_INCLUDED
#define RT_SCIM_DB_H_INCLUDED


#include "scim/rt_scim.h"


#pragma GCC visibility push(hidden)


#define RT_SCIM_ID        16                /* bytes; 36 as text */
#define RT_SCIM_MAX_JSON  (64 * 1024)       /* bytes of a resource */


typedef struct {
    unsigned char    data[RT_SCIM_ID];
} rt_scim_id_t;


/* strings lie wherever who fills it says */

typedef struct {
    rt_scim_type_e   kind;
    rt_scim_id_t     id;
    rt_str_t         key[RT_SCIM_KEYS];
    rt_str_t         json;          /* without id, meta, members and groups */
    uint64_t         created;       /* ms of the Unix epoch */
    uint64_t         modified;
    uint64_t         version;       /* grows with each change: the ETag */
    uint32_t         links;         /* how many members, or groups */
    unsigned         active:1;
    unsigned         gone:1;        /* was deleted */
} rt_scim_item_t;


typedef enum {
    RT_SCIM_NOTHING = 0,
    RT_SCIM_PUT,                    /* made, or replaced but for its links */
    RT_SCIM_DELETE                  /* "item" needs kind and id only */
} rt_scim_edit_e;


/*
 * One change.  Members are added to and removed from a group by the ids of
 * users; one who is not there, or is one already, is passed over.
 */

typedef struct {
    rt_scim_edit_e     op;
    rt_scim_item_t   item;          /* version and links are not looked at */
    rt_scim_id_t    *add;
    rt_scim_id_t    *remove;        /* before "add" */
    uint32_t         nadd;
    uint32_t         nremove;
} rt_scim_edit_t;


/* how many there are and may be, and of the memory's blocks */

typedef struct {
    uint32_t         n[RT_SCIM_KINDS];      /* without those who are gone */
    uint32_t         max[RT_SCIM_KINDS];    /* with them */
    uint32_t         gone;                  /* users */
    uint32_t         off;                   /* users who are not active */
    uint64_t         memberships;
    uint64_t         used;                  /* bytes of blocks */
    uint64_t         size;                  /*   of so many */
} rt_scim_stats_t;


typedef struct rt_scim_db_s  rt_scim_db_t;
typedef uint32_t             rt_scim_node_t;     /* a node; 0: none */


/* where a walk over links is; zeroed before the first step */

typedef struct {
    uint32_t         block;
    uint32_t         i;
} rt_scim_cursor_t;


/*
 * An empty one in memory that begins at a multiple of 64.
 * ret:  NULL: the memory has no room for so many
 */
rt_scim_db_t *rt_scim_db_init(void *memory, size_t size, uint32_t users,
    uint32_t groups);

/* changes with each change: who has looked needs not look again until then */
uint64_t rt_scim_db_version(const rt_scim_db_t *db);

void rt_scim_db_stats(const rt_scim_db_t *db, rt_scim_stats_t *stats);


/* -- to read; a node that is gone is found by nothing but _key() */

rt_scim_node_t rt_scim_db_find(const rt_scim_db_t *db, rt_scim_type_e kind,
    const rt_scim_id_t *id);

/*
 * One that is not gone is preferred; several may have the same key, but for
 * userName.
 * in:   after: 0, or what this returned, for the next one
 */
rt_scim_node_t rt_scim_db_key(const rt_scim_db_t *db, rt_scim_type_e kind,
    rt_scim_index_e key, const rt_str_t *value, rt_scim_node_t after);

/* in the order they were made, which stays; from 0 */
rt_scim_node_t rt_scim_db_at(const rt_scim_db_t *db, rt_scim_type_e kind,
    uint32_t index);

/*
 * out:  *item; its strings are copies in mem, or empty where mem is NULL
 * ret:  RT_OK; RT_ERROR, memory is out
 */
rt_status_e rt_scim_db_item(const rt_scim_db_t *db, rt_scim_node_t ref,
    rt_mem_t *mem, rt_scim_item_t *item);

/* the next member of a group, or group of a user; 0: there is no more */
rt_scim_node_t rt_scim_db_link(const rt_scim_db_t *db, rt_scim_node_t ref,
    rt_scim_cursor_t *cursor);

/* ret: 1 if that user is a member of that group */
int rt_scim_db_member(const rt_scim_db_t *db, rt_scim_node_t user,
    rt_scim_node_t group);


#pragma GCC visibility pop


#endif /* RT_SCIM_DB_H_INCLUDED */

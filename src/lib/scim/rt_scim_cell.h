
/* The inside of rt_scim_db.h, for the files that read and change it. */


#ifndef RT_SCIM_CELL_H_INCLUDED
#define RT_SCIM_CELL_H_INCLUDED


#include "scim/rt_scim_item.h"


#pragma GCC visibility push(hidden)


#define RT_SCIM_BLOCK   64
#define RT_SCIM_BYTES   (RT_SCIM_BLOCK - 4)
#define RT_SCIM_LINKS   (RT_SCIM_BYTES / 4)
#define RT_SCIM_HEAD    14              /* bytes before the keys: their lengths,
                                           and when the node was created */
#define RT_SCIM_BY_ID   RT_SCIM_KEYS    /* the table after those of the keys */
#define RT_SCIM_TABLES  (RT_SCIM_KEYS + 1)
#define RT_SCIM_GONE    RT_SCIM_KINDS   /* the list after those of the kinds,
                                           with tables of its own */
#define RT_SCIM_LISTS   (RT_SCIM_KINDS + 1)

/* entries that one change adds to a list at most */
#define RT_SCIM_MORE    (RT_SCIM_KEYS + 1)

/* entries that a list has room for; a list is packed when they are used up */
#define rt_scim_places(max)  ((size_t) (max) + (max) / 4 + RT_SCIM_MORE)

/* bytes by which a user's JSON grows at most when he is switched off */
#define RT_SCIM_OFF     (sizeof(",\"active\":false") - 1)

/* 1/64 of nodes and blocks is kept for users who are switched off and renamed
   by one change */
#define RT_SCIM_LAST    64

#define RT_SCIM_REST    0               /* no change is under way, */
#define RT_SCIM_PAUSED  1               /*   or one is, between two steps, */
#define RT_SCIM_BEGUN   2               /*   or in one */


/* A node is a single block; bytes and links are chains of them. */

typedef struct {
    rt_scim_id_t      id;
    uint32_t          next[RT_SCIM_TABLES];     /* in its row of each table */
    uint32_t          place;                    /* in its list */
    uint32_t          bytes;
    uint32_t          links;                    /* the last block of them */
    uint32_t          nlinks:28;                /* in all blocks */
    uint32_t          kind:1;
    uint32_t          active:1;
    uint32_t          gone:1;
    uint32_t          mark:1;                   /* that of the last filling
                                                   which named this node */
    uint64_t          version;
    uint64_t          modified:48;              /* RT_SCIM_MAX_TIME */
    uint64_t          len:16;                   /* of the bytes */
} rt_scim_cell_t;


typedef struct {
    uint32_t          next;
    union {
        unsigned char byte[RT_SCIM_BYTES];
        uint32_t      link[RT_SCIM_LINKS];
    };
} rt_scim_block_t;


_Static_assert(sizeof(rt_scim_cell_t) == RT_SCIM_BLOCK, "a node is a block");
_Static_assert(sizeof(rt_scim_block_t) == RT_SCIM_BLOCK, "so are the others");
_Static_assert(RT_SCIM_HEAD + RT_SCIM_KEYS * RT_SCIM_MAX_KEY
               + RT_SCIM_MAX_RESOURCE <= UINT16_MAX, "its length has 16 bits");


struct rt_scim_db_s {
    uint64_t          version;
    uint64_t          generation;
    uint64_t          seed;
    uint64_t          memberships;
    uint64_t          keep;                     /* ms that gone nodes stay */
    uint32_t          state;
    uint32_t          ready;
    uint32_t          filling;
    uint32_t          mark;
    uint32_t          off;
    uint32_t          spare;                    /* blocks that switching off
                                                   all active users takes */
    uint32_t          max[RT_SCIM_KINDS];

    /* to read a list takes the journal's lock; an empty place in it is 0 */

    uint32_t          n[RT_SCIM_LISTS];
    uint32_t          first[RT_SCIM_LISTS];     /* those before it are empty */
    uint32_t          end[RT_SCIM_LISTS];
    uint32_t         *list[RT_SCIM_LISTS];
    uint32_t          mask[RT_SCIM_LISTS];
    uint32_t         *table[RT_SCIM_LISTS][RT_SCIM_TABLES];

    rt_scim_block_t  *blocks;                   /* from 1 on */
    uint32_t          nblocks;
    uint32_t          used;
    uint32_t          fresh;                    /* the first never used */
    uint32_t          free;                     /* those given back */
};


#define rt_scim_cell(db, n)  ((rt_scim_cell_t *) (db)->blocks + (n))

/* the list that a node is in, which also names its set of tables */
#define rt_scim_list_of(cell)                                                 \
    ((cell)->gone ? (unsigned) RT_SCIM_GONE : (unsigned) (cell)->kind)


/*
 * Takes a block.  The caller has made sure that one is left.  Should there be
 * none even so, the answer is block 0, which nobody reads.
 */
uint32_t rt_scim_block_alloc(rt_scim_db_t *db);
void rt_scim_block_free(rt_scim_db_t *db, uint32_t n);
void rt_scim_chain_free(rt_scim_db_t *db, uint32_t n);


/* where a reader of bytes is */

typedef struct {
    const rt_scim_block_t  *block;
    uint32_t                at;
} rt_scim_reader_t;


/* Appends bytes; *tail is the last block of those before, or 0. */
void rt_scim_bytes_write(rt_scim_db_t *db, rt_scim_cell_t *cell,
    uint32_t *tail, const void *data, size_t len);

/* Reads the head, and leaves the reader at the first byte behind it. */
void rt_scim_bytes_head(const rt_scim_db_t *db, const rt_scim_cell_t *cell,
    rt_scim_reader_t *r, uint16_t *len, uint64_t *created);
void rt_scim_bytes_read(const rt_scim_db_t *db, rt_scim_reader_t *r,
    void *dst, size_t len);

/* ret:  1 if the node's key has that value */
int rt_scim_bytes_are(const rt_scim_db_t *db, const rt_scim_cell_t *cell,
    unsigned key, const rt_str_t *value);


/* FNV-1a, continued from the hash of the bytes before */
uint64_t rt_scim_hash(uint64_t hash, const unsigned char *p, size_t len);

/*
 * Puts a node into the table under its key, if it has that key.
 *
 * The table of ids looks at the first half of an id only, which a lost key's
 * node shares with its user.  So all the keys that a user had and lost are in
 * his row: he comes first, then they, the latest before the others.
 */
void rt_scim_table_add(rt_scim_db_t *db, unsigned t, uint32_t n);
void rt_scim_table_remove(rt_scim_db_t *db, unsigned t, uint32_t n);

/* finds a node of that id, gone or not */
uint32_t rt_scim_node_find(const rt_scim_db_t *db, rt_scim_type_e kind,
    const rt_scim_id_t *id);

/* the first node of the row for ids with this first half; other ids may share
   the row */
uint32_t rt_scim_node_first(const rt_scim_db_t *db, rt_scim_type_e kind,
    const rt_scim_id_t *id);

/* the nodes of one list that have that key: see rt_scim_db_key() */
uint32_t rt_scim_node_key(const rt_scim_db_t *db, unsigned list, unsigned key,
    const rt_str_t *value, uint32_t after);


void rt_scim_list_add(rt_scim_db_t *db, unsigned list, uint32_t n);
void rt_scim_list_remove(rt_scim_db_t *db, unsigned list, uint32_t n);

/* the node behind *place, which is 0 at first; ret: 0, there is no more */
uint32_t rt_scim_list_next(const rt_scim_db_t *db, unsigned list,
    uint32_t *place);

/* closes the empty places of a list */
void rt_scim_list_pack(rt_scim_db_t *db, unsigned list);


/*
 * Links: new blocks go to the front of the chain, and only the first may have
 * room.
 * _last:  the place of the newest link in that block; there must be one
 * _drop:  takes the newest link off
 */
uint32_t rt_scim_link_last(const rt_scim_cell_t *cell);
uint32_t *rt_scim_link_find(const rt_scim_db_t *db, const rt_scim_cell_t *cell,
    uint32_t n);
void rt_scim_link_add(rt_scim_db_t *db, rt_scim_cell_t *cell, uint32_t n);
void rt_scim_link_remove(rt_scim_db_t *db, rt_scim_cell_t *cell, uint32_t n);
void rt_scim_link_drop(rt_scim_db_t *db, rt_scim_cell_t *cell);


#pragma GCC visibility pop


#endif /* RT_SCIM_CELL_H_INCLUDED */

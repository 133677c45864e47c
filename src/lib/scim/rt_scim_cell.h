
/* The inside of rt_scim_db.h, for the files that read and change it. */


#ifndef RT_SCIM_CELL_H_INCLUDED
#define RT_SCIM_CELL_H_INCLUDED


#include "scim/rt_scim_item.h"


#pragma GCC visibility push(hidden)


#define RT_SCIM_BLOCK   64
#define RT_SCIM_BYTES   (RT_SCIM_BLOCK - 4)
#define RT_SCIM_LINKS   (RT_SCIM_BYTES / 4)
#define RT_SCIM_HEAD    14              /* bytes before the keys: their lengths,
                                           and when it was created */
#define RT_SCIM_BY_ID   RT_SCIM_KEYS    /* the table after those of the keys */
#define RT_SCIM_TABLES  (RT_SCIM_KEYS + 1)
#define RT_SCIM_GONE    RT_SCIM_KINDS   /* the list after those of the kinds,
                                           with tables of its own */
#define RT_SCIM_LISTS   (RT_SCIM_KINDS + 1)

/* what one change adds to a list at most */
#define RT_SCIM_MORE    (RT_SCIM_KEYS + 1)

/* what a list has room for: it is packed when it has come to its end */
#define rt_scim_places(max)  ((size_t) (max) + (max) / 4 + RT_SCIM_MORE)

/* by what the JSON of a user grows at most when he is switched off */
#define RT_SCIM_OFF     (sizeof(",\"active\":false") - 1)

/* one part of so many is for those who are switched off and renamed at once */
#define RT_SCIM_LAST    64

#define RT_SCIM_REST    0               /* no change is under way, */
#define RT_SCIM_PAUSED  1               /*   or one is, between two steps, */
#define RT_SCIM_BEGUN   2               /*   or in one */


/* a node: a block that is no chain */

typedef struct {
    rt_scim_id_t      id;
    uint32_t          next[RT_SCIM_TABLES];     /* in its row of each */
    uint32_t          place;                    /* in its list */
    uint32_t          bytes;
    uint32_t          links;                    /* the last block; and how */
    uint32_t          nlinks:28;                /*   many there are in all */
    uint32_t          kind:1;
    uint32_t          active:1;
    uint32_t          gone:1;
    uint32_t          mark:1;                   /* of what filled it last */
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
    uint64_t          keep;                     /* ms, of those who are gone */
    uint32_t          state;
    uint32_t          ready;
    uint32_t          filling;
    uint32_t          mark;
    uint32_t          off;
    uint32_t          spare;                    /* blocks that active users
                                                   need to be switched off */
    uint32_t          max[RT_SCIM_KINDS];

    /* lists are read with the journal's lock alone; 0: a place is empty */

    uint32_t          n[RT_SCIM_LISTS];
    uint32_t          first[RT_SCIM_LISTS];     /* those before it are empty */
    uint32_t          end[RT_SCIM_LISTS];
    uint32_t         *list[RT_SCIM_LISTS];
    uint32_t          mask[RT_SCIM_LISTS];
    uint32_t         *table[RT_SCIM_LISTS][RT_SCIM_TABLES];

    rt_scim_block_t  *blocks;                   /* from 1 on */
    uint32_t          nblocks;
    uint32_t          used;
    uint32_t          fresh;                    /* from here on none was used */
    uint32_t          free;                     /* those not in use any more */
};


#define rt_scim_cell(db, n)  ((rt_scim_cell_t *) (db)->blocks + (n))

/* its list, and that of its tables */
#define rt_scim_list_of(cell)                                                 \
    ((cell)->gone ? (unsigned) RT_SCIM_GONE : (unsigned) (cell)->kind)


/* there is a block, as was asked before; else all is void, in 0 */
uint32_t rt_scim_block_alloc(rt_scim_db_t *db);
void rt_scim_block_free(rt_scim_db_t *db, uint32_t n);
void rt_scim_chain_free(rt_scim_db_t *db, uint32_t n);


/* where a reader of bytes is */

typedef struct {
    const rt_scim_block_t  *block;
    uint32_t                at;
} rt_scim_reader_t;


/* behind those that are there, the last block of which is *tail, or 0 */
void rt_scim_bytes_write(rt_scim_db_t *db, rt_scim_cell_t *cell,
    uint32_t *tail, const void *data, size_t len);

/* the lengths of the keys, and a reader behind the first RT_SCIM_HEAD bytes */
void rt_scim_bytes_head(const rt_scim_db_t *db, const rt_scim_cell_t *cell,
    rt_scim_reader_t *r, uint16_t *len, uint64_t *created);
void rt_scim_bytes_read(const rt_scim_db_t *db, rt_scim_reader_t *r,
    void *dst, size_t len);

/* ret:  1 if that key has that value */
int rt_scim_bytes_are(const rt_scim_db_t *db, const rt_scim_cell_t *cell,
    unsigned key, const rt_str_t *value);


/* FNV-1a, on from that of what is before */
uint64_t rt_scim_hash(uint64_t hash, const unsigned char *p, size_t len);

/*
 * By what the node has there, if anything.  Of ids the first half counts, and
 * whose key it was comes first: all that a user had and lost is in his row,
 * behind him, the latest before the others.
 */
void rt_scim_table_add(rt_scim_db_t *db, unsigned t, uint32_t n);
void rt_scim_table_remove(rt_scim_db_t *db, unsigned t, uint32_t n);

/* gone or not */
uint32_t rt_scim_node_find(const rt_scim_db_t *db, rt_scim_type_e kind,
    const rt_scim_id_t *id);

/* the first of those whose ids begin so, which may begin otherwise */
uint32_t rt_scim_node_first(const rt_scim_db_t *db, rt_scim_type_e kind,
    const rt_scim_id_t *id);

/* those of a list that have that key: see rt_scim_db_key() */
uint32_t rt_scim_node_key(const rt_scim_db_t *db, unsigned list, unsigned key,
    const rt_str_t *value, uint32_t after);


void rt_scim_list_add(rt_scim_db_t *db, unsigned list, uint32_t n);
void rt_scim_list_remove(rt_scim_db_t *db, unsigned list, uint32_t n);

/* the next one behind *place, 0 at first; 0: there is no more */
uint32_t rt_scim_list_next(const rt_scim_db_t *db, unsigned list,
    uint32_t *place);

/* without its empty places */
void rt_scim_list_pack(rt_scim_db_t *db, unsigned list);


/*
 * Links: only the last block, in front of the others, has room.
 * _last:  the place of the last link in it; there is one
 * _drop:  without the last link
 */
uint32_t rt_scim_link_last(const rt_scim_cell_t *cell);
uint32_t *rt_scim_link_find(const rt_scim_db_t *db, const rt_scim_cell_t *cell,
    uint32_t n);
void rt_scim_link_add(rt_scim_db_t *db, rt_scim_cell_t *cell, uint32_t n);
void rt_scim_link_remove(rt_scim_db_t *db, rt_scim_cell_t *cell, uint32_t n);
void rt_scim_link_drop(rt_scim_db_t *db, rt_scim_cell_t *cell);


#pragma GCC visibility pop


#endif /* RT_SCIM_CELL_H_INCLUDED */


/*
 * The keys that users lose.  What such a key's node is for stands in
 * rt_scim_db.h.
 */


#ifndef RT_SCIM_LOST_H_INCLUDED
#define RT_SCIM_LOST_H_INCLUDED


#include "scim/rt_scim_cell.h"


#pragma GCC visibility push(hidden)


/* a walk over the keys that an edit takes from a user */

typedef struct {
    rt_scim_reader_t  r;
    uint16_t          len[RT_SCIM_KEYS];
    unsigned          i;                    /* the next key to look at */
    unsigned          key;                  /* the one he loses, */
    rt_str_t          was;                  /*   and its value, in text */
    unsigned char     text[RT_SCIM_MAX_KEY];
} rt_scim_lost_t;

/*
 * While the zone is filled a user loses no key: the file has the nodes of lost
 * keys as edits of their own.
 */
void rt_scim_lost_init(rt_scim_lost_t *lost, const rt_scim_db_t *db,
    uint32_t n);

/* ret:  1, a key is lost; 0, *item has all the keys that are left */
int rt_scim_lost_next(rt_scim_lost_t *lost, const rt_scim_db_t *db,
    const rt_scim_item_t *item);


/* makes the nodes of those keys; the user still has his bytes */
void rt_scim_lost_make(rt_scim_db_t *db, uint32_t n,
    const rt_scim_item_t *item);

/*
 * A user who gets a key back has not lost it.  Nodes of others who lost it or
 * were deleted with it stay, for he may lose it again before they are dropped.
 */
void rt_scim_lost_regain(rt_scim_db_t *db, const rt_scim_item_t *item);

/*
 * Of users who were deleted with the same keys only the last one is kept, so
 * that a user who is made and deleted over and over takes one node.  One who
 * lost a key before stays: his node says until when that key was his.
 */
void rt_scim_lost_supersede(rt_scim_db_t *db, uint32_t last);


#pragma GCC visibility pop


#endif /* RT_SCIM_LOST_H_INCLUDED */


/* A node as a whole: its bytes, its tables, its list, and what is counted. */


#ifndef RT_SCIM_NODE_H_INCLUDED
#define RT_SCIM_NODE_H_INCLUDED


#include "scim/rt_scim_cell.h"


#pragma GCC visibility push(hidden)


/* 1 if it is a user who can be switched off */
uint32_t rt_scim_node_is_on(const rt_scim_cell_t *cell);

/* blocks for so many bytes; "on": with room for the user to be switched off */
uint32_t rt_scim_node_blocks(size_t len, uint32_t on);

/*
 * A node is made, set and enlisted.  One that is set anew is emptied first, and
 * in no list meanwhile, or not counted.
 *
 * _make:    a node with an id and nothing else
 * _empty:   frees its bytes, and takes it out of the tables of its keys
 * _enlist:  puts it into its list and counts it; _delist does the opposite
 * _unmake:  frees a node that has no links
 */
uint32_t rt_scim_node_make(rt_scim_db_t *db, const rt_scim_item_t *item);
void rt_scim_node_set(rt_scim_db_t *db, uint32_t n, const rt_scim_item_t *item);
void rt_scim_node_empty(rt_scim_db_t *db, uint32_t n);
void rt_scim_node_enlist(rt_scim_db_t *db, uint32_t n);
void rt_scim_node_delist(rt_scim_db_t *db, uint32_t n);
void rt_scim_node_count(rt_scim_db_t *db, const rt_scim_cell_t *cell);
void rt_scim_node_discount(rt_scim_db_t *db, const rt_scim_cell_t *cell);
void rt_scim_node_unmake(rt_scim_db_t *db, uint32_t n);


#pragma GCC visibility pop


#endif /* RT_SCIM_NODE_H_INCLUDED */

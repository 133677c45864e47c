
/*
 * The names of those who are not let in: of users who are not active or were
 * deleted, the key by which link= knows them, and the keys they had before.
 */


#ifndef RT_SCIM_OUT_H_INCLUDED
#define RT_SCIM_OUT_H_INCLUDED


#include "scim/rt_scim_db.h"


#pragma GCC visibility push(hidden)


/*
 * A walk over all of them.  It goes from the last of a list to its first, so
 * that nobody is passed over when others go between two steps.  Zeroed before
 * the first step.
 */

typedef struct {
    uint32_t         list;          /* first users, then gone nodes */
    uint32_t         left;          /* places of it that are left */
    unsigned         begun:1;
    unsigned         over:1;
} rt_scim_walk_t;


/*
 * Tokens that were given to this name up to "when" are not good.  Where another
 * user has the name now, that is the moment when this one lost it.
 */

typedef struct {
    rt_str_t         name;
    uint64_t         when;          /* ms of the Unix epoch */
} rt_scim_out_t;


/*
 * One step of the walk.
 * in:   since: whoever is out for longer is passed over
 *       outs, with room for max
 * out:  *n of outs, with names in mem; walk->over: 1, this was the last step
 * ret:  RT_OK; RT_ERROR, memory is out
 */
rt_status_e rt_scim_out(rt_mem_t *mem, const rt_scim_db_t *db,
    rt_scim_index_e link, uint64_t since, rt_scim_walk_t *walk,
    rt_scim_out_t *outs, uint32_t max, uint32_t *n);

/* ret: 1 if a user other than this one has that key now */
int rt_scim_another(const rt_scim_db_t *db, rt_scim_index_e link,
    const rt_str_t *name, rt_scim_node_t node);


#pragma GCC visibility pop


#endif /* RT_SCIM_OUT_H_INCLUDED */

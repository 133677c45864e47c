
/*
 * Who is not let in, by what links him: of users who are not active or were
 * deleted, what they are called, and what they were called before.
 */


#ifndef RT_SCIM_OUT_H_INCLUDED
#define RT_SCIM_OUT_H_INCLUDED


#include "scim/rt_scim_db.h"


#pragma GCC visibility push(hidden)


/*
 * From the last of a list to its first: when others go between two steps,
 * nobody is passed over.  Zeroed before the first step.
 */

typedef struct {
    uint32_t         list;          /* users; then who is gone */
    uint32_t         left;          /* of it, from its beginning */
    unsigned         begun:1;
    unsigned         over:1;
} rt_scim_walk_t;


/* where another user has that name now, "when" is when this one lost it */

typedef struct {
    rt_str_t         name;
    uint64_t         when;          /* ms: what he was given up to then */
} rt_scim_out_t;


/*
 * A step of it.
 * in:   since: who is out for longer is left out; room for max of outs
 * out:  *n of outs, with names in mem; walk->over
 * ret:  RT_OK; RT_ERROR, memory is out
 */
rt_status_e rt_scim_out(rt_mem_t *mem, const rt_scim_db_t *db,
    rt_scim_index_e link, uint64_t since, rt_scim_walk_t *walk,
    rt_scim_out_t *outs, uint32_t max, uint32_t *n);

/* ret: 1 if a user who is there, and is not this one, has that key now */
int rt_scim_another(const rt_scim_db_t *db, rt_scim_index_e link,
    const rt_str_t *name, rt_scim_node_t node);


#pragma GCC visibility pop


#endif /* RT_SCIM_OUT_H_INCLUDED */

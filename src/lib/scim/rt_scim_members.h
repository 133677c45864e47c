
/*
 * What a request does to the members of a group, in the order it says so, made
 * one list of who comes and one of who goes: the last word on an id counts.
 */


#ifndef RT_SCIM_MEMBERS_H_INCLUDED
#define RT_SCIM_MEMBERS_H_INCLUDED


#include "scim/rt_scim.h"


#pragma GCC visibility push(hidden)


/*
 * Ids are those that the client sent: that there is such a user is for the
 * store to say.  Each list is sorted by bytes and has no id twice; no id is in
 * both.
 */

typedef struct {
    unsigned            all;        /* the group has "added" and nobody else */
    rt_str_t           *added;
    size_t              nadded;
    rt_str_t           *removed;    /* may not be members at all */
    size_t              nremoved;
} rt_scim_members_t;


typedef struct rt_scim_said_s  rt_scim_said_t;

typedef struct {
    rt_mem_t           *mem;
    rt_scim_said_t     *last;
    size_t              n;
    unsigned            all;
} rt_scim_members_said_t;


/*
 * in:   value: an id, an object with a "value", an array of these; add, or else
 *       remove
 * ret:  NULL; invalid_value, invalid_syntax, too_large, no_memory
 */
const rt_scim_error_t *rt_scim_members_say(rt_scim_members_said_t *said,
    const rt_json_t *value, unsigned add);

/* the group has no members */
void rt_scim_members_clear(rt_scim_members_said_t *said);

/* ret:  NULL; no_memory */
const rt_scim_error_t *rt_scim_members_end(rt_scim_members_said_t *said,
    rt_scim_members_t *members);


#pragma GCC visibility pop


#endif /* RT_SCIM_MEMBERS_H_INCLUDED */

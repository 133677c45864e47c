
/*
 * What a request does to the members of a group, made one list of those who
 * join and one of those who leave.  Where it names an id more than once, the
 * last time counts.
 */


#ifndef RT_SCIM_MEMBERS_H_INCLUDED
#define RT_SCIM_MEMBERS_H_INCLUDED


#include "scim/rt_scim.h"


#pragma GCC visibility push(hidden)


/*
 * Ids are those that the client sent: the store finds out whether there are
 * such users.  Each list is sorted by bytes and has no id twice, and no id is
 * in both.
 */

typedef struct {
    unsigned            all;        /* 1: nobody but "added" is a member */
    rt_str_t           *added;
    size_t              nadded;
    rt_str_t           *removed;    /* they need not be members */
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
 * in:   value: an id, an object with a "value", or an array of these
 *       add: 1, they join; 0, they leave
 * ret:  NULL; invalid_value, invalid_syntax, too_large, no_memory
 */
const rt_scim_error_t *rt_scim_members_say(rt_scim_members_said_t *said,
    const rt_json_t *value, unsigned add);

/* all members leave */
void rt_scim_members_clear(rt_scim_members_said_t *said);

/* ret:  NULL; no_memory */
const rt_scim_error_t *rt_scim_members_end(rt_scim_members_said_t *said,
    rt_scim_members_t *members);


#pragma GCC visibility pop


#endif /* RT_SCIM_MEMBERS_H_INCLUDED */


/* Headers that say who the user is: who else can send them, who loses them. */


#ifndef RT_CHECK_HEADERS_H_INCLUDED
#define RT_CHECK_HEADERS_H_INCLUDED


#include "rt_check_found.h"


#pragma GCC visibility push(hidden)


/* a client can send a header that this place sends to its application */
void rt_check_not_stripped(rt_check_t *check, const rt_pass_t *p);

/* a client can send here what another server sends to the same application */
void rt_check_not_stripped_there(rt_check_t *check, const rt_pass_t *p,
    const rt_pass_t *other);

/* an outer level sets a header of the user, and this one leaves it out */
void rt_check_lost(rt_check_t *check, const rt_pass_t *p);

/* the first line, from this one on, that sets a header; NULL: none does */
const rt_nginxconf_t *rt_check_sets(const rt_nginxconf_t *line,
    const rt_str_t *name);


#pragma GCC visibility pop


#endif /* RT_CHECK_HEADERS_H_INCLUDED */

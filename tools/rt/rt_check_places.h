
/* Place by place: who gets in, what is logged, what a browser may run. */


#ifndef RT_CHECK_PLACES_H_INCLUDED
#define RT_CHECK_PLACES_H_INCLUDED


#include "rt_check_rules.h"


#pragma GCC visibility push(hidden)


/* each location, in words */
void rt_check_places(const rt_merged_t *shown);

/* each place, as members "modules" and "places" of the object that is open */
void rt_check_places_json(rt_check_t *check, const rt_merged_t *shown);

/* what the three rows of a place come to, a line each, with this before it */
void rt_check_place(const rt_place_t *p, const char *indent);


#pragma GCC visibility pop


#endif /* RT_CHECK_PLACES_H_INCLUDED */


/* Place by place: who gets in, what is logged, what a browser may run. */


#ifndef RT_CHECK_PLACES_H_INCLUDED
#define RT_CHECK_PLACES_H_INCLUDED


#include "rt_check_found.h"
#include "rt_merged.h"


#pragma GCC visibility push(hidden)


/* prints each location in words */
void rt_check_places(const rt_merged_t *shown);

/* writes all places, as members "modules" and "places" of the open object */
void rt_check_places_json(rt_check_t *check, const rt_merged_t *shown);

/* prints a place in three lines, one a module, each with this indent */
void rt_check_place(const rt_place_t *p, const char *indent);


#pragma GCC visibility pop


#endif /* RT_CHECK_PLACES_H_INCLUDED */

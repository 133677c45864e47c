
/*
 * Findings that need what the modules merged: who is asked, what is logged and
 * what a browser may run.  Also TLS in front of all that, or the lack of it.
 */


#ifndef RT_CHECK_HOLES_H_INCLUDED
#define RT_CHECK_HOLES_H_INCLUDED


#include "rt_check_found.h"
#include "rt_merged.h"


#pragma GCC visibility push(hidden)


/* in: version, of nginx, whose defaults count; 0: not known */
void rt_check_holes(rt_check_t *check, const rt_merged_t *shown,
    unsigned version);


#pragma GCC visibility pop


#endif /* RT_CHECK_HOLES_H_INCLUDED */

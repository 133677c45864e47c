
/*
 * The rules of rt check about what nginx -T prints.
 *
 * They look at directives of several modules at once, such as proxy_set_header
 * beside rtauth_strip_header.  Inside nginx a module sees only its own.
 */


#ifndef RT_CHECK_RULES_H_INCLUDED
#define RT_CHECK_RULES_H_INCLUDED


#include "rt_check_found.h"


#pragma GCC visibility push(hidden)


/* finds all there is in a tree; check->mem and check->root must be set */
void rt_check_rules(rt_check_t *check);


#pragma GCC visibility pop


#endif /* RT_CHECK_RULES_H_INCLUDED */

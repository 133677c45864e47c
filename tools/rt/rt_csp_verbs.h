
/* The verbs of rt csp, a file each. */


#ifndef RT_CSP_VERBS_H_INCLUDED
#define RT_CSP_VERBS_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* a verb gets the words behind it; ret: the exit code */
int rt_csp_verb_lint(rt_mem_t *mem, int argc, char **argv);
int rt_csp_verb_hash(rt_mem_t *mem, int argc, char **argv);
int rt_csp_verb_suggest(rt_mem_t *mem, int argc, char **argv);


#pragma GCC visibility pop


#endif /* RT_CSP_VERBS_H_INCLUDED */


/* What the verbs of rt share. */


#ifndef RT_TOOL_H_INCLUDED
#define RT_TOOL_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* exit codes */
#define RT_EXIT_OK      0
#define RT_EXIT_FOUND   1
#define RT_EXIT_FAILED  2
#define RT_EXIT_UNSURE  3


/* a verb gets the words behind it; ret: the exit code */
int rt_check(rt_mem_t *mem, int argc, char **argv);
int rt_audit(rt_mem_t *mem, int argc, char **argv);
int rt_csp_verbs(rt_mem_t *mem, int argc, char **argv);
int rt_users(rt_mem_t *mem, int argc, char **argv);


#pragma GCC visibility pop


#endif /* RT_TOOL_H_INCLUDED */


/* The verbs of "rt audit". */


#ifndef RT_AUDIT_H_INCLUDED
#define RT_AUDIT_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


/* a verb gets the words behind it; ret: the exit code */
int rt_audit_query(rt_mem_t *mem, int argc, char **argv);
int rt_audit_tail(rt_mem_t *mem, int argc, char **argv);
int rt_audit_rescrub(rt_mem_t *mem, int argc, char **argv);
int rt_audit_stats(rt_mem_t *mem, int argc, char **argv);
int rt_audit_verify(rt_mem_t *mem, int argc, char **argv);


#pragma GCC visibility pop


#endif /* RT_AUDIT_H_INCLUDED */

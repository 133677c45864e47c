
/*
 * Requests that had begun and are not over: lines at stage received or started
 * that no event of the same id came after.  Only those that are open at one
 * time take memory.
 */


#ifndef RT_AUDIT_OPEN_H_INCLUDED
#define RT_AUDIT_OPEN_H_INCLUDED


#include "rt_base.h"
#include "event/rt_query_line.h"


#pragma GCC visibility push(hidden)


#define RT_AUDIT_OPEN_SLOTS  4096

typedef struct rt_audit_open_line_s  rt_audit_open_line_t;

typedef struct {
    rt_audit_open_line_t  *slot[RT_AUDIT_OPEN_SLOTS];
    uint64_t               seen;
    size_t                 n;       /* requests that are not over */
    size_t                 bytes;
    unsigned               full;    /* there are more than memory is for */
} rt_audit_open_t;


/* 1: this is the line of a request that was not over */
int rt_audit_open_is(const rt_query_line_t *ev);

/* keeps such a line if it is asked for; any other line ends that of its id */
void rt_audit_open_see(rt_audit_open_t *open, const rt_str_t *line,
    const rt_query_line_t *ev, int asked);

/* their lines, in the order they were seen; ret: n of them, NULL: no memory */
rt_str_t *rt_audit_open_lines(const rt_audit_open_t *open);


#pragma GCC visibility pop


#endif /* RT_AUDIT_OPEN_H_INCLUDED */


/* The events of a file, one after the other, and what in it is none. */


#ifndef RT_AUDIT_EACH_H_INCLUDED
#define RT_AUDIT_EACH_H_INCLUDED


#include "rt_audit_ask.h"


#pragma GCC visibility push(hidden)


/* ret: 1: go on; 0: that is enough */
typedef int (*rt_audit_event_pt)(void *ctx, const rt_str_t *line,
    const rt_query_line_t *ev);


/* what is counted of a file */

typedef struct {
    uint64_t             lines;
    uint64_t             broken;    /* lines that are no JSON */
    uint64_t             first;     /* ... the first of them */
    uint64_t             other;     /* JSON, but no events as we know them */
    unsigned             half;      /* the last line has no end */
} rt_audit_tally_t;


/*
 * Hands over each event of a file that is asked for.  What is no event, and
 * what cannot be read, is said on standard error.
 *
 * ret:  1; 0: the handler has enough
 */
int rt_audit_each(rt_audit_ask_t *ask, const rt_audit_file_t *file,
    rt_audit_event_pt handler, void *ctx);

/* the same from the file's end to its beginning; the file is a plain one */
int rt_audit_each_back(rt_audit_ask_t *ask, const rt_audit_file_t *file,
    rt_audit_event_pt handler, void *ctx);

/*
 * One line, with its LF if it has one, counted and handed over.
 *
 * ret:  what the handler says, else 1
 */
int rt_audit_line(const rt_audit_ask_t *ask, rt_audit_tally_t *tally,
    rt_str_t line, rt_audit_event_pt handler, void *ctx);

/* says what was no event */
void rt_audit_said(const rt_audit_ask_t *ask, const char *name,
    const rt_audit_tally_t *tally);


#pragma GCC visibility pop


#endif /* RT_AUDIT_EACH_H_INCLUDED */

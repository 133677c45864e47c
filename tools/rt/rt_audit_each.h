
/* The events of a file, one after the other, and lines that are no events. */


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
    uint64_t             first;     /* the first of those */
    uint64_t             other;     /* lines of JSON that are no events */
    unsigned             half;      /* the last line has no end */
} rt_audit_tally_t;


/*
 * Hands each event that is asked for to the handler.  Lines that are no events,
 * and a file that cannot be read, are named on standard error.
 *
 * ret:  1; 0: the handler has enough
 */
int rt_audit_each(rt_audit_ask_t *ask, const rt_audit_file_t *file,
    rt_audit_event_pt handler, void *ctx);

/* the same from the file's end to its beginning; the file is a plain one */
int rt_audit_each_back(rt_audit_ask_t *ask, const rt_audit_file_t *file,
    rt_audit_event_pt handler, void *ctx);

/*
 * Counts one line, with its LF if it has one, and hands it over.
 *
 * ret:  what the handler returns, or 1 if it was not called
 */
int rt_audit_line(const rt_audit_ask_t *ask, rt_audit_tally_t *tally,
    rt_str_t line, rt_audit_event_pt handler, void *ctx);

/* says how many lines were no events */
void rt_audit_said(const rt_audit_ask_t *ask, const char *name,
    const rt_audit_tally_t *tally);


#pragma GCC visibility pop


#endif /* RT_AUDIT_EACH_H_INCLUDED */

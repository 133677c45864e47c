
/*
 * Lines of an audit file, plain or compressed with gzip, one at a time.
 */


#ifndef RT_AUDIT_READ_H_INCLUDED
#define RT_AUDIT_READ_H_INCLUDED


#include <sys/stat.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define RT_AUDIT_LINE_MAX  (2 * 1024 * 1024)    /* bytes, with the LF */


typedef struct {
    struct stat     st;
    void           *gz;
    unsigned char  *buf;
    size_t          start;
    size_t          end;
    uint64_t        line;           /* the number of the last line read */
    unsigned        eof:1;
    const char     *why;            /* NULL; else why reading ended early */
} rt_audit_read_t;


/*
 * Opens a regular file, standard input for "-", or what a shell has made of
 * "<(..)"; ret: NULL, or why not.
 */
const char *rt_audit_read_open(rt_audit_read_t *r, const char *name);

/*
 * out:  *line, valid until the next call, with its LF; the last line of a
 *       file, and one that is longer than RT_AUDIT_LINE_MAX, may have none
 * ret:  1; 0: there is no more, or r->why
 */
int rt_audit_read_line(rt_audit_read_t *r, rt_str_t *line);

void rt_audit_read_close(rt_audit_read_t *r);


#pragma GCC visibility pop


#endif /* RT_AUDIT_READ_H_INCLUDED */


/* What is said on the command line to verbs of rt audit that read events. */


#ifndef RT_AUDIT_ASK_H_INCLUDED
#define RT_AUDIT_ASK_H_INCLUDED


#include <sys/stat.h>

#include "rt.h"
#include "rt_audit_open.h"
#include "rt_audit_print.h"
#include "event/rt_query.h"


#pragma GCC visibility push(hidden)


typedef struct {
    const char         *name;
    dev_t               dev;
    ino_t               ino;
    uint64_t            size;
    unsigned            plain;      /* a regular file, not compressed */
    unsigned char       first[RT_TIME_ISO_LEN];     /* of its first event */
} rt_audit_file_t;


/* what a verb was told */

typedef struct {
    const char         *verb;
    rt_mem_t           *mem;
    rt_query_t          query;
    rt_audit_format_e   format;
    uint64_t            limit;      /* UINT64_MAX: none */
    int                 reverse;
    int                 follow;
    int                 only_open;  /* --open */
    unsigned            over;       /* 1: a line of a request that was not over
                                       is not handed to the verb */
    rt_audit_open_t    *open;       /* where such lines are kept; or NULL */
    rt_audit_file_t    *file;       /* in order of time */
    unsigned            nfiles;
    unsigned            trouble;    /* something could not be read */
} rt_audit_ask_t;


/* options that not every verb takes */
#define RT_AUDIT_LIMIT    0x01
#define RT_AUDIT_REVERSE  0x02
#define RT_AUDIT_FOLLOW   0x04
#define RT_AUDIT_FORMAT   0x08
#define RT_AUDIT_OPEN     0x10


/* says why after "rt audit VERB: name: "; ret: RT_EXIT_FAILED */
int rt_audit_failed(const rt_audit_ask_t *ask, const char *name,
    const char *why);

/* when all was read: warns if some of the open requests were not kept */
void rt_audit_open_told(rt_audit_ask_t *ask);

/*
 * Reads the words; a file may be named by a pattern.  Each file is listed once,
 * and files that were last written an hour or more before "since" are left out.
 *
 * in:   ask, with its verb and mem; takes, the options RT_AUDIT_LIMIT ...
 * ret:  RT_EXIT_OK, RT_EXIT_FAILED (it was said why)
 */
int rt_audit_ask(rt_audit_ask_t *ask, int argc, char **argv, unsigned takes);


#pragma GCC visibility pop


#endif /* RT_AUDIT_ASK_H_INCLUDED */

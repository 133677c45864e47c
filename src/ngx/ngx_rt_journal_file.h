
/*
 * The file of a journal, as its thread has it: nothing of nginx is called.
 *
 * A line before the end that is damaged ends what can be read: EBADMSG.  Nobody
 * knows what it said, so whoever uses the file lets nothing depend on the rest,
 * and appends nothing, until somebody has mended the file.  The end of a file
 * is another matter.  What a crash has left of a last line is cut off, and a
 * last line that lacks its LF alone gets it.
 */


#ifndef NGX_RT_JOURNAL_FILE_H_INCLUDED
#define NGX_RT_JOURNAL_FILE_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef struct {
    const char      *path;
    int              fd;            /* -1: not open */
    dev_t            dev;
    ino_t            ino;
    off_t            end;           /* of whole lines that were read */
    off_t            bad;           /* where a damaged line begins, in */
    struct stat      damaged;       /*   the file as it was then */
    struct stat      old;           /* of another: what it comes in place of */
    unsigned         made:1;        /* it was gone, and is empty */
    unsigned         locked:1;
    unsigned         looks:1;       /* "nginx -t": it is never written to */
    char             name[NGX_MAX_PATH + 8];    /* of another, for its path */
} ngx_rt_journal_file_t;


/* each of these returns 0, or errno */

/* what the path leads to, made if there is nothing */
int ngx_rt_journal_file_open(ngx_rt_journal_file_t *f);

/* opens it so, and takes the lock, which nobody else has until unlock() */
int ngx_rt_journal_file_lock(ngx_rt_journal_file_t *f);
void ngx_rt_journal_file_unlock(ngx_rt_journal_file_t *f);

/*
 * The same without waiting: EWOULDBLOCK, another process has the lock.  It may
 * still take back the lines that would be read.
 */
int ngx_rt_journal_file_look(ngx_rt_journal_file_t *f);

/*
 * The whole lines in the next "most" bytes, each of which is sound, from
 * malloc(), or no data; with EBADMSG those before f->bad.
 */
int ngx_rt_journal_file_read(ngx_rt_journal_file_t *f, size_t most,
    rt_str_t *lines);

/*
 * Notes as damaged a line whose meaning its reader does not know; ret: EBADMSG.
 */
int ngx_rt_journal_file_damaged(ngx_rt_journal_file_t *f, off_t bad);

/* the number of f->bad's line, from 1 */
ngx_uint_t ngx_rt_journal_file_line(ngx_rt_journal_file_t *f);

/*
 * In the master, before there are workers: all of it is sound.  Nobody is
 * waited for.
 * in:   *f, zeroed but for the path, and _looks; it is closed again
 * out:  *line, the number of the damaged one, with EBADMSG
 */
int ngx_rt_journal_file_check(ngx_rt_journal_file_t *f, ngx_uint_t *line);

/*
 * To be called with the lock, when all was read.  Cuts off what is no whole
 * line, and appends these lines: all of them are on disk then, or none is
 * there.  ESTALE: meanwhile the path leads to another file.
 */
int ngx_rt_journal_file_append(ngx_rt_journal_file_t *f, rt_str_t *lines);

/*
 * To be called with the lock as well: another file in the place of this one.
 * It is begun, gets its lines, and takes the place or is dropped.  After an
 * error it has been dropped already.  ESTALE: somebody who did not take the
 * lock has written to the old one, or put one of his own there, which stays.
 */
int ngx_rt_journal_file_begin(ngx_rt_journal_file_t *f,
    ngx_rt_journal_file_t *other);
int ngx_rt_journal_file_put(ngx_rt_journal_file_t *other, rt_str_t *lines);
int ngx_rt_journal_file_replace(ngx_rt_journal_file_t *f,
    ngx_rt_journal_file_t *other);
void ngx_rt_journal_file_drop(ngx_rt_journal_file_t *other);

void ngx_rt_journal_file_close(ngx_rt_journal_file_t *f);


#pragma GCC visibility pop


#endif /* NGX_RT_JOURNAL_FILE_H_INCLUDED */


/*
 * The file of a journal, as its thread sees it: nothing of nginx is called, but
 * by _say(), which is the loop's.
 *
 * Reading ends at a damaged line before the end: EBADMSG.  Nobody knows what it
 * said, so whoever uses the file relies on nothing behind it, and appends
 * nothing, until somebody has mended the file.  The end of a file is another
 * matter.  What a crash has left of a last line is cut off, and a last line
 * that lacks only its LF gets it.
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
    off_t            end;           /* where the whole lines end that were
                                       read */
    off_t            bad;           /* where a damaged line begins */
    struct stat      damaged;       /* of the file when that was found */
    struct stat      old;           /* in another file: of the one that it is
                                       to replace */
    unsigned         made:1;        /* it was gone, and is empty */
    ngx_atomic_t     waits;         /* since when the lock is waited for, ms of
                                       the monotonic clock; 0: it is not */
    ngx_atomic_t     told;          /* the loop's: the waits that was logged */
    ngx_msec_t       left;          /* when the lock was let go of last, ms */
    ngx_msec_t       turn;          /* since when there was no gap for others */
    unsigned         missed;        /* looks in a row without the lock */
    unsigned         locked:1;
    unsigned         looks:1;       /* "nginx -t": it is never written to */
    char             name[NGX_MAX_PATH + 8];    /* of another, for its path */
} ngx_rt_journal_file_t;


/* each of these returns 0, or errno */

/* opens what the path leads to, and makes it if there is nothing */
int ngx_rt_journal_file_open(ngx_rt_journal_file_t *f);

/* opens it likewise, and takes the lock, which is its own until unlock() */
int ngx_rt_journal_file_lock(ngx_rt_journal_file_t *f);
void ngx_rt_journal_file_unlock(ngx_rt_journal_file_t *f);

/*
 * The same without waiting.  EWOULDBLOCK: another process has the lock, and may
 * still take back lines that could be read now.
 * Where others take the lock again and again, a look would never find it free:
 * the fourth in a row waits for it.
 */
int ngx_rt_journal_file_look(ngx_rt_journal_file_t *f);

/*
 * Reads the whole lines in the next "most" bytes and checks each of them.
 * out:  *lines, from malloc(); no data: there are none.  With EBADMSG those
 *       before f->bad
 */
int ngx_rt_journal_file_read(ngx_rt_journal_file_t *f, size_t most,
    rt_str_t *lines);

/* notes that a line is damaged which its reader cannot read; ret: EBADMSG */
int ngx_rt_journal_file_damaged(ngx_rt_journal_file_t *f, off_t bad);

/* the number of f->bad's line, from 1 */
ngx_uint_t ngx_rt_journal_file_line(ngx_rt_journal_file_t *f);

/*
 * Checks all of the file, in the master, before there are workers.  It does not
 * wait for a lock.
 * in:   *f, zeroed but for the path and "looks"; it is closed again
 * out:  *line, with EBADMSG the number of the damaged line
 */
int ngx_rt_journal_file_check(ngx_rt_journal_file_t *f, ngx_uint_t *line);

/*
 * Appends lines, with the lock, when all was read; before that it cuts off what
 * is no whole line.  Afterwards all of these lines are on disk, or none is
 * there.  ESTALE: the path leads to another file by now.
 * Where a disk fails so badly that lines can neither be made safe nor be cut
 * off again, those that are whole and still there the next time count, though
 * whoever added them was told that they were not written.
 */
int ngx_rt_journal_file_append(ngx_rt_journal_file_t *f, rt_str_t *lines);

/*
 * These put another file in the place of this one, with the lock.  The other
 * one is begun, gets its lines, and then takes the place or is dropped.  After
 * an error it has been dropped already.  ESTALE: somebody who did not take the
 * lock has written to the old file, or put one of his own there, which stays.
 */
int ngx_rt_journal_file_begin(ngx_rt_journal_file_t *f,
    ngx_rt_journal_file_t *other);
int ngx_rt_journal_file_put(ngx_rt_journal_file_t *other, rt_str_t *lines);
int ngx_rt_journal_file_replace(ngx_rt_journal_file_t *f,
    ngx_rt_journal_file_t *other);
void ngx_rt_journal_file_drop(ngx_rt_journal_file_t *other);

void ngx_rt_journal_file_close(ngx_rt_journal_file_t *f);

/* in the loop: logs once that the thread has waited long for the lock */
void ngx_rt_journal_file_say(ngx_rt_journal_file_t *f, ngx_log_t *log);


#pragma GCC visibility pop


#endif /* NGX_RT_JOURNAL_FILE_H_INCLUDED */


/*
 * A journal (rt_journal.h) that the workers of one nginx, or of two during an
 * upgrade, append to and read.
 *
 * A thread beside the worker's loop (ngx_rt_thread.h) does what may block.  It
 * takes all records that wait, appends them under a lock by one write(), and
 * calls fdatasync() once for them; whoever added one is told in the worker's
 * loop.  So is what others have appended, which the thread looks for.
 */


#ifndef NGX_RT_JOURNAL_H_INCLUDED
#define NGX_RT_JOURNAL_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef struct ngx_rt_journal_s  ngx_rt_journal_t;


/*
 * take: a record that somebody appended, in whatever order, perhaps again
 * all:  in the thread: every record that counts, as lines, from malloc(); it
 *       replaces a file that has grown.  NULL data: not now
 */

typedef struct {
    void      (*take)(void *data, rt_str_t *record);
    rt_str_t  (*all)(void *data);
    void       *data;
} ngx_rt_journal_owner_t;


/* err: 0, it is on disk; else it is not, and errno.  Not after cancel() */
typedef void (*ngx_rt_journal_pt)(void *data, ngx_err_t err);


/*
 * Reads all of the file at once, and starts the thread.
 * in:   path, NUL-terminated, as long as the journal; in a folder of its own
 *       user, who alone may write to it; the master found it sound
 * ret:  NULL after a message
 */
ngx_rt_journal_t *ngx_rt_journal_open(ngx_str_t *path,
    ngx_rt_journal_owner_t *owner, ngx_log_t *log);

/* waits for what is under way */
void ngx_rt_journal_close(ngx_rt_journal_t *j);

/* 1: a line was damaged since: what is behind it is not read, nothing added */
ngx_uint_t ngx_rt_journal_damaged(ngx_rt_journal_t *j);

/*
 * handler may be NULL.
 * ret:  what cancel() takes, until handler was called; NULL: memory is out
 */
void *ngx_rt_journal_add(ngx_rt_journal_t *j, rt_str_t *record,
    ngx_rt_journal_pt handler, void *data);
void ngx_rt_journal_cancel(void *entry);


#pragma GCC visibility pop


#endif /* NGX_RT_JOURNAL_H_INCLUDED */


/*
 * Lines on disk that a collector is to get: a folder of the workers' user.
 *
 *   open                lines are added here, until there is a segment of them
 *   0000000000000007    a segment, oldest first; removed when all was taken
 *   refused             lines that the collector does not take
 *   sender              is locked by the process that sends
 *
 * Each file is a journal (rt_journal.h), so that a line that was torn or
 * damaged is known.  The folder is locked (flock) by who adds lines or closes
 * a segment: two nginx have it open during an upgrade.
 *
 * It touches no function of nginx: a thread uses it.
 */


#ifndef NGX_HTTP_RTAUDIT_SPOOL_H_INCLUDED
#define NGX_HTTP_RTAUDIT_SPOOL_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include <sys/uio.h>

#include "event/rt_batch.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_SEGMENT  (2 * 1024 * 1024)     /* bytes */
#define NGX_HTTP_RTAUDIT_SPOOL    8                     /* segments, at least */


/* one a thread: it has a buffer */

typedef struct {
    char              *path;
    int                folder;      /* -1: not open */
    ngx_uint_t         most;        /* segments, a quarter of them refused */
    u_char            *buf;         /* of a segment */
    char               name[17];    /* of the segment that is read */
} ngx_http_rtaudit_spool_t;


/* path is copied; NGX_ERROR: memory */
ngx_int_t ngx_http_rtaudit_spool_init(ngx_http_rtaudit_spool_t *spool,
    ngx_str_t *path, ngx_uint_t most, ngx_log_t *log);
void ngx_http_rtaudit_spool_free(ngx_http_rtaudit_spool_t *spool);


/* 1 if there is anything in that folder that is not a spool's */
ngx_uint_t ngx_http_rtaudit_spool_foreign(const char *path);


/* of each: 0, or errno */

/* the folder is there, also when it was made anew */
int ngx_http_rtaudit_spool_ready(ngx_http_rtaudit_spool_t *spool);

/*
 * Adds whole lines, each with its LF; *done becomes how many.  EDQUOT: the
 * spool is full; EAGAIN: somebody else is adding; EMSGSIZE: the next line is
 * larger than a segment.
 */
int ngx_http_rtaudit_spool_add(ngx_http_rtaudit_spool_t *spool,
    struct iovec *iov, ngx_uint_t n, ngx_uint_t *done);

/*
 * This process may send, until it closes *fd, which begins as -1.
 * EWOULDBLOCK: another one does.
 */
int ngx_http_rtaudit_spool_lead(ngx_http_rtaudit_spool_t *spool, int *fd);

/* the oldest segment, in the buffer.  ENOENT: there is nothing to send */
int ngx_http_rtaudit_spool_read(ngx_http_rtaudit_spool_t *spool,
    rt_str_t *segment);

/* that segment is over */
int ngx_http_rtaudit_spool_remove(ngx_http_rtaudit_spool_t *spool);

/* keeps its lines that were refused.  EDQUOT: there are too many of them */
int ngx_http_rtaudit_spool_refuse(ngx_http_rtaudit_spool_t *spool,
    rt_batch_t *batch);

/* that segment has no other lines from now on than those that wait */
int ngx_http_rtaudit_spool_rest(ngx_http_rtaudit_spool_t *spool,
    rt_batch_t *batch);

/* bytes that wait */
uint64_t ngx_http_rtaudit_spool_waiting(ngx_http_rtaudit_spool_t *spool);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_SPOOL_H_INCLUDED */

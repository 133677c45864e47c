
/*
 * The writer: a thread beside the worker's loop that drains rings into
 * files.  It blocks where the disk blocks, and so the worker never does.
 *
 * The thread touches no nginx function, pool or log, and no signal reaches
 * it.  What it and the worker tell each other goes through the atomics
 * below.
 */


#ifndef NGX_HTTP_RTAUDIT_WRITER_H_INCLUDED
#define NGX_HTTP_RTAUDIT_WRITER_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "ngx_http_rtaudit_zone.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_BATCH     512      /* lines of one writev() */
#define NGX_HTTP_RTAUDIT_HELD      8        /* rings drained at a time */
#define NGX_HTTP_RTAUDIT_STALE     5000     /* ms without progress */


typedef struct {
    ngx_http_rtaudit_sink_t     *sink;      /* not for the thread: it may
                                               outlive the configuration */
    ngx_uint_t                   id;
    ngx_uint_t                   required;
    int                          fd;        /* the thread's own */
    uint64_t                     waiting;   /* ms; for flock(), since */
    uint64_t                     retry;     /* ms; not before */
    ngx_uint_t                   pause;     /* ms; the next back-off */
    unsigned                     busy:1;    /* its lock was held for long */

    _Atomic int                  next_fd;   /* to change to; -1: none */
    _Atomic int                  err;       /* of the last write; 0: none */
    ngx_http_rtaudit_count_t     good;      /* ms: idle or progress */

    /* the worker's */
    int                          said;      /* err that was logged */
    unsigned                     reopen:1;
} ngx_http_rtaudit_file_t;


typedef enum {
    NGX_HTTP_RTAUDIT_FREE = 0,              /* the worker may fill it */
    NGX_HTTP_RTAUDIT_KEEP,                  /* drain it as long as it lives */
    NGX_HTTP_RTAUDIT_EMPTY,                 /* drain it until it is empty */
    NGX_HTTP_RTAUDIT_EMPTIED                /* the worker may take it back */
} ngx_http_rtaudit_held_e;


typedef struct {
    ngx_http_rtaudit_slot_t     *slot;
    _Atomic int                  state;
} ngx_http_rtaudit_held_t;


typedef struct {
    ngx_http_rtaudit_zone_t     *zone;
    pthread_t                    thread;
    int                          wake;      /* eventfd */
    unsigned                     running:1;

    _Atomic int                  asleep;
    _Atomic int                  hurried;   /* woken, a ring fills */
    _Atomic int                  stop;
    _Atomic int                  done;

    uint64_t                     deadline;  /* ms; set before stop */
    ngx_uint_t                   tries;     /* the thread's, after stop */

    ngx_uint_t                   nfiles;
    ngx_http_rtaudit_file_t      file[NGX_HTTP_RTAUDIT_SINKS];
    ngx_http_rtaudit_held_t      held[NGX_HTTP_RTAUDIT_HELD];
} ngx_http_rtaudit_writer_t;


/* starts the thread; zone, files and held are filled in */
ngx_int_t ngx_http_rtaudit_writer_start(ngx_http_rtaudit_writer_t *w,
    ngx_log_t *log);

/*
 * Lets the thread drain what it can and ends it: NGX_OK, or NGX_BUSY when
 * it is still blocked after timeout ms.
 */
ngx_int_t ngx_http_rtaudit_writer_stop(ngx_http_rtaudit_writer_t *w,
    ngx_msec_t timeout);

/* after a put into slot */
void ngx_http_rtaudit_writer_wake(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_slot_t *slot);

/* the file takes lines at present */
ngx_uint_t ngx_http_rtaudit_writer_healthy(ngx_http_rtaudit_file_t *file);

/* milliseconds of the monotonic clock */
uint64_t ngx_http_rtaudit_now(void);

/*
 * Drains one ring into one file as far as one writev() goes; by the thread
 * only.  Returns the number of frames it moved over.
 */
ngx_uint_t ngx_http_rtaudit_drain(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_file_t *file, ngx_http_rtaudit_slot_t *slot);

/* the same for frames whose sinks this worker does not know (any more) */
ngx_uint_t ngx_http_rtaudit_drain_unknown(ngx_http_rtaudit_writer_t *w,
    ngx_uint_t id, ngx_http_rtaudit_slot_t *slot);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_WRITER_H_INCLUDED */

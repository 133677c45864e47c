
/*
 * The writer: a thread beside the worker's loop that drains rings into
 * sinks.  It blocks where the disk blocks, and so the worker never does.
 *
 * The thread touches no nginx function, pool or log, and no signal reaches
 * it.  What it and the worker tell each other goes through the atomics
 * below.
 */


#ifndef NGX_HTTP_RTAUDIT_WRITER_H_INCLUDED
#define NGX_HTTP_RTAUDIT_WRITER_H_INCLUDED


#include "sink/ngx_http_rtaudit_drain.h"
#include "sink/ngx_http_rtaudit_kind.h"
#include "sink/ngx_http_rtaudit_zone.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_HELD      8        /* rings drained at a time */


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
    int                          wake;      /* eventfd, to the thread */
    int                          told;      /* ... from it; -1: no sink is
                                               strict */
    unsigned                     running:1;

    _Atomic int                  asleep;
    _Atomic int                  hurried;   /* woken, a ring fills */
    _Atomic int                  pressed;   /* woken, a request waits */
    _Atomic ngx_uint_t           waiting;   /* requests that do */
    _Atomic int                  stop;
    _Atomic int                  done;

    ngx_uint_t                   full;      /* of the thread: some sink took as
                                               much as fits into one write, and
                                               more may wait */

    uint64_t                     timeout;   /* ms; set before stop */
    ngx_http_rtaudit_count_t     deadline;  /* ms; moves with progress */

    ngx_uint_t                   nouts;
    ngx_http_rtaudit_out_t       out[NGX_HTTP_RTAUDIT_SINKS];
    ngx_http_rtaudit_held_t      held[NGX_HTTP_RTAUDIT_HELD];
} ngx_http_rtaudit_writer_t;


/* starts the thread; zone, outs and held are filled in */
ngx_int_t ngx_http_rtaudit_writer_start(ngx_http_rtaudit_writer_t *w,
    ngx_log_t *log);

/*
 * Lets the thread drain what it can and ends it timeout ms after its last
 * progress: NGX_OK, or NGX_BUSY when it is blocked.
 */
ngx_int_t ngx_http_rtaudit_writer_stop(ngx_http_rtaudit_writer_t *w,
    ngx_msec_t timeout);

/* drains the late ring, too, unless another worker does: NGX_OK, NGX_BUSY */
ngx_int_t ngx_http_rtaudit_writer_late(ngx_http_rtaudit_writer_t *w);

/* after a put into slot */
void ngx_http_rtaudit_writer_wake(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_slot_t *slot);

/* after a put that a request waits for: no lingering */
void ngx_http_rtaudit_writer_press(ngx_http_rtaudit_writer_t *w);

/* the sink takes lines at present */
ngx_uint_t ngx_http_rtaudit_writer_healthy(ngx_http_rtaudit_out_t *out);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_WRITER_H_INCLUDED */

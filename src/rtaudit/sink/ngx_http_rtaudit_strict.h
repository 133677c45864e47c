
/*
 * Requests that wait until their intent is on disk, in the worker.
 *
 * The writer's thread commits, and tells the worker by an eventfd; the worker
 * looks which of its requests may go on.  A ring that another worker drains
 * (the late one) tells nobody here: its requests look by themselves.
 */


#ifndef NGX_HTTP_RTAUDIT_STRICT_H_INCLUDED
#define NGX_HTTP_RTAUDIT_STRICT_H_INCLUDED


#include "sink/ngx_http_rtaudit_writer.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_queue_t                  queue;
    ngx_http_request_t          *request;
    ngx_event_t                  timer;
    ngx_msec_t                   deadline;
    unsigned                     queued:1;

    /* the intent: in this ring up to here, for these sinks; NULL: nowhere */
    ngx_http_rtaudit_slot_t     *slot;
    uint64_t                     end;
    uint32_t                     sinks;
} ngx_http_rtaudit_strict_t;


/* life of the worker; its writer has begun, and ends after it */
ngx_int_t ngx_http_rtaudit_strict_open(ngx_http_rtaudit_writer_t *writer,
    ngx_log_t *log);
void ngx_http_rtaudit_strict_close(void);

/* an intent is in the ring; NULL: no memory */
ngx_http_rtaudit_strict_t *ngx_http_rtaudit_strict_begin(
    ngx_http_request_t *r, ngx_http_rtaudit_slot_t *slot, uint64_t end,
    uint32_t sinks);

/*
 * In a phase: NGX_OK: it is on disk; NGX_AGAIN: it is not yet, the phase runs
 * again; NGX_ERROR: it will not be, or it takes too long.
 */
ngx_int_t ngx_http_rtaudit_strict_wait(ngx_http_rtaudit_strict_t *st);

/* the request is over; does nothing for one that waits no more */
void ngx_http_rtaudit_strict_end(ngx_http_rtaudit_strict_t *st);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_STRICT_H_INCLUDED */

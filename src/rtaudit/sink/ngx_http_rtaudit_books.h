
/*
 * The books of a worker: each request of an audited location is counted when
 * it begins, and is one event, or one loss, when it is over.
 */


#ifndef NGX_HTTP_RTAUDIT_BOOKS_H_INCLUDED
#define NGX_HTTP_RTAUDIT_BOOKS_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "sink/ngx_http_rtaudit_writer.h"
#include "sink/ngx_http_rtaudit_zone.h"

#include "text/rt_uuid.h"


#pragma GCC visibility push(hidden)


/* one event on its way: sinks that were told the same share a line */

typedef struct {
    ngx_array_t                 *sinks;     /* ngx_http_rtaudit_sink_t * */
    ngx_http_rtaudit_slot_t     *slot;
    uint32_t                     left;      /* sinks still without it */
    uint32_t                     mark;      /* sinks of the present line */
    uint64_t                     lost;      /* what that line tells them */
    unsigned                     locked:1;  /* the late ring is, for it */
    unsigned                     extra:1;   /* it is no request's */
    uint64_t                     end;       /* of what put() put, in the ring;
                                               0: nothing */
} ngx_http_rtaudit_entry_t;


/* life: the worker begins and ends */

ngx_int_t ngx_http_rtaudit_books_open(ngx_http_rtaudit_writer_t *writer,
    ngx_cycle_t *cycle, size_t max_event);
void ngx_http_rtaudit_books_close(void);

/* the slot everything is booked in from now on: this worker's own ... */
void ngx_http_rtaudit_books_slot(ngx_http_rtaudit_slot_t *slot);

/* ... or the late one; what is in hand of its own moves there */
void ngx_http_rtaudit_books_late(void);

/* no more lines of this worker but own ones: it ends */
void ngx_http_rtaudit_books_leave(void);

/* what is still in hand is over, without events */
void ngx_http_rtaudit_books_settle(void);

/* lines that found the ring full since the last call */
uint64_t ngx_http_rtaudit_books_overflow(void);

/* [notice] what was booked in this slot */
void ngx_http_rtaudit_books_summary(ngx_http_rtaudit_slot_t *slot,
    ngx_log_t *log);


/*
 * Books a request for these sinks.  Returns the slot it was booked in, which
 * goes to exactly one of waive, lose and event; NULL: no worker, no books.
 */
ngx_http_rtaudit_slot_t *ngx_http_rtaudit_books_begin(ngx_array_t *sinks);

/* no event is wanted after all */
void ngx_http_rtaudit_books_waive(ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot);

/* the event cannot be had */
void ngx_http_rtaudit_books_lose(ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot, rt_event_drop_e why);

/*
 * The event is due.  Until next() returns 0, a line is made for each call of
 * it and put: stamp() gives it stream, seq and lost, put() moves it into the
 * ring, or books the loss when line is NULL, or when there is no room.  The
 * line is in the scratch.
 */
void ngx_http_rtaudit_books_event(ngx_http_rtaudit_entry_t *e,
    ngx_array_t *sinks, ngx_http_rtaudit_slot_t *slot);

/* likewise of a line that is no request's event, and tells of no losses */
void ngx_http_rtaudit_books_extra(ngx_http_rtaudit_entry_t *e,
    uint32_t sinks);

ngx_uint_t ngx_http_rtaudit_books_next(ngx_http_rtaudit_entry_t *e);
void ngx_http_rtaudit_books_stamp(ngx_http_rtaudit_entry_t *e,
    rt_event_t *ev);
void ngx_http_rtaudit_books_put(ngx_http_rtaudit_entry_t *e,
    ngx_str_t *line, rt_event_drop_e why);

/* no lingering: a request waits for what was put */
void ngx_http_rtaudit_books_press(void);

/* counts a request that a required sink could not take */
void ngx_http_rtaudit_books_refused(void);

/* NGX_BUSY: what is left of the ring is for requests */
ngx_int_t ngx_http_rtaudit_books_room(void);

/* has this sink all lines of the ring in use? */
ngx_uint_t ngx_http_rtaudit_books_empty(ngx_uint_t id);

/* NGX_OK, or NGX_BUSY when a required sink of these cannot take more */
ngx_int_t ngx_http_rtaudit_books_gate(ngx_array_t *sinks);

/* memory for one line of at most *size bytes, valid until the next call */
u_char *ngx_http_rtaudit_books_scratch(size_t *size);

/* RT_UUID_LEN bytes; NGX_ERROR: no randomness */
ngx_int_t ngx_http_rtaudit_books_uuid(uint64_t ms, u_char *dst);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_BOOKS_H_INCLUDED */

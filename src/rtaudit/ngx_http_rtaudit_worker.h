
/*
 * A worker process: its slot, its writer, its timer.
 */


#ifndef NGX_HTTP_RTAUDIT_WORKER_H_INCLUDED
#define NGX_HTTP_RTAUDIT_WORKER_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "ngx_http_rtaudit_writer.h"
#include "ngx_http_rtaudit_zone.h"

#include "rt_uuid.h"


#pragma GCC visibility push(hidden)


ngx_int_t ngx_http_rtaudit_worker_init(ngx_cycle_t *cycle,
    ngx_http_rtaudit_main_conf_t *mcf);
void ngx_http_rtaudit_worker_exit(ngx_cycle_t *cycle);

/* a new configuration in the same process: without a master only */
ngx_int_t ngx_http_rtaudit_worker_renew(ngx_cycle_t *cycle,
    ngx_http_rtaudit_main_conf_t *mcf);

/* the file of this sink is about to be opened anew */
void ngx_http_rtaudit_worker_reopen(ngx_http_rtaudit_sink_t *sink);


/* the slot of this worker, or NULL: all are held by others */
ngx_http_rtaudit_slot_t *ngx_http_rtaudit_worker_slot(void);

/*
 * Books a request for these sinks.  Returns the slot it was booked in, which
 * goes to exactly one of the two below; NULL: booked nowhere yet.
 */
ngx_http_rtaudit_slot_t *ngx_http_rtaudit_worker_begin(ngx_array_t *sinks);

/* no event is wanted after all */
void ngx_http_rtaudit_worker_waive(ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot);

/* puts the line into the ring, or books the loss; line NULL: lost, why */
void ngx_http_rtaudit_worker_end(ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot, ngx_str_t *line, rt_event_drop_e why);

/* NGX_OK, or NGX_BUSY when a required sink of these cannot take more */
ngx_int_t ngx_http_rtaudit_worker_gate(ngx_array_t *sinks);

/* memory for one line of at most *size bytes, valid until the next call */
u_char *ngx_http_rtaudit_worker_scratch(size_t *size);

/* RT_UUID_LEN bytes; NGX_ERROR: no randomness */
ngx_int_t ngx_http_rtaudit_worker_uuid(uint64_t ms, u_char *dst);

/* stream, seq and lost of the next event; counted only by a put */
void ngx_http_rtaudit_worker_stamp(rt_event_t *ev);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_WORKER_H_INCLUDED */

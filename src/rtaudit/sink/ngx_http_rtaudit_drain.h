
/*
 * From ring to sink, whatever the sink is.  Runs in the writer's thread.
 *
 * One process at a time writes to a sink: a lock (shm, robust) says so.
 * Within it the drain first notes what it is about to have written (the
 * intent), then lets the sink write, then books what is out and moves the
 * ring's cursor.  Should the process be killed in between, the next one that
 * takes the lock sees by the cursor whether the batch was booked, and has
 * the sink take it back if it was not: it is still in its ring.
 */


#ifndef NGX_HTTP_RTAUDIT_DRAIN_H_INCLUDED
#define NGX_HTTP_RTAUDIT_DRAIN_H_INCLUDED


#include "sink/ngx_http_rtaudit_kind.h"
#include "sink/ngx_http_rtaudit_zone.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_STALE     5000     /* ms without progress */


/*
 * Drains one ring into one sink as far as one write goes.  Returns the
 * number of frames it moved over.
 */
ngx_uint_t ngx_http_rtaudit_drain(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_slot_t *slot);

/* the same for frames whose sinks this worker does not know (any more) */
ngx_uint_t ngx_http_rtaudit_drain_unknown(ngx_uint_t id,
    ngx_http_rtaudit_slot_t *slot);

/*
 * Nobody else has this zone any more.  The last writer to this sink may have
 * died in a write: books the lines that are out.  NGX_BUSY: one is in it yet.
 */
ngx_int_t ngx_http_rtaudit_drain_inherit(ngx_http_rtaudit_zone_t *zone,
    ngx_uint_t id);

/*
 * The sink was looked at: what was written from this ring since the last
 * look is safe, or lost.
 */
void ngx_http_rtaudit_drain_looked(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_slot_t *slot, ngx_int_t lost);

/* what was written from this ring was committed: rc is what the kind said */
void ngx_http_rtaudit_drain_committed(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_slot_t *slot, ngx_int_t rc);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_DRAIN_H_INCLUDED */

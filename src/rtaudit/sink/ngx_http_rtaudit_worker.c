
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sink/ngx_http_rtaudit_books.h"
#include "sink/ngx_http_rtaudit_checkpoint.h"
#include "sink/ngx_http_rtaudit_line.h"
#include "sink/ngx_http_rtaudit_own.h"
#include "sink/ngx_http_rtaudit_retired.h"
#include "sink/ngx_http_rtaudit_strict.h"
#include "sink/ngx_http_rtaudit_worker.h"


#define NGX_HTTP_RTAUDIT_TICK       1000    /* ms between looks at what others
                                               left */
#define NGX_HTTP_RTAUDIT_SOON       50      /* ms; ... while one that goes has
                                               rings to give back */
#define NGX_HTTP_RTAUDIT_WARN       60000   /* ms between warnings */
#define NGX_HTTP_RTAUDIT_LATE_TRIES 50      /* of 10 ms, at the end */
#define NGX_HTTP_RTAUDIT_STOP_WAIT  5000    /* ms without progress for the
                                               writer to empty the rings */
#define NGX_HTTP_RTAUDIT_LAST_WAIT  1000    /* ms; ... of AUDIT_STOP */


typedef struct {
    ngx_http_rtaudit_main_conf_t  *mcf;
    ngx_http_rtaudit_zone_t       *zone;
    ngx_http_rtaudit_slot_t       *slot;
    ngx_http_rtaudit_writer_t      writer;
    ngx_http_rtaudit_room_t        room;    /* the writer's */
    ngx_event_t                    timer;
    ngx_event_t                    reopen;
    ngx_connection_t               dummy;   /* timers name their fd */
    ngx_log_t                     *log;
    uint64_t                       warned;  /* ms; of a full ring, last */
    unsigned                       late:1;  /* it shares the late ring */
} ngx_http_rtaudit_worker_t;


/* one a process */

static ngx_http_rtaudit_worker_t  *ngx_http_rtaudit_worker;


static ngx_int_t ngx_http_rtaudit_worker_sinks(ngx_http_rtaudit_worker_t *w,
    ngx_http_rtaudit_main_conf_t *mcf);
static void ngx_http_rtaudit_worker_timers(ngx_http_rtaudit_worker_t *w);
static void ngx_http_rtaudit_worker_tick(ngx_event_t *ev);
static void ngx_http_rtaudit_worker_reopen(ngx_event_t *ev);
static void ngx_http_rtaudit_worker_take(ngx_http_rtaudit_worker_t *w);
static void ngx_http_rtaudit_worker_give(ngx_http_rtaudit_worker_t *w);
static void ngx_http_rtaudit_worker_late(ngx_http_rtaudit_worker_t *w);
static ngx_int_t ngx_http_rtaudit_worker_last(ngx_http_rtaudit_worker_t *w);
static void ngx_http_rtaudit_worker_orphans(ngx_http_rtaudit_worker_t *w);
static void ngx_http_rtaudit_worker_tell(ngx_http_rtaudit_worker_t *w,
    ngx_uint_t going);
static void ngx_http_rtaudit_worker_say(ngx_http_rtaudit_worker_t *w);
static void ngx_http_rtaudit_worker_overflow(ngx_http_rtaudit_worker_t *w,
    ngx_uint_t now);


ngx_int_t
ngx_http_rtaudit_worker_init(ngx_cycle_t *cycle,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    ngx_http_rtaudit_worker_t  *w;

    if (mcf == NULL || mcf->sh == NULL || mcf->sinks.nelts == 0) {
        return NGX_OK;
    }

    /* not from a pool: a writer that is stuck may outlive them */

    w = ngx_calloc(sizeof(ngx_http_rtaudit_worker_t), cycle->log);
    if (w == NULL) {
        return NGX_ERROR;
    }

    w->mcf = mcf;
    w->zone = mcf->sh;
    w->log = cycle->log;
    w->writer.zone = w->zone;

    if (ngx_http_rtaudit_worker_sinks(w, mcf) != NGX_OK
        || ngx_http_rtaudit_books_open(&w->writer, cycle, mcf->max_event)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_rtaudit_worker_take(w);

    if (ngx_http_rtaudit_writer_start(&w->writer, cycle->log) != NGX_OK
        || ngx_http_rtaudit_strict_open(&w->writer, cycle->log) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_rtaudit_worker_timers(w);
    ngx_http_rtaudit_worker = w;
    ngx_http_rtaudit_own_tell(&w->writer, mcf, w->log);

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_worker_sinks(ngx_http_rtaudit_worker_t *w,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    ngx_uint_t                  i;
    ngx_http_rtaudit_out_t     *out;
    ngx_http_rtaudit_sink_t   **sink;

    sink = mcf->sinks.elts;

    for (i = 0; i < mcf->sinks.nelts; i++) {
        out = &w->writer.out[i];

        out->sink = sink[i];
        out->kind = sink[i]->kind;
        out->zone = w->zone;
        out->id = sink[i]->id;
        out->required = sink[i]->required;
        out->alone = (mcf->sinks.nelts == 1);
        out->commits = sink[i]->commits;
        out->fsync = sink[i]->fsync;

        if (ngx_http_rtaudit_line_open(out, mcf, &w->room, w->log) != NGX_OK
            || out->kind->open(out, w->log) != NGX_OK)
        {
            return NGX_ERROR;
        }

        sink[i]->reopen = &w->reopen;
        w->writer.nouts++;
    }

    return NGX_OK;
}


static void
ngx_http_rtaudit_worker_timers(ngx_http_rtaudit_worker_t *w)
{
    w->dummy.fd = (ngx_socket_t) -1;

    w->timer.handler = ngx_http_rtaudit_worker_tick;
    w->timer.data = &w->dummy;
    w->timer.log = w->log;
    w->timer.cancelable = 1;

    w->reopen.handler = ngx_http_rtaudit_worker_reopen;
    w->reopen.data = &w->dummy;
    w->reopen.log = w->log;
    w->reopen.cancelable = 1;

    ngx_add_timer(&w->timer, NGX_HTTP_RTAUDIT_TICK);
}


void
ngx_http_rtaudit_worker_exit(ngx_cycle_t *cycle)
{
    ngx_uint_t                  i;
    ngx_http_rtaudit_out_t     *out;
    ngx_http_rtaudit_worker_t  *w;

    w = ngx_http_rtaudit_worker;

    if (w == NULL) {
        return;
    }

    ngx_http_rtaudit_worker = NULL;

    if (w->timer.timer_set) {
        ngx_del_timer(&w->timer);
    }

    if (w->reopen.timer_set) {
        ngx_del_timer(&w->reopen);
    }

    ngx_http_rtaudit_worker_tell(w, 1);
    ngx_http_rtaudit_strict_close();
    ngx_http_rtaudit_books_settle();
    (void) ngx_http_rtaudit_hands_settle(w->zone);
    ngx_http_rtaudit_worker_late(w);

    if (ngx_http_rtaudit_writer_stop(&w->writer, NGX_HTTP_RTAUDIT_STOP_WAIT)
        != NGX_OK
        || ngx_http_rtaudit_worker_last(w) != NGX_OK)
    {
        /* its locks open when the process ends; nothing is freed */

        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0,
                      "rtaudit: the writer is blocked, its events are left "
                      "to other workers");
        return;
    }

    ngx_http_rtaudit_worker_say(w);
    ngx_http_rtaudit_worker_overflow(w, 1);

    /* its own ring, which the late one may have followed already */

    if (w->writer.held[0].slot) {
        ngx_http_rtaudit_books_summary(w->writer.held[0].slot, w->log);
    }

    if (w->late) {
        ngx_http_rtaudit_books_summary(ngx_http_rtaudit_zone_late(w->zone),
                                       w->log);
    }

    ngx_http_rtaudit_books_close();

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        if (atomic_load(&w->writer.held[i].state) != NGX_HTTP_RTAUDIT_FREE) {
            ngx_http_rtaudit_slot_release(w->writer.held[i].slot);
        }
    }

    for (i = 0; i < w->writer.nouts; i++) {
        out = &w->writer.out[i];

        out->sink->reopen = NULL;
        out->kind->close(out);
        ngx_http_rtaudit_line_close(out);
    }

    ngx_free(w->room.start);
    ngx_free(w);
}


/* the last worker that has a sink says that it ends, and writes that itself */

static ngx_int_t
ngx_http_rtaudit_worker_last(ngx_http_rtaudit_worker_t *w)
{
    uint32_t  sinks;

    sinks = ngx_http_rtaudit_own_stop(&w->writer, w->mcf, w->log);

    if (sinks == 0) {
        return NGX_OK;
    }

    ngx_http_rtaudit_worker_late(w);

    if (ngx_http_rtaudit_writer_start(&w->writer, w->log) != NGX_OK) {
        return NGX_OK;
    }

    if (ngx_http_rtaudit_writer_stop(&w->writer, NGX_HTTP_RTAUDIT_LAST_WAIT)
        != NGX_OK)
    {
        return NGX_BUSY;
    }

    ngx_http_rtaudit_own_stopped(&w->writer, sinks);

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_worker_renew(ngx_cycle_t *cycle,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    if (ngx_http_rtaudit_worker == NULL) {
        return NGX_OK;
    }

    ngx_http_rtaudit_worker_exit(cycle);

    return ngx_http_rtaudit_worker_init(cycle, mcf);
}


/* takes a ring that nobody alive holds, or else uses the late one */

static void
ngx_http_rtaudit_worker_take(ngx_http_rtaudit_worker_t *w)
{
    ngx_uint_t                next;
    ngx_http_rtaudit_slot_t  *slot;

    next = 0;
    slot = ngx_http_rtaudit_slot_claim(w->zone, &next);

    if (slot == NULL) {

        if (!w->late) {
            ngx_log_error(NGX_LOG_NOTICE, w->log, 0,
                          "rtaudit: all %ui rings are held by other workers, "
                          "the late ring is used until one is given back",
                          w->zone->nslots);

            ngx_http_rtaudit_books_late();
        }

        w->late = 1;
        return;
    }

    w->slot = slot;

    ngx_http_rtaudit_books_slot(slot);

    w->writer.held[0].slot = slot;
    atomic_store_explicit(&w->writer.held[0].state, NGX_HTTP_RTAUDIT_KEEP,
                          memory_order_release);
}


/*
 * A worker that was told to go may live as long as a download does.  It gives
 * its ring back, for others need it.
 */

static void
ngx_http_rtaudit_worker_give(ngx_http_rtaudit_worker_t *w)
{
    w->slot = NULL;
    w->late = 1;

    ngx_http_rtaudit_books_late();

    atomic_store_explicit(&w->writer.held[0].state, NGX_HTTP_RTAUDIT_EMPTY,
                          memory_order_release);
}


/*
 * At the end: who empties the late ring?  Another worker that is about to end
 * as well may have looked for the last time.
 */

static void
ngx_http_rtaudit_worker_late(ngx_http_rtaudit_worker_t *w)
{
    ngx_uint_t  tries;

    for (tries = 0; tries < NGX_HTTP_RTAUDIT_LATE_TRIES; tries++) {

        if (rt_ring_used(&ngx_http_rtaudit_zone_late(w->zone)->ring) == 0
            || ngx_http_rtaudit_writer_late(&w->writer) == NGX_OK)
        {
            return;
        }

        ngx_msleep(10);
    }
}


/* a ring with something in it that nobody alive holds, from *next on */

static ngx_http_rtaudit_slot_t *
ngx_http_rtaudit_worker_orphan(ngx_http_rtaudit_zone_t *zone,
    ngx_uint_t *next)
{
    ngx_http_rtaudit_slot_t  *slot;

    while ((slot = ngx_http_rtaudit_slot_claim(zone, next)) != NULL) {

        if (rt_ring_used(&slot->ring)) {
            return slot;
        }

        ngx_http_rtaudit_slot_release(slot);
    }

    if (*next > zone->nslots
        || rt_ring_used(&ngx_http_rtaudit_zone_late(zone)->ring) == 0)
    {
        return NULL;
    }

    /* behind the last one */

    *next = zone->nslots + 1;

    return ngx_http_rtaudit_late_claim(zone);
}


/* rings that others left behind, or share, are emptied */

static void
ngx_http_rtaudit_worker_orphans(ngx_http_rtaudit_worker_t *w)
{
    ngx_uint_t                i, next;
    ngx_http_rtaudit_slot_t  *slot;
    ngx_http_rtaudit_held_t  *held;

    next = 0;

    /* the first is for the worker's own */

    for (i = 1; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        held = &w->writer.held[i];

        if (held->slot) {
            continue;
        }

        slot = ngx_http_rtaudit_worker_orphan(w->zone, &next);

        if (slot == NULL) {
            return;
        }

        held->slot = slot;
        atomic_store_explicit(&held->state,
                              slot == ngx_http_rtaudit_zone_late(w->zone)
                              ? NGX_HTTP_RTAUDIT_KEEP : NGX_HTTP_RTAUDIT_EMPTY,
                              memory_order_release);
    }
}


static void
ngx_http_rtaudit_worker_release(ngx_http_rtaudit_worker_t *w,
    ngx_http_rtaudit_held_t *held)
{
    if (held == w->writer.held) {
        ngx_http_rtaudit_books_summary(held->slot, w->log);
    }

    ngx_http_rtaudit_slot_release(held->slot);
    held->slot = NULL;
    atomic_store(&held->state, NGX_HTTP_RTAUDIT_FREE);
}


/*
 * Lets go of rings that are empty, and tells how many there were, and are yet
 * to be.  The late one is kept, but not by a worker that was told to go: those
 * that stay know all sinks.
 */

static ngx_uint_t
ngx_http_rtaudit_worker_let_go(ngx_http_rtaudit_worker_t *w)
{
    ngx_uint_t                i, n;
    ngx_http_rtaudit_held_t  *held;

    n = 0;

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        held = &w->writer.held[i];

        switch (atomic_load(&held->state)) {

        case NGX_HTTP_RTAUDIT_EMPTIED:
            ngx_http_rtaudit_worker_release(w, held);
            n++;
            break;

        case NGX_HTTP_RTAUDIT_EMPTY:
            n++;
            break;

        case NGX_HTTP_RTAUDIT_KEEP:
            if (i && ngx_exiting) {
                atomic_store(&held->state, NGX_HTTP_RTAUDIT_EMPTY);
                n++;
            }
        }
    }

    return n;
}


static void
ngx_http_rtaudit_worker_tick(ngx_event_t *ev)
{
    ngx_uint_t                  giving;
    ngx_http_rtaudit_worker_t  *w;

    w = ngx_http_rtaudit_worker;

    if (w == NULL) {
        return;
    }

    if (w->slot == NULL && !ngx_exiting) {
        ngx_http_rtaudit_worker_take(w);
    }

    if (w->slot && ngx_exiting) {
        ngx_http_rtaudit_worker_give(w);
    }

    /* one worker does */

    if (w->slot && ngx_worker == 0
        && ngx_http_rtaudit_retired_move(w->zone, w->slot, w->log))
    {
        ngx_http_rtaudit_writer_wake(&w->writer, w->slot);
    }

    if (ngx_worker == 0 && !ngx_exiting) {
        ngx_http_rtaudit_checkpoint(&w->writer, w->mcf);
    }

    w->mcf->look();

    giving = ngx_http_rtaudit_worker_let_go(w) && ngx_exiting;

    if (!giving) {
        ngx_http_rtaudit_worker_orphans(w);
    }

    (void) ngx_http_rtaudit_hands_settle(w->zone);
    ngx_http_rtaudit_worker_tell(w, ngx_exiting);
    ngx_http_rtaudit_worker_say(w);
    ngx_http_rtaudit_worker_overflow(w, 0);

    /* files that were opened anew are another matter */

    if (!w->reopen.timer_set) {
        ngx_http_rtaudit_own_tell(&w->writer, w->mcf, w->log);
    }

    if (!ngx_terminate) {
        ngx_add_timer(ev, giving ? NGX_HTTP_RTAUDIT_SOON
                                 : NGX_HTTP_RTAUDIT_TICK);
    }
}


static void
ngx_http_rtaudit_worker_tell(ngx_http_rtaudit_worker_t *w, ngx_uint_t going)
{
    ngx_uint_t               i;
    ngx_http_rtaudit_out_t  *out;

    for (i = 0; i < w->writer.nouts; i++) {
        out = &w->writer.out[i];

        if (out->kind->tick) {
            out->kind->tick(out, going, w->log);
        }
    }
}


static void
ngx_http_rtaudit_worker_say(ngx_http_rtaudit_worker_t *w)
{
    int                       err, passed;
    ngx_uint_t                i;
    const char               *why;
    ngx_http_rtaudit_out_t   *out;
    ngx_http_rtaudit_sink_t  *sink;

    for (i = 0; i < w->writer.nouts; i++) {
        out = &w->writer.out[i];
        sink = out->sink;
        err = atomic_load(&out->err);
        why = atomic_load(&out->why);
        passed = atomic_exchange(&out->passed, 0);

        if (err == 0 && out->said == 0) {
            err = passed;
        }

        if (err == out->said) {
            continue;
        }

        if (err == ENOENT) {
            ngx_log_error(NGX_LOG_CRIT, w->log, 0,
                          "rtaudit: \"%V\" of sink \"%V\" is gone: %s",
                          &sink->place, &sink->name, out->kind->mend);

        } else if (err) {
            ngx_log_error(NGX_LOG_CRIT, w->log, why ? 0 : err,
                          "rtaudit: sink \"%V\" cannot write to \"%V\"%s%s",
                          &sink->name, &sink->place, why ? ": " : "",
                          why ? why : "");

        } else {
            ngx_log_error(NGX_LOG_NOTICE, w->log, 0,
                          "rtaudit: sink \"%V\" writes to \"%V\" again",
                          &sink->name, &sink->place);
        }

        out->said = err;
    }
}


/* once a minute, and what is left of it at the end (now) */

static void
ngx_http_rtaudit_worker_overflow(ngx_http_rtaudit_worker_t *w, ngx_uint_t now)
{
    uint64_t  n, ms;

    ms = ngx_http_rtaudit_zone_now();

    if (!now && w->warned && ms < w->warned + NGX_HTTP_RTAUDIT_WARN) {
        return;
    }

    n = ngx_http_rtaudit_books_overflow();

    if (n == 0) {
        return;
    }

    w->warned = ms;

    ngx_log_error(NGX_LOG_WARN, w->log, 0,
                  "rtaudit: the ring was full, %uL events were lost: make "
                  "\"rtaudit_zone\" larger", n);
}


/* nginx has opened the files anew by now */

static void
ngx_http_rtaudit_worker_reopen(ngx_event_t *ev)
{
    ngx_uint_t                  i;
    ngx_http_rtaudit_out_t     *out;
    ngx_http_rtaudit_worker_t  *w;

    w = ngx_http_rtaudit_worker;

    for (i = 0; w && i < w->writer.nouts; i++) {
        out = &w->writer.out[i];

        if (out->kind->reopen) {
            out->kind->reopen(out, ev->log);
        }

        atomic_store(&out->again, 1);
    }

    if (w) {
        ngx_http_rtaudit_writer_press(&w->writer);
        ngx_http_rtaudit_own_tell(&w->writer, w->mcf, w->log);
    }
}

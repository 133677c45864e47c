
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <openssl/rand.h>

#include "ngx_http_rtaudit_worker.h"


#define TICK        1000    /* ms between looks at what others left */
#define STOP_WAIT   5000    /* ms for the writer to empty the rings */
#define RANDOM      4096    /* bytes of randomness fetched at a time */


typedef struct {
    ngx_http_rtaudit_main_conf_t  *mcf;
    ngx_http_rtaudit_zone_t       *zone;
    ngx_http_rtaudit_slot_t       *slot;
    ngx_http_rtaudit_writer_t      writer;
    ngx_event_t                    timer;
    ngx_event_t                    reopen;
    ngx_connection_t               dummy;   /* timers name their fd */
    ngx_log_t                     *log;

    u_char                        *scratch;
    u_char                        *stream;
    size_t                         stream_len;
    unsigned                       full:1;  /* no slot, and it was said */
    uint64_t                       telling; /* losses said in the line */
    uint64_t                       lost;    /* when there was no slot */

    rt_uuid_t                      uuid;
    size_t                         left;    /* of rnd */
    u_char                         rnd[RANDOM];
} worker_t;


/* one a process; rooms ask through the functions of the header */

static worker_t  *worker;


static ngx_int_t open_files(worker_t *w);
static int own_fd(ngx_http_rtaudit_sink_t *sink);
static void timers(worker_t *w);
static void tick(ngx_event_t *ev);
static void reopen(ngx_event_t *ev);
static void take_slot(worker_t *w);
static void take_orphans(worker_t *w);
static void say_errors(worker_t *w);
static void summary(worker_t *w);
static ngx_http_rtaudit_file_t *file_of(ngx_http_rtaudit_sink_t *sink);


ngx_int_t
ngx_http_rtaudit_worker_init(ngx_cycle_t *cycle,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    worker_t    *w;
    ngx_uint_t   i;

    if (mcf == NULL || mcf->sh == NULL || mcf->sinks.nelts == 0) {
        return NGX_OK;
    }

    /* not from a pool: a writer that is stuck may outlive them */

    w = ngx_calloc(sizeof(worker_t), cycle->log);
    if (w == NULL) {
        return NGX_ERROR;
    }

    w->mcf = mcf;
    w->zone = mcf->sh;
    w->log = cycle->log;
    w->writer.zone = w->zone;

    w->scratch = ngx_alloc(mcf->max_event, cycle->log);
    w->stream = ngx_alloc(cycle->hostname.len + 64, cycle->log);

    if (w->scratch == NULL || w->stream == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_RTAUDIT_SINKS; i++) {
        atomic_init(&w->writer.file[i].next_fd, -1);
        w->writer.file[i].fd = -1;
    }

    if (open_files(w) != NGX_OK) {
        return NGX_ERROR;
    }

    take_slot(w);

    if (ngx_http_rtaudit_writer_start(&w->writer, cycle->log) != NGX_OK) {
        return NGX_ERROR;
    }

    timers(w);
    worker = w;

    return NGX_OK;
}


static ngx_int_t
open_files(worker_t *w)
{
    ngx_uint_t                  i;
    ngx_http_rtaudit_file_t    *file;
    ngx_http_rtaudit_sink_t   **sink;

    sink = w->mcf->sinks.elts;

    for (i = 0; i < w->mcf->sinks.nelts; i++) {
        file = &w->writer.file[i];

        file->sink = sink[i];
        file->id = sink[i]->id;
        file->required = sink[i]->required;
        file->fd = own_fd(sink[i]);

        if (file->fd == -1) {
            ngx_log_error(NGX_LOG_EMERG, w->log, ngx_errno,
                          "rtaudit: fcntl(F_DUPFD_CLOEXEC) of \"%V\" failed",
                          &sink[i]->path);
            return NGX_ERROR;
        }

        w->writer.nfiles++;
    }

    return NGX_OK;
}


/*
 * The writer's own descriptor.  A pipe that nobody empties, or a terminal
 * that is stopped, must not keep the thread from other sinks; nobody but
 * sinks writes through this file, so that it may be made non-blocking.
 */

static int
own_fd(ngx_http_rtaudit_sink_t *sink)
{
    int              fd;
    ngx_file_info_t  fi;

    fd = fcntl(sink->file->fd, F_DUPFD_CLOEXEC, 0);

    if (fd != -1 && ngx_fd_info(fd, &fi) != NGX_FILE_ERROR
        && !ngx_is_file(&fi))
    {
        (void) ngx_nonblocking(fd);
    }

    return fd;
}


static void
timers(worker_t *w)
{
    w->dummy.fd = (ngx_socket_t) -1;

    w->timer.handler = tick;
    w->timer.data = &w->dummy;
    w->timer.log = w->log;
    w->timer.cancelable = 1;

    w->reopen.handler = reopen;
    w->reopen.data = &w->dummy;
    w->reopen.log = w->log;
    w->reopen.cancelable = 1;

    ngx_add_timer(&w->timer, TICK);
}


void
ngx_http_rtaudit_worker_exit(ngx_cycle_t *cycle)
{
    worker_t    *w;
    ngx_uint_t   i;

    w = worker;

    if (w == NULL) {
        return;
    }

    worker = NULL;

    if (w->timer.timer_set) {
        ngx_del_timer(&w->timer);
    }

    if (w->reopen.timer_set) {
        ngx_del_timer(&w->reopen);
    }

    if (w->slot) {
        (void) ngx_http_rtaudit_slot_settle(w->zone, w->slot,
                                            RT_EVENT_DROP_SHUTDOWN);
    }

    if (ngx_http_rtaudit_writer_stop(&w->writer, STOP_WAIT) != NGX_OK) {

        /* its locks open when the process ends; nothing is freed */

        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0,
                      "rtaudit: the writer is blocked, its events are left "
                      "to other workers");
        return;
    }

    say_errors(w);
    summary(w);

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        if (atomic_load(&w->writer.held[i].state) != NGX_HTTP_RTAUDIT_FREE) {
            ngx_http_rtaudit_slot_release(w->writer.held[i].slot);
        }
    }

    for (i = 0; i < w->writer.nfiles; i++) {
        (void) close(w->writer.file[i].fd);

        if (atomic_load(&w->writer.file[i].next_fd) != -1) {
            (void) close(atomic_load(&w->writer.file[i].next_fd));
        }
    }

    ngx_free(w->scratch);
    ngx_free(w->stream);
    ngx_free(w);
}


ngx_int_t
ngx_http_rtaudit_worker_renew(ngx_cycle_t *cycle,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    if (worker == NULL) {
        return NGX_OK;
    }

    ngx_http_rtaudit_worker_exit(cycle);

    return ngx_http_rtaudit_worker_init(cycle, mcf);
}


static void
summary(worker_t *w)
{
    uint64_t                     written, dropped, requests, waived;
    ngx_uint_t                   i, k, id;
    ngx_http_rtaudit_account_t  *account;

    if (w->slot == NULL) {
        return;
    }

    for (i = 0; i < w->writer.nfiles; i++) {
        id = w->writer.file[i].id;
        account = &w->slot->account[id];

        requests = ngx_http_rtaudit_get(&account->requests);
        waived = ngx_http_rtaudit_get(&account->waived);
        written = ngx_http_rtaudit_get(&account->written);
        dropped = 0;

        for (k = 0; k < RT_EVENT_DROPS; k++) {
            dropped += ngx_http_rtaudit_get(&account->dropped[k]);
        }

        ngx_log_error(NGX_LOG_NOTICE, w->log, 0,
                      "rtaudit: sink \"%V\" slot %ui: requests %uL waived "
                      "%uL written %uL dropped %uL left %uL",
                      &w->writer.file[i].sink->name, w->slot->number,
                      requests, waived, written, dropped,
                      requests - waived - written - dropped);
    }
}


/* what nobody alive holds: the first is this worker's own */

static void
take_slot(worker_t *w)
{
    ngx_uint_t                next;
    ngx_http_rtaudit_slot_t  *slot;

    next = 0;
    slot = ngx_http_rtaudit_slot_claim(w->zone, &next);

    if (slot == NULL) {

        if (!w->full) {
            ngx_log_error(NGX_LOG_ERR, w->log, 0,
                          "rtaudit: all %ui slots are held by workers that "
                          "are still shutting down, events are lost: set "
                          "\"worker_shutdown_timeout\"", w->zone->nslots);
        }

        w->full = 1;
        return;
    }

    ngx_http_rtaudit_add(&slot->lost, w->lost);

    w->slot = slot;
    w->lost = 0;
    w->full = 0;
    w->stream_len = ngx_sprintf(w->stream, "%V/%ui/%s", &ngx_cycle->hostname,
                                slot->number, w->zone->boot)
                    - w->stream;

    w->writer.held[0].slot = slot;
    atomic_store_explicit(&w->writer.held[0].state, NGX_HTTP_RTAUDIT_KEEP,
                          memory_order_release);
}


/* rings that others left behind are emptied and let go */

static void
take_orphans(worker_t *w)
{
    ngx_uint_t                i, next;
    ngx_http_rtaudit_slot_t  *slot;
    ngx_http_rtaudit_held_t  *held;

    next = 0;

    for (i = 1; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        held = &w->writer.held[i];

        if (atomic_load(&held->state) == NGX_HTTP_RTAUDIT_EMPTIED) {
            ngx_http_rtaudit_slot_release(held->slot);
            held->slot = NULL;
            atomic_store(&held->state, NGX_HTTP_RTAUDIT_FREE);
        }

        if (atomic_load(&held->state) != NGX_HTTP_RTAUDIT_FREE) {
            continue;
        }

        while ((slot = ngx_http_rtaudit_slot_claim(w->zone, &next)) != NULL) {

            if (rt_ring_used(&slot->ring)) {
                held->slot = slot;
                atomic_store_explicit(&held->state, NGX_HTTP_RTAUDIT_EMPTY,
                                      memory_order_release);
                break;
            }

            ngx_http_rtaudit_slot_release(slot);
        }
    }
}


static void
tick(ngx_event_t *ev)
{
    if (worker == NULL) {
        return;
    }

    if (worker->slot == NULL) {
        take_slot(worker);
    }

    take_orphans(worker);
    say_errors(worker);

    if (!ngx_terminate) {
        ngx_add_timer(ev, TICK);
    }
}


static void
say_errors(worker_t *w)
{
    int                       err;
    ngx_uint_t                i;
    ngx_http_rtaudit_file_t  *file;

    for (i = 0; i < w->writer.nfiles; i++) {
        file = &w->writer.file[i];
        err = atomic_load(&file->err);

        if (err == file->said) {
            continue;
        }

        if (err) {
            ngx_log_error(NGX_LOG_CRIT, w->log, err,
                          "rtaudit: sink \"%V\" cannot write to \"%V\"",
                          &file->sink->name, &file->sink->path);
        } else {
            ngx_log_error(NGX_LOG_NOTICE, w->log, 0,
                          "rtaudit: sink \"%V\" writes to \"%V\" again",
                          &file->sink->name, &file->sink->path);
        }

        file->said = err;
    }
}


static ngx_http_rtaudit_file_t *
file_of(ngx_http_rtaudit_sink_t *sink)
{
    ngx_uint_t  i;

    for (i = 0; i < worker->writer.nfiles; i++) {
        if (worker->writer.file[i].sink == sink) {
            return &worker->writer.file[i];
        }
    }

    return NULL;
}


void
ngx_http_rtaudit_worker_reopen(ngx_http_rtaudit_sink_t *sink)
{
    ngx_http_rtaudit_file_t  *file;

    if (worker == NULL || (file = file_of(sink)) == NULL) {
        return;
    }

    file->reopen = 1;

    if (!worker->reopen.timer_set) {
        ngx_add_timer(&worker->reopen, 1);
    }
}


/* nginx has opened the files anew by now */

static void
reopen(ngx_event_t *ev)
{
    int                       fd;
    ngx_uint_t                i;
    ngx_http_rtaudit_file_t  *file;

    for (i = 0; worker && i < worker->writer.nfiles; i++) {
        file = &worker->writer.file[i];

        if (!file->reopen) {
            continue;
        }

        file->reopen = 0;

        fd = own_fd(file->sink);

        if (fd == -1) {
            ngx_log_error(NGX_LOG_ALERT, ev->log, ngx_errno,
                          "rtaudit: fcntl(F_DUPFD_CLOEXEC) of \"%V\" failed",
                          &file->sink->path);
            continue;
        }

        fd = atomic_exchange(&file->next_fd, fd);

        if (fd != -1) {
            (void) close(fd);
        }
    }
}


ngx_http_rtaudit_slot_t *
ngx_http_rtaudit_worker_begin(ngx_array_t *sinks)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_sink_t  **sink;

    if (worker == NULL || worker->slot == NULL) {
        return NULL;
    }

    sink = sinks->elts;

    for (i = 0; i < sinks->nelts; i++) {
        ngx_http_rtaudit_add(&worker->slot->account[sink[i]->id].requests, 1);
    }

    return worker->slot;
}


void
ngx_http_rtaudit_worker_waive(ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot)
{
    ngx_uint_t                   i;
    ngx_http_rtaudit_sink_t    **sink;
    ngx_http_rtaudit_account_t  *account;

    if (slot == NULL) {
        return;
    }

    sink = sinks->elts;

    for (i = 0; i < sinks->nelts; i++) {
        account = &slot->account[sink[i]->id];

        ngx_http_rtaudit_add(&account->waived, 1);
        ngx_http_rtaudit_add(&account->settled, 1);
    }
}


static void
lost(ngx_array_t *sinks, ngx_http_rtaudit_slot_t *slot, rt_event_drop_e why)
{
    ngx_uint_t                   i;
    ngx_http_rtaudit_sink_t    **sink;
    ngx_http_rtaudit_account_t  *account;

    sink = sinks->elts;

    for (i = 0; i < sinks->nelts; i++) {

        if (slot) {
            account = &slot->account[sink[i]->id];
            ngx_http_rtaudit_add(&account->settled, 1);

        } else {
            account = &worker->zone->sink[sink[i]->id].nobody;
            ngx_http_rtaudit_add(&account->requests, 1);
        }

        ngx_http_rtaudit_add(&account->dropped[why], 1);
    }

    if (slot) {
        ngx_http_rtaudit_add(&slot->lost, 1);

    } else {
        worker->lost++;
    }
}


void
ngx_http_rtaudit_worker_end(ngx_array_t *sinks,
    ngx_http_rtaudit_slot_t *slot, ngx_str_t *line, rt_event_drop_e why)
{
    uint32_t                   mark;
    ngx_uint_t                 i;
    rt_status_e                rc;
    ngx_http_rtaudit_sink_t  **sink;

    if (worker == NULL) {
        return;
    }

    if (slot == NULL) {
        slot = ngx_http_rtaudit_worker_begin(sinks);
    }

    if (slot == NULL || line == NULL) {
        lost(sinks, slot, slot ? why : RT_EVENT_DROP_FULL);
        return;
    }

    sink = sinks->elts;
    mark = 0;

    for (i = 0; i < sinks->nelts; i++) {
        mark |= (uint32_t) 1 << sink[i]->id;
    }

    rc = rt_ring_put(&slot->ring, slot->area, mark, line->data, line->len);

    if (rc != RT_OK) {
        lost(sinks, slot, rc == RT_AGAIN ? RT_EVENT_DROP_FULL
                                         : RT_EVENT_DROP_SIZE);
        return;
    }

    for (i = 0; i < sinks->nelts; i++) {
        ngx_http_rtaudit_add(&slot->account[sink[i]->id].settled, 1);
    }

    slot->seq++;
    slot->told += worker->telling;

    ngx_http_rtaudit_writer_wake(&worker->writer, slot);
}


/*
 * A quarter of the ring is kept for requests that were let in before it
 * filled up, and for those that are refused.
 */

ngx_int_t
ngx_http_rtaudit_worker_gate(ngx_array_t *sinks)
{
    ngx_uint_t                  i;
    ngx_http_rtaudit_slot_t    *slot;
    ngx_http_rtaudit_file_t    *file;
    ngx_http_rtaudit_sink_t   **sink;

    if (worker == NULL) {
        return NGX_BUSY;
    }

    slot = worker->slot;

    if (slot == NULL
        || rt_ring_used(&slot->ring) > slot->ring.size / 4 * 3)
    {
        return NGX_BUSY;
    }

    sink = sinks->elts;

    for (i = 0; i < sinks->nelts; i++) {

        if (!sink[i]->required) {
            continue;
        }

        file = file_of(sink[i]);

        if (file == NULL || !ngx_http_rtaudit_writer_healthy(file)) {
            return NGX_BUSY;
        }
    }

    return NGX_OK;
}


u_char *
ngx_http_rtaudit_worker_scratch(size_t *size)
{
    if (worker == NULL) {
        return NULL;
    }

    *size = ngx_min(*size, worker->mcf->max_event);

    return worker->scratch;
}


ngx_int_t
ngx_http_rtaudit_worker_uuid(uint64_t ms, u_char *dst)
{
    if (worker == NULL) {
        return NGX_ERROR;
    }

    if (worker->left < RT_UUID_RAND) {

        if (RAND_bytes(worker->rnd, RANDOM) != 1) {
            return NGX_ERROR;
        }

        worker->left = RANDOM;
    }

    worker->left -= RT_UUID_RAND;

    rt_uuid7(&worker->uuid, ms, worker->rnd + worker->left, dst);

    return NGX_OK;
}


void
ngx_http_rtaudit_worker_stamp(rt_event_t *ev)
{
    ngx_http_rtaudit_slot_t  *slot;

    slot = worker ? worker->slot : NULL;

    if (slot == NULL) {
        return;
    }

    ev->stream.data = worker->stream;
    ev->stream.len = worker->stream_len;
    ev->seq = slot->seq;
    ev->lost = ngx_http_rtaudit_get(&slot->lost) - slot->told;

    worker->telling = ev->lost;
}

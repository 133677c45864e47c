
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "sink/ngx_http_rtaudit_writer.h"


#define NGX_HTTP_RTAUDIT_LINGER      5      /* ms between passes while
                                               events come */
#define NGX_HTTP_RTAUDIT_LINGERS     20     /* passes without an event
                                               before sleep */
#define NGX_HTTP_RTAUDIT_SLEEP       500    /* ms; progress is told at least
                                               as often */
#define NGX_HTTP_RTAUDIT_LOOK        500    /* ms between looks at a sink */
#define NGX_HTTP_RTAUDIT_STOP_POLL   10     /* ms */
#define NGX_HTTP_RTAUDIT_STOP_GRACE  500    /* ms to see that it is late */


static void ngx_http_rtaudit_writer_close(ngx_http_rtaudit_writer_t *w);
static void *ngx_http_rtaudit_writer_run(void *data);
static ngx_uint_t ngx_http_rtaudit_writer_given_up(
    ngx_http_rtaudit_writer_t *w, ngx_uint_t moved);
static ngx_uint_t ngx_http_rtaudit_writer_pass(ngx_http_rtaudit_writer_t *w);
static ngx_uint_t ngx_http_rtaudit_writer_pass_slot(
    ngx_http_rtaudit_writer_t *w, ngx_http_rtaudit_slot_t *slot);
static void ngx_http_rtaudit_writer_look(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_out_t *out, uint64_t now);
static ngx_uint_t ngx_http_rtaudit_writer_dirty(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_out_t *out);
static void ngx_http_rtaudit_writer_commit(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_out_t *out);
static void ngx_http_rtaudit_writer_tell(ngx_http_rtaudit_writer_t *w);
static int ngx_http_rtaudit_writer_due(ngx_http_rtaudit_writer_t *w, int ms);
static void ngx_http_rtaudit_writer_tell_idle(ngx_http_rtaudit_writer_t *w);
static void ngx_http_rtaudit_writer_publish(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_out_t *out);
static ngx_uint_t ngx_http_rtaudit_writer_backlog(
    ngx_http_rtaudit_writer_t *w);
static void ngx_http_rtaudit_writer_pause(ngx_http_rtaudit_writer_t *w,
    int ms);


ngx_int_t
ngx_http_rtaudit_writer_start(ngx_http_rtaudit_writer_t *w, ngx_log_t *log)
{
    int         rc;
    sigset_t    all, old;
    uint64_t    now;
    ngx_uint_t  i;

    w->wake = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);

    if (w->wake == -1) {
        ngx_log_error(NGX_LOG_EMERG, log, ngx_errno,
                      "rtaudit: eventfd() failed");
        return NGX_ERROR;
    }

    w->told = -1;
    atomic_store(&w->stop, 0);
    atomic_store(&w->done, 0);

    now = ngx_http_rtaudit_zone_now();

    for (i = 0; i < w->nouts; i++) {
        ngx_http_rtaudit_zone_set(&w->out[i].good, now);

        if (w->out[i].sink->strict && w->told == -1) {
            w->told = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);

            if (w->told == -1) {
                ngx_log_error(NGX_LOG_EMERG, log, ngx_errno,
                              "rtaudit: eventfd() failed");
                (void) close(w->wake);
                return NGX_ERROR;
            }
        }
    }

    (void) sigfillset(&all);
    (void) pthread_sigmask(SIG_SETMASK, &all, &old);

    rc = pthread_create(&w->thread, NULL, ngx_http_rtaudit_writer_run, w);

    (void) pthread_sigmask(SIG_SETMASK, &old, NULL);

    if (rc != 0) {
        ngx_log_error(NGX_LOG_EMERG, log, rc,
                      "rtaudit: pthread_create() failed");
        ngx_http_rtaudit_writer_close(w);
        return NGX_ERROR;
    }

    w->running = 1;

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_writer_stop(ngx_http_rtaudit_writer_t *w, ngx_msec_t timeout)
{
    if (!w->running) {
        return NGX_OK;
    }

    w->timeout = timeout;
    ngx_http_rtaudit_zone_set(&w->deadline,
                              ngx_http_rtaudit_zone_now() + timeout);
    atomic_store(&w->stop, 1);
    (void) eventfd_write(w->wake, 1);

    /* it stops by itself unless it is blocked */

    while (!atomic_load(&w->done)) {

        if (ngx_http_rtaudit_zone_now()
            >= ngx_http_rtaudit_zone_get(&w->deadline)
               + NGX_HTTP_RTAUDIT_STOP_GRACE)
        {
            return NGX_BUSY;
        }

        (void) poll(NULL, 0, NGX_HTTP_RTAUDIT_STOP_POLL);
    }

    (void) pthread_join(w->thread, NULL);
    ngx_http_rtaudit_writer_close(w);
    w->running = 0;

    return NGX_OK;
}


static void
ngx_http_rtaudit_writer_close(ngx_http_rtaudit_writer_t *w)
{
    (void) close(w->wake);

    if (w->told != -1) {
        (void) close(w->told);
    }
}


/* the first of held is for the worker's own */

ngx_int_t
ngx_http_rtaudit_writer_late(ngx_http_rtaudit_writer_t *w)
{
    ngx_uint_t                i;
    ngx_http_rtaudit_slot_t  *late;
    ngx_http_rtaudit_held_t  *held, *use;

    use = NULL;
    late = ngx_http_rtaudit_zone_late(w->zone);

    for (i = 1; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        held = &w->held[i];

        if (held->slot == late) {
            use = held;
            break;
        }

        if (held->slot == NULL) {
            use = held;
        }
    }

    if (use == NULL
        || (use->slot == NULL && ngx_http_rtaudit_late_claim(w->zone) == NULL))
    {
        return NGX_BUSY;
    }

    use->slot = late;
    atomic_store_explicit(&use->state, NGX_HTTP_RTAUDIT_KEEP,
                          memory_order_release);

    return NGX_OK;
}


/*
 * The thread sleeps when nothing came for a while, and says so; otherwise it
 * looks again by itself and need not be woken, but for a ring that fills:
 * once, until it has moved something.
 *
 * This has no memory barrier, which would wait until the line is in the ring's
 * cold memory.  The thread looks once more after it said that it sleeps, mostly
 * a pause later, and sees then what was put by somebody who did not read it.
 * What it misses all the same waits until it looks again by itself, which is
 * at most NGX_HTTP_RTAUDIT_SLEEP.
 */

void
ngx_http_rtaudit_writer_wake(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_slot_t *slot)
{
    atomic_signal_fence(memory_order_seq_cst);

    if (atomic_load_explicit(&w->asleep, memory_order_relaxed)) {

        if (atomic_exchange(&w->asleep, 0)) {
            (void) eventfd_write(w->wake, 1);
        }

        return;
    }

    if (rt_ring_used(&slot->ring) > slot->ring.size / 2
        && !atomic_load_explicit(&w->hurried, memory_order_relaxed)
        && !atomic_exchange(&w->hurried, 1))
    {
        (void) eventfd_write(w->wake, 1);
    }
}


void
ngx_http_rtaudit_writer_press(ngx_http_rtaudit_writer_t *w)
{
    if (!atomic_exchange(&w->pressed, 1)) {
        (void) eventfd_write(w->wake, 1);
    }
}


ngx_uint_t
ngx_http_rtaudit_writer_healthy(ngx_http_rtaudit_out_t *out)
{
    if (atomic_load_explicit(&out->err, memory_order_relaxed)) {
        return 0;
    }

    return ngx_http_rtaudit_zone_now()
           < ngx_http_rtaudit_zone_get(&out->good) + NGX_HTTP_RTAUDIT_STALE;
}


static void *
ngx_http_rtaudit_writer_run(void *data)
{
    ngx_http_rtaudit_writer_t *w = data;

    int         stop, ms, quiet;
    ngx_uint_t  idle, moved;

    idle = 0;

    for ( ;; ) {
        stop = atomic_load(&w->stop);
        (void) atomic_exchange(&w->pressed, 0);

        moved = ngx_http_rtaudit_writer_pass(w);

        if (stop) {
            if (ngx_http_rtaudit_writer_given_up(w, moved)) {
                break;
            }

            continue;
        }

        idle = moved ? 0 : idle + 1;

        if (moved) {
            atomic_store(&w->hurried, 0);
        }

        if (w->full) {
            continue;
        }

        quiet = idle >= NGX_HTTP_RTAUDIT_LINGERS
                && !ngx_http_rtaudit_writer_backlog(w);

        /* it looks once more after it said so */

        ms = (quiet && atomic_load(&w->asleep))
             ? ngx_http_rtaudit_writer_due(w, NGX_HTTP_RTAUDIT_SLEEP)
             : NGX_HTTP_RTAUDIT_LINGER;

        atomic_store(&w->asleep, quiet);
        ngx_http_rtaudit_writer_pause(w, ms);
    }

    atomic_store(&w->done, 1);

    return NULL;
}


/* the state of a ring that is to be drained, or 0 */

static int
ngx_http_rtaudit_writer_draining(ngx_http_rtaudit_held_t *held)
{
    int  state;

    state = atomic_load_explicit(&held->state, memory_order_acquire);

    return (state == NGX_HTTP_RTAUDIT_KEEP
            || state == NGX_HTTP_RTAUDIT_EMPTY) ? state : 0;
}


/* at the end: is there no more to write, or no way to? */

static ngx_uint_t
ngx_http_rtaudit_writer_given_up(ngx_http_rtaudit_writer_t *w,
    ngx_uint_t moved)
{
    uint64_t    now;
    ngx_uint_t  i, late;

    now = ngx_http_rtaudit_zone_now();

    if (moved) {
        ngx_http_rtaudit_zone_set(&w->deadline, now + w->timeout);
    }

    late = now >= ngx_http_rtaudit_zone_get(&w->deadline);

    if (!late && ngx_http_rtaudit_writer_backlog(w)) {

        if (!moved) {
            (void) poll(NULL, 0, NGX_HTTP_RTAUDIT_LINGER);
        }

        return 0;
    }

    /* is what was written last still there? */

    for (i = 0; i < w->nouts; i++) {
        w->out[i].look = 0;
        ngx_http_rtaudit_writer_look(w, &w->out[i], now);
    }

    return 1;
}


static void
ngx_http_rtaudit_writer_pause(ngx_http_rtaudit_writer_t *w, int ms)
{
    eventfd_t      n;
    struct pollfd  pfd;

    pfd.fd = w->wake;
    pfd.events = POLLIN;
    pfd.revents = 0;

    if (poll(&pfd, 1, ms) == 1) {
        (void) eventfd_read(w->wake, &n);
    }
}


/* is what came of this ring safe, as far as each sink knows? */

static ngx_uint_t
ngx_http_rtaudit_writer_seen(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_slot_t *slot)
{
    ngx_uint_t                   i;
    ngx_http_rtaudit_account_t  *account;

    for (i = 0; i < w->nouts; i++) {
        account = &slot->account[w->out[i].id];

        if (ngx_http_rtaudit_zone_get(&account->fresh.lines)
            || ngx_http_rtaudit_zone_get(&account->older.lines)
            || (w->out[i].commits
                && ngx_http_rtaudit_zone_get(&account->durable)
                   != ngx_http_rtaudit_zone_get(&account->cursor)))
        {
            return 0;
        }
    }

    return 1;
}


/* the number of frames that were moved over */

static ngx_uint_t
ngx_http_rtaudit_writer_pass(ngx_http_rtaudit_writer_t *w)
{
    int                       state;
    uint64_t                  now;
    ngx_uint_t                i, n, moved, failing;
    ngx_http_rtaudit_held_t  *held;

    now = ngx_http_rtaudit_zone_now();

    for (i = 0; i < w->nouts; i++) {
        ngx_http_rtaudit_writer_look(w, &w->out[i], now);
    }

    moved = 0;
    failing = 0;
    w->full = 0;

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        held = &w->held[i];
        state = ngx_http_rtaudit_writer_draining(held);

        if (!state) {
            continue;
        }

        n = ngx_http_rtaudit_writer_pass_slot(w, held->slot);
        moved += n;

        if (state == NGX_HTTP_RTAUDIT_EMPTY && n == 0
            && rt_ring_used(&held->slot->ring) == 0
            && ngx_http_rtaudit_writer_seen(w, held->slot))
        {
            /* unless the worker keeps it, after all */

            (void) atomic_compare_exchange_strong(&held->state, &state,
                                                  NGX_HTTP_RTAUDIT_EMPTIED);
        }
    }

    for (i = 0; i < w->nouts; i++) {
        ngx_http_rtaudit_writer_commit(w, &w->out[i]);
        failing |= (atomic_load(&w->out[i].err) != 0);
    }

    if (failing) {
        ngx_http_rtaudit_writer_tell(w);
    }

    ngx_http_rtaudit_writer_tell_idle(w);

    return moved;
}


/* commits together what was written meanwhile from all rings */

static void
ngx_http_rtaudit_writer_commit(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_out_t *out)
{
    uint64_t    now;
    ngx_int_t   rc;
    ngx_err_t   err;
    ngx_uint_t  i;

    if (!ngx_http_rtaudit_writer_dirty(w, out)
        || (ngx_http_rtaudit_zone_now() < out->commit
            && !atomic_load(&w->stop)))
    {
        return;
    }

    rc = out->kind->commit(out);
    err = errno;

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        if (ngx_http_rtaudit_writer_draining(&w->held[i])) {
            ngx_http_rtaudit_drain_committed(out, w->held[i].slot, rc);
        }
    }

    now = ngx_http_rtaudit_zone_now();

    if (rc == NGX_OK) {
        out->commit = now + out->fsync;

        if (out->unsafe && !out->gone) {
            atomic_store(&out->err, 0);
        }

    } else {
        out->commit = now + NGX_HTTP_RTAUDIT_LOOK;
        out->look = 0;

        atomic_store(&out->why, NULL);
        atomic_store(&out->err, err);
        atomic_store(&out->passed, err);
    }

    out->unsafe = (rc != NGX_OK);

    ngx_http_rtaudit_writer_tell(w);
}


/* requests that wait look whether they may go on, or are refused */

static void
ngx_http_rtaudit_writer_tell(ngx_http_rtaudit_writer_t *w)
{
    atomic_thread_fence(memory_order_seq_cst);

    if (atomic_load_explicit(&w->waiting, memory_order_relaxed)) {
        (void) eventfd_write(w->told, 1);
    }
}


/* is there something to commit, or to be tried again? */

static ngx_uint_t
ngx_http_rtaudit_writer_dirty(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_out_t *out)
{
    ngx_uint_t                   i;
    ngx_http_rtaudit_account_t  *account;

    if (!out->commits || out->unsafe) {
        return out->commits;
    }

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {

        if (!ngx_http_rtaudit_writer_draining(&w->held[i])) {
            continue;
        }

        account = &w->held[i].slot->account[out->id];

        if (ngx_http_rtaudit_zone_get(&account->durable)
            != ngx_http_rtaudit_zone_get(&account->cursor))
        {
            return 1;
        }
    }

    return 0;
}


/* ms that the thread may sleep: no longer than until the next commit */

static int
ngx_http_rtaudit_writer_due(ngx_http_rtaudit_writer_t *w, int ms)
{
    uint64_t    now;
    ngx_uint_t  i;

    now = ngx_http_rtaudit_zone_now();

    for (i = 0; i < w->nouts; i++) {
        if (ngx_http_rtaudit_writer_dirty(w, &w->out[i])) {
            ms = ngx_min(ms, (int) (ngx_max(w->out[i].commit, now) - now));
        }
    }

    return ms;
}


/* now and then: can lines go where they went? */

static void
ngx_http_rtaudit_writer_look(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_out_t *out, uint64_t now)
{
    ngx_int_t   rc;
    ngx_err_t   err;
    ngx_uint_t  i;

    if (atomic_load(&out->again) && atomic_exchange(&out->again, 0)) {
        out->retry = 0;
        out->pause = 0;
        out->look = 0;
    }

    if (now < out->look) {
        return;
    }

    out->look = now + NGX_HTTP_RTAUDIT_LOOK;

    rc = out->kind->healthy(out);
    err = errno;

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        if (ngx_http_rtaudit_writer_draining(&w->held[i])) {
            ngx_http_rtaudit_drain_looked(out, w->held[i].slot,
                                          (rc == NGX_DECLINED || rc == NGX_DONE)
                                          ? rc : NGX_OK);
        }
    }

    if (rc == NGX_AGAIN || rc == NGX_DECLINED) {
        out->gone = 1;
        atomic_store(&out->why, NULL);
        atomic_store(&out->err, err);

    } else if (out->gone) {
        out->gone = 0;
        atomic_store(&out->err, 0);
    }
}


/* a sink for which nothing waits is as good as one that takes lines */

static void
ngx_http_rtaudit_writer_tell_idle(ngx_http_rtaudit_writer_t *w)
{
    uint64_t                     now, head;
    ngx_uint_t                   i, k;
    ngx_http_rtaudit_held_t     *held;
    ngx_http_rtaudit_account_t  *account;

    now = ngx_http_rtaudit_zone_now();

    for (i = 0; i < w->nouts; i++) {

        for (k = 0; k < NGX_HTTP_RTAUDIT_HELD; k++) {
            held = &w->held[k];

            if (!ngx_http_rtaudit_writer_draining(held)) {
                continue;
            }

            head = ngx_http_rtaudit_zone_get(&held->slot->ring.head);
            account = &held->slot->account[w->out[i].id];

            if (ngx_http_rtaudit_zone_get(&account->cursor) != head) {
                break;
            }
        }

        if (k == NGX_HTTP_RTAUDIT_HELD) {
            ngx_http_rtaudit_zone_set(&w->out[i].good, now);
        }

        ngx_http_rtaudit_writer_publish(w, &w->out[i]);
    }
}


/* for whoever looks at the zone: how this sink is doing */

static void
ngx_http_rtaudit_writer_publish(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_out_t *out)
{
    ngx_uint_t                   i;
    ngx_http_rtaudit_account_t  *account;

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {

        if (ngx_http_rtaudit_writer_draining(&w->held[i])) {
            account = &w->held[i].slot->account[out->id];

            ngx_http_rtaudit_zone_set(&account->err, atomic_load(&out->err));
            ngx_http_rtaudit_zone_set(&account->good,
                                      ngx_http_rtaudit_zone_get(&out->good));
        }
    }
}


static ngx_uint_t
ngx_http_rtaudit_writer_pass_slot(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_slot_t *slot)
{
    uint64_t    tail, cursor, first;
    ngx_uint_t  i, k, n, moved;

    moved = 0;
    tail = ngx_http_rtaudit_zone_get(&slot->ring.head);
    first = ngx_http_rtaudit_zone_get(&slot->ring.tail);

    if (tail - first > ngx_http_rtaudit_zone_get(&slot->peak)) {
        ngx_http_rtaudit_zone_set(&slot->peak, tail - first);
    }

    for (i = 0; i < w->zone->nsinks; i++) {

        /* a new sink, or one that was away, begins where the others are */

        if (ngx_http_rtaudit_zone_get(&slot->account[i].cursor) < first) {
            ngx_http_rtaudit_zone_set(&slot->account[i].cursor, first);
        }

        for (k = 0; k < w->nouts; k++) {
            if (w->out[k].id == i) {
                break;
            }
        }

        n = (k < w->nouts) ? ngx_http_rtaudit_drain(&w->out[k], slot)
                           : ngx_http_rtaudit_drain_unknown(i, slot);

        moved += n;
        w->full |= (n >= NGX_HTTP_RTAUDIT_BATCH);

        cursor = ngx_http_rtaudit_zone_get(&slot->account[i].cursor);
        tail = ngx_min(tail, cursor);
    }

    rt_ring_release(&slot->ring, tail);

    return moved;
}


static ngx_uint_t
ngx_http_rtaudit_writer_backlog(ngx_http_rtaudit_writer_t *w)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        if (ngx_http_rtaudit_writer_draining(&w->held[i])
            && rt_ring_used(&w->held[i].slot->ring))
        {
            return 1;
        }
    }

    return 0;
}

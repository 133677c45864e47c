
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "ngx_http_rtaudit_writer.h"


#define LINGER      5       /* ms between passes while events come */
#define LINGERS     20      /* passes without an event before sleep */
#define SLEEP       500     /* ms; progress is told at least as often */
#define STOP_POLL   10      /* ms */
#define STOP_GRACE  500     /* ms to see that it is late */
#define STOP_TRIES  200     /* passes that move nothing, at the end */


static void *run(void *data);
static ngx_uint_t given_up(ngx_http_rtaudit_writer_t *w, ngx_uint_t moved);
static ngx_uint_t pass(ngx_http_rtaudit_writer_t *w);
static ngx_uint_t pass_slot(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_slot_t *slot);
static void change_files(ngx_http_rtaudit_writer_t *w);
static void tell_idle(ngx_http_rtaudit_writer_t *w);
static ngx_uint_t backlog(ngx_http_rtaudit_writer_t *w);
static void pause_for(ngx_http_rtaudit_writer_t *w, int ms);


uint64_t
ngx_http_rtaudit_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


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

    now = ngx_http_rtaudit_now();

    for (i = 0; i < w->nfiles; i++) {
        ngx_http_rtaudit_set(&w->file[i].good, now);
    }

    (void) sigfillset(&all);
    (void) pthread_sigmask(SIG_SETMASK, &all, &old);

    rc = pthread_create(&w->thread, NULL, run, w);

    (void) pthread_sigmask(SIG_SETMASK, &old, NULL);

    if (rc != 0) {
        ngx_log_error(NGX_LOG_EMERG, log, rc,
                      "rtaudit: pthread_create() failed");
        (void) close(w->wake);
        return NGX_ERROR;
    }

    w->running = 1;

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_writer_stop(ngx_http_rtaudit_writer_t *w, ngx_msec_t timeout)
{
    uint64_t  end;

    if (!w->running) {
        return NGX_OK;
    }

    end = ngx_http_rtaudit_now() + timeout;

    w->deadline = end;
    atomic_store(&w->stop, 1);
    (void) eventfd_write(w->wake, 1);

    /* it stops by itself unless it is blocked */

    while (!atomic_load(&w->done)) {

        if (ngx_http_rtaudit_now() >= end + STOP_GRACE) {
            return NGX_BUSY;
        }

        (void) poll(NULL, 0, STOP_POLL);
    }

    (void) pthread_join(w->thread, NULL);
    (void) close(w->wake);
    w->running = 0;

    return NGX_OK;
}


/*
 * The thread sleeps when nothing came for a while, and says so; otherwise it
 * looks again by itself and need not be woken, but for a ring that fills:
 * once, until it has moved something.
 */

void
ngx_http_rtaudit_writer_wake(ngx_http_rtaudit_writer_t *w,
    ngx_http_rtaudit_slot_t *slot)
{
    atomic_thread_fence(memory_order_seq_cst);

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


ngx_uint_t
ngx_http_rtaudit_writer_healthy(ngx_http_rtaudit_file_t *file)
{
    if (atomic_load_explicit(&file->err, memory_order_relaxed)) {
        return 0;
    }

    return ngx_http_rtaudit_now()
           < ngx_http_rtaudit_get(&file->good) + NGX_HTTP_RTAUDIT_STALE;
}


static void *
run(void *data)
{
    ngx_http_rtaudit_writer_t *w = data;

    int         stop;
    ngx_uint_t  idle, moved;

    idle = 0;

    for ( ;; ) {
        stop = atomic_load(&w->stop);

        change_files(w);

        moved = pass(w);

        if (stop) {
            if (given_up(w, moved)) {
                break;
            }

            continue;
        }

        idle = moved ? 0 : idle + 1;

        if (moved) {
            atomic_store(&w->hurried, 0);
        }

        if (idle < LINGERS || backlog(w)) {
            pause_for(w, LINGER);
            continue;
        }

        atomic_store(&w->asleep, 1);
        atomic_thread_fence(memory_order_seq_cst);

        pause_for(w, backlog(w) ? LINGER : SLEEP);

        atomic_store(&w->asleep, 0);
    }

    atomic_store(&w->done, 1);

    return NULL;
}


/* at the end: is there no more to write, or no way to? */

static ngx_uint_t
given_up(ngx_http_rtaudit_writer_t *w, ngx_uint_t moved)
{
    if (!backlog(w) || ngx_http_rtaudit_now() >= w->deadline) {
        return 1;
    }

    if (moved) {
        return 0;
    }

    (void) poll(NULL, 0, LINGER);

    return ++w->tries == STOP_TRIES;
}


static void
pause_for(ngx_http_rtaudit_writer_t *w, int ms)
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


/* files that nginx opened anew; the worker hands over its own duplicates */

static void
change_files(ngx_http_rtaudit_writer_t *w)
{
    int         fd;
    ngx_uint_t  i;

    for (i = 0; i < w->nfiles; i++) {

        fd = atomic_exchange(&w->file[i].next_fd, -1);

        if (fd == -1) {
            continue;
        }

        (void) close(w->file[i].fd);

        w->file[i].fd = fd;
        w->file[i].retry = 0;
        w->file[i].pause = 0;
    }
}


/* the state of a ring that is to be drained, or 0 */

static int
draining(ngx_http_rtaudit_held_t *held)
{
    int  state;

    state = atomic_load_explicit(&held->state, memory_order_acquire);

    return (state == NGX_HTTP_RTAUDIT_KEEP
            || state == NGX_HTTP_RTAUDIT_EMPTY) ? state : 0;
}


/* the number of frames that were moved over */

static ngx_uint_t
pass(ngx_http_rtaudit_writer_t *w)
{
    int                       state;
    ngx_uint_t                i, n, moved;
    ngx_http_rtaudit_held_t  *held;

    moved = 0;

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        held = &w->held[i];
        state = draining(held);

        if (!state) {
            continue;
        }

        n = pass_slot(w, held->slot);
        moved += n;

        if (state == NGX_HTTP_RTAUDIT_EMPTY && n == 0
            && rt_ring_used(&held->slot->ring) == 0)
        {
            atomic_store_explicit(&held->state, NGX_HTTP_RTAUDIT_EMPTIED,
                                  memory_order_release);
        }
    }

    tell_idle(w);

    return moved;
}


/* a file for which nothing waits is as good as one that takes lines */

static void
tell_idle(ngx_http_rtaudit_writer_t *w)
{
    uint64_t                  now, head;
    ngx_uint_t                i, k;
    ngx_http_rtaudit_held_t  *held;

    now = ngx_http_rtaudit_now();

    for (i = 0; i < w->nfiles; i++) {

        for (k = 0; k < NGX_HTTP_RTAUDIT_HELD; k++) {
            held = &w->held[k];

            if (!draining(held)) {
                continue;
            }

            head = ngx_http_rtaudit_get(&held->slot->ring.head);

            if (ngx_http_rtaudit_get(&held->slot->account[w->file[i].id]
                                          .cursor)
                != head)
            {
                break;
            }
        }

        if (k == NGX_HTTP_RTAUDIT_HELD) {
            ngx_http_rtaudit_set(&w->file[i].good, now);
        }
    }
}


static ngx_uint_t
pass_slot(ngx_http_rtaudit_writer_t *w, ngx_http_rtaudit_slot_t *slot)
{
    uint64_t    tail, cursor, first;
    ngx_uint_t  i, k, moved;

    moved = 0;
    tail = ngx_http_rtaudit_get(&slot->ring.head);
    first = ngx_http_rtaudit_get(&slot->ring.tail);

    for (i = 0; i < w->zone->nsinks; i++) {

        /* a new sink, or one that was away, begins where the others are */

        if (ngx_http_rtaudit_get(&slot->account[i].cursor) < first) {
            ngx_http_rtaudit_set(&slot->account[i].cursor, first);
        }

        for (k = 0; k < w->nfiles; k++) {
            if (w->file[k].id == i) {
                break;
            }
        }

        moved += (k < w->nfiles)
                 ? ngx_http_rtaudit_drain(w, &w->file[k], slot)
                 : ngx_http_rtaudit_drain_unknown(w, i, slot);

        cursor = ngx_http_rtaudit_get(&slot->account[i].cursor);
        tail = ngx_min(tail, cursor);
    }

    rt_ring_release(&slot->ring, tail);

    return moved;
}


static ngx_uint_t
backlog(ngx_http_rtaudit_writer_t *w)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_RTAUDIT_HELD; i++) {
        if (draining(&w->held[i]) && rt_ring_used(&w->held[i].slot->ring)) {
            return 1;
        }
    }

    return 0;
}

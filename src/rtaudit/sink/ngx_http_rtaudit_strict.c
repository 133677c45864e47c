
/* Requests that wait; see ngx_http_rtaudit_strict.h. */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <sys/eventfd.h>

#include "sink/ngx_http_rtaudit_strict.h"
#include "ngx_rt_wait.h"


#define NGX_HTTP_RTAUDIT_STRICT_LOOK  10    /* ms between looks at a ring that
                                               another worker drains */


typedef struct {
    ngx_http_rtaudit_writer_t   *writer;
    ngx_connection_t            *c;         /* of its eventfd */
    ngx_queue_t                  waiting;
} ngx_http_rtaudit_strict_worker_t;


/* one a process */

static ngx_http_rtaudit_strict_worker_t  ngx_http_rtaudit_strict;


static void ngx_http_rtaudit_strict_told(ngx_event_t *ev);
static void ngx_http_rtaudit_strict_timer(ngx_event_t *ev);
static ngx_int_t ngx_http_rtaudit_strict_look(ngx_http_rtaudit_strict_t *st);
static void ngx_http_rtaudit_strict_leave(ngx_http_rtaudit_strict_t *st);


ngx_int_t
ngx_http_rtaudit_strict_open(ngx_http_rtaudit_writer_t *writer,
    ngx_log_t *log)
{
    ngx_connection_t  *c;

    if (writer->told == -1) {
        return NGX_OK;
    }

    c = ngx_get_connection(writer->told, log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->read->handler = ngx_http_rtaudit_strict_told;
    c->read->log = log;
    c->write->log = log;
    c->log = log;

    if (ngx_add_event(c->read, NGX_READ_EVENT, NGX_LEVEL_EVENT) != NGX_OK) {
        ngx_free_connection(c);
        return NGX_ERROR;
    }

    ngx_http_rtaudit_strict.writer = writer;
    ngx_http_rtaudit_strict.c = c;
    ngx_queue_init(&ngx_http_rtaudit_strict.waiting);

    return NGX_OK;
}


/* the writer closes the eventfd; who waits yet is refused by its timer */

void
ngx_http_rtaudit_strict_close(void)
{
    ngx_queue_t                *q;
    ngx_http_rtaudit_strict_t  *st;

    if (ngx_http_rtaudit_strict.c == NULL) {
        return;
    }

    while (!ngx_queue_empty(&ngx_http_rtaudit_strict.waiting)) {
        q = ngx_queue_head(&ngx_http_rtaudit_strict.waiting);
        st = ngx_queue_data(q, ngx_http_rtaudit_strict_t, queue);

        ngx_http_rtaudit_strict_leave(st);
        st->slot = NULL;
        ngx_add_timer(&st->timer, NGX_HTTP_RTAUDIT_STRICT_LOOK);
    }

    (void) ngx_del_event(ngx_http_rtaudit_strict.c->read, NGX_READ_EVENT, 0);
    ngx_free_connection(ngx_http_rtaudit_strict.c);

    ngx_http_rtaudit_strict.c->fd = (ngx_socket_t) -1;
    ngx_http_rtaudit_strict.c = NULL;
    ngx_http_rtaudit_strict.writer = NULL;
}


ngx_http_rtaudit_strict_t *
ngx_http_rtaudit_strict_begin(ngx_http_request_t *r,
    ngx_http_rtaudit_slot_t *slot, uint64_t end, uint32_t sinks)
{
    ngx_http_rtaudit_strict_t  *st;

    st = ngx_pcalloc(r->pool, sizeof(ngx_http_rtaudit_strict_t));
    if (st == NULL) {
        return NULL;
    }

    st->request = r;
    st->deadline = ngx_current_msec + NGX_HTTP_RTAUDIT_STALE;
    st->slot = slot;
    st->end = end;
    st->sinks = sinks;

    st->timer.handler = ngx_http_rtaudit_strict_timer;
    st->timer.data = st;
    st->timer.log = r->connection->log;

    return st;
}


/*
 * It counts as waiting before it looks, so that it is told of a commit after
 * that.
 */

ngx_int_t
ngx_http_rtaudit_strict_wait(ngx_http_rtaudit_strict_t *st)
{
    ngx_int_t                          rc;
    ngx_msec_int_t                     left;
    ngx_http_rtaudit_strict_worker_t  *w;

    w = &ngx_http_rtaudit_strict;
    left = (ngx_msec_int_t) (st->deadline - ngx_current_msec);

    if (st->slot == NULL || w->writer == NULL) {
        return NGX_ERROR;
    }

    if (!st->queued) {
        st->queued = 1;
        ngx_queue_insert_tail(&w->waiting, &st->queue);
        (void) atomic_fetch_add(&w->writer->waiting, 1);
        atomic_thread_fence(memory_order_seq_cst);
    }

    rc = ngx_http_rtaudit_strict_look(st);

    if (rc == NGX_AGAIN && left <= 0) {
        rc = NGX_ERROR;
    }

    if (rc != NGX_AGAIN) {
        ngx_http_rtaudit_strict_leave(st);
        return rc;
    }

    if (!st->timer.timer_set) {

        if (st->slot == ngx_http_rtaudit_zone_late(w->writer->zone)) {
            left = ngx_min(left, NGX_HTTP_RTAUDIT_STRICT_LOOK);
        }

        /* not cancelable: a worker that quits waits for it */

        ngx_add_timer(&st->timer, (ngx_msec_t) left);
        ngx_rt_wait_watch(st->request);
    }

    return NGX_AGAIN;
}


/* does the sink fail, as far as this worker knows? */

static ngx_uint_t
ngx_http_rtaudit_strict_failing(ngx_uint_t id)
{
    ngx_uint_t                  i;
    ngx_http_rtaudit_writer_t  *w;

    w = ngx_http_rtaudit_strict.writer;

    for (i = 0; i < w->nouts; i++) {
        if (w->out[i].id == id) {
            return atomic_load(&w->out[i].err) != 0;
        }
    }

    return 1;
}


/* durable is looked at first: what failed is known when it has moved */

static ngx_int_t
ngx_http_rtaudit_strict_look(ngx_http_rtaudit_strict_t *st)
{
    ngx_int_t                    rc;
    ngx_uint_t                   id;
    ngx_http_rtaudit_account_t  *account;

    rc = NGX_OK;

    for (id = 0; st->sinks >> id; id++) {

        if (!(st->sinks >> id & 1)) {
            continue;
        }

        account = &st->slot->account[id];

        if (ngx_http_rtaudit_zone_get(&account->durable) >= st->end) {

            if (ngx_http_rtaudit_zone_get(&account->failed) >= st->end) {
                return NGX_ERROR;
            }

        } else if (ngx_http_rtaudit_strict_failing(id)) {
            return NGX_ERROR;

        } else {
            rc = NGX_AGAIN;
        }
    }

    return rc;
}


static void
ngx_http_rtaudit_strict_leave(ngx_http_rtaudit_strict_t *st)
{
    if (!st->queued) {
        return;
    }

    st->queued = 0;
    ngx_queue_remove(&st->queue);
    (void) atomic_fetch_sub(&ngx_http_rtaudit_strict.writer->waiting, 1);

    if (st->timer.timer_set) {
        ngx_del_timer(&st->timer);
    }

    ngx_rt_wait_unwatch(st->request);
}


void
ngx_http_rtaudit_strict_end(ngx_http_rtaudit_strict_t *st)
{
    ngx_http_rtaudit_strict_leave(st);

    if (st->timer.timer_set) {
        ngx_del_timer(&st->timer);
    }
}


/*
 * The list is taken over first: a request may end, or end others, while it
 * runs, and new ones may come to wait.
 */

static void
ngx_http_rtaudit_strict_told(ngx_event_t *ev)
{
    eventfd_t                   n;
    ngx_queue_t                 list, *waiting, *q;
    ngx_connection_t           *c;
    ngx_http_rtaudit_strict_t  *st;

    c = ev->data;
    waiting = &ngx_http_rtaudit_strict.waiting;

    (void) eventfd_read(c->fd, &n);

    if (ngx_queue_empty(waiting)) {
        return;
    }

    ngx_queue_init(&list);
    ngx_queue_add(&list, waiting);
    ngx_queue_init(waiting);

    while (!ngx_queue_empty(&list)) {
        q = ngx_queue_head(&list);
        st = ngx_queue_data(q, ngx_http_rtaudit_strict_t, queue);

        if (ngx_http_rtaudit_strict_look(st) == NGX_AGAIN) {
            ngx_queue_remove(q);
            ngx_queue_insert_tail(waiting, q);
            continue;
        }

        ngx_http_rtaudit_strict_leave(st);
        ngx_rt_wait_over(st->request);
    }
}


static void
ngx_http_rtaudit_strict_timer(ngx_event_t *ev)
{
    ngx_http_rtaudit_strict_t  *st;

    st = ev->data;

    ngx_http_rtaudit_strict_leave(st);
    ngx_rt_wait_over(st->request);
}

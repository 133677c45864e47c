
/* Requests that wait; see ngx_http_rtauth_wait.h. */

#include "keys/ngx_http_rtauth_wait.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"
#include "ngx_rt_wait.h"


static ngx_http_rtauth_wait_t *ngx_http_rtauth_wait_create(
    ngx_http_request_t *r, ngx_http_rtauth_waiting_t *waiting);
static void ngx_http_rtauth_wait_leave(ngx_http_rtauth_wait_t *wait);
static void ngx_http_rtauth_wait_resume(ngx_http_rtauth_wait_t *wait);
static ngx_uint_t ngx_http_rtauth_wait_is_over(ngx_http_rtauth_wait_t *wait);
static void ngx_http_rtauth_wait_timer(ngx_event_t *ev);
static void ngx_http_rtauth_wait_cleanup(void *data);


/*
 * Not in r's module context: nginx clears that at internal redirects.  A
 * subrequest shares the pool, so that the request is compared too.
 */

ngx_http_rtauth_wait_t *
ngx_http_rtauth_wait_find(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_rtauth_wait_t  *wait;

    cln = r->pool->cleanup;

    do {
        wait = ngx_rt_kept_next(&cln, ngx_http_rtauth_wait_cleanup);
    } while (wait && wait->request != r);

    return wait;
}


ngx_uint_t
ngx_http_rtauth_waits(ngx_http_request_t *r)
{
    ngx_http_rtauth_wait_t  *wait;

    wait = ngx_http_rtauth_wait_find(r);

    return wait && wait->queued;
}


ngx_int_t
ngx_http_rtauth_wait(ngx_http_request_t *r,
    ngx_http_rtauth_waiting_t *waiting, ngx_uint_t attempts, ngx_uint_t asked)
{
    ngx_http_rtauth_wait_t  *wait;

    wait = ngx_http_rtauth_wait_find(r);

    if (wait == NULL) {
        wait = ngx_http_rtauth_wait_create(r, waiting);
        if (wait == NULL) {
            return NGX_ERROR;
        }
    }

    if (wait->queued) {
        return NGX_AGAIN;
    }

    if (wait->expired || ngx_http_rtauth_due(wait->deadline)) {
        return NGX_ERROR;
    }

    if (waiting->n == NGX_HTTP_RTAUTH_MAX_WAITING) {
        ngx_rt_log_error(NGX_LOG_ERR, r,
                         "rtauth_provider \"%V\": %d requests wait for it "
                         "already", &waiting->pcf->provider->name,
                         NGX_HTTP_RTAUTH_MAX_WAITING);
        return NGX_ERROR;
    }

    wait->waiting = waiting;
    wait->attempts = attempts;
    wait->queued = 1;
    wait->answered = 0;
    wait->failed = 0;
    wait->asked |= asked;

    ngx_queue_insert_tail(&waiting->queue, &wait->queue);
    waiting->n++;

    if (waiting->gauge) {
        (*waiting->gauge)++;
    }

    /* this timer is not cancelable: a worker that quits waits for it */

    ngx_add_timer(&wait->timer, wait->deadline - ngx_current_msec);

    if (waiting->n == 1 && waiting->hold) {
        if (waiting->timer->timer_set) {
            ngx_del_timer(waiting->timer);
        }

        ngx_add_timer(waiting->timer, NGX_HTTP_RTAUTH_POLL);
    }

    ngx_rt_wait_watch(r);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "rtauth waits for \"%V\"",
                   &waiting->pcf->provider->name);

    return NGX_AGAIN;
}


static ngx_http_rtauth_wait_t *
ngx_http_rtauth_wait_create(ngx_http_request_t *r,
    ngx_http_rtauth_waiting_t *waiting)
{
    ngx_http_rtauth_wait_t  *wait;

    wait = ngx_rt_kept_add(r->pool, sizeof(ngx_http_rtauth_wait_t),
                           ngx_http_rtauth_wait_cleanup);
    if (wait == NULL) {
        return NULL;
    }

    wait->request = r;
    wait->ident = -1;
    wait->deadline = ngx_current_msec
                     + ngx_http_rtauth_fetch_limit(waiting->pcf);

    wait->timer.data = wait;
    wait->timer.handler = ngx_http_rtauth_wait_timer;
    wait->timer.log = r->connection->log;

    return wait;
}


static void
ngx_http_rtauth_wait_leave(ngx_http_rtauth_wait_t *wait)
{
    ngx_queue_remove(&wait->queue);
    wait->waiting->n--;
    wait->queued = 0;

    if (wait->waiting->gauge) {
        (*wait->waiting->gauge)--;
    }

    if (wait->timer.timer_set) {
        ngx_del_timer(&wait->timer);
    }

    ngx_rt_wait_unwatch(wait->request);
}


void
ngx_http_rtauth_unpark(ngx_http_request_t *r)
{
    if (ngx_http_rtauth_waits(r)) {
        ngx_http_rtauth_wait_leave(ngx_http_rtauth_wait_find(r));
    }
}


static void
ngx_http_rtauth_wait_resume(ngx_http_rtauth_wait_t *wait)
{
    ngx_http_request_t  *r;

    r = wait->request;

    ngx_http_rtauth_wait_leave(wait);

    ngx_rt_wait_over(r);
}


static void
ngx_http_rtauth_wait_timer(ngx_event_t *ev)
{
    ngx_http_rtauth_wait_t  *wait;

    wait = ev->data;
    wait->expired = 1;

    ngx_http_rtauth_wait_resume(wait);
}


void
ngx_http_rtauth_wait_answered(ngx_http_rtauth_waiting_t *waiting,
    ngx_uint_t question, ngx_uint_t failed)
{
    ngx_queue_t             *q;
    ngx_http_rtauth_wait_t  *wait;

    for (q = ngx_queue_head(&waiting->queue);
         q != ngx_queue_sentinel(&waiting->queue);
         q = ngx_queue_next(q))
    {
        wait = ngx_queue_data(q, ngx_http_rtauth_wait_t, queue);

        if (wait->attempts == question) {
            wait->answered = 1;
            wait->failed = failed;

            ngx_post_event(waiting->timer, &ngx_posted_events);
        }
    }
}


static ngx_uint_t
ngx_http_rtauth_wait_is_over(ngx_http_rtauth_wait_t *wait)
{
    ngx_http_rtauth_hold_t  *hold;

    hold = wait->waiting->hold;

    if (hold == NULL) {
        return wait->answered;
    }

    return !ngx_http_rtauth_held(hold)
           || wait->attempts != hold->slot->attempts;
}


/*
 * The list is taken over first: who waits on, or again, goes to the new one.
 * A request may end, or end others, while it runs; they leave whichever list
 * they are in.
 */

void
ngx_http_rtauth_wait_wake(ngx_http_rtauth_waiting_t *waiting)
{
    ngx_queue_t              list;
    ngx_http_rtauth_wait_t  *wait;

    if (ngx_queue_empty(&waiting->queue)) {
        return;
    }

    ngx_queue_init(&list);
    ngx_queue_add(&list, &waiting->queue);
    ngx_queue_init(&waiting->queue);

    while (!ngx_queue_empty(&list)) {
        wait = ngx_queue_data(ngx_queue_head(&list), ngx_http_rtauth_wait_t,
                              queue);

        if (ngx_http_rtauth_wait_is_over(wait)) {
            ngx_http_rtauth_wait_resume(wait);
            continue;
        }

        ngx_queue_remove(&wait->queue);
        ngx_queue_insert_tail(&waiting->queue, &wait->queue);
    }
}


static void
ngx_http_rtauth_wait_cleanup(void *data)
{
    ngx_http_rtauth_wait_t *wait = data;

    if (wait->queued) {
        ngx_http_rtauth_wait_leave(wait);
    }
}

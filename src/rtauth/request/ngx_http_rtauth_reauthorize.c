
#include "request/ngx_http_rtauth_reauthorize.h"
#include "keys/ngx_http_rtauth_ended.h"
#include "keys/ngx_http_rtauth_worker.h"
#include "request/ngx_http_rtauth_rights.h"
#include "session/ngx_http_rtauth_session.h"
#include "ngx_rt_log.h"


#define NGX_HTTP_RTAUTH_REAUTHORIZE_TURN  1000  /* requests; then others get
                                                   their turn */


/*
 * This worker's.  The fourth word is what nginx's debug log takes for the fd of
 * a timer's connection.
 */

struct ngx_http_rtauth_watch_s {
    ngx_queue_t     *queues;                    /* ngx_http_rtauth_kept_t */
    ngx_msec_t      *times;
    ngx_uint_t       n;                         /* of both */
    ngx_int_t        ident;
    ngx_event_t      timer;
};


static ngx_http_rtauth_watch_t *ngx_http_rtauth_reauthorize_watch(
    ngx_http_rtauth_main_conf_t *mcf);
static void ngx_http_rtauth_reauthorize_cleanup(void *data);
static void ngx_http_rtauth_reauthorize_add(ngx_http_rtauth_watch_t *watch,
    ngx_http_rtauth_kept_t *kept, ngx_uint_t i);
static void ngx_http_rtauth_reauthorize_tick(ngx_event_t *ev);
static void ngx_http_rtauth_reauthorize_arm(ngx_http_rtauth_watch_t *watch);
static void ngx_http_rtauth_reauthorize_judge(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_reauthorize_verdict(
    ngx_http_rtauth_kept_t *kept, ngx_uint_t expiry, rt_reason_e *reason);
static void ngx_http_rtauth_reauthorize_end(ngx_http_request_t *r,
    ngx_http_rtauth_kept_t *kept, rt_reason_e reason);
static void ngx_http_rtauth_reauthorize_close(ngx_http_request_t *r);


ngx_int_t
ngx_http_rtauth_reauthorize_enter(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept)
{
    ngx_http_rtauth_watch_t      *watch;
    ngx_http_rtauth_loc_conf_t   *rlcf;
    ngx_http_rtauth_main_conf_t  *mcf;

    rlcf = ngx_http_get_module_loc_conf(r->main, ngx_http_rtauth_module);

    /* what runs beside it (mirror) does not say whether it may go on */

    if (rlcf->reauthorize == 0
        || (r != r->main
            && (r->background || kept->live.request == r->main)))
    {
        return NGX_OK;
    }

    kept->live.request = r;
    kept->live.pass = pass;

    if (kept->live.queue.next) {
        return NGX_OK;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    watch = mcf->watch ? mcf->watch : ngx_http_rtauth_reauthorize_watch(mcf);

    if (watch == NULL) {
        return NGX_ERROR;
    }

    ngx_http_rtauth_reauthorize_add(watch, kept, rlcf->reauthorize_queue);

    return NGX_OK;
}


/*
 * Made for the first request: without a master process nginx tells modules of
 * no new cycle.  The end of the cycle's pool takes the timer away.
 */

static ngx_http_rtauth_watch_t *
ngx_http_rtauth_reauthorize_watch(ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_uint_t                i, n;
    ngx_pool_cleanup_t       *cln;
    ngx_http_rtauth_watch_t  *watch;

    n = mcf->reauthorize.nelts;

    cln = ngx_pool_cleanup_add(ngx_cycle->pool,
                               sizeof(ngx_http_rtauth_watch_t));
    if (cln == NULL) {
        return NULL;
    }

    watch = cln->data;
    ngx_memzero(watch, sizeof(ngx_http_rtauth_watch_t));

    watch->queues = ngx_palloc(ngx_cycle->pool, n * sizeof(ngx_queue_t));
    if (watch->queues == NULL) {
        return NULL;
    }

    for (i = 0; i < n; i++) {
        ngx_queue_init(&watch->queues[i]);
    }

    watch->times = mcf->reauthorize.elts;
    watch->n = n;
    watch->ident = -1;

    watch->timer.handler = ngx_http_rtauth_reauthorize_tick;
    watch->timer.data = watch;
    watch->timer.log = ngx_cycle->log;
    watch->timer.cancelable = 1;

    cln->handler = ngx_http_rtauth_reauthorize_cleanup;
    mcf->watch = watch;

    return watch;
}


static void
ngx_http_rtauth_reauthorize_cleanup(void *data)
{
    ngx_http_rtauth_watch_t *watch = data;

    if (watch->timer.timer_set) {
        ngx_del_timer(&watch->timer);
    }
}


static void
ngx_http_rtauth_reauthorize_add(ngx_http_rtauth_watch_t *watch,
    ngx_http_rtauth_kept_t *kept, ngx_uint_t i)
{
    kept->live.due = ngx_current_msec + watch->times[i];

    ngx_queue_insert_tail(&watch->queues[i], &kept->live.queue);

    if (!watch->timer.timer_set
        || (ngx_msec_int_t) (watch->timer.timer.key - kept->live.due) > 0)
    {
        ngx_add_timer(&watch->timer, watch->times[i]);
    }
}


static void
ngx_http_rtauth_reauthorize_tick(ngx_event_t *ev)
{
    ngx_uint_t                   i, n;
    ngx_queue_t                 *q;
    ngx_http_request_t          *r;
    ngx_http_rtauth_kept_t      *kept;
    ngx_http_rtauth_watch_t     *watch;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    n = 0;
    watch = ev->data;

    for (i = 0; i < watch->n; i++) {

        while (!ngx_queue_empty(&watch->queues[i])
               && n++ < NGX_HTTP_RTAUTH_REAUTHORIZE_TURN)
        {
            q = ngx_queue_head(&watch->queues[i]);
            kept = ngx_queue_data(q, ngx_http_rtauth_kept_t, live.queue);

            if (!ngx_http_rtauth_due(kept->live.due)) {
                break;
            }

            r = kept->live.request->main;
            rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

            /* it may have come to another location, of another TIME */

            ngx_queue_remove(q);
            ngx_http_rtauth_reauthorize_add(watch, kept,
                                            rlcf->reauthorize_queue);

            ngx_http_rtauth_reauthorize_judge(r);
        }
    }

    ngx_http_rtauth_reauthorize_arm(watch);
}


static void
ngx_http_rtauth_reauthorize_arm(ngx_http_rtauth_watch_t *watch)
{
    ngx_uint_t               i;
    ngx_msec_int_t           left, least;
    ngx_http_rtauth_kept_t  *kept;

    least = -1;

    for (i = 0; i < watch->n; i++) {

        if (ngx_queue_empty(&watch->queues[i])) {
            continue;
        }

        kept = ngx_queue_data(ngx_queue_head(&watch->queues[i]),
                              ngx_http_rtauth_kept_t, live.queue);

        left = (ngx_msec_int_t) (kept->live.due - ngx_current_msec);
        left = ngx_max(left, 1);

        if (least == -1 || left < least) {
            least = left;
        }
    }

    if (least != -1) {
        ngx_add_timer(&watch->timer, (ngx_msec_t) least);
    }
}


/* also called when the store of a session has answered */

static void
ngx_http_rtauth_reauthorize_judge(ngx_http_request_t *r)
{
    rt_reason_e                  reason;
    ngx_http_rtauth_kept_t      *kept;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    kept = ngx_http_rtauth_kept(r);
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    if (r->done || r->connection->error || rlcf->reauthorize == 0) {
        return;
    }

    if (ngx_http_rtauth_reauthorize_verdict(kept, rlcf->reauthorize_expiry,
                                            &reason)
        == NGX_DECLINED)
    {
        ngx_http_rtauth_reauthorize_end(r, kept, reason);
    }
}


/*
 * By what he was let in with, as it is known now, in the location that let him
 * in last.
 *
 * ret:  NGX_OK; NGX_DECLINED with *reason; NGX_AGAIN: his session is asked for
 */

static ngx_int_t
ngx_http_rtauth_reauthorize_verdict(ngx_http_rtauth_kept_t *kept,
    ngx_uint_t expiry, rt_reason_e *reason)
{
    ngx_int_t                     rc;
    ngx_uint_t                    status, untold;
    ngx_http_request_t           *r;
    ngx_http_rtauth_seen_t        seen;
    ngx_http_rtauth_pass_t        pass;
    ngx_http_rtauth_worker_t     *w;
    ngx_http_rtauth_main_conf_t  *mcf;

    r = kept->live.request;
    pass = *kept->live.pass;
    pass.again = 1;
    pass.workspace = NULL;          /* nobody is sent anywhere any more */

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    if (pass.identity == NULL) {
        /* nobody: the rights of rtauth_public_group may end */

    } else if (pass.identity->session) {
        rc = ngx_http_rtauth_session_live(r->main, pass.conf->providers,
                                          ngx_http_rtauth_reauthorize_judge,
                                          &pass.identity, reason);
        if (rc != NGX_OK) {
            return rc;
        }

    } else if (expiry && ngx_time() >= pass.identity->expires) {
        *reason = RT_REASON_EXPIRED;
        return NGX_DECLINED;
    }

    ngx_memzero(&seen, sizeof(ngx_http_rtauth_seen_t));

    w = ngx_http_rtauth_worker(mcf);
    if (w == NULL) {
        *reason = RT_REASON_INTERNAL;
        return NGX_DECLINED;
    }

    *reason = pass.identity ? ngx_http_rtauth_ended(w, pass.identity, &seen)
                            : RT_REASON_OK;

    /* when nobody can tell, whoever was let in stays, but only once in a row */

    untold = kept->live.untold;
    kept->live.untold = (*reason == RT_REASON_USERS_UNAVAILABLE
                         || *reason == RT_REASON_STORE_UNAVAILABLE);

    if (kept->live.untold && !untold) {
        return NGX_OK;
    }

    if (*reason == RT_REASON_OK) {
        *reason = ngx_http_rtauth_rights(r, &pass, kept, &status);
    }

    if (*reason == RT_REASON_OK) {
        return NGX_OK;
    }

    /* the event tells of this pass; newer claims of his may be freed by then */

    pass.identity = kept->live.pass->identity;
    *kept->live.pass = pass;

    return NGX_DECLINED;
}


static void
ngx_http_rtauth_reauthorize_end(ngx_http_request_t *r,
    ngx_http_rtauth_kept_t *kept, rt_reason_e reason)
{
    ngx_http_rtauth_pass_t  *pass;

    static ngx_rt_log_kind_t  kinds[RT_REASON_MAX];

    pass = kept->live.pass;
    pass->reason = reason;
    pass->ended = 1;

    kept->last = pass;

    ngx_queue_remove(&kept->live.queue);
    kept->live.queue.next = NULL;

    ngx_http_set_log_request(r->connection->log, r);

    ngx_rt_log(&kinds[reason], NGX_LOG_NOTICE, r, "rtauth: ended: %V",
               ngx_rt_ngx((rt_str_t *) &rt_reason(reason)->name));

    ngx_http_rtauth_reauthorize_close(r);
}


/*
 * Closes the stream in HTTP/2, where others go on, else the connection. r is
 * gone afterwards.
 */

static void
ngx_http_rtauth_reauthorize_close(ngx_http_request_t *r)
{
    ngx_connection_t          *c;
#if (NGX_HTTP_V2)
    ngx_http_v2_connection_t  *h2c;

    h2c = r->stream ? r->stream->connection : NULL;
#endif

    c = r->connection;

    /* "post_action" would begin while an upstream still answers */

    r->post_action = 1;
    r->uri_changes = 0;

    /*
     * The end of an upstream counts as one of the request's own.  As the last
     * one it would be a whole answer: the connection would be kept alive.
     */

    r->count++;
    r->keepalive = 0;

    ngx_http_finalize_request(r, NGX_ERROR);
    ngx_http_run_posted_requests(c);

#if (NGX_HTTP_V2)

    /*
     * The frame that ends the stream is queued, and nothing else would send it.
     */

    if (h2c && h2c->last_out) {
        ngx_post_event(h2c->connection->write, &ngx_posted_events);
    }

#endif
}

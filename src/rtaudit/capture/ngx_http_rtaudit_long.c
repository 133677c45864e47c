
/* Requests that take long; see ngx_http_rtaudit_long.h. */

#include "capture/ngx_http_rtaudit_event.h"
#include "capture/ngx_http_rtaudit_long.h"


#define NGX_HTTP_RTAUDIT_LONG_LINES  512    /* of one look */


/* of this worker, as they began: the first is due first */

static ngx_queue_t  ngx_http_rtaudit_long = {
    &ngx_http_rtaudit_long, &ngx_http_rtaudit_long
};


void
ngx_http_rtaudit_long_begin(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx)
{
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtaudit_module);

    if (mcf->started) {
        ctx->running = r;
        ctx->due = ngx_current_msec + mcf->started;
        ngx_queue_insert_tail(&ngx_http_rtaudit_long, &ctx->queue);
    }
}


void
ngx_http_rtaudit_long_end(ngx_http_rtaudit_ctx_t *ctx)
{
    if (ctx->running) {
        ctx->running = NULL;
        ngx_queue_remove(&ctx->queue);
    }
}


/*
 * When the ring is nearly full, these lines wait: what room is left is for the
 * events of requests that are over.
 */

void
ngx_http_rtaudit_long_look(void)
{
    ngx_uint_t                 n;
    ngx_queue_t               *q;
    ngx_http_request_t        *r;
    ngx_http_rtaudit_ctx_t    *ctx;
    ngx_http_rtaudit_entry_t   e;

    for (n = 0; n < NGX_HTTP_RTAUDIT_LONG_LINES; n++) {

        if (ngx_queue_empty(&ngx_http_rtaudit_long)) {
            return;
        }

        q = ngx_queue_head(&ngx_http_rtaudit_long);
        ctx = ngx_queue_data(q, ngx_http_rtaudit_ctx_t, queue);

        if ((ngx_msec_int_t) (ctx->due - ngx_current_msec) > 0
            || ngx_http_rtaudit_books_room() != NGX_OK)
        {
            return;
        }

        r = ctx->running;
        ngx_http_rtaudit_long_end(ctx);

        (void) ngx_http_rtaudit_event_early(r, ctx, RT_EVENT_STARTED, &e);
        ctx->started = (e.end != 0);
    }
}

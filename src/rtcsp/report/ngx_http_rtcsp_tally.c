#include "report/ngx_http_rtcsp_tally.h"
#include "nonce/ngx_http_rtcsp_body.h"
#include "nonce/ngx_http_rtcsp_nonce.h"


#define add(to, n)  (void) ngx_atomic_fetch_add(&(to), n)


static ngx_int_t ngx_http_rtcsp_tally_init(ngx_shm_zone_t *zone, void *data);
static ngx_http_rtcsp_result_e ngx_http_rtcsp_tally_result(
    ngx_http_request_t *r);


ngx_shm_zone_t *
ngx_http_rtcsp_tally_create(ngx_conf_t *cf)
{
    size_t           size;
    ngx_shm_zone_t  *zone;

    static ngx_str_t  name = ngx_string("rtcsp_status");

    size = ngx_align(sizeof(ngx_http_rtcsp_tally_t), ngx_pagesize)
           + 8 * ngx_pagesize;

    zone = ngx_shared_memory_add(cf, &name, size, &ngx_http_rtcsp_module);

    if (zone) {
        zone->init = ngx_http_rtcsp_tally_init;
        zone->data = zone;
    }

    return zone;
}


static ngx_int_t
ngx_http_rtcsp_tally_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t         *shpool;
    ngx_http_rtcsp_tally_t  *tally;

    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (shpool->data != NULL) {
        return NGX_OK;
    }

    tally = ngx_slab_calloc(shpool, sizeof(ngx_http_rtcsp_tally_t));
    if (tally == NULL) {
        return NGX_ERROR;
    }

    tally->since = ngx_time();
    shpool->data = tally;

    return NGX_OK;
}


ngx_http_rtcsp_tally_t *
ngx_http_rtcsp_tally(ngx_http_request_t *r)
{
    ngx_http_rtcsp_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtcsp_module);

    return mcf->tally ? ((ngx_slab_pool_t *) mcf->tally->shm.addr)->data : NULL;
}


ngx_int_t
ngx_http_rtcsp_tally_handler(ngx_http_request_t *r)
{
    ngx_uint_t                  placed, scrubbed;
    rt_nonce_lost_t             lost;
    ngx_http_rtcsp_ctx_t       *ctx;
    ngx_http_rtcsp_tally_t     *tally;
    ngx_http_rtcsp_loc_conf_t  *conf;

    if (r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_http_rtcsp_find(r);
    conf = ngx_http_get_module_loc_conf(r, ngx_http_rtcsp_module);
    tally = ngx_http_rtcsp_tally(r);

    if (conf->collector && r->method != NGX_HTTP_OPTIONS) {
        add(tally->results[ngx_http_rtcsp_tally_result(r)], 1);
    }

    if (ctx == NULL) {
        return NGX_OK;
    }

    ngx_http_rtcsp_body_counts(ctx, &placed, &scrubbed, &lost);

    add(tally->pages, ctx->nonced);
    add(tally->placed, placed);
    add(tally->scrubbed, ngx_http_rtcsp_body_places(ctx) ? 0 : scrubbed);
    add(tally->failed, ctx->failed);

    if (lost.word) {
        add(tally->lost[lost.why], 1);
    }

    if (ctx->bad) {
        add(tally->bad[ctx->bad], 1);
    }

    return NGX_OK;
}


/* nginx and other modules refuse as well, with the same statuses or others */

static ngx_http_rtcsp_result_e
ngx_http_rtcsp_tally_result(ngx_http_request_t *r)
{
    switch (r->err_status ? r->err_status : r->headers_out.status) {

    case NGX_HTTP_NO_CONTENT:
        return NGX_HTTP_RTCSP_TAKEN;

    case NGX_HTTP_NOT_ALLOWED:
        return NGX_HTTP_RTCSP_NO_METHOD;

    case NGX_HTTP_UNSUPPORTED_MEDIA_TYPE:
        return NGX_HTTP_RTCSP_NO_TYPE;

    case NGX_HTTP_BAD_REQUEST:
        return NGX_HTTP_RTCSP_NO_REPORT;

    case NGX_HTTP_REQUEST_ENTITY_TOO_LARGE:
        return NGX_HTTP_RTCSP_TOO_LONG;

    case NGX_HTTP_TOO_MANY_REQUESTS:
        return NGX_HTTP_RTCSP_TOO_MANY;

    default:
        return NGX_HTTP_RTCSP_NOT_TAKEN;
    }
}


void
ngx_http_rtcsp_tally_report(ngx_http_request_t *r,
    const rt_csp_report_t *report)
{
    ngx_uint_t                 i;
    ngx_http_rtcsp_tally_t    *tally;
    const rt_csp_violation_t  *v;

    tally = ngx_http_rtcsp_tally(r);

    for (i = 0; tally && i < report->n; i++) {
        v = &report->violation[i];
        add(tally->violations[v->directive][v->class], 1);
    }
}

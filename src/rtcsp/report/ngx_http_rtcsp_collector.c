#include "report/ngx_http_rtcsp_collector.h"
#include "report/ngx_http_rtcsp_tally.h"
#include "nonce/ngx_http_rtcsp_nonce.h"
#include "ngx_rt_body.h"
#include "ngx_rt_headers.h"
#include "text/rt_field.h"


#define NGX_HTTP_RTCSP_COLLECTOR_BODY   (256 * 1024)
#define NGX_HTTP_RTCSP_COLLECTOR_EVENT  4096

/* requests of a worker, over all locations: a second, and at once */

#define NGX_HTTP_RTCSP_COLLECTOR_RATE   20
#define NGX_HTTP_RTCSP_COLLECTOR_BURST  200


static ngx_int_t ngx_http_rtcsp_collector_check(ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtcsp_collector_type(ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtcsp_collector_flooded(void);
static void ngx_http_rtcsp_collector_read(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtcsp_collector_take(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtcsp_collector_answer(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtcsp_collector_header(ngx_http_request_t *r,
    char *name, char *value);


ngx_int_t
ngx_http_rtcsp_collector_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    if (r != r->main) {
        return NGX_HTTP_FORBIDDEN;
    }

    if (r->method == NGX_HTTP_OPTIONS) {
        rc = ngx_http_discard_request_body(r);

        return (rc == NGX_OK) ? ngx_http_rtcsp_collector_answer(r) : rc;
    }

    rc = ngx_http_rtcsp_collector_check(r);

    if (rc == NGX_OK) {
        rc = ngx_http_read_client_request_body(r,
                                               ngx_http_rtcsp_collector_read);
    }

    return (rc >= NGX_HTTP_SPECIAL_RESPONSE) ? rc : NGX_DONE;
}


/* ret: NGX_OK, or the status to refuse with */

static ngx_int_t
ngx_http_rtcsp_collector_check(ngx_http_request_t *r)
{
    if (r->method != NGX_HTTP_POST) {
        return ngx_http_rtcsp_collector_header(r, "Allow", "POST, OPTIONS")
               == NGX_OK ? NGX_HTTP_NOT_ALLOWED
                         : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!ngx_http_rtcsp_collector_type(r)) {
        return NGX_HTTP_UNSUPPORTED_MEDIA_TYPE;
    }

    if (r->headers_in.content_length_n > NGX_HTTP_RTCSP_COLLECTOR_BODY) {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    return ngx_http_rtcsp_collector_flooded() ? NGX_HTTP_TOO_MANY_REQUESTS
                                              : NGX_OK;
}


/* either type may hold either format: what is inside tells them apart */

static ngx_uint_t
ngx_http_rtcsp_collector_type(ngx_http_request_t *r)
{
    rt_str_t   type;
    ngx_str_t  encoding;

    static ngx_str_t  name = ngx_string("content-encoding");

    ngx_rt_headers_value(r, &name, &encoding);

    return r->headers_in.content_type != NULL && encoding.len == 0
           && rt_field_media(ngx_rt_str(&r->headers_in.content_type->value),
                             &type)
           && (rt_str_ieq(&type, &(rt_str_t)
                                     rt_string("application/csp-report"))
               || rt_str_ieq(&type, &(rt_str_t)
                                     rt_string("application/reports+json")));
}


/*
 * A leaky bucket, in thousandths of a request, as limit_req's.  It is this
 * worker's alone: what it has to stop is a log that fills up.
 */

static ngx_uint_t
ngx_http_rtcsp_collector_flooded(void)
{
    ngx_msec_t         elapsed;

    static ngx_msec_t  last;
    static ngx_msec_t  excess;

    elapsed = ngx_current_msec - last;
    elapsed = ngx_min(elapsed, NGX_HTTP_RTCSP_COLLECTOR_BURST * 1000);
    last = ngx_current_msec;

    excess -= ngx_min(excess, elapsed * NGX_HTTP_RTCSP_COLLECTOR_RATE);

    if (excess >= NGX_HTTP_RTCSP_COLLECTOR_BURST * 1000) {
        return 1;
    }

    excess += 1000;

    return 0;
}


static void
ngx_http_rtcsp_collector_read(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_rtcsp_collector_take(r);

    ngx_http_finalize_request(r, rc == NGX_OK
                                 ? ngx_http_rtcsp_collector_answer(r) : rc);
}


/* ret: NGX_OK, or the status to refuse with */

static ngx_int_t
ngx_http_rtcsp_collector_take(ngx_http_request_t *r)
{
    rt_mem_t               mem;
    rt_str_t               body;
    ngx_int_t              rc;
    rt_jsonw_t             w;
    rt_status_e            status;
    rt_csp_report_t       *report;
    ngx_http_rtcsp_ctx_t  *ctx;

    rc = ngx_rt_body_join(r, NGX_HTTP_RTCSP_COLLECTOR_BODY, &body);

    if (rc != NGX_OK) {
        return (rc == NGX_DECLINED) ? NGX_HTTP_REQUEST_ENTITY_TOO_LARGE
                                    : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx = ngx_http_rtcsp_keep(r);
    report = ngx_palloc(r->pool, sizeof(rt_csp_report_t));

    if (ctx == NULL || report == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    mem = ngx_rt_str_mem(r->pool);
    status = rt_csp_report(&mem, &body, report);

    if (status != RT_OK) {
        return (status == RT_ERROR) ? NGX_HTTP_INTERNAL_SERVER_ERROR
                                    : NGX_HTTP_BAD_REQUEST;
    }

    if (report->n == 0) {
        return NGX_OK;
    }

    ngx_http_rtcsp_tally_report(r, report);

    ctx->violations.data = ngx_pnalloc(r->pool, NGX_HTTP_RTCSP_COLLECTOR_EVENT);

    if (ctx->violations.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rt_jsonw_init(&w, ctx->violations.data, NGX_HTTP_RTCSP_COLLECTOR_EVENT);
    rt_csp_report_write(report, &w);

    ctx->violations.len = rt_jsonw_len(&w);

    return NGX_OK;
}


/*
 * Of a page of another origin, the Reporting API asks first (OPTIONS), and
 * sends again what was not allowed.  There is nothing to read in the answer,
 * and no cookie goes along, so that everybody may.
 */

static ngx_int_t
ngx_http_rtcsp_collector_answer(ngx_http_request_t *r)
{
    ngx_uint_t  i, n;

    static const struct {
        char  *name;
        char  *value;
    } headers[] = {
        { "Access-Control-Allow-Origin", "*" },
        { "Access-Control-Allow-Headers", "content-type" },
        { "Access-Control-Max-Age", "7200" },
        { "Allow", "POST, OPTIONS" }
    };

    n = (r->method == NGX_HTTP_OPTIONS) ? sizeof(headers) / sizeof(headers[0])
                                        : 1;

    for (i = 0; i < n; i++) {
        if (ngx_http_rtcsp_collector_header(r, headers[i].name,
                                            headers[i].value)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->header_only = 1;

    return ngx_http_send_header(r);
}


static ngx_int_t
ngx_http_rtcsp_collector_header(ngx_http_request_t *r, char *name, char *value)
{
    ngx_table_elt_t  *h;

    h = ngx_rt_headers_add(r, name);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->value.data = (u_char *) value;
    h->value.len = ngx_strlen(value);

    return NGX_OK;
}


#include "capture/ngx_http_rtaudit_response.h"
#include "capture/ngx_http_rtaudit_capture.h"
#include "ngx_rt_head.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_order.h"


static ngx_int_t ngx_http_rtaudit_response_header(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtaudit_response_begin(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx);
static ngx_int_t ngx_http_rtaudit_response_body(ngx_http_request_t *r,
    ngx_chain_t *in);


static ngx_http_output_header_filter_pt  ngx_http_rtaudit_response_next_header;
static ngx_http_output_body_filter_pt    ngx_http_rtaudit_response_next_body;


ngx_int_t
ngx_http_rtaudit_response_init(ngx_conf_t *cf)
{
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtaudit_module);

    ngx_http_rtaudit_response_next_header = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_rtaudit_response_header;

    if (!mcf->responses) {
        return NGX_OK;
    }

    if (ngx_rt_order(cf, &ngx_http_rtaudit_response_module, "rtaudit")
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_rtaudit_response_next_body = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_rtaudit_response_body;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_response_header(ngx_http_request_t *r)
{
    ngx_http_rtaudit_ctx_t  *ctx;

    if (ngx_rt_head_keep(r) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx = (r == r->main) ? ngx_http_rtaudit_ctx(r) : NULL;

    if (ctx && ctx->open && ctx->conf->want_response && !ctx->view
        && ngx_http_rtaudit_response_begin(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_rtaudit_response_next_header(r);
}


/*
 * Called again when an error page takes the place of a response whose headers
 * had passed here: the event is of the later one.
 */

static ngx_int_t
ngx_http_rtaudit_response_begin(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx)
{
    ngx_http_rtaudit_response_t   *response;
    ngx_http_rtaudit_main_conf_t  *mcf;
    static ngx_str_t               encoding = ngx_string("content-encoding");

    response = ngx_pcalloc(r->pool, sizeof(ngx_http_rtaudit_response_t));

    if (response == NULL
        || ngx_rt_headers_said(r, &encoding, &response->encoding) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->response = response;

    response->type = r->headers_out.content_type;
    response->charset = r->headers_out.charset;
    response->announced = r->headers_out.content_length_n;

    /* of what an event does not show there is at most an HMAC */

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtaudit_module);

    if (mcf->keys.nelts == 0
        && !rt_body_readable(ngx_rt_str(&response->type)))
    {
        return NGX_OK;
    }

    response->max = ctx->conf->body;

    /* a file that is too long is never looked at, and goes by sendfile() */

    if (response->announced <= (off_t) response->max) {
        r->main_filter_need_in_memory = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_response_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_rtaudit_ctx_t       *ctx;
    ngx_http_rtaudit_response_t  *response;

    ctx = ngx_http_get_module_ctx(r, ngx_http_rtaudit_module);

    if (ctx && ctx->response && r == r->main) {
        response = ctx->response;
        ngx_http_rtaudit_keep(r->pool, &response->body, in, response->max,
                              response->announced);
    }

    return ngx_http_rtaudit_response_next_body(r, in);
}

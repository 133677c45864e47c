/*
 * The filters a response passes on its way out.
 */


#include "header/ngx_http_rtcsp_filter.h"
#include "header/ngx_http_rtcsp_headers.h"
#include "header/ngx_http_rtcsp_transport.h"
#include "nonce/ngx_http_rtcsp_body.h"
#include "nonce/ngx_http_rtcsp_nonce.h"
#include "nonce/ngx_http_rtcsp_out.h"
#include "nonce/ngx_http_rtcsp_token.h"
#include "ngx_rt_order.h"


static ngx_int_t ngx_http_rtcsp_filter_early(ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtcsp_filter_reads(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtcsp_filter_header(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtcsp_filter_body(ngx_http_request_t *r,
    ngx_chain_t *in);


static ngx_http_output_header_filter_pt  ngx_http_rtcsp_filter_next_early;
static ngx_http_output_header_filter_pt  ngx_http_rtcsp_filter_next_header;
static ngx_http_output_body_filter_pt    ngx_http_rtcsp_filter_next_body;


ngx_int_t
ngx_http_rtcsp_filter_init(ngx_conf_t *cf)
{
    if (ngx_rt_order(cf, &ngx_http_rtcsp_module, "rtcsp") != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_rtcsp_filter_next_header = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_rtcsp_filter_header;

    ngx_http_rtcsp_filter_next_body = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_rtcsp_filter_body;

    return NGX_OK;
}


ngx_int_t
ngx_http_rtcsp_filter_early_init(ngx_conf_t *cf)
{
    ngx_http_rtcsp_filter_next_early = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_rtcsp_filter_early;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtcsp_filter_early(ngx_http_request_t *r)
{
    ngx_http_rtcsp_loc_conf_t  *conf;

    if (r == r->main) {
        conf = ngx_http_get_module_loc_conf(r, ngx_http_rtcsp_module);

        if (conf->mode != NGX_HTTP_RTCSP_NONCE_OFF) {
            ngx_http_rtcsp_early(r, conf);
        }
    }

    return ngx_http_rtcsp_filter_next_early(r);
}


/* ret: 1 if a policy or the placeholder has to do with its responses */

static ngx_uint_t
ngx_http_rtcsp_filter_reads(ngx_http_request_t *r)
{
    ngx_http_rtcsp_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_rtcsp_module);

    return conf->on || conf->secret != NULL;
}


static ngx_int_t
ngx_http_rtcsp_filter_header(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_rtcsp_ctx_t       *ctx;
    ngx_http_rtcsp_loc_conf_t  *conf;

    if (ngx_http_rtcsp_interim(r)
        && (ngx_http_rtcsp_filter_reads(r)
            || ngx_http_rtcsp_filter_reads(r->main)))
    {
        return ngx_http_rtcsp_refuse(r);
    }

    conf = ngx_http_get_module_loc_conf(r, ngx_http_rtcsp_module);

    if (r != r->main) {

        if (ngx_http_rtcsp_takes(conf)) {
            ngx_http_rtcsp_token_part(r, conf);
        }

        rc = ngx_http_rtcsp_part(r);
        return (rc == NGX_OK) ? ngx_http_rtcsp_filter_next_header(r) : rc;
    }

    if (conf->cookie && conf->cookie->names
        && ngx_http_rtcsp_cookies(r, conf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!conf->on && conf->secret == NULL) {

        ctx = ngx_http_rtcsp_find(r);

        if (ctx != NULL) {
            /* forgets what was made for the response that this one replaces */
            ngx_http_rtcsp_drop_ours(r);
            ngx_http_rtcsp_nonce_forget(ctx);
        }

        return ngx_http_rtcsp_filter_next_header(r);
    }

    rc = ngx_http_rtcsp_headers(r, conf);

    if (rc == NGX_OK) {
        return ngx_http_rtcsp_filter_next_header(r);
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_filter_finalize_request(r, &ngx_http_rtcsp_module,
                                                NGX_HTTP_BAD_GATEWAY);
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_rtcsp_filter_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_rtcsp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_rtcsp_module);

    if (r != r->main || ctx == NULL) {
        return ngx_http_rtcsp_filter_next_body(r, in);
    }

    /*
     * Trailers are scrubbed whatever the type of the body is.  They are
     * complete before its end passes here.
     */

    if (ctx->secret != NULL
        && ngx_http_rtcsp_scrub_trailers(r, ctx->secret) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->body == NULL) {
        return ngx_http_rtcsp_filter_next_body(r, in);
    }

    return ngx_http_rtcsp_body(r, in, ctx, ngx_http_rtcsp_filter_next_body);
}

/*
 * The body filter: the placeholder becomes the nonce, or is overwritten; or
 * tags get the nonce that had none.
 */


#ifndef NGX_HTTP_RTCSP_BODY_H_INCLUDED
#define NGX_HTTP_RTCSP_BODY_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/*
 * Prepares ctx->body for the response of a main request whose headers are
 * about to be sent.
 *
 * html: place ctx->nonce where the placeholder is a nonce; else it is only
 *       overwritten (tags get it in a page alone)
 * gzip: the body is inflated first
 */
ngx_int_t ngx_http_rtcsp_body_start(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_uint_t html, ngx_uint_t gzip);

/*
 * The body filter of a response with ctx->body; next is called with what
 * goes on.
 */
ngx_int_t ngx_http_rtcsp_body(ngx_http_request_t *r, ngx_chain_t *in,
    ngx_http_rtcsp_ctx_t *ctx, ngx_http_output_body_filter_pt next);

/* ret: 1 if tags of the body get the nonce */
ngx_uint_t ngx_http_rtcsp_body_places(ngx_http_rtcsp_ctx_t *ctx);

/* ret: 1 if the body, of a response with ctx->body, is inflated */
ngx_uint_t ngx_http_rtcsp_body_gzip(ngx_http_rtcsp_ctx_t *ctx);

/*
 * How often the placeholder was replaced, and overwritten, or how many tags
 * got the nonce, and did not; why it was lost where it may have been
 * (lost->word is NULL: nowhere).
 */
void ngx_http_rtcsp_body_counts(ngx_http_rtcsp_ctx_t *ctx,
    ngx_uint_t *placed, ngx_uint_t *scrubbed, rt_nonce_lost_t *lost);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_BODY_H_INCLUDED */

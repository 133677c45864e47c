/*
 * rtcsp_nonce upstream: the nonce that the application made.
 *
 *     upstream, or nginx's cache                    client
 *     script-src 'nonce-T'                    -->   script-src 'nonce-A'
 *     <script nonce="T">                      -->   <script nonce="A">
 *     T anywhere else                         -->   overwritten
 *
 * T is this response's own placeholder.  It stands in what upstream sent, so
 * whoever can write into that can know it; but it is made before that is
 * written, and no client ever sees it.
 */


#ifndef NGX_HTTP_RTCSP_TOKEN_H_INCLUDED
#define NGX_HTTP_RTCSP_TOKEN_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/*
 * Looks for it in the policies of the response of r, a main request.  If it is
 * there: makes the nonce, puts that into the policies, and sets ctx->secret.
 * A page with one that is no good must not be cached.
 *
 * ret: NGX_OK        the page may have the nonce
 *      NGX_DECLINED  it may not: there is no T, or it is one of a kind that is
 *                    left alone, or (ctx->secret is set) was chosen by others
 *      NGX_ABORT     there is T, and no randomness
 *      NGX_ERROR     no memory
 */
ngx_int_t ngx_http_rtcsp_token(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_uint_t page);

/*
 * Puts ctx->nonce into upstream's policies wherever ctx->secret is a nonce in
 * them.  ret: NGX_OK, NGX_ERROR (no memory)
 */
ngx_int_t ngx_http_rtcsp_token_fill(ngx_http_request_t *r,
    ngx_http_rtcsp_ctx_t *ctx);

/*
 * The same look at the response of a subrequest, which may be what fills
 * nginx's cache: keeps out of that what must not be in there.
 */
void ngx_http_rtcsp_token_part(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_TOKEN_H_INCLUDED */

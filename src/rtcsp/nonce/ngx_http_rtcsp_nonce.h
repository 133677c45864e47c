/*
 * One nonce for each response.
 */


#ifndef NGX_HTTP_RTCSP_NONCE_H_INCLUDED
#define NGX_HTTP_RTCSP_NONCE_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/*
 * What is kept of the request of a client.  r may be any of its subrequests;
 * internal redirects and error pages, which empty r->ctx, keep it.
 * ret: NULL: there is none yet, or (create) no memory
 */
ngx_http_rtcsp_ctx_t *ngx_http_rtcsp_find(ngx_http_request_t *r);
ngx_http_rtcsp_ctx_t *ngx_http_rtcsp_keep(ngx_http_request_t *r);

/*
 * Makes the nonce, unless there is one already: 24 random bytes as 32 of
 * base64url in ctx->nonce.
 * ret: NGX_OK, or NGX_DECLINED: randomness failed (said in the error log),
 *      there is no nonce and there will be none for this response
 */
ngx_int_t ngx_http_rtcsp_nonce(ngx_http_request_t *r,
    ngx_http_rtcsp_ctx_t *ctx);

/* of a response that another one replaces: all but the nonce */

static ngx_inline void
ngx_http_rtcsp_nonce_forget(ngx_http_rtcsp_ctx_t *ctx)
{
    ctx->secret = NULL;
    ctx->body = NULL;
    ctx->enforced = 0;
    ctx->reported = 0;
    ctx->nonced = 0;
}


/* wipes what this worker had in store */
void ngx_http_rtcsp_nonce_exit(ngx_cycle_t *cycle);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_NONCE_H_INCLUDED */

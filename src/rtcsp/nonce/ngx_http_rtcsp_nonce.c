/* before rt_base.h, whose pragma would hide them from the linker */
#include <ngx_config.h>
#include <ngx_core.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "nonce/ngx_http_rtcsp_nonce.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"


#define NGX_HTTP_RTCSP_RANDOM  24       /* bytes of a nonce */
#define NGX_HTTP_RTCSP_STORE   64       /* nonces fetched at once */


/*
 * Randomness of this worker.  Whatever is used is wiped at once; what was
 * fetched before a fork (pid) is never used.
 */

typedef struct {
    ngx_pid_t   pid;
    ngx_uint_t  left;
    u_char      bytes[NGX_HTTP_RTCSP_STORE][NGX_HTTP_RTCSP_RANDOM];
} ngx_http_rtcsp_store_t;


static void ngx_http_rtcsp_nonce_cleanup(void *data);


static ngx_http_rtcsp_store_t  ngx_http_rtcsp_nonce_store;


ngx_http_rtcsp_ctx_t *
ngx_http_rtcsp_find(ngx_http_request_t *r)
{
    ngx_http_rtcsp_ctx_t  *ctx;

    r = r->main;

    ctx = ngx_http_get_module_ctx(r, ngx_http_rtcsp_module);

    if (ctx == NULL && (r->internal || r->filter_finalize)) {

        /* r->ctx was emptied: the address is kept in the cleanup handler */

        ctx = ngx_rt_kept(r->pool, ngx_http_rtcsp_nonce_cleanup);

        if (ctx != NULL) {
            ngx_http_set_ctx(r, ctx, ngx_http_rtcsp_module);
        }
    }

    return ctx;
}


ngx_http_rtcsp_ctx_t *
ngx_http_rtcsp_keep(ngx_http_request_t *r)
{
    ngx_http_rtcsp_ctx_t  *ctx;

    ctx = ngx_http_rtcsp_find(r);
    if (ctx != NULL) {
        return ctx;
    }

    r = r->main;

    ctx = ngx_rt_kept_add(r->pool, sizeof(ngx_http_rtcsp_ctx_t),
                          ngx_http_rtcsp_nonce_cleanup);
    if (ctx == NULL) {
        return NULL;
    }

    ngx_http_set_ctx(r, ctx, ngx_http_rtcsp_module);

    return ctx;
}


static void
ngx_http_rtcsp_nonce_cleanup(void *data)
{
    ngx_http_rtcsp_ctx_t *ctx = data;

    OPENSSL_cleanse(ctx->nonce, RT_CSP_NONCE_LEN);
}


ngx_int_t
ngx_http_rtcsp_nonce(ngx_http_request_t *r, ngx_http_rtcsp_ctx_t *ctx)
{
    ngx_str_t                text, raw;
    ngx_http_rtcsp_store_t  *store;

    if (ctx->made) {
        return NGX_OK;
    }

    if (ctx->failed) {
        return NGX_DECLINED;
    }

    store = &ngx_http_rtcsp_nonce_store;

    if (store->left == 0 || store->pid != ngx_pid) {

        if (RAND_bytes((u_char *) store->bytes, sizeof(store->bytes)) != 1) {
            ngx_rt_log_error(NGX_LOG_ERR, r,
                             "rtcsp: RAND_bytes() failed, so there is no "
                             "nonce");
            store->left = 0;
            ctx->failed = 1;

            return NGX_DECLINED;
        }

        store->left = NGX_HTTP_RTCSP_STORE;
        store->pid = ngx_pid;
    }

    raw.len = NGX_HTTP_RTCSP_RANDOM;
    raw.data = store->bytes[--store->left];
    text.data = ctx->nonce;

    ngx_encode_base64url(&text, &raw);

    OPENSSL_cleanse(raw.data, raw.len);

    ctx->made = 1;

    return NGX_OK;
}


void
ngx_http_rtcsp_nonce_exit(ngx_cycle_t *cycle)
{
    OPENSSL_cleanse(&ngx_http_rtcsp_nonce_store,
                    sizeof(ngx_http_rtcsp_store_t));
}

#include "nonce/ngx_http_rtcsp_token.h"
#include "nonce/ngx_http_rtcsp_nonce.h"
#include "nonce/ngx_http_rtcsp_out.h"
#include "csp/rt_csp_foreign.h"


static ngx_int_t ngx_http_rtcsp_token_take(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, rt_nonce_secret_t *secret,
    ngx_uint_t page);
static ngx_int_t ngx_http_rtcsp_token_find(ngx_http_request_t *r,
    rt_str_t *token);
static ngx_uint_t ngx_http_rtcsp_token_policy(ngx_table_elt_t *h);
static ngx_uint_t ngx_http_rtcsp_token_asked(ngx_http_request_t *r,
    rt_nonce_secret_t *secret);
static ngx_uint_t ngx_http_rtcsp_token_in(rt_nonce_secret_t *secret,
    ngx_str_t *text);
static ngx_int_t ngx_http_rtcsp_token_renew(ngx_http_request_t *r,
    ngx_http_rtcsp_ctx_t *ctx, ngx_str_t *value);


ngx_int_t
ngx_http_rtcsp_token(ngx_http_request_t *r, ngx_http_rtcsp_loc_conf_t *conf,
    ngx_http_rtcsp_ctx_t *ctx, ngx_uint_t page)
{
    ngx_int_t          rc;
    rt_nonce_secret_t  secret;

    rc = ngx_http_rtcsp_token_take(r, conf, &secret, page);

    if (rc == NGX_DECLINED || rc == NGX_ERROR) {
        return rc;
    }

    if (ngx_http_rtcsp_nonce(r, ctx) != NGX_OK) {
        return NGX_ABORT;
    }

    ctx->secret = ngx_palloc(r->pool, sizeof(rt_nonce_secret_t));
    if (ctx->secret == NULL) {
        return NGX_ERROR;
    }

    *ctx->secret = secret;

    if (ngx_http_rtcsp_token_fill(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return (rc == NGX_OK) ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_http_rtcsp_token_fill(ngx_http_request_t *r, ngx_http_rtcsp_ctx_t *ctx)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (!ngx_http_rtcsp_token_policy(h)) {
            continue;
        }

        if (ngx_http_rtcsp_token_renew(r, ctx, &h->value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (ngx_rt_header_is(h, &ngx_http_rtcsp_csp_name)) {
            ctx->enforced = 1;

        } else {
            ctx->reported = 1;
        }
    }

    return NGX_OK;
}


void
ngx_http_rtcsp_token_part(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf)
{
    rt_nonce_secret_t  secret;

    (void) ngx_http_rtcsp_token_take(r, conf, &secret, 0);
}


/*
 * A nonce that is no good must not get into a cache, be it nginx's or one in
 * front of it.  From there the same nonce, or a page whose scripts do not run,
 * would go to many clients, and nobody could see any more who had chosen it.
 *
 * ret: NGX_OK; NGX_DECLINED: none is taken; NGX_ABORT: it is, but is no good;
 *      NGX_ERROR
 */

static ngx_int_t
ngx_http_rtcsp_token_take(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, rt_nonce_secret_t *secret,
    ngx_uint_t page)
{
    ngx_int_t                    rc;
    rt_str_t                     token;
    ngx_http_rtcsp_main_conf_t  *mcf;

    rc = ngx_http_rtcsp_token_find(r, &token);

    if (rc == NGX_DECLINED) {
        return NGX_DECLINED;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtcsp_module);

    if (rc == NGX_ABORT || rt_nonce_token(secret, &token) != RT_OK) {

        ngx_rt_once(mcf->once, &conf->nonce_header, r,
                    "rtcsp: left upstream's policy alone, and out of the "
                    "cache: %s",
                    (rc == NGX_ABORT)
                    ? "its nonces differ: let the application make one for "
                      "each response"
                    : "its nonce is not 16 to 128 random characters of "
                      "base64, 8 of them in a row without + and /");

        rc = NGX_DECLINED;

    } else if (ngx_http_rtcsp_token_asked(r, secret)) {

        ngx_rt_once(mcf->once, &conf->mode_where, r,
                    "rtcsp: upstream's nonce stands in the client's request, "
                    "so that somebody may have chosen it, and no script gets "
                    "one: let the application make it at random");

        rc = NGX_ABORT;

    } else {
        return NGX_OK;
    }

    if (r->upstream != NULL) {
        r->upstream->cacheable = 0;
    }

    if (page && ngx_http_rtcsp_uncache(r, conf->cache) != NGX_OK) {
        return NGX_ERROR;
    }

    return rc;
}


/* ret: NGX_OK; NGX_DECLINED: there is none; NGX_ABORT: there are several */

static ngx_int_t
ngx_http_rtcsp_token_find(ngx_http_request_t *r, rt_str_t *token)
{
    ngx_table_elt_t   *h;
    rt_csp_nonces_t    nonces;
    ngx_rt_headers_t   walk;

    token->len = 0;
    token->data = NULL;

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (!ngx_http_rtcsp_token_policy(h)) {
            continue;
        }

        rt_csp_nonces_init(&nonces, ngx_rt_str(&h->value));

        while (rt_csp_nonces_next(&nonces)) {

            if (!nonces.acts) {
                continue;
            }

            if (token->data != NULL && !rt_str_eq(token, &nonces.nonce)) {
                return NGX_ABORT;
            }

            *token = nonces.nonce;
        }
    }

    return (token->data != NULL) ? NGX_OK : NGX_DECLINED;
}


static ngx_uint_t
ngx_http_rtcsp_token_policy(ngx_table_elt_t *h)
{
    return ngx_rt_header_is(h, &ngx_http_rtcsp_csp_name)
           || ngx_rt_header_is(h, &ngx_http_rtcsp_report_name);
}


/*
 * Is T in the request?  Whoever made the client send that may have chosen it.
 */

static ngx_uint_t
ngx_http_rtcsp_token_asked(ngx_http_request_t *r, rt_nonce_secret_t *secret)
{
    u_char            *src, *dst;
    ngx_str_t          line;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    line = r->main->request_line;

    if (ngx_http_rtcsp_token_in(secret, &line)) {
        return 1;
    }

    dst = ngx_pnalloc(r->pool, line.len);
    if (dst == NULL) {
        return 1;
    }

    src = line.data;
    line.data = dst;

    ngx_unescape_uri(&dst, &src, line.len, 0);
    line.len = dst - line.data;

    if (ngx_http_rtcsp_token_in(secret, &line)) {
        return 1;
    }

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {
        if (ngx_http_rtcsp_token_in(secret, &h->value)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_rtcsp_token_in(rt_nonce_secret_t *secret, ngx_str_t *text)
{
    return text->len >= secret->len
           && memmem(text->data, text->len, secret->text, secret->len) != NULL;
}


/*
 * Puts the nonce in place of T wherever T may be a nonce to a browser, also to
 * one that is yet to be made.
 */

static ngx_int_t
ngx_http_rtcsp_token_renew(ngx_http_request_t *r, ngx_http_rtcsp_ctx_t *ctx,
    ngx_str_t *value)
{
    u_char             *p, *at, *from, *last;
    ngx_uint_t          n;
    rt_csp_nonces_t     nonces;
    rt_nonce_secret_t  *secret;

    secret = ctx->secret;

    for (n = 0, rt_csp_nonces_init(&nonces, ngx_rt_str(value));
         rt_csp_nonces_next(&nonces);
         n++)
    {
        /* void */
    }

    p = ngx_pnalloc(r->pool, value->len + n * RT_CSP_NONCE_LEN + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    from = value->data;
    last = value->data + value->len;
    value->data = p;

    rt_csp_nonces_init(&nonces, &(rt_str_t) { value->len, from });

    while (rt_csp_nonces_next(&nonces)) {

        at = nonces.nonce.data + secret->before;

        if (nonces.nonce.len != secret->before + secret->len + secret->after
            || ngx_memcmp(at, secret->text, secret->len) != 0)
        {
            continue;
        }

        p = ngx_cpymem(p, from, at - from);
        p = ngx_cpymem(p, ctx->nonce, RT_CSP_NONCE_LEN);
        from = at + secret->len;
    }

    p = ngx_cpymem(p, from, last - from);
    *p = '\0';

    value->len = p - value->data;

    return NGX_OK;
}

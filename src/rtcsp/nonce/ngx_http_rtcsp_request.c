#include "nonce/ngx_http_rtcsp_request.h"
#include "nonce/ngx_http_rtcsp_nonce.h"
#include "nonce/ngx_http_rtcsp_out.h"
#include "text/rt_accept.h"


static ngx_int_t ngx_http_rtcsp_request_ask_whole(ngx_http_request_t *r,
    ngx_array_t *names);
static ngx_uint_t ngx_http_rtcsp_request_takes_gzip(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtcsp_request_send_nonce(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf);
static ngx_int_t ngx_http_rtcsp_request_without(ngx_http_request_t *r,
    ngx_array_t *names, ngx_uint_t always);
static ngx_int_t ngx_http_rtcsp_request_keeps(ngx_http_request_t *r,
    ngx_table_elt_t *h, void *data);
static ngx_int_t ngx_http_rtcsp_request_ask(ngx_http_request_t *r,
    ngx_str_t *name, u_char *value, size_t len);


#define ngx_http_rtcsp_names(names, n)                                        \
    { names, n, sizeof(ngx_str_t), n, NULL }


static ngx_str_t  ngx_http_rtcsp_request_partial[] = {
    ngx_string("accept-encoding"),
    ngx_string("range"),
    ngx_string("if-range"),
    ngx_string("if-none-match"),
    ngx_string("if-modified-since")
};

static ngx_array_t  ngx_http_rtcsp_request_whole =
    ngx_http_rtcsp_names(ngx_http_rtcsp_request_partial, 5);

/*
 * With other methods than GET and HEAD the preconditions stay: the
 * If-None-Match of a PUT guards against lost updates.
 */

static ngx_array_t  ngx_http_rtcsp_request_plain =
    ngx_http_rtcsp_names(ngx_http_rtcsp_request_partial, 3);


ngx_int_t
ngx_http_rtcsp_request(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_rtcsp_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_rtcsp_module);

    if (ngx_http_rtcsp_searches(conf)) {

        rc = ngx_http_rtcsp_request_ask_whole(r,
                                              (r->method
                                               & (NGX_HTTP_GET|NGX_HTTP_HEAD))
                                              ? &ngx_http_rtcsp_request_whole
                                              : &ngx_http_rtcsp_request_plain);

    } else if (conf->mode == NGX_HTTP_RTCSP_NONCE_HEADER) {
        rc = ngx_http_rtcsp_request_send_nonce(r, conf);

    } else {
        return NGX_DECLINED;
    }

    return (rc == NGX_OK) ? NGX_DECLINED : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_rtcsp_request_ask_whole(ngx_http_request_t *r, ngx_array_t *names)
{
    ngx_uint_t             gzip;
    ngx_http_rtcsp_ctx_t  *ctx;

    static ngx_str_t  encoding = ngx_string("Accept-Encoding");

    /*
     * A part of a page is put into it as it comes, and so must not be encoded.
     */

    gzip = (r == r->main && ngx_http_rtcsp_request_takes_gzip(r));

    if (ngx_http_rtcsp_request_without(r, names, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    if (names == &ngx_http_rtcsp_request_whole && r == r->main
        && r->headers_in.range != NULL)
    {
        ctx = ngx_http_rtcsp_keep(r);
        if (ctx == NULL) {
            return NGX_ERROR;
        }

        ctx->ranged = 1;
    }

    if (gzip) {
        return ngx_http_rtcsp_request_ask(r, &encoding, (u_char *) "gzip", 4);
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_rtcsp_request_takes_gzip(ngx_http_request_t *r)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    static ngx_str_t  name = ngx_string("Accept-Encoding");

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (ngx_rt_header_is(h, &name)
            && rt_accept_gzip(ngx_rt_str(&h->value)))
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_rtcsp_request_send_nonce(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf)
{
    ngx_array_t            names = ngx_http_rtcsp_names(&conf->nonce_header, 1);
    ngx_http_rtcsp_ctx_t  *ctx;

    if (ngx_http_rtcsp_request_without(r, &names, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!conf->on) {
        return NGX_OK;
    }

    ctx = ngx_http_rtcsp_keep(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_rtcsp_nonce(r, ctx) != NGX_OK) {
        return NGX_OK;
    }

    return ngx_http_rtcsp_request_ask(r, &conf->nonce_header, ctx->nonce,
                                      RT_CSP_NONCE_LEN);
}


/*
 * Makes a new list without some headers, if there are any (always: in any
 * case, to add some to it: a subrequest shares its list with others).  What
 * r->headers_in points at stays: nginx's own range, not_modified and gzip
 * filters must see what the client sent.
 */

static ngx_int_t
ngx_http_rtcsp_request_without(ngx_http_request_t *r, ngx_array_t *names,
    ngx_uint_t always)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while (!always && (h = ngx_rt_headers_next(&walk)) != NULL) {
        always = ngx_rt_header_among(names, h->key.data, h->key.len);
    }

    if (!always) {
        return NGX_OK;
    }

    return ngx_rt_headers_rebuild(r, ngx_http_rtcsp_request_keeps, names);
}


static ngx_int_t
ngx_http_rtcsp_request_keeps(ngx_http_request_t *r, ngx_table_elt_t *h,
    void *data)
{
    return ngx_rt_header_among(data, h->key.data, h->key.len) ? NGX_DECLINED
                                                              : NGX_OK;
}


static ngx_int_t
ngx_http_rtcsp_request_ask(ngx_http_request_t *r, ngx_str_t *name,
    u_char *value, size_t len)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_in.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->lowcase_key = ngx_pnalloc(r->pool, name->len);
    if (h->lowcase_key == NULL) {
        return NGX_ERROR;
    }

    h->key = *name;
    h->value.data = value;
    h->value.len = len;
    h->hash = ngx_hash_strlow(h->lowcase_key, name->data, name->len);

    return NGX_OK;
}

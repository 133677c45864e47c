#include "nonce/ngx_http_rtcsp_out.h"


static ngx_int_t ngx_http_rtcsp_out_scrub_list(ngx_http_request_t *r,
    ngx_list_t *list, rt_nonce_secret_t *secret);
static ngx_int_t ngx_http_rtcsp_out_scrub_value(ngx_http_request_t *r,
    ngx_str_t *value, rt_nonce_secret_t *secret);


ngx_str_t  ngx_http_rtcsp_csp_name = ngx_string("Content-Security-Policy");
ngx_str_t  ngx_http_rtcsp_report_name =
    ngx_string("Content-Security-Policy-Report-Only");
ngx_str_t  ngx_http_rtcsp_encoding_name = ngx_string("Content-Encoding");

ngx_str_t  ngx_http_rtcsp_fixed_names[] = {
    ngx_string("Feature-Policy"),
    ngx_string("Permissions-Policy"),
    ngx_string("Document-Policy"),
    ngx_string("X-Frame-Options"),
    ngx_string("X-XSS-Protection"),
    ngx_string("X-Content-Type-Options"),
    ngx_string("X-Download-Options"),
    ngx_string("Strict-Transport-Security"),
    ngx_string("Referrer-Policy"),
    ngx_string("Cross-Origin-Opener-Policy"),
    ngx_string("Cross-Origin-Embedder-Policy"),
    ngx_string("Cross-Origin-Resource-Policy"),
    ngx_string("Reporting-Endpoints")
};

static ngx_str_t  ngx_http_rtcsp_out_cache_name = ngx_string("Cache-Control");

static ngx_str_t  ngx_http_rtcsp_out_cache_values[] = {
    ngx_string("no-store"),
    ngx_string("private, no-cache")
};


/* what a client compares its copy by, or takes a part of */

static ngx_str_t  ngx_http_rtcsp_out_validators[] = {
    ngx_string("ETag"),
    ngx_string("Last-Modified"),
    ngx_string("Accept-Ranges"),
    ngx_null_string
};


ngx_uint_t
ngx_http_rtcsp_has(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {
        if (h->value.len && ngx_rt_header_is(h, name)) {
            return 1;
        }
    }

    return 0;
}


void
ngx_http_rtcsp_drop_ours(ngx_http_request_t *r)
{
    u_char            *name;
    ngx_uint_t         i;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        name = h->key.data;

        if (name == ngx_http_rtcsp_csp_name.data
            || name == ngx_http_rtcsp_report_name.data
            || name == ngx_http_rtcsp_out_cache_name.data)
        {
            h->hash = 0;
            continue;
        }

        for (i = 0; i < NGX_HTTP_RTCSP_FIXED; i++) {
            if (name == ngx_http_rtcsp_fixed_names[i].data) {
                h->hash = 0;
                break;
            }
        }
    }
}


ngx_table_elt_t *
ngx_http_rtcsp_add(ngx_http_request_t *r, ngx_str_t *name, ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_rt_headers_add(r, (char *) name->data);

    if (h != NULL) {
        h->value = *value;
    }

    return h;
}


ngx_int_t
ngx_http_rtcsp_scrub_headers(ngx_http_request_t *r, rt_nonce_secret_t *secret)
{
    if (ngx_http_rtcsp_out_scrub_value(r, &r->headers_out.status_line, secret)
        != NGX_OK
        || ngx_http_rtcsp_out_scrub_value(r, &r->headers_out.content_type,
                                          secret)
           != NGX_OK
        || ngx_http_rtcsp_out_scrub_value(r, &r->headers_out.charset, secret)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_rtcsp_out_scrub_list(r, &r->headers_out.headers, secret);
}


ngx_int_t
ngx_http_rtcsp_scrub_trailers(ngx_http_request_t *r, rt_nonce_secret_t *secret)
{
    return ngx_http_rtcsp_out_scrub_list(r, &r->headers_out.trailers, secret);
}


static ngx_int_t
ngx_http_rtcsp_out_scrub_list(ngx_http_request_t *r, ngx_list_t *list,
    rt_nonce_secret_t *secret)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    ngx_rt_headers_first(&walk, list);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (ngx_http_rtcsp_out_scrub_value(r, &h->key, secret) != NGX_OK
            || ngx_http_rtcsp_out_scrub_value(r, &h->value, secret) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* the value may lie in the configuration or in a cache file: never in place */

static ngx_int_t
ngx_http_rtcsp_out_scrub_value(ngx_http_request_t *r, ngx_str_t *value,
    rt_nonce_secret_t *secret)
{
    u_char  *p;

    if (value->len < secret->len
        || memmem(value->data, value->len, secret->text, secret->len) == NULL)
    {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, value->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, value->data, value->len);
    p[value->len] = '\0';

    rt_nonce_scrub(secret, p, value->len);

    value->data = p;

    return NGX_OK;
}


ngx_int_t
ngx_http_rtcsp_uncache(ngx_http_request_t *r, ngx_uint_t how)
{
    ngx_str_t        *name;
    ngx_table_elt_t  *h;

    for (name = ngx_http_rtcsp_out_validators; name->len; name++) {
        ngx_rt_headers_drop(r, name);
    }

    r->headers_out.accept_ranges = NULL;
    r->allow_ranges = 0;

    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    h = ngx_rt_headers_uncache(r, &ngx_http_rtcsp_out_cache_values[how]);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->key = ngx_http_rtcsp_out_cache_name;

    return NGX_OK;
}

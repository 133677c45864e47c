#include "nonce/ngx_http_rtcsp_type.h"
#include "nonce/ngx_http_rtcsp_out.h"
#include "text/rt_charset.h"
#include "text/rt_field.h"


static ngx_uint_t ngx_http_rtcsp_type_page(ngx_http_request_t *r,
    ngx_str_t *type, ngx_hash_t *types);
static ngx_uint_t ngx_http_rtcsp_type_in(ngx_str_t *type, ngx_str_t *list);
static rt_charset_e ngx_http_rtcsp_type_charset(ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtcsp_type_trusted(ngx_http_request_t *r,
    ngx_array_t *trusted);
static ngx_uint_t ngx_http_rtcsp_type_forwarded_https(ngx_http_request_t *r);


/*
 * A name that ends with '/' stands for all its subtypes.  Types of office
 * programs are not here: applications write HTML and call it a sheet.
 */

static ngx_str_t  ngx_http_rtcsp_type_binary_types[] = {
    ngx_string("image/"),
    ngx_string("audio/"),
    ngx_string("video/"),
    ngx_string("font/"),
    ngx_string("application/octet-stream"),
    ngx_string("application/pdf"),
    ngx_string("application/wasm"),
    ngx_string("application/zip"),
    ngx_string("application/gzip"),
    ngx_string("application/x-gzip"),
    ngx_string("application/x-tar"),
    ngx_string("application/x-7z-compressed"),
    ngx_string("application/x-rar-compressed"),
    ngx_string("application/java-archive"),
    ngx_string("application/font-woff"),
    ngx_string("application/font-woff2"),
    ngx_string("application/vnd.ms-fontobject"),
    ngx_string("application/grpc"),
    ngx_null_string
};


/* ends of types that are text although the list above has them */

static ngx_str_t  ngx_http_rtcsp_type_text_suffixes[] = {
    ngx_string("+xml"),
    ngx_string("+json"),
    ngx_string("/svg"),
    ngx_null_string
};


ngx_http_rtcsp_class_e
ngx_http_rtcsp_class(ngx_http_request_t *r, ngx_http_rtcsp_loc_conf_t *conf)
{
    ngx_str_t   value, type, *suffix;

    static ngx_str_t  name = ngx_string("Content-Type");

    /* nginx's own length may include blanks and parameters but charset */

    value = r->headers_out.content_type;
    value.len = ngx_min(value.len, r->headers_out.content_type_len);

    /* of several types a browser takes the last */

    if (!rt_field_media(ngx_rt_str(&value), ngx_rt_str(&type))) {
        return NGX_HTTP_RTCSP_TEXT;
    }

    if (ngx_http_rtcsp_type_page(r, &type, &conf->types)) {
        return NGX_HTTP_RTCSP_PAGE;
    }

    for (suffix = ngx_http_rtcsp_type_text_suffixes; suffix->len; suffix++) {
        if (type.len > suffix->len
            && ngx_strncasecmp(type.data + type.len - suffix->len,
                               suffix->data, suffix->len)
               == 0)
        {
            return NGX_HTTP_RTCSP_TEXT;
        }
    }

    if (!ngx_http_rtcsp_type_in(&type, ngx_http_rtcsp_type_binary_types)) {
        return NGX_HTTP_RTCSP_TEXT;
    }

    /* add_header sets a type by a second line, which a browser takes */

    return ngx_http_rtcsp_has(r, &name) ? NGX_HTTP_RTCSP_TEXT
                                        : NGX_HTTP_RTCSP_BINARY;
}


/*
 * Nginx's look-up reads the type of the response: for that long it is this one.
 */

static ngx_uint_t
ngx_http_rtcsp_type_page(ngx_http_request_t *r, ngx_str_t *type,
    ngx_hash_t *types)
{
    size_t      len;
    ngx_str_t   saved;
    ngx_uint_t  page;

    saved = r->headers_out.content_type;
    len = r->headers_out.content_type_len;

    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    page = (ngx_http_test_content_type(r, types) != NULL);

    r->headers_out.content_type = saved;
    r->headers_out.content_type_len = len;
    r->headers_out.content_type_lowcase = NULL;

    return page;
}


static ngx_uint_t
ngx_http_rtcsp_type_in(ngx_str_t *type, ngx_str_t *list)
{
    for ( /* void */ ; list->len; list++) {

        if (list->data[list->len - 1] == '/') {

            if (type->len > list->len
                && ngx_strncasecmp(type->data, list->data, list->len) == 0)
            {
                return 1;
            }

            continue;
        }

        if (type->len == list->len
            && ngx_strncasecmp(type->data, list->data, list->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_rtcsp_ascii(ngx_http_request_t *r)
{
    return ngx_http_rtcsp_type_charset(r) != RT_CHARSET_OTHER;
}


ngx_uint_t
ngx_http_rtcsp_guessed(ngx_http_request_t *r)
{
    return ngx_http_rtcsp_type_charset(r) == RT_CHARSET_NONE;
}


ngx_uint_t
ngx_http_rtcsp_utf8(ngx_http_request_t *r)
{
    return ngx_http_rtcsp_type_charset(r) == RT_CHARSET_UTF8;
}


/* nginx may keep the charset inside the type, beside it, or both */

static rt_charset_e
ngx_http_rtcsp_type_charset(ngx_http_request_t *r)
{
    rt_charset_e  inside, beside;

    inside = rt_charset_type(ngx_rt_str(&r->headers_out.content_type));
    beside = rt_charset_value(ngx_rt_str(&r->headers_out.charset));

    return ngx_max(inside, beside);
}


ngx_int_t
ngx_http_rtcsp_encoding(ngx_http_request_t *r)
{
    rt_str_t           list, coding;
    ngx_uint_t         n, gzip;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    n = 0;
    gzip = 0;

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (!ngx_rt_header_is(h, &ngx_http_rtcsp_encoding_name)) {
            continue;
        }

        list = *ngx_rt_str(&h->value);

        while (rt_field_next(&list, &coding)) {

            if (rt_str_ilit(&coding, "identity")) {
                continue;
            }

            gzip += rt_str_ilit(&coding, "gzip")
                    || rt_str_ilit(&coding, "x-gzip");
            n++;
        }
    }

    return n == 0 ? NGX_OK : (n == 1 && gzip) ? NGX_AGAIN : NGX_DECLINED;
}


ngx_uint_t
ngx_http_rtcsp_partial(ngx_http_request_t *r)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    static ngx_str_t  name = ngx_string("Content-Range");

    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT) {
        return 1;
    }

    if (r->headers_out.status == NGX_HTTP_RANGE_NOT_SATISFIABLE) {
        return 0;
    }

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {
        if (ngx_rt_header_is(h, &name)) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_rtcsp_secure(ngx_http_request_t *r, ngx_http_rtcsp_loc_conf_t *conf)
{
#if (NGX_HTTP_SSL)

    if (r->connection->ssl) {
        return 1;
    }

#endif

    return conf->trusted != NULL
           && ngx_http_rtcsp_type_trusted(r, conf->trusted)
           && ngx_http_rtcsp_type_forwarded_https(r);
}


/* the TCP peer, which realip, when it is there and did its work, remembers */

static ngx_uint_t
ngx_http_rtcsp_type_trusted(ngx_http_request_t *r, ngx_array_t *trusted)
{
    ngx_addr_t                  addr;
    ngx_uint_t                  key;
    struct sockaddr             local;
    ngx_http_variable_value_t  *v;

    static ngx_str_t  name = ngx_string("realip_remote_addr");

    key = ngx_hash_key(name.data, name.len);

    v = ngx_http_get_variable(r, &name, key);

    if (v == NULL || v->not_found || v->len == 0) {
        return ngx_cidr_match(r->connection->sockaddr, trusted) == NGX_OK;
    }

    if (v->len == 5 && ngx_strncmp(v->data, "unix:", 5) == 0) {

        /* the connection may have the address that realip gave it */

        ngx_memzero(&local, sizeof(struct sockaddr));
        local.sa_family = AF_UNIX;

        return ngx_cidr_match(&local, trusted) == NGX_OK;
    }

    if (ngx_parse_addr(r->pool, &addr, v->data, v->len) != NGX_OK) {
        return 0;
    }

    return ngx_cidr_match(addr.sockaddr, trusted) == NGX_OK;
}


/* of several values the last is the one the trusted proxy added */

static ngx_uint_t
ngx_http_rtcsp_type_forwarded_https(ngx_http_request_t *r)
{
    rt_str_t   last, https = rt_string("https");
    ngx_str_t  proto;

    if (ngx_rt_headers_last(r, "X-Forwarded-Proto", &proto) == 0) {
        return 0;
    }

    last = rt_field_last(ngx_rt_str(&proto));

    return rt_str_ieq(&last, &https);
}

#include "nonce/ngx_http_rtcsp_type.h"
#include "nonce/ngx_http_rtcsp_out.h"
#include "text/rt_charset.h"


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
    void       *page;
    size_t      len, n;
    ngx_str_t   type, *suffix;

    static ngx_str_t  name = ngx_string("Content-Type");

    len = r->headers_out.content_type_len;
    type.data = r->headers_out.content_type.data;

    if (r->headers_out.content_type.len == 0 || len == 0) {
        return NGX_HTTP_RTCSP_TEXT;
    }

    /* nginx's own length may include blanks and parameters but charset */

    for (n = 0; n < len; n++) {
        if (type.data[n] == ';' || type.data[n] == ' '
            || type.data[n] == '\t')
        {
            break;
        }
    }

    type.len = n;

    /* of several types a browser takes the last */

    if (ngx_strlchr(type.data, type.data + len, ',') != NULL) {
        return NGX_HTTP_RTCSP_TEXT;
    }

    r->headers_out.content_type_len = n;
    r->headers_out.content_type_lowcase = NULL;

    page = ngx_http_test_content_type(r, &conf->types);

    r->headers_out.content_type_len = len;
    r->headers_out.content_type_lowcase = NULL;

    if (page != NULL) {
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
    ngx_uint_t         n, i;
    ngx_table_elt_t   *h, *encoding;
    ngx_rt_headers_t   walk;

    n = 0;
    encoding = NULL;

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (!ngx_rt_header_is(h, &ngx_http_rtcsp_encoding_name)) {
            continue;
        }

        for (i = 0; i < h->value.len && h->value.data[i] == ' '; i++) {
            /* void */
        }

        if (i == h->value.len
            || (h->value.len == 8
                && ngx_strncasecmp(h->value.data, (u_char *) "identity", 8)
                   == 0))
        {
            continue;
        }

        encoding = h;
        n++;
    }

    if (n == 0) {
        return NGX_OK;
    }

    if (n == 1
        && ((encoding->value.len == 4
             && ngx_strncasecmp(encoding->value.data, (u_char *) "gzip", 4)
                == 0)
            || (encoding->value.len == 6
                && ngx_strncasecmp(encoding->value.data,
                                   (u_char *) "x-gzip", 6)
                   == 0)))
    {
        return NGX_AGAIN;
    }

    return NGX_DECLINED;
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
    u_char            *p, *last;
    ngx_table_elt_t   *h, *proto;
    ngx_rt_headers_t   walk;

    static ngx_str_t  name = ngx_string("X-Forwarded-Proto");

    proto = NULL;

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {
        if (ngx_rt_header_is(h, &name)) {
            proto = h;
        }
    }

    if (proto == NULL) {
        return 0;
    }

    last = proto->value.data + proto->value.len;

    while (last > proto->value.data && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    for (p = last; p > proto->value.data; p--) {
        if (p[-1] == ',' || p[-1] == ' ' || p[-1] == '\t') {
            break;
        }
    }

    return last - p == 5 && ngx_strncasecmp(p, (u_char *) "https", 5) == 0;
}

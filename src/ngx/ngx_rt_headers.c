
#include "ngx_rt_compat.h"
#include "ngx_rt_headers.h"


static ngx_str_t  ngx_rt_headers_shared[] = {
    ngx_string("CDN-Cache-Control"),
    ngx_string("Cloudflare-CDN-Cache-Control"),
    ngx_string("Netlify-CDN-Cache-Control"),
    ngx_string("Vercel-CDN-Cache-Control"),
    ngx_string("Akamai-Cache-Control"),
    ngx_string("Edge-Control"),
    ngx_string("Surrogate-Control"),
    ngx_string("X-Accel-Expires"),
    ngx_null_string
};

static ngx_str_t  ngx_rt_headers_control = ngx_string("Cache-Control");


ngx_table_elt_t *
ngx_rt_headers_next(ngx_rt_headers_t *walk)
{
    ngx_table_elt_t  *h;

    while (walk->part != NULL) {

        if (walk->i >= walk->part->nelts) {
            walk->part = walk->part->next;
            walk->i = 0;
            continue;
        }

        h = walk->part->elts;

        return &h[walk->i++];
    }

    return NULL;
}


ngx_table_elt_t *
ngx_rt_headers_live(ngx_rt_headers_t *walk)
{
    ngx_table_elt_t  *h;

    do {
        h = ngx_rt_headers_next(walk);
    } while (h != NULL && h->hash == 0);

    return h;
}


ngx_uint_t
ngx_rt_header_is(ngx_table_elt_t *h, ngx_str_t *name)
{
    return h->key.len == name->len
           && (ngx_memcmp(h->key.data, name->data, name->len) == 0
               || ngx_strncasecmp(h->key.data, name->data, name->len) == 0);
}


void
ngx_rt_headers_value(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char            *p;
    size_t             len;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    ngx_str_null(value);

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_next(&walk)) != NULL) {

        if (!ngx_rt_header_is(h, name)) {
            continue;
        }

        if (value->len == 0) {
            *value = h->value;
            continue;
        }

        len = value->len + 2 + h->value.len;

        if (len > NGX_RT_HEADERS_VALUE
            || (p = ngx_pnalloc(r->pool, len)) == NULL)
        {
            return;
        }

        ngx_sprintf(p, "%V, %V", value, &h->value);
        value->data = p;
        value->len = len;
    }
}


ngx_uint_t
ngx_rt_headers_last(ngx_http_request_t *r, char *name, ngx_str_t *value)
{
    ngx_str_t          wanted;
    ngx_uint_t         n;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    wanted.len = ngx_strlen(name);
    wanted.data = (u_char *) name;

    n = 0;

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {
        if (ngx_rt_header_is(h, &wanted)) {
            *value = h->value;
            n++;
        }
    }

    return n;
}


static u_char
ngx_rt_headers_fold(u_char ch)
{
    ch = ngx_tolower(ch);

    return ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9')) ? ch : '_';
}


ngx_uint_t
ngx_rt_header_alike(ngx_str_t *name, u_char *data, size_t len)
{
    size_t  n;

    if (name->len != len) {
        return 0;
    }

    for (n = 0; n < len; n++) {
        if (ngx_rt_headers_fold(data[n]) != ngx_rt_headers_fold(name->data[n]))
        {
            return 0;
        }
    }

    return 1;
}


ngx_uint_t
ngx_rt_header_among(ngx_array_t *names, u_char *data, size_t len)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    name = names->elts;

    for (i = 0; i < names->nelts; i++) {
        if (ngx_rt_header_alike(&name[i], data, len)) {
            return 1;
        }
    }

    return 0;
}


ngx_table_elt_t *
ngx_rt_headers_add(ngx_http_request_t *r, char *name)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NULL;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.len = ngx_strlen(name);
    h->key.data = (u_char *) name;

    return h;
}


ngx_int_t
ngx_rt_headers_location(ngx_http_request_t *r, ngx_str_t *to)
{
    ngx_table_elt_t  *h;

    static ngx_str_t  name = ngx_string("Location");

    ngx_http_clear_location(r);
    ngx_rt_headers_drop(r, &name);

    h = ngx_rt_headers_add(r, (char *) name.data);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->value = *to;

    return NGX_OK;
}


void
ngx_rt_headers_drop(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {
        if (ngx_rt_header_is(h, name)) {
            h->hash = 0;
        }
    }
}


ngx_int_t
ngx_rt_headers_said(ngx_http_request_t *r, ngx_str_t *name, ngx_str_t *value)
{
    u_char            *p;
    size_t             len;
    ngx_uint_t         n;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    n = 0;
    len = 0;
    ngx_str_null(value);

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {
        if (ngx_rt_header_is(h, name)) {
            n++;
            len += h->value.len + 2;
            *value = h->value;
        }
    }

    if (n < 2) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;
    value->len = len - 2;

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {
        if (ngx_rt_header_is(h, name)) {
            p = ngx_sprintf(p, "%V, ", &h->value);
        }
    }

    return NGX_OK;
}


void
ngx_rt_headers_unshare(ngx_http_request_t *r)
{
    ngx_str_t         *name;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        for (name = ngx_rt_headers_shared; name->len; name++) {
            if (ngx_rt_header_is(h, name)) {
                h->hash = 0;
                break;
            }
        }
    }
}


ngx_table_elt_t *
ngx_rt_headers_cache_control(ngx_http_request_t *r, ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    ngx_rt_headers_drop(r, &ngx_rt_headers_control);

    h = ngx_rt_headers_add(r, "Cache-Control");

    if (h == NULL || ngx_rt_compat_set_cache_control(r, h) != NGX_OK) {
        return NULL;
    }

    h->value = *value;

    return h;
}


ngx_table_elt_t *
ngx_rt_headers_uncache(ngx_http_request_t *r, ngx_str_t *value)
{
    static ngx_str_t  expires = ngx_string("Expires");
    static ngx_str_t  age = ngx_string("Age");

    ngx_rt_headers_unshare(r);
    ngx_rt_headers_drop(r, &expires);
    ngx_rt_headers_drop(r, &age);

    r->headers_out.expires = NULL;

    return ngx_rt_headers_cache_control(r, value);
}


ngx_int_t
ngx_rt_headers_rebuild(ngx_http_request_t *r, ngx_rt_header_pt keep,
    void *data)
{
    ngx_int_t          rc;
    ngx_list_t         list;
    ngx_table_elt_t   *h, *kept;
    ngx_rt_headers_t   walk;

    if (ngx_list_init(&list, r->pool, 20, sizeof(ngx_table_elt_t)) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_next(&walk)) != NULL) {

        rc = keep(r, h, data);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_DECLINED) {
            continue;
        }

        kept = ngx_list_push(&list);
        if (kept == NULL) {
            return NGX_ERROR;
        }

        *kept = *h;
    }

    r->headers_in.headers = list;

    /* the list's "last" may point at the first part, which was copied */

    if (list.last == &list.part) {
        r->headers_in.headers.last = &r->headers_in.headers.part;
    }

    return NGX_OK;
}

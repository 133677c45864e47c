
#include "provision/ngx_http_rtauth_scim_answer.h"
#include "scim/rt_scim_show.h"
#include "ngx_rt_headers.h"


ngx_int_t
ngx_http_rtauth_scim_open(ngx_http_request_t *r, rt_jsonw_t *w, size_t room)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, room);
    if (p == NULL) {
        return NGX_ERROR;
    }

    rt_jsonw_init(w, p, room);

    return NGX_OK;
}


ngx_int_t
ngx_http_rtauth_scim_send(ngx_http_request_t *r, ngx_uint_t status,
    rt_jsonw_t *w)
{
    size_t        len;
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    static ngx_str_t  no_store = ngx_string("no-store");

    if (w && w->full) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* a body that was not read is discarded */

    rc = r->request_body ? NGX_OK : ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);

    if (b == NULL || ngx_rt_headers_uncache(r, &no_store) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    len = w ? rt_jsonw_len(w) : 0;

    r->headers_out.status = status;

    /* nginx does not know the versions of resources: it must not answer 304 */

    r->disable_not_modified = 1;

    if (len) {
        b->pos = w->start;
        b->last = w->pos;
        b->memory = 1;

        ngx_str_set(&r->headers_out.content_type, "application/scim+json");
        r->headers_out.content_type_len = r->headers_out.content_type.len;
    }

    b->last_buf = 1;
    b->last_in_chain = 1;

    if (status != NGX_HTTP_NO_CONTENT && status != NGX_HTTP_NOT_MODIFIED) {
        r->headers_out.content_length_n = len;

    } else {
        r->header_only = 1;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_rtauth_scim_refuse(ngx_http_request_t *r, const rt_scim_error_t *error)
{
    rt_jsonw_t  w;

    if (ngx_http_rtauth_scim_open(r, &w, RT_SCIM_ERROR_ROOM) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rt_scim_error(&w, error);

    return ngx_http_rtauth_scim_send(r, error->status, &w);
}


ngx_int_t
ngx_http_rtauth_scim_header(ngx_http_request_t *r, char *name,
    const rt_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_rt_headers_add(r, name);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->value.data = value->data;
    h->value.len = value->len;

    return NGX_OK;
}

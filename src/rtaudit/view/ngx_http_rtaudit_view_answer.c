
#include "view/ngx_http_rtaudit_view_answer.h"
#include "ngx_rt_headers.h"

#include "json/rt_jsonw.h"


#define NGX_HTTP_RTAUDIT_VIEW_ANSWER_ERROR  512     /* bytes */


static ngx_int_t ngx_http_rtaudit_view_answer_headers(ngx_http_request_t *r);


ngx_int_t
ngx_http_rtaudit_view_send(ngx_http_request_t *r, ngx_uint_t status,
    char *type, ngx_str_t *text)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    b = ngx_calloc_buf(r->pool);

    if (b == NULL || ngx_http_rtaudit_view_answer_headers(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = text->data;
    b->last = text->data + text->len;
    b->memory = text->len ? 1 : 0;
    b->last_buf = 1;
    b->last_in_chain = 1;

    r->headers_out.status = status;
    r->headers_out.content_length_n = (off_t) text->len;
    r->headers_out.content_type.data = (u_char *) type;
    r->headers_out.content_type.len = ngx_strlen(type);
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    if (ngx_strncmp(type, "text/", 5) == 0) {
        ngx_str_set(&r->headers_out.charset, "utf-8");
    }

    /* there is no time of it that a precondition could be held against */

    r->disable_not_modified = 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


static ngx_int_t
ngx_http_rtaudit_view_answer_headers(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_table_elt_t  *h;

    static ngx_str_t  no_store = ngx_string("no-store");

    static struct {
        char       *name;
        ngx_str_t   value;
    } headers[] = {
        { "Content-Security-Policy",
          ngx_string("default-src 'none'; script-src 'self'; "
                     "style-src 'self'; connect-src 'self'; "
                     "base-uri 'none'; form-action 'self'; "
                     "frame-ancestors 'none'") },
        { "X-Content-Type-Options", ngx_string("nosniff") },
        { "X-Frame-Options", ngx_string("DENY") },
        { "Referrer-Policy", ngx_string("no-referrer") },
        { "Cross-Origin-Resource-Policy", ngx_string("same-origin") }
    };

    if (ngx_rt_headers_uncache(r, &no_store) == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {

        h = ngx_rt_headers_add(r, headers[i].name);
        if (h == NULL) {
            return NGX_ERROR;
        }

        h->value = headers[i].value;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_view_error(ngx_http_request_t *r, ngx_uint_t status,
    rt_str_t *name, const char *why)
{
    rt_str_t    text;
    ngx_str_t   answer;
    rt_jsonw_t  w;

    answer.data = ngx_pnalloc(r->pool, NGX_HTTP_RTAUDIT_VIEW_ANSWER_ERROR);
    if (answer.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rt_jsonw_init(&w, answer.data, NGX_HTTP_RTAUDIT_VIEW_ANSWER_ERROR);
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "error");
    rt_jsonw_str_open(&w);

    if (name) {
        text = (rt_str_t) rt_string("the parameter ");
        rt_jsonw_str_text(&w, &text);
        rt_jsonw_str_text(&w, name);
        text = (rt_str_t) rt_string(" ");
        rt_jsonw_str_text(&w, &text);
    }

    text = rt_str_of(why);

    rt_jsonw_str_text(&w, &text);
    rt_jsonw_str_close(&w);
    rt_jsonw_close(&w, '}');

    answer.len = rt_jsonw_len(&w);

    return ngx_http_rtaudit_view_send(r, status, "application/json", &answer);
}

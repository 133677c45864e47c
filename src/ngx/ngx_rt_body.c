
#include "ngx_rt_body.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_str.h"
#include "text/rt_charset.h"
#include "text/rt_field.h"


ngx_int_t
ngx_rt_body_join(ngx_http_request_t *r, size_t max, rt_str_t *body)
{
    off_t         size;
    ngx_buf_t    *b;
    ngx_chain_t  *bufs, *cl;

    bufs = r->request_body ? r->request_body->bufs : NULL;
    size = 0;

    for (cl = bufs; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    if (size > (off_t) max) {
        return NGX_DECLINED;
    }

    body->len = 0;
    body->data = ngx_pnalloc(r->pool, size + 1);

    if (body->data == NULL) {
        return NGX_ERROR;
    }

    for (cl = bufs; cl; cl = cl->next) {
        b = cl->buf;
        size = ngx_buf_size(b);

        if (ngx_buf_in_memory(b)) {
            ngx_memcpy(body->data + body->len, b->pos, size);

        } else if (size && ngx_read_file(b->file, body->data + body->len, size,
                                         b->file_pos)
                           != size)
        {
            return NGX_ERROR;
        }

        body->len += size;
    }

    return NGX_OK;
}


rt_str_t
ngx_rt_body_type(ngx_http_request_t *r)
{
    rt_str_t   type, more;
    ngx_str_t  value, none;

    if (ngx_rt_headers_last(r, "Content-Type", &value) != 1
        || ngx_rt_headers_last(r, "Content-Encoding", &none) != 0
        || rt_charset_type(ngx_rt_str(&value)) > RT_CHARSET_US_ASCII)
    {
        return (rt_str_t) rt_null_string;
    }

    (void) rt_str_cut(ngx_rt_str(&value), ';', &type, &more);

    return rt_field_trim(&type);
}

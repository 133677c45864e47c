
#include "ngx_rt_head.h"


/*
 * nginx takes the end of what is read for the end of the buffer, and so that
 * stands at the end.  The buffer has the request as its tag, by which another
 * module that asks for the same knows that it is done.
 */

ngx_int_t
ngx_rt_head_keep(ngx_http_request_t *r)
{
    size_t      n, size;
    ngx_buf_t  *b, *rest;

    rest = r->header_in;

    if (r->upstream == NULL || !r->upstream->upgrade
        || rest == NULL || rest->pos == rest->last
        || rest->tag == (ngx_buf_tag_t) r)
    {
        return NGX_OK;
    }

    n = rest->last - rest->pos;
    size = ngx_max(n, r->upstream->conf->buffer_size);

    b = ngx_create_temp_buf(r->pool, size);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->tag = (ngx_buf_tag_t) r;
    b->pos = b->end - n;
    b->last = ngx_cpymem(b->pos, rest->pos, n);

    /* the buffer goes with the request, and no other may find it */

    r->header_in = b;
    r->keepalive = 0;

    return NGX_OK;
}

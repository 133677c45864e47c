/* before rt_base.h, whose pragma would hide zlib's functions from the linker */
#include <ngx_config.h>
#include <ngx_core.h>

#include <zlib.h>

#include "nonce/ngx_http_rtcsp_inflate.h"
#include "ngx_rt_log.h"


struct ngx_http_rtcsp_inflate_s {
    z_stream       stream;

    ngx_chain_t   *in;
    ngx_buf_t     *buf;         /* being read */
    ngx_buf_t     *room;        /* being written */

    ngx_chain_t   *out;
    ngx_chain_t  **last_out;
    ngx_chain_t   *free;
    ngx_chain_t   *busy;

    ngx_uint_t     bufs;

    unsigned       ended:1;     /* a gzip member is complete */
    unsigned       begun:1;     /* a byte was read */
    unsigned       full:1;      /* the last call filled its room */
    unsigned       starved:1;   /* all rooms are busy */
    unsigned       done:1;
};


static ngx_int_t ngx_http_rtcsp_inflate_in(ngx_http_request_t *r,
    ngx_http_rtcsp_inflate_t *s);
static ngx_int_t ngx_http_rtcsp_inflate_buf(ngx_http_request_t *r,
    ngx_http_rtcsp_inflate_t *s);
static ngx_int_t ngx_http_rtcsp_inflate_step(ngx_http_request_t *r,
    ngx_http_rtcsp_inflate_t *s);
static ngx_int_t ngx_http_rtcsp_inflate_room(ngx_http_request_t *r,
    ngx_http_rtcsp_inflate_t *s);
static ngx_int_t ngx_http_rtcsp_inflate_push(ngx_http_request_t *r,
    ngx_http_rtcsp_inflate_t *s, ngx_uint_t flush, ngx_uint_t last);
static void *ngx_http_rtcsp_inflate_alloc(void *opaque, u_int items,
    u_int size);
static void ngx_http_rtcsp_inflate_free(void *opaque, void *address);


ngx_http_rtcsp_inflate_t *
ngx_http_rtcsp_inflate_create(ngx_http_request_t *r)
{
    int                        rc;
    ngx_http_rtcsp_inflate_t  *s;

    s = ngx_pcalloc(r->pool, sizeof(ngx_http_rtcsp_inflate_t));
    if (s == NULL) {
        return NULL;
    }

    s->last_out = &s->out;

    s->stream.zalloc = ngx_http_rtcsp_inflate_alloc;
    s->stream.zfree = ngx_http_rtcsp_inflate_free;
    s->stream.opaque = r->pool;

    /* +16: gzip, and nothing else */

    rc = inflateInit2(&s->stream, MAX_WBITS + 16);

    if (rc != Z_OK) {
        ngx_rt_log_error(NGX_LOG_ERR, r, "rtcsp: inflateInit2() failed: %d",
                         rc);
        return NULL;
    }

    return s;
}


ngx_int_t
ngx_http_rtcsp_inflate(ngx_http_request_t *r, ngx_http_rtcsp_inflate_t *s,
    ngx_chain_t *in, ngx_http_rtcsp_plain_pt next, void *data)
{
    ngx_int_t   rc;
    ngx_uint_t  push;

    if (s->done) {
        return next(r, in, data);
    }

    if (in && ngx_chain_add_copy(r->pool, &s->in, in) != NGX_OK) {
        return NGX_ERROR;
    }

    /*
     * Push what is busy first: its rooms are needed.  Without input the call
     * is for filters behind us, which may hold what our rooms do not any more.
     */

    push = (in == NULL || s->busy != NULL);

    for ( ;; ) {

        if (!s->starved || s->free != NULL) {

            s->starved = 0;

            if (ngx_http_rtcsp_inflate_in(r, s) != NGX_OK) {
                s->done = 1;
                return NGX_ERROR;
            }
        }

        if (s->out == NULL && !push) {
            return s->busy ? NGX_AGAIN : NGX_OK;
        }

        push = 0;

        rc = next(r, s->out, data);

        if (rc == NGX_ERROR) {
            s->done = 1;
            return NGX_ERROR;
        }

        ngx_chain_update_chains(r->pool, &s->free, &s->busy, &s->out,
                                (ngx_buf_tag_t) &ngx_http_rtcsp_module);
        s->last_out = &s->out;

        if (s->done) {
            return rc;
        }
    }
}


/* reads on until there is no input, or no room for output */

static ngx_int_t
ngx_http_rtcsp_inflate_in(ngx_http_request_t *r, ngx_http_rtcsp_inflate_t *s)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for ( ;; ) {

        if (s->buf == NULL) {

            if (s->in == NULL) {
                return ngx_http_rtcsp_inflate_push(r, s, 0, 0);
            }

            cl = s->in;
            s->in = cl->next;
            s->buf = cl->buf;
            ngx_free_chain(r->pool, cl);

            s->stream.next_in = s->buf->pos;
            s->stream.avail_in = ngx_buf_in_memory(s->buf)
                                 ? s->buf->last - s->buf->pos : 0;
        }

        rc = ngx_http_rtcsp_inflate_buf(r, s);

        if (rc != NGX_OK) {
            return (rc == NGX_AGAIN) ? NGX_OK : NGX_ERROR;
        }

        b = s->buf;
        s->buf = NULL;

        b->pos = b->last;

        if (b->last_buf) {

            if (s->begun && !s->ended) {
                ngx_rt_log_error(NGX_LOG_ERR, r,
                                 "rtcsp: upstream's gzip body is cut short");
                return NGX_ERROR;
            }

            s->done = 1;

            return ngx_http_rtcsp_inflate_push(r, s, b->flush, 1);
        }

        if (b->flush && ngx_http_rtcsp_inflate_push(r, s, 1, 0) != NGX_OK) {
            return NGX_ERROR;
        }
    }
}


/* ret: NGX_OK: the buffer is used up; NGX_AGAIN: there is no room */

static ngx_int_t
ngx_http_rtcsp_inflate_buf(ngx_http_request_t *r, ngx_http_rtcsp_inflate_t *s)
{
    ngx_int_t  rc;

    while (s->stream.avail_in || s->full) {

        rc = ngx_http_rtcsp_inflate_room(r, s);
        if (rc != NGX_OK) {
            return rc;
        }

        if (ngx_http_rtcsp_inflate_step(r, s) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtcsp_inflate_step(ngx_http_request_t *r,
    ngx_http_rtcsp_inflate_t *s)
{
    int  rc;

    if (s->ended && s->stream.avail_in) {

        /* another member follows */

        if (inflateReset(&s->stream) != Z_OK) {
            return NGX_ERROR;
        }

        s->ended = 0;
    }

    s->stream.next_out = s->room->last;
    s->stream.avail_out = s->room->end - s->room->last;

    rc = inflate(&s->stream, Z_SYNC_FLUSH);

    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) {
        ngx_rt_log_error(NGX_LOG_ERR, r,
                         "rtcsp: upstream's gzip body is broken: "
                         "inflate() failed: %d", rc);
        return NGX_ERROR;
    }

    s->begun = 1;
    s->ended = (rc == Z_STREAM_END);
    s->room->last = s->stream.next_out;
    s->full = (s->stream.avail_out == 0 && !s->ended);

    if (s->stream.avail_out == 0) {
        return ngx_http_rtcsp_inflate_push(r, s, 0, 0);
    }

    return NGX_OK;
}


/* ret: NGX_AGAIN: all rooms are on their way to the client */

static ngx_int_t
ngx_http_rtcsp_inflate_room(ngx_http_request_t *r,
    ngx_http_rtcsp_inflate_t *s)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (s->room != NULL) {
        return NGX_OK;
    }

    if (s->free != NULL) {
        cl = s->free;
        s->free = cl->next;

        s->room = cl->buf;
        s->room->flush = 0;
        ngx_free_chain(r->pool, cl);

        return NGX_OK;
    }

    if (s->bufs == NGX_HTTP_RTCSP_INFLATE_BUFS) {
        s->starved = 1;
        return NGX_AGAIN;
    }

    b = ngx_create_temp_buf(r->pool, NGX_HTTP_RTCSP_INFLATE_SIZE);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->tag = (ngx_buf_tag_t) &ngx_http_rtcsp_module;
    b->recycled = 1;

    s->bufs++;
    s->room = b;

    return NGX_OK;
}


/* appends what was written to the output, with its flags */

static ngx_int_t
ngx_http_rtcsp_inflate_push(ngx_http_request_t *r,
    ngx_http_rtcsp_inflate_t *s, ngx_uint_t flush, ngx_uint_t last)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = s->room;

    if (b != NULL && ngx_buf_size(b) != 0) {
        s->room = NULL;

    } else if (flush || last) {

        b = ngx_calloc_buf(r->pool);
        if (b == NULL) {
            return NGX_ERROR;
        }

    } else {
        return NGX_OK;
    }

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    b->flush = flush;
    b->last_buf = last;
    b->last_in_chain = last;

    cl->buf = b;
    cl->next = NULL;

    *s->last_out = cl;
    s->last_out = &cl->next;

    return NGX_OK;
}


static void *
ngx_http_rtcsp_inflate_alloc(void *opaque, u_int items, u_int size)
{
    return ngx_palloc(opaque, (size_t) items * size);
}


/* the pool is freed as a whole */

static void
ngx_http_rtcsp_inflate_free(void *opaque, void *address)
{
    (void) opaque;
    (void) address;
}

/*
 * The rewriter of src/lib decides; here its decisions become buffers.
 *
 *     in      |----- buf A ------|--------- buf B ---------|
 *     ops     PASS........ (kept) PUT  PASS......... FILL PASS
 *     out     |-- slice --|      |put|-- slice ---|-fill-|-slice, shadow B|
 *
 * A slice is a buffer of ours over the memory of the incoming one, which is
 * free for its owner again when the slice that shadows it, the last one, was
 * sent.  A buffer that is passed on as a whole goes as it came.
 *
 * A nonce as long as the placeholder is written over it where nobody else will
 * read it again (ngx_http_rtcsp_body_own): so a page goes on in one piece.
 * Nothing else is ever written into memory that is not ours.
 */


#include "nonce/ngx_http_rtcsp_body.h"
#include "nonce/ngx_http_rtcsp_type.h"
#include "nonce/ngx_http_rtcsp_inflate.h"
#include "ngx_rt_log.h"


#define NGX_HTTP_RTCSP_COPY_MIN  256


extern ngx_module_t  ngx_http_copy_filter_module;


struct ngx_http_rtcsp_body_s {
    ngx_http_request_t              *request;
    ngx_http_output_body_filter_pt   next;
    ngx_http_rtcsp_inflate_t        *inflate;   /* NULL: the body is plain */

    ngx_chain_t                     *out;
    ngx_chain_t                    **last_out;
    ngx_chain_t                     *busy;
    ngx_chain_t                     *slices;    /* free, without memory */
    ngx_chain_t                     *copies;    /* free, with memory */

    /* the buffer being read */

    ngx_buf_t                       *in;
    ngx_buf_t                       *tail;      /* last of its out buffers */
    u_char                          *pass;      /* of PASS, not out yet */
    size_t                           passed;

    unsigned                         ended:1;
    unsigned                         told:1;    /* why a nonce was lost */

    /* one of them */

    rt_nonce_t                      *rewriter;  /* of the placeholder */
    rt_place_t                      *place;     /* into tags without one */
};


static ngx_int_t ngx_http_rtcsp_body_start_rewriter(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_body_t *body, ngx_uint_t html);
static ngx_int_t ngx_http_rtcsp_body_start_place(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_body_t *body);
static ngx_int_t ngx_http_rtcsp_body_rewrite(ngx_http_request_t *r,
    ngx_chain_t *in, void *data);
static ngx_int_t ngx_http_rtcsp_body_rewrite_buf(ngx_http_rtcsp_body_t *body,
    ngx_buf_t *b);
static rt_status_e ngx_http_rtcsp_body_feed(ngx_http_rtcsp_body_t *body,
    ngx_buf_t *b, size_t len);
static ngx_uint_t ngx_http_rtcsp_body_own(ngx_http_rtcsp_body_t *body,
    ngx_buf_t *b);
static void ngx_http_rtcsp_body_tell_lost(ngx_http_rtcsp_body_t *body);
static ngx_int_t ngx_http_rtcsp_body_buf_end(ngx_http_rtcsp_body_t *body,
    ngx_buf_t *b);
static ngx_int_t ngx_http_rtcsp_body_send(ngx_http_rtcsp_body_t *body);
static rt_status_e ngx_http_rtcsp_body_op(void *ctx, rt_nonce_op_e op,
    const unsigned char *data, size_t len);
static ngx_int_t ngx_http_rtcsp_body_passed(ngx_http_rtcsp_body_t *body);
static ngx_int_t ngx_http_rtcsp_body_slice(ngx_http_rtcsp_body_t *body,
    u_char *data, size_t len);
static ngx_int_t ngx_http_rtcsp_body_copy(ngx_http_rtcsp_body_t *body,
    const u_char *data, size_t len);
static ngx_int_t ngx_http_rtcsp_body_link(ngx_http_rtcsp_body_t *body,
    ngx_buf_t *b);


ngx_int_t
ngx_http_rtcsp_body_start(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_uint_t html, ngx_uint_t gzip)
{
    ngx_int_t               rc;
    ngx_http_rtcsp_body_t  *body;

    body = ngx_pcalloc(r->pool, sizeof(ngx_http_rtcsp_body_t));
    if (body == NULL) {
        return NGX_ERROR;
    }

    body->request = r;
    body->last_out = &body->out;

    if (gzip) {
        body->inflate = ngx_http_rtcsp_inflate_create(r);
        if (body->inflate == NULL) {
            return NGX_ERROR;
        }
    }

    /* as gzip does: what copy filter reads for subrequests, too */

    r->main_filter_need_in_memory = 1;

    rc = ngx_http_rtcsp_places(conf)
         ? ngx_http_rtcsp_body_start_place(r, conf, ctx, body)
         : ngx_http_rtcsp_body_start_rewriter(r, conf, ctx, body, html);

    if (rc == NGX_OK) {
        /* complete: logs read it whatever comes of the request */
        ctx->body = body;
    }

    return rc;
}


static ngx_int_t
ngx_http_rtcsp_body_start_rewriter(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_body_t *body, ngx_uint_t html)
{
    rt_str_t     nonce;
    rt_nonce_t  *rewriter;

    rewriter = ngx_palloc(r->pool, sizeof(rt_nonce_t));
    if (rewriter == NULL) {
        return NGX_ERROR;
    }

    nonce.len = html ? RT_CSP_NONCE_LEN : 0;
    nonce.data = ctx->nonce;

    rt_nonce_init(rewriter, ctx->secret, &nonce, html, ngx_http_rtcsp_body_op,
                  body);

    if (conf->meta) {
        rt_nonce_meta(rewriter);
    }

    if (ngx_http_rtcsp_guessed(r)) {
        rt_nonce_guess(rewriter);
    }

    if (body->inflate == NULL && r->headers_out.content_length_n >= 0) {
        rt_nonce_length(rewriter, r->headers_out.content_length_n);
    }

    body->rewriter = rewriter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtcsp_body_start_place(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_body_t *body)
{
    rt_str_t     nonce;
    rt_place_t  *place;

    place = ngx_palloc(r->pool, rt_place_size(conf->allow));
    if (place == NULL) {
        return NGX_ERROR;
    }

    nonce.len = RT_CSP_NONCE_LEN;
    nonce.data = ctx->nonce;

    rt_place_init(place, conf->allow, &nonce, ngx_http_rtcsp_utf8(r),
                  ngx_http_rtcsp_body_op, body);

    if (ngx_http_rtcsp_guessed(r)) {
        rt_place_guess(place);
    }

    body->place = place;

    return NGX_OK;
}


ngx_int_t
ngx_http_rtcsp_body(ngx_http_request_t *r, ngx_chain_t *in,
    ngx_http_rtcsp_ctx_t *ctx, ngx_http_output_body_filter_pt next)
{
    ngx_http_rtcsp_body_t *body;

    body = ctx->body;
    body->next = next;

    if (body->inflate != NULL) {
        return ngx_http_rtcsp_inflate(r, body->inflate, in,
                                      ngx_http_rtcsp_body_rewrite, body);
    }

    return ngx_http_rtcsp_body_rewrite(r, in, body);
}


ngx_uint_t
ngx_http_rtcsp_body_places(ngx_http_rtcsp_ctx_t *ctx)
{
    return ctx->body != NULL && ctx->body->place != NULL;
}


ngx_uint_t
ngx_http_rtcsp_body_gzip(ngx_http_rtcsp_ctx_t *ctx)
{
    return ctx->body->inflate != NULL;
}


void
ngx_http_rtcsp_body_counts(ngx_http_rtcsp_ctx_t *ctx, ngx_uint_t *placed,
    ngx_uint_t *scrubbed, rt_nonce_lost_t *lost)
{
    *placed = 0;
    *scrubbed = 0;
    ngx_memzero(lost, sizeof(rt_nonce_lost_t));

    if (ngx_http_rtcsp_body_places(ctx)) {
        *placed = ctx->body->place->placed;
        *scrubbed = ctx->body->place->refused;
        *lost = ctx->body->place->lost;

    } else if (ctx->body != NULL) {
        *placed = ctx->body->rewriter->placed;
        *scrubbed = ctx->body->rewriter->scrubbed;
        *lost = ctx->body->rewriter->lost;
    }
}


static ngx_int_t
ngx_http_rtcsp_body_rewrite(ngx_http_request_t *r, ngx_chain_t *in, void *data)
{
    ngx_http_rtcsp_body_t *body = data;

    ngx_chain_t  *cl;

    for (cl = in; cl; cl = cl->next) {
        if (ngx_http_rtcsp_body_rewrite_buf(body, cl->buf) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (body->rewriter != NULL) {
        rt_nonce_settle(body->rewriter);
    }

    if (in != NULL && body->out == NULL && body->busy == NULL) {
        /* all of it is kept until more is known */
        return NGX_OK;
    }

    return ngx_http_rtcsp_body_send(body);
}


static ngx_int_t
ngx_http_rtcsp_body_rewrite_buf(ngx_http_rtcsp_body_t *body, ngx_buf_t *b)
{
    size_t       len;
    rt_status_e  rc;

    body->in = b;
    body->tail = NULL;
    body->passed = 0;

    len = ngx_buf_in_memory(b) ? b->last - b->pos : 0;

    if (len == 0 && b->in_file) {

        /* copy filter reads files when main_filter_need_in_memory is set */

        ngx_rt_log_error(NGX_LOG_ERR, body->request,
                         "rtcsp: a filter sent a file past the rewriter");
        return NGX_ERROR;
    }

    if (body->ended) {
        return (len == 0) ? ngx_http_rtcsp_body_buf_end(body, b) : NGX_ERROR;
    }

    if (len || b->last_buf) {

        rc = ngx_http_rtcsp_body_feed(body, b, len);

        if (rc != RT_OK) {
            return NGX_ERROR;
        }

        ngx_http_rtcsp_body_tell_lost(body);
    }

    body->ended = b->last_buf;

    return ngx_http_rtcsp_body_buf_end(body, b);
}


static rt_status_e
ngx_http_rtcsp_body_feed(ngx_http_rtcsp_body_t *body, ngx_buf_t *b, size_t len)
{
    if (body->place != NULL) {
        return rt_place_feed(body->place, b->pos, len, b->last_buf);
    }

    rt_nonce_own(body->rewriter, ngx_http_rtcsp_body_own(body, b));

    return rt_nonce_feed(body->rewriter, b->pos, len, b->last_buf);
}


/*
 * nginx sends what is temporary more than once: a block of SSI with each of its
 * includes, which charset filter hands on under a tag of its own.  These three
 * fill a buffer and send it once: upstream's, copy filter, and inflate of ours.
 * What is in a file as well is in a cache, and read again for us.
 */

static ngx_uint_t
ngx_http_rtcsp_body_own(ngx_http_rtcsp_body_t *body, ngx_buf_t *b)
{
    ngx_http_upstream_t  *u;

    if (!b->temporary || b->in_file) {
        return 0;
    }

    u = body->request->upstream;

    return b->tag == (ngx_buf_tag_t) &ngx_http_copy_filter_module
           || b->tag == (ngx_buf_tag_t) &ngx_http_rtcsp_module
           || (u != NULL && u->output.tag != NULL && b->tag == u->output.tag);
}


/* the page's scripts will not run: whoever wrote it is told once */

static void
ngx_http_rtcsp_body_tell_lost(ngx_http_rtcsp_body_t *body)
{
    rt_nonce_lost_t             *lost;
    ngx_http_request_t          *r;
    ngx_http_rtcsp_loc_conf_t   *conf;
    ngx_http_rtcsp_main_conf_t  *mcf;

    lost = (body->place != NULL) ? &body->place->lost : &body->rewriter->lost;

    if (body->told || lost->word == NULL) {
        return;
    }

    body->told = 1;

    r = body->request;
    conf = ngx_http_get_module_loc_conf(r, ngx_http_rtcsp_module);
    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtcsp_module);

    ngx_rt_once(mcf->once, &conf->secret, r,
                "rtcsp: %s at byte %uL of the page %s no nonce (%s): %s",
                body->place ? "the tag"
                : conf->secret ? "the placeholder" : "upstream's own",
                lost->at, body->place ? "got" : "became", lost->word,
                lost->text);
}


/* what the incoming buffer stood for beside its bytes */

static ngx_int_t
ngx_http_rtcsp_body_buf_end(ngx_http_rtcsp_body_t *body, ngx_buf_t *b)
{
    ngx_buf_t  *tail;

    if (body->tail == NULL
        && (ngx_buf_special(b) || (body->passed
                                   && body->passed
                                      == (size_t) (b->last - b->pos))))
    {
        return ngx_http_rtcsp_body_link(body, b);
    }

    if (ngx_http_rtcsp_body_passed(body) != NGX_OK) {
        return NGX_ERROR;
    }

    tail = body->tail;

    if (tail == NULL) {

        if (!b->last_buf && !b->last_in_chain && !b->flush && !b->sync) {

            /* kept as a whole: its owner may have it back */

            b->pos = b->last;

            return NGX_OK;
        }

        tail = ngx_calloc_buf(body->request->pool);
        if (tail == NULL) {
            return NGX_ERROR;
        }

        tail->sync = 1;
        tail->tag = (ngx_buf_tag_t) &ngx_http_rtcsp_body;

        if (ngx_http_rtcsp_body_link(body, tail) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    tail->last_buf = b->last_buf;
    tail->last_in_chain = b->last_in_chain;
    tail->flush = b->flush;
    tail->recycled = b->recycled;
    tail->shadow = b;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtcsp_body_send(ngx_http_rtcsp_body_t *body)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    rc = body->next(body->request, body->out);

    if (body->busy == NULL) {
        body->busy = body->out;

    } else {
        for (cl = body->busy; cl->next; cl = cl->next) { /* void */ }
        cl->next = body->out;
    }

    body->out = NULL;
    body->last_out = &body->out;

    while (body->busy) {

        cl = body->busy;
        b = cl->buf;

        if (ngx_buf_size(b) != 0) {
            break;
        }

        body->busy = cl->next;

        if (b->tag != (ngx_buf_tag_t) &ngx_http_rtcsp_body) {
            /* passed on as it came: its owner looks after it */
            ngx_free_chain(body->request->pool, cl);
            continue;
        }

        if (b->shadow) {
            b->shadow->pos = b->shadow->last;
            b->shadow = NULL;
        }

        /*
         * Only what has data is used again: that nothing of it is left says
         * that nobody behind us points at it any more.
         */

        if (b->start != NULL) {
            cl->next = body->copies;
            body->copies = cl;

        } else if (ngx_buf_in_memory(b)) {
            cl->next = body->slices;
            body->slices = cl;

        } else {
            ngx_free_chain(body->request->pool, cl);
        }
    }

    return rc;
}


static rt_status_e
ngx_http_rtcsp_body_op(void *ctx, rt_nonce_op_e op, const unsigned char *data,
    size_t len)
{
    ngx_http_rtcsp_body_t *body = ctx;

    ngx_int_t  rc;

    if (len == 0) {
        return RT_OK;
    }

    if (op == RT_NONCE_PASS && body->passed
        && data == body->pass + body->passed)
    {
        body->passed += len;
        return RT_OK;
    }

    if (ngx_http_rtcsp_body_passed(body) != NGX_OK) {
        return RT_ERROR;
    }

    if (op == RT_NONCE_PASS) {

        /* more may follow, up to the whole buffer */

        body->pass = (u_char *) data;
        body->passed = len;

        return RT_OK;
    }

    rc = (op == RT_NONCE_COPY)
         ? ngx_http_rtcsp_body_copy(body, data, len)
         : ngx_http_rtcsp_body_slice(body, (u_char *) data, len);

    return (rc == NGX_OK) ? RT_OK : RT_ERROR;
}


/* it was not the whole buffer */

static ngx_int_t
ngx_http_rtcsp_body_passed(ngx_http_rtcsp_body_t *body)
{
    size_t  len;

    len = body->passed;

    if (len == 0) {
        return NGX_OK;
    }

    body->passed = 0;

    return ngx_http_rtcsp_body_slice(body, body->pass, len);
}


/* a buffer of ours over memory of others, which is only read */

static ngx_int_t
ngx_http_rtcsp_body_slice(ngx_http_rtcsp_body_t *body, u_char *data, size_t len)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = ngx_chain_get_free_buf(body->request->pool, &body->slices);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    b = cl->buf;

    ngx_memzero(b, sizeof(ngx_buf_t));

    b->pos = data;
    b->last = data + len;
    b->memory = 1;
    b->tag = (ngx_buf_tag_t) &ngx_http_rtcsp_body;

    *body->last_out = cl;
    body->last_out = &cl->next;
    body->tail = b;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtcsp_body_copy(ngx_http_rtcsp_body_t *body, const u_char *data,
    size_t len)
{
    ngx_buf_t     *b;
    ngx_chain_t   *cl, **ll;

    for (ll = &body->copies; *ll; ll = &(*ll)->next) {
        if ((size_t) ((*ll)->buf->end - (*ll)->buf->start) >= len) {
            break;
        }
    }

    cl = *ll;

    if (cl != NULL) {
        *ll = cl->next;
        cl->next = NULL;

        b = cl->buf;
        b->pos = b->start;
        b->last = b->start;
        b->last_buf = 0;
        b->last_in_chain = 0;
        b->flush = 0;
        b->recycled = 0;

    } else {
        cl = ngx_alloc_chain_link(body->request->pool);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        b = ngx_create_temp_buf(body->request->pool,
                                ngx_max(len, NGX_HTTP_RTCSP_COPY_MIN));
        if (b == NULL) {
            return NGX_ERROR;
        }

        b->tag = (ngx_buf_tag_t) &ngx_http_rtcsp_body;
        cl->buf = b;
        cl->next = NULL;
    }

    b->last = ngx_cpymem(b->last, data, len);

    *body->last_out = cl;
    body->last_out = &cl->next;
    body->tail = b;

    return NGX_OK;
}


/* a buffer that goes on as it is; the link is ours, the incoming one not */

static ngx_int_t
ngx_http_rtcsp_body_link(ngx_http_rtcsp_body_t *body, ngx_buf_t *b)
{
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(body->request->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = b;
    cl->next = NULL;

    *body->last_out = cl;
    body->last_out = &cl->next;

    return NGX_OK;
}


#include "request/ngx_http_rtauth_body.h"
#include "ngx_rt_body.h"


static size_t ngx_http_rtauth_body_max(ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtauth_body_announced(ngx_http_request_t *r);
static void ngx_http_rtauth_body_here(ngx_http_request_t *r);
static const char *ngx_http_rtauth_body_missing(ngx_http_request_t *r);
static const char *ngx_http_rtauth_body_headers(ngx_http_request_t *r,
    rt_body_t *body);
static ngx_int_t ngx_http_rtauth_body_parse(ngx_http_request_t *r,
    ngx_http_rtauth_body_t *body);


static size_t
ngx_http_rtauth_body_max(ngx_http_request_t *r)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    return clcf->client_body_buffer_size;
}


/* HTTP/2 without a length counts as chunked */

static ngx_uint_t
ngx_http_rtauth_body_announced(ngx_http_request_t *r)
{
    return r->headers_in.chunked || r->headers_in.content_length_n > 0;
}


ngx_int_t
ngx_http_rtauth_body_read(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass)
{
    ngx_int_t  rc;

    if (!pass->conf->reads_body || r != r->main || pass->reading
        || !ngx_http_rtauth_body_announced(r)
        || r->headers_in.content_length_n
           > (off_t) ngx_http_rtauth_body_max(r))
    {
        return NGX_OK;
    }

    pass->reading = NGX_HTTP_RTAUTH_BODY_ASKED;

    rc = ngx_http_read_client_request_body(r, ngx_http_rtauth_body_here);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    if (pass->reading == NGX_HTTP_RTAUTH_BODY_HERE) {

        /* the phases go on in the call that they are in */

        r->main->count--;
        return NGX_OK;
    }

    pass->reading = NGX_HTTP_RTAUTH_BODY_AWAITED;

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_AGAIN;
}


static void
ngx_http_rtauth_body_here(ngx_http_request_t *r)
{
    ngx_uint_t               awaited;
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_get_module_ctx(r, ngx_http_rtauth_module);

    awaited = (pass->reading == NGX_HTTP_RTAUTH_BODY_AWAITED);
    pass->reading = NGX_HTTP_RTAUTH_BODY_HERE;

    r->write_event_handler = ngx_http_core_run_phases;

    if (awaited) {
        ngx_http_core_run_phases(r);
    }
}


ngx_int_t
ngx_http_rtauth_body_take(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass)
{
    ngx_http_rtauth_body_t  *body;

    body = ngx_pcalloc(r->pool, sizeof(ngx_http_rtauth_body_t));
    if (body == NULL) {
        return NGX_ERROR;
    }

    pass->body = body;

    if (!pass->conf->reads_body) {
        body->present = ngx_http_rtauth_body_announced(r->main);
        return NGX_OK;
    }

    body->why = ngx_http_rtauth_body_missing(r);

    if (body->why) {
        body->present = 1;
        return NGX_OK;
    }

    switch (ngx_rt_body_join(r->main, ngx_http_rtauth_body_max(r),
                             &body->body.data))
    {
    case NGX_OK:
        break;

    case NGX_DECLINED:
        body->why = "is larger than client_body_buffer_size";
        body->present = 1;
        return NGX_OK;

    default:
        return NGX_ERROR;
    }

    body->present = (body->body.data.len != 0);
    body->body.bytes = body->body.data.len;

    return body->present ? ngx_http_rtauth_body_parse(r, body) : NGX_OK;
}


/*
 * Why what was read is not what the client sends, which is the main request's:
 * auth_request gives its subrequest an empty one.  One that is thrown away is
 * handed to nobody.
 */

static const char *
ngx_http_rtauth_body_missing(ngx_http_request_t *r)
{
    ngx_http_request_body_t  *rb;

    rb = r->main->request_body;

    if (r->main->reading_body || (rb && rb->rest > 0)) {
        return "was not read to its end";
    }

    if (rb || r->main->discard_body || !ngx_http_rtauth_body_announced(r->main))
    {
        return NULL;
    }

    return r == r->main ? "is larger than client_body_buffer_size"
                        : "is not read in a subrequest";
}


static const char *
ngx_http_rtauth_body_headers(ngx_http_request_t *r, rt_body_t *body)
{
    const char  *why;

    static ngx_str_t  type = ngx_string("Content-Type");
    static ngx_str_t  encoding = ngx_string("Content-Encoding");

    if (ngx_http_rtauth_value_header(r, &type, ngx_rt_ngx(&body->type), &why)
        == NGX_ABORT)
    {
        return "has a Content-Type that can be read in two ways";
    }

    return ngx_http_rtauth_value_header(r, &encoding,
                                        ngx_rt_ngx(&body->encoding), &why)
           == NGX_ABORT ? "has a Content-Encoding" : NULL;
}


static ngx_int_t
ngx_http_rtauth_body_parse(ngx_http_request_t *r, ngx_http_rtauth_body_t *body)
{
    rt_mem_t  mem;

    body->why = ngx_http_rtauth_body_headers(r, &body->body);

    if (body->why) {
        return NGX_OK;
    }

    mem = ngx_rt_str_mem(r->pool);

    return rt_source_body(&mem, &body->body, &body->why) == RT_ERROR
           ? NGX_ERROR : NGX_OK;
}

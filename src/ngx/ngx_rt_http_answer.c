
/* What libcurl hands over of an answer. */

#include "ngx_rt_http_part.h"
#include "text/rt_field.h"


static void ngx_rt_http_answer_field(ngx_rt_http_t *job, rt_str_t *name,
    rt_str_t *value);
static void ngx_rt_http_answer_add(ngx_rt_http_t *job,
    ngx_rt_http_header_t *h, rt_str_t *more);



/*
 * Interim answers come first, and trailers last; neither is the header of the
 * answer.
 */

size_t
ngx_rt_http_answer_header(char *p, size_t size, size_t n, void *data)
{
    ngx_rt_http_t *job = data;

    rt_str_t     line, name, value;
    ngx_uint_t   i;

    line.data = (u_char *) p;
    line.len = size * n;

    job->header_size += line.len;

    if (job->header_size > NGX_RT_HTTP_MAX_HEADER) {
        job->failure = "the header of the answer is too large";
        return 0;
    }

    switch (rt_field_line(&line, &name, &value)) {

    case RT_AGAIN:
        for (i = 0; i < job->nwanted; i++) {
            job->wanted[i].count = 0;
            ngx_str_null(&job->wanted[i].value);
        }

        job->header_done = 0;
        break;

    case RT_DONE:
        job->header_done = 1;
        break;

    case RT_OK:
        if (!job->header_done) {
            ngx_rt_http_answer_field(job, &name, &value);
        }

        break;

    default:
        break;
    }

    return job->failure ? 0 : line.len;
}


static void
ngx_rt_http_answer_field(ngx_rt_http_t *job, rt_str_t *name, rt_str_t *value)
{
    ngx_uint_t  i;

    for (i = 0; i < job->nwanted; i++) {
        if (rt_str_ieq(ngx_rt_str(&job->wanted[i].name), name)) {
            ngx_rt_http_answer_add(job, &job->wanted[i], value);
        }
    }
}


static void
ngx_rt_http_answer_add(ngx_rt_http_t *job, ngx_rt_http_header_t *h,
    rt_str_t *more)
{
    u_char  *value, *end;

    if (h->count++ == NGX_RT_HTTP_MAX_REPEATED) {
        job->failure = "a header of the answer is repeated too often";
        return;
    }

    value = ngx_pnalloc(job->pool, h->value.len + sizeof(", ") + more->len);
    if (value == NULL) {
        job->failure = "out of memory";
        return;
    }

    end = ngx_cpymem(value, h->value.data, h->value.len);

    if (h->count > 1) {
        *end++ = ',';
        *end++ = ' ';
    }

    end = ngx_cpymem(end, more->data, more->len);

    h->value.data = value;
    h->value.len = end - value;
}


size_t
ngx_rt_http_answer_body(char *p, size_t size, size_t n, void *data)
{
    ngx_rt_http_t *job = data;

    size_t   len, allocated;
    u_char  *buf;

    len = size * n;

    if (len > job->max_body - job->body.len) {
        job->failure = "the answer is too large";
        return 0;
    }

    if (job->body.len + len > job->allocated) {

        allocated = ngx_max(2 * job->allocated, job->body.len + len);
        allocated = ngx_max(allocated, 4096);

        buf = ngx_pnalloc(job->pool, allocated);
        if (buf == NULL) {
            job->failure = "out of memory";
            return 0;
        }

        ngx_memcpy(buf, job->body.data, job->body.len);

        if (job->allocated) {
            (void) ngx_pfree(job->pool, job->body.data);
        }

        job->body.data = buf;
        job->allocated = allocated;
    }

    ngx_memcpy(job->body.data + job->body.len, p, len);
    job->body.len += len;

    return len;
}

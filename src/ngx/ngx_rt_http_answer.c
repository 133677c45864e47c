
/* What libcurl hands over of an answer. */

#include "ngx_rt_http_part.h"


static void ngx_rt_http_answer_line(ngx_rt_http_t *job, u_char *p,
    u_char *last);
static void ngx_rt_http_answer_add(ngx_rt_http_t *job,
    ngx_rt_http_header_t *h, u_char *p, u_char *last);


/*
 * Interim answers come first, and trailers last; neither is the header of the
 * answer.
 */

size_t
ngx_rt_http_answer_header(char *p, size_t size, size_t n, void *data)
{
    ngx_rt_http_t *job = data;

    u_char      *pos, *last;
    ngx_uint_t   i;

    pos = (u_char *) p;
    last = pos + size * n;

    job->header_size += size * n;

    if (job->header_size > NGX_RT_HTTP_MAX_HEADER) {
        job->failure = "the header of the answer is too large";
        return 0;
    }

    while (last > pos && (last[-1] == CR || last[-1] == LF)) {
        last--;
    }

    if (last - pos > 5 && ngx_strncasecmp(pos, (u_char *) "HTTP/", 5) == 0) {

        for (i = 0; i < job->nwanted; i++) {
            job->wanted[i].count = 0;
            ngx_str_null(&job->wanted[i].value);
        }

        job->header_done = 0;

    } else if (last == pos) {
        job->header_done = 1;

    } else if (!job->header_done) {
        ngx_rt_http_answer_line(job, pos, last);
    }

    return job->failure ? 0 : size * n;
}


static void
ngx_rt_http_answer_line(ngx_rt_http_t *job, u_char *p, u_char *last)
{
    size_t                 len;
    u_char                *colon;
    ngx_uint_t             i;
    ngx_rt_http_header_t  *h;

    colon = ngx_strlchr(p, last, ':');

    if (colon == NULL) {
        return;
    }

    len = colon - p;

    for (i = 0; i < job->nwanted; i++) {
        h = &job->wanted[i];

        if (h->name.len == len && ngx_strncasecmp(h->name.data, p, len) == 0) {
            ngx_rt_http_answer_add(job, h, colon + 1, last);
        }
    }
}


static void
ngx_rt_http_answer_add(ngx_rt_http_t *job, ngx_rt_http_header_t *h, u_char *p,
    u_char *last)
{
    u_char  *value, *end;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    while (p < last && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    if (h->count++ == NGX_RT_HTTP_MAX_REPEATED) {
        job->failure = "a header of the answer is repeated too often";
        return;
    }

    value = ngx_pnalloc(job->pool, h->value.len + sizeof(", ") + (last - p));
    if (value == NULL) {
        job->failure = "out of memory";
        return;
    }

    end = ngx_cpymem(value, h->value.data, h->value.len);

    if (h->count > 1) {
        *end++ = ',';
        *end++ = ' ';
    }

    end = ngx_cpymem(end, p, last - p);

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

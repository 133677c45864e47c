
/* What libcurl is told of a job. */

#include "ngx_rt_curl.h"
#include "ngx_rt_http_part.h"


static ngx_int_t ngx_rt_http_setup_client(ngx_rt_http_t *job);
static ngx_int_t ngx_rt_http_setup_request(ngx_rt_http_t *job);
static ngx_int_t ngx_rt_http_setup_reuse(ngx_rt_http_t *job);
static ngx_int_t ngx_rt_http_setup_tls(ngx_rt_http_t *job);


#define ngx_rt_http_set(job, opt, value)                                      \
    ngx_rt_curl_set((job)->easy, opt, value)


ngx_int_t
ngx_rt_http_setup(ngx_rt_http_t *job)
{
    job->easy = curl_easy_init();

    if (job->easy == NULL
        || ngx_rt_http_setup_client(job) != NGX_OK
        || ngx_rt_http_setup_request(job) != NGX_OK
        || ngx_rt_http_setup_reuse(job) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return job->url->parts.tls ? ngx_rt_http_setup_tls(job) : NGX_OK;
}


/* what libcurl may do, and what it is to leave alone */

static ngx_int_t
ngx_rt_http_setup_client(ngx_rt_http_t *job)
{
    if (ngx_rt_curl_alone(job->easy, job->url->parts.tls) != NGX_OK
        || !ngx_rt_http_set(job, CURLOPT_PRIVATE, job)
        || !ngx_rt_http_set(job, CURLOPT_ERRORBUFFER, job->detail)
        || !ngx_rt_http_set(job, CURLOPT_RESOLVE, job->addresses)
        || !ngx_rt_http_set(job, CURLOPT_MAXFILESIZE_LARGE,
                            (curl_off_t) job->max_body)
        || !ngx_rt_http_set(job, CURLOPT_HEADERFUNCTION,
                            ngx_rt_http_answer_header)
        || !ngx_rt_http_set(job, CURLOPT_HEADERDATA, job)
        || !ngx_rt_http_set(job, CURLOPT_WRITEFUNCTION, ngx_rt_http_answer_body)
        || !ngx_rt_http_set(job, CURLOPT_WRITEDATA, job))
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * libcurl shares what is left of the time among the addresses of a host.  The
 * end itself is the job's own timer, which began before the name was looked
 * up.
 */

static ngx_int_t
ngx_rt_http_setup_request(ngx_rt_http_t *job)
{
    ngx_str_t       none;
    ngx_msec_int_t  left;

    left = (ngx_msec_int_t) (job->event.timer.key - ngx_current_msec);

    if (!ngx_rt_http_set(job, CURLOPT_URL, (char *) job->url->text.data)
        || !ngx_rt_http_set(job, CURLOPT_USERAGENT, job->client->conf->agent)
        || !ngx_rt_http_set(job, CURLOPT_TIMEOUT_MS, (long) ngx_max(left, 1)))
    {
        return NGX_ERROR;
    }

    if (job->method == NGX_RT_HTTP_POST) {

        /* not to wait for a "100 Continue" before a large one */

        ngx_str_null(&none);

        if (ngx_rt_http_add_header(job, "Expect", &none) != NGX_OK
            || !ngx_rt_http_set(job, CURLOPT_POST, 1L)
            || !ngx_rt_http_set(job, CURLOPT_POSTFIELDSIZE_LARGE,
                                (curl_off_t) job->content.len)
            || !ngx_rt_http_set(job, CURLOPT_POSTFIELDS,
                                job->content.len ? (char *) job->content.data
                                                 : ""))
        {
            return NGX_ERROR;
        }
    }

    return ngx_rt_http_set(job, CURLOPT_HTTPHEADER, job->headers) ? NGX_OK
                                                                  : NGX_ERROR;
}


static ngx_int_t
ngx_rt_http_setup_reuse(ngx_rt_http_t *job)
{
    ngx_msec_t  keepalive;

    keepalive = job->client->conf->keepalive;

    if (!ngx_rt_http_set(job, CURLOPT_FRESH_CONNECT,
                         (long) (job->once || keepalive == 0))
        || !ngx_rt_http_set(job, CURLOPT_FORBID_REUSE, (long) (keepalive == 0))
        || !ngx_rt_http_set(job, CURLOPT_MAXAGE_CONN,
                            (long) (keepalive / 1000 + 1))
        || !ngx_rt_http_set(job, CURLOPT_CLOSESOCKETFUNCTION,
                            ngx_rt_http_loop_closed)
        || !ngx_rt_http_set(job, CURLOPT_CLOSESOCKETDATA, job->client))
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_rt_http_setup_tls(ngx_rt_http_t *job)
{
    /* HTTP/2 is a wish: a libcurl built without it speaks HTTP/1.1 */

    (void) ngx_rt_http_set(job, CURLOPT_HTTP_VERSION,
                           (long) CURL_HTTP_VERSION_2TLS);

    return ngx_rt_curl_tls(job->easy, &job->client->conf->trusted,
                           &job->certificate, &job->key, CURL_BLOB_NOCOPY);
}


ngx_int_t
ngx_rt_http_add_header(ngx_rt_http_t *job, char *name, ngx_str_t *value)
{
    u_char             *line;
    ngx_uint_t          i;
    struct curl_slist  *list;

    for (i = 0; i < value->len; i++) {
        if ((value->data[i] < ' ' && value->data[i] != '\t')
            || value->data[i] == 0x7f)
        {
            return NGX_DECLINED;
        }
    }

    line = ngx_pnalloc(job->pool, ngx_strlen(name) + value->len
                                  + sizeof(": "));
    if (line == NULL) {
        return NGX_ERROR;
    }

    /* libcurl sends no header that is nothing but its name */

    ngx_sprintf(line, value->len ? "%s: %V%Z" : "%s:%V%Z", name, value);

    list = curl_slist_append(job->headers, (char *) line);
    if (list == NULL) {
        return NGX_ERROR;
    }

    job->headers = list;

    return NGX_OK;
}

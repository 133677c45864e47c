
/* The exchange: one job from its start to its handler. */

#include "ngx_rt_http_part.h"


static void ngx_rt_http_job_next(ngx_rt_http_t *job);
static void ngx_rt_http_job_done(ngx_rt_http_t *job, CURLcode rc);
static void ngx_rt_http_job_event_handler(ngx_event_t *ev);
static ngx_uint_t ngx_rt_http_job_expected(ngx_rt_http_t *job);
static ngx_rt_http_fault_e ngx_rt_http_job_fault(ngx_rt_http_t *job,
    CURLcode rc);
static void ngx_rt_http_job_error(ngx_rt_http_t *job, CURLcode rc);
static u_char *ngx_rt_http_job_redirect(ngx_rt_http_t *job, u_char *p,
    u_char *last);
static void ngx_rt_http_job_free(ngx_rt_http_t *job);
static u_char *ngx_rt_http_job_log_error(ngx_log_t *log, u_char *buf,
    size_t len);


ngx_rt_http_client_t *
ngx_rt_http_client_create(ngx_rt_http_conf_t *conf, ngx_log_t *log)
{
    ngx_pool_t            *pool;
    ngx_rt_http_client_t  *client;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return NULL;
    }

    pool = ngx_create_pool(1024, log);
    if (pool == NULL) {
        curl_global_cleanup();
        return NULL;
    }

    client = ngx_pcalloc(pool, sizeof(ngx_rt_http_client_t));
    if (client == NULL) {
        ngx_destroy_pool(pool);
        curl_global_cleanup();
        return NULL;
    }

    client->conf = conf;
    client->pool = pool;
    client->log = log;
    client->ident = -1;
    client->done = ngx_rt_http_job_done;

    ngx_queue_init(&client->jobs);
    ngx_rt_http_loop_init(client);

    return client;
}


void
ngx_rt_http_client_destroy(ngx_rt_http_client_t *client)
{
    while (!ngx_queue_empty(&client->jobs)) {
        ngx_rt_http_cancel(ngx_queue_data(ngx_queue_head(&client->jobs),
                                          ngx_rt_http_t, queue));
    }

    ngx_rt_http_loop_close(client);

    ngx_destroy_pool(client->pool);
    curl_global_cleanup();
}


ngx_rt_http_t *
ngx_rt_http_create(ngx_rt_http_client_t *client, ngx_rt_url_t *url)
{
    ngx_pool_t     *pool;
    ngx_rt_http_t  *job;

    pool = ngx_create_pool(4096, client->log);
    if (pool == NULL) {
        return NULL;
    }

    job = ngx_pcalloc(pool, sizeof(ngx_rt_http_t));
    if (job == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    job->log = ngx_palloc(pool, sizeof(ngx_log_t));
    job->detail = ngx_pcalloc(pool, CURL_ERROR_SIZE);

    if (job->log == NULL || job->detail == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    *job->log = *client->log;
    job->log->handler = ngx_rt_http_job_log_error;
    job->log->data = job;
    job->log->action = "starting a request";
    pool->log = job->log;

    job->pool = pool;
    job->url = url;
    job->client = client;
    job->timeout = NGX_RT_HTTP_TIMEOUT;
    job->max_body = NGX_RT_HTTP_MAX_BODY;

    job->event.data = job;
    job->event.handler = ngx_rt_http_job_event_handler;
    job->event.log = job->log;

    ngx_queue_insert_tail(&client->jobs, &job->queue);

    return job;
}


void
ngx_rt_http_start(ngx_rt_http_t *job)
{
    job->event.cancelable = !job->hold;
    ngx_add_timer(&job->event, job->timeout);

    ngx_rt_http_resolve(job, ngx_rt_http_job_next);
}


static void
ngx_rt_http_job_next(ngx_rt_http_t *job)
{
    job->log->action = "fetching";

    if (ngx_rt_http_setup(job) != NGX_OK
        || ngx_rt_http_loop_add(job) != NGX_OK)
    {
        ngx_rt_http_loop_fail(job, "out of memory, or an option is unknown "
                                   "to this libcurl");
    }
}


static void
ngx_rt_http_job_event_handler(ngx_event_t *ev)
{
    ngx_rt_http_t *job = ev->data;

    ngx_rt_http_job_done(job, job->failure ? CURLE_ABORTED_BY_CALLBACK
                                           : CURLE_OPERATION_TIMEDOUT);
}


static void
ngx_rt_http_job_done(ngx_rt_http_t *job, CURLcode rc)
{
    long  status;

    status = 0;

    if (job->easy) {
        curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
    }

    job->status = status;

    if (rc == CURLE_OK) {
        ngx_rt_http_loop_keep(job);
    }

    if (rc != CURLE_OK || job->failure || !ngx_rt_http_job_expected(job)) {
        job->fault = ngx_rt_http_job_fault(job, rc);
        ngx_rt_http_job_error(job, rc);
    }

    ngx_log_debug3(NGX_LOG_DEBUG_EVENT, job->log, 0,
                   "rt http done: %ui, %uz bytes \"%V\"",
                   job->status, job->body.len, &job->error);

    job->handler(job);

    ngx_rt_http_job_free(job);
}


static ngx_uint_t
ngx_rt_http_job_expected(ngx_rt_http_t *job)
{
    ngx_uint_t  i;

    if (job->expected == NULL) {
        return job->status == 200;
    }

    for (i = 0; job->expected[i]; i++) {
        if (job->status == job->expected[i]) {
            return 1;
        }
    }

    return 0;
}


static ngx_rt_http_fault_e
ngx_rt_http_job_fault(ngx_rt_http_t *job, CURLcode rc)
{
    switch (rc) {

    case CURLE_OK:
        return NGX_RT_HTTP_FAULT_STATUS;

    case CURLE_ABORTED_BY_CALLBACK:

        /* ours: libcurl has nothing to do before there is an address */

        return job->easy ? NGX_RT_HTTP_FAULT_LOCAL : NGX_RT_HTTP_FAULT_NAME;

    case CURLE_OUT_OF_MEMORY:
        return NGX_RT_HTTP_FAULT_LOCAL;

    case CURLE_OPERATION_TIMEDOUT:
        return NGX_RT_HTTP_FAULT_TIMEOUT;

    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return NGX_RT_HTTP_FAULT_CONNECT;

    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
        return NGX_RT_HTTP_FAULT_TLS;

    default:
        return NGX_RT_HTTP_FAULT_ANSWER;
    }
}


/* words of a server may be in libcurl's message: nothing but plain ASCII */

static void
ngx_rt_http_job_error(ngx_rt_http_t *job, CURLcode rc)
{
    u_char      *buf, *p, *last;
    const char  *text;

    buf = ngx_pnalloc(job->pool, CURL_ERROR_SIZE + 64);

    if (buf == NULL) {
        ngx_str_set(&job->error, "out of memory");
        return;
    }

    last = buf + CURL_ERROR_SIZE + 64;

    if (job->failure) {
        p = ngx_slprintf(buf, last, "%s", job->failure);

    } else if (rc == CURLE_FILESIZE_EXCEEDED) {

        /* libcurl notices it by Content-Length or, since 8.4.0, by itself */

        p = ngx_slprintf(buf, last, "the answer is too large");

    } else if (rc == CURLE_OPERATION_TIMEDOUT) {
        p = ngx_slprintf(buf, last, "timed out after %Mms", job->timeout);

    } else if (rc != CURLE_OK) {
        text = job->detail[0] ? job->detail : curl_easy_strerror(rc);
        p = ngx_slprintf(buf, last, "%s", text);

    } else if (job->status >= 300 && job->status < 400) {
        p = ngx_rt_http_job_redirect(job, buf, last);

    } else {
        p = ngx_slprintf(buf, last, "status %ui", job->status);
    }

    job->error.data = buf;
    job->error.len = p - buf;

    for (p = buf; p < buf + job->error.len; p++) {
        if (*p < ' ' || *p > '~') {
            *p = '?';
        }
    }
}


/* where it leads to is what the configuration should name: without a query */

static u_char *
ngx_rt_http_job_redirect(ngx_rt_http_t *job, u_char *p, u_char *last)
{
    char  *url;

    p = ngx_slprintf(p, last, "status %ui, redirects are not followed",
                     job->status);

    if (curl_easy_getinfo(job->easy, CURLINFO_REDIRECT_URL, &url) == CURLE_OK
        && url)
    {
        p = ngx_slprintf(p, last, ", this one leads to \"%*s\"",
                         strcspn(url, "?#"), url);
    }

    return p;
}


void
ngx_rt_http_cancel(ngx_rt_http_t *job)
{
    ngx_rt_http_job_free(job);
}


static void
ngx_rt_http_job_free(ngx_rt_http_t *job)
{
    if (job->resolving) {
        ngx_resolve_name_done(job->resolving);
    }

    if (job->event.posted) {
        ngx_delete_posted_event(&job->event);
    }

    if (job->event.timer_set) {
        ngx_del_timer(&job->event);
    }

    ngx_rt_http_loop_remove(job);

    curl_slist_free_all(job->addresses);
    curl_slist_free_all(job->headers);

    ngx_destroy_pool(job->pool);
}


/* the query stays out of it */

static u_char *
ngx_rt_http_job_log_error(ngx_log_t *log, u_char *buf, size_t len)
{
    u_char         *p;
    ngx_rt_http_t  *job;

    p = buf;

    if (log->action) {
        p = ngx_snprintf(p, len, " while %s", log->action);
        len -= p - buf;
        buf = p;
    }

    job = log->data;

    if (job->url) {
        p = ngx_snprintf(buf, len, ", url: \"%V\"",
                         ngx_rt_ngx(&job->url->parts.shown));
    }

    return p;
}


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <curl/curl.h>
#include <openssl/err.h>

#include "ngx_rt_http.h"


/*
 * The event's data must look like a connection up to its fd: nginx's debug
 * log prints that (as in ngx_resolver_t).
 */

struct ngx_rt_http_client_s {
    CURLM          *multi;
    ngx_pool_t     *pool;
    ngx_log_t      *log;
    ngx_int_t       ident;
    ngx_event_t     timer;
    ngx_queue_t     jobs;
};


static int ngx_rt_http_socket(CURL *easy, curl_socket_t fd, int what,
    void *data, void *socket_data);
static ngx_connection_t *ngx_rt_http_watch(ngx_rt_http_client_t *client,
    curl_socket_t fd);
static ngx_int_t ngx_rt_http_interest(ngx_event_t *ev, ngx_int_t event,
    ngx_uint_t on);
static void ngx_rt_http_forget(ngx_rt_http_client_t *client,
    ngx_connection_t *c, curl_socket_t fd);
static int ngx_rt_http_timer(CURLM *multi, long timeout_ms, void *data);
static void ngx_rt_http_read_handler(ngx_event_t *rev);
static void ngx_rt_http_write_handler(ngx_event_t *wev);
static void ngx_rt_http_timer_handler(ngx_event_t *ev);
static void ngx_rt_http_action(ngx_rt_http_client_t *client, curl_socket_t fd,
    int mask);

static void ngx_rt_http_resolve(ngx_rt_http_t *job);
static void ngx_rt_http_resolved(ngx_resolver_ctx_t *ctx);
static void ngx_rt_http_next(ngx_rt_http_t *job, ngx_uint_t naddrs,
    ngx_resolver_addr_t *resolved);
static ngx_int_t ngx_rt_http_addresses(ngx_rt_http_t *job, ngx_uint_t naddrs,
    ngx_resolver_addr_t *resolved);
static ngx_int_t ngx_rt_http_setup(ngx_rt_http_t *job);
static ngx_int_t ngx_rt_http_setup_tls(ngx_rt_http_t *job);
static size_t ngx_rt_http_header(char *p, size_t size, size_t n, void *data);
static void ngx_rt_http_cache_control(ngx_rt_http_t *job, u_char *p,
    u_char *last);
static size_t ngx_rt_http_body(char *p, size_t size, size_t n, void *data);
static void ngx_rt_http_fail(ngx_rt_http_t *job, char *failure);
static void ngx_rt_http_event_handler(ngx_event_t *ev);
static void ngx_rt_http_done(ngx_rt_http_t *job, CURLcode rc);
static void ngx_rt_http_error(ngx_rt_http_t *job, CURLcode rc);
static void ngx_rt_http_free(ngx_rt_http_t *job);
static u_char *ngx_rt_http_log_error(ngx_log_t *log, u_char *buf, size_t len);


/*
 * What libcurl leaves in OpenSSL's queue of errors would be taken for an error
 * of whichever connection uses OpenSSL next.
 */


ngx_rt_http_client_t *
ngx_rt_http_client_create(ngx_log_t *log)
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

    if (client == NULL || (client->multi = curl_multi_init()) == NULL) {
        ngx_destroy_pool(pool);
        curl_global_cleanup();
        return NULL;
    }

    client->pool = pool;
    client->log = log;
    client->ident = -1;

    client->timer.data = client;
    client->timer.handler = ngx_rt_http_timer_handler;
    client->timer.log = log;
    client->timer.cancelable = 1;

    ngx_queue_init(&client->jobs);

    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION,
                      ngx_rt_http_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION,
                      ngx_rt_http_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);

    return client;
}


void
ngx_rt_http_client_destroy(ngx_rt_http_client_t *client)
{
    while (!ngx_queue_empty(&client->jobs)) {
        ngx_rt_http_cancel(ngx_queue_data(ngx_queue_head(&client->jobs),
                                          ngx_rt_http_t, queue));
    }

    curl_multi_cleanup(client->multi);

    ERR_clear_error();

    if (client->timer.timer_set) {
        ngx_del_timer(&client->timer);
    }

    ngx_destroy_pool(client->pool);
    curl_global_cleanup();
}


/*
 * libcurl says what it waits for on a socket of its own.  The socket may be
 * closed by libcurl only, so that the connection is given back without
 * closing it.  A failure here must not be returned: it would leave the whole
 * multi handle dead.
 */

static int
ngx_rt_http_socket(CURL *easy, curl_socket_t fd, int what, void *data,
    void *socket_data)
{
    ngx_rt_http_client_t *client = data;
    ngx_connection_t     *c = socket_data;

    ngx_rt_http_t  *job;

    ngx_log_debug3(NGX_LOG_DEBUG_EVENT, client->log, 0,
                   "rt http socket fd:%d what:%d c:%p", fd, what, c);

    if (what == CURL_POLL_REMOVE) {
        if (c) {
            ngx_rt_http_forget(client, c, fd);
        }

        return 0;
    }

    if (c == NULL) {
        c = ngx_rt_http_watch(client, fd);
    }

    if (c == NULL
        || ngx_rt_http_interest(c->read, NGX_READ_EVENT, what & CURL_POLL_IN)
           != NGX_OK
        || ngx_rt_http_interest(c->write, NGX_WRITE_EVENT,
                                what & CURL_POLL_OUT)
           != NGX_OK)
    {
        job = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **) &job);

        if (job) {
            ngx_rt_http_fail(job, "no free connection or event");
        }
    }

    return 0;
}


static ngx_connection_t *
ngx_rt_http_watch(ngx_rt_http_client_t *client, curl_socket_t fd)
{
    ngx_connection_t  *c;

    c = ngx_get_connection(fd, client->log);
    if (c == NULL) {
        return NULL;
    }

    c->data = client;
    c->log = client->log;
    c->type = SOCK_STREAM;
    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);

    c->read->handler = ngx_rt_http_read_handler;
    c->read->log = client->log;
    c->write->handler = ngx_rt_http_write_handler;
    c->write->log = client->log;

    curl_multi_assign(client->multi, fd, c);

    return c;
}


/* level-triggered: it is libcurl that drains the socket */

static ngx_int_t
ngx_rt_http_interest(ngx_event_t *ev, ngx_int_t event, ngx_uint_t on)
{
    if (on) {
        return ev->active ? NGX_OK
                          : ngx_add_event(ev, event, NGX_LEVEL_EVENT);
    }

    return ev->active ? ngx_del_event(ev, event, 0) : NGX_OK;
}


static void
ngx_rt_http_forget(ngx_rt_http_client_t *client, ngx_connection_t *c,
    curl_socket_t fd)
{
    curl_multi_assign(client->multi, fd, NULL);

    (void) ngx_rt_http_interest(c->read, NGX_READ_EVENT, 0);
    (void) ngx_rt_http_interest(c->write, NGX_WRITE_EVENT, 0);

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }

    ngx_free_connection(c);

    /* events of this turn that were not handled yet are now stale */

    c->fd = (ngx_socket_t) -1;
}


/* must not call back into libcurl: it only arms the timer, for 0 ms too */

static int
ngx_rt_http_timer(CURLM *multi, long timeout_ms, void *data)
{
    ngx_rt_http_client_t *client = data;

    /* nginx would keep a timer that differs by less than 300 ms */

    if (client->timer.timer_set) {
        ngx_del_timer(&client->timer);
    }

    if (timeout_ms >= 0) {
        ngx_add_timer(&client->timer, (ngx_msec_t) timeout_ms);
    }

    return 0;
}


/*
 * The mask is made from the handler that was called: nobody resets ev->ready
 * for a reader outside of nginx.
 */

static void
ngx_rt_http_read_handler(ngx_event_t *rev)
{
    ngx_connection_t  *c = rev->data;

    ngx_rt_http_action(c->data, c->fd, CURL_CSELECT_IN);
}


static void
ngx_rt_http_write_handler(ngx_event_t *wev)
{
    ngx_connection_t  *c = wev->data;

    ngx_rt_http_action(c->data, c->fd, CURL_CSELECT_OUT);
}


static void
ngx_rt_http_timer_handler(ngx_event_t *ev)
{
    ngx_rt_http_action(ev->data, CURL_SOCKET_TIMEOUT, 0);
}


static void
ngx_rt_http_action(ngx_rt_http_client_t *client, curl_socket_t fd, int mask)
{
    int             n;
    CURLM          *multi;
    CURLcode        rc;
    CURLMsg        *msg;
    ngx_rt_http_t  *job;

    multi = client->multi;

    curl_multi_socket_action(multi, fd, mask, &n);

    ERR_clear_error();

    while ((msg = curl_multi_info_read(multi, &n)) != NULL) {

        if (msg->msg != CURLMSG_DONE) {
            continue;
        }

        /* the message does not survive the removal of its handle */

        rc = msg->data.result;
        job = NULL;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **) &job);

        ngx_rt_http_done(job, rc);
    }
}


ngx_rt_http_t *
ngx_rt_http_create(ngx_rt_http_client_t *client, ngx_rt_url_t *url,
    ngx_rt_http_conf_t *conf)
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
    job->log->handler = ngx_rt_http_log_error;
    job->log->data = job;
    job->log->action = "starting a request";
    pool->log = job->log;

    job->pool = pool;
    job->url = url;
    job->conf = conf;
    job->client = client;
    job->max_age = -1;

    job->event.data = job;
    job->event.handler = ngx_rt_http_event_handler;
    job->event.log = job->log;

    ngx_queue_insert_tail(&client->jobs, &job->queue);

    return job;
}


void
ngx_rt_http_start(ngx_rt_http_t *job)
{
    ngx_rt_url_t  *url;

    url = job->url;

    if (url->literal || (job->conf->resolver == NULL && url->naddrs)) {
        ngx_rt_http_next(job, 0, NULL);
        return;
    }

    if (job->conf->resolver == NULL) {
        ngx_rt_http_fail(job, "the host is not known from the configuration "
                              "and there is no \"resolver\" in http {}");
        return;
    }

    ngx_rt_http_resolve(job);
}


static void
ngx_rt_http_resolve(ngx_rt_http_t *job)
{
    ngx_resolver_ctx_t  *ctx, temp;

    job->log->action = "resolving a name";

    temp.name = job->url->host;

    ctx = ngx_resolve_start(job->conf->resolver, &temp);

    if (ctx == NULL || ctx == NGX_NO_RESOLVER) {
        ngx_rt_http_fail(job, "the resolver could not be started");
        return;
    }

    ctx->name = job->url->host;
    ctx->handler = ngx_rt_http_resolved;
    ctx->data = job;
    ctx->timeout = job->conf->timeout;
    ctx->cancelable = 1;

    job->resolving = ctx;

    if (ngx_resolve_name(ctx) != NGX_OK) {
        job->resolving = NULL;
        ngx_rt_http_fail(job, "the resolver could not be asked");
    }
}


/*
 * A name the resolver does not have may stand in the system's hosts file:
 * then the addresses found at start hold on.
 */

static void
ngx_rt_http_resolved(ngx_resolver_ctx_t *ctx)
{
    ngx_rt_http_t  *job;

    job = ctx->data;
    job->resolving = NULL;

    if (ctx->state && job->url->naddrs == 0) {
        ngx_log_error(NGX_LOG_ERR, job->log, 0,
                      "\"%V\" could not be resolved (%i: %s)", &ctx->name,
                      ctx->state, ngx_resolver_strerror(ctx->state));

        ngx_rt_http_fail(job, "the host could not be resolved");

    } else if (ctx->state) {
        ngx_rt_http_next(job, 0, NULL);

    } else {
        ngx_rt_http_next(job, ctx->naddrs, ctx->addrs);
    }

    ngx_resolve_name_done(ctx);
}


static void
ngx_rt_http_next(ngx_rt_http_t *job, ngx_uint_t naddrs,
    ngx_resolver_addr_t *resolved)
{
    job->log->action = "fetching";

    if (ngx_rt_http_addresses(job, naddrs, resolved) != NGX_OK
        || ngx_rt_http_setup(job) != NGX_OK)
    {
        ngx_rt_http_fail(job, "out of memory, or an option is unknown to "
                              "this libcurl");
        return;
    }

    if (curl_multi_add_handle(job->client->multi, job->easy) != CURLM_OK) {
        ngx_rt_http_fail(job, "libcurl does not take the request");
        return;
    }

    job->added = 1;
}


/* HOST:PORT:ADDRESS[,ADDRESS ...]: libcurl asks nobody else then */

static ngx_int_t
ngx_rt_http_addresses(ngx_rt_http_t *job, ngx_uint_t naddrs,
    ngx_resolver_addr_t *resolved)
{
    u_char           *p, *buf, *last;
    ngx_uint_t        i, n;
    socklen_t         len;
    ngx_rt_url_t     *url;
    struct sockaddr  *sa;

    url = job->url;

    if (url->literal) {
        return NGX_OK;
    }

    n = resolved ? naddrs : url->naddrs;

    buf = ngx_pnalloc(job->pool, url->host.len + sizeof(":65535:")
                                 + n * (NGX_SOCKADDR_STRLEN + 3));
    if (buf == NULL) {
        return NGX_ERROR;
    }

    last = buf + url->host.len + sizeof(":65535:")
           + n * (NGX_SOCKADDR_STRLEN + 3);

    p = ngx_sprintf(buf, "%V:%d", &url->host, (int) url->port);

    for (i = 0; i < n; i++) {
        sa = resolved ? resolved[i].sockaddr : url->addrs[i].sockaddr;
        len = resolved ? resolved[i].socklen : url->addrs[i].socklen;

        *p++ = i ? ',' : ':';

        /* an IPv6 address comes without brackets when no port is wanted */

        if (sa->sa_family == AF_INET6) {
            *p++ = '[';
        }

        p += ngx_sock_ntop(sa, len, p, last - p, 0);

        if (sa->sa_family == AF_INET6) {
            *p++ = ']';
        }
    }

    *p = '\0';

    job->lists[0] = curl_slist_append(NULL, (char *) buf);

    return job->lists[0] ? NGX_OK : NGX_ERROR;
}


#define ngx_rt_http_set(job, opt, value)                                      \
    (curl_easy_setopt((job)->easy, opt, value) == CURLE_OK)


static ngx_int_t
ngx_rt_http_setup(ngx_rt_http_t *job)
{
    char                *schemes, *accept;
    ngx_rt_http_conf_t  *conf;

    conf = job->conf;
    schemes = job->url->tls ? "https" : "http";

    job->easy = curl_easy_init();

    accept = (char *) ngx_pnalloc(job->pool, sizeof("Accept: ")
                                             + ngx_strlen(conf->accept));

    if (job->easy == NULL || accept == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf((u_char *) accept, "Accept: %s%Z", conf->accept);

    job->lists[1] = curl_slist_append(NULL, accept);

    if (job->lists[1] == NULL
        || !ngx_rt_http_set(job, CURLOPT_PRIVATE, job)
        || !ngx_rt_http_set(job, CURLOPT_NOSIGNAL, 1L)
        || !ngx_rt_http_set(job, CURLOPT_ERRORBUFFER, job->detail)
        || !ngx_rt_http_set(job, CURLOPT_URL, (char *) job->url->text.data)
        || !ngx_rt_http_set(job, CURLOPT_PROTOCOLS_STR, schemes)
        || !ngx_rt_http_set(job, CURLOPT_REDIR_PROTOCOLS_STR, schemes)
        || !ngx_rt_http_set(job, CURLOPT_FOLLOWLOCATION, 0L)
        || !ngx_rt_http_set(job, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L)
        || !ngx_rt_http_set(job, CURLOPT_PROXY, "")
        || !ngx_rt_http_set(job, CURLOPT_NOPROXY, "*")
        || !ngx_rt_http_set(job, CURLOPT_RESOLVE, job->lists[0])
        || !ngx_rt_http_set(job, CURLOPT_HTTPHEADER, job->lists[1])
        || !ngx_rt_http_set(job, CURLOPT_USERAGENT, conf->agent)
        || !ngx_rt_http_set(job, CURLOPT_TIMEOUT_MS, (long) conf->timeout)
        || !ngx_rt_http_set(job, CURLOPT_CONNECTTIMEOUT_MS,
                            (long) conf->timeout)
        || !ngx_rt_http_set(job, CURLOPT_MAXFILESIZE, (long) conf->max_body)
        || !ngx_rt_http_set(job, CURLOPT_FRESH_CONNECT, 1L)
        || !ngx_rt_http_set(job, CURLOPT_FORBID_REUSE, 1L)
        || !ngx_rt_http_set(job, CURLOPT_HEADERFUNCTION, ngx_rt_http_header)
        || !ngx_rt_http_set(job, CURLOPT_HEADERDATA, job)
        || !ngx_rt_http_set(job, CURLOPT_WRITEFUNCTION, ngx_rt_http_body)
        || !ngx_rt_http_set(job, CURLOPT_WRITEDATA, job))
    {
        return NGX_ERROR;
    }

    return job->url->tls ? ngx_rt_http_setup_tls(job) : NGX_OK;
}


/*
 * A configured CA stands alone: the system's file and folder, which libcurl
 * would add by itself, are taken away.  It is passed as bytes that the master
 * read, for a worker may not be able to.
 */

static ngx_int_t
ngx_rt_http_setup_tls(ngx_rt_http_t *job)
{
    struct curl_blob     blob;
    ngx_rt_http_conf_t  *conf;

    conf = job->conf;

    if (!ngx_rt_http_set(job, CURLOPT_SSL_VERIFYPEER, 1L)
        || !ngx_rt_http_set(job, CURLOPT_SSL_VERIFYHOST, 2L)
        || !ngx_rt_http_set(job, CURLOPT_SSLVERSION,
                            (long) CURL_SSLVERSION_TLSv1_2))
    {
        return NGX_ERROR;
    }

    /* HTTP/2 is a wish: a libcurl built without it speaks HTTP/1.1 */

    (void) ngx_rt_http_set(job, CURLOPT_HTTP_VERSION,
                           (long) CURL_HTTP_VERSION_2TLS);

    if (conf->trusted.len == 0) {
        return NGX_OK;
    }

    blob.data = conf->trusted.data;
    blob.len = conf->trusted.len;
    blob.flags = CURL_BLOB_NOCOPY;

    if (!ngx_rt_http_set(job, CURLOPT_CAINFO, NULL)
        || !ngx_rt_http_set(job, CURLOPT_CAPATH, NULL)
        || !ngx_rt_http_set(job, CURLOPT_CAINFO_BLOB, &blob))
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static size_t
ngx_rt_http_header(char *p, size_t size, size_t n, void *data)
{
    ngx_rt_http_t *job = data;

    u_char  *pos, *last;

    pos = (u_char *) p;
    last = pos + size * n;

    job->header_size += size * n;

    if (job->header_size > NGX_RT_HTTP_MAX_HEADER) {
        job->failure = "the header of the answer is too large";
        return 0;
    }

    if (last - pos > 5 && ngx_strncasecmp(pos, (u_char *) "HTTP/", 5) == 0) {

        /* the final answer after an interim one starts anew */

        job->max_age = -1;
        job->age = 0;

    } else if (last - pos > 14
               && ngx_strncasecmp(pos, (u_char *) "cache-control:", 14) == 0)
    {
        ngx_rt_http_cache_control(job, pos + 14, last);

    } else if (last - pos > 4
               && ngx_strncasecmp(pos, (u_char *) "age:", 4) == 0)
    {
        for (pos += 4; pos < last && *pos == ' '; pos++) { /* void */ }

        for (job->age = 0;
             pos < last && *pos >= '0' && *pos <= '9' && job->age < 31536000;
             pos++)
        {
            job->age = job->age * 10 + (*pos - '0');
        }
    }

    return size * n;
}


/* max-age=N; no-store and no-cache count as 0; a year is the most */

static void
ngx_rt_http_cache_control(ngx_rt_http_t *job, u_char *p, u_char *last)
{
    u_char  *token;
    time_t   n;
    size_t   len;

    while (p < last) {

        while (p < last && (*p == ' ' || *p == '\t' || *p == ',')) {
            p++;
        }

        for (token = p; p < last && *p != ',' && *p > ' '; p++) { /* void */ }

        len = p - token;

        if (len == 8
            && (ngx_strncasecmp(token, (u_char *) "no-store", 8) == 0
                || ngx_strncasecmp(token, (u_char *) "no-cache", 8) == 0))
        {
            job->max_age = 0;
            return;
        }

        if (len > 8
            && ngx_strncasecmp(token, (u_char *) "max-age=", 8) == 0)
        {
            n = ngx_atotm(token + 8, len - 8);

            if (n != NGX_ERROR) {
                job->max_age = ngx_min(n, 31536000);
            }
        }

        while (p < last && *p != ',') {
            p++;
        }
    }
}


static size_t
ngx_rt_http_body(char *p, size_t size, size_t n, void *data)
{
    ngx_rt_http_t *job = data;

    size_t   len, allocated;
    u_char  *buf;

    len = size * n;

    if (len > job->conf->max_body - job->body.len) {
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


/*
 * Ends the job from the event loop: whoever notices the failure may be inside
 * of libcurl, or of the code that has just started the job.
 */

static void
ngx_rt_http_fail(ngx_rt_http_t *job, char *failure)
{
    job->failure = failure;

    if (!job->event.posted) {
        ngx_post_event(&job->event, &ngx_posted_events);
    }
}


static void
ngx_rt_http_event_handler(ngx_event_t *ev)
{
    ngx_rt_http_done(ev->data, CURLE_ABORTED_BY_CALLBACK);
}


static void
ngx_rt_http_done(ngx_rt_http_t *job, CURLcode rc)
{
    long  status;

    status = 0;

    if (job->easy) {
        curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
    }

    job->status = status;

    /* libcurl notices it too, by Content-Length or, since 8.4.0, by itself */

    if (rc == CURLE_FILESIZE_EXCEEDED && job->failure == NULL) {
        job->failure = "the answer is too large";
    }

    if (rc != CURLE_OK || job->failure || status != 200) {
        ngx_rt_http_error(job, rc);
    }

    if (job->max_age > 0) {
        job->max_age = ngx_max(job->max_age - job->age, 0);
    }

    ngx_log_debug4(NGX_LOG_DEBUG_EVENT, job->log, 0,
                   "rt http done: %ui, %uz bytes, max-age:%T \"%V\"",
                   job->status, job->body.len, job->max_age, &job->error);

    job->handler(job);

    ngx_rt_http_free(job);
}


/* words of a server may be in libcurl's message: nothing but plain ASCII */

static void
ngx_rt_http_error(ngx_rt_http_t *job, CURLcode rc)
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

    } else if (rc != CURLE_OK) {
        text = job->detail[0] ? job->detail : curl_easy_strerror(rc);
        p = ngx_slprintf(buf, last, "%s", text);

    } else if (job->status >= 300 && job->status < 400) {
        p = ngx_slprintf(buf, last, "status %ui, redirects are not followed",
                         job->status);

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


void
ngx_rt_http_cancel(ngx_rt_http_t *job)
{
    ngx_rt_http_free(job);
}


static void
ngx_rt_http_free(ngx_rt_http_t *job)
{
    if (job->resolving) {
        ngx_resolve_name_done(job->resolving);
    }

    if (job->event.posted) {
        ngx_delete_posted_event(&job->event);
    }

    if (job->added) {
        curl_multi_remove_handle(job->client->multi, job->easy);
    }

    if (job->easy) {
        curl_easy_cleanup(job->easy);
    }

    ERR_clear_error();

    curl_slist_free_all(job->lists[0]);
    curl_slist_free_all(job->lists[1]);

    ngx_queue_remove(&job->queue);

    ngx_destroy_pool(job->pool);
}


static u_char *
ngx_rt_http_log_error(ngx_log_t *log, u_char *buf, size_t len)
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
        p = ngx_snprintf(buf, len, ", url: \"%V\"", &job->url->text);
    }

    return p;
}


#undef ngx_rt_http_set


/*
 * The kind of sinks that are collectors over HTTP.
 *
 * The drain writes to a spool on disk, and a line is written when it is there.
 * From there a sender takes it to the collector, whose troubles fill the spool
 * and nothing else.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sink/ngx_http_rtaudit_https.h"
#include "sink/ngx_http_rtaudit_https_conf.h"
#include "sink/ngx_http_rtaudit_sender.h"
#include "ngx_rt_curl.h"


#define NGX_HTTP_RTAUDIT_HTTPS_AGENT  "nginx-rtaudit"
#define NGX_HTTP_RTAUDIT_HTTPS_TYPE   64    /* bytes of a content type */


typedef struct {
    ngx_http_rtaudit_spool_t     spool;     /* the writer's */
    ngx_http_rtaudit_sender_t   *sender;

    /* the worker's: what it has logged */
    ngx_http_rtaudit_trouble_t   trouble;
    uint64_t                     refused;
    uint64_t                     lost;
} ngx_http_rtaudit_https_t;


static ngx_int_t ngx_http_rtaudit_https_open(ngx_http_rtaudit_out_t *out,
    ngx_log_t *log);
static ngx_int_t ngx_http_rtaudit_https_write(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b);
static ngx_int_t ngx_http_rtaudit_https_healthy(ngx_http_rtaudit_out_t *out);
static void ngx_http_rtaudit_https_tick(ngx_http_rtaudit_out_t *out,
    ngx_uint_t going, ngx_log_t *log);
static void ngx_http_rtaudit_https_close(ngx_http_rtaudit_out_t *out);

static ngx_int_t ngx_http_rtaudit_https_setup(ngx_http_rtaudit_sender_t *s,
    ngx_http_rtaudit_https_conf_t *hcf, ngx_log_t *log);
static ngx_int_t ngx_http_rtaudit_https_view(ngx_http_rtaudit_sender_t *s,
    ngx_http_rtaudit_sink_t *sink, ngx_log_t *log);
static ngx_int_t ngx_http_rtaudit_https_headers(ngx_http_rtaudit_sender_t *s,
    ngx_http_rtaudit_https_conf_t *hcf);
static ngx_int_t ngx_http_rtaudit_https_where(ngx_http_rtaudit_sender_t *s,
    ngx_http_rtaudit_https_conf_t *hcf, ngx_log_t *log);
static void ngx_http_rtaudit_https_say(ngx_http_rtaudit_out_t *out,
    ngx_log_t *log);
static void ngx_http_rtaudit_https_loss(ngx_http_rtaudit_out_t *out,
    uint64_t *said, ngx_http_rtaudit_count_t *count, ngx_log_t *log,
    const char *what);


#define ngx_http_rtaudit_https_kind(name)                                     \
{                                                                             \
    ngx_string(name),                                                         \
    name "://HOST/PATH",                                                      \
    ngx_http_rtaudit_https_parse,                                             \
    NULL,                                                                     \
    ngx_http_rtaudit_https_open,                                              \
    ngx_http_rtaudit_https_write,                                             \
    NULL,                                                                     \
    NULL,                                                                     \
    NULL,                                                                     \
    ngx_http_rtaudit_https_healthy,                                           \
    "make the folder of its spool anew, or reload nginx, which does",         \
    ngx_http_rtaudit_https_tick,                                              \
    ngx_http_rtaudit_https_close,                                             \
    NULL,                                                                     \
    NULL                                                                      \
}

ngx_http_rtaudit_kind_t  ngx_http_rtaudit_https =
    ngx_http_rtaudit_https_kind("https");

ngx_http_rtaudit_kind_t  ngx_http_rtaudit_http =
    ngx_http_rtaudit_https_kind("http");


static ngx_int_t
ngx_http_rtaudit_https_open(ngx_http_rtaudit_out_t *out, ngx_log_t *log)
{
    ngx_http_rtaudit_https_t       *https;
    ngx_http_rtaudit_sender_t      *s;
    ngx_http_rtaudit_https_conf_t  *hcf;

    hcf = out->sink->conf;

    https = ngx_calloc(sizeof(ngx_http_rtaudit_https_t), log);
    s = ngx_calloc(sizeof(ngx_http_rtaudit_sender_t), log);

    if (https == NULL || s == NULL
        || ngx_http_rtaudit_spool_init(&https->spool, &hcf->spool->name,
                                       hcf->segments, log)
           != NGX_OK
        || ngx_http_rtaudit_spool_init(&s->spool, &hcf->spool->name,
                                       hcf->segments, log)
           != NGX_OK
        || ngx_http_rtaudit_https_view(s, out->sink, log) != NGX_OK
        || ngx_http_rtaudit_https_setup(s, hcf, log) != NGX_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, log, 0, "rtaudit: sink \"%V\" cannot "
                      "begin: memory is out, or libcurl lacks an option",
                      &out->sink->name);
        return NGX_ERROR;
    }

    https->sender = s;
    s->sent = &out->zone->sink[out->id].sent;
    https->refused = ngx_http_rtaudit_zone_get(&s->sent->refused);
    https->lost = ngx_http_rtaudit_zone_get(&s->sent->lost);

    out->ctx = https;

    return ngx_http_rtaudit_sender_start(s, log);
}


/* lines wait as events: the format is what the present configuration says */

static ngx_int_t
ngx_http_rtaudit_https_view(ngx_http_rtaudit_sender_t *s,
    ngx_http_rtaudit_sink_t *sink, ngx_log_t *log)
{
    u_char      *p;
    rt_str_t    *text[4], retool = rt_string("retool");
    ngx_uint_t   i;

    s->view = sink->view;

    if (s->view.format == NULL) {
        s->view.format = rt_event_format_find(&retool);
    }

    text[0] = &s->view.service;
    text[1] = &s->view.env;
    text[2] = &s->view.tags;
    text[3] = &s->view.index;

    p = ngx_alloc(4 * RT_EVENT_OPTION, log);
    if (p == NULL) {
        return NGX_ERROR;
    }

    s->text = p;

    for (i = 0; i < 4; i++) {
        ngx_memcpy(p, text[i]->data, text[i]->len);
        text[i]->data = p;
        p += text[i]->len;
    }

    return NGX_OK;
}


/* libcurl copies all it is told: the thread may outlive the configuration */

static ngx_int_t
ngx_http_rtaudit_https_setup(ngx_http_rtaudit_sender_t *s,
    ngx_http_rtaudit_https_conf_t *hcf, ngx_log_t *log)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return NGX_ERROR;
    }

    s->easy = curl_easy_init();

    if (s->easy == NULL
        || ngx_rt_curl_alone(s->easy, hcf->url.parts.tls) != NGX_OK
        || ngx_http_rtaudit_https_headers(s, hcf) != NGX_OK
        || ngx_http_rtaudit_https_where(s, hcf, log) != NGX_OK
        || !ngx_rt_curl_set(s->easy, CURLOPT_HTTP_VERSION,
                            (long) CURL_HTTP_VERSION_1_1)
        || !ngx_rt_curl_set(s->easy, CURLOPT_USERAGENT,
                            NGX_HTTP_RTAUDIT_HTTPS_AGENT)
        || !ngx_rt_curl_set(s->easy, CURLOPT_TIMEOUT_MS, (long) hcf->timeout))
    {
        return NGX_ERROR;
    }

    return hcf->url.parts.tls
           ? ngx_rt_curl_tls(s->easy, &hcf->pem.ca, &hcf->pem.cert,
                             &hcf->pem.key,
                             CURL_BLOB_COPY)
           : NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_https_headers(ngx_http_rtaudit_sender_t *s,
    ngx_http_rtaudit_https_conf_t *hcf)
{
    u_char              type[NGX_HTTP_RTAUDIT_HTTPS_TYPE];
    ngx_str_t          *header;
    ngx_uint_t          i;
    struct curl_slist  *list;

    /* "Expect:" keeps libcurl from waiting for a "100 Continue" */

    char  *own[] = { (char *) type, "Content-Encoding: gzip", "Expect:", NULL };

    (void) ngx_snprintf(type, sizeof(type), "Content-Type: %V%Z",
                        &s->view.format->type);

    header = hcf->headers.elts;

    for (i = 0; own[i]; i++) {
        list = curl_slist_append(s->headers, own[i]);
        if (list == NULL) {
            return NGX_ERROR;
        }

        s->headers = list;
    }

    for (i = 0; i < hcf->headers.nelts; i++) {
        list = curl_slist_append(s->headers, (char *) header[i].data);
        if (list == NULL) {
            return NGX_ERROR;
        }

        s->headers = list;
    }

    return ngx_rt_curl_set(s->easy, CURLOPT_HTTPHEADER, s->headers)
           ? NGX_OK : NGX_ERROR;
}


/* a proxy looks the collector up by itself */

static ngx_int_t
ngx_http_rtaudit_https_where(ngx_http_rtaudit_sender_t *s,
    ngx_http_rtaudit_https_conf_t *hcf, ngx_log_t *log)
{
    ngx_pool_t    *pool;
    ngx_rt_url_t  *at;
    rt_url_t      *host;

    at = hcf->proxy.text.len ? &hcf->proxy : &hcf->at;
    host = hcf->proxy.text.len ? &hcf->proxy.parts : &hcf->url.parts;

    if (!ngx_rt_curl_set(s->easy, CURLOPT_URL, hcf->url.text.data)) {
        return NGX_ERROR;
    }

    if (at == &hcf->proxy
        && (!ngx_rt_curl_set(s->easy, CURLOPT_PROXY, at->text.data)
            || !ngx_rt_curl_set(s->easy, CURLOPT_NOPROXY, "")
            || !ngx_rt_curl_set(s->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS,
                                1L)))
    {
        return NGX_ERROR;
    }

    if (host->quad || host->bracketed) {
        return NGX_OK;
    }

    pool = ngx_create_pool(1024, log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    s->addresses = ngx_rt_curl_address(pool, NULL, host, at->naddrs,
                                       at->addrs, NULL);
    ngx_destroy_pool(pool);

    return s->addresses
           && ngx_rt_curl_set(s->easy, CURLOPT_RESOLVE, s->addresses)
           ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_rtaudit_https_close(ngx_http_rtaudit_out_t *out)
{
    ngx_http_rtaudit_https_t  *https;

    https = out->ctx;

    ngx_http_rtaudit_sender_stop(https->sender);
    ngx_http_rtaudit_spool_free(&https->spool);
    ngx_free(https);
}


static ngx_int_t
ngx_http_rtaudit_https_write(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b)
{
    int                        err;
    ngx_http_rtaudit_https_t  *https;

    https = out->ctx;

    err = ngx_http_rtaudit_spool_add(&https->spool, b->iov, b->n, &b->done);

    if (err == EMSGSIZE && b->done == 0) {
        return NGX_DECLINED;
    }

    b->err = (err == EMSGSIZE) ? 0 : err;
    b->why = (err == EDQUOT) ? "its spool is full" : NULL;

    return b->done == b->n ? NGX_OK : NGX_AGAIN;
}


static ngx_int_t
ngx_http_rtaudit_https_healthy(ngx_http_rtaudit_out_t *out)
{
    int                        err;
    ngx_http_rtaudit_https_t  *https;

    https = out->ctx;
    err = ngx_http_rtaudit_spool_ready(&https->spool);

    errno = err;

    return err ? NGX_AGAIN : NGX_OK;
}


static void
ngx_http_rtaudit_https_tick(ngx_http_rtaudit_out_t *out, ngx_uint_t going,
    ngx_log_t *log)
{
    ngx_http_rtaudit_https_t  *https;

    https = out->ctx;

    if (going) {
        ngx_http_rtaudit_sender_leave(https->sender);
    }

    ngx_http_rtaudit_https_say(out, log);
}


/* logs what changed since the last second: of an answer, its status alone */

static void
ngx_http_rtaudit_https_say(ngx_http_rtaudit_out_t *out, ngx_log_t *log)
{
    ngx_http_rtaudit_https_t    *https;
    ngx_http_rtaudit_sender_t   *s;
    ngx_http_rtaudit_trouble_t   t;

    https = out->ctx;
    s = https->sender;
    t = ngx_http_rtaudit_sender_trouble(s);

    if (t.why != https->trouble.why || t.status != https->trouble.status
        || t.err != https->trouble.err)
    {
        https->trouble = t;

        if (t.err) {
            ngx_log_error(NGX_LOG_CRIT, log, t.err,
                          "rtaudit: events of sink \"%V\" stay in \"%s\", %s: "
                          "let the workers' user own the folder and all files "
                          "in it", &out->sink->name, https->spool.path,
                          t.why);

        } else if (t.status) {
            ngx_log_error(NGX_LOG_ERR, log, 0,
                          "rtaudit: events of sink \"%V\" wait: \"%V\" "
                          "answers %ui", &out->sink->name, &out->sink->target,
                          (ngx_uint_t) t.status);

        } else if (t.why) {
            ngx_log_error(NGX_LOG_ERR, log, 0,
                          "rtaudit: events of sink \"%V\" wait for \"%V\": "
                          "%s", &out->sink->name, &out->sink->target, t.why);

        } else {
            ngx_log_error(NGX_LOG_NOTICE, log, 0,
                          "rtaudit: \"%V\" takes events of sink \"%V\" again",
                          &out->sink->target, &out->sink->name);
        }
    }

    ngx_http_rtaudit_https_loss(out, &https->refused, &s->sent->refused, log,
                                "were refused, and are kept in");
    ngx_http_rtaudit_https_loss(out, &https->lost, &s->sent->lost, log,
                                "were refused or damaged, and are lost from");
}


/* logs losses, whichever process has counted them */

static void
ngx_http_rtaudit_https_loss(ngx_http_rtaudit_out_t *out, uint64_t *said,
    ngx_http_rtaudit_count_t *count, ngx_log_t *log, const char *what)
{
    uint64_t                   n;
    ngx_http_rtaudit_https_t  *https;

    https = out->ctx;
    n = ngx_http_rtaudit_zone_get(count);

    if (n != *said && atomic_load(&https->sender->leads)) {
        ngx_log_error(NGX_LOG_CRIT, log, 0,
                      "rtaudit: %uL events of sink \"%V\" %s \"%s\"",
                      n - *said, &out->sink->name, what, https->spool.path);
    }

    *said = n;
}

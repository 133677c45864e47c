
#include <ngx_config.h>
#include <ngx_core.h>

#include <openssl/x509.h>
#include <signal.h>
#include <sys/random.h>

#include "sink/ngx_http_rtaudit_sender.h"
#include "ngx_rt_curl.h"


#define NGX_HTTP_RTAUDIT_SENDER_IDLE   500      /* ms between looks, so that
                                                   lines wait no longer */
#define NGX_HTTP_RTAUDIT_SENDER_GRACE  3000     /* ms for an answer, at the
                                                   end */
#define NGX_HTTP_RTAUDIT_SENDER_TREE   (8 * 1024 * 1024)    /* bytes of an
                                                   answer that is parsed */
#define NGX_HTTP_RTAUDIT_SENDER_POLL   10       /* ms */
#define NGX_HTTP_RTAUDIT_SENDER_ROOM   65536    /* bytes of a body, at first */
#define NGX_HTTP_RTAUDIT_SENDER_HEAR   (1024 * 1024)    /* bytes of an answer */


static void *ngx_http_rtaudit_sender_run(void *data);
static void ngx_http_rtaudit_sender_follow(ngx_http_rtaudit_sender_t *s,
    int err);
static unsigned ngx_http_rtaudit_sender_next(ngx_http_rtaudit_sender_t *s);
static ngx_int_t ngx_http_rtaudit_sender_over(ngx_http_rtaudit_sender_t *s);
static ngx_int_t ngx_http_rtaudit_sender_read(ngx_http_rtaudit_sender_t *s);
static unsigned ngx_http_rtaudit_sender_send(ngx_http_rtaudit_sender_t *s);
static ngx_int_t ngx_http_rtaudit_sender_pack(ngx_http_rtaudit_sender_t *s,
    size_t *len);
static ngx_int_t ngx_http_rtaudit_sender_line(ngx_http_rtaudit_sender_t *s,
    rt_str_t *text, rt_str_t *between);
static ngx_int_t ngx_http_rtaudit_sender_add(ngx_http_rtaudit_sender_t *s,
    u_char *data, size_t len, int flush);
static ngx_int_t ngx_http_rtaudit_sender_ask(ngx_http_rtaudit_sender_t *s,
    size_t len);
static ngx_int_t ngx_http_rtaudit_sender_perform(
    ngx_http_rtaudit_sender_t *s);
static void ngx_http_rtaudit_sender_items(ngx_http_rtaudit_sender_t *s);
static void ngx_http_rtaudit_sender_judge(ngx_http_rtaudit_sender_t *s);
static void ngx_http_rtaudit_sender_count(ngx_http_rtaudit_sender_t *s);
static void ngx_http_rtaudit_sender_tell(ngx_http_rtaudit_sender_t *s,
    int err, unsigned status, const char *why);
static size_t ngx_http_rtaudit_sender_header(char *p, size_t size, size_t n,
    void *data);
static size_t ngx_http_rtaudit_sender_body(char *p, size_t size, size_t n,
    void *data);
static void ngx_http_rtaudit_sender_free(ngx_http_rtaudit_sender_t *s);


ngx_int_t
ngx_http_rtaudit_sender_start(ngx_http_rtaudit_sender_t *s, ngx_log_t *log)
{
    int       rc;
    sigset_t  all, old;

    s->multi = curl_multi_init();

    if (s->view.format->make) {
        s->made = ngx_alloc(rt_event_format_most(NGX_HTTP_RTAUDIT_SEGMENT),
                            log);
        if (s->made == NULL) {
            return NGX_ERROR;
        }
    }

    if (s->view.format->items) {
        s->body = ngx_alloc(NGX_HTTP_RTAUDIT_SENDER_HEAR, log);
        if (s->body == NULL) {
            return NGX_ERROR;
        }
    }

    if (s->multi == NULL
        || !ngx_rt_curl_set(s->easy, CURLOPT_POST, 1L)
        || !ngx_rt_curl_set(s->easy, CURLOPT_HEADERFUNCTION,
                            ngx_http_rtaudit_sender_header)
        || !ngx_rt_curl_set(s->easy, CURLOPT_HEADERDATA, s)
        || !ngx_rt_curl_set(s->easy, CURLOPT_WRITEFUNCTION,
                            ngx_http_rtaudit_sender_body)
        || !ngx_rt_curl_set(s->easy, CURLOPT_WRITEDATA, s)
        || deflateInit2(&s->gzip, 1, Z_DEFLATED, MAX_WBITS + 16, 8,
                        Z_DEFAULT_STRATEGY)
           != Z_OK)
    {
        return NGX_ERROR;
    }

    (void) pthread_mutex_init(&s->lock, NULL);
    (void) sigfillset(&all);
    (void) pthread_sigmask(SIG_SETMASK, &all, &old);

    rc = pthread_create(&s->thread, NULL, ngx_http_rtaudit_sender_run, s);

    (void) pthread_sigmask(SIG_SETMASK, &old, NULL);

    if (rc != 0) {
        ngx_log_error(NGX_LOG_EMERG, log, rc,
                      "rtaudit: pthread_create() failed");
        return NGX_ERROR;
    }

    s->running = 1;

    return NGX_OK;
}


void
ngx_http_rtaudit_sender_leave(ngx_http_rtaudit_sender_t *s)
{
    if (!atomic_exchange(&s->stop, 1)) {
        (void) curl_multi_wakeup(s->multi);
    }
}


void
ngx_http_rtaudit_sender_stop(ngx_http_rtaudit_sender_t *s)
{
    uint64_t  end;

    if (s->running) {
        ngx_http_rtaudit_sender_leave(s);

        end = ngx_http_rtaudit_zone_now() + 2 * NGX_HTTP_RTAUDIT_SENDER_GRACE;

        while (!atomic_load(&s->done)) {

            if (ngx_http_rtaudit_zone_now() >= end) {

                /* the thread hangs in the disk: nothing is freed */

                return;
            }

            ngx_msleep(NGX_HTTP_RTAUDIT_SENDER_POLL);
        }

        (void) pthread_join(s->thread, NULL);
    }

    ngx_http_rtaudit_sender_free(s);
}


static void
ngx_http_rtaudit_sender_free(ngx_http_rtaudit_sender_t *s)
{
    curl_easy_cleanup(s->easy);
    (void) curl_multi_cleanup(s->multi);
    curl_slist_free_all(s->headers);
    curl_slist_free_all(s->addresses);
    curl_global_cleanup();

    (void) deflateEnd(&s->gzip);
    ngx_free(s->content);
    ngx_free(s->batch.line);
    ngx_free(s->made);
    ngx_free(s->body);
    ngx_free(s->text);

    ngx_http_rtaudit_spool_free(&s->spool);
    ngx_free(s);
}


static void *
ngx_http_rtaudit_sender_run(void *data)
{
    ngx_http_rtaudit_sender_t *s = data;

    int       fd, err;
    unsigned  ms;

    fd = -1;

    while (!atomic_load(&s->stop)) {

        err = ngx_http_rtaudit_spool_lead(&s->spool, &fd);
        atomic_store(&s->leads, err == 0);

        if (err) {
            ngx_http_rtaudit_sender_follow(s, err);
            ms = NGX_HTTP_RTAUDIT_SENDER_IDLE;

        } else {
            if (s->spool.name[0] == '\0') {
                s->held = 0;
            }

            ms = ngx_http_rtaudit_sender_next(s);
        }

        if (ms) {
            (void) curl_multi_poll(s->multi, NULL, 0, (int) ms, NULL);
        }
    }

    if (fd != -1) {
        (void) close(fd);
    }

    atomic_store(&s->done, 1);

    return NULL;
}


/*
 * Another process sends, or none can.  That the folder is gone is told
 * elsewhere.
 */

static void
ngx_http_rtaudit_sender_follow(ngx_http_rtaudit_sender_t *s, int err)
{
    if (err == EWOULDBLOCK) {
        ngx_http_rtaudit_sender_tell(s, 0, 0, NULL);

    } else if (err != ENOENT) {
        ngx_http_rtaudit_sender_tell(s, err, 0,
                                     "\"sender\" cannot be locked");
        ngx_http_rtaudit_zone_set(&s->sent->waiting,
                                  ngx_http_rtaudit_spool_waiting(&s->spool));
    }
}


/* a request, or the end of a segment; ms until the next */

static unsigned
ngx_http_rtaudit_sender_next(ngx_http_rtaudit_sender_t *s)
{
    if (!s->held && ngx_http_rtaudit_sender_read(s) != NGX_OK) {
        return NGX_HTTP_RTAUDIT_SENDER_IDLE;
    }

    if (rt_batch_cut(&s->batch)) {
        return ngx_http_rtaudit_sender_send(s);
    }

    /* nothing of it could be read */

    return ngx_http_rtaudit_sender_over(s) == NGX_OK
           ? 0 : NGX_HTTP_RTAUDIT_SENDER_IDLE;
}


static ngx_int_t
ngx_http_rtaudit_sender_over(ngx_http_rtaudit_sender_t *s)
{
    int  err;

    err = ngx_http_rtaudit_spool_remove(&s->spool);

    if (err && err != ENOENT) {

        /* it stays held, so that it is not sent again */

        ngx_http_rtaudit_sender_tell(s, err, 0,
                                     "what was sent cannot be removed");
        return NGX_ERROR;
    }

    s->held = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_sender_read(ngx_http_rtaudit_sender_t *s)
{
    int        err;
    void      *line;
    rt_str_t   segment;

    err = ngx_http_rtaudit_spool_read(&s->spool, &segment);

    ngx_http_rtaudit_zone_set(&s->sent->waiting,
                              ngx_http_rtaudit_spool_waiting(&s->spool));

    if (err) {
        if (err != ENOENT && err != EWOULDBLOCK) {
            ngx_http_rtaudit_sender_tell(s, err, 0, "it cannot be read");
        }

        return NGX_ERROR;
    }

    /* one more: the last may be torn */

    line = realloc(s->batch.line, (rt_batch_lines(&segment) + 1)
                                  * sizeof(rt_batch_line_t));
    if (line == NULL) {
        return NGX_ERROR;
    }

    s->batch.line = line;

    if (rt_batch_read(&s->batch, &segment) != RT_OK) {
        return NGX_ERROR;
    }

    ngx_http_rtaudit_zone_add(&s->sent->lost, s->batch.damaged);

    s->held = 1;
    s->gone = 0;

    return NGX_OK;
}


static unsigned
ngx_http_rtaudit_sender_send(ngx_http_rtaudit_sender_t *s)
{
    size_t     len;
    unsigned   ms, random;
    ngx_int_t  rc;

    rc = ngx_http_rtaudit_sender_pack(s, &len);

    if (rc == NGX_OK
        && rt_batch_turn(&s->batch, RT_BATCH_FLIES, RT_BATCH_FLIES) == 0)
    {
        /* no line of it has such a form: there is nothing to send */

        ngx_http_rtaudit_sender_count(s);
        return 0;
    }

    if (rc != NGX_OK || ngx_http_rtaudit_sender_ask(s, len) != NGX_OK) {
        (void) rt_batch_turn(&s->batch, RT_BATCH_FLIES, RT_BATCH_WAITS);
        return NGX_HTTP_RTAUDIT_SENDER_IDLE;
    }

    if (s->body && s->answer.status / 100 == 2) {
        ngx_http_rtaudit_sender_items(s);

    } else {
        ngx_http_rtaudit_sender_judge(s);
    }

    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) == -1) {
        random = 0;
    }

    ms = rt_batch_settle(&s->batch, s->answer.status, s->answer.after, random);

    ngx_http_rtaudit_sender_count(s);

    return ms;
}


/* begin, line, between, line, .. end, as the format has them */

static ngx_int_t
ngx_http_rtaudit_sender_pack(ngx_http_rtaudit_sender_t *s, size_t *len)
{
    u_char      begin[RT_EVENT_BEGIN];
    size_t      i, n;
    rt_str_t    between, end;
    ngx_int_t   rc;

    (void) deflateReset(&s->gzip);

    s->gzip.next_out = s->content;
    s->gzip.avail_out = (uInt) s->room;

    n = rt_event_format_begin(&s->view, begin);

    if (ngx_http_rtaudit_sender_add(s, begin, n, Z_NO_FLUSH) != NGX_OK) {
        return NGX_ERROR;
    }

    between = (rt_str_t) rt_null_string;

    for (i = 0; i < s->batch.n; i++) {

        if (s->batch.line[i].state != RT_BATCH_FLIES) {
            continue;
        }

        rc = ngx_http_rtaudit_sender_line(s, &s->batch.line[i].text, &between);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_DECLINED) {
            s->batch.line[i].state = RT_BATCH_REFUSED;
            continue;
        }

        between = s->view.format->between;
    }

    end = s->view.format->end;

    if (ngx_http_rtaudit_sender_add(s, end.data, end.len, Z_FINISH) != NGX_OK)
    {
        return NGX_ERROR;
    }

    *len = s->gzip.total_out;

    return NGX_OK;
}


/* with what stands before it; NGX_DECLINED: it has no such form */

static ngx_int_t
ngx_http_rtaudit_sender_line(ngx_http_rtaudit_sender_t *s, rt_str_t *text,
    rt_str_t *between)
{
    u_char    before[RT_EVENT_BEFORE];
    size_t    n;
    rt_str_t  line;

    line = *text;

    if (s->made) {

        /* its LF lies behind it */

        line.len++;

        if (rt_event_format(&s->view, &line, s->made,
                            rt_event_format_most(NGX_HTTP_RTAUDIT_SEGMENT), &n)
            != RT_OK)
        {
            return NGX_DECLINED;
        }

        line.data = s->made;
        line.len = n - 1;
    }

    n = rt_event_format_before(&s->view, &line, before);

    if (ngx_http_rtaudit_sender_add(s, between->data, between->len,
                                    Z_NO_FLUSH)
        != NGX_OK
        || ngx_http_rtaudit_sender_add(s, before, n, Z_NO_FLUSH) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_rtaudit_sender_add(s, line.data, line.len, Z_NO_FLUSH);
}


static ngx_int_t
ngx_http_rtaudit_sender_add(ngx_http_rtaudit_sender_t *s, u_char *data,
    size_t len, int flush)
{
    int     rc;
    size_t  room;
    void   *content;

    s->gzip.next_in = data;
    s->gzip.avail_in = (uInt) len;

    for ( ;; ) {
        rc = deflate(&s->gzip, flush);

        if (s->gzip.avail_out && (flush == Z_NO_FLUSH || rc == Z_STREAM_END)) {
            return NGX_OK;
        }

        room = s->room ? 2 * s->room : NGX_HTTP_RTAUDIT_SENDER_ROOM;

        content = realloc(s->content, room);
        if (content == NULL) {
            return NGX_ERROR;
        }

        s->content = content;
        s->gzip.next_out = s->content + s->gzip.total_out;
        s->gzip.avail_out = (uInt) (room - s->gzip.total_out);
        s->room = room;
    }
}


/* NGX_ERROR: there is no answer, for this process ends, or has no memory */

static ngx_int_t
ngx_http_rtaudit_sender_ask(ngx_http_rtaudit_sender_t *s, size_t len)
{
    long        status;
    ngx_int_t   rc;
    curl_off_t  after;

    ngx_memzero(&s->answer, sizeof(ngx_http_rtaudit_answer_t));
    s->heard = 0;

    if (!ngx_rt_curl_set(s->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t) len)
        || !ngx_rt_curl_set(s->easy, CURLOPT_POSTFIELDS, s->content)
        || curl_multi_add_handle(s->multi, s->easy) != CURLM_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_rtaudit_sender_perform(s);

    if (curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK
        && s->answer.whole)
    {
        s->answer.status = (unsigned) status;
    }

    if (curl_easy_getinfo(s->easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK) {
        s->answer.after = (long) ngx_min(after, RT_BATCH_AFTER);
    }

    (void) curl_easy_getinfo(s->easy, CURLINFO_SSL_VERIFYRESULT,
                             &s->answer.verify);

    (void) curl_multi_remove_handle(s->multi, s->easy);

    return rc;
}


static ngx_int_t
ngx_http_rtaudit_sender_perform(ngx_http_rtaudit_sender_t *s)
{
    int        running, left, ms;
    CURLMsg   *msg;
    uint64_t   end;

    end = 0;
    ms = NGX_HTTP_RTAUDIT_SENDER_IDLE;

    for ( ;; ) {
        if (curl_multi_perform(s->multi, &running) != CURLM_OK) {
            return NGX_ERROR;
        }

        if (running == 0) {
            break;
        }

        if (atomic_load(&s->stop)) {

            if (end == 0) {
                end = ngx_http_rtaudit_zone_now()
                      + NGX_HTTP_RTAUDIT_SENDER_GRACE;
                ms = NGX_HTTP_RTAUDIT_SENDER_POLL;
            }

            if (ngx_http_rtaudit_zone_now() >= end) {
                return NGX_ERROR;
            }
        }

        (void) curl_multi_poll(s->multi, NULL, 0, ms, NULL);
    }

    msg = curl_multi_info_read(s->multi, &left);

    if (msg == NULL) {
        return NGX_ERROR;
    }

    s->answer.rc = msg->data.result;

    return NGX_OK;
}


/* each line has an answer of its own, in the body */

static void
ngx_http_rtaudit_sender_items(ngx_http_rtaudit_sender_t *s)
{
    u_char                      *tree;
    rt_mem_t                     mem;
    rt_str_t                     body, room;
    const char                  *why;
    ngx_http_rtaudit_answer_t   *answer;

    answer = &s->answer;
    body.data = s->body;
    body.len = s->heard;

    tree = malloc(NGX_HTTP_RTAUDIT_SENDER_TREE);
    room.data = tree;
    room.len = tree ? NGX_HTTP_RTAUDIT_SENDER_TREE : 0;
    mem.alloc = rt_alloc_from;
    mem.ctx = &room;

    answer->status = (answer->rc == CURLE_OK)
                     ? rt_batch_items(&s->batch, &mem, &body) : 502;

    ngx_free(tree);

    why = answer->status == 200 ? NULL
          : answer->status == 502 ? "its answer cannot be read"
          : "its answer says that some are to be sent again";

    if (answer->rc == CURLE_WRITE_ERROR
        && rt_batch_turn(&s->batch, RT_BATCH_FLIES, RT_BATCH_FLIES) > 1)
    {
        /* the answer to fewer lines is shorter */

        answer->status = 413;
        why = "its answer is larger than 1 MB";
    }

    ngx_http_rtaudit_zone_set(&s->sent->status, answer->status);
    ngx_http_rtaudit_sender_tell(s, 0, 0, why);
}


/* what the worker may say of it: the answer's status, and no byte of it */

static void
ngx_http_rtaudit_sender_judge(ngx_http_rtaudit_sender_t *s)
{
    ngx_http_rtaudit_answer_t  *answer;

    answer = &s->answer;

    ngx_http_rtaudit_zone_set(&s->sent->status, answer->status);

    if (answer->status >= 200 && answer->status < 300) {
        ngx_http_rtaudit_sender_tell(s, 0, 0, NULL);

    } else if (answer->status) {
        ngx_http_rtaudit_sender_tell(s, 0, answer->status, "it answers");

    } else {
        ngx_http_rtaudit_sender_tell(s, 0, 0,
                       answer->verify > X509_V_ERR_UNSPECIFIED
                       ? X509_verify_cert_error_string(answer->verify)
                       : curl_easy_strerror(answer->rc));
    }
}


static void
ngx_http_rtaudit_sender_tell(ngx_http_rtaudit_sender_t *s, int err,
    unsigned status, const char *why)
{
    (void) pthread_mutex_lock(&s->lock);

    s->trouble.err = err;
    s->trouble.status = status;
    s->trouble.why = why;

    (void) pthread_mutex_unlock(&s->lock);
}


ngx_http_rtaudit_trouble_t
ngx_http_rtaudit_sender_trouble(ngx_http_rtaudit_sender_t *s)
{
    ngx_http_rtaudit_trouble_t  trouble;

    (void) pthread_mutex_lock(&s->lock);
    trouble = s->trouble;
    (void) pthread_mutex_unlock(&s->lock);

    return trouble;
}


/* books what is sent, keeps what was refused, and forgets neither at a crash */

static void
ngx_http_rtaudit_sender_count(ngx_http_rtaudit_sender_t *s)
{
    size_t       sent, refused, lost;
    rt_batch_t  *b;

    b = &s->batch;
    lost = 0;

    sent = rt_batch_turn(b, RT_BATCH_SENT, RT_BATCH_SENT) - s->gone;
    refused = rt_batch_turn(b, RT_BATCH_REFUSED, RT_BATCH_REFUSED);

    if (refused) {
        (void) ngx_http_rtaudit_spool_refuse(&s->spool, b);
        lost = rt_batch_turn(b, RT_BATCH_REFUSED, RT_BATCH_SENT);
    }

    ngx_http_rtaudit_zone_add(&s->sent->taken, sent);
    ngx_http_rtaudit_zone_add(&s->sent->refused, refused - lost);
    ngx_http_rtaudit_zone_add(&s->sent->lost, lost);

    s->gone += sent + refused;

    /* at once: this may have been its last request */

    if (s->gone == b->n) {
        (void) ngx_http_rtaudit_sender_over(s);

    } else if (sent + refused) {
        (void) ngx_http_rtaudit_spool_rest(&s->spool, b);
    }
}


static size_t
ngx_http_rtaudit_sender_header(char *p, size_t size, size_t n, void *data)
{
    ngx_http_rtaudit_sender_t *s = data;

    long  status;

    /* an empty line ends it, unless it is of a "100 Continue" */

    if (n <= 2
        && curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status)
           == CURLE_OK
        && status >= 200)
    {
        s->answer.whole = 1;
    }

    return n;
}


/* one that does not end is not waited for */

static size_t
ngx_http_rtaudit_sender_body(char *p, size_t size, size_t n, void *data)
{
    ngx_http_rtaudit_sender_t *s = data;

    if (n > NGX_HTTP_RTAUDIT_SENDER_HEAR - s->heard) {
        return 0;
    }

    if (s->body) {
        ngx_memcpy(s->body + s->heard, p, n);
    }

    s->heard += n;

    return n;
}

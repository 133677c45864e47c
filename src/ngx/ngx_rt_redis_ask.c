
#include "ngx_rt_redis_part.h"
#include "ngx_rt_str.h"


#define NGX_RT_REDIS_MIN_PAUSE  100         /* ms after a failure, doubled */
#define NGX_RT_REDIS_MAX_PAUSE  1600
#define NGX_RT_REDIS_COMPLAIN   10000       /* ms between two lines */


/* errors that are named in the log; nothing else of them is */

typedef struct {
    rt_str_t    code;
    ngx_uint_t  away;       /* the server can serve nobody */
} ngx_rt_redis_error_t;


static ngx_int_t ngx_rt_redis_ask_greet(ngx_rt_redis_t *redis);
static ngx_int_t ngx_rt_redis_ask_before(ngx_rt_redis_t *redis,
    const rt_str_t *words, ngx_uint_t n);
static ngx_rt_redis_ask_t *ngx_rt_redis_ask_make(ngx_rt_redis_t *redis,
    const rt_str_t *words, ngx_uint_t n);
static void ngx_rt_redis_ask_free(ngx_rt_redis_t *redis,
    ngx_rt_redis_ask_t *ask);
static void ngx_rt_redis_ask_free_all(ngx_rt_redis_t *redis,
    ngx_queue_t *queue);
static void ngx_rt_redis_ask_work(ngx_event_t *ev);
static void ngx_rt_redis_ask_send(ngx_rt_redis_t *redis);
static void ngx_rt_redis_ask_arm(ngx_rt_redis_t *redis);
static void ngx_rt_redis_ask_timer(ngx_event_t *ev);
static ngx_rt_redis_ask_t *ngx_rt_redis_ask_first(ngx_rt_redis_t *redis);
static ngx_int_t ngx_rt_redis_ask_take(ngx_rt_redis_t *redis);
static ngx_int_t ngx_rt_redis_ask_answer(ngx_rt_redis_t *redis,
    rt_str_t answer);
static ngx_rt_redis_error_t *ngx_rt_redis_ask_error(rt_resp_t *value);
static void ngx_rt_redis_ask_complain(ngx_rt_redis_t *redis,
    ngx_rt_redis_error_t *error);
static void ngx_rt_redis_ask_failed(ngx_rt_redis_t *redis, ngx_err_t err,
    const char *why);
static void ngx_rt_redis_ask_restart(ngx_rt_redis_t *redis);
static void ngx_rt_redis_ask_tell(ngx_rt_redis_t *redis, ngx_queue_t *queue);


static ngx_rt_redis_error_t  ngx_rt_redis_ask_errors[] = {
    { rt_string("READONLY"), 1 },
    { rt_string("LOADING"), 1 },
    { rt_string("MASTERDOWN"), 1 },
    { rt_string("NOAUTH"), 1 },
    { rt_string("WRONGPASS"), 1 },
    { rt_string("MOVED"), 0 },
    { rt_string("MISCONF"), 0 },
    { rt_string("NOPERM"), 0 },
    { rt_string("NOREPLICAS"), 0 },
    { rt_string("OOM"), 0 },
    { rt_string("WRONGTYPE"), 0 },
    { rt_string("BUSY"), 0 },
    { rt_string("ERR"), 0 },
    { rt_null_string, 0 }
};


ngx_rt_redis_t *
ngx_rt_redis_create(ngx_rt_redis_conf_t *conf, ngx_uint_t hold, ngx_log_t *log)
{
    ngx_rt_redis_t  *redis;

    redis = ngx_calloc(sizeof(ngx_rt_redis_t), log);
    if (redis == NULL) {
        return NULL;
    }

    redis->conf = conf;
    redis->log = log;
    redis->ident = -1;
    redis->hold = hold;

    redis->greet = ngx_rt_redis_ask_greet;
    redis->send = ngx_rt_redis_ask_send;
    redis->take = ngx_rt_redis_ask_take;
    redis->failed = ngx_rt_redis_ask_failed;

    ngx_queue_init(&redis->waiting);
    ngx_queue_init(&redis->sent);

    redis->work.data = redis;
    redis->work.handler = ngx_rt_redis_ask_work;
    redis->work.log = log;

    redis->timer.data = redis;
    redis->timer.handler = ngx_rt_redis_ask_timer;
    redis->timer.log = log;

    return redis;
}


void
ngx_rt_redis_destroy(ngx_rt_redis_t *redis)
{
    ngx_rt_redis_close(redis);

    ngx_rt_redis_ask_free_all(redis, &redis->sent);
    ngx_rt_redis_ask_free_all(redis, &redis->waiting);

    if (redis->timer.timer_set) {
        ngx_del_timer(&redis->timer);
    }

    if (redis->work.posted) {
        ngx_delete_posted_event(&redis->work);
    }

    ngx_free(redis);
}


/* written by an event of its own: a failure tells others, who may be asking */

ngx_rt_redis_ask_t *
ngx_rt_redis_ask(ngx_rt_redis_t *redis, const rt_str_t *words, ngx_uint_t n,
    ngx_msec_t more, ngx_rt_redis_handler_pt handler, void *data)
{
    ngx_rt_redis_ask_t  *ask;

    if (redis->asked >= NGX_RT_REDIS_MAX_ASKED
        || (redis->connection == NULL && redis->pause
            && (ngx_msec_int_t) (redis->retry - ngx_current_msec) > 0))
    {
        return NULL;
    }

    ask = ngx_rt_redis_ask_make(redis, words, n);
    if (ask == NULL) {
        return NULL;
    }

    ask->handler = handler;
    ask->data = data;
    ask->until = ngx_current_msec + redis->conf->timeout + more;

    ngx_queue_insert_tail(&redis->waiting, &ask->queue);

    ngx_rt_redis_ask_arm(redis);
    ngx_post_event(&redis->work, &ngx_posted_events);

    return ask;
}


void
ngx_rt_redis_forget(ngx_rt_redis_ask_t *ask)
{
    ask->handler = NULL;
}


/* AUTH goes before SELECT */

static ngx_int_t
ngx_rt_redis_ask_greet(ngx_rt_redis_t *redis)
{
    u_char                db[NGX_INT_T_LEN];
    rt_str_t              words[3];
    ngx_rt_redis_conf_t  *conf;

    conf = redis->conf;

    if (conf->db) {
        words[0] = (rt_str_t) rt_string("SELECT");
        words[1].data = db;
        words[1].len = ngx_sprintf(db, "%ui", conf->db) - db;

        if (ngx_rt_redis_ask_before(redis, words, 2) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (conf->password.len == 0) {
        return NGX_OK;
    }

    words[0] = (rt_str_t) rt_string("AUTH");
    words[1] = *ngx_rt_str(conf->user.len ? &conf->user : &conf->password);
    words[2] = *ngx_rt_str(&conf->password);

    return ngx_rt_redis_ask_before(redis, words, conf->user.len ? 3 : 2);
}


/* puts a greeting before all that waits */

static ngx_int_t
ngx_rt_redis_ask_before(ngx_rt_redis_t *redis, const rt_str_t *words,
    ngx_uint_t n)
{
    ngx_rt_redis_ask_t  *ask;

    ask = ngx_rt_redis_ask_make(redis, words, n);
    if (ask == NULL) {
        return NGX_ERROR;
    }

    ask->greeting = 1;
    ask->until = ngx_current_msec + redis->conf->timeout;

    ngx_queue_insert_head(&redis->waiting, &ask->queue);

    return NGX_OK;
}


static ngx_rt_redis_ask_t *
ngx_rt_redis_ask_make(ngx_rt_redis_t *redis, const rt_str_t *words,
    ngx_uint_t n)
{
    size_t               len;
    ngx_rt_redis_ask_t  *ask;

    len = rt_resp_size(words, n);

    ask = ngx_alloc(sizeof(ngx_rt_redis_ask_t) + len, redis->log);
    if (ask == NULL) {
        return NULL;
    }

    ngx_memzero(ask, sizeof(ngx_rt_redis_ask_t));

    ask->len = len;
    (void) rt_resp_write(ask->bytes, words, n);

    redis->asked++;

    return ask;
}


static void
ngx_rt_redis_ask_free(ngx_rt_redis_t *redis, ngx_rt_redis_ask_t *ask)
{
    redis->asked--;

    ngx_explicit_memzero(ask->bytes, ask->len);
    ngx_free(ask);
}


static void
ngx_rt_redis_ask_free_all(ngx_rt_redis_t *redis, ngx_queue_t *queue)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(queue)) {
        q = ngx_queue_head(queue);
        ngx_queue_remove(q);

        ngx_rt_redis_ask_free(redis,
                              ngx_queue_data(q, ngx_rt_redis_ask_t, queue));
    }
}


static void
ngx_rt_redis_ask_work(ngx_event_t *ev)
{
    ngx_rt_redis_t  *redis;

    redis = ev->data;

    if (redis->connection == NULL) {
        ngx_rt_redis_open(redis);
        ngx_rt_redis_ask_arm(redis);

    } else if (redis->ready) {
        ngx_rt_redis_ask_send(redis);
    }
}


static void
ngx_rt_redis_ask_send(ngx_rt_redis_t *redis)
{
    ssize_t              n;
    ngx_queue_t         *q;
    ngx_connection_t    *c;
    ngx_rt_redis_ask_t  *ask;

    c = redis->connection;

    while (!ngx_queue_empty(&redis->waiting)) {
        q = ngx_queue_head(&redis->waiting);
        ask = ngx_queue_data(q, ngx_rt_redis_ask_t, queue);

        n = c->send(c, ask->bytes + ask->sent, ask->len - ask->sent);

        if (n == NGX_AGAIN) {
            break;
        }

        if (n <= 0) {
            ngx_rt_redis_ask_failed(redis, 0, "it closed the connection");
            return;
        }

        ask->sent += n;

        if (ask->sent == ask->len) {
            ngx_queue_remove(q);
            ngx_queue_insert_tail(&redis->sent, q);
        }
    }

    if (ngx_handle_write_event(c->write, 0) != NGX_OK) {
        ngx_rt_redis_ask_failed(redis, 0, "its connection cannot be watched");
        return;
    }

    ngx_rt_redis_ask_arm(redis);
}


static void
ngx_rt_redis_ask_arm(ngx_rt_redis_t *redis)
{
    ngx_msec_int_t       left;
    ngx_rt_redis_ask_t  *ask;

    ask = ngx_rt_redis_ask_first(redis);

    if (ask == NULL && redis->connection == NULL) {

        if (redis->timer.timer_set) {
            ngx_del_timer(&redis->timer);
        }

        return;
    }

    left = ask ? (ngx_msec_int_t) (ask->until - ngx_current_msec)
               : NGX_RT_REDIS_IDLE;

    redis->timer.cancelable = (ask == NULL || !redis->hold);

    ngx_add_timer(&redis->timer, (ngx_msec_t) ngx_max(left, 0));
}


/* nginx may leave a timer as it was when it is to go off a little later */

static void
ngx_rt_redis_ask_timer(ngx_event_t *ev)
{
    ngx_rt_redis_t      *redis;
    ngx_rt_redis_ask_t  *ask;

    redis = ev->data;
    ask = ngx_rt_redis_ask_first(redis);

    if (ask == NULL) {
        ngx_rt_redis_close(redis);

    } else if ((ngx_msec_int_t) (ask->until - ngx_current_msec) <= 0) {
        ngx_rt_redis_ask_failed(redis, 0, "it does not answer in time");

    } else {
        ngx_rt_redis_ask_arm(redis);
    }
}


static ngx_rt_redis_ask_t *
ngx_rt_redis_ask_first(ngx_rt_redis_t *redis)
{
    ngx_queue_t  *queue;

    queue = ngx_queue_empty(&redis->sent) ? &redis->waiting : &redis->sent;

    if (ngx_queue_empty(queue)) {
        return NULL;
    }

    return ngx_queue_data(ngx_queue_head(queue), ngx_rt_redis_ask_t, queue);
}


static ngx_int_t
ngx_rt_redis_ask_take(ngx_rt_redis_t *redis)
{
    rt_str_t     rest, answer;
    ngx_int_t    rc;
    rt_status_e  status;

    rest.data = redis->buf;
    rest.len = redis->have;

    for ( ;; ) {
        status = rt_resp_scan(&redis->scan, &rest);

        if (status == RT_AGAIN) {
            break;
        }

        if (status != RT_OK || ngx_queue_empty(&redis->sent)) {
            ngx_rt_redis_ask_failed(redis, 0, "it says what no answer is");
            return NGX_ERROR;
        }

        answer.data = rest.data;
        answer.len = redis->scan.len;

        ngx_memzero(&redis->scan, sizeof(rt_resp_scan_t));

        rc = ngx_rt_redis_ask_answer(redis, answer);

        if (rc != NGX_OK) {
            return rc;
        }

        rest.data += answer.len;
        rest.len -= answer.len;
    }

    ngx_memmove(redis->buf, rest.data, rest.len);
    redis->have = rest.len;

    ngx_rt_redis_ask_arm(redis);

    return NGX_OK;
}


static ngx_int_t
ngx_rt_redis_ask_answer(ngx_rt_redis_t *redis, rt_str_t answer)
{
    void                     *data;
    rt_str_t                  rest;
    rt_resp_t                 value;
    ngx_uint_t                greeting;
    ngx_queue_t              *q;
    ngx_rt_redis_ask_t       *ask;
    ngx_rt_redis_error_t     *error;
    ngx_rt_redis_handler_pt   handler;

    rest = answer;
    (void) rt_resp_next(&rest, &value);
    error = (value.type == RT_RESP_ERROR) ? ngx_rt_redis_ask_error(&value)
                                          : NULL;

    q = ngx_queue_head(&redis->sent);
    ask = ngx_queue_data(q, ngx_rt_redis_ask_t, queue);
    greeting = ask->greeting;

    if (error && (error->away || greeting)) {
        ngx_rt_redis_ask_failed(redis, 0, error->code.len
                            ? (char *) error->code.data : "it says an error");
        return NGX_ERROR;
    }

    if (error) {
        ngx_rt_redis_ask_complain(redis, error);

    } else {
        redis->good = 1;
        redis->tried = 0;
        redis->pause = 0;
    }

    if (redis->away && !error && !greeting) {
        redis->away = 0;
        ngx_log_error(NGX_LOG_NOTICE, redis->log, 0, "%V answers again",
                      &redis->conf->name);
    }

    handler = ask->handler;
    data = ask->data;

    ngx_queue_remove(q);
    ngx_rt_redis_ask_free(redis, ask);

    if (handler) {
        handler(data, error ? NULL : &answer);
    }

    return NGX_OK;
}


static ngx_rt_redis_error_t *
ngx_rt_redis_ask_error(rt_resp_t *value)
{
    rt_str_t               code;
    ngx_rt_redis_error_t  *error;

    code = rt_resp_code(value);

    for (error = ngx_rt_redis_ask_errors; error->code.len; error++) {
        if (rt_str_eq(&error->code, &code)) {
            break;
        }
    }

    return error;
}


static void
ngx_rt_redis_ask_complain(ngx_rt_redis_t *redis, ngx_rt_redis_error_t *error)
{
    if (redis->complaining
        && ngx_current_msec - redis->complained < NGX_RT_REDIS_COMPLAIN)
    {
        return;
    }

    redis->complaining = 1;
    redis->complained = ngx_current_msec;

    ngx_log_error(NGX_LOG_ERR, redis->log, 0, "%V answers with an error: %s",
                  &redis->conf->name,
                  error->code.len ? (char *) error->code.data : "not known");
}


/*
 * Of several addresses the next one is tried, for those who were not sent to
 * this one.
 */

static void
ngx_rt_redis_ask_failed(ngx_rt_redis_t *redis, ngx_err_t err, const char *why)
{
    ngx_uint_t   next;
    ngx_queue_t  told;

    next = !redis->good && redis->tried + 1 < redis->conf->naddrs
           && !ngx_exiting;

    if (!redis->away && !next) {
        redis->away = 1;
        ngx_log_error(NGX_LOG_ERR, redis->log, err, "%V is away: %s",
                      &redis->conf->name, why);
    }

    ngx_rt_redis_close(redis);
    ngx_rt_redis_ask_restart(redis);

    redis->addr = (redis->addr + 1) % redis->conf->naddrs;

    ngx_queue_init(&told);
    ngx_queue_add(&told, &redis->sent);
    ngx_queue_init(&redis->sent);

    if (next) {
        redis->tried++;
        ngx_post_event(&redis->work, &ngx_posted_events);

    } else {
        ngx_queue_add(&told, &redis->waiting);
        ngx_queue_init(&redis->waiting);

        redis->tried = 0;
        redis->pause = redis->pause
                       ? ngx_min(redis->pause * 2, NGX_RT_REDIS_MAX_PAUSE)
                       : NGX_RT_REDIS_MIN_PAUSE;
        redis->retry = ngx_current_msec + redis->pause;
    }

    ngx_rt_redis_ask_arm(redis);
    ngx_rt_redis_ask_tell(redis, &told);
}


/* what waits begins anew; another connection has a greeting of its own */

static void
ngx_rt_redis_ask_restart(ngx_rt_redis_t *redis)
{
    ngx_queue_t         *q, *next;
    ngx_rt_redis_ask_t  *ask;

    for (q = ngx_queue_head(&redis->waiting);
         q != ngx_queue_sentinel(&redis->waiting);
         q = next)
    {
        next = ngx_queue_next(q);

        ask = ngx_queue_data(q, ngx_rt_redis_ask_t, queue);
        ask->sent = 0;

        if (ask->greeting) {
            ngx_queue_remove(q);
            ngx_rt_redis_ask_free(redis, ask);
        }
    }
}


static void
ngx_rt_redis_ask_tell(ngx_rt_redis_t *redis, ngx_queue_t *queue)
{
    void                     *data;
    ngx_queue_t              *q;
    ngx_rt_redis_ask_t       *ask;
    ngx_rt_redis_handler_pt   handler;

    while (!ngx_queue_empty(queue)) {
        q = ngx_queue_head(queue);
        ngx_queue_remove(q);

        ask = ngx_queue_data(q, ngx_rt_redis_ask_t, queue);
        handler = ask->handler;
        data = ask->data;

        ngx_rt_redis_ask_free(redis, ask);

        if (handler) {
            handler(data, NULL);
        }
    }
}

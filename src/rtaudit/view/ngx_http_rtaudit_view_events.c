
#include "view/ngx_http_rtaudit_view_events.h"
#include "view/ngx_http_rtaudit_view_answer.h"
#include "view/ngx_http_rtaudit_view_read.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"
#include "ngx_rt_wait.h"

#include "text/rt_form.h"


#if (NGX_THREADS)


#define NGX_HTTP_RTAUDIT_VIEW_EVENTS_TASKS   4      /* of a worker, at a time */
#define NGX_HTTP_RTAUDIT_VIEW_EVENTS_PARAMS  32
#define NGX_HTTP_RTAUDIT_VIEW_EVENTS_LIMIT   200
#define NGX_HTTP_RTAUDIT_VIEW_EVENTS_USUAL   50
#define NGX_HTTP_RTAUDIT_VIEW_EVENTS_REST    1024   /* bytes beside events */
#define NGX_HTTP_RTAUDIT_VIEW_EVENTS_GONE    410    /* a status */
#define NGX_HTTP_RTAUDIT_VIEW_EVENTS_TIMER   60000  /* ms; any will do */


/*
 * In a pool of its own, which the thread has to itself until done.  It goes
 * when both are over: the thread's work, and the request.
 */

typedef struct {
    ngx_http_rtaudit_view_read_t  read;
    ngx_http_request_t           *request;      /* NULL: it is gone */
    rt_mem_t                      mem;          /* of the pool */
    ngx_str_t                     answer;
    unsigned                      done:1;
} ngx_http_rtaudit_view_events_job_t;


typedef struct {
    ngx_http_rtaudit_view_events_job_t  *job;
} ngx_http_rtaudit_view_events_kept_t;


static ngx_thread_task_t *ngx_http_rtaudit_view_events_task(
    ngx_http_request_t *r, ngx_http_rtaudit_view_t *view);
static ngx_int_t ngx_http_rtaudit_view_events_ask(ngx_http_request_t *r,
    ngx_http_rtaudit_view_events_job_t *job, rt_str_t *name,
    const char **why);
static rt_status_e ngx_http_rtaudit_view_events_param(
    ngx_http_rtaudit_view_events_job_t *job, rt_form_field_t *field,
    uint64_t now, const char **why);
static ngx_int_t ngx_http_rtaudit_view_events_post(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view, ngx_thread_task_t *task);
static void ngx_http_rtaudit_view_events_run(void *data, ngx_log_t *log);
static void ngx_http_rtaudit_view_events_tell(
    ngx_http_rtaudit_view_read_t *rd, rt_jsonw_t *w);
static void ngx_http_rtaudit_view_events_cursor(rt_jsonw_t *w,
    rt_query_cursor_t *cursor, ngx_uint_t has);
static void ngx_http_rtaudit_view_events_done(ngx_event_t *ev);
static void ngx_http_rtaudit_view_events_go(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtaudit_view_events_answer(ngx_http_request_t *r,
    ngx_http_rtaudit_view_events_job_t *job);
static void ngx_http_rtaudit_view_events_cleanup(void *data);


/* tasks of this worker, also of clients that went away */

static ngx_uint_t  ngx_http_rtaudit_view_events_running;


ngx_int_t
ngx_http_rtaudit_view_events(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view)
{
    rt_str_t            name;
    ngx_int_t           rc;
    const char         *why;
    ngx_table_elt_t    *h;
    ngx_thread_task_t  *task;

    if (ngx_http_rtaudit_view_events_running
        == NGX_HTTP_RTAUDIT_VIEW_EVENTS_TASKS)
    {
        h = ngx_rt_headers_add(r, "Retry-After");
        if (h == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ngx_str_set(&h->value, "1");

        return ngx_http_rtaudit_view_error(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                           NULL, "too many are reading");
    }

    task = ngx_http_rtaudit_view_events_task(r, view);
    if (task == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_rtaudit_view_events_ask(r, task->ctx, &name, &why);

    if (rc == NGX_DECLINED) {
        return ngx_http_rtaudit_view_error(r, NGX_HTTP_BAD_REQUEST,
                                           name.len ? &name : NULL, why);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_rtaudit_view_events_post(r, view, task);
}


/* NULL: out of memory.  It goes with the request until it is posted */

static ngx_thread_task_t *
ngx_http_rtaudit_view_events_task(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view)
{
    ngx_pool_t                           *pool;
    ngx_thread_task_t                    *task;
    ngx_http_rtaudit_view_events_job_t   *job;
    ngx_http_rtaudit_view_events_kept_t  *kept;

    kept = ngx_rt_kept_add(r->pool,
                           sizeof(ngx_http_rtaudit_view_events_kept_t),
                           ngx_http_rtaudit_view_events_cleanup);
    if (kept == NULL) {
        return NULL;
    }

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    task = ngx_thread_task_alloc(pool,
                                 sizeof(ngx_http_rtaudit_view_events_job_t));
    if (task == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    job = task->ctx;
    kept->job = job;

    job->request = r;
    job->done = 1;
    job->mem = ngx_rt_str_mem(pool);
    job->read.pool = pool;
    job->read.limit = NGX_HTTP_RTAUDIT_VIEW_EVENTS_USUAL;

    /* the configuration may go before the thread is done */

    job->read.file.len = view->file.len;
    job->read.file.data = ngx_pstrdup(pool, &view->file);

    task->handler = ngx_http_rtaudit_view_events_run;
    task->event.handler = ngx_http_rtaudit_view_events_done;
    task->event.data = job;
    task->event.log = ngx_cycle->log;

    return job->read.file.data ? task : NULL;
}


/* NGX_DECLINED: of the parameter "name" (empty: of all), or another one, why */

static ngx_int_t
ngx_http_rtaudit_view_events_ask(ngx_http_request_t *r,
    ngx_http_rtaudit_view_events_job_t *job, rt_str_t *name, const char **why)
{
    rt_str_t      args;
    uint64_t      now;
    rt_form_t     form;
    ngx_time_t   *tp;
    ngx_uint_t    i;
    rt_status_e   rc;

    rt_query_init(&job->read.query, &job->mem);
    ngx_memzero(name, sizeof(rt_str_t));

    args.len = r->args.len;
    args.data = ngx_pstrdup(job->read.pool, &r->args);

    if (args.data == NULL
        || rt_form_parse(&job->mem, &args,
                         NGX_HTTP_RTAUDIT_VIEW_EVENTS_PARAMS, &form) != RT_OK)
    {
        return NGX_ERROR;
    }

    if (form.bad || form.many) {
        *why = "the query is malformed, or has too many parameters";
        return NGX_DECLINED;
    }

    tp = ngx_timeofday();
    now = (uint64_t) tp->sec * 1000 + tp->msec;

    for (i = 0; i < form.n; i++) {

        /* a field of a form that was left empty asks for nothing */

        if (form.field[i].value.len == 0) {
            continue;
        }

        rc = ngx_http_rtaudit_view_events_param(job, &form.field[i], now, why);

        if (rc == RT_DECLINED) {
            *why = "write user, action, path, id, status, since, until, limit, "
                   "cursor, after and views only";
            return NGX_DECLINED;
        }

        if (rc == RT_ERROR) {
            return NGX_ERROR;
        }

        if (rc != RT_OK) {
            *name = form.field[i].name;
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


/* ret: as rt_query_add() */

static rt_status_e
ngx_http_rtaudit_view_events_param(ngx_http_rtaudit_view_events_job_t *job,
    rt_form_field_t *field, uint64_t now, const char **why)
{
    ngx_int_t  n;

    if (rt_str_lit(&field->name, "limit")) {
        n = ngx_atoi(field->value.data, field->value.len);
        job->read.limit = (ngx_uint_t) n;

        *why = "is no number from 1 to 200";
        return n > 0 && n <= NGX_HTTP_RTAUDIT_VIEW_EVENTS_LIMIT ? RT_OK
                                                                : RT_INVALID;
    }

    if (rt_str_lit(&field->name, "views")) {
        job->read.no_views = rt_str_lit(&field->value, "no");

        *why = "is not \"no\"";
        return job->read.no_views ? RT_OK : RT_INVALID;
    }

    *why = "is none that an answer had";

    if (rt_str_lit(&field->name, "cursor")) {
        job->read.has_from = 1;
        return rt_query_cursor_read(&field->value, &job->read.from);
    }

    if (rt_str_lit(&field->name, "after")) {
        job->read.has_after = 1;
        return rt_query_cursor_read(&field->value, &job->read.after);
    }

    return rt_query_add(&job->read.query, &field->name, &field->value, now,
                        why);
}


static ngx_int_t
ngx_http_rtaudit_view_events_post(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view, ngx_thread_task_t *task)
{
    ngx_http_rtaudit_view_events_job_t  *job;

    job = task->ctx;

    if (ngx_thread_task_post(view->pool, task) != NGX_OK) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    job->done = 0;
    ngx_http_rtaudit_view_events_running++;

    /* a worker that shuts down ends when it has no timer */

    ngx_add_timer(&task->event, NGX_HTTP_RTAUDIT_VIEW_EVENTS_TIMER);

    r->main->count++;
    r->write_event_handler = ngx_http_rtaudit_view_events_go;
    ngx_rt_wait_watch(r);

    return NGX_DONE;
}


/* in the thread */

static void
ngx_http_rtaudit_view_events_run(void *data, ngx_log_t *log)
{
    ngx_http_rtaudit_view_events_job_t *job = data;

    size_t                         size;
    rt_jsonw_t                    *w;
    ngx_http_rtaudit_view_read_t  *rd;

    rd = &job->read;
    w = &rd->events;

    size = NGX_HTTP_RTAUDIT_VIEW_LINE + NGX_HTTP_RTAUDIT_VIEW_EVENTS_REST;

    job->answer.data = ngx_palloc(rd->pool, size);

    if (job->answer.data == NULL) {
        rd->end = NGX_HTTP_RTAUDIT_VIEW_FAILED;
        rd->err = NGX_ENOMEM;
        return;
    }

    rt_jsonw_init(w, job->answer.data, size);
    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "events");
    rt_jsonw_open(w, '[');
    rt_jsonw_hold(w, NGX_HTTP_RTAUDIT_VIEW_EVENTS_REST / 2);

    ngx_http_rtaudit_view_read(rd);

    rt_jsonw_release(w, NGX_HTTP_RTAUDIT_VIEW_EVENTS_REST / 2);
    rt_jsonw_close(w, ']');

    ngx_http_rtaudit_view_events_tell(rd, w);

    rt_jsonw_close(w, '}');
    job->answer.len = rt_jsonw_len(w);
}


/* what stands behind the events */

static void
ngx_http_rtaudit_view_events_tell(ngx_http_rtaudit_view_read_t *rd,
    rt_jsonw_t *w)
{
    rt_str_t  text;

    static const rt_str_t  ends[] = {
        [NGX_HTTP_RTAUDIT_VIEW_MORE] = rt_string("more"),
        [NGX_HTTP_RTAUDIT_VIEW_OLDEST] = rt_string("oldest"),
        [NGX_HTTP_RTAUDIT_VIEW_PACKED] = rt_string("compressed"),
        [NGX_HTTP_RTAUDIT_VIEW_AFTER] = rt_string("after"),
        [NGX_HTTP_RTAUDIT_VIEW_MISSING] = rt_string("missing"),
        [NGX_HTTP_RTAUDIT_VIEW_GONE] = rt_string("gone"),
        [NGX_HTTP_RTAUDIT_VIEW_FAILED] = rt_string("failed")
    };

    rt_jsonw_lit(w, "end");
    rt_jsonw_str(w, &ends[rd->end]);

    rt_jsonw_lit(w, "next");
    ngx_http_rtaudit_view_events_cursor(w, &rd->next,
                                    rd->end == NGX_HTTP_RTAUDIT_VIEW_MORE);
    rt_jsonw_lit(w, "head");
    ngx_http_rtaudit_view_events_cursor(w, &rd->head, rd->has_head);

    rt_jsonw_lit(w, "oldest");

    if (rd->oldest[0]) {
        text.data = rd->oldest;
        text.len = RT_TIME_ISO_LEN;
        rt_jsonw_str(w, &text);

    } else {
        rt_jsonw_null(w);
    }

    rt_jsonw_lit(w, "read");
    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "bytes");
    rt_jsonw_uint(w, rd->bytes);
    rt_jsonw_lit(w, "lines");
    rt_jsonw_uint(w, rd->lines);
    rt_jsonw_lit(w, "garbage");
    rt_jsonw_uint(w, rd->garbage);
    rt_jsonw_lit(w, "huge");
    rt_jsonw_uint(w, rd->huge);
    rt_jsonw_close(w, '}');
}


static void
ngx_http_rtaudit_view_events_cursor(rt_jsonw_t *w, rt_query_cursor_t *cursor,
    ngx_uint_t has)
{
    u_char    buf[RT_QUERY_CURSOR_LEN];
    rt_str_t  text;

    if (!has) {
        rt_jsonw_null(w);
        return;
    }

    text.data = buf;
    text.len = rt_query_cursor_write(cursor, buf);
    rt_jsonw_str(w, &text);
}


static void
ngx_http_rtaudit_view_events_done(ngx_event_t *ev)
{
    ngx_http_rtaudit_view_events_job_t *job = ev->data;

    if (ev->timedout) {
        ev->timedout = 0;
        ngx_add_timer(ev, NGX_HTTP_RTAUDIT_VIEW_EVENTS_TIMER);
        return;
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    job->done = 1;
    ngx_http_rtaudit_view_events_running--;

    if (job->request) {
        ngx_rt_wait_over(job->request);
        return;
    }

    ngx_destroy_pool(job->read.pool);
}


static void
ngx_http_rtaudit_view_events_go(ngx_http_request_t *r)
{
    ngx_http_rtaudit_view_events_kept_t  *kept;

    kept = ngx_rt_kept(r->pool, ngx_http_rtaudit_view_events_cleanup);

    if (kept->job->done) {
        ngx_http_finalize_request(r,
                        ngx_http_rtaudit_view_events_answer(r, kept->job));
    }
}


static ngx_int_t
ngx_http_rtaudit_view_events_answer(ngx_http_request_t *r,
    ngx_http_rtaudit_view_events_job_t *job)
{
    u_char                         why[NGX_MAX_ERROR_STR];
    ngx_http_rtaudit_view_read_t  *rd;

    rd = &job->read;

    if (rd->end == NGX_HTTP_RTAUDIT_VIEW_FAILED) {
        *ngx_strerror(rd->err, why, NGX_MAX_ERROR_STR - 1) = '\0';

        ngx_rt_log_error(NGX_LOG_ERR, r, "rtaudit: rtaudit_view cannot read "
                         "\"%V\" (%d: %s)", &rd->file, rd->err, why);

        return ngx_http_rtaudit_view_error(r, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                           NULL, "the file cannot be read, "
                                           "see nginx's error log");
    }

    return ngx_http_rtaudit_view_send(r,
                        rd->has_from && rd->end == NGX_HTTP_RTAUDIT_VIEW_GONE
                        ? NGX_HTTP_RTAUDIT_VIEW_EVENTS_GONE : NGX_HTTP_OK,
                        "application/json", &job->answer);
}


static void
ngx_http_rtaudit_view_events_cleanup(void *data)
{
    ngx_http_rtaudit_view_events_kept_t *kept = data;

    if (kept->job == NULL) {
        return;
    }

    if (kept->job->done) {
        ngx_destroy_pool(kept->job->read.pool);
        return;
    }

    kept->job->request = NULL;
}


#else


/* no configuration leads here: nginx -t says what is missing */

ngx_int_t
ngx_http_rtaudit_view_events(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view)
{
    return NGX_HTTP_NOT_FOUND;
}


#endif

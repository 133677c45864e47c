
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "ngx_rt_thread.h"


#define NGX_RT_THREAD_HOLD  60000               /* ms that a worker which ends
                                                   waits for its disk */


/* in order */

typedef struct {
    ngx_rt_task_t          *first;
    ngx_rt_task_t         **last;
} ngx_rt_thread_list_t;


struct ngx_rt_thread_s {
    ngx_rt_thread_owner_t   owner;
    ngx_connection_t       *c;                  /* of the eventfd */
    ngx_event_t             hold;               /* set while any waits */
    ngx_uint_t              waiting;
    int                     wake;               /* eventfd */

    pthread_t               thread;
    pthread_mutex_t         mutex;              /* of what follows */
    pthread_cond_t          cond;
    ngx_rt_thread_list_t    work;
    ngx_rt_thread_list_t    ready;
    unsigned                stop:1;
};


static ngx_int_t ngx_rt_thread_create(ngx_rt_thread_t *t, ngx_log_t *log);
static void ngx_rt_thread_list_init(ngx_rt_thread_list_t *list);
static void *ngx_rt_thread_run(void *data);
static ngx_rt_task_t *ngx_rt_thread_take(ngx_rt_thread_t *t);
static void ngx_rt_thread_sleep(ngx_rt_thread_t *t);
static void ngx_rt_thread_event(ngx_event_t *ev);
static void ngx_rt_thread_held(ngx_event_t *ev);


ngx_rt_thread_t *
ngx_rt_thread_start(ngx_rt_thread_owner_t *owner, ngx_log_t *log)
{
    ngx_rt_thread_t  *t;

    t = ngx_calloc(sizeof(ngx_rt_thread_t), log);
    if (t == NULL) {
        return NULL;
    }

    t->owner = *owner;
    ngx_rt_thread_list_init(&t->work);
    ngx_rt_thread_list_init(&t->ready);

    t->wake = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);

    t->c = (t->wake == -1) ? NULL : ngx_get_connection(t->wake, log);

    if (t->c == NULL) {
        if (t->wake != -1) {
            (void) close(t->wake);
        }

        ngx_free(t);
        return NULL;
    }

    t->c->data = t;
    t->c->read->log = log;
    t->c->read->handler = ngx_rt_thread_event;

    t->hold.data = t->c;
    t->hold.log = log;
    t->hold.handler = ngx_rt_thread_held;

    if (ngx_rt_thread_create(t, log) != NGX_OK) {
        ngx_close_connection(t->c);
        ngx_free(t);
        return NULL;
    }

    return t;
}


static ngx_int_t
ngx_rt_thread_create(ngx_rt_thread_t *t, ngx_log_t *log)
{
    int                 err;
    sigset_t            set, old;
    pthread_condattr_t  attr;

    (void) pthread_mutex_init(&t->mutex, NULL);
    (void) pthread_condattr_init(&attr);
    (void) pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void) pthread_cond_init(&t->cond, &attr);

    if (ngx_add_event(t->c->read, NGX_READ_EVENT,
                      (ngx_event_flags & NGX_USE_CLEAR_EVENT)
                      ? NGX_CLEAR_EVENT : NGX_LEVEL_EVENT)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    (void) sigfillset(&set);
    (void) pthread_sigmask(SIG_SETMASK, &set, &old);
    err = pthread_create(&t->thread, NULL, ngx_rt_thread_run, t);
    (void) pthread_sigmask(SIG_SETMASK, &old, NULL);

    if (err) {
        ngx_log_error(NGX_LOG_EMERG, log, err, "pthread_create() failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_rt_thread_list_init(ngx_rt_thread_list_t *list)
{
    list->first = NULL;
    list->last = &list->first;
}


void
ngx_rt_thread_stop(ngx_rt_thread_t *t)
{
    (void) pthread_mutex_lock(&t->mutex);
    t->stop = 1;
    (void) pthread_cond_signal(&t->cond);
    (void) pthread_mutex_unlock(&t->mutex);

    (void) pthread_join(t->thread, NULL);

    ngx_rt_thread_event(t->c->read);

    if (t->hold.timer_set) {
        ngx_del_timer(&t->hold);
    }

    ngx_close_connection(t->c);
    ngx_free(t);
}


void
ngx_rt_thread_add(ngx_rt_thread_t *t, ngx_rt_task_t *task)
{
    task->next = NULL;

    if (t->waiting++ == 0) {
        ngx_add_timer(&t->hold, NGX_RT_THREAD_HOLD);
    }

    (void) pthread_mutex_lock(&t->mutex);
    *t->work.last = task;
    t->work.last = &task->next;
    (void) pthread_cond_signal(&t->cond);
    (void) pthread_mutex_unlock(&t->mutex);
}


ngx_uint_t
ngx_rt_thread_idle(ngx_rt_thread_t *t)
{
    return t->waiting == 0;
}


static void
ngx_rt_thread_held(ngx_event_t *ev)
{
    /*
     * The disk is stuck, and no timer keeps the worker from ending any more.
     * ngx_rt_thread_stop() waits for what the thread has begun all the same.
     */
}


static void *
ngx_rt_thread_run(void *data)
{
    ngx_rt_thread_t *t = data;

    ngx_uint_t      stop, tell;
    ngx_rt_task_t  *tasks, **last;

    (void) pthread_mutex_lock(&t->mutex);

    for ( ;; ) {
        if (t->work.first == NULL && !t->stop) {
            ngx_rt_thread_sleep(t);
        }

        stop = t->stop;
        tasks = ngx_rt_thread_take(t);

        if (stop && tasks == NULL) {
            break;
        }

        (void) pthread_mutex_unlock(&t->mutex);
        tell = t->owner.pass(t->owner.data, tasks);
        (void) pthread_mutex_lock(&t->mutex);

        for (last = &tasks; *last; last = &(*last)->next) { /* void */ }

        if (tasks) {
            *t->ready.last = tasks;
            t->ready.last = last;
        }

        if (tasks || tell) {
            (void) eventfd_write(t->wake, 1);
        }
    }

    (void) pthread_mutex_unlock(&t->mutex);

    return NULL;
}


static ngx_rt_task_t *
ngx_rt_thread_take(ngx_rt_thread_t *t)
{
    ngx_uint_t      n;
    ngx_rt_task_t  *first, **last;

    first = t->work.first;
    last = &t->work.first;

    for (n = 0; *last && n < t->owner.most; n++) {
        last = &(*last)->next;
    }

    t->work.first = *last;
    *last = NULL;

    if (t->work.first == NULL) {
        t->work.last = &t->work.first;
    }

    return first;
}


static void
ngx_rt_thread_sleep(ngx_rt_thread_t *t)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    ts.tv_nsec += (long) t->owner.look * 1000000;
    ts.tv_sec += ts.tv_nsec / 1000000000;
    ts.tv_nsec %= 1000000000;

    (void) pthread_cond_timedwait(&t->cond, &t->mutex, &ts);
}


static void
ngx_rt_thread_event(ngx_event_t *ev)
{
    eventfd_t          n;
    ngx_uint_t         done;
    ngx_rt_task_t     *tasks, *task;
    ngx_rt_thread_t   *t;
    ngx_connection_t  *c;

    c = ev->data;
    t = c->data;

    (void) eventfd_read(t->wake, &n);

    (void) pthread_mutex_lock(&t->mutex);
    tasks = t->ready.first;
    ngx_rt_thread_list_init(&t->ready);
    (void) pthread_mutex_unlock(&t->mutex);

    for (done = 0, task = tasks; task; task = task->next) {
        done++;
    }

    t->waiting -= done;

    if (t->waiting == 0 && t->hold.timer_set) {
        ngx_del_timer(&t->hold);
    }

    t->owner.done(t->owner.data, tasks);
}

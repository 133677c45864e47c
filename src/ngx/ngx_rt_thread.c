
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "ngx_rt_thread.h"


#define NGX_RT_THREAD_HOLD  60000               /* ms that a worker which ends
                                                   waits for its disk */
#define NGX_RT_THREAD_WATCH 5000                /* ms between two looks at how
                                                   long a pass takes */


/* in order */

typedef struct {
    ngx_rt_task_t          *first;
    ngx_rt_task_t         **last;
} ngx_rt_thread_list_t;


struct ngx_rt_thread_s {
    ngx_rt_thread_owner_t   owner;
    ngx_connection_t       *c;                  /* of the eventfd */
    ngx_event_t             hold;               /* set while any waits */
    ngx_event_t             watch;
    ngx_uint_t              passes;             /* that watch() has seen */
    ngx_uint_t              waiting;
    int                     wake;               /* eventfd */

    pthread_t               thread;
    pthread_mutex_t         mutex;              /* of what follows */
    pthread_cond_t          cond;
    ngx_rt_thread_list_t    work[2];            /* [1]: what is later */
    ngx_rt_thread_list_t    ready;
    ngx_uint_t              pass;               /* the number of the pass under
                                                   way; 0: none is */
    ngx_uint_t              passed;
    unsigned                stop:1;
};


static ngx_int_t ngx_rt_thread_create(ngx_rt_thread_t *t, ngx_log_t *log);
static void ngx_rt_thread_list_init(ngx_rt_thread_list_t *list);
static void *ngx_rt_thread_run(void *data);
static void ngx_rt_thread_take(ngx_rt_thread_t *t, ngx_rt_thread_list_t *tasks);
static ngx_uint_t ngx_rt_thread_move(ngx_rt_thread_list_t *from,
    ngx_rt_thread_list_t *to, ngx_uint_t most);
static void ngx_rt_thread_give(ngx_rt_thread_t *t, ngx_rt_task_t *tasks);
static void ngx_rt_thread_sleep(ngx_rt_thread_t *t);
static void ngx_rt_thread_event(ngx_event_t *ev);
static void ngx_rt_thread_held(ngx_event_t *ev);
static void ngx_rt_thread_watch(ngx_event_t *ev);


ngx_rt_thread_t *
ngx_rt_thread_start(ngx_rt_thread_owner_t *owner, ngx_log_t *log)
{
    ngx_rt_thread_t  *t;

    t = ngx_calloc(sizeof(ngx_rt_thread_t), log);
    if (t == NULL) {
        return NULL;
    }

    t->owner = *owner;
    ngx_rt_thread_list_init(&t->work[0]);
    ngx_rt_thread_list_init(&t->work[1]);
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

    t->watch.data = t->c;
    t->watch.log = log;
    t->watch.handler = ngx_rt_thread_watch;
    t->watch.cancelable = 1;

    if (ngx_rt_thread_create(t, log) != NGX_OK) {
        ngx_close_connection(t->c);
        ngx_free(t);
        return NULL;
    }

    ngx_add_timer(&t->watch, NGX_RT_THREAD_WATCH);

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

    if (t->watch.timer_set) {
        ngx_del_timer(&t->watch);
    }

    ngx_close_connection(t->c);
    ngx_free(t);
}


void
ngx_rt_thread_add(ngx_rt_thread_t *t, ngx_rt_task_t *task, ngx_uint_t later)
{
    task->next = NULL;
    task->later = (later != 0);
    task->again = 0;

    t->waiting++;

    if (!t->hold.timer_set) {
        ngx_add_timer(&t->hold, NGX_RT_THREAD_HOLD);
    }

    (void) pthread_mutex_lock(&t->mutex);
    *t->work[task->later].last = task;
    t->work[task->later].last = &task->next;
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

    ngx_uint_t             stop, tell;
    ngx_rt_thread_list_t   tasks;

    (void) pthread_mutex_lock(&t->mutex);

    for ( ;; ) {
        if (!t->work[0].first && !t->work[1].first && !t->stop) {
            ngx_rt_thread_sleep(t);
        }

        stop = t->stop;
        ngx_rt_thread_take(t, &tasks);

        if (stop && tasks.first == NULL) {
            break;
        }

        t->pass = ++t->passed;

        (void) pthread_mutex_unlock(&t->mutex);
        tell = t->owner.pass(t->owner.data, tasks.first);
        (void) pthread_mutex_lock(&t->mutex);

        t->pass = 0;

        ngx_rt_thread_give(t, tasks.first);

        if (tasks.first || tell) {
            (void) eventfd_write(t->wake, 1);
        }
    }

    (void) pthread_mutex_unlock(&t->mutex);

    return NULL;
}


/* One of the later tasks is always taken: others never keep it waiting. */

static void
ngx_rt_thread_take(ngx_rt_thread_t *t, ngx_rt_thread_list_t *tasks)
{
    ngx_uint_t  n;

    ngx_rt_thread_list_init(tasks);

    n = ngx_rt_thread_move(&t->work[0], tasks, t->owner.most);
    (void) ngx_rt_thread_move(&t->work[1], tasks,
                              ngx_max(t->owner.most - n, 1));
}


/* ret: how many it moved */

static ngx_uint_t
ngx_rt_thread_move(ngx_rt_thread_list_t *from, ngx_rt_thread_list_t *to,
    ngx_uint_t most)
{
    ngx_uint_t      n;
    ngx_rt_task_t  *task;

    for (n = 0; from->first && n < most; n++) {
        task = from->first;
        from->first = task->next;

        task->next = NULL;
        *to->last = task;
        to->last = &task->next;
    }

    if (from->first == NULL) {
        from->last = &from->first;
    }

    return n;
}


/* Tasks that are not done go back before those that were added meanwhile. */

static void
ngx_rt_thread_give(ngx_rt_thread_t *t, ngx_rt_task_t *tasks)
{
    ngx_uint_t             i;
    ngx_rt_task_t         *next;
    ngx_rt_thread_list_t   back[2], *list;

    ngx_rt_thread_list_init(&back[0]);
    ngx_rt_thread_list_init(&back[1]);

    for ( /* void */ ; tasks; tasks = next) {
        next = tasks->next;
        list = tasks->again ? &back[tasks->later] : &t->ready;

        tasks->next = NULL;
        tasks->again = 0;
        *list->last = tasks;
        list->last = &tasks->next;
    }

    for (i = 0; i < 2; i++) {

        if (back[i].first == NULL) {
            continue;
        }

        *back[i].last = t->work[i].first;

        if (t->work[i].first == NULL) {
            t->work[i].last = back[i].last;
        }

        t->work[i].first = back[i].first;
    }
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

    } else if (t->waiting && done) {
        ngx_add_timer(&t->hold, NGX_RT_THREAD_HOLD);
    }

    t->owner.done(t->owner.data, tasks);
}


/* A pass that goes on may be stuck: its owner can say on what. */

static void
ngx_rt_thread_watch(ngx_event_t *ev)
{
    ngx_uint_t         pass;
    ngx_rt_thread_t   *t;
    ngx_connection_t  *c;

    c = ev->data;
    t = c->data;

    (void) pthread_mutex_lock(&t->mutex);
    pass = t->pass;
    (void) pthread_mutex_unlock(&t->mutex);

    if (pass && pass == t->passes) {
        t->owner.done(t->owner.data, NULL);
    }

    t->passes = pass;

    ngx_add_timer(&t->watch, NGX_RT_THREAD_WATCH);
}

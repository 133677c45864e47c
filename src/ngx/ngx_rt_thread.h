
/*
 * A thread beside the worker's loop, for what may block: tasks go to it in
 * their order, and come back to the loop when they are done.
 *
 * The thread touches no nginx function, pool or log, and no signal reaches it.
 */


#ifndef NGX_RT_THREAD_H_INCLUDED
#define NGX_RT_THREAD_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>


#pragma GCC visibility push(hidden)


typedef struct ngx_rt_thread_s  ngx_rt_thread_t;
typedef struct ngx_rt_task_s    ngx_rt_task_t;

/* the beginning of a task of its owner's, who has its memory */

struct ngx_rt_task_s {
    ngx_rt_task_t  *next;
    unsigned        later:1;        /* tasks that are not later come first */
    unsigned        again:1;        /* set by pass: it is not done yet, and will
                                       be given to pass again */
};


/*
 * pass: in the thread: tasks that wait, up to "most" and one that is later, or
 *       NULL after "look" milliseconds without any; ret: 1: done() is to be
 *       called at any rate
 * done: in the loop: the same tasks, or NULL: also now and then while pass has
 *       not come back for some seconds
 */

typedef struct {
    ngx_uint_t    (*pass)(void *data, ngx_rt_task_t *tasks);
    void          (*done)(void *data, ngx_rt_task_t *tasks);
    void           *data;
    ngx_uint_t      most;
    ngx_msec_t      look;
} ngx_rt_thread_owner_t;


/* ret:  NULL after a message */
ngx_rt_thread_t *ngx_rt_thread_start(ngx_rt_thread_owner_t *owner,
    ngx_log_t *log);

/*
 * A worker that is to end waits for tasks that were added, but for no longer
 * than a minute in which none of them is done.
 */
void ngx_rt_thread_add(ngx_rt_thread_t *t, ngx_rt_task_t *task,
    ngx_uint_t later);

/* 1: all that was added has come back */
ngx_uint_t ngx_rt_thread_idle(ngx_rt_thread_t *t);

/* when all that was added is done; done() was called for it */
void ngx_rt_thread_stop(ngx_rt_thread_t *t);


#pragma GCC visibility pop


#endif /* NGX_RT_THREAD_H_INCLUDED */

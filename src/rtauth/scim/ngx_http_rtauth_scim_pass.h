
/*
 * The thread's passes over the jobs of a store.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_PASS_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_PASS_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "ngx_rt_thread.h"
#include "scim/ngx_http_rtauth_scim_job.h"
#include "scim/ngx_http_rtauth_scim_zone.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_rt_task_t                   task;
    ngx_http_rtauth_scim_store_t   *store;
    ngx_http_rtauth_scim_run_pt     run;
    ngx_http_rtauth_scim_keep_pt    keep;       /* or NULL */
    ngx_http_rtauth_scim_done_pt    done;
    void                           *ctx;        /* NULL: was cancelled */
    ngx_atomic_t                    gone;       /* 1: it was; the thread's way
                                                   to know */

    ngx_http_rtauth_scim_arena_t    arena;
    ngx_http_rtauth_scim_turn_t     turn;
    ngx_http_rtauth_scim_fault_e    fault;
    rt_str_t                        line;       /* of the journal */
    unsigned                        reads:1;    /* it never edits */
    unsigned                        ended:1;    /* it is not run again */
    unsigned                        joins:1;    /* its line is written next */
    unsigned                        waits:1;    /* it has run, and is to be run
                                                   again */
    unsigned                        trimmed:1;  /* only its answer is left */

    max_align_t                     data[];
} ngx_http_rtauth_scim_job_t;


struct ngx_http_rtauth_scim_store_s {
    ngx_http_rtauth_scim_zone_conf_t   *conf;
    ngx_http_rtauth_scim_shared_t      *shared;
    ngx_rt_thread_t                    *thread;
    ngx_http_rtauth_scim_journal_t      journal;    /* the thread's */
    ngx_atomic_t                        err;        /* of its last try */
    ngx_uint_t                          reads;      /* jobs that read, and are
                                                       not done */
    int                                 told;       /* the last err logged */
    ngx_atomic_t                        closed;     /* 1: requests are gone */
};


/* the job that a task of the thread is */

#define ngx_http_rtauth_scim_job_of(t)                                        \
    ngx_queue_data(t, ngx_http_rtauth_scim_job_t, task)


/*
 * Runs jobs, in the thread: data is the store.  Without any it brings the zone
 * up to the journal's end.
 * ret:  1, the worker has something to log
 */
ngx_uint_t ngx_http_rtauth_scim_pass(void *data, ngx_rt_task_t *tasks);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_PASS_H_INCLUDED */


/*
 * What a provider pushed by SCIM: a shm zone that the workers share, and a
 * journal beside it that is the truth.
 *
 *     worker     _submit(job) ......................... done(data, fault)
 *     thread            lock the journal | read what others appended |
 *                       run(data, turn) | append | fdatasync | show in shm
 *
 * All that SCIM itself does, to read and to change, is a job of the worker's
 * thread.  A job has the journal's lock while it runs: it reads what is now,
 * nobody changes it meanwhile, in whatever worker or nginx, and its edit is
 * made from what it has read.  Edits that have nothing in common are written
 * together.  shm shows an edit when it is on disk.  Jobs that edit come first,
 * and the lock is given back after a while even when there are more jobs.
 *
 * The requests of others never wait for that: they look into the zone by
 * _user(), under the zone's own lock, and only when _generation() is another
 * one than when they looked last.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_STORE_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_STORE_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "scim/rt_scim_db.h"


#pragma GCC visibility push(hidden)


typedef struct ngx_http_rtauth_scim_store_s  ngx_http_rtauth_scim_store_t;


/* -- the configuration */

#define NGX_HTTP_RTAUTH_SCIM_MIN    (256 * 1024)    /* bytes of a zone */
#define NGX_HTTP_RTAUTH_SCIM_USER   512     /* there may be as many users and */
#define NGX_HTTP_RTAUTH_SCIM_GROUP  4096    /*   groups as the zone has these */


typedef struct {
    size_t             size;            /* of the zone */
    ngx_str_t          path;            /* of the journal, in full */
    ngx_rt_where_t     where;           /* of the directive that says so */
    time_t             keep;            /* who is gone: rt_scim_db_keep() */
    rt_scim_index_e    link;
    ngx_uint_t         fleet;           /* 1: there are other hosts */
    ngx_uint_t         tells;           /* names that they can be told */
    ngx_cycle_t       *cycle;           /* of _zone(), as is: */
    ngx_shm_zone_t    *zone;
} ngx_http_rtauth_scim_store_conf_t;


/*
 * While the configuration is read; conf stays.  When all is read, and before
 * there are workers, the journal is made if there is none, and what it has is
 * in the zone: if either cannot be, nginx does not start, after a message.
 */
ngx_int_t ngx_http_rtauth_scim_store_zone(ngx_conf_t *cf,
    ngx_http_rtauth_scim_store_conf_t *conf);

/* in a worker that begins; ret: NULL after a message */
ngx_http_rtauth_scim_store_t *ngx_http_rtauth_scim_store_open(
    ngx_http_rtauth_scim_store_conf_t *conf);

/* waits for the jobs under way, as if they had been cancelled */
void ngx_http_rtauth_scim_store_close(ngx_http_rtauth_scim_store_t *store);


/* -- jobs */

typedef enum {
    NGX_HTTP_RTAUTH_SCIM_SAVED = 0,     /* run() has ended, and what it edited
                                           is on disk and shown */
    NGX_HTTP_RTAUTH_SCIM_FULL,          /* 507: users, groups or memory */
    NGX_HTTP_RTAUTH_SCIM_BIG,           /* 413: more than a record holds */
    NGX_HTTP_RTAUTH_SCIM_DISK,          /* 507: the disk is full */
    NGX_HTTP_RTAUTH_SCIM_AWAY           /* 503: the journal cannot be had, or
                                           memory is out.  None of these has
                                           changed anything */
} ngx_http_rtauth_scim_fault_e;


/*
 * What run() is given.  The answer is made here, as that of the edit being
 * saved; done() gives another one if it was not.
 */

typedef struct {
    const rt_scim_db_t  *db;
    rt_mem_t            *mem;           /* until done() has returned */
    uint64_t             now;           /* ms of the Unix epoch */
    uint64_t             version;       /* what an edit gets */
    rt_scim_id_t         fresh;         /* random: an id for who has none */
    rt_scim_edit_t       edit;          /* out; zeroed before */
} ngx_http_rtauth_scim_turn_t;


/*
 * run:  in the thread: it calls nothing of nginx, and touches nothing but its
 *       data and the turn.  It may be called again from the beginning, with
 *       mem empty, when another edit of the same user or group came before.
 * done: in the worker's loop, once; ctx is NULL if it was cancelled
 */
typedef void (*ngx_http_rtauth_scim_run_pt)(void *data,
    ngx_http_rtauth_scim_turn_t *turn);
typedef void (*ngx_http_rtauth_scim_done_pt)(void *data,
    ngx_http_rtauth_scim_fault_e fault, void *ctx);


/*
 * In the thread, when the job has ended: copies into mem, which is empty, what
 * done() reads; all else goes at once, before other jobs are run.
 * ret:  RT_OK; RT_ERROR, memory is out, and nothing is another
 */
typedef rt_status_e (*ngx_http_rtauth_scim_keep_pt)(void *data, rt_mem_t *mem);


/*
 * A job with zeroed memory of its own for what run() needs (a copy of the
 * request: its pool may be gone while the thread runs).
 *
 * in:   size of data; ctx is the worker's, handed to done()
 * ret:  data, or NULL: memory is out.  It is freed when done() has returned,
 *       or, cancelled, when the thread is ready with it
 */
void *ngx_http_rtauth_scim_job(ngx_http_rtauth_scim_store_t *store,
    size_t size, ngx_http_rtauth_scim_run_pt run,
    ngx_http_rtauth_scim_done_pt done, void *ctx);
void ngx_http_rtauth_scim_keeps(void *job, ngx_http_rtauth_scim_keep_pt keep);

/* its run() never edits: whatever edits is run before it */
void ngx_http_rtauth_scim_reads(void *job);

/* 1: so many jobs that read wait that another one is better refused */
ngx_uint_t ngx_http_rtauth_scim_busy(ngx_http_rtauth_scim_store_t *store);

void ngx_http_rtauth_scim_submit(void *job);

/* ctx may go, and done() gets NULL: an edit may be made all the same */
void ngx_http_rtauth_scim_cancel(void *job);


/* -- in the worker's loop */

typedef struct {
    rt_scim_is_e                  is;
    uint64_t                      generation;
    rt_scim_item_t                item;     /* in the pool, if ACTIVE */
    rt_str_t                     *groups;   /* their keys RT_SCIM_NAME */
    ngx_uint_t                    ngroups;
} ngx_http_rtauth_scim_user_t;


/*
 * Whose a key is for what was issued at that second.
 * ret:  NGX_OK; NGX_ERROR, memory is out
 */
ngx_int_t ngx_http_rtauth_scim_user(ngx_http_rtauth_scim_store_t *store,
    rt_scim_index_e key, ngx_str_t *value, time_t issued, ngx_pool_t *pool,
    ngx_http_rtauth_scim_user_t *user);

/* one load: what _user() said holds while its generation is this one */
uint64_t ngx_http_rtauth_scim_generation(ngx_http_rtauth_scim_store_t *store);

typedef struct {
    rt_scim_stats_t               db;
    uint64_t                      journal;  /* bytes of it */
    ngx_uint_t                    damaged;  /* 1: not at its end alone */
    ngx_uint_t                    ready;    /* 0: _UNREADY */
    ngx_err_t                     err;      /* of this worker's last try to
                                               write; 0: it is well */
} ngx_http_rtauth_scim_stats_t;

void ngx_http_rtauth_scim_stats(ngx_http_rtauth_scim_store_t *store,
    ngx_http_rtauth_scim_stats_t *stats);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_STORE_H_INCLUDED */

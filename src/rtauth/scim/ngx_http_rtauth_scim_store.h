
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


#include "scim/ngx_http_rtauth_scim_job.h"
#include "scim/ngx_http_rtauth_scim_zone.h"


#pragma GCC visibility push(hidden)


/* in a worker that begins; ret: NULL after a message */
ngx_http_rtauth_scim_store_t *ngx_http_rtauth_scim_store_open(
    ngx_http_rtauth_scim_zone_conf_t *conf);

/* waits for the jobs under way, as if they had been cancelled */
void ngx_http_rtauth_scim_store_close(ngx_http_rtauth_scim_store_t *store);


/* -- jobs */

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

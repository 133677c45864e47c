
/*
 * What a job of the store is given, and what it says.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_JOB_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_JOB_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "scim/rt_scim_db.h"


#pragma GCC visibility push(hidden)


typedef struct ngx_http_rtauth_scim_store_s  ngx_http_rtauth_scim_store_t;


typedef enum {
    NGX_HTTP_RTAUTH_SCIM_SAVED = 0,     /* run() has ended, and what it edited
                                           is on disk and shown */
    NGX_HTTP_RTAUTH_SCIM_FULL,          /* 507: users, groups or memory */
    NGX_HTTP_RTAUTH_SCIM_BIG,           /* 413: more than a record holds */
    NGX_HTTP_RTAUTH_SCIM_DISK,          /* 507: the disk is full */
    NGX_HTTP_RTAUTH_SCIM_AWAY           /* 503: the journal cannot be had, or
                                           memory is out.  None of these has
                                           changed anything: but see
                                           ngx_rt_journal_file_append() */
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
 *       mem empty, when another edit of the same user, group or name came
 *       before.
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


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_JOB_H_INCLUDED */

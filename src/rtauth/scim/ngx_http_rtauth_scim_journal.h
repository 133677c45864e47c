
/*
 * The journal of users and groups, and the zone that follows it.
 *
 * Whoever enters has the journal's lock, and the zone is what the journal
 * says.  The zone knows up to where it has followed which file.  A zone that
 * has not followed this one, because it is new, or late, or because whoever
 * changed it has died over that, is filled with all the file has.
 *
 * Nothing of nginx is called here but the lock of the zone: a thread runs this,
 * and the master before there are workers.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_JOURNAL_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_JOURNAL_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_rt_journal_file.h"
#include "scim/ngx_http_rtauth_scim_arena.h"
#include "scim/rt_scim_replay.h"


#pragma GCC visibility push(hidden)


/* in shm, in front of what rt_scim_db_init() made */

typedef struct {
    uint64_t                      file;     /* its name; 0: none is followed */
    uint64_t                      end;      /*   up to here */
    uint64_t                      ino;      /*   in the file with this inode */
    uint64_t                      base;     /* its size when it was new */
    uint64_t                      hidden;   /* 1: it was ready until a line of
                                               it was damaged */
    rt_scim_db_t                 *db;
} ngx_http_rtauth_scim_shared_t;


#define NGX_HTTP_RTAUTH_SCIM_LOST_FILE  1   /* it is gone, or is empty */
#define NGX_HTTP_RTAUTH_SCIM_LOST_END   2   /* it is shorter than it was */


typedef struct {
    ngx_http_rtauth_scim_shared_t  *shared;
    rt_scim_lock_t                  lock;
    ngx_rt_journal_file_t           file;
    ngx_http_rtauth_scim_arena_t    arena;
    ngx_atomic_t                    bad;        /* file.bad */
    ngx_atomic_t                    lost;       /* what the log has to have */
    unsigned                        reads:1;    /* the master: never writes */
    unsigned                        whole:1;    /* all of the users it was made
                                                   with are before bad */
} ngx_http_rtauth_scim_journal_t;


void ngx_http_rtauth_scim_journal_init(ngx_http_rtauth_scim_journal_t *j,
    ngx_http_rtauth_scim_shared_t *shared, ngx_shmtx_t *mutex, u_char *path);

/* ms of the Unix epoch, of a thread, which has no cached time */
uint64_t ngx_http_rtauth_scim_now(void);

/* what the file has lost since the last call */
void ngx_http_rtauth_scim_journal_say(ngx_http_rtauth_scim_journal_t *j,
    ngx_log_t *log);

/* 1: there is nothing to follow, as far as can be told without the lock */
ngx_uint_t ngx_http_rtauth_scim_journal_settled(
    ngx_http_rtauth_scim_journal_t *j);

/*
 * in:   wait: 0, if it can be had at once
 * ret:  0, or errno, and it was left; EBADMSG: a line before the end is
 *       damaged, or it was cut, j->bad says where, and the zone is as it was,
 *       but not ready
 */
int ngx_http_rtauth_scim_journal_enter(ngx_http_rtauth_scim_journal_t *j,
    ngx_uint_t wait);
void ngx_http_rtauth_scim_journal_leave(ngx_http_rtauth_scim_journal_t *j);

/* within; ret: 0, the lines are on disk, or errno, and none of them is there */
int ngx_http_rtauth_scim_journal_append(ngx_http_rtauth_scim_journal_t *j,
    rt_str_t *lines);

/* within, when what was appended is in the zone, too */
void ngx_http_rtauth_scim_journal_done(ngx_http_rtauth_scim_journal_t *j);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_JOURNAL_H_INCLUDED */


/*
 * The journal of users and groups, and the zone that follows it.
 *
 * Whoever has entered holds the journal's lock, and the zone then has what the
 * journal says.  The zone knows which file it follows, and up to where.  It is
 * filled with all that the file has when it follows another file or none, or
 * when the process that changed it died in the middle.
 *
 * The lock of the zone is the only part of nginx that is called here, because
 * all of this runs in a thread, or in the master before there are workers.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_JOURNAL_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_JOURNAL_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_rt_journal_file.h"
#include "scim/ngx_http_rtauth_scim_arena.h"
#include "scim/rt_scim_replay.h"


#pragma GCC visibility push(hidden)


/* lies in shared memory, in front of what rt_scim_db_init() made */

typedef struct {
    uint64_t                      file;     /* the name of the file that is
                                               followed; 0: none is */
    uint64_t                      end;      /* bytes of it that are followed */
    uint64_t                      ino;      /* its inode */
    uint64_t                      base;     /* its size when it was new */
    uint64_t                      ahead;    /* ms from the tick to the time,
                                               when this was made */
    uint64_t                      hidden;   /* 1: the zone was ready until a
                                               line of the file was damaged */
    rt_scim_db_t                 *db;
} ngx_http_rtauth_scim_shared_t;


#define NGX_HTTP_RTAUTH_SCIM_LOST_FILE  1   /* the file is gone, or is empty */
#define NGX_HTTP_RTAUTH_SCIM_LOST_END   2   /* it is shorter than it was */


typedef struct {
    ngx_http_rtauth_scim_shared_t  *shared;
    rt_scim_lock_t                  lock;
    ngx_rt_journal_file_t           file;
    ngx_http_rtauth_scim_arena_t    arena;
    ngx_atomic_t                    bad;        /* file.bad */
    ngx_atomic_t                    lost;       /* _LOST_: to be logged */
    unsigned                        reads:1;    /* the master, which never
                                                   writes */
    unsigned                        whole:1;    /* all that the file was made
                                                   with stands before bad */
} ngx_http_rtauth_scim_journal_t;


void ngx_http_rtauth_scim_journal_init(ngx_http_rtauth_scim_journal_t *j,
    ngx_http_rtauth_scim_shared_t *shared, ngx_shmtx_t *mutex, u_char *path);

/* ms of the Unix epoch, for a thread, which cannot use nginx's cached time */
uint64_t ngx_http_rtauth_scim_now(void);

/* ms since the machine was started, which nobody sets */
uint64_t ngx_http_rtauth_scim_tick(void);

/*
 * The time by which who is gone is forgotten: now, but never later than the
 * clock was when the zone was made, and what has passed since then.  A clock
 * that is ahead for a while makes nobody be forgotten.
 */
uint64_t ngx_http_rtauth_scim_past(
    const ngx_http_rtauth_scim_shared_t *shared);

/* logs what the file has lost since the last call */
void ngx_http_rtauth_scim_journal_say(ngx_http_rtauth_scim_journal_t *j,
    ngx_log_t *log);

/* 1: there is nothing new to follow, as far as can be seen without the lock */
ngx_uint_t ngx_http_rtauth_scim_journal_settled(
    ngx_http_rtauth_scim_journal_t *j);

/*
 * Takes the journal's lock, and brings the zone up to the journal's end.
 * in:   wait: 0, gives up when another process holds the lock
 * ret:  0; or errno, and the lock was given back.  EBADMSG: a line before the
 *       end is damaged, or the file was cut.  j->bad says where, and the zone
 *       is as it was, but not ready
 */
int ngx_http_rtauth_scim_journal_enter(ngx_http_rtauth_scim_journal_t *j,
    ngx_uint_t wait);
void ngx_http_rtauth_scim_journal_leave(ngx_http_rtauth_scim_journal_t *j);

/* with the lock; ret: 0, the lines are on disk; errno, none of them is there */
int ngx_http_rtauth_scim_journal_append(ngx_http_rtauth_scim_journal_t *j,
    rt_str_t *lines);

/* with the lock, when what was appended is in the zone as well */
void ngx_http_rtauth_scim_journal_done(ngx_http_rtauth_scim_journal_t *j);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_JOURNAL_H_INCLUDED */

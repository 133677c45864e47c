
#include "scim/ngx_http_rtauth_scim_pass.h"
#include "oidc/rt_seal.h"
#include "text/rt_journal.h"


#define NGX_HTTP_RTAUTH_SCIM_ROUND  200         /* ms: then a pass lets go of
                                                   the journal's lock */
#define NGX_HTTP_RTAUTH_SCIM_HOLD   (32 * 1024 * 1024)  /* bytes of the jobs'
                                                           memory: then a round
                                                           runs no other job */
#define NGX_HTTP_RTAUTH_SCIM_WRITE  (4 * 1024 * 1024)   /* bytes of lines: then
                                                           no edit joins them */


/* What a pass has done.  One job of each kind is run, however long it takes. */

typedef struct {
    uint64_t                        until;
    ngx_uint_t                      ran[2];     /* edits; reads */
} ngx_http_rtauth_scim_pass_t;


static void ngx_http_rtauth_scim_pass_refuse(ngx_rt_task_t *tasks, int err);
static ngx_http_rtauth_scim_fault_e ngx_http_rtauth_scim_pass_fault(int err);
static int ngx_http_rtauth_scim_pass_jobs(
    ngx_http_rtauth_scim_store_t *store, ngx_rt_task_t *tasks);
static size_t ngx_http_rtauth_scim_pass_round(
    ngx_http_rtauth_scim_store_t *store, ngx_rt_task_t *tasks,
    ngx_http_rtauth_scim_pass_t *pass, ngx_uint_t *more);
static size_t ngx_http_rtauth_scim_pass_held(ngx_rt_task_t *tasks);
static void ngx_http_rtauth_scim_pass_trim(ngx_rt_task_t *tasks);
static void ngx_http_rtauth_scim_pass_run(
    ngx_http_rtauth_scim_store_t *store, ngx_http_rtauth_scim_job_t *job,
    ngx_uint_t before);
static ngx_uint_t ngx_http_rtauth_scim_pass_meets(ngx_rt_task_t *tasks,
    ngx_http_rtauth_scim_job_t *job);
static void ngx_http_rtauth_scim_pass_line(
    ngx_http_rtauth_scim_store_t *store, ngx_http_rtauth_scim_job_t *job,
    rt_scim_room_t *room);
static int ngx_http_rtauth_scim_pass_write(
    ngx_http_rtauth_scim_store_t *store, ngx_rt_task_t *tasks, size_t size);


/* The thread's turn.  A zone that lacks something takes no jobs. */

ngx_uint_t
ngx_http_rtauth_scim_pass(void *data, ngx_rt_task_t *tasks)
{
    ngx_http_rtauth_scim_store_t *store = data;

    int         err;
    ngx_uint_t  tell;

    if (tasks == NULL && store->err != EBADMSG
        && ngx_http_rtauth_scim_journal_settled(&store->journal))
    {
        return 0;
    }

    err = ngx_http_rtauth_scim_journal_enter(&store->journal, tasks != NULL);

    if (tasks == NULL && err == EWOULDBLOCK) {
        return 0;                       /* until the next look */
    }

    if (err == 0) {
        err = rt_scim_db_ready(store->shared->db)
              ? ngx_http_rtauth_scim_pass_jobs(store, tasks) : ENOBUFS;

        ngx_http_rtauth_scim_journal_leave(&store->journal);
    }

    ngx_http_rtauth_scim_pass_refuse(tasks, err);

    tell = (err != (int) store->err || store->journal.lost);
    store->err = err;

    return tell;
}


/* Refuses the jobs that have not been run. */

static void
ngx_http_rtauth_scim_pass_refuse(ngx_rt_task_t *tasks, int err)
{
    ngx_http_rtauth_scim_job_t  *job;

    for ( /* void */ ; tasks; tasks = tasks->next) {
        job = ngx_http_rtauth_scim_job_of(tasks);

        if (!job->ended && !tasks->again) {
            job->fault = ngx_http_rtauth_scim_pass_fault(err);
        }
    }
}


static ngx_http_rtauth_scim_fault_e
ngx_http_rtauth_scim_pass_fault(int err)
{
    switch (err) {

    case 0:
        return NGX_HTTP_RTAUTH_SCIM_SAVED;

    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return NGX_HTTP_RTAUTH_SCIM_DISK;

    default:
        return NGX_HTTP_RTAUTH_SCIM_AWAY;
    }
}


/*
 * Others wait for the lock meanwhile, and so does an edit that comes now: jobs
 * that are not run in time are given to the next pass, in their order.
 *
 * ret: 0, or errno of a write
 */

static int
ngx_http_rtauth_scim_pass_jobs(ngx_http_rtauth_scim_store_t *store,
    ngx_rt_task_t *tasks)
{
    int                          err, rc;
    size_t                       size;
    ngx_uint_t                   more;
    ngx_http_rtauth_scim_job_t  *job;
    ngx_http_rtauth_scim_pass_t  pass;

    err = 0;

    ngx_memzero(&pass, sizeof(ngx_http_rtauth_scim_pass_t));
    pass.until = ngx_http_rtauth_scim_tick() + NGX_HTTP_RTAUTH_SCIM_ROUND;

    do {
        more = 0;
        size = ngx_http_rtauth_scim_pass_round(store, tasks, &pass, &more);

        if (size) {
            rc = ngx_http_rtauth_scim_pass_write(store, tasks, size);
            err = rc ? rc : err;
        }

        ngx_http_rtauth_scim_pass_trim(tasks);

    } while (more);

    for ( /* void */ ; tasks; tasks = tasks->next) {
        job = ngx_http_rtauth_scim_job_of(tasks);
        tasks->again = !job->ended;
    }

    return err;
}


/*
 * Runs the jobs that have not ended.  Those that edit come first, and what they
 * have edited is written before others read.
 *
 * The edits of one round are all made from what was there before the round, so
 * no two of them may be of the same user or group, or take the same name.  Only
 * when a job has run is it known what it edits.  One whose edit meets an edit
 * of this round waits for a later round, and is run again there; so does one
 * that has nothing to change, for it may have once that edit is made.
 *
 * A refusal does not wait.  It is made from what is on disk, so that no crash
 * takes back what it speaks of; and the edits of this round are not answered
 * yet, so that it counts as given before them.
 *
 * A job that reads is not run for a request that is gone.
 *
 * Jobs also wait when those of this round have taken much memory, and, for
 * another pass, when those of this one have taken much time.
 *
 * out:  *more, 1: another round of this pass has something to do
 * ret:  bytes of the lines that are to be written
 */

static size_t
ngx_http_rtauth_scim_pass_round(ngx_http_rtauth_scim_store_t *store,
    ngx_rt_task_t *tasks, ngx_http_rtauth_scim_pass_t *pass, ngx_uint_t *more)
{
    size_t                       size;
    ngx_uint_t                   n;
    ngx_rt_task_t               *task;
    rt_scim_room_t               room;
    ngx_http_rtauth_scim_job_t  *job;

    n = 0;
    size = 0;
    ngx_memzero(&room, sizeof(rt_scim_room_t));

    for (task = tasks; task; task = task->next) {
        job = ngx_http_rtauth_scim_job_of(task);

        if (job->reads && (job->gone || store->closed) && !job->ended) {
            job->fault = NGX_HTTP_RTAUTH_SCIM_AWAY;
            job->ended = 1;
        }

        if (job->ended
            || (pass->ran[job->reads]
                && ngx_http_rtauth_scim_tick() > pass->until))
        {
            continue;
        }

        if (size > (job->reads ? 0 : NGX_HTTP_RTAUTH_SCIM_WRITE)
            || (n && ngx_http_rtauth_scim_pass_held(tasks)
                     > NGX_HTTP_RTAUTH_SCIM_HOLD)
            || ngx_http_rtauth_scim_pass_meets(tasks, job))
        {
            *more = 1;
            continue;
        }

        ngx_http_rtauth_scim_pass_run(store, job, room.edits);
        pass->ran[job->reads]++;
        n++;

        job->waits = ngx_http_rtauth_scim_pass_meets(tasks, job);

        if (job->waits) {
            *more = 1;
            continue;
        }

        ngx_http_rtauth_scim_pass_line(store, job, &room);
        size += job->joins ? job->line.len : 0;
    }

    return size;
}


static size_t
ngx_http_rtauth_scim_pass_held(ngx_rt_task_t *tasks)
{
    size_t                       held;
    ngx_http_rtauth_scim_job_t  *job;

    for (held = 0; tasks; tasks = tasks->next) {
        job = ngx_http_rtauth_scim_job_of(tasks);
        held += job->trimmed ? 0 : job->arena.size;
    }

    return held;
}


/* Frees the memory of jobs that have ended, all but their answers. */

static void
ngx_http_rtauth_scim_pass_trim(ngx_rt_task_t *tasks)
{
    ngx_http_rtauth_scim_job_t    *job;
    ngx_http_rtauth_scim_arena_t   kept;

    for ( /* void */ ; tasks; tasks = tasks->next) {
        job = ngx_http_rtauth_scim_job_of(tasks);

        if (!job->ended || job->trimmed) {
            continue;
        }

        job->trimmed = 1;

        if (job->fault != NGX_HTTP_RTAUTH_SCIM_SAVED) {
            ngx_http_rtauth_scim_arena_empty(&job->arena);
            continue;
        }

        ngx_http_rtauth_scim_arena_init(&kept);

        if (job->keep == NULL || job->keep(job->data, &kept.mem) != RT_OK) {
            ngx_http_rtauth_scim_arena_empty(&kept);
            continue;
        }

        ngx_http_rtauth_scim_arena_empty(&job->arena);
        job->arena.pieces = kept.pieces;
        job->arena.size = kept.size;
    }
}


static void
ngx_http_rtauth_scim_pass_run(ngx_http_rtauth_scim_store_t *store,
    ngx_http_rtauth_scim_job_t *job, ngx_uint_t before)
{
    ngx_http_rtauth_scim_turn_t  *turn = &job->turn;

    ngx_http_rtauth_scim_arena_empty(&job->arena);
    ngx_memzero(turn, sizeof(ngx_http_rtauth_scim_turn_t));

    turn->db = store->shared->db;
    turn->mem = &job->arena.mem;
    turn->now = ngx_http_rtauth_scim_now();
    turn->version = rt_scim_db_version(turn->db) + 1 + before;

    job->fault = NGX_HTTP_RTAUTH_SCIM_AWAY;

    if (rt_seal_random(&turn->fresh, RT_SCIM_ID) == RT_OK) {

        /* a UUID of version 4 (RFC 9562, 5.4) */

        turn->fresh.data[6] = (turn->fresh.data[6] & 0x0f) | 0x40;
        turn->fresh.data[8] = (turn->fresh.data[8] & 0x3f) | 0x80;

        job->fault = NGX_HTTP_RTAUTH_SCIM_SAVED;
        job->run(job->data, turn);
    }

    turn->edit.item.version = turn->version;
}


/*
 * 1: an edit before this one, in this round or waiting for the next, is of the
 * same user or group, or takes the same name.
 */

static ngx_uint_t
ngx_http_rtauth_scim_pass_meets(ngx_rt_task_t *tasks,
    ngx_http_rtauth_scim_job_t *job)
{
    rt_scim_item_t              *a, *b;
    ngx_http_rtauth_scim_job_t  *other;

    a = &job->turn.edit.item;

    for ( /* void */ ; tasks != &job->task; tasks = tasks->next) {
        other = ngx_http_rtauth_scim_job_of(tasks);
        b = &other->turn.edit.item;

        if ((other->joins || other->waits) && a->kind == b->kind
            && (ngx_memcmp(&a->id, &b->id, RT_SCIM_ID) == 0
                || (a->kind == RT_SCIM_USER && a->key[RT_SCIM_NAME].len
                    && rt_str_eq(&a->key[RT_SCIM_NAME],
                                 &b->key[RT_SCIM_NAME]))))
        {
            return 1;
        }
    }

    return 0;
}


/* Makes the line of a job's edit, if it has one, which joins the next write. */

static void
ngx_http_rtauth_scim_pass_line(ngx_http_rtauth_scim_store_t *store,
    ngx_http_rtauth_scim_job_t *job, rt_scim_room_t *room)
{
    rt_str_t           text;
    rt_scim_record_t   record;

    job->ended = 1;

    if (job->turn.edit.op == RT_SCIM_NOTHING) {
        return;
    }

    ngx_memzero(&record, sizeof(rt_scim_record_t));
    record.is = RT_SCIM_RECORD_EDIT;
    record.edit = job->turn.edit;

    text.len = rt_scim_record_size(&record);

    if (text.len > RT_JOURNAL_MAX) {
        job->fault = NGX_HTTP_RTAUTH_SCIM_BIG;
        return;
    }

    text.data = rt_alloc(&job->arena.mem, text.len);
    job->line.data = rt_alloc(&job->arena.mem, text.len + RT_JOURNAL_MORE);

    if (text.data == NULL || job->line.data == NULL) {
        job->fault = NGX_HTTP_RTAUTH_SCIM_AWAY;
        return;
    }

    text.len = rt_scim_record_write(&record, text.data);
    job->line.len = text.len + RT_JOURNAL_MORE;

    if (rt_journal_line(job->line.data, &text) != RT_OK) {
        job->fault = NGX_HTTP_RTAUTH_SCIM_AWAY;
        return;
    }

    if (rt_scim_db_make_room(store->shared->db, &store->journal.lock,
                             ngx_http_rtauth_scim_past(store->shared),
                             &record.edit, room)
        != RT_OK)
    {
        job->fault = NGX_HTTP_RTAUTH_SCIM_FULL;
        return;
    }

    job->joins = 1;
}


/* ret: 0; or errno, and none of these edits is made */

static int
ngx_http_rtauth_scim_pass_write(ngx_http_rtauth_scim_store_t *store,
    ngx_rt_task_t *tasks, size_t size)
{
    int                          err;
    rt_str_t                     lines;
    ngx_http_rtauth_scim_job_t  *job;
    ngx_rt_task_t               *task;

    lines.len = 0;
    lines.data = malloc(size);

    for (task = tasks; task && lines.data; task = task->next) {
        job = ngx_http_rtauth_scim_job_of(task);

        if (job->joins) {
            ngx_memcpy(lines.data + lines.len, job->line.data, job->line.len);
            lines.len += job->line.len;
        }
    }

    err = lines.data ? ngx_http_rtauth_scim_journal_append(&store->journal,
                                                           &lines)
                     : ENOMEM;
    free(lines.data);

    for (task = tasks; task; task = task->next) {
        job = ngx_http_rtauth_scim_job_of(task);

        if (job->joins && err == 0) {
            rt_scim_db_edit(store->shared->db, &store->journal.lock,
                            &job->turn.edit);

        } else if (job->joins) {
            job->fault = ngx_http_rtauth_scim_pass_fault(err);
        }

        job->joins = 0;
    }

    if (err == 0) {
        ngx_http_rtauth_scim_journal_done(&store->journal);
    }

    return err;
}

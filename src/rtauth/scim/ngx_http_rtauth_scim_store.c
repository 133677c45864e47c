
#include "scim/ngx_http_rtauth_scim_store.h"
#include "scim/ngx_http_rtauth_scim_journal.h"
#include "ngx_rt_journal_place.h"
#include "ngx_rt_thread.h"
#include "oidc/rt_seal.h"
#include "scim/rt_scim_out.h"
#include "text/rt_journal.h"


#define NGX_HTTP_RTAUTH_SCIM_LOOK   200         /* ms between two looks at what
                                                   another nginx appended */
#define NGX_HTTP_RTAUTH_SCIM_BATCH  64          /* jobs that the thread takes
                                                   at once */
#define NGX_HTTP_RTAUTH_SCIM_ROUND  200         /* ms: then a pass lets go of
                                                   the journal's lock */
#define NGX_HTTP_RTAUTH_SCIM_READS  64          /* jobs of a worker that read:
                                                   then it is busy */
#define NGX_HTTP_RTAUTH_SCIM_HOLD   (32 * 1024 * 1024)  /* bytes of the jobs'
                                                           memory: then a round
                                                           runs no other job */
#define NGX_HTTP_RTAUTH_SCIM_WRITE  (4 * 1024 * 1024)   /* bytes of lines: then
                                                           no edit joins them */


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


/* What a pass has done.  One job of each kind is run, however long it takes. */

typedef struct {
    uint64_t                        until;
    ngx_uint_t                      ran[2];     /* edits; reads */
} ngx_http_rtauth_scim_pass_t;


struct ngx_http_rtauth_scim_store_s {
    ngx_http_rtauth_scim_store_conf_t  *conf;
    ngx_http_rtauth_scim_shared_t      *shared;
    ngx_rt_thread_t                    *thread;
    ngx_http_rtauth_scim_journal_t      journal;    /* the thread's */
    ngx_atomic_t                        err;        /* of its last try */
    ngx_uint_t                          reads;      /* jobs that read, and are
                                                       not done */
    int                                 told;       /* the last err logged */
    ngx_atomic_t                        closed;     /* 1: requests are gone */
};


static ngx_int_t ngx_http_rtauth_scim_store_init(ngx_shm_zone_t *zone,
    void *data);
static ngx_int_t ngx_http_rtauth_scim_store_make(ngx_shm_zone_t *zone);
static void ngx_http_rtauth_scim_store_keep(
    ngx_http_rtauth_scim_shared_t *shared,
    ngx_http_rtauth_scim_store_conf_t *conf);
static ngx_int_t ngx_http_rtauth_scim_store_read(ngx_shm_zone_t *zone);
static void ngx_http_rtauth_scim_store_warn(ngx_shm_zone_t *zone,
    ngx_uint_t out);
static ngx_uint_t ngx_http_rtauth_scim_store_out(const rt_scim_db_t *db,
    ngx_http_rtauth_scim_store_conf_t *conf);
static void ngx_http_rtauth_scim_store_done(void *data, ngx_rt_task_t *tasks);
static void ngx_http_rtauth_scim_store_say(
    ngx_http_rtauth_scim_store_t *store);
static ngx_uint_t ngx_http_rtauth_scim_store_pass(void *data,
    ngx_rt_task_t *tasks);
static void ngx_http_rtauth_scim_store_refuse(ngx_rt_task_t *tasks, int err);
static ngx_http_rtauth_scim_fault_e ngx_http_rtauth_scim_store_fault(int err);
static int ngx_http_rtauth_scim_store_jobs(
    ngx_http_rtauth_scim_store_t *store, ngx_rt_task_t *tasks);
static size_t ngx_http_rtauth_scim_store_round(
    ngx_http_rtauth_scim_store_t *store, ngx_rt_task_t *tasks,
    ngx_http_rtauth_scim_pass_t *pass, ngx_uint_t *more);
static size_t ngx_http_rtauth_scim_store_held(ngx_rt_task_t *tasks);
static void ngx_http_rtauth_scim_store_trim(ngx_rt_task_t *tasks);
static void ngx_http_rtauth_scim_store_run(
    ngx_http_rtauth_scim_store_t *store, ngx_http_rtauth_scim_job_t *job,
    ngx_uint_t before);
static ngx_uint_t ngx_http_rtauth_scim_store_meets(ngx_rt_task_t *tasks,
    ngx_http_rtauth_scim_job_t *job);
static void ngx_http_rtauth_scim_store_line(
    ngx_http_rtauth_scim_store_t *store, ngx_http_rtauth_scim_job_t *job,
    rt_scim_room_t *room);
static int ngx_http_rtauth_scim_store_write(
    ngx_http_rtauth_scim_store_t *store, ngx_rt_task_t *tasks, size_t size);
static ngx_int_t ngx_http_rtauth_scim_store_find(const rt_scim_db_t *db,
    rt_scim_index_e key, const rt_str_t *value, time_t issued,
    ngx_pool_t *pool, ngx_http_rtauth_scim_user_t *user);
static ngx_int_t ngx_http_rtauth_scim_store_groups(const rt_scim_db_t *db,
    rt_scim_node_t node, rt_mem_t *mem, ngx_http_rtauth_scim_user_t *user);


/* the job that a task of the thread is */

#define ngx_http_rtauth_scim_job_of(t)                                        \
    ngx_queue_data(t, ngx_http_rtauth_scim_job_t, task)


#define ngx_http_rtauth_scim_store_db(zone)                                   \
    (((ngx_http_rtauth_scim_shared_t *)                                       \
      ((ngx_slab_pool_t *) (zone)->shm.addr)->data)->db)


#define ngx_http_rtauth_scim_mutex(conf)                                      \
    (&((ngx_slab_pool_t *) (conf)->zone->shm.addr)->mutex)


/* -- the configuration */

ngx_int_t
ngx_http_rtauth_scim_store_zone(ngx_conf_t *cf,
    ngx_http_rtauth_scim_store_conf_t *conf)
{
    u_char     *p;
    ngx_str_t   name;

    /* the name of the zone has the path: another file gets another zone */

    p = ngx_pnalloc(cf->pool, sizeof("rtauth_scim ") - 1 + conf->path.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    name.data = p;
    name.len = ngx_sprintf(p, "rtauth_scim %V", &conf->path) - p;

    conf->cycle = cf->cycle;
    conf->zone = ngx_shared_memory_add(cf, &name, conf->size,
                                       &ngx_http_rtauth_module);
    if (conf->zone == NULL) {
        return NGX_ERROR;
    }

    conf->zone->init = ngx_http_rtauth_scim_store_init;
    conf->zone->data = conf;

    return NGX_OK;
}


/*
 * A zone of the same size and file is used again after a reload.  Its workers
 * read what is new, so that the master need not wait for the journal.
 */

static ngx_int_t
ngx_http_rtauth_scim_store_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_http_rtauth_scim_store_conf_t *conf = zone->data;

    char          *fault;
    ngx_err_t      err;
    ngx_uint_t     ready;
    rt_scim_db_t  *db;

    fault = ngx_rt_journal_place(&conf->path, conf->cycle, &err);

    if (fault) {
        ngx_rt_conf_late(NGX_LOG_EMERG, zone->shm.log, err, &conf->where,
                         "\"%V\" %s", &conf->path, fault);
        return NGX_ERROR;
    }

    if (((ngx_slab_pool_t *) zone->shm.addr)->data == NULL
        && ngx_http_rtauth_scim_store_make(zone) != NGX_OK)
    {
        return NGX_ERROR;
    }

    db = ngx_http_rtauth_scim_store_db(zone);

    ngx_shmtx_lock(ngx_http_rtauth_scim_mutex(conf));
    ready = rt_scim_db_ready(db);
    ngx_shmtx_unlock(ngx_http_rtauth_scim_mutex(conf));

    return ready ? NGX_OK : ngx_http_rtauth_scim_store_read(zone);
}


/* Takes all pages of the zone as one piece. */

static ngx_int_t
ngx_http_rtauth_scim_store_make(ngx_shm_zone_t *zone)
{
    u_char                         *p;
    size_t                          size, head;
    uint64_t                        seed;
    ngx_slab_pool_t                *shpool;
    ngx_http_rtauth_scim_shared_t  *shared;

    shpool = (ngx_slab_pool_t *) zone->shm.addr;
    shpool->log_nomem = 0;

    size = shpool->pfree * ngx_pagesize;
    head = ngx_align(sizeof(ngx_http_rtauth_scim_shared_t), 64);

    p = ngx_slab_alloc(shpool, size);

    if (p == NULL || rt_seal_random(&seed, sizeof(seed)) != RT_OK) {
        return NGX_ERROR;
    }

    shared = (ngx_http_rtauth_scim_shared_t *) p;
    ngx_memzero(shared, sizeof(ngx_http_rtauth_scim_shared_t));

    shared->db = rt_scim_db_init(p + head, size - head,
                                 size / NGX_HTTP_RTAUTH_SCIM_USER,
                                 size / NGX_HTTP_RTAUTH_SCIM_GROUP, seed);
    if (shared->db == NULL) {
        return NGX_ERROR;
    }

    shared->ahead = ngx_http_rtauth_scim_now() - ngx_http_rtauth_scim_tick();

    ngx_http_rtauth_scim_store_keep(shared, zone->data);

    shpool->data = shared;

    return NGX_OK;
}


/*
 * Sets how long gone users are kept: the master in a zone that it makes, and
 * each worker that begins.  In a zone that is used again the master leaves it
 * alone, for the configuration may still be refused.
 */

static void
ngx_http_rtauth_scim_store_keep(ngx_http_rtauth_scim_shared_t *shared,
    ngx_http_rtauth_scim_store_conf_t *conf)
{
    rt_scim_db_keep(shared->db, (uint64_t) conf->keep * 1000);
}


/* Reads the journal before workers begin.  Without it nginx does not start. */

static ngx_int_t
ngx_http_rtauth_scim_store_read(ngx_shm_zone_t *zone)
{
    ngx_http_rtauth_scim_store_conf_t *conf = zone->data;

    int                              err;
    ngx_uint_t                       out;
    ngx_http_rtauth_scim_shared_t   *shared;
    ngx_http_rtauth_scim_journal_t   journal;

    shared = ((ngx_slab_pool_t *) zone->shm.addr)->data;

    ngx_http_rtauth_scim_journal_init(&journal, shared,
                                      ngx_http_rtauth_scim_mutex(conf),
                                      conf->path.data);
    journal.reads = 1;
    journal.file.looks = ngx_test_config;

    err = ngx_http_rtauth_scim_journal_enter(&journal, 1);
    out = err == 0 && conf->fleet && rt_scim_db_ready(shared->db)
          ? ngx_http_rtauth_scim_store_out(shared->db, conf) : 0;

    ngx_http_rtauth_scim_journal_leave(&journal);
    ngx_rt_journal_file_close(&journal.file);
    ngx_http_rtauth_scim_journal_say(&journal, zone->shm.log);

    if (err == EBADMSG && journal.bad == 0) {
        ngx_rt_conf_late(NGX_LOG_EMERG, zone->shm.log, 0, &conf->where,
                         "\"%V\" does not begin as a file of users does, or is "
                         "damaged there: put a copy in its place by \"mv\", or "
                         "write another path", &conf->path);
        return NGX_ERROR;
    }

    if (err == EBADMSG && !journal.whole) {
        ngx_rt_conf_late(NGX_LOG_EMERG, zone->shm.log, 0, &conf->where,
                         "\"%V\" is damaged at byte %uA, and has not all of "
                         "its users before that: put a copy in its place by "
                         "\"mv\", or, while nginx runs with it, move it away, "
                         "and it is written anew", &conf->path, journal.bad);
        return NGX_ERROR;
    }

    if (err == EBADMSG) {
        ngx_rt_conf_late(NGX_LOG_EMERG, zone->shm.log, 0, &conf->where,
                         "\"%V\" is damaged at byte %uA: put a copy in its "
                         "place by \"mv\", or, while nginx runs with it, move "
                         "it away, and it is written anew, or, while it does "
                         "not, cut it there by \"truncate -s %uA\" and let "
                         "the provider push everything again",
                         &conf->path, journal.bad, journal.bad);
        return NGX_ERROR;
    }

    if (err) {
        ngx_rt_conf_late(NGX_LOG_EMERG, zone->shm.log, err, &conf->where,
                         "\"%V\" cannot be read", &conf->path);
        return NGX_ERROR;
    }

    if (!rt_scim_db_ready(shared->db)) {
        ngx_rt_conf_late(NGX_LOG_EMERG, zone->shm.log, 0, &conf->where,
                         "the zone has no room for what \"%V\" has: make it "
                         "larger", &conf->path);
        return NGX_ERROR;
    }

    ngx_http_rtauth_scim_store_warn(zone, out);

    return NGX_OK;
}


/* Warns of a lack of room; in: out, the names that other hosts must be told. */

static void
ngx_http_rtauth_scim_store_warn(ngx_shm_zone_t *zone, ngx_uint_t out)
{
    ngx_http_rtauth_scim_store_conf_t  *conf;

    conf = zone->data;

    /* an older version may have taken the room that is kept for this */

    if (rt_scim_db_tight(ngx_http_rtauth_scim_store_db(zone))) {
        ngx_rt_conf_late(NGX_LOG_WARN, zone->shm.log, 0, &conf->where,
                         "the zone has room for what \"%V\" has, but not for "
                         "everybody in it to be disabled: make it larger",
                         &conf->path);
    }

    if (out > conf->tells) {
        ngx_rt_conf_late(NGX_LOG_WARN, zone->shm.log, 0, &conf->where,
                         "\"%V\" has %ui names of users who are kept out, and "
                         "other hosts can be told %ui of them: make "
                         "\"rtauth_zone\" larger, here and there",
                         &conf->path, out, conf->tells);
    }
}


/*
 * Counts the names that _fleet_users.c goes through.  When memory is out, the
 * count ends there.
 */

static ngx_uint_t
ngx_http_rtauth_scim_store_out(const rt_scim_db_t *db,
    ngx_http_rtauth_scim_store_conf_t *conf)
{
    uint32_t                       n;
    uint64_t                       now, keep;
    ngx_uint_t                     out;
    rt_status_e                    rc;
    rt_scim_out_t                  outs[64];
    rt_scim_walk_t                 walk;
    ngx_http_rtauth_scim_arena_t   arena;

    out = 0;
    now = ngx_http_rtauth_scim_now();
    keep = (uint64_t) conf->keep * 1000;

    ngx_memzero(&walk, sizeof(rt_scim_walk_t));
    ngx_http_rtauth_scim_arena_init(&arena);

    do {
        rc = rt_scim_out(&arena.mem, db, conf->link,
                         now > keep ? now - keep : 0, &walk, outs,
                         sizeof(outs) / sizeof(outs[0]), &n);
        out += n;

        ngx_http_rtauth_scim_arena_empty(&arena);

    } while (rc == RT_OK && !walk.over);

    return out;
}


/* -- the worker */

ngx_http_rtauth_scim_store_t *
ngx_http_rtauth_scim_store_open(ngx_http_rtauth_scim_store_conf_t *conf)
{
    ngx_rt_thread_owner_t          owner;
    ngx_http_rtauth_scim_store_t  *store;

    store = ngx_calloc(sizeof(ngx_http_rtauth_scim_store_t), ngx_cycle->log);
    if (store == NULL) {
        return NULL;
    }

    store->conf = conf;
    store->shared = ((ngx_slab_pool_t *) conf->zone->shm.addr)->data;

    ngx_http_rtauth_scim_store_keep(store->shared, conf);

    ngx_http_rtauth_scim_journal_init(&store->journal, store->shared,
                                      ngx_http_rtauth_scim_mutex(conf),
                                      conf->path.data);

    owner.pass = ngx_http_rtauth_scim_store_pass;
    owner.done = ngx_http_rtauth_scim_store_done;
    owner.data = store;
    owner.most = NGX_HTTP_RTAUTH_SCIM_BATCH;
    owner.look = NGX_HTTP_RTAUTH_SCIM_LOOK;

    store->thread = ngx_rt_thread_start(&owner, ngx_cycle->log);

    if (store->thread == NULL) {
        ngx_free(store);
        return NULL;
    }

    return store;
}


void
ngx_http_rtauth_scim_store_close(ngx_http_rtauth_scim_store_t *store)
{
    store->closed = 1;

    ngx_rt_thread_stop(store->thread);

    ngx_rt_journal_file_close(&store->journal.file);
    ngx_http_rtauth_scim_arena_empty(&store->journal.arena);
    ngx_free(store);
}


void *
ngx_http_rtauth_scim_job(ngx_http_rtauth_scim_store_t *store, size_t size,
    ngx_http_rtauth_scim_run_pt run, ngx_http_rtauth_scim_done_pt done,
    void *ctx)
{
    ngx_http_rtauth_scim_job_t  *job;

    job = calloc(1, sizeof(ngx_http_rtauth_scim_job_t) + size);
    if (job == NULL) {
        return NULL;
    }

    job->store = store;
    job->run = run;
    job->done = done;
    job->ctx = ctx;

    ngx_http_rtauth_scim_arena_init(&job->arena);

    return job->data;
}


void
ngx_http_rtauth_scim_keeps(void *data, ngx_http_rtauth_scim_keep_pt keep)
{
    ngx_http_rtauth_scim_job_t  *job;

    job = ngx_queue_data(data, ngx_http_rtauth_scim_job_t, data);

    job->keep = keep;
}


void
ngx_http_rtauth_scim_reads(void *data)
{
    ngx_http_rtauth_scim_job_t  *job;

    job = ngx_queue_data(data, ngx_http_rtauth_scim_job_t, data);

    job->reads = 1;
}


ngx_uint_t
ngx_http_rtauth_scim_busy(ngx_http_rtauth_scim_store_t *store)
{
    return store->reads >= NGX_HTTP_RTAUTH_SCIM_READS;
}


void
ngx_http_rtauth_scim_submit(void *data)
{
    ngx_http_rtauth_scim_job_t  *job;

    job = ngx_queue_data(data, ngx_http_rtauth_scim_job_t, data);

    job->store->reads += job->reads;

    ngx_rt_thread_add(job->store->thread, &job->task, job->reads);
}


void
ngx_http_rtauth_scim_cancel(void *data)
{
    ngx_http_rtauth_scim_job_t  *job;

    job = ngx_queue_data(data, ngx_http_rtauth_scim_job_t, data);

    job->ctx = NULL;
    job->gone = 1;
}


static void
ngx_http_rtauth_scim_store_done(void *data, ngx_rt_task_t *tasks)
{
    ngx_http_rtauth_scim_store_t *store = data;

    ngx_rt_task_t               *next;
    ngx_http_rtauth_scim_job_t  *job;

    ngx_http_rtauth_scim_store_say(store);

    for ( /* void */ ; tasks; tasks = next) {
        next = tasks->next;
        job = ngx_http_rtauth_scim_job_of(tasks);

        store->reads -= job->reads;

        job->done(job->data, job->fault, store->closed ? NULL : job->ctx);

        ngx_http_rtauth_scim_arena_empty(&job->arena);
        free(job);
    }
}


static void
ngx_http_rtauth_scim_store_say(ngx_http_rtauth_scim_store_t *store)
{
    int         err;
    ngx_str_t  *path;
    ngx_log_t  *log;

    log = ngx_cycle->log;
    path = &store->conf->path;
    err = (int) store->err;

    ngx_rt_journal_file_say(&store->journal.file, log);
    ngx_http_rtauth_scim_journal_say(&store->journal, log);

    if (err == store->told) {
        return;
    }

    store->told = err;

    switch (err) {

    case 0:
        ngx_log_error(NGX_LOG_NOTICE, log, 0, "\"%V\" can be written to again",
                      path);
        break;

    case EBADMSG:
        ngx_log_error(NGX_LOG_CRIT, log, 0, "\"%V\" is damaged at byte %uA: "
                      "none of its provider's users is let in until it is "
                      "mended%s", path, store->journal.bad,
                      store->shared->hidden
                      ? ", or moved away, and written anew with all of them"
                      : "");
        break;

    case ENOBUFS:
        ngx_log_error(NGX_LOG_CRIT, log, 0, "\"rtauth_scim_zone\" has no room "
                      "for what \"%V\" has: make it larger", path);
        break;

    default:
        ngx_log_error(NGX_LOG_CRIT, log, err, "\"%V\" cannot be written to",
                      path);
    }
}


/* -- the thread */

/* The thread's turn.  A zone that lacks something takes no jobs. */

static ngx_uint_t
ngx_http_rtauth_scim_store_pass(void *data, ngx_rt_task_t *tasks)
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
              ? ngx_http_rtauth_scim_store_jobs(store, tasks) : ENOBUFS;

        ngx_http_rtauth_scim_journal_leave(&store->journal);
    }

    ngx_http_rtauth_scim_store_refuse(tasks, err);

    tell = (err != (int) store->err || store->journal.lost);
    store->err = err;

    return tell;
}


/* Refuses the jobs that have not been run. */

static void
ngx_http_rtauth_scim_store_refuse(ngx_rt_task_t *tasks, int err)
{
    ngx_http_rtauth_scim_job_t  *job;

    for ( /* void */ ; tasks; tasks = tasks->next) {
        job = ngx_http_rtauth_scim_job_of(tasks);

        if (!job->ended && !tasks->again) {
            job->fault = ngx_http_rtauth_scim_store_fault(err);
        }
    }
}


static ngx_http_rtauth_scim_fault_e
ngx_http_rtauth_scim_store_fault(int err)
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
ngx_http_rtauth_scim_store_jobs(ngx_http_rtauth_scim_store_t *store,
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
        size = ngx_http_rtauth_scim_store_round(store, tasks, &pass, &more);

        if (size) {
            rc = ngx_http_rtauth_scim_store_write(store, tasks, size);
            err = rc ? rc : err;
        }

        ngx_http_rtauth_scim_store_trim(tasks);

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
 * A job that reads is not run for a request that is gone.
 *
 * Jobs also wait when those of this round have taken much memory, and, for
 * another pass, when those of this one have taken much time.
 *
 * out:  *more, 1: another round of this pass has something to do
 * ret:  bytes of the lines that are to be written
 */

static size_t
ngx_http_rtauth_scim_store_round(ngx_http_rtauth_scim_store_t *store,
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
            || (n && ngx_http_rtauth_scim_store_held(tasks)
                     > NGX_HTTP_RTAUTH_SCIM_HOLD)
            || ngx_http_rtauth_scim_store_meets(tasks, job))
        {
            *more = 1;
            continue;
        }

        ngx_http_rtauth_scim_store_run(store, job, room.edits);
        pass->ran[job->reads]++;
        n++;

        job->waits = ngx_http_rtauth_scim_store_meets(tasks, job);

        if (job->waits) {
            *more = 1;
            continue;
        }

        ngx_http_rtauth_scim_store_line(store, job, &room);
        size += job->joins ? job->line.len : 0;
    }

    return size;
}


static size_t
ngx_http_rtauth_scim_store_held(ngx_rt_task_t *tasks)
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
ngx_http_rtauth_scim_store_trim(ngx_rt_task_t *tasks)
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
ngx_http_rtauth_scim_store_run(ngx_http_rtauth_scim_store_t *store,
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
ngx_http_rtauth_scim_store_meets(ngx_rt_task_t *tasks,
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
ngx_http_rtauth_scim_store_line(ngx_http_rtauth_scim_store_t *store,
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
ngx_http_rtauth_scim_store_write(ngx_http_rtauth_scim_store_t *store,
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
            job->fault = ngx_http_rtauth_scim_store_fault(err);
        }

        job->joins = 0;
    }

    if (err == 0) {
        ngx_http_rtauth_scim_journal_done(&store->journal);
    }

    return err;
}


/* -- in the worker's loop */

ngx_int_t
ngx_http_rtauth_scim_user(ngx_http_rtauth_scim_store_t *store,
    rt_scim_index_e key, ngx_str_t *value, time_t issued, ngx_pool_t *pool,
    ngx_http_rtauth_scim_user_t *user)
{
    ngx_int_t      rc;
    ngx_shmtx_t   *mutex;
    rt_scim_db_t  *db;

    ngx_memzero(user, sizeof(ngx_http_rtauth_scim_user_t));

    db = store->shared->db;
    mutex = ngx_http_rtauth_scim_mutex(store->conf);

    ngx_shmtx_lock(mutex);

    user->generation = rt_scim_db_generation(db);

    rc = ngx_http_rtauth_scim_store_find(db, key, ngx_rt_str(value), issued,
                                         pool, user);

    ngx_shmtx_unlock(mutex);

    return rc;
}


static ngx_int_t
ngx_http_rtauth_scim_store_find(const rt_scim_db_t *db, rt_scim_index_e key,
    const rt_str_t *value, time_t issued, ngx_pool_t *pool,
    ngx_http_rtauth_scim_user_t *user)
{
    rt_mem_t        mem;
    rt_scim_node_t  node;

    user->is = rt_scim_db_who(db, key, value,
                              issued > 0 ? (uint64_t) issued * 1000 : 0, &node);

    if (user->is != RT_SCIM_IS_ACTIVE) {
        return NGX_OK;
    }

    mem = ngx_rt_str_mem(pool);

    return rt_scim_db_item(db, node, &mem, &user->item) == RT_OK
           ? ngx_http_rtauth_scim_store_groups(db, node, &mem, user)
           : NGX_ERROR;
}


static ngx_int_t
ngx_http_rtauth_scim_store_groups(const rt_scim_db_t *db, rt_scim_node_t node,
    rt_mem_t *mem, ngx_http_rtauth_scim_user_t *user)
{
    rt_scim_item_t    item;
    rt_scim_node_t    group;
    rt_scim_cursor_t  cursor = { 0, 0 };

    user->groups = rt_alloc(mem, (user->item.links + 1) * sizeof(rt_str_t));
    if (user->groups == NULL) {
        return NGX_ERROR;
    }

    while ((group = rt_scim_db_link(db, node, &cursor)) != 0) {

        if (rt_scim_db_keys(db, group, mem, &item) != RT_OK) {
            return NGX_ERROR;
        }

        user->groups[user->ngroups++] = item.key[RT_SCIM_NAME];
    }

    return NGX_OK;
}


uint64_t
ngx_http_rtauth_scim_generation(ngx_http_rtauth_scim_store_t *store)
{
    return rt_scim_db_generation(store->shared->db);
}


void
ngx_http_rtauth_scim_stats(ngx_http_rtauth_scim_store_t *store,
    ngx_http_rtauth_scim_stats_t *stats)
{
    ngx_shmtx_t  *mutex;

    mutex = ngx_http_rtauth_scim_mutex(store->conf);

    ngx_shmtx_lock(mutex);

    rt_scim_db_stats(store->shared->db, &stats->db);
    stats->ready = rt_scim_db_ready(store->shared->db);

    ngx_shmtx_unlock(mutex);

    stats->journal = store->shared->end;
    stats->err = (ngx_err_t) store->err;
    stats->damaged = (stats->err == EBADMSG);
}

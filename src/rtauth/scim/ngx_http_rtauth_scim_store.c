
#include "scim/ngx_http_rtauth_scim_store.h"
#include "scim/ngx_http_rtauth_scim_pass.h"


#define NGX_HTTP_RTAUTH_SCIM_LOOK   200     /* ms between two looks at what
                                               another nginx appended */
#define NGX_HTTP_RTAUTH_SCIM_BATCH  64      /* jobs that the thread takes at
                                               once */
#define NGX_HTTP_RTAUTH_SCIM_READS  64      /* jobs of a worker that read: then
                                               it is busy */


static void ngx_http_rtauth_scim_store_done(void *data, ngx_rt_task_t *tasks);
static void ngx_http_rtauth_scim_store_say(
    ngx_http_rtauth_scim_store_t *store);
static ngx_int_t ngx_http_rtauth_scim_store_find(const rt_scim_db_t *db,
    rt_scim_index_e key, const rt_str_t *value, time_t issued,
    ngx_pool_t *pool, ngx_http_rtauth_scim_user_t *user);
static ngx_int_t ngx_http_rtauth_scim_store_groups(const rt_scim_db_t *db,
    rt_scim_node_t node, rt_mem_t *mem, ngx_http_rtauth_scim_user_t *user);


ngx_http_rtauth_scim_store_t *
ngx_http_rtauth_scim_store_open(ngx_http_rtauth_scim_zone_conf_t *conf)
{
    ngx_rt_thread_owner_t          owner;
    ngx_http_rtauth_scim_store_t  *store;

    store = ngx_calloc(sizeof(ngx_http_rtauth_scim_store_t), ngx_cycle->log);
    if (store == NULL) {
        return NULL;
    }

    store->conf = conf;
    store->shared = ngx_http_rtauth_scim_zone_shared(conf->zone);

    rt_scim_db_keep(store->shared->db, (uint64_t) conf->keep * 1000);

    ngx_http_rtauth_scim_journal_init(&store->journal, store->shared,
                                 ngx_http_rtauth_scim_zone_mutex(conf->zone),
                                 conf->path.data);

    owner.pass = ngx_http_rtauth_scim_pass;
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
    mutex = ngx_http_rtauth_scim_zone_mutex(store->conf->zone);

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

    mutex = ngx_http_rtauth_scim_zone_mutex(store->conf->zone);

    ngx_shmtx_lock(mutex);

    rt_scim_db_stats(store->shared->db, &stats->db);
    stats->ready = rt_scim_db_ready(store->shared->db);

    ngx_shmtx_unlock(mutex);

    stats->journal = store->shared->end;
    stats->err = (ngx_err_t) store->err;
    stats->damaged = (stats->err == EBADMSG);
}

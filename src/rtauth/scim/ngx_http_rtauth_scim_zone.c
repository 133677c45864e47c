
#include "scim/ngx_http_rtauth_scim_zone.h"
#include "ngx_rt_journal_place.h"
#include "oidc/rt_seal.h"
#include "scim/rt_scim_out.h"


#define NGX_HTTP_RTAUTH_SCIM_USER   512     /* there may be as many users and */
#define NGX_HTTP_RTAUTH_SCIM_GROUP  4096    /*   groups as the zone has these */


static ngx_int_t ngx_http_rtauth_scim_zone_init(ngx_shm_zone_t *zone,
    void *data);
static ngx_int_t ngx_http_rtauth_scim_zone_make(ngx_shm_zone_t *zone);
static ngx_int_t ngx_http_rtauth_scim_zone_read(ngx_shm_zone_t *zone);
static void ngx_http_rtauth_scim_zone_warn(ngx_shm_zone_t *zone,
    ngx_uint_t out);
static ngx_uint_t ngx_http_rtauth_scim_zone_out(const rt_scim_db_t *db,
    ngx_http_rtauth_scim_zone_conf_t *conf);


ngx_int_t
ngx_http_rtauth_scim_zone_add(ngx_conf_t *cf,
    ngx_http_rtauth_scim_zone_conf_t *conf)
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

    conf->zone->init = ngx_http_rtauth_scim_zone_init;
    conf->zone->data = conf;

    return NGX_OK;
}


/*
 * A zone of the same size and file is used again after a reload.  Its workers
 * read what is new, so that the master need not wait for the journal.
 */

static ngx_int_t
ngx_http_rtauth_scim_zone_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_http_rtauth_scim_zone_conf_t *conf = zone->data;

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
        && ngx_http_rtauth_scim_zone_make(zone) != NGX_OK)
    {
        return NGX_ERROR;
    }

    db = ngx_http_rtauth_scim_zone_shared(zone)->db;

    ngx_shmtx_lock(ngx_http_rtauth_scim_zone_mutex(zone));
    ready = rt_scim_db_ready(db);
    ngx_shmtx_unlock(ngx_http_rtauth_scim_zone_mutex(zone));

    return ready ? NGX_OK : ngx_http_rtauth_scim_zone_read(zone);
}


/* Takes all pages of the zone as one piece. */

static ngx_int_t
ngx_http_rtauth_scim_zone_make(ngx_shm_zone_t *zone)
{
    ngx_http_rtauth_scim_zone_conf_t *conf = zone->data;

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

    /* in a zone that is used again the workers set this, for its configuration
       may still be refused */

    rt_scim_db_keep(shared->db, (uint64_t) conf->keep * 1000);

    shpool->data = shared;

    return NGX_OK;
}


/* Reads the journal before workers begin.  Without it nginx does not start. */

static ngx_int_t
ngx_http_rtauth_scim_zone_read(ngx_shm_zone_t *zone)
{
    ngx_http_rtauth_scim_zone_conf_t *conf = zone->data;

    int                              err;
    ngx_uint_t                       out;
    ngx_http_rtauth_scim_shared_t   *shared;
    ngx_http_rtauth_scim_journal_t   journal;

    shared = ((ngx_slab_pool_t *) zone->shm.addr)->data;

    ngx_http_rtauth_scim_journal_init(&journal, shared,
                                      ngx_http_rtauth_scim_zone_mutex(zone),
                                      conf->path.data);
    journal.reads = 1;
    journal.file.looks = ngx_test_config;

    err = ngx_http_rtauth_scim_journal_enter(&journal, 1);
    out = err == 0 && conf->fleet && rt_scim_db_ready(shared->db)
          ? ngx_http_rtauth_scim_zone_out(shared->db, conf) : 0;

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

    ngx_http_rtauth_scim_zone_warn(zone, out);

    return NGX_OK;
}


/* Warns of a lack of room; in: out, the names that other hosts must be told. */

static void
ngx_http_rtauth_scim_zone_warn(ngx_shm_zone_t *zone, ngx_uint_t out)
{
    ngx_http_rtauth_scim_zone_conf_t  *conf;

    conf = zone->data;

    /* an older version may have taken the room that is kept for this */

    if (rt_scim_db_tight(ngx_http_rtauth_scim_zone_shared(zone)->db)) {
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
ngx_http_rtauth_scim_zone_out(const rt_scim_db_t *db,
    ngx_http_rtauth_scim_zone_conf_t *conf)
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

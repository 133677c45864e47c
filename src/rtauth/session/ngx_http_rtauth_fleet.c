
#include "session/ngx_http_rtauth_fleet.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "session/ngx_http_rtauth_fleet_users.h"

#include <openssl/evp.h>


#define NGX_HTTP_RTAUTH_FLEET_TICK   200        /* ms between two looks */
#define NGX_HTTP_RTAUTH_FLEET_LEASE  3000       /* ms that a worker may listen
                                                   without a sign of life */
#define NGX_HTTP_RTAUTH_FLEET_BLOCK  1000       /* ms that Redis waits for an
                                                   entry before it answers */
#define NGX_HTTP_RTAUTH_FLEET_AGAIN  10000      /* ms, until what had no room is
                                                   read again */
#define NGX_HTTP_RTAUTH_FLEET_READ   100        /* entries read at a time */
#define NGX_HTTP_RTAUTH_FLEET_TELL   64         /* entries written at a time */

#define NGX_HTTP_RTAUTH_FLEET_ENTRIES  "100000" /* of the stream, about */


/*
 * The data of an event must look like a connection up to its fd, the fourth
 * word: nginx's debug log prints that.
 */

struct ngx_http_rtauth_fleet_s {
    ngx_http_rtauth_redis_t      *redis;
    ngx_shm_zone_t               *zone;
    ngx_rt_redis_t               *client;   /* for requests, and to write */
    ngx_int_t                     ident;
    ngx_rt_redis_t               *stream;   /* to listen, or NULL */
    ngx_event_t                   tick;
    u_char                        key[NGX_HTTP_RTAUTH_DIGEST];
    ngx_str_t                     name;     /* of the stream */
    ngx_uint_t                    number;   /* in the zone */
    ngx_http_rtauth_fleet_users_t  users;
    ngx_uint_t                    missed;   /* entries that had no room */
    ngx_msec_t                    again;    /* when all is read again for
                                               them */
    size_t                        len;      /* of "last" */
    u_char                        last[RT_REVOCATION_ID];   /* entry heard of */
    unsigned                      reading:1;
    unsigned                      whole:1;  /* read to its end once */
    unsigned                      lost:1;   /* something could not be told */
    unsigned                      full:1;   /* the zone, and the log says so */
};


static ngx_http_rtauth_fleet_t *ngx_http_rtauth_fleet_get(
    ngx_http_rtauth_redis_t *redis, ngx_shm_zone_t *zone);
static ngx_int_t ngx_http_rtauth_fleet_make(ngx_http_rtauth_fleet_t *fleet,
    ngx_pool_t *pool);
static void ngx_http_rtauth_fleet_cleanup(void *data);
static ngx_http_rtauth_hearing_t *ngx_http_rtauth_fleet_hearing(
    ngx_http_rtauth_fleet_t *fleet);
static void ngx_http_rtauth_fleet_tick(ngx_event_t *ev);
static ngx_uint_t ngx_http_rtauth_fleet_claim(ngx_http_rtauth_fleet_t *fleet);
static void ngx_http_rtauth_fleet_release(ngx_http_rtauth_fleet_t *fleet);
static void ngx_http_rtauth_fleet_read(ngx_http_rtauth_fleet_t *fleet);
static void ngx_http_rtauth_fleet_answer(void *data, rt_str_t *answer);
static void ngx_http_rtauth_fleet_pushed(ngx_http_rtauth_fleet_t *fleet);
static ngx_int_t ngx_http_rtauth_fleet_take(ngx_http_rtauth_fleet_t *fleet,
    rt_str_t *answer);
static void ngx_http_rtauth_fleet_whole(ngx_http_rtauth_fleet_t *fleet);
static void ngx_http_rtauth_fleet_tell(ngx_http_rtauth_fleet_t *fleet);
static void ngx_http_rtauth_fleet_told(void *data, rt_str_t *answer);


ngx_int_t
ngx_http_rtauth_fleet_init(ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_uint_t                 i;
    ngx_http_rtauth_redis_t  **redis;

    redis = mcf->redis.elts;

    for (i = 0; mcf->zone && i < mcf->redis.nelts; i++) {
        if (ngx_http_rtauth_fleet_get(redis[i], mcf->zone) == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


void
ngx_http_rtauth_fleet_exit(ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_uint_t                 i;
    ngx_http_rtauth_redis_t  **redis;

    redis = mcf->redis.elts;

    for (i = 0; i < mcf->redis.nelts; i++) {
        ngx_http_rtauth_fleet_cleanup(redis[i]);
    }
}


ngx_rt_redis_t *
ngx_http_rtauth_fleet_redis(ngx_http_rtauth_sessions_t *sessions)
{
    ngx_http_rtauth_fleet_t  *fleet;

    fleet = ngx_http_rtauth_fleet_get(sessions->redis, sessions->zone);

    return fleet ? fleet->client : NULL;
}


ngx_int_t
ngx_http_rtauth_fleet_heard(ngx_http_rtauth_redis_t *redis,
    ngx_shm_zone_t *zone)
{
    ngx_int_t                   rc;
    ngx_uint_t                  late;
    ngx_http_rtauth_fleet_t    *fleet;
    ngx_http_rtauth_hearing_t  *h;

    fleet = ngx_http_rtauth_fleet_get(redis, zone);
    if (fleet == NULL) {
        return NGX_ERROR;
    }

    ngx_http_rtauth_lock(fleet->zone);

    h = ngx_http_rtauth_fleet_hearing(fleet);

    late = (ngx_msec_int_t) (ngx_current_msec - h->heard)
           > (ngx_msec_int_t) fleet->redis->stale * 1000;

    rc = late ? NGX_ERROR : h->whole ? NGX_OK : NGX_AGAIN;

    ngx_http_rtauth_unlock(fleet->zone);

    return rc;
}


ngx_uint_t
ngx_http_rtauth_fleet_missed(ngx_http_rtauth_redis_t *redis,
    ngx_shm_zone_t *zone)
{
    ngx_uint_t                missed;
    ngx_http_rtauth_fleet_t  *fleet;

    fleet = ngx_http_rtauth_fleet_get(redis, zone);
    if (fleet == NULL) {
        return 0;
    }

    ngx_http_rtauth_lock(zone);
    missed = ngx_http_rtauth_fleet_hearing(fleet)->missed;
    ngx_http_rtauth_unlock(zone);

    return missed;
}


/*
 * Made at the start of the worker.  Without a master process nginx tells
 * modules of no new cycle: then the first request makes it, and the end of the
 * old cycle's pool takes the old one away.
 */

static ngx_http_rtauth_fleet_t *
ngx_http_rtauth_fleet_get(ngx_http_rtauth_redis_t *redis, ngx_shm_zone_t *zone)
{
    ngx_pool_t               *pool;
    ngx_pool_cleanup_t       *cln;
    ngx_http_rtauth_fleet_t  *fleet;

    if (redis->fleet) {
        return redis->fleet;
    }

    pool = ngx_cycle->pool;

    fleet = ngx_pcalloc(pool, sizeof(ngx_http_rtauth_fleet_t));
    cln = ngx_pool_cleanup_add(pool, 0);

    if (fleet == NULL || cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_rtauth_fleet_cleanup;
    cln->data = redis;

    fleet->redis = redis;
    fleet->zone = zone;
    redis->fleet = fleet;

    if (ngx_http_rtauth_fleet_make(fleet, pool) != NGX_OK) {
        ngx_http_rtauth_fleet_cleanup(redis);
        return NULL;
    }

    return fleet;
}


static ngx_int_t
ngx_http_rtauth_fleet_make(ngx_http_rtauth_fleet_t *fleet, ngx_pool_t *pool)
{
    u_char                   *p;
    ngx_str_t                 text;
    ngx_http_rtauth_redis_t  *redis;

    redis = fleet->redis;

    fleet->name.data = ngx_pnalloc(pool, redis->prefix.len
                                         + sizeof("revoked"));
    text.data = ngx_pnalloc(pool, redis->prefix.len + redis->url.len + 1);

    if (fleet->name.data == NULL || text.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(fleet->name.data, "%Vrevoked", &redis->prefix);
    fleet->name.len = p - fleet->name.data;

    p = ngx_sprintf(text.data, "%V %V", &redis->url, &redis->prefix);
    text.len = p - text.data;

    if (EVP_Digest(text.data, text.len, fleet->key, NULL, EVP_sha256(), NULL)
        != 1)
    {
        return NGX_ERROR;
    }

    fleet->ident = -1;

    fleet->tick.data = fleet;
    fleet->tick.handler = ngx_http_rtauth_fleet_tick;
    fleet->tick.log = ngx_cycle->log;
    fleet->tick.cancelable = 1;

    fleet->client = ngx_rt_redis_create(&redis->conf, 1, ngx_cycle->log);
    fleet->stream = ngx_rt_redis_create(&redis->conf, 0, ngx_cycle->log);

    if (fleet->client == NULL || fleet->stream == NULL) {
        return NGX_ERROR;
    }

    ngx_add_timer(&fleet->tick, 0);

    return NGX_OK;
}


static void
ngx_http_rtauth_fleet_cleanup(void *data)
{
    ngx_http_rtauth_redis_t *redis = data;

    ngx_http_rtauth_fleet_t  *fleet;

    fleet = redis->fleet;

    if (fleet == NULL) {
        return;
    }

    redis->fleet = NULL;

    ngx_http_rtauth_fleet_release(fleet);

    if (fleet->tick.timer_set) {
        ngx_del_timer(&fleet->tick);
    }

    if (fleet->client) {
        ngx_rt_redis_destroy(fleet->client);
    }

    if (fleet->stream) {
        ngx_rt_redis_destroy(fleet->stream);
    }
}


/*
 * Called with the lock held.  There is room for as many Redis servers as a
 * configuration may have.  A new one takes the place of the one that was not
 * used for longest, which no configuration names any more.  What was told by
 * the number that a fleet had before counts no longer.
 */

static ngx_http_rtauth_hearing_t *
ngx_http_rtauth_fleet_hearing(ngx_http_rtauth_fleet_t *fleet)
{
    ngx_uint_t                  i;
    ngx_http_rtauth_hearing_t  *h, *all;

    all = ngx_http_rtauth_root(fleet->zone)->hearing;
    h = &all[fleet->number];

    if (ngx_memcmp(h->key, fleet->key, NGX_HTTP_RTAUTH_DIGEST) == 0) {
        return h;
    }

    h = all;

    for (i = 0; i < NGX_HTTP_RTAUTH_HEARINGS; i++) {

        if (ngx_memcmp(all[i].key, fleet->key, NGX_HTTP_RTAUTH_DIGEST) == 0) {
            fleet->number = i;
            fleet->lost = 1;
            return &all[i];
        }

        if (all[i].until == 0
            || (h->until && (ngx_msec_int_t) (all[i].until - h->until) < 0))
        {
            h = &all[i];
        }
    }

    ngx_memzero(h, sizeof(ngx_http_rtauth_hearing_t));
    ngx_memcpy(h->key, fleet->key, NGX_HTTP_RTAUTH_DIGEST);

    h->until = ngx_current_msec;
    h->heard = ngx_current_msec;        /* from now on it listens */
    fleet->number = h - all;
    fleet->lost = 1;

    return h;
}


static void
ngx_http_rtauth_fleet_tick(ngx_event_t *ev)
{
    ngx_http_rtauth_fleet_t  *fleet;

    fleet = ev->data;

    if (ngx_exiting || ngx_terminate || ngx_quit) {
        ngx_http_rtauth_fleet_release(fleet);
        return;
    }

    if (ngx_http_rtauth_fleet_claim(fleet)) {

        if (!fleet->reading) {
            ngx_http_rtauth_fleet_read(fleet);
        }

        ngx_http_rtauth_fleet_tell(fleet);

    } else {
        fleet->len = 0;
    }

    ngx_add_timer(ev, NGX_HTTP_RTAUTH_FLEET_TICK);
}


/*
 * Whether it is this worker who listens.  A worker that was killed is replaced
 * at once, and one that hangs when its lease is over.
 */

static ngx_uint_t
ngx_http_rtauth_fleet_claim(ngx_http_rtauth_fleet_t *fleet)
{
    ngx_uint_t                  mine;
    ngx_http_rtauth_hearing_t  *h;

    ngx_http_rtauth_lock(fleet->zone);

    h = ngx_http_rtauth_fleet_hearing(fleet);

    mine = h->owner == 0 || h->owner == ngx_pid
           || ngx_http_rtauth_due(h->until)
           || (kill(h->owner, 0) == -1 && ngx_errno == NGX_ESRCH);

    if (mine) {
        h->owner = ngx_pid;
        h->until = ngx_current_msec + NGX_HTTP_RTAUTH_FLEET_LEASE;
    }

    ngx_http_rtauth_unlock(fleet->zone);

    return mine;
}


static void
ngx_http_rtauth_fleet_release(ngx_http_rtauth_fleet_t *fleet)
{
    ngx_http_rtauth_hearing_t  *h;

    ngx_http_rtauth_lock(fleet->zone);

    h = ngx_http_rtauth_fleet_hearing(fleet);

    if (h->owner == ngx_pid) {
        h->owner = 0;
    }

    ngx_http_rtauth_unlock(fleet->zone);
}


/* Reads on, and waits for more only when all of the stream was read. */

static void
ngx_http_rtauth_fleet_read(ngx_http_rtauth_fleet_t *fleet)
{
    rt_str_t     words[8];
    ngx_uint_t   n, more;
    u_char       block[NGX_INT_T_LEN], count[NGX_INT_T_LEN];

    if (fleet->len == 0) {
        fleet->len = 1;
        fleet->last[0] = '0';
        fleet->whole = 0;
        fleet->lost = 0;
        fleet->missed = 0;
        fleet->users.done = 0;

        ngx_http_rtauth_revoked_untell(fleet->zone, fleet->number);
    }

    n = 0;
    more = fleet->whole ? ngx_min(fleet->redis->stale * 1000 / 4,
                                  NGX_HTTP_RTAUTH_FLEET_BLOCK)
                        : 0;

    words[n++] = (rt_str_t) rt_string("XREAD");
    words[n++] = (rt_str_t) rt_string("COUNT");
    words[n].data = count;
    words[n++].len = ngx_sprintf(count, "%d", NGX_HTTP_RTAUTH_FLEET_READ)
                     - count;

    if (more) {
        words[n++] = (rt_str_t) rt_string("BLOCK");
        words[n].data = block;
        words[n++].len = ngx_sprintf(block, "%ui", more) - block;
    }

    words[n++] = (rt_str_t) rt_string("STREAMS");
    words[n++] = *ngx_rt_str(&fleet->name);
    words[n].data = fleet->last;
    words[n++].len = fleet->len;

    fleet->reading = ngx_rt_redis_ask(fleet->stream, words, n, more,
                                      ngx_http_rtauth_fleet_answer, fleet)
                     != NULL;
}


/* After no answer, or one that was not taken in, the stream is read anew. */

static void
ngx_http_rtauth_fleet_answer(void *data, rt_str_t *answer)
{
    ngx_http_rtauth_fleet_t *fleet = data;

    fleet->reading = 0;

    if (answer == NULL || ngx_http_rtauth_fleet_take(fleet, answer) != NGX_OK) {
        fleet->len = 0;
        return;
    }

    if (fleet->whole) {
        ngx_http_rtauth_fleet_whole(fleet);
        ngx_http_rtauth_fleet_pushed(fleet);
    }

    if (fleet->lost
        || (fleet->whole && fleet->missed && ngx_http_rtauth_due(fleet->again)))
    {
        fleet->len = 0;
        return;
    }

    if (!ngx_exiting && ngx_http_rtauth_fleet_claim(fleet)) {
        ngx_http_rtauth_fleet_read(fleet);
    }
}


/*
 * Tells of users whom SCIM keeps out.  The stream was read before, so that
 * nobody is told twice whom the other hosts know of.
 */

static void
ngx_http_rtauth_fleet_pushed(ngx_http_rtauth_fleet_t *fleet)
{
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                              ngx_http_rtauth_module);

    if (mcf == NULL || mcf->scim == NULL || ngx_exiting
        || fleet->users.under_way)
    {
        return;
    }

    if (!fleet->users.done
        || (ngx_http_rtauth_due(fleet->users.again)
            && ngx_http_rtauth_revoked_untold(fleet->zone)))
    {
        ngx_http_rtauth_fleet_users(mcf, &fleet->users);
    }
}


static ngx_int_t
ngx_http_rtauth_fleet_take(ngx_http_rtauth_fleet_t *fleet, rt_str_t *answer)
{
    rt_str_t         id;
    unsigned         i, n;
    rt_status_e      rc;
    rt_revocation_t  rev;

    if (rt_revocation_entries(answer, &n) != RT_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        rc = rt_revocation_next(answer, &id, &rev);

        if (rc == RT_INVALID) {
            return NGX_ERROR;
        }

        if (rc == RT_OK
            && ngx_http_rtauth_revoked_hear(fleet->zone, fleet->number, &rev)
               == NGX_ERROR)
        {
            fleet->missed++;
        }

        ngx_memcpy(fleet->last, id.data, id.len);
        fleet->len = id.len;
    }

    if (n < NGX_HTTP_RTAUTH_FLEET_READ && !fleet->whole) {
        fleet->whole = 1;
        fleet->again = ngx_current_msec + NGX_HTTP_RTAUTH_FLEET_AGAIN;
    }

    return NGX_OK;
}


/*
 * The stream was read to its end.  An entry without room does not keep later
 * ones from being noted, but this host does not know all then: sessions are 503
 * until it does.  That is logged once, though it is tried again and again.
 */

static void
ngx_http_rtauth_fleet_whole(ngx_http_rtauth_fleet_t *fleet)
{
    ngx_http_rtauth_hearing_t  *h;

    ngx_http_rtauth_lock(fleet->zone);

    h = ngx_http_rtauth_fleet_hearing(fleet);
    h->missed = fleet->missed;

    if (fleet->missed == 0) {
        h->heard = ngx_current_msec;
        h->whole = 1;
    }

    ngx_http_rtauth_unlock(fleet->zone);

    if (fleet->missed && !fleet->full) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0,
                      "%V: what was revoked cannot be noted: \"rtauth_zone\" "
                      "is full, make it larger", &fleet->redis->conf.name);
    }

    fleet->full = (fleet->missed != 0);
}


static void
ngx_http_rtauth_fleet_tell(ngx_http_rtauth_fleet_t *fleet)
{
    rt_str_t         words[6 + RT_REVOCATION_WORDS];
    ngx_uint_t       i, n;
    rt_revocation_t  revs[NGX_HTTP_RTAUTH_FLEET_TELL];
    unsigned char    text[RT_REVOCATION_TEXT];

    if (!fleet->whole || fleet->lost) {
        return;
    }

    words[0] = (rt_str_t) rt_string("XADD");
    words[1] = *ngx_rt_str(&fleet->name);
    words[2] = (rt_str_t) rt_string("MAXLEN");
    words[3] = (rt_str_t) rt_string("~");
    words[4] = (rt_str_t) rt_string(NGX_HTTP_RTAUTH_FLEET_ENTRIES);
    words[5] = (rt_str_t) rt_string("*");

    n = ngx_http_rtauth_revoked_tell(fleet->zone, fleet->number, 0, revs,
                                     NGX_HTTP_RTAUTH_FLEET_TELL);

    for (i = 0; i < n; i++) {
        rt_revocation_words(&revs[i], text, &words[6]);

        if (ngx_rt_redis_ask(fleet->client, words, 6 + RT_REVOCATION_WORDS, 0,
                             ngx_http_rtauth_fleet_told, fleet)
            == NULL)
        {
            fleet->lost = 1;
        }
    }
}


static void
ngx_http_rtauth_fleet_told(void *data, rt_str_t *answer)
{
    ngx_http_rtauth_fleet_t *fleet = data;

    if (answer == NULL) {
        fleet->lost = 1;
    }
}

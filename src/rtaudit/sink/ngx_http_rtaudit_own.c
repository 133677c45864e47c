
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sink/ngx_http_rtaudit_books.h"
#include "sink/ngx_http_rtaudit_own.h"

#include "event/rt_event_encode.h"


#define NGX_HTTP_RTAUDIT_OWN_DROPS  10000   /* ms between two AUDIT_DROP */
#define NGX_HTTP_RTAUDIT_OWN_WAIT   1000    /* ms for the lock, at the end */


/* what an event is told of, and with */

typedef struct {
    ngx_http_rtaudit_main_conf_t  *mcf;
    ngx_http_rtaudit_out_t        *out;
    ngx_http_rtaudit_told_t       *told;
    ngx_log_t                     *log;
    rt_event_counts_t              counts;
    uint64_t                       dropped;     /* sum of counts */
    rt_str_t                       rtauth;      /* what rtauth says; or none */
    ngx_file_info_t                fi;
    unsigned                       file:1;      /* fi is of one */
} ngx_http_rtaudit_own_t;


static void ngx_http_rtaudit_own_sink(ngx_http_rtaudit_own_t *own,
    ngx_http_rtaudit_writer_t *writer, ngx_uint_t i);
static void ngx_http_rtaudit_own_due(ngx_http_rtaudit_own_t *own);
static ngx_int_t ngx_http_rtaudit_own_ended(ngx_http_rtaudit_own_t *own);
static ngx_int_t ngx_http_rtaudit_own_config(ngx_http_rtaudit_own_t *own);
static void ngx_http_rtaudit_own_gone(ngx_http_rtaudit_writer_t *writer,
    ngx_log_t *log);
static ngx_int_t ngx_http_rtaudit_own_event(ngx_http_rtaudit_own_t *own,
    const char *action, rt_event_config_t *config);


void
ngx_http_rtaudit_own_cycle(ngx_http_rtaudit_main_conf_t *mcf)
{
    uint64_t                    current;
    ngx_uint_t                  i;
    ngx_http_rtaudit_zone_t    *zone;
    ngx_http_rtaudit_sink_t   **sink;

    zone = mcf->sh;
    sink = mcf->sinks.elts;
    current = 0;

    for (i = 0; i < mcf->sinks.nelts; i++) {
        current |= (uint64_t) 1 << sink[i]->id;
    }

    mcf->number = ngx_http_rtaudit_zone_get(&zone->cycle) + 1;

    ngx_http_rtaudit_zone_set(&zone->current, current);
    ngx_http_rtaudit_zone_set(&zone->cycle, mcf->number);
}


void
ngx_http_rtaudit_own_tell(ngx_http_rtaudit_writer_t *writer,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_log_t *log)
{
    ngx_uint_t               i;
    ngx_http_rtaudit_own_t   own;

    if (ngx_exiting
        || mcf->number != ngx_http_rtaudit_zone_get(&writer->zone->cycle))
    {
        return;
    }

    ngx_http_rtaudit_zone_set(&writer->zone->came, mcf->number);

    if (ngx_http_rtaudit_books_room() != NGX_OK
        || ngx_http_rtaudit_trylock(&writer->zone->own_lock) == NGX_BUSY)
    {
        return;
    }

    own.mcf = mcf;
    own.log = log;

    for (i = 0; i < writer->nouts; i++) {
        ngx_http_rtaudit_own_sink(&own, writer, i);
        ngx_http_rtaudit_own_due(&own);
    }

    ngx_http_rtaudit_own_gone(writer, log);

    (void) pthread_mutex_unlock(&writer->zone->own_lock);
}


/* what is known of this sink: its books over all workers, and its file */

static void
ngx_http_rtaudit_own_sink(ngx_http_rtaudit_own_t *own,
    ngx_http_rtaudit_writer_t *writer, ngx_uint_t i)
{
    uint64_t                     n;
    ngx_uint_t                   k, slot;
    ngx_http_rtaudit_account_t  *account;

    own->out = &writer->out[i];
    own->told = &writer->zone->sink[own->out->id].own;
    own->dropped = 0;
    own->rtauth = (rt_str_t) rt_null_string;
    ngx_memzero(&own->counts, sizeof(rt_event_counts_t));

    for (slot = 0; slot <= writer->zone->nslots; slot++) {
        account = &writer->zone->slot[slot].account[own->out->id];

        own->counts.written += ngx_http_rtaudit_zone_get(&account->written);

        for (k = 0; k < RT_EVENT_DROPS; k++) {
            n = ngx_http_rtaudit_zone_get(&account->dropped[k]);
            own->counts.dropped[k] += n;
            own->dropped += n;
        }
    }

    own->file = own->out->kind->info
                && own->out->kind->info(own->out, &own->fi) == NGX_OK;
}


/* a step at a time: what cannot be told now is tried again */

static void
ngx_http_rtaudit_own_due(ngx_http_rtaudit_own_t *own)
{
    uint64_t                  now;
    ngx_http_rtaudit_told_t  *told;

    told = own->told;
    now = ngx_http_rtaudit_zone_now();

    if (!told->begun) {

        if (ngx_http_rtaudit_own_event(own, "AUDIT_START", NULL) != NGX_OK) {
            return;
        }

        told->begun = 1;
        told->dev = own->file ? own->fi.st_dev : 0;
        told->ino = own->file ? own->fi.st_ino : 0;
        told->ended = ngx_time();
    }

    if (own->file
        && (told->dev != (uint64_t) own->fi.st_dev
            || told->ino != (uint64_t) own->fi.st_ino))
    {
        if (ngx_http_rtaudit_own_event(own, "AUDIT_ROTATE", NULL) != NGX_OK) {
            return;
        }

        told->dev = own->fi.st_dev;
        told->ino = own->fi.st_ino;
    }

    if (told->cycle != own->mcf->number
        && ngx_http_rtaudit_own_config(own) != NGX_OK)
    {
        return;
    }

    if (ngx_http_rtaudit_own_ended(own) != NGX_OK) {
        return;
    }

    if (own->dropped > told->dropped
        && ngx_http_rtaudit_writer_healthy(own->out)
        && (told->when == 0 || now >= told->when + NGX_HTTP_RTAUDIT_OWN_DROPS)
        && ngx_http_rtaudit_own_event(own, "AUDIT_DROP", NULL) == NGX_OK)
    {
        told->dropped = own->dropped;
        told->when = now;
    }
}


/*
 * A round tells of all groups that ended since the last one.  When the ring has
 * no room for some, the same round goes on later, behind those that were told.
 */

static ngx_int_t
ngx_http_rtaudit_own_ended(ngx_http_rtaudit_own_t *own)
{
    time_t                    until;
    rt_str_t                  rest, when;
    ngx_int_t                 rc;
    ngx_str_t                 lines;
    ngx_uint_t                n;
    ngx_http_rtaudit_told_t  *told;

    n = 0;
    rc = NGX_OK;
    told = own->told;

    if (told->nended == 0) {
        told->round = ngx_time();
    }

    ngx_rt_var_get(NULL, &own->mcf->ends, &lines);
    rest = *ngx_rt_str(&lines);

    while (rest.len && rc == NGX_OK) {
        (void) rt_str_cut(&rest, '\n', &own->rtauth, &rest);
        (void) rt_str_cut(&own->rtauth, ' ', &when, &own->rtauth);

        until = ngx_atotm(when.data, when.len);

        if (until > told->ended && until <= told->round
            && n++ == told->nended)
        {
            rc = ngx_http_rtaudit_own_event(own, "GRANT_EXPIRED", NULL);
            told->nended += (rc == NGX_OK);
        }
    }

    own->rtauth = (rt_str_t) rt_null_string;

    if (rc == NGX_OK) {
        told->ended = told->round;
        told->nended = 0;
    }

    return rc;
}


static ngx_int_t
ngx_http_rtaudit_own_config(ngx_http_rtaudit_own_t *own)
{
    u_char                         hash[2 * SHA256_DIGEST_LENGTH];
    rt_event_config_t              config;
    ngx_http_rtaudit_told_t       *told;
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = own->mcf;
    told = own->told;

    (void) ngx_hex_dump(hash, mcf->hash, SHA256_DIGEST_LENGTH);

    config.hash.data = hash;
    config.hash.len = sizeof(hash);
    config.changed = told->cycle == 0 ? -1
                     : ngx_memcmp(told->hash, mcf->hash, sizeof(told->hash))
                       != 0;
    config.sinks = mcf->sinks.nelts;
    config.audited = mcf->audited;
    config.unaudited = mcf->unaudited;
    config.rules = mcf->rules;

    if (ngx_http_rtaudit_own_event(own, "AUDIT_CONFIG", &config) != NGX_OK) {
        return NGX_ERROR;
    }

    /* the groups may be others: the round begins anew */

    told->nended = 0;
    told->cycle = mcf->number;
    ngx_memcpy(told->hash, mcf->hash, sizeof(told->hash));

    return NGX_OK;
}


/* sinks that a reload took away, and whose last worker was killed */

static void
ngx_http_rtaudit_own_gone(ngx_http_rtaudit_writer_t *writer, ngx_log_t *log)
{
    ngx_str_t                   name;
    ngx_uint_t                  i;
    ngx_http_rtaudit_zone_t    *zone;
    ngx_http_rtaudit_shared_t  *sh;

    zone = writer->zone;

    for (i = 0; i < zone->nsinks; i++) {
        sh = &zone->sink[i];

        if (!sh->own.begun
            || (ngx_http_rtaudit_zone_get(&zone->current) >> i & 1)
            || ngx_http_rtaudit_zone_used(zone, i))
        {
            continue;
        }

        name.data = sh->name;
        name.len = sh->len;
        sh->own.begun = 0;

        ngx_log_error(NGX_LOG_NOTICE, log, 0,
                      "rtaudit: sink \"%V\" ended without AUDIT_STOP", &name);
    }
}


uint32_t
ngx_http_rtaudit_own_stop(ngx_http_rtaudit_writer_t *writer,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_log_t *log)
{
    uint32_t                  stopped;
    ngx_uint_t                i, busy;
    ngx_http_rtaudit_own_t    own;
    ngx_http_rtaudit_zone_t  *zone;

    busy = 0;
    stopped = 0;
    zone = writer->zone;

    /* whoever holds it may ask whether somebody has a sink: we do until then */

    if (ngx_http_rtaudit_lock(&zone->own_lock, NGX_HTTP_RTAUDIT_OWN_WAIT,
                              &busy)
        == NGX_BUSY)
    {
        return 0;
    }

    own.mcf = mcf;
    own.log = log;

    ngx_http_rtaudit_books_leave();

    for (i = 0; i < writer->nouts; i++) {
        ngx_http_rtaudit_own_sink(&own, writer, i);

        if (!own.told->begun || ngx_http_rtaudit_zone_used(zone, own.out->id)) {
            continue;
        }

        /* workers of a newer configuration may not have come yet */

        if (ngx_http_rtaudit_zone_get(&zone->came)
            != ngx_http_rtaudit_zone_get(&zone->cycle)
            && (ngx_http_rtaudit_zone_get(&zone->current) >> own.out->id & 1))
        {
            continue;
        }

        if (ngx_http_rtaudit_own_event(&own, "AUDIT_STOP", NULL) == NGX_OK) {
            stopped |= (uint32_t) 1 << own.out->id;
        }
    }

    (void) pthread_mutex_unlock(&zone->own_lock);

    return stopped;
}


void
ngx_http_rtaudit_own_stopped(ngx_http_rtaudit_writer_t *writer,
    uint32_t sinks)
{
    ngx_uint_t                i;
    ngx_http_rtaudit_zone_t  *zone;

    zone = writer->zone;

    for (i = 0; sinks >> i; i++) {
        if ((sinks >> i & 1) && ngx_http_rtaudit_books_empty(i)) {
            zone->sink[i].own.begun = 0;
        }
    }
}


static ngx_int_t
ngx_http_rtaudit_own_event(ngx_http_rtaudit_own_t *own, const char *action,
    rt_event_config_t *config)
{
    rt_event_t                ev;
    ngx_time_t               *tp;
    ngx_http_rtaudit_told_t  *told;

    told = own->told;
    tp = ngx_timeofday();

    if (told->ms == 0) {

        if (ngx_http_rtaudit_books_uuid((uint64_t) tp->sec * 1000 + tp->msec,
                                        told->id)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        told->ms = (uint64_t) tp->sec * 1000 + tp->msec;
    }

    rt_event_init(&ev);

    ev.id.data = told->id;
    ev.created_ms = told->ms;
    ev.action = rt_str_of(action);
    ev.sink = *ngx_rt_str(&own->out->sink->name);
    ev.counts = own->rtauth.len ? NULL : &own->counts;
    ev.config = config;
    ev.rtauth = own->rtauth;

    if (ngx_strcmp(action, "AUDIT_DROP") == 0) {
        ev.error = (rt_str_t) rt_string("audit_lost");
    }

    if (ngx_http_rtaudit_own_put(&ev, (uint32_t) 1 << own->out->id,
                                 own->mcf->max_event, own->log)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    told->ms = 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_own_put(rt_event_t *ev, uint32_t sinks, size_t size,
    ngx_log_t *log)
{
    rt_mem_t                   mem;
    ngx_str_t                  line;
    ngx_pool_t                *pool;
    rt_redact_t                rd;
    rt_status_e                rc;
    ngx_http_rtaudit_entry_t   e;

    line.data = ngx_http_rtaudit_books_scratch(&size);
    pool = line.data ? ngx_create_pool(NGX_DEFAULT_POOL_SIZE, log) : NULL;

    if (pool == NULL) {
        return NGX_ERROR;
    }

    mem = ngx_rt_str_mem(pool);
    rt_redact_init(&rd, &mem, NULL, 0);

    ev->stage = RT_EVENT_MODULE;
    ev->id.len = RT_UUID_LEN;
    ev->updated_ms = ev->created_ms;
    ev->node = *ngx_rt_str((ngx_str_t *) &ngx_cycle->hostname);

    /* own events carry no losses, so one line serves all sinks */

    ngx_http_rtaudit_books_extra(&e, sinks);

    if (ngx_http_rtaudit_books_next(&e)) {
        ngx_http_rtaudit_books_stamp(&e, ev);
        rc = rt_event_encode(ev, &rd, line.data, size, &line.len);
        ngx_http_rtaudit_books_put(&e, rc == RT_OK ? &line : NULL,
                                   RT_EVENT_DROP_MEMORY);
    }

    ngx_destroy_pool(pool);

    /* or it is a sink for alerts alone */

    return (e.end || e.mark == 0) ? NGX_OK : NGX_ERROR;
}

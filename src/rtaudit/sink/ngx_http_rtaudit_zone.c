
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <openssl/rand.h>

#include "ngx_http_rtaudit.h"
#include "sink/ngx_http_rtaudit_zone.h"


static ngx_uint_t
ngx_http_rtaudit_zone_workers(ngx_http_rtaudit_main_conf_t *mcf)
{
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(mcf->cycle->conf_ctx,
                                           ngx_core_module);

    if (!ccf->master || ccf->worker_processes < 1) {
        return 1;
    }

    return (ngx_uint_t) ccf->worker_processes;
}


/* what a ring must hold: two of the largest events at any place */

static size_t
ngx_http_rtaudit_zone_ring_for(ngx_http_rtaudit_main_conf_t *mcf)
{
    return ngx_max(2 * (mcf->max_event + 64), NGX_HTTP_RTAUDIT_RING_MIN);
}


static size_t
ngx_http_rtaudit_zone_head_for(ngx_uint_t nslots)
{
    return ngx_align(sizeof(ngx_http_rtaudit_zone_t)
                     + (nslots + 1) * sizeof(ngx_http_rtaudit_slot_t),
                     ngx_pagesize);
}


/* workers that a reload tells to go give theirs back while others take one */

static ngx_uint_t
ngx_http_rtaudit_zone_slots_for(ngx_http_rtaudit_main_conf_t *mcf)
{
    return ngx_min(2 * ngx_http_rtaudit_zone_workers(mcf),
                   NGX_HTTP_RTAUDIT_SLOTS);
}


static ngx_int_t
ngx_http_rtaudit_zone_mutex_init(pthread_mutex_t *mutex)
{
    int                  rc;
    pthread_mutexattr_t  attr;

    if (pthread_mutexattr_init(&attr) != 0) {
        return NGX_ERROR;
    }

    rc = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED)
         || pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST)
         || pthread_mutex_init(mutex, &attr);

    (void) pthread_mutexattr_destroy(&attr);

    return rc ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_zone_slot_init(ngx_http_rtaudit_slot_t *slot,
    ngx_uint_t number, u_char *area, size_t size)
{
    ngx_memzero(slot, sizeof(ngx_http_rtaudit_slot_t));

    slot->number = number;
    slot->area = area - (u_char *) slot;
    rt_ring_init(&slot->ring, size);

    return ngx_http_rtaudit_zone_mutex_init(&slot->owner);
}


/*
 * The size to write for so many bytes in one piece: nginx keeps a record of
 * each page in the zone, and its own head and the border of the first page
 * take less than two pages.
 */

static size_t
ngx_http_rtaudit_zone_size_for(size_t need)
{
    size_t  pages;

    pages = (need + ngx_pagesize - 1) / ngx_pagesize;

    return pages * (ngx_pagesize + sizeof(ngx_slab_page_t))
           + 2 * ngx_pagesize;
}


static void
ngx_http_rtaudit_zone_too_small(ngx_shm_zone_t *shm_zone,
    ngx_http_rtaudit_main_conf_t *mcf, size_t need)
{
    ngx_rt_conf_late(NGX_LOG_EMERG, shm_zone->shm.log, 0, &mcf->where,
                     "\"rtaudit_zone %uzk\" is too small for %ui worker "
                     "processes and events of %uz bytes: make it at least "
                     "%uzk", shm_zone->shm.size / 1024,
                     ngx_http_rtaudit_zone_workers(mcf), mcf->max_event,
                     (ngx_http_rtaudit_zone_size_for(need) + 1023) / 1024);
}


static ngx_int_t
ngx_http_rtaudit_zone_create(ngx_shm_zone_t *shm_zone,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    size_t                    room, head, need;
    u_char                   *p, rnd[4];
    ngx_uint_t                i, n;
    ngx_slab_pool_t          *shpool;
    ngx_http_rtaudit_zone_t  *zone;

    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    room = shpool->pfree * ngx_pagesize;
    n = ngx_http_rtaudit_zone_slots_for(mcf);
    head = ngx_http_rtaudit_zone_head_for(n);
    need = head + (n + 1) * ngx_http_rtaudit_zone_ring_for(mcf);

    if (room < need) {
        ngx_http_rtaudit_zone_too_small(shm_zone, mcf, need);
        return NGX_ERROR;
    }

    p = ngx_slab_alloc(shpool, room);
    if (p == NULL || RAND_bytes(rnd, sizeof(rnd)) != 1) {
        return NGX_ERROR;
    }

    zone = (ngx_http_rtaudit_zone_t *) p;
    ngx_memzero(zone, sizeof(ngx_http_rtaudit_zone_t));

    zone->nslots = n;
    zone->since = ngx_time();
    zone->ring = ((room - head) / (n + 1)) & ~(size_t) 63;
    (void) ngx_hex_dump(zone->boot, rnd, sizeof(rnd));

    p += head;

    for (i = 0; i <= n; i++, p += zone->ring) {
        if (ngx_http_rtaudit_zone_slot_init(&zone->slot[i], i, p, zone->ring)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (ngx_http_rtaudit_zone_mutex_init(&zone->late_lock) != NGX_OK
        || ngx_http_rtaudit_zone_mutex_init(&zone->own_lock) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_RTAUDIT_HANDS; i++) {
        if (ngx_http_rtaudit_zone_mutex_init(&zone->hand[i].owner)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    mcf->sh = zone;

    return NGX_OK;
}


/*
 * More workers than the zone was made for share its rings: those that find
 * none use the late one.
 */

static ngx_int_t
ngx_http_rtaudit_zone_adopt(ngx_shm_zone_t *shm_zone,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_main_conf_t *old)
{
    ngx_http_rtaudit_zone_t  *zone;

    zone = old->sh;

    if (zone->ring < ngx_http_rtaudit_zone_ring_for(mcf)) {
        ngx_rt_conf_late(NGX_LOG_EMERG, shm_zone->shm.log, 0, &mcf->where,
                         "the \"rtaudit_zone\" in use was made for smaller "
                         "events: change its size so that a new one is made");
        return NGX_ERROR;
    }

    mcf->sh = zone;

    return NGX_OK;
}


ngx_uint_t
ngx_http_rtaudit_zone_sink(ngx_http_rtaudit_zone_t *zone, ngx_str_t *name)
{
    ngx_uint_t                  i;
    ngx_http_rtaudit_shared_t  *sh;

    for (i = 0; i < zone->nsinks; i++) {
        sh = &zone->sink[i];

        if (sh->len == name->len
            && ngx_memcmp(sh->name, name->data, name->len) == 0)
        {
            break;
        }
    }

    return i;
}


/* an id for each sink: the one this name has had before, or a new one */

static ngx_int_t
ngx_http_rtaudit_zone_sinks(ngx_shm_zone_t *shm_zone,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    ngx_uint_t                   i, n;
    ngx_http_rtaudit_zone_t     *zone;
    ngx_http_rtaudit_sink_t    **sink;
    ngx_http_rtaudit_shared_t   *sh;

    zone = mcf->sh;
    sink = mcf->sinks.elts;

    for (i = 0; i < mcf->sinks.nelts; i++) {

        n = zone->nsinks;
        sink[i]->id = ngx_http_rtaudit_zone_sink(zone, &sink[i]->name);

        if (sink[i]->id < n) {
            continue;
        }

        if (n == NGX_HTTP_RTAUDIT_SINKS) {
            ngx_rt_conf_late(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                             &sink[i]->where,
                             "\"rtaudit_sink %V\" is one name too many since "
                             "nginx started, %d are remembered: change the "
                             "size of \"rtaudit_zone\" so that a new one is "
                             "made", &sink[i]->name, NGX_HTTP_RTAUDIT_SINKS);
            return NGX_ERROR;
        }

        sh = &zone->sink[n];

        if (ngx_http_rtaudit_zone_mutex_init(&sh->lock) != NGX_OK) {
            return NGX_ERROR;
        }

        sh->len = sink[i]->name.len;
        ngx_memcpy(sh->name, sink[i]->name.data, sh->len);
        zone->nsinks = n + 1;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_int_t                      rc;
    ngx_http_rtaudit_main_conf_t  *mcf, *old;

    mcf = shm_zone->data;
    old = data;

    rc = old ? ngx_http_rtaudit_zone_adopt(shm_zone, mcf, old)
             : ngx_http_rtaudit_zone_create(shm_zone, mcf);

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_rtaudit_zone_sinks(shm_zone, mcf);
}


void
ngx_http_rtaudit_zone_left(ngx_http_rtaudit_zone_t *zone, ngx_uint_t id,
    uint64_t *left, uint64_t *untold)
{
    ngx_uint_t                   k, n;
    ngx_http_rtaudit_account_t  *account;

    *left = 0;
    *untold = 0;

    for (n = 0; n <= zone->nslots; n++) {
        account = &zone->slot[n].account[id];

        *left += ngx_http_rtaudit_zone_get(&account->requests)
                 - ngx_http_rtaudit_zone_get(&account->waived)
                 - ngx_http_rtaudit_zone_get(&account->written);

        for (k = 0; k < RT_EVENT_DROPS; k++) {
            *left -= ngx_http_rtaudit_zone_get(&account->dropped[k]);
        }

        *untold += ngx_http_rtaudit_zone_get(&account->lost)
                   - ngx_http_rtaudit_zone_get(&account->told);
    }
}


void
ngx_http_rtaudit_zone_final(ngx_http_rtaudit_zone_t *zone, ngx_log_t *log)
{
    uint64_t    left, untold;
    ngx_str_t   name;
    ngx_uint_t  i;

    for (i = 0; i < zone->nsinks; i++) {
        ngx_http_rtaudit_zone_left(zone, i, &left, &untold);

        name.data = zone->sink[i].name;
        name.len = zone->sink[i].len;

        if (left || untold) {
            ngx_log_error(NGX_LOG_CRIT, log, 0,
                          "rtaudit: sink \"%V\" at the end: %uL events were "
                          "not written, %uL losses are told in no event",
                          &name, left, untold);
        }

        if (zone->sink[i].own.begun) {
            ngx_log_error(NGX_LOG_NOTICE, log, 0,
                          "rtaudit: sink \"%V\" ended without AUDIT_STOP",
                          &name);
        }
    }
}


static ngx_int_t
ngx_http_rtaudit_zone_locked(pthread_mutex_t *mutex, int rc)
{
    switch (rc) {

    case 0:
        return NGX_OK;

    case EOWNERDEAD:
        (void) pthread_mutex_consistent(mutex);
        return NGX_DONE;

    default:
        return NGX_BUSY;
    }
}


ngx_int_t
ngx_http_rtaudit_trylock(pthread_mutex_t *mutex)
{
    return ngx_http_rtaudit_zone_locked(mutex, pthread_mutex_trylock(mutex));
}


ngx_int_t
ngx_http_rtaudit_lock(pthread_mutex_t *mutex, ngx_msec_t ms, ngx_uint_t *busy)
{
    ngx_int_t        rc;
    struct timespec  ts;

    rc = ngx_http_rtaudit_trylock(mutex);

    if (rc == NGX_BUSY && !*busy) {

        (void) clock_gettime(CLOCK_REALTIME, &ts);

        ts.tv_nsec += ms * 1000000;
        ts.tv_sec += ts.tv_nsec / 1000000000;
        ts.tv_nsec %= 1000000000;

        rc = ngx_http_rtaudit_zone_locked(mutex,
                                     pthread_mutex_timedlock(mutex, &ts));
    }

    *busy = (rc == NGX_BUSY);

    return rc;
}


ngx_http_rtaudit_slot_t *
ngx_http_rtaudit_slot_claim(ngx_http_rtaudit_zone_t *zone, ngx_uint_t *next)
{
    ngx_http_rtaudit_slot_t  *slot;

    while (*next < zone->nslots) {
        slot = &zone->slot[(*next)++];

        switch (ngx_http_rtaudit_trylock(&slot->owner)) {

        case NGX_BUSY:
            continue;

        case NGX_DONE:
            ngx_http_rtaudit_slot_settle(zone, slot, RT_EVENT_DROP_CRASH);
            /* fall through */

        default:
            ngx_http_rtaudit_zone_set(&slot->sinks, 0);
            return slot;
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_rtaudit_slot_held(ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_slot_t *slot)
{
    switch (ngx_http_rtaudit_trylock(&slot->owner)) {

    case NGX_BUSY:
        return 1;

    case NGX_DONE:
        if (slot != ngx_http_rtaudit_zone_late(zone)) {
            ngx_http_rtaudit_slot_settle(zone, slot, RT_EVENT_DROP_CRASH);
        }

        break;
    }

    ngx_http_rtaudit_slot_release(slot);

    return 0;
}


void
ngx_http_rtaudit_slot_release(ngx_http_rtaudit_slot_t *slot)
{
    (void) pthread_mutex_unlock(&slot->owner);
}


ngx_http_rtaudit_slot_t *
ngx_http_rtaudit_late_claim(ngx_http_rtaudit_zone_t *zone)
{
    ngx_http_rtaudit_slot_t  *late;

    late = ngx_http_rtaudit_zone_late(zone);

    /* nothing is in the hand of who drains it */

    return ngx_http_rtaudit_trylock(&late->owner) == NGX_BUSY ? NULL : late;
}


ngx_http_rtaudit_hand_t *
ngx_http_rtaudit_hand_claim(ngx_http_rtaudit_zone_t *zone)
{
    ngx_uint_t                i;
    ngx_http_rtaudit_hand_t  *hand;

    for (i = 0; i < NGX_HTTP_RTAUDIT_HANDS; i++) {
        hand = &zone->hand[i];

        if (ngx_http_rtaudit_trylock(&hand->owner) != NGX_BUSY) {
            ngx_http_rtaudit_hand_settle(zone, hand, RT_EVENT_DROP_CRASH);
            return hand;
        }
    }

    return NULL;
}


void
ngx_http_rtaudit_hand_settle(ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_hand_t *hand, rt_event_drop_e reason)
{
    uint64_t                     n;
    ngx_uint_t                   i;
    ngx_http_rtaudit_account_t  *account;

    for (i = 0; i < zone->nsinks; i++) {
        account = &ngx_http_rtaudit_zone_late(zone)->account[i];
        n = ngx_http_rtaudit_zone_get(&hand->n[i]);

        ngx_http_rtaudit_zone_set(&hand->n[i], 0);
        ngx_http_rtaudit_zone_add(&account->dropped[reason], n);
        ngx_http_rtaudit_zone_add(&account->settled, n);
        ngx_http_rtaudit_zone_add(&account->lost, n);
    }
}


ngx_uint_t
ngx_http_rtaudit_zone_used(ngx_http_rtaudit_zone_t *zone, ngx_uint_t id)
{
    ngx_uint_t                i;
    ngx_http_rtaudit_hand_t  *hand;
    ngx_http_rtaudit_slot_t  *slot;

    for (i = 0; i < zone->nslots; i++) {
        slot = &zone->slot[i];

        if ((ngx_http_rtaudit_zone_get(&slot->sinks) >> id & 1)
            && ngx_http_rtaudit_slot_held(zone, slot))
        {
            return 1;
        }
    }

    for (i = 0; i < NGX_HTTP_RTAUDIT_HANDS; i++) {
        hand = &zone->hand[i];

        if (!(ngx_http_rtaudit_zone_get(&hand->sinks) >> id & 1)) {
            continue;
        }

        if (ngx_http_rtaudit_trylock(&hand->owner) == NGX_BUSY) {
            return 1;
        }

        ngx_http_rtaudit_hand_settle(zone, hand, RT_EVENT_DROP_CRASH);
        ngx_http_rtaudit_zone_set(&hand->sinks, 0);
        (void) pthread_mutex_unlock(&hand->owner);
    }

    return 0;
}


ngx_uint_t
ngx_http_rtaudit_hands_settle(ngx_http_rtaudit_zone_t *zone)
{
    ngx_uint_t                i, held;
    ngx_http_rtaudit_hand_t  *hand;

    held = 0;

    for (i = 0; i < NGX_HTTP_RTAUDIT_HANDS; i++) {
        hand = &zone->hand[i];

        if (ngx_http_rtaudit_trylock(&hand->owner) == NGX_BUSY) {
            held++;
            continue;
        }

        ngx_http_rtaudit_hand_settle(zone, hand, RT_EVENT_DROP_CRASH);
        (void) pthread_mutex_unlock(&hand->owner);
    }

    return held;
}


void
ngx_http_rtaudit_slot_settle(ngx_http_rtaudit_zone_t *zone,
    ngx_http_rtaudit_slot_t *slot, rt_event_drop_e reason)
{
    uint64_t                     n;
    ngx_uint_t                   i;
    ngx_http_rtaudit_account_t  *account;

    for (i = 0; i < zone->nsinks; i++) {
        account = &slot->account[i];

        n = ngx_http_rtaudit_zone_get(&account->requests)
            - ngx_http_rtaudit_zone_get(&account->settled);

        ngx_http_rtaudit_zone_add(&account->dropped[reason], n);
        ngx_http_rtaudit_zone_add(&account->settled, n);
        ngx_http_rtaudit_zone_add(&account->lost, n);
    }
}

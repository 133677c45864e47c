
#include "keys/ngx_http_rtauth_jwks.h"
#include "keys/ngx_http_rtauth_tally.h"


#define NGX_HTTP_RTAUTH_MAX_SLEEP  60000        /* ms between two looks */


static ngx_uint_t ngx_http_rtauth_jwks_current(ngx_http_rtauth_worker_t *w);
static void ngx_http_rtauth_jwks_answered(ngx_event_t *ev);
static ngx_http_rtauth_slot_t *ngx_http_rtauth_jwks_slot(
    ngx_http_rtauth_keys_t *keys);
static ngx_uint_t ngx_http_rtauth_jwks_over(ngx_http_rtauth_keys_t *keys);
static void ngx_http_rtauth_jwks_sync(ngx_http_rtauth_keys_t *keys);
static void ngx_http_rtauth_jwks_read(ngx_http_rtauth_keys_t *keys,
    ngx_str_t *doc, ngx_uint_t generation);
static rt_status_e ngx_http_rtauth_jwks_load(ngx_http_rtauth_keys_t *keys,
    ngx_str_t *doc, ngx_http_rtauth_keyset_t *set, const char **err);
static rt_status_e ngx_http_rtauth_jwks_discovered(
    ngx_http_rtauth_keys_t *keys, ngx_http_rtauth_keyset_t *set,
    ngx_str_t *text);
static void ngx_http_rtauth_jwks_use(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_keyset_t *set, ngx_uint_t generation);
static void ngx_http_rtauth_jwks_drop(ngx_http_rtauth_keyset_t *set);
static void ngx_http_rtauth_jwks_tick(ngx_http_rtauth_keys_t *keys);
static void ngx_http_rtauth_jwks_timer(ngx_event_t *ev);
static void ngx_http_rtauth_jwks_arm(ngx_http_rtauth_keys_t *keys);
static void ngx_http_rtauth_jwks_fetch(ngx_http_rtauth_keys_t *keys);
static ngx_int_t ngx_http_rtauth_jwks_ask(ngx_http_rtauth_keys_t *keys);
static void ngx_http_rtauth_jwks_fetched(ngx_http_rtauth_fetch_t *f);
static void ngx_http_rtauth_jwks_take(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_fetch_t *f);
static void ngx_http_rtauth_jwks_fault(ngx_http_rtauth_fetch_t *f,
    const char *err);
static void ngx_http_rtauth_jwks_says(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_fetch_t *f, rt_jwks_t *set);
static void ngx_http_rtauth_jwks_failed(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_fetch_t *f);
static ngx_msec_t ngx_http_rtauth_jwks_delay(ngx_http_rtauth_keys_t *keys,
    time_t max_age);
static ngx_msec_t ngx_http_rtauth_jwks_retry(ngx_http_rtauth_keys_t *keys);


/* false without a master process, after a reload: its zone may be gone */

static ngx_uint_t
ngx_http_rtauth_jwks_current(ngx_http_rtauth_worker_t *w)
{
    return ngx_process != NGX_PROCESS_SINGLE
           || w->mcf == ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                                    ngx_http_rtauth_module);
}


void
ngx_http_rtauth_jwks_begin(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_worker_t *w, ngx_http_rtauth_provider_t *p)
{
    keys->worker = w;
    keys->pcf = p->conf;
    keys->ident = -1;
    ngx_queue_init(&keys->waiting.queue);
    keys->waiting.timer = &keys->timer;
    keys->waiting.pcf = keys->pcf;
    keys->waiting.hold = &keys->hold;

    if (w->mcf->tally) {
        keys->waiting.gauge = ngx_http_rtauth_tally_gauge(w->mcf->tally,
                                                  NGX_HTTP_RTAUTH_WAITS_KEYS);
        keys->asking.gauge = ngx_http_rtauth_tally_gauge(w->mcf->tally,
                                                NGX_HTTP_RTAUTH_WAITS_ANSWER);
    }

    keys->timer.data = keys;
    keys->timer.handler = ngx_http_rtauth_jwks_timer;
    keys->timer.log = ngx_cycle->log;
    keys->timer.cancelable = 1;

    ngx_queue_init(&keys->questions);
    ngx_queue_init(&keys->asking.queue);
    keys->asking.timer = &keys->answered;
    keys->asking.pcf = keys->pcf;

    keys->answered.data = keys;
    keys->answered.handler = ngx_http_rtauth_jwks_answered;
    keys->answered.log = ngx_cycle->log;

    if (ngx_http_rtauth_jwks_watch(&keys->files, keys->pcf, w->pool)
        != NGX_OK)
    {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "rtauth_provider \"%V\": no memory to look at its "
                      "\"jwks_file\"", &p->name);
    }

    if (!keys->pcf->remote) {
        return;
    }

    if (ngx_http_rtauth_slot(w->zone, w->mcf->number, keys->pcf->source,
                             &keys->hold)
        != NGX_OK)
    {
        ngx_rt_conf_late(NGX_LOG_ALERT, ngx_cycle->log, 0,
                         &w->mcf->zone_where,
                         "rtauth_provider \"%V\": no memory for its keys, "
                         "make \"rtauth_zone\" larger", &p->name);
        return;
    }

    ngx_http_rtauth_jwks_sync(keys);
    ngx_http_rtauth_jwks_tick(keys);
}


void
ngx_http_rtauth_jwks_end(ngx_http_rtauth_keys_t *keys)
{
    if (keys->fetch) {
        ngx_http_rtauth_fetch_cancel(keys->fetch);

        if (ngx_http_rtauth_jwks_current(keys->worker)) {
            ngx_http_rtauth_slot_release(&keys->hold);
        }
    }

    if (keys->client) {
        ngx_rt_http_client_destroy(keys->client);
    }

    if (keys->timer.timer_set) {
        ngx_del_timer(&keys->timer);
    }

    if (keys->answered.posted) {
        ngx_delete_posted_event(&keys->answered);
    }

    ngx_http_rtauth_jwks_drop(&keys->fetched);
    ngx_http_rtauth_jwks_watch_end(&keys->files);
}


static void
ngx_http_rtauth_jwks_answered(ngx_event_t *ev)
{
    ngx_http_rtauth_keys_t *keys = ev->data;

    ngx_http_rtauth_wait_wake(&keys->asking);
}


ngx_int_t
ngx_http_rtauth_keys_get(ngx_http_rtauth_keys_t *keys, rt_jwks_t **set,
    ngx_uint_t *generation)
{
    ngx_http_rtauth_slot_t  *slot;

    slot = ngx_http_rtauth_jwks_slot(keys);

    if (slot) {
        ngx_http_rtauth_jwks_sync(keys);
    }

    if (keys->generation && !ngx_http_rtauth_jwks_over(keys)) {
        *set = &keys->fetched.keys;
        *generation = keys->generation;
        return NGX_OK;
    }

    if (slot && slot->attempts == 0) {
        ngx_http_rtauth_jwks_tick(keys);
        return NGX_AGAIN;
    }

    /* beside an address, files stand in until it gave keys once */

    if (keys->generation == 0 && keys->files.keys.nkeys) {
        *set = &keys->files.keys;
        *generation = keys->files.generation;
        return NGX_OK;
    }

    if (slot
        && (ngx_http_rtauth_slot_busy(slot)
            || ngx_http_rtauth_due(slot->next)))
    {
        ngx_http_rtauth_jwks_tick(keys);
        return NGX_AGAIN;
    }

    return NGX_ERROR;
}


ngx_int_t
ngx_http_rtauth_keys_metadata(ngx_http_rtauth_keys_t *keys, rt_metadata_t **m)
{
    rt_jwks_t   *set;
    ngx_int_t    rc;
    ngx_uint_t   generation;

    rc = ngx_http_rtauth_keys_get(keys, &set, &generation);

    *m = &keys->fetched.metadata;

    return (rc == NGX_OK && !keys->fetched.discovered) ? NGX_ERROR : rc;
}


ngx_int_t
ngx_http_rtauth_keys_await(ngx_http_rtauth_keys_t *keys,
    ngx_http_request_t *r, rt_metadata_t **m)
{
    ngx_int_t   rc;
    ngx_uint_t  attempts;

    if (ngx_http_rtauth_waits(r)) {
        return NGX_AGAIN;
    }

    attempts = keys->hold.slot ? keys->hold.slot->attempts : 0;

    rc = ngx_http_rtauth_keys_metadata(keys, m);

    return rc == NGX_AGAIN
           ? ngx_http_rtauth_wait(r, &keys->waiting, attempts, 0) : rc;
}


ngx_rt_http_client_t *
ngx_http_rtauth_keys_client(ngx_http_rtauth_keys_t *keys)
{
    if (keys->client == NULL) {
        keys->client = ngx_rt_http_client_create(&keys->pcf->http,
                                                 ngx_cycle->log);
    }

    return keys->client;
}


ngx_int_t
ngx_http_rtauth_keys_newer(ngx_http_rtauth_keys_t *keys, ngx_uint_t asked)
{
    ngx_http_rtauth_slot_t  *slot;

    slot = ngx_http_rtauth_jwks_slot(keys);

    if (slot == NULL) {
        return NGX_DECLINED;
    }

    if (!asked && ngx_http_rtauth_slot_want(&keys->hold,
                                            keys->pcf->cooldown * 1000))
    {
        ngx_http_rtauth_jwks_tick(keys);
        return NGX_AGAIN;
    }

    return slot->failures ? NGX_ERROR : NGX_DECLINED;
}


/*
 * The slot of the zone, or NULL: there is no address, or a newer configuration
 * was given the slot.  Then the keys at hand are the last ones.
 */

static ngx_http_rtauth_slot_t *
ngx_http_rtauth_jwks_slot(ngx_http_rtauth_keys_t *keys)
{
    if (!ngx_http_rtauth_held(&keys->hold)) {
        keys->hold.slot = NULL;
    }

    return keys->hold.slot;
}


/* a refresh was due longer ago than jwks_stale, and none came of it */

static ngx_uint_t
ngx_http_rtauth_jwks_over(ngx_http_rtauth_keys_t *keys)
{
    return keys->hold.slot
           && ngx_http_rtauth_due(keys->hold.slot->fresh
                                  + (ngx_msec_t) keys->pcf->stale * 1000);
}


/* costs a read of shared memory when nothing changed */

static void
ngx_http_rtauth_jwks_sync(ngx_http_rtauth_keys_t *keys)
{
    ngx_str_t    doc, etag;
    ngx_pool_t  *pool;
    ngx_uint_t   generation;

    generation = keys->hold.slot->generation;

    if (generation == keys->generation || generation == keys->refused
        || generation == 0)
    {
        return;
    }

    pool = ngx_create_pool(4096, ngx_cycle->log);
    if (pool == NULL) {
        return;
    }

    if (ngx_http_rtauth_slot_load(&keys->hold, pool, &doc, &etag, &generation)
        == NGX_OK
        && generation)
    {
        ngx_http_rtauth_jwks_read(keys, &doc, generation);
    }

    ngx_destroy_pool(pool);
}


static void
ngx_http_rtauth_jwks_read(ngx_http_rtauth_keys_t *keys, ngx_str_t *doc,
    ngx_uint_t generation)
{
    const char                *err;
    rt_status_e                rc;
    ngx_http_rtauth_keyset_t   set;

    rc = ngx_http_rtauth_jwks_load(keys, doc, &set, &err);

    if (rc == RT_OK) {
        ngx_log_error(NGX_LOG_INFO, ngx_cycle->log, 0,
                      "rtauth_provider \"%V\": %ui keys from the zone",
                      &keys->pcf->provider->name, (ngx_uint_t) set.keys.nkeys);

        ngx_http_rtauth_jwks_use(keys, &set, generation);
        return;
    }

    if (rc == RT_ERROR) {
        return;
    }

    /* whoever stored it had read it with the same algorithms */

    ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                  "rtauth_provider \"%V\": keys of the zone %s",
                  &keys->pcf->provider->name, err);

    keys->refused = generation;
}


/*
 * Nothing of doc is kept but what was copied.
 *
 * ret: RT_OK, else *set holds nothing: RT_ERROR, memory is out; others, *err
 *      says why it is no key set
 */

static rt_status_e
ngx_http_rtauth_jwks_load(ngx_http_rtauth_keys_t *keys, ngx_str_t *doc,
    ngx_http_rtauth_keyset_t *set, const char **err)
{
    rt_mem_t      mem;
    ngx_str_t     metadata, text;
    rt_status_e   rc;

    ngx_memzero(set, sizeof(ngx_http_rtauth_keyset_t));
    *err = "is not whole";

    if (ngx_http_rtauth_fetch_unpack(doc, &metadata, &text) != NGX_OK) {
        return RT_INVALID;
    }

    *err = "does not fit into memory";

    set->pool = ngx_create_pool(4096, ngx_cycle->log);
    if (set->pool == NULL) {
        return RT_ERROR;
    }

    mem = ngx_rt_str_mem(set->pool);

    rc = rt_jwks_load(&mem, ngx_rt_str(&text), keys->pcf->algs, &set->keys,
                      err);

    if (rc == RT_OK) {
        rc = ngx_http_rtauth_jwks_discovered(keys, set, &metadata);
    }

    if (rc != RT_OK) {
        ngx_http_rtauth_jwks_drop(set);
    }

    return rc;
}


/* a provider that signs nobody in has no use for it */

static rt_status_e
ngx_http_rtauth_jwks_discovered(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_keyset_t *set, ngx_str_t *text)
{
    rt_mem_t      mem;
    ngx_str_t     copy;
    const char   *why;

    if (text->len == 0 || keys->pcf->provider->client == NULL) {
        return RT_OK;
    }

    copy.len = text->len;
    copy.data = ngx_pstrdup(set->pool, text);

    if (copy.data == NULL) {
        return RT_ERROR;
    }

    mem = ngx_rt_str_mem(set->pool);
    why = "does not fit into memory";

    if (rt_metadata_parse(&mem, ngx_rt_str(&copy), &keys->pcf->policy.issuer,
                          &keys->pcf->url.parts, &set->metadata, &why)
        == RT_OK)
    {
        set->discovered = 1;
        return RT_OK;
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "rtauth_provider \"%V\": nobody can sign in, for its "
                  "discovery document %s", &keys->pcf->provider->name, why);

    return RT_OK;
}


static void
ngx_http_rtauth_jwks_use(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_keyset_t *set, ngx_uint_t generation)
{
    ngx_http_rtauth_jwks_drop(&keys->fetched);

    keys->fetched = *set;
    keys->generation = generation;
}


static void
ngx_http_rtauth_jwks_drop(ngx_http_rtauth_keyset_t *set)
{
    if (set->pool) {
        rt_jwks_destroy(&set->keys);
        ngx_destroy_pool(set->pool);
        set->pool = NULL;
    }
}


static void
ngx_http_rtauth_jwks_timer(ngx_event_t *ev)
{
    ngx_http_rtauth_keys_t  *keys;

    keys = ev->data;

    if (!ngx_http_rtauth_jwks_current(keys->worker)) {
        return;
    }

    if (ngx_http_rtauth_jwks_slot(keys)) {
        ngx_http_rtauth_jwks_sync(keys);
        ngx_http_rtauth_jwks_tick(keys);
    }

    ngx_http_rtauth_wait_wake(&keys->waiting);
}


/* fetches when it is due and nobody else does */

static void
ngx_http_rtauth_jwks_tick(ngx_http_rtauth_keys_t *keys)
{
    if (keys->fetch == NULL
        && !ngx_exiting
        && ngx_http_rtauth_due(keys->hold.slot->next)
        && ngx_http_rtauth_slot_claim(&keys->hold,
                                      ngx_http_rtauth_fetch_limit(keys->pcf)))
    {
        ngx_http_rtauth_jwks_fetch(keys);
    }

    ngx_http_rtauth_jwks_arm(keys);
}


/*
 * While requests wait, the zone is looked at often: another worker may be the
 * one that fetches.  Otherwise when the next fetch is due, but not by a worker
 * that has been told to go.
 */

static void
ngx_http_rtauth_jwks_arm(ngx_http_rtauth_keys_t *keys)
{
    ngx_msec_t               delay;
    ngx_msec_int_t           left;
    ngx_http_rtauth_slot_t  *slot;

    if (keys->timer.timer_set) {
        ngx_del_timer(&keys->timer);
    }

    if (keys->waiting.n) {
        delay = NGX_HTTP_RTAUTH_POLL;

    } else if (ngx_exiting) {
        return;

    } else {
        slot = keys->hold.slot;

        left = (ngx_msec_int_t) (slot->next - ngx_current_msec);

        if (ngx_http_rtauth_slot_busy(slot)) {
            left = (ngx_msec_int_t) (slot->until - ngx_current_msec);
        }

        /* a spread, or all workers would come at once */

        delay = ngx_max(left, 0) + ngx_random() % 50;
        delay = ngx_min(delay, NGX_HTTP_RTAUTH_MAX_SLEEP);
        delay = ngx_max(delay, NGX_HTTP_RTAUTH_POLL);
    }

    ngx_add_timer(&keys->timer, delay);
}


static void
ngx_http_rtauth_jwks_fetch(ngx_http_rtauth_keys_t *keys)
{
    if (ngx_http_rtauth_jwks_ask(keys) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "rtauth_provider \"%V\": no memory to fetch its keys",
                      &keys->pcf->provider->name);

        ngx_http_rtauth_slot_failed(&keys->hold,
                                    ngx_http_rtauth_jwks_retry(keys),
                                    NGX_RT_HTTP_FAULT_LOCAL);
    }
}


static ngx_int_t
ngx_http_rtauth_jwks_ask(ngx_http_rtauth_keys_t *keys)
{
    ngx_uint_t                generation;
    ngx_http_rtauth_slot_t   *slot;
    ngx_http_rtauth_fetch_t  *f;

    if (ngx_http_rtauth_keys_client(keys) == NULL) {
        return NGX_ERROR;
    }

    f = ngx_http_rtauth_fetch_create(keys->client, keys->pcf);
    if (f == NULL) {
        return NGX_ERROR;
    }

    f->handler = ngx_http_rtauth_jwks_fetched;
    f->data = keys;

    /*
     * A token that does not go with the set asks for all of it: a provider
     * whose ETag stays when its keys change would keep the old ones in use.
     */

    slot = keys->hold.slot;

    if (slot->etag_len && !(slot->was_asked && slot->next == slot->asked)) {
        (void) ngx_http_rtauth_slot_load(&keys->hold, f->pool, &f->known,
                                         &f->etag, &generation);
    }

    if (ngx_http_rtauth_fetch_start(f) != NGX_OK) {
        return NGX_ERROR;
    }

    keys->fetch = f;

    return NGX_OK;
}


static void
ngx_http_rtauth_jwks_fetched(ngx_http_rtauth_fetch_t *f)
{
    ngx_http_rtauth_keys_t  *keys;

    keys = f->data;
    keys->fetch = NULL;

    if (!ngx_http_rtauth_jwks_current(keys->worker)) {
        return;
    }

    if (ngx_http_rtauth_jwks_slot(keys) == NULL) {
        ngx_http_rtauth_wait_wake(&keys->waiting);
        return;
    }

    if (f->error.len == 0) {
        ngx_http_rtauth_jwks_take(keys, f);
    }

    if (f->error.len) {
        ngx_http_rtauth_jwks_failed(keys, f);
    }

    ngx_http_rtauth_jwks_sync(keys);
    ngx_http_rtauth_jwks_arm(keys);
    ngx_http_rtauth_wait_wake(&keys->waiting);
}


/* never puts into the zone what would leave a worker without keys */

static void
ngx_http_rtauth_jwks_take(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_fetch_t *f)
{
    ngx_int_t                  rc;
    ngx_msec_t                 delay;
    ngx_uint_t                 generation;
    const char                *err;
    ngx_http_rtauth_keyset_t   set;

    delay = ngx_http_rtauth_jwks_delay(keys, f->max_age);

    if (ngx_http_rtauth_slot_same(&keys->hold, &f->doc, &f->etag, delay)
        == NGX_OK)
    {
        ngx_log_error(NGX_LOG_INFO, ngx_cycle->log, 0,
                      "rtauth_provider \"%V\": the keys of \"%V\" did not "
                      "change", &keys->pcf->provider->name, &f->url);
        return;
    }

    if (ngx_http_rtauth_jwks_load(keys, &f->doc, &set, &err) != RT_OK) {
        ngx_http_rtauth_jwks_fault(f, err);
        return;
    }

    ngx_http_rtauth_jwks_says(keys, f, &set.keys);

    rc = ngx_http_rtauth_slot_store(&keys->hold, &f->doc, &f->etag, delay,
                                    &generation);

    if (rc == NGX_OK) {
        ngx_http_rtauth_jwks_use(keys, &set, generation);
        return;
    }

    ngx_http_rtauth_jwks_drop(&set);

    if (rc == NGX_ERROR) {
        ngx_str_set(&f->error, "rtauth_zone is full, make it larger");
        f->fault = NGX_RT_HTTP_FAULT_LOCAL;
    }
}


static void
ngx_http_rtauth_jwks_fault(ngx_http_rtauth_fetch_t *f, const char *err)
{
    u_char  *p;

    ngx_str_set(&f->error, "out of memory");
    f->fault = NGX_RT_HTTP_FAULT_ANSWER;

    p = ngx_pnalloc(f->pool, 256);

    if (p) {
        f->error.data = p;
        f->error.len = ngx_snprintf(p, 256, "the answer %s", err) - p;
    }
}


static void
ngx_http_rtauth_jwks_says(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_fetch_t *f, rt_jwks_t *set)
{
    unsigned  i;

    for (i = 0; i < set->nskips; i++) {
        ngx_log_error(NGX_LOG_INFO, ngx_cycle->log, 0,
                      "rtauth_provider \"%V\": key %ui of \"%V\" is not used, "
                      "for it %s", &keys->pcf->provider->name,
                      (ngx_uint_t) set->skips[i].index, &f->url,
                      set->skips[i].why);
    }

    ngx_log_error(NGX_LOG_INFO, ngx_cycle->log, 0,
                  "rtauth_provider \"%V\": %ui keys from \"%V\"",
                  &keys->pcf->provider->name, (ngx_uint_t) set->nkeys,
                  &f->url);
}


static void
ngx_http_rtauth_jwks_failed(ngx_http_rtauth_keys_t *keys,
    ngx_http_rtauth_fetch_t *f)
{
    char        *then;
    ngx_msec_t   delay;

    delay = ngx_http_rtauth_jwks_retry(keys);

    ngx_http_rtauth_slot_failed(&keys->hold, delay, f->fault);

    if (keys->generation && ngx_http_rtauth_jwks_over(keys)) {
        then = "the ones at hand are older than \"jwks_stale\" allows, tokens "
               "cannot be verified";

    } else if (keys->generation) {
        then = "the ones at hand stay in use";

    } else if (keys->files.keys.nkeys) {
        then = "those of \"jwks_file\" are used";

    } else {
        then = "there are none, tokens cannot be verified";
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "rtauth_provider \"%V\": keys could not be fetched: %V, "
                  "url: \"%V\"; %s; next try in %Mms",
                  &keys->pcf->provider->name, &f->error, &f->url, then, delay);
}


/*
 * After a success: max-age, or else jwks_refresh, which is also the most;
 * jwks_cooldown is the least.  A tenth of it is left to chance.
 */

static ngx_msec_t
ngx_http_rtauth_jwks_delay(ngx_http_rtauth_keys_t *keys, time_t max_age)
{
    ngx_msec_t  delay;

    delay = (max_age < 0) ? keys->pcf->refresh : max_age;
    delay = ngx_max(delay, (ngx_msec_t) keys->pcf->cooldown);
    delay = ngx_min(delay, (ngx_msec_t) keys->pcf->refresh) * 1000;

    return delay - ngx_random() % (delay / 10);
}


/* after a failure: 1 s, doubled each time, up to jwks_cooldown */

static ngx_msec_t
ngx_http_rtauth_jwks_retry(ngx_http_rtauth_keys_t *keys)
{
    ngx_msec_t  delay;

    delay = (ngx_msec_t) 1000 << ngx_min(keys->hold.slot->failures, 10);
    delay = ngx_min(delay, (ngx_msec_t) keys->pcf->cooldown * 1000);

    return delay - ngx_random() % (delay / 10);
}

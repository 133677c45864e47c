
#include "status/ngx_http_rtauth_metrics.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "keys/ngx_http_rtauth_state.h"
#include "keys/ngx_http_rtauth_tally.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "session/ngx_http_rtauth_fleet.h"
#include "status/ngx_http_rtauth_ready.h"


#define NGX_HTTP_RTAUTH_METRICS_TOKEN  128      /* bytes in the zone */


/* what of a part of the zone, or of a provider */

typedef enum {
    NGX_HTTP_RTAUTH_METRICS_USED = 0,
    NGX_HTTP_RTAUTH_METRICS_LIMIT,
    NGX_HTTP_RTAUTH_METRICS_ENTRIES,
    NGX_HTTP_RTAUTH_METRICS_SIZE,
    NGX_HTTP_RTAUTH_METRICS_FREE,
    NGX_HTTP_RTAUTH_METRICS_READY,
    NGX_HTTP_RTAUTH_METRICS_DAMAGED,
    NGX_HTTP_RTAUTH_METRICS_KEYS,
    NGX_HTTP_RTAUTH_METRICS_UP,
    NGX_HTTP_RTAUTH_METRICS_AGE
} ngx_http_rtauth_metrics_e;


static void ngx_http_rtauth_metrics_since(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_requests(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_logins(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_logouts(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_revoked(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_waiting(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_ready(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_verifies(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_fetched(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_fetches(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_fault(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_redis(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_missed(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_untold(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_zone(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_parts(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_state(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_users(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_pushed(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static void ngx_http_rtauth_metrics_pushes(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what);
static ngx_uint_t ngx_http_rtauth_metrics_scim(ngx_http_rtauth_metrics_t *s,
    ngx_http_rtauth_scim_stats_t *stats);
static void ngx_http_rtauth_metrics_part(ngx_http_rtauth_metrics_t *s,
    const char *name, ngx_http_rtauth_part_t *part, ngx_uint_t what);
static rt_str_t ngx_http_rtauth_metrics_name(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t slot);
static uint64_t ngx_http_rtauth_metrics_sum(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t slot, ngx_http_rtauth_tally_e tally);
static ngx_uint_t ngx_http_rtauth_metrics_look(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t i, ngx_http_rtauth_slot_t *slot);


#define counter(name, help, ...)                                              \
    { rt_string("rtauth_" name "_total"), RT_METRICS_COUNTER,                 \
      rt_string(help), { __VA_ARGS__ } }
#define gauge(name, help, ...)                                                \
    { rt_string("rtauth_" name), RT_METRICS_GAUGE, rt_string(help),           \
      { __VA_ARGS__ } }
#define by(label)  rt_string(label)
#define alone      rt_null_string


static const struct {
    rt_metric_t    metric;
    void         (*values)(ngx_http_rtauth_metrics_t *s, ngx_uint_t what);
    ngx_uint_t     what;
} ngx_http_rtauth_metrics_table[] = {

    { gauge("start_time_seconds", "When counting began, since 1970.", alone),
      ngx_http_rtauth_metrics_since, 0 },

    { counter("requests", "Requests that were decided about.",
              by("provider"), by("result"), by("reason")),
      ngx_http_rtauth_metrics_requests, 0 },

    { counter("logins", "Sign-ins that came back, good or not.",
              by("provider"), by("reason")),
      ngx_http_rtauth_metrics_logins, 0 },

    { counter("logouts", "Sign-outs, by a person or by the provider.",
              by("provider")),
      ngx_http_rtauth_metrics_logouts, 0 },

    { counter("revocations", "What rtauth_revoke was told.", by("action")),
      ngx_http_rtauth_metrics_revoked, 0 },

    { gauge("waiting_requests", "Requests that wait for a provider.",
            by("for")),
      ngx_http_rtauth_metrics_waiting, 0 },

    { gauge("ready", "Whether this worker can decide.", alone),
      ngx_http_rtauth_metrics_ready, 0 },

    { gauge("provider_ready", "Whether this worker can verify its tokens.",
            by("provider")),
      ngx_http_rtauth_metrics_verifies, NGX_HTTP_RTAUTH_METRICS_READY },

    { gauge("provider_up", "Whether the last fetch of its keys was good.",
            by("provider")),
      ngx_http_rtauth_metrics_fetched, NGX_HTTP_RTAUTH_METRICS_UP },

    { gauge("keys", "Keys that this worker verifies with.", by("provider")),
      ngx_http_rtauth_metrics_verifies, NGX_HTTP_RTAUTH_METRICS_KEYS },

    { gauge("keys_age_seconds", "Time since the last good fetch of keys.",
            by("provider")),
      ngx_http_rtauth_metrics_fetched, NGX_HTTP_RTAUTH_METRICS_AGE },

    { counter("key_fetches", "Fetches of keys.", by("provider"), by("result")),
      ngx_http_rtauth_metrics_fetches, 0 },

    { gauge("key_fetch_error", "What kind of fault the last fetch met.",
            by("provider"), by("class")),
      ngx_http_rtauth_metrics_fault, 0 },

    { gauge("redis_up", "Whether this host hears what a fleet revokes.",
            by("redis")),
      ngx_http_rtauth_metrics_redis, 0 },

    { gauge("redis_missed", "What it hears, and rtauth_zone has no room for.",
            by("redis")),
      ngx_http_rtauth_metrics_missed, 0 },

    { gauge("scim_untold", "Names it keeps out that other hosts are not told.",
            alone),
      ngx_http_rtauth_metrics_untold, 0 },

    { gauge("zone_size_bytes", "Size of rtauth_zone.", alone),
      ngx_http_rtauth_metrics_zone, NGX_HTTP_RTAUTH_METRICS_SIZE },

    { gauge("zone_free_bytes", "Pages of rtauth_zone that nothing is in.",
            alone),
      ngx_http_rtauth_metrics_zone, NGX_HTTP_RTAUTH_METRICS_FREE },

    { gauge("zone_used_bytes", "What a part of rtauth_zone has in use.",
            by("part")),
      ngx_http_rtauth_metrics_parts, NGX_HTTP_RTAUTH_METRICS_USED },

    { gauge("zone_limit_bytes", "What a part of rtauth_zone may have.",
            by("part")),
      ngx_http_rtauth_metrics_parts, NGX_HTTP_RTAUTH_METRICS_LIMIT },

    { gauge("zone_entries", "Entries of a part of rtauth_zone.", by("part")),
      ngx_http_rtauth_metrics_parts, NGX_HTTP_RTAUTH_METRICS_ENTRIES },

    { gauge("zone_journal_damaged", "Whether a line of its state= is no good.",
            alone),
      ngx_http_rtauth_metrics_state, 0 },

    { gauge("scim_users", "Users that were pushed.", by("state")),
      ngx_http_rtauth_metrics_users, 0 },

    { gauge("scim_groups", "Groups that were pushed.", alone),
      ngx_http_rtauth_metrics_pushed, NGX_HTTP_RTAUTH_METRICS_ENTRIES },

    { gauge("scim_memberships", "Members of these, all together.", alone),
      ngx_http_rtauth_metrics_pushed, NGX_HTTP_RTAUTH_METRICS_KEYS },

    { gauge("scim_zone_used_bytes", "What of rtauth_scim_zone is in use.",
            alone),
      ngx_http_rtauth_metrics_pushed, NGX_HTTP_RTAUTH_METRICS_USED },

    { gauge("scim_zone_limit_bytes", "What may be in use of it.", alone),
      ngx_http_rtauth_metrics_pushed, NGX_HTTP_RTAUTH_METRICS_LIMIT },

    { gauge("scim_ready", "Whether users can be read, and changed here.",
            alone),
      ngx_http_rtauth_metrics_pushed, NGX_HTTP_RTAUTH_METRICS_READY },

    { gauge("scim_journal_bytes", "Size of its state=.", alone),
      ngx_http_rtauth_metrics_pushed, NGX_HTTP_RTAUTH_METRICS_SIZE },

    { gauge("scim_journal_damaged", "Whether a line of it is no good.",
            alone),
      ngx_http_rtauth_metrics_pushed, NGX_HTTP_RTAUTH_METRICS_DAMAGED },

    { counter("scim_requests", "Changes, and requests that changed nothing.",
              by("result")),
      ngx_http_rtauth_metrics_pushes, 0 },

    { gauge("", "", alone), NULL, 0 }
};


void
ngx_http_rtauth_metrics(rt_metrics_t *m, void *data)
{
    ngx_http_rtauth_metrics_t *s = data;

    ngx_uint_t  i;

    s->m = m;

    for (i = 0; ngx_http_rtauth_metrics_table[i].values; i++) {
        rt_metrics_begin(m, &ngx_http_rtauth_metrics_table[i].metric);
        ngx_http_rtauth_metrics_table[i].values(s,
                                      ngx_http_rtauth_metrics_table[i].what);
        rt_metrics_end(m);
    }
}


static void
ngx_http_rtauth_metrics_since(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    rt_metrics_value(s->m, NULL, ngx_http_rtauth_tally_since(s->mcf->tally));
}


/* those that were never seen are left out, but for the good ones */

static void
ngx_http_rtauth_metrics_requests(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    rt_str_t    value[3];
    uint64_t    n;
    ngx_uint_t  i, tally, reason;

    static const rt_str_t  results[] = {
        [NGX_HTTP_RTAUTH_TALLY_ALLOWED] = rt_string("allowed"),
        [NGX_HTTP_RTAUTH_TALLY_REFUSED] = rt_string("refused"),
        [NGX_HTTP_RTAUTH_TALLY_SATISFIED] = rt_string("satisfied"),
        [NGX_HTTP_RTAUTH_TALLY_DRY_RUN] = rt_string("dry_run"),
        [NGX_HTTP_RTAUTH_TALLY_ENDED] = rt_string("ended")
    };

    for (i = 0; i <= s->mcf->providers.nelts; i++) {
        value[0] = ngx_http_rtauth_metrics_name(s, i);

        for (tally = 0; tally <= NGX_HTTP_RTAUTH_TALLY_ENDED; tally++) {
            value[1] = results[tally];

            for (reason = 0; reason < RT_REASON_MAX; reason++) {
                n = (*s->mcf->tally->counts[i])[tally][reason];

                if (n || (i && tally == NGX_HTTP_RTAUTH_TALLY_ALLOWED
                          && reason == RT_REASON_OK))
                {
                    value[2] = rt_reason(reason)->name;
                    rt_metrics_value(s->m, value, n);
                }
            }
        }
    }
}


static void
ngx_http_rtauth_metrics_logins(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    rt_str_t                      value[2];
    uint64_t                      n;
    ngx_uint_t                    i, reason;
    ngx_http_rtauth_provider_t  **p;

    p = s->mcf->providers.elts;

    for (i = 0; i <= s->mcf->providers.nelts; i++) {
        value[0] = ngx_http_rtauth_metrics_name(s, i);

        for (reason = 0; reason < RT_REASON_MAX; reason++) {
            n = (*s->mcf->tally->counts[i])[NGX_HTTP_RTAUTH_TALLY_LOGIN]
                                           [reason];

            if (n || (i && p[i - 1]->client && reason == RT_REASON_OK)) {
                value[1] = rt_reason(reason)->name;
                rt_metrics_value(s->m, value, n);
            }
        }
    }
}


static void
ngx_http_rtauth_metrics_logouts(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    rt_str_t                      name;
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **p;

    p = s->mcf->providers.elts;

    for (i = 1; i <= s->mcf->providers.nelts; i++) {
        if (p[i - 1]->client) {
            name = ngx_http_rtauth_metrics_name(s, i);
            rt_metrics_value(s->m, &name,
                             ngx_http_rtauth_metrics_sum(s, i,
                                               NGX_HTTP_RTAUTH_TALLY_LOGOUT));
        }
    }
}


static void
ngx_http_rtauth_metrics_revoked(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    uint64_t    done, undone;
    ngx_uint_t  i;

    done = 0;
    undone = 0;

    for (i = 0; i <= s->mcf->providers.nelts; i++) {
        done += ngx_http_rtauth_metrics_sum(s, i,
                                            NGX_HTTP_RTAUTH_TALLY_REVOKE);
        undone += ngx_http_rtauth_metrics_sum(s, i,
                                              NGX_HTTP_RTAUTH_TALLY_UNDO);
    }

    rt_metrics_value(s->m, &(rt_str_t) rt_string("revoke"), done);
    rt_metrics_value(s->m, &(rt_str_t) rt_string("undo"), undone);
}


static void
ngx_http_rtauth_metrics_waiting(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    rt_metrics_value(s->m, &(rt_str_t) rt_string("keys"),
                     ngx_http_rtauth_tally_waiting(s->mcf->tally,
                                                NGX_HTTP_RTAUTH_WAITS_KEYS));
    rt_metrics_value(s->m, &(rt_str_t) rt_string("introspection"),
                     ngx_http_rtauth_tally_waiting(s->mcf->tally,
                                              NGX_HTTP_RTAUTH_WAITS_ANSWER));
}


static void
ngx_http_rtauth_metrics_ready(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    rt_metrics_value(s->m, NULL,
                     ngx_http_rtauth_ready(s->mcf, s->worker, NULL));
}


static void
ngx_http_rtauth_metrics_verifies(ngx_http_rtauth_metrics_t *s,
    ngx_uint_t what)
{
    uint64_t    n;
    rt_str_t    name;
    rt_jwks_t  *set;
    ngx_int_t   rc;
    ngx_uint_t  i, generation;

    for (i = 0; i < s->mcf->providers.nelts; i++) {
        rc = ngx_http_rtauth_keys_get(&s->worker->keys[i], &set, &generation);
        name = ngx_http_rtauth_metrics_name(s, i + 1);

        n = (rc != NGX_OK) ? 0
            : (what == NGX_HTTP_RTAUTH_METRICS_KEYS) ? set->nkeys : 1;

        rt_metrics_value(s->m, &name, n);
    }
}


/* the clock of this worker may be behind that of the one who fetched */

static void
ngx_http_rtauth_metrics_fetched(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    rt_str_t                name;
    ngx_uint_t              i;
    ngx_msec_int_t          age;
    ngx_http_rtauth_slot_t  slot;

    for (i = 0; i < s->mcf->providers.nelts; i++) {

        if (!ngx_http_rtauth_metrics_look(s, i, &slot)) {
            continue;
        }

        name = ngx_http_rtauth_metrics_name(s, i + 1);

        if (what == NGX_HTTP_RTAUTH_METRICS_UP) {
            rt_metrics_value(s->m, &name, slot.good && slot.failures == 0);

        } else if (slot.good) {
            age = (ngx_msec_int_t) (ngx_current_msec - slot.had);
            rt_metrics_value(s->m, &name, ngx_max(age, 0) / 1000);
        }
    }
}


static void
ngx_http_rtauth_metrics_fetches(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    rt_str_t                value[2];
    ngx_uint_t              i;
    ngx_http_rtauth_slot_t  slot;

    for (i = 0; i < s->mcf->providers.nelts; i++) {

        if (ngx_http_rtauth_metrics_look(s, i, &slot)) {
            value[0] = ngx_http_rtauth_metrics_name(s, i + 1);
            value[1] = (rt_str_t) rt_string("good");
            rt_metrics_value(s->m, value, slot.good);

            value[1] = (rt_str_t) rt_string("failed");
            rt_metrics_value(s->m, value, slot.attempts - slot.good);
        }
    }
}


/* all classes, so that one which is over is seen to be 0 */

static void
ngx_http_rtauth_metrics_fault(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    rt_str_t                value[2];
    ngx_uint_t              i, fault;
    ngx_http_rtauth_slot_t  slot;

    static const rt_str_t  classes[NGX_RT_HTTP_FAULTS] = {
        [NGX_RT_HTTP_FAULT_LOCAL] = rt_string("local"),
        [NGX_RT_HTTP_FAULT_NAME] = rt_string("name"),
        [NGX_RT_HTTP_FAULT_CONNECT] = rt_string("connect"),
        [NGX_RT_HTTP_FAULT_TLS] = rt_string("tls"),
        [NGX_RT_HTTP_FAULT_TIMEOUT] = rt_string("timeout"),
        [NGX_RT_HTTP_FAULT_STATUS] = rt_string("status"),
        [NGX_RT_HTTP_FAULT_ANSWER] = rt_string("answer")
    };

    for (i = 0; i < s->mcf->providers.nelts; i++) {

        if (!ngx_http_rtauth_metrics_look(s, i, &slot)) {
            continue;
        }

        value[0] = ngx_http_rtauth_metrics_name(s, i + 1);

        for (fault = 1; fault < NGX_RT_HTTP_FAULTS; fault++) {
            value[1] = classes[fault];
            rt_metrics_value(s->m, value, slot.fault == fault);
        }
    }
}


static void
ngx_http_rtauth_metrics_redis(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    ngx_int_t                  rc;
    ngx_uint_t                 i;
    ngx_http_rtauth_redis_t  **redis;

    redis = s->mcf->redis.elts;

    for (i = 0; i < s->mcf->redis.nelts; i++) {
        rc = ngx_http_rtauth_ready_redis(s->mcf, redis[i]);

        if (rc != NGX_DECLINED) {
            rt_metrics_value(s->m, ngx_rt_str(&redis[i]->name), rc == NGX_OK);
        }
    }
}


static void
ngx_http_rtauth_metrics_missed(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    ngx_uint_t                 i;
    ngx_http_rtauth_redis_t  **redis;

    redis = s->mcf->redis.elts;

    for (i = 0; s->mcf->zone && i < s->mcf->redis.nelts; i++) {
        rt_metrics_value(s->m, ngx_rt_str(&redis[i]->name),
                         ngx_http_rtauth_fleet_missed(redis[i], s->mcf->zone));
    }
}


static void
ngx_http_rtauth_metrics_untold(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    if (s->mcf->scim && s->mcf->zone && s->mcf->redis.nelts) {
        rt_metrics_value(s->m, NULL,
                         ngx_http_rtauth_revoked_untold(s->mcf->zone));
    }
}


static void
ngx_http_rtauth_metrics_zone(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    if (s->mcf->zone) {
        rt_metrics_value(s->m, NULL, what == NGX_HTTP_RTAUTH_METRICS_SIZE
                         ? s->mcf->zone->shm.size
                         : ngx_http_rtauth_shpool(s->mcf->zone)->pfree
                           * ngx_pagesize);
    }
}


/* key sets may have what the other parts leave; proofs are not counted */

static void
ngx_http_rtauth_metrics_parts(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    ngx_uint_t               i;
    ngx_queue_t             *q;
    ngx_http_rtauth_part_t   part;
    ngx_http_rtauth_root_t  *root;
    ngx_http_rtauth_slot_t  *slot;

    if (s->mcf->zone == NULL) {
        return;
    }

    root = ngx_http_rtauth_root(s->mcf->zone);

    ngx_http_rtauth_lock(s->mcf->zone);

    part.n = root->ntokens;
    part.bytes = root->ntokens * NGX_HTTP_RTAUTH_METRICS_TOKEN;
    part.max = root->max_tokens * NGX_HTTP_RTAUTH_METRICS_TOKEN;
    ngx_http_rtauth_metrics_part(s, "tokens", &part, what);

    ngx_http_rtauth_metrics_part(s, "sessions", &root->sessions, what);
    ngx_http_rtauth_metrics_part(s, "locks", &root->locks, what);
    ngx_http_rtauth_metrics_part(s, "revocations", &root->revoked, what);

    part.n = root->pushed;
    part.bytes = root->pushed * NGX_HTTP_RTAUTH_REVOKED_BYTES;
    part.max = root->revoked.max / 2;
    ngx_http_rtauth_metrics_part(s, "pushed", &part, what);

    ngx_http_rtauth_metrics_part(s, "frontchannel", &root->front, what);
    ngx_http_rtauth_metrics_part(s, "answers", &root->told, what);
    ngx_http_rtauth_metrics_part(s, "denials", &root->untrue, what);

    part.bytes = 0;
    part.max = root->nproofs * ngx_pagesize;

    for (i = 0; i < root->nproofs; i++) {
        part.bytes += root->proofs[i] ? ngx_pagesize : 0;
    }

    if (what != NGX_HTTP_RTAUTH_METRICS_ENTRIES) {
        ngx_http_rtauth_metrics_part(s, "proofs", &part, what);
    }

    part.n = 0;
    part.bytes = 0;

    for (q = ngx_queue_head(&root->slots);
         q != ngx_queue_sentinel(&root->slots);
         q = ngx_queue_next(q))
    {
        slot = ngx_queue_data(q, ngx_http_rtauth_slot_t, queue);
        part.n++;
        part.bytes += slot->len;
    }

    if (what != NGX_HTTP_RTAUTH_METRICS_LIMIT) {
        ngx_http_rtauth_metrics_part(s, "keys", &part, what);
    }

    ngx_http_rtauth_unlock(s->mcf->zone);
}


static void
ngx_http_rtauth_metrics_part(ngx_http_rtauth_metrics_t *s, const char *name,
    ngx_http_rtauth_part_t *part, ngx_uint_t what)
{
    rt_str_t  value;

    value.data = (u_char *) name;
    value.len = ngx_strlen(name);

    rt_metrics_value(s->m, &value,
                     what == NGX_HTTP_RTAUTH_METRICS_USED ? part->bytes
                     : what == NGX_HTTP_RTAUTH_METRICS_LIMIT ? part->max
                     : part->n);
}


static void
ngx_http_rtauth_metrics_state(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    if (s->mcf->state.len) {
        rt_metrics_value(s->m, NULL, ngx_http_rtauth_state_damaged(s->mcf));
    }
}


static void
ngx_http_rtauth_metrics_users(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    ngx_http_rtauth_scim_stats_t  stats;

    if (!ngx_http_rtauth_metrics_scim(s, &stats)) {
        return;
    }

    rt_metrics_value(s->m, &(rt_str_t) rt_string("active"),
                     stats.db.n[RT_SCIM_USER] - stats.db.off);
    rt_metrics_value(s->m, &(rt_str_t) rt_string("disabled"), stats.db.off);
    rt_metrics_value(s->m, &(rt_str_t) rt_string("deleted"), stats.db.gone);
}


static void
ngx_http_rtauth_metrics_pushed(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    uint64_t                      n;
    ngx_http_rtauth_scim_stats_t  stats;

    if (!ngx_http_rtauth_metrics_scim(s, &stats)) {
        return;
    }

    n = (what == NGX_HTTP_RTAUTH_METRICS_ENTRIES) ? stats.db.n[RT_SCIM_GROUP]
        : (what == NGX_HTTP_RTAUTH_METRICS_KEYS) ? stats.db.memberships
        : (what == NGX_HTTP_RTAUTH_METRICS_USED) ? stats.db.used
        : (what == NGX_HTTP_RTAUTH_METRICS_LIMIT) ? stats.db.size
        : (what == NGX_HTTP_RTAUTH_METRICS_READY)
          ? (stats.ready && stats.err == 0)
        : (what == NGX_HTTP_RTAUTH_METRICS_DAMAGED) ? stats.damaged
        : stats.journal;

    rt_metrics_value(s->m, NULL, n);
}


static void
ngx_http_rtauth_metrics_pushes(ngx_http_rtauth_metrics_t *s, ngx_uint_t what)
{
    ngx_uint_t  i, slot;

    static const struct {
        rt_str_t                  name;
        ngx_http_rtauth_tally_e   tally;
    } results[] = {
        { rt_string("changed"), NGX_HTTP_RTAUTH_TALLY_PUSHED },
        { rt_string("refused"), NGX_HTTP_RTAUTH_TALLY_PUSH_REFUSED },
        { rt_string("failed"), NGX_HTTP_RTAUTH_TALLY_PUSH_FAILED }
    };

    if (s->mcf->scim == NULL) {
        return;
    }

    slot = s->mcf->scim->provider->index + 1;

    for (i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
        rt_metrics_value(s->m, &results[i].name,
                         ngx_http_rtauth_metrics_sum(s, slot,
                                                     results[i].tally));
    }
}


/* ret: 0, nobody is pushed */

static ngx_uint_t
ngx_http_rtauth_metrics_scim(ngx_http_rtauth_metrics_t *s,
    ngx_http_rtauth_scim_stats_t *stats)
{
    ngx_http_rtauth_scim_store_t  *store;

    store = s->mcf->scim ? ngx_http_rtauth_scim_opened(s->mcf->scim) : NULL;

    if (store) {
        ngx_http_rtauth_scim_stats(store, stats);
    }

    return store != NULL;
}


/* slot 0 is of no provider */

static rt_str_t
ngx_http_rtauth_metrics_name(ngx_http_rtauth_metrics_t *s, ngx_uint_t slot)
{
    ngx_http_rtauth_provider_t  **p;

    p = s->mcf->providers.elts;

    return slot ? *ngx_rt_str(&p[slot - 1]->name) : (rt_str_t) rt_null_string;
}


static uint64_t
ngx_http_rtauth_metrics_sum(ngx_http_rtauth_metrics_t *s, ngx_uint_t slot,
    ngx_http_rtauth_tally_e tally)
{
    uint64_t    n;
    ngx_uint_t  reason;

    n = 0;

    for (reason = 0; reason < RT_REASON_MAX; reason++) {
        n += (*s->mcf->tally->counts[slot])[tally][reason];
    }

    return n;
}


/* of a provider whose keys come from an address; ret: 1, 0 */

static ngx_uint_t
ngx_http_rtauth_metrics_look(ngx_http_rtauth_metrics_t *s, ngx_uint_t i,
    ngx_http_rtauth_slot_t *slot)
{
    return ngx_http_rtauth_slot_look(&s->worker->keys[i].hold, slot);
}

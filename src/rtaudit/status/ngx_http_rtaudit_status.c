
#include "status/ngx_http_rtaudit_status.h"
#include "sink/ngx_http_rtaudit_drain.h"
#include "sink/ngx_http_rtaudit_retired.h"
#include "sink/ngx_http_rtaudit_zone.h"
#include "ngx_rt_metrics.h"


/* what is known of a sink: sums over all workers, unless it says otherwise */

typedef enum {
    NGX_HTTP_RTAUDIT_STATUS_REQUESTS = 0,
    NGX_HTTP_RTAUDIT_STATUS_WAIVED,
    NGX_HTTP_RTAUDIT_STATUS_WRITTEN,
    NGX_HTTP_RTAUDIT_STATUS_HAND,
    NGX_HTTP_RTAUDIT_STATUS_BACKLOG,
    NGX_HTTP_RTAUDIT_STATUS_BYTES,
    NGX_HTTP_RTAUDIT_STATUS_UNTOLD,
    NGX_HTTP_RTAUDIT_STATUS_OWN,
    NGX_HTTP_RTAUDIT_STATUS_OWN_DROPPED,
    NGX_HTTP_RTAUDIT_STATUS_UP,             /* with all workers */
    NGX_HTTP_RTAUDIT_STATUS_ERROR,          /* of one that has one */
    NGX_HTTP_RTAUDIT_STATUS_AGE,            /* of the worst */
    NGX_HTTP_RTAUDIT_STATUS_REQUIRED,
    NGX_HTTP_RTAUDIT_STATUS_N
} ngx_http_rtaudit_status_n_e;


/* what is known of the zone */

typedef enum {
    NGX_HTTP_RTAUDIT_STATUS_SINCE = 0,
    NGX_HTTP_RTAUDIT_STATUS_REFUSED,
    NGX_HTTP_RTAUDIT_STATUS_RINGS,
    NGX_HTTP_RTAUDIT_STATUS_HELD,
    NGX_HTTP_RTAUDIT_STATUS_SIZE,
    NGX_HTTP_RTAUDIT_STATUS_USED,           /* of the fullest */
    NGX_HTTP_RTAUDIT_STATUS_PEAK,
    NGX_HTTP_RTAUDIT_STATUS_RETIRED,
    NGX_HTTP_RTAUDIT_STATUS_RETIRED_EVENTS,
    NGX_HTTP_RTAUDIT_STATUS_ALL
} ngx_http_rtaudit_status_all_e;


typedef struct {
    ngx_http_rtaudit_sink_t  *sink;
    uint64_t                  n[NGX_HTTP_RTAUDIT_STATUS_N];
    uint64_t                  dropped[RT_EVENT_DROPS];
    uint64_t                  settled;
    ngx_http_rtaudit_sent_t  *sent;         /* of a collector, or NULL */
} ngx_http_rtaudit_status_sink_t;


typedef struct {
    rt_metrics_t                    *m;
    ngx_uint_t                       nsinks;
    ngx_http_rtaudit_status_sink_t   sink[NGX_HTTP_RTAUDIT_SINKS];
    uint64_t                         n[NGX_HTTP_RTAUDIT_STATUS_ALL];
} ngx_http_rtaudit_status_t;


static ngx_int_t ngx_http_rtaudit_status_answer(ngx_http_request_t *r,
    rt_metrics_form_e form);
static void ngx_http_rtaudit_status_read(ngx_http_rtaudit_status_t *s,
    ngx_http_rtaudit_zone_t *zone);
static void ngx_http_rtaudit_status_ring(ngx_http_rtaudit_status_t *s,
    ngx_http_rtaudit_zone_t *zone, ngx_http_rtaudit_slot_t *slot);
static void ngx_http_rtaudit_status_books(ngx_http_rtaudit_status_sink_t *sum,
    ngx_http_rtaudit_slot_t *slot);
static void ngx_http_rtaudit_status_health(
    ngx_http_rtaudit_status_sink_t *sum, ngx_http_rtaudit_account_t *account,
    uint64_t now);
static void ngx_http_rtaudit_status_close(
    ngx_http_rtaudit_status_sink_t *sum);
static void ngx_http_rtaudit_status_write(rt_metrics_t *m, void *data);
static void ngx_http_rtaudit_status_of_zone(ngx_http_rtaudit_status_t *s,
    ngx_uint_t what);
static void ngx_http_rtaudit_status_of_sinks(ngx_http_rtaudit_status_t *s,
    ngx_uint_t what);
static void ngx_http_rtaudit_status_dropped(ngx_http_rtaudit_status_t *s,
    ngx_uint_t what);
static void ngx_http_rtaudit_status_own(ngx_http_rtaudit_status_t *s,
    ngx_uint_t what);
static void ngx_http_rtaudit_status_collector(ngx_http_rtaudit_status_t *s,
    ngx_uint_t what);
static void ngx_http_rtaudit_status_spool(ngx_http_rtaudit_status_t *s,
    ngx_uint_t what);


#define counter(name, help, ...)                                              \
    { rt_string("rtaudit_" name "_total"), RT_METRICS_COUNTER,                \
      rt_string(help), { __VA_ARGS__ } }
#define gauge(name, help, ...)                                                \
    { rt_string("rtaudit_" name), RT_METRICS_GAUGE, rt_string(help),          \
      { __VA_ARGS__ } }
#define by(label)  rt_string(label)
#define alone      rt_null_string


static const struct {
    rt_metric_t    metric;
    void         (*values)(ngx_http_rtaudit_status_t *s, ngx_uint_t what);
    ngx_uint_t     what;
} ngx_http_rtaudit_status_table[] = {

    { gauge("start_time_seconds", "When counting began, since 1970.", alone),
      ngx_http_rtaudit_status_of_zone, NGX_HTTP_RTAUDIT_STATUS_SINCE },

    { counter("requests", "Requests to audited locations that began.",
              by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_REQUESTS },

    { counter("waived", "Requests at level none.", by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_WAIVED },

    { counter("written", "Events of requests that were written.", by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_WRITTEN },

    { counter("dropped", "Events of requests that are lost.", by("sink"),
              by("reason")),
      ngx_http_rtaudit_status_dropped, 0 },

    { gauge("requests_in_hand", "Requests whose event is not due yet.",
            by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_HAND },

    { gauge("backlog_events", "Events of requests that wait to be written.",
            by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_BACKLOG },

    { gauge("backlog_bytes", "Bytes of the rings that wait to be written.",
            by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_BYTES },

    { gauge("untold_events", "Lost events that no event has told of yet.",
            by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_UNTOLD },

    { counter("own_events", "Lines that are no event of a request.",
              by("sink"), by("result")),
      ngx_http_rtaudit_status_own, 0 },

    { counter("collector_events",
              "Events that were written, and what a collector made of them.",
              by("sink"), by("result")),
      ngx_http_rtaudit_status_collector, 0 },

    { gauge("collector_status", "Of a collector's last answer, or 0.",
            by("sink")),
      ngx_http_rtaudit_status_spool,
      offsetof(ngx_http_rtaudit_sent_t, status) },

    { gauge("spool_bytes", "Bytes on disk that wait for a collector.",
            by("sink")),
      ngx_http_rtaudit_status_spool,
      offsetof(ngx_http_rtaudit_sent_t, waiting) },

    { gauge("sink_up", "Whether the sink takes lines of all workers.",
            by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_UP },

    { gauge("sink_errno", "Number of the error that it fails with, or 0.",
            by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_ERROR },

    { gauge("sink_age_seconds", "Time since a worker last got on with it.",
            by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_AGE },

    { gauge("sink_required", "Whether requests are refused without it.",
            by("sink")),
      ngx_http_rtaudit_status_of_sinks, NGX_HTTP_RTAUDIT_STATUS_REQUIRED },

    { counter("refused", "Requests refused for want of a required sink.",
              alone),
      ngx_http_rtaudit_status_of_zone, NGX_HTTP_RTAUDIT_STATUS_REFUSED },

    { gauge("rings", "Rings of rtaudit_zone.", alone),
      ngx_http_rtaudit_status_of_zone, NGX_HTTP_RTAUDIT_STATUS_RINGS },

    { gauge("rings_held", "Rings that a worker has, without the shared one.",
            alone),
      ngx_http_rtaudit_status_of_zone, NGX_HTTP_RTAUDIT_STATUS_HELD },

    { gauge("ring_size_bytes", "Size of each ring.", alone),
      ngx_http_rtaudit_status_of_zone, NGX_HTTP_RTAUDIT_STATUS_SIZE },

    { gauge("ring_used_bytes", "What the fullest ring has in use.", alone),
      ngx_http_rtaudit_status_of_zone, NGX_HTTP_RTAUDIT_STATUS_USED },

    { gauge("ring_peak_bytes", "The most that a ring had in use.", alone),
      ngx_http_rtaudit_status_of_zone, NGX_HTTP_RTAUDIT_STATUS_PEAK },

    { gauge("retired_zones", "Replaced zones that are not empty yet.", alone),
      ngx_http_rtaudit_status_of_zone, NGX_HTTP_RTAUDIT_STATUS_RETIRED },

    { gauge("retired_events", "Events of requests that wait in them.", alone),
      ngx_http_rtaudit_status_of_zone, NGX_HTTP_RTAUDIT_STATUS_RETIRED_EVENTS },

    { gauge("", "", alone), NULL, 0 }
};


ngx_int_t
ngx_http_rtaudit_status_json(ngx_http_request_t *r)
{
    return ngx_http_rtaudit_status_answer(r, RT_METRICS_JSON);
}


ngx_int_t
ngx_http_rtaudit_status_prometheus(ngx_http_request_t *r)
{
    return ngx_http_rtaudit_status_answer(r, RT_METRICS_PROMETHEUS);
}


static ngx_int_t
ngx_http_rtaudit_status_answer(ngx_http_request_t *r, rt_metrics_form_e form)
{
    ngx_uint_t                     i;
    ngx_http_rtaudit_sink_t      **sink;
    ngx_http_rtaudit_status_t     *s;
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtaudit_module);

    s = ngx_pcalloc(r->pool, sizeof(ngx_http_rtaudit_status_t));
    if (s == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    sink = mcf->sinks.elts;
    s->nsinks = mcf->sinks.nelts;

    for (i = 0; i < s->nsinks; i++) {
        s->sink[i].sink = sink[i];
        s->sink[i].n[NGX_HTTP_RTAUDIT_STATUS_REQUIRED] = sink[i]->required;
        s->sink[i].n[NGX_HTTP_RTAUDIT_STATUS_UP] = 1;
    }

    if (mcf->sh) {
        ngx_http_rtaudit_status_read(s, mcf->sh);
    }

    return ngx_rt_metrics_answer(r, form, ngx_http_rtaudit_status_write, s);
}


static void
ngx_http_rtaudit_status_read(ngx_http_rtaudit_status_t *s,
    ngx_http_rtaudit_zone_t *zone)
{
    ngx_uint_t  i;

    for (i = 0; i <= zone->nslots; i++) {
        ngx_http_rtaudit_status_ring(s, zone, &zone->slot[i]);
    }

    for (i = 0; i < s->nsinks; i++) {
        ngx_http_rtaudit_status_close(&s->sink[i]);

        if (s->sink[i].sink->batches) {
            s->sink[i].sent = &zone->sink[s->sink[i].sink->id].sent;
        }
    }

    s->n[NGX_HTTP_RTAUDIT_STATUS_SINCE] = zone->since;
    s->n[NGX_HTTP_RTAUDIT_STATUS_REFUSED]
                                  = ngx_http_rtaudit_zone_get(&zone->refused);
    s->n[NGX_HTTP_RTAUDIT_STATUS_RINGS] = zone->nslots + 1;
    s->n[NGX_HTTP_RTAUDIT_STATUS_SIZE] = zone->ring;

    s->n[NGX_HTTP_RTAUDIT_STATUS_RETIRED] = ngx_http_rtaudit_retired_left(
                           &s->n[NGX_HTTP_RTAUDIT_STATUS_RETIRED_EVENTS]);
}


static void
ngx_http_rtaudit_status_ring(ngx_http_rtaudit_status_t *s,
    ngx_http_rtaudit_zone_t *zone, ngx_http_rtaudit_slot_t *slot)
{
    uint64_t    now, used, peak;
    ngx_uint_t  i, held;

    now = ngx_http_rtaudit_zone_now();
    held = ngx_http_rtaudit_slot_held(zone, slot);
    used = rt_ring_used(&slot->ring);
    peak = ngx_http_rtaudit_zone_get(&slot->peak);

    if (slot != ngx_http_rtaudit_zone_late(zone)) {
        s->n[NGX_HTTP_RTAUDIT_STATUS_HELD] += held;
    }

    s->n[NGX_HTTP_RTAUDIT_STATUS_USED]
                       = ngx_max(s->n[NGX_HTTP_RTAUDIT_STATUS_USED], used);
    s->n[NGX_HTTP_RTAUDIT_STATUS_PEAK]
                       = ngx_max(s->n[NGX_HTTP_RTAUDIT_STATUS_PEAK], peak);

    for (i = 0; i < s->nsinks; i++) {
        ngx_http_rtaudit_status_books(&s->sink[i], slot);

        if (held) {
            ngx_http_rtaudit_status_health(&s->sink[i],
                                     &slot->account[s->sink[i].sink->id], now);
        }
    }
}


/*
 * An event that was lost with its file was written before: a counter never
 * goes back.  What is done is read before what was begun.
 */

static void
ngx_http_rtaudit_status_books(ngx_http_rtaudit_status_sink_t *sum,
    ngx_http_rtaudit_slot_t *slot)
{
    uint64_t                     n, from, head;
    ngx_uint_t                   k;
    ngx_http_rtaudit_account_t  *account;

    account = &slot->account[sum->sink->id];

    sum->n[NGX_HTTP_RTAUDIT_STATUS_UNTOLD]
                                  -= ngx_http_rtaudit_zone_get(&account->told);
    sum->n[NGX_HTTP_RTAUDIT_STATUS_UNTOLD]
                                  += ngx_http_rtaudit_zone_get(&account->lost);
    sum->n[NGX_HTTP_RTAUDIT_STATUS_WRITTEN]
                               += ngx_http_rtaudit_zone_get(&account->written);

    for (k = 0; k < RT_EVENT_DROPS; k++) {
        n = ngx_http_rtaudit_zone_get(&account->dropped[k]);
        sum->dropped[k] += n;

        if (k == RT_EVENT_DROP_UNLINKED) {
            sum->n[NGX_HTTP_RTAUDIT_STATUS_WRITTEN] += n;
        }
    }

    sum->n[NGX_HTTP_RTAUDIT_STATUS_WAIVED]
                                += ngx_http_rtaudit_zone_get(&account->waived);
    sum->settled += ngx_http_rtaudit_zone_get(&account->settled);
    sum->n[NGX_HTTP_RTAUDIT_STATUS_REQUESTS]
                              += ngx_http_rtaudit_zone_get(&account->requests);

    sum->n[NGX_HTTP_RTAUDIT_STATUS_OWN]
                         += ngx_http_rtaudit_zone_get(&account->extra_written);
    sum->n[NGX_HTTP_RTAUDIT_STATUS_OWN_DROPPED]
                         += ngx_http_rtaudit_zone_get(&account->extra_dropped);

    /* a new sink begins where the others are */

    from = ngx_http_rtaudit_zone_get(&account->cursor);
    from = ngx_max(from, ngx_http_rtaudit_zone_get(&slot->ring.tail));
    head = ngx_http_rtaudit_zone_get(&slot->ring.head);

    sum->n[NGX_HTTP_RTAUDIT_STATUS_BYTES] += head - from;
}


static void
ngx_http_rtaudit_status_health(ngx_http_rtaudit_status_sink_t *sum,
    ngx_http_rtaudit_account_t *account, uint64_t now)
{
    uint64_t  err, good, age;

    err = ngx_http_rtaudit_zone_get(&account->err);
    good = ngx_http_rtaudit_zone_get(&account->good);
    age = (good && now > good) ? now - good : 0;

    if (err || age >= NGX_HTTP_RTAUDIT_STALE) {
        sum->n[NGX_HTTP_RTAUDIT_STATUS_UP] = 0;
    }

    if (err) {
        sum->n[NGX_HTTP_RTAUDIT_STATUS_ERROR] = err;
    }

    sum->n[NGX_HTTP_RTAUDIT_STATUS_AGE]
                 = ngx_max(sum->n[NGX_HTTP_RTAUDIT_STATUS_AGE], age / 1000);
}


/*
 * Workers go on while this is read.  A difference that would be negative is 0.
 */

static void
ngx_http_rtaudit_status_close(ngx_http_rtaudit_status_sink_t *sum)
{
    uint64_t    done;
    ngx_uint_t  k;

    done = sum->n[NGX_HTTP_RTAUDIT_STATUS_WAIVED]
           + sum->n[NGX_HTTP_RTAUDIT_STATUS_WRITTEN];

    for (k = 0; k < RT_EVENT_DROPS; k++) {
        done += (k == RT_EVENT_DROP_UNLINKED) ? 0 : sum->dropped[k];
    }

    if (sum->settled > done) {
        sum->n[NGX_HTTP_RTAUDIT_STATUS_BACKLOG] = sum->settled - done;
    }

    if (sum->n[NGX_HTTP_RTAUDIT_STATUS_REQUESTS] > sum->settled) {
        sum->n[NGX_HTTP_RTAUDIT_STATUS_HAND]
                = sum->n[NGX_HTTP_RTAUDIT_STATUS_REQUESTS] - sum->settled;
    }
}


static void
ngx_http_rtaudit_status_write(rt_metrics_t *m, void *data)
{
    ngx_http_rtaudit_status_t *s = data;

    ngx_uint_t  i;

    s->m = m;

    for (i = 0; ngx_http_rtaudit_status_table[i].values; i++) {
        rt_metrics_begin(m, &ngx_http_rtaudit_status_table[i].metric);
        ngx_http_rtaudit_status_table[i].values(s,
                                      ngx_http_rtaudit_status_table[i].what);
        rt_metrics_end(m);
    }
}


static void
ngx_http_rtaudit_status_of_zone(ngx_http_rtaudit_status_t *s, ngx_uint_t what)
{
    rt_metrics_value(s->m, NULL, s->n[what]);
}


static void
ngx_http_rtaudit_status_of_sinks(ngx_http_rtaudit_status_t *s,
    ngx_uint_t what)
{
    ngx_uint_t  i;

    for (i = 0; i < s->nsinks; i++) {
        rt_metrics_value(s->m, ngx_rt_str(&s->sink[i].sink->name),
                         s->sink[i].n[what]);
    }
}


static void
ngx_http_rtaudit_status_dropped(ngx_http_rtaudit_status_t *s, ngx_uint_t what)
{
    rt_str_t    value[2];
    ngx_uint_t  i, k;

    for (i = 0; i < s->nsinks; i++) {
        value[0] = *ngx_rt_str(&s->sink[i].sink->name);

        for (k = 0; k < RT_EVENT_DROPS; k++) {
            value[1] = rt_str_of(rt_event_drop_name(k));
            rt_metrics_value(s->m, value, s->sink[i].dropped[k]);
        }
    }
}


static void
ngx_http_rtaudit_status_own(ngx_http_rtaudit_status_t *s, ngx_uint_t what)
{
    rt_str_t    value[2];
    ngx_uint_t  i;

    for (i = 0; i < s->nsinks; i++) {
        value[0] = *ngx_rt_str(&s->sink[i].sink->name);

        value[1] = (rt_str_t) rt_string("written");
        rt_metrics_value(s->m, value,
                         s->sink[i].n[NGX_HTTP_RTAUDIT_STATUS_OWN]);

        value[1] = (rt_str_t) rt_string("dropped");
        rt_metrics_value(s->m, value,
                         s->sink[i].n[NGX_HTTP_RTAUDIT_STATUS_OWN_DROPPED]);
    }
}


static void
ngx_http_rtaudit_status_collector(ngx_http_rtaudit_status_t *s,
    ngx_uint_t what)
{
    rt_str_t                  value[2];
    ngx_uint_t                i;
    ngx_http_rtaudit_sent_t  *sent;

    for (i = 0; i < s->nsinks; i++) {
        sent = s->sink[i].sent;

        if (sent == NULL) {
            continue;
        }

        value[0] = *ngx_rt_str(&s->sink[i].sink->name);

        value[1] = (rt_str_t) rt_string("taken");
        rt_metrics_value(s->m, value, ngx_http_rtaudit_zone_get(&sent->taken));

        value[1] = (rt_str_t) rt_string("refused");
        rt_metrics_value(s->m, value,
                         ngx_http_rtaudit_zone_get(&sent->refused));

        value[1] = (rt_str_t) rt_string("lost");
        rt_metrics_value(s->m, value, ngx_http_rtaudit_zone_get(&sent->lost));
    }
}


static void
ngx_http_rtaudit_status_spool(ngx_http_rtaudit_status_t *s, ngx_uint_t what)
{
    ngx_uint_t                i;
    ngx_http_rtaudit_sent_t  *sent;

    for (i = 0; i < s->nsinks; i++) {
        sent = s->sink[i].sent;

        if (sent) {
            rt_metrics_value(s->m, ngx_rt_str(&s->sink[i].sink->name),
                             ngx_http_rtaudit_zone_get(
                                (ngx_http_rtaudit_count_t *)
                                                ((u_char *) sent + what)));
        }
    }
}

#include "report/ngx_http_rtcsp_status.h"
#include "report/ngx_http_rtcsp_tally.h"
#include "ngx_rt_metrics.h"


typedef struct {
    rt_metrics_t            *m;
    ngx_http_rtcsp_tally_t  *tally;
} ngx_http_rtcsp_status_t;


static void ngx_http_rtcsp_status_write(rt_metrics_t *m, void *data);
static void ngx_http_rtcsp_status_since(ngx_http_rtcsp_status_t *s,
    ngx_uint_t offset);
static void ngx_http_rtcsp_status_count(ngx_http_rtcsp_status_t *s,
    ngx_uint_t offset);
static void ngx_http_rtcsp_status_lost(ngx_http_rtcsp_status_t *s,
    ngx_uint_t offset);
static void ngx_http_rtcsp_status_bad(ngx_http_rtcsp_status_t *s,
    ngx_uint_t offset);
static void ngx_http_rtcsp_status_results(ngx_http_rtcsp_status_t *s,
    ngx_uint_t offset);
static void ngx_http_rtcsp_status_violations(ngx_http_rtcsp_status_t *s,
    ngx_uint_t offset);


#define counter(name, help, ...)                                              \
    { rt_string("rtcsp_" name "_total"), RT_METRICS_COUNTER,                  \
      rt_string(help), { __VA_ARGS__ } }
#define at(member)  offsetof(ngx_http_rtcsp_tally_t, member)
#define by(label)   rt_string(label)
#define alone       rt_null_string


static const struct {
    rt_metric_t    metric;
    void         (*values)(ngx_http_rtcsp_status_t *s, ngx_uint_t offset);
    ngx_uint_t     offset;
} ngx_http_rtcsp_status_table[] = {

    { { rt_string("rtcsp_start_time_seconds"), RT_METRICS_GAUGE,
        rt_string("When counting began, since 1970."), { alone } },
      ngx_http_rtcsp_status_since, 0 },

    { counter("pages", "Pages that went out with a nonce.", alone),
      ngx_http_rtcsp_status_count, at(pages) },

    { counter("nonces_placed", "Nonces that were put into pages.", alone),
      ngx_http_rtcsp_status_count, at(placed) },

    { counter("placeholders_scrubbed", "Placeholders that were overwritten.",
              alone),
      ngx_http_rtcsp_status_count, at(scrubbed) },

    { counter("pages_lost", "Pages of which a tag may have lost its nonce.",
              by("reason")),
      ngx_http_rtcsp_status_lost, 0 },

    { counter("random_failures", "Responses for which there was no nonce.",
              alone),
      ngx_http_rtcsp_status_count, at(failed) },

    { counter("bad_responses", "Responses of upstream that were not sent.",
              by("reason")),
      ngx_http_rtcsp_status_bad, 0 },

    { counter("reports", "Requests to rtcsp_collector.", by("result")),
      ngx_http_rtcsp_status_results, 0 },

    { counter("violations", "Violations that browsers reported.",
              by("directive"), by("class")),
      ngx_http_rtcsp_status_violations, 0 }
};


ngx_int_t
ngx_http_rtcsp_status_json(ngx_http_request_t *r)
{
    ngx_http_rtcsp_status_t  s;

    s.tally = ngx_http_rtcsp_tally(r);

    return ngx_rt_metrics_answer(r, RT_METRICS_JSON,
                                 ngx_http_rtcsp_status_write, &s);
}


ngx_int_t
ngx_http_rtcsp_status_prometheus(ngx_http_request_t *r)
{
    ngx_http_rtcsp_status_t  s;

    s.tally = ngx_http_rtcsp_tally(r);

    return ngx_rt_metrics_answer(r, RT_METRICS_PROMETHEUS,
                                 ngx_http_rtcsp_status_write, &s);
}


static void
ngx_http_rtcsp_status_write(rt_metrics_t *m, void *data)
{
    ngx_http_rtcsp_status_t *s = data;

    ngx_uint_t  i, n;

    s->m = m;
    n = sizeof(ngx_http_rtcsp_status_table)
        / sizeof(ngx_http_rtcsp_status_table[0]);

    for (i = 0; i < n; i++) {
        rt_metrics_begin(m, &ngx_http_rtcsp_status_table[i].metric);
        ngx_http_rtcsp_status_table[i].values(s,
                                      ngx_http_rtcsp_status_table[i].offset);
        rt_metrics_end(m);
    }
}


static void
ngx_http_rtcsp_status_since(ngx_http_rtcsp_status_t *s, ngx_uint_t offset)
{
    rt_metrics_value(s->m, NULL, s->tally->since);
}


static void
ngx_http_rtcsp_status_count(ngx_http_rtcsp_status_t *s, ngx_uint_t offset)
{
    rt_metrics_value(s->m, NULL,
                     *(ngx_atomic_t *) ((u_char *) s->tally + offset));
}


static void
ngx_http_rtcsp_status_lost(ngx_http_rtcsp_status_t *s, ngx_uint_t offset)
{
    rt_str_t    reason;
    ngx_uint_t  i;

    for (i = 1; rt_nonce_loss(i); i++) {
        reason = rt_str_of(rt_nonce_loss(i));
        rt_metrics_value(s->m, &reason, s->tally->lost[i]);
    }
}


static void
ngx_http_rtcsp_status_bad(ngx_http_rtcsp_status_t *s, ngx_uint_t offset)
{
    ngx_uint_t  i;

    static const rt_str_t  reasons[NGX_HTTP_RTCSP_BADS] = {
        [NGX_HTTP_RTCSP_INTERIM] = rt_string("interim"),
        [NGX_HTTP_RTCSP_PART] = rt_string("part"),
        [NGX_HTTP_RTCSP_ENCODED] = rt_string("encoding"),
        [NGX_HTTP_RTCSP_RANGE] = rt_string("range")
    };

    for (i = 1; i < NGX_HTTP_RTCSP_BADS; i++) {
        rt_metrics_value(s->m, &reasons[i], s->tally->bad[i]);
    }
}


static void
ngx_http_rtcsp_status_results(ngx_http_rtcsp_status_t *s, ngx_uint_t offset)
{
    ngx_uint_t  i;

    static const rt_str_t  results[NGX_HTTP_RTCSP_RESULTS] = {
        [NGX_HTTP_RTCSP_TAKEN] = rt_string("taken"),
        [NGX_HTTP_RTCSP_NO_METHOD] = rt_string("method"),
        [NGX_HTTP_RTCSP_NO_TYPE] = rt_string("type"),
        [NGX_HTTP_RTCSP_NO_REPORT] = rt_string("content"),
        [NGX_HTTP_RTCSP_TOO_LONG] = rt_string("size"),
        [NGX_HTTP_RTCSP_TOO_MANY] = rt_string("rate"),
        [NGX_HTTP_RTCSP_NOT_TAKEN] = rt_string("other")
    };

    for (i = 0; i < NGX_HTTP_RTCSP_RESULTS; i++) {
        rt_metrics_value(s->m, &results[i], s->tally->results[i]);
    }
}


/* those that were never reported are left out */

static void
ngx_http_rtcsp_status_violations(ngx_http_rtcsp_status_t *s,
    ngx_uint_t offset)
{
    rt_str_t    value[2];
    uint64_t    n;
    ngx_uint_t  i, class;

    for (i = 0; rt_csp_report_directive(i); i++) {
        value[0] = rt_str_of(rt_csp_report_directive(i));

        for (class = 0; class < RT_CSP_CLASSES; class++) {
            n = s->tally->violations[i][class];

            if (n) {
                value[1] = rt_str_of(rt_csp_report_class(class));
                rt_metrics_value(s->m, value, n);
            }
        }
    }
}

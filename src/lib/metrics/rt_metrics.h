
/*
 * What a server counts and measures, written for who asks: as one JSON object,
 * or in the text format of Prometheus (0.0.4).
 *
 * A metric is a row of its owner's table: names, types and labels are
 * constants, and only values of labels and numbers come in while it is
 * written.  Both forms say the same:
 *
 *     {"rt_hits_total":[{"kind":"a","value":1}],"rt_up":1}
 *
 *     # HELP rt_hits_total What was hit.
 *     # TYPE rt_hits_total counter
 *     rt_hits_total{kind="a"} 1
 *
 * The writer never writes past its end.  What does not fit is remembered, and
 * told at the end: the caller tries again with more room.
 */


#ifndef RT_METRICS_H_INCLUDED
#define RT_METRICS_H_INCLUDED


#include "json/rt_jsonw.h"


#pragma GCC visibility push(hidden)


#define RT_METRICS_LABELS  3        /* of one metric, at most */

#define RT_METRICS_COUNTER  rt_string("counter")
#define RT_METRICS_GAUGE    rt_string("gauge")


/* plain ASCII, all of it */

typedef struct {
    rt_str_t             name;      /* [a-z_]+; of a counter "..._total" */
    rt_str_t             type;
    rt_str_t             help;      /* a sentence without "\" and LF */
    rt_str_t             label[RT_METRICS_LABELS];  /* the rest is empty */
} rt_metric_t;


typedef enum {
    RT_METRICS_JSON = 0,
    RT_METRICS_PROMETHEUS
} rt_metrics_form_e;


typedef struct {
    rt_jsonw_t           w;
    rt_metrics_form_e    form;
    const rt_metric_t   *metric;    /* that is written */
} rt_metrics_t;


void rt_metrics_init(rt_metrics_t *m, rt_metrics_form_e form,
    unsigned char *buf, size_t size);

/* a metric: begin; its values in any number, without labels at most one; end */
void rt_metrics_begin(rt_metrics_t *m, const rt_metric_t *metric);
void rt_metrics_end(rt_metrics_t *m);

/* in: value, any bytes, as many as the metric has labels; NULL: it has none */
void rt_metrics_value(rt_metrics_t *m, const rt_str_t *value, uint64_t n);

/* ret: RT_OK with all of the text; RT_TOO_BIG */
rt_status_e rt_metrics_done(rt_metrics_t *m, rt_str_t *text);


#pragma GCC visibility pop


#endif /* RT_METRICS_H_INCLUDED */


/*
 * The metrics of rtauth_status: one table of names, types, labels and of the
 * functions that read them, for both forms.
 */


#ifndef NGX_HTTP_RTAUTH_METRICS_H_INCLUDED
#define NGX_HTTP_RTAUTH_METRICS_H_INCLUDED


#include "keys/ngx_http_rtauth_worker.h"
#include "metrics/rt_metrics.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_http_rtauth_main_conf_t  *mcf;
    ngx_http_rtauth_worker_t     *worker;   /* NULL without a provider */

    rt_metrics_t                 *m;        /* while it is written */
} ngx_http_rtauth_metrics_t;


/* in:  data, one of these; see ngx_rt_metrics.h */
void ngx_http_rtauth_metrics(rt_metrics_t *m, void *data);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_METRICS_H_INCLUDED */

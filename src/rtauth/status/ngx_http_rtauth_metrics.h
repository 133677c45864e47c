
/*
 * The metrics of rtauth_status: one table of names, types, labels and of the
 * functions that read them, for both forms.
 */


#ifndef NGX_HTTP_RTAUTH_METRICS_H_INCLUDED
#define NGX_HTTP_RTAUTH_METRICS_H_INCLUDED


#include "keys/ngx_http_rtauth_jwks.h"
#include "metrics/rt_metrics.h"


#pragma GCC visibility push(hidden)


/*
 * in:  worker, NULL without a provider
 * ret: NGX_OK, NGX_ERROR (memory)
 */
ngx_int_t ngx_http_rtauth_metrics(ngx_http_request_t *r,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_worker_t *worker,
    rt_metrics_form_e form, ngx_str_t *text);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_METRICS_H_INCLUDED */

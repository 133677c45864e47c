/*
 * What rtcsp_status shows: counted over all workers, in a zone of its own and
 * of one size, which is there only where rtcsp_status is written and comes back
 * over a reload.  A count is one atomic addition, and nobody takes a lock.
 */


#ifndef NGX_HTTP_RTCSP_TALLY_H_INCLUDED
#define NGX_HTTP_RTCSP_TALLY_H_INCLUDED


#include "ngx_http_rtcsp.h"
#include "csp/rt_csp_report.h"


#pragma GCC visibility push(hidden)


/* what became of a request to rtcsp_collector */

typedef enum {
    NGX_HTTP_RTCSP_TAKEN = 0,
    NGX_HTTP_RTCSP_NO_METHOD,
    NGX_HTTP_RTCSP_NO_TYPE,
    NGX_HTTP_RTCSP_NO_REPORT,           /* it cannot be read */
    NGX_HTTP_RTCSP_TOO_LONG,
    NGX_HTTP_RTCSP_TOO_MANY,
    NGX_HTTP_RTCSP_NOT_TAKEN,           /* somebody else refused it */
    NGX_HTTP_RTCSP_RESULTS
} ngx_http_rtcsp_result_e;


typedef struct {
    time_t          since;
    ngx_atomic_t    pages;
    ngx_atomic_t    placed;
    ngx_atomic_t    scrubbed;
    ngx_atomic_t    failed;             /* randomness */
    ngx_atomic_t    lost[RT_NONCE_LOSSES];
    ngx_atomic_t    bad[NGX_HTTP_RTCSP_BADS];
    ngx_atomic_t    results[NGX_HTTP_RTCSP_RESULTS];
    ngx_atomic_t    violations[RT_CSP_REPORT_WORDS][RT_CSP_CLASSES];
} ngx_http_rtcsp_tally_t;


/* while the configuration is read; NULL: a message was logged */
ngx_shm_zone_t *ngx_http_rtcsp_tally_create(ngx_conf_t *cf);

/* NULL: nobody asks for it */
ngx_http_rtcsp_tally_t *ngx_http_rtcsp_tally(ngx_http_request_t *r);

/* of the log phase: what was made of a request of a client */
ngx_int_t ngx_http_rtcsp_tally_handler(ngx_http_request_t *r);

/* what browsers reported */
void ngx_http_rtcsp_tally_report(ngx_http_request_t *r,
    const rt_csp_report_t *report);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_TALLY_H_INCLUDED */

/*
 * rtcsp_collector: what browsers report of policies, taken in.
 *
 * Who sends it is not known, and what it says is not true because it was said.
 * So it is bounded in its length, in what is made of it and in how often it
 * comes, and nothing of it is kept but what rt_csp_report.h hands out, which
 * $rtcsp_event says of this request.
 */


#ifndef NGX_HTTP_RTCSP_COLLECTOR_H_INCLUDED
#define NGX_HTTP_RTCSP_COLLECTOR_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/* the handler of a location */
ngx_int_t ngx_http_rtcsp_collector_handler(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_COLLECTOR_H_INCLUDED */

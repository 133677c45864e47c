/*
 * rtcsp_status: what became of pages and reports, over all workers, for whoever
 * watches them.  All names in it are from tables.
 */


#ifndef NGX_HTTP_RTCSP_STATUS_H_INCLUDED
#define NGX_HTTP_RTCSP_STATUS_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


ngx_int_t ngx_http_rtcsp_status_json(ngx_http_request_t *r);
ngx_int_t ngx_http_rtcsp_status_prometheus(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_STATUS_H_INCLUDED */

/*
 * The lines of a response: drop, add, scrub.
 */


#ifndef NGX_HTTP_RTCSP_OUT_H_INCLUDED
#define NGX_HTTP_RTCSP_OUT_H_INCLUDED


#include "ngx_http_rtcsp.h"
#include "ngx_rt_headers.h"


#pragma GCC visibility push(hidden)


/* ret: 1 if the response has a line of that name that says something */
ngx_uint_t ngx_http_rtcsp_has(ngx_http_request_t *r, ngx_str_t *name);

/*
 * Drops what an earlier pass of this module added: a filter behind us may
 * have turned the response into an error page.  Our lines are known by the
 * address of their name.
 */
void ngx_http_rtcsp_drop_ours(ngx_http_request_t *r);

/* adds a line; name must be one of the module's own constants */
ngx_table_elt_t *ngx_http_rtcsp_add(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value);

/*
 * Overwrites the placeholder in all that goes out beside the body: lines,
 * Content-Type, the status line.
 */
ngx_int_t ngx_http_rtcsp_scrub_headers(ngx_http_request_t *r,
    rt_nonce_secret_t *secret);

/* the same for trailers, which are complete when the body is */
ngx_int_t ngx_http_rtcsp_scrub_trailers(ngx_http_request_t *r,
    rt_nonce_secret_t *secret);

/* drops whatever lets caches keep the response, adds what forbids it */
ngx_int_t ngx_http_rtcsp_uncache(ngx_http_request_t *r, ngx_uint_t how);


extern ngx_str_t  ngx_http_rtcsp_csp_name;
extern ngx_str_t  ngx_http_rtcsp_report_name;
extern ngx_str_t  ngx_http_rtcsp_encoding_name;


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_OUT_H_INCLUDED */

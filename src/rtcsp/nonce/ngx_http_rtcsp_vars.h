/*
 * $rtcsp_nonce, and $rtcsp_event, which rtaudit reads.
 */


#ifndef NGX_HTTP_RTCSP_VARS_H_INCLUDED
#define NGX_HTTP_RTCSP_VARS_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


ngx_int_t ngx_http_rtcsp_add_variables(ngx_conf_t *cf);

/*
 * The first and the last handler of the log phase: no log in between gets to
 * see the nonce, of a subrequest (log_subrequest) as little as of a request.
 */
ngx_int_t ngx_http_rtcsp_vars_close(ngx_http_request_t *r);
ngx_int_t ngx_http_rtcsp_vars_open(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_VARS_H_INCLUDED */

/*
 * What upstream is asked for.
 */


#ifndef NGX_HTTP_RTCSP_REQUEST_H_INCLUDED
#define NGX_HTTP_RTCSP_REQUEST_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/*
 * A handler of PREACCESS, which runs again after each internal redirect.
 *
 * placeholder: the whole page, fresh, plain or in gzip.  Range, If-Range and,
 * of a GET or HEAD, If-None-Match and If-Modified-Since are not passed on;
 * nginx itself still answers by them where it may.
 *
 * header: the nonce in a request header; whatever the client sent under that
 * name, in any spelling, is dropped.
 */
ngx_int_t ngx_http_rtcsp_request(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_REQUEST_H_INCLUDED */

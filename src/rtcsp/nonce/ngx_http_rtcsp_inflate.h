/*
 * Inflates a gzip body on its way to the rewriter.
 */


#ifndef NGX_HTTP_RTCSP_INFLATE_H_INCLUDED
#define NGX_HTTP_RTCSP_INFLATE_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/* memory of a response: so many buffers, whatever the body grows to */

#define NGX_HTTP_RTCSP_INFLATE_BUFS  4
#define NGX_HTTP_RTCSP_INFLATE_SIZE  16384


/* takes plain buffers; the same contract as a body filter's */

typedef ngx_int_t (*ngx_http_rtcsp_plain_pt)(ngx_http_request_t *r,
    ngx_chain_t *in, void *data);


ngx_http_rtcsp_inflate_t *ngx_http_rtcsp_inflate_create(ngx_http_request_t *r);

/*
 * Inflates in, and calls next as often as there is something to pass on or
 * to push.  A broken or cut stream is an error: NGX_ERROR, the connection is
 * closed, so that a client does not take a part for the whole.
 */
ngx_int_t ngx_http_rtcsp_inflate(ngx_http_request_t *r,
    ngx_http_rtcsp_inflate_t *s, ngx_chain_t *in,
    ngx_http_rtcsp_plain_pt next, void *data);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_INFLATE_H_INCLUDED */


/*
 * rtauth_status: what rtauth counts and knows, for whoever watches it, and
 * whether this worker can decide.  Nothing in it is a secret, or of a user: all
 * names are from the configuration, or from tables.
 */


#ifndef NGX_HTTP_RTAUTH_STATUS_H_INCLUDED
#define NGX_HTTP_RTAUTH_STATUS_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* of a location */

#define NGX_HTTP_RTAUTH_STATUS_JSON        1
#define NGX_HTTP_RTAUTH_STATUS_PROMETHEUS  2
#define NGX_HTTP_RTAUTH_STATUS_READY       3


ngx_int_t ngx_http_rtauth_status_handler(ngx_http_request_t *r);

/* the handler of LOG, where somebody looks at the counts */
ngx_int_t ngx_http_rtauth_status_count_handler(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STATUS_H_INCLUDED */

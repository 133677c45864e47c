
/*
 * rtaudit_status: the books of all workers, and how the sinks are doing, for
 * whoever watches them.  Nothing in it is a secret, or of a user: all names
 * are from the configuration, or from tables.
 */


#ifndef NGX_HTTP_RTAUDIT_STATUS_H_INCLUDED
#define NGX_HTTP_RTAUDIT_STATUS_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


ngx_int_t ngx_http_rtaudit_status_json(ngx_http_request_t *r);
ngx_int_t ngx_http_rtaudit_status_prometheus(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_STATUS_H_INCLUDED */

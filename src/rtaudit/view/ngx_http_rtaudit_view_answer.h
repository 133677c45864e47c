
/*
 * The answers of rtaudit_view.  All of them are kept by nobody, loaded by no
 * other origin, framed nowhere, and are what their type says.
 */


#ifndef NGX_HTTP_RTAUDIT_VIEW_ANSWER_H_INCLUDED
#define NGX_HTTP_RTAUDIT_VIEW_ANSWER_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


/* ret: for finalize; text lives as long as the request */
ngx_int_t ngx_http_rtaudit_view_send(ngx_http_request_t *r,
    ngx_uint_t status, char *type, ngx_str_t *text);

/* {"error": "the parameter NAME ..."}; without a name, only why */
ngx_int_t ngx_http_rtaudit_view_error(ngx_http_request_t *r,
    ngx_uint_t status, rt_str_t *name, const char *why);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_VIEW_ANSWER_H_INCLUDED */

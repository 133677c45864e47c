
/*
 * The kind of sinks that are collectors over HTTP: https: and http:.
 */


#ifndef NGX_HTTP_RTAUDIT_HTTPS_H_INCLUDED
#define NGX_HTTP_RTAUDIT_HTTPS_H_INCLUDED


#include "sink/ngx_http_rtaudit_kind.h"


#pragma GCC visibility push(hidden)


extern ngx_http_rtaudit_kind_t  ngx_http_rtaudit_https;
extern ngx_http_rtaudit_kind_t  ngx_http_rtaudit_http;


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_HTTPS_H_INCLUDED */


/*
 * The kind of sinks that are files.
 */


#ifndef NGX_HTTP_RTAUDIT_FILE_H_INCLUDED
#define NGX_HTTP_RTAUDIT_FILE_H_INCLUDED


#include "sink/ngx_http_rtaudit_kind.h"


#pragma GCC visibility push(hidden)


extern ngx_http_rtaudit_kind_t  ngx_http_rtaudit_file;


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_FILE_H_INCLUDED */


/*
 * $rtaudit_path: the path of a request as its event shows it, for logs.
 *
 * The lines that the modules of this suite write to the error log take it from
 * here (ngx_rt_log.c), where rtaudit is loaded.
 */


#ifndef NGX_HTTP_RTAUDIT_PATH_H_INCLUDED
#define NGX_HTTP_RTAUDIT_PATH_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


/* preconfiguration */
ngx_int_t ngx_http_rtaudit_path_add(ngx_conf_t *cf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_PATH_H_INCLUDED */

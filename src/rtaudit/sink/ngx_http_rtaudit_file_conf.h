
/*
 * The file of a sink: named, made, opened by nginx with its other logs,
 * given to the workers' user, made anew at rotation.
 */


#ifndef NGX_HTTP_RTAUDIT_FILE_CONF_H_INCLUDED
#define NGX_HTTP_RTAUDIT_FILE_CONF_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "ngx_rt_path.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_uint_t                   mode;
    ngx_uint_t                   off;       /* fsync=off was written */
    ngx_open_file_t             *file;
} ngx_http_rtaudit_file_conf_t;


/* parse and own of the kind */

char *ngx_http_rtaudit_file_parse(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);
ngx_int_t ngx_http_rtaudit_file_own(ngx_http_rtaudit_sink_t *sink,
    ngx_uid_t user, ngx_log_t *log);

/* who could put a link in the way of what is made there?  Says so, if any */
char *ngx_http_rtaudit_file_conf_trust(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_rt_path_t *p);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_FILE_CONF_H_INCLUDED */

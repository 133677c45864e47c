
/*
 * A collector over HTTP as the configuration names it, and its spool.
 */


#ifndef NGX_HTTP_RTAUDIT_HTTPS_CONF_H_INCLUDED
#define NGX_HTTP_RTAUDIT_HTTPS_CONF_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "sink/ngx_http_rtaudit_pem_conf.h"
#include "ngx_rt_url.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_rt_url_t                 url;       /* as it is asked for: name= */
    ngx_rt_url_t                 at;        /* ... and where its host is */
    ngx_rt_url_t                 proxy;     /* no text: none */
    ngx_http_rtaudit_pem_t       pem;
    ngx_array_t                  headers;   /* ngx_str_t, NUL-terminated */
    ngx_msec_t                   timeout;   /* of a request, all of it */
    ngx_path_t                  *spool;
    ngx_uint_t                   segments;  /* ... of at most so many */
} ngx_http_rtaudit_https_conf_t;


/* parse of the kind */

char *ngx_http_rtaudit_https_parse(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_HTTPS_CONF_H_INCLUDED */

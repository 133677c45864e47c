
/*
 * The parameters of rtaudit_sink that every kind of sink has.
 */


#ifndef NGX_HTTP_RTAUDIT_OPTION_CONF_H_INCLUDED
#define NGX_HTTP_RTAUDIT_OPTION_CONF_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


/* what a message tells to write, before a kind's own */
#define NGX_HTTP_RTAUDIT_OPTIONS                                              \
    "\"required\", \"class=NAME,...\", \"format=NAME\""


/* NGX_OK; NGX_DECLINED: it is none of them; NGX_ERROR: a message was logged */
ngx_int_t ngx_http_rtaudit_option(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value);

/* when all are read */
char *ngx_http_rtaudit_option_check(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_OPTION_CONF_H_INCLUDED */


/*
 * The parameters of rtaudit_sink that every kind of sink has.
 */


#ifndef NGX_HTTP_RTAUDIT_OPTION_CONF_H_INCLUDED
#define NGX_HTTP_RTAUDIT_OPTION_CONF_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "sink/ngx_http_rtaudit_pem_conf.h"


#pragma GCC visibility push(hidden)


/* what a message tells to write, before a kind's own */
#define NGX_HTTP_RTAUDIT_OPTIONS                                              \
    "\"required\", \"class=NAME,...\", \"format=NAME\""


/* NGX_OK; NGX_DECLINED: it is none of them; NGX_ERROR: a message was logged */
ngx_int_t ngx_http_rtaudit_option(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value);

/* an option that a kind alone has: a row, the last one without a name */

typedef struct {
    ngx_str_t        name;          /* with its "=" */
    char          *(*set)(ngx_conf_t *cf, void *conf, ngx_str_t *value);
} ngx_http_rtaudit_option_t;


/*
 * All options of a collector, behind its target: those that every kind has,
 * its own, and those of TLS.
 *
 * in:   words, its own options as a message names them
 *       secure, the target that TLS options need, for the message; NULL if
 *       this sink has TLS
 * ret:  NGX_CONF_OK; NGX_CONF_ERROR after a message
 */
char *ngx_http_rtaudit_options(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink,
    ngx_http_rtaudit_option_t *rows, const char *words,
    ngx_http_rtaudit_pem_t *pem, const char *secure);

/* when all are read */
char *ngx_http_rtaudit_option_check(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_OPTION_CONF_H_INCLUDED */

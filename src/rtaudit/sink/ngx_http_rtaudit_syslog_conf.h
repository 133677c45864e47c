
/*
 * A collector as the configuration names it.
 */


#ifndef NGX_HTTP_RTAUDIT_SYSLOG_CONF_H_INCLUDED
#define NGX_HTTP_RTAUDIT_SYSLOG_CONF_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "sink/ngx_http_rtaudit_pem_conf.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_SYSLOG_AUDIT  13   /* the usual facility */


typedef struct {
    ngx_addr_t                  *addrs;     /* tried one behind the other */
    ngx_uint_t                   naddrs;
    int                          type;      /* SOCK_STREAM, SOCK_DGRAM */
    ngx_uint_t                   facility;
    ngx_str_t                    tag;
    ngx_http_rtaudit_pem_t       pem;       /* its name: or the host's */
    void                        *tls;       /* SSL_CTX */
    unsigned                     secure:1;
} ngx_http_rtaudit_syslog_conf_t;


/* parse of the kind */

char *ngx_http_rtaudit_syslog_parse(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_SYSLOG_CONF_H_INCLUDED */

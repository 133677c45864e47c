
/*
 * The kind of sinks that are syslog collectors (RFC 5424), over UDP, TCP, TLS
 * or a socket of this machine.
 */


#ifndef NGX_HTTP_RTAUDIT_SYSLOG_H_INCLUDED
#define NGX_HTTP_RTAUDIT_SYSLOG_H_INCLUDED


#include "sink/ngx_http_rtaudit_kind.h"


#pragma GCC visibility push(hidden)


extern ngx_http_rtaudit_kind_t  ngx_http_rtaudit_syslog;


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_SYSLOG_H_INCLUDED */


/*
 * Requests that take long (a WebSocket, a download, events sent by a server):
 * it is said while they run that they have begun.
 */


#ifndef NGX_HTTP_RTAUDIT_LONG_H_INCLUDED
#define NGX_HTTP_RTAUDIT_LONG_H_INCLUDED


#include "capture/ngx_http_rtaudit_ctx.h"


#pragma GCC visibility push(hidden)


/* its event is owed from now on */
void ngx_http_rtaudit_long_begin(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx);

/* it is over; does nothing for one that never began */
void ngx_http_rtaudit_long_end(ngx_http_rtaudit_ctx_t *ctx);

/* each second: puts a line at stage started for those that take long by now */
void ngx_http_rtaudit_long_look(void);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_LONG_H_INCLUDED */

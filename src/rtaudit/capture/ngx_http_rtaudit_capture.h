
/*
 * A request from its first location to its end.
 */


#ifndef NGX_HTTP_RTAUDIT_CAPTURE_H_INCLUDED
#define NGX_HTTP_RTAUDIT_CAPTURE_H_INCLUDED


#include "capture/ngx_http_rtaudit_ctx.h"


#pragma GCC visibility push(hidden)


/* of the main request; NULL before its first location */
ngx_http_rtaudit_ctx_t *ngx_http_rtaudit_ctx(ngx_http_request_t *r);

/* REWRITE phase, ahead of the rewrite module: the location was chosen */
ngx_int_t ngx_http_rtaudit_located(ngx_http_request_t *r);

/* PRECONTENT phase: access was granted; from here on an application has it */
ngx_int_t ngx_http_rtaudit_let_in(ngx_http_request_t *r);

/* LOG phase: the request is over */
ngx_int_t ngx_http_rtaudit_finished(ngx_http_request_t *r);

/* puts the body filter into its chain */
void ngx_http_rtaudit_capture_init(void);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_CAPTURE_H_INCLUDED */

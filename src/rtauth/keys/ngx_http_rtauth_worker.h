
/*
 * What a worker has of its own: keys, what it has verified, budgets.
 */


#ifndef NGX_HTTP_RTAUTH_WORKER_H_INCLUDED
#define NGX_HTTP_RTAUTH_WORKER_H_INCLUDED


#include "keys/ngx_http_rtauth_jwks.h"


#pragma GCC visibility push(hidden)


/* this worker's state; NULL when memory is out */
ngx_http_rtauth_worker_t *ngx_http_rtauth_worker(
    ngx_http_rtauth_main_conf_t *mcf);

ngx_int_t ngx_http_rtauth_digest(ngx_http_rtauth_worker_t *w, ngx_str_t *s,
    u_char *digest);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_WORKER_H_INCLUDED */

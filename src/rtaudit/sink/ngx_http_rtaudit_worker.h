
/*
 * The life of a worker process: its slot, its writer, its timer.
 */


#ifndef NGX_HTTP_RTAUDIT_WORKER_H_INCLUDED
#define NGX_HTTP_RTAUDIT_WORKER_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


ngx_int_t ngx_http_rtaudit_worker_init(ngx_cycle_t *cycle,
    ngx_http_rtaudit_main_conf_t *mcf);
void ngx_http_rtaudit_worker_exit(ngx_cycle_t *cycle);

/* a new configuration in the same process: without a master only */
ngx_int_t ngx_http_rtaudit_worker_renew(ngx_cycle_t *cycle,
    ngx_http_rtaudit_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_WORKER_H_INCLUDED */


/*
 * A request that waits for what comes in this worker; its phases run again
 * then.
 */


#ifndef NGX_RT_WAIT_H_INCLUDED
#define NGX_RT_WAIT_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


#pragma GCC visibility push(hidden)


/* from here on a client that goes away is noticed, which ends the request */
void ngx_rt_wait_watch(ngx_http_request_t *r);

/* it is not noticed any more */
void ngx_rt_wait_unwatch(ngx_http_request_t *r);

/* it goes on, unwatched; it may be gone when this returns */
void ngx_rt_wait_over(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_RT_WAIT_H_INCLUDED */


/*
 * A record that lives as long as a request's pool.  r->ctx is emptied by
 * internal redirects and error pages; a pool's cleanups stay.  So the record
 * hangs on one, and is known by the address of its handler.
 */


#ifndef NGX_RT_KEPT_H_INCLUDED
#define NGX_RT_KEPT_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * A new record, all zero; handler is called with it when the pool goes.
 * NULL: out of memory
 */
void *ngx_rt_kept_add(ngx_pool_t *pool, size_t size,
    ngx_pool_cleanup_pt handler);

/* the last one that was added with this handler; NULL: there is none */
void *ngx_rt_kept(ngx_pool_t *pool, ngx_pool_cleanup_pt handler);

/* the next one; *cln begins as pool->cleanup */
void *ngx_rt_kept_next(ngx_pool_cleanup_t **cln, ngx_pool_cleanup_pt handler);


#pragma GCC visibility pop


#endif /* NGX_RT_KEPT_H_INCLUDED */

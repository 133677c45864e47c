
/*
 * rt_str_t is ngx_str_t under another name: the proof, and the two casts.
 */


#ifndef NGX_RT_STR_H_INCLUDED
#define NGX_RT_STR_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


_Static_assert(sizeof(rt_str_t) == sizeof(ngx_str_t)
               && offsetof(rt_str_t, len) == offsetof(ngx_str_t, len)
               && offsetof(rt_str_t, data) == offsetof(ngx_str_t, data),
               "rt_str_t must have the layout of ngx_str_t");


#define ngx_rt_str(s)     ((rt_str_t *) (s))
#define ngx_rt_ngx(s)     ((ngx_str_t *) (s))


/* a copy, where a cast would be read through the other type */

static ngx_inline ngx_str_t
ngx_rt_str_copy(const rt_str_t *s)
{
    ngx_str_t  copy = { s->len, s->data };

    return copy;
}


static ngx_inline void *
ngx_rt_str_alloc(void *ctx, size_t size)
{
    return ngx_palloc(ctx, size);
}


/* an rt_mem_t that takes from an nginx pool */

static ngx_inline rt_mem_t
ngx_rt_str_mem(ngx_pool_t *pool)
{
    rt_mem_t  mem = { ngx_rt_str_alloc, pool };

    return mem;
}


#pragma GCC visibility pop


#endif /* NGX_RT_STR_H_INCLUDED */


/* Memory of a job, which the thread takes from malloc(). */


#ifndef NGX_HTTP_RTAUTH_SCIM_ARENA_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_ARENA_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_SCIM_ARENA  (64 * 1024 * 1024)  /* bytes, at most */


typedef struct ngx_http_rtauth_scim_piece_s  ngx_http_rtauth_scim_piece_t;

typedef struct {
    rt_mem_t                       mem;
    ngx_http_rtauth_scim_piece_t  *pieces;
    size_t                         size;
} ngx_http_rtauth_scim_arena_t;


/* makes an empty one, which must not be moved */
void ngx_http_rtauth_scim_arena_init(ngx_http_rtauth_scim_arena_t *arena);
void ngx_http_rtauth_scim_arena_empty(ngx_http_rtauth_scim_arena_t *arena);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_ARENA_H_INCLUDED */

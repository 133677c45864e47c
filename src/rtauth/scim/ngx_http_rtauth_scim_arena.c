
#include <ngx_config.h>
#include <ngx_core.h>

#include "scim/ngx_http_rtauth_scim_arena.h"


#define NGX_HTTP_RTAUTH_SCIM_PIECE  16384


struct ngx_http_rtauth_scim_piece_s {
    ngx_http_rtauth_scim_piece_t  *next;
    size_t                         size;
    size_t                         used;
    max_align_t                    data[];
};


static void *ngx_http_rtauth_scim_arena_alloc(void *ctx, size_t size);


void
ngx_http_rtauth_scim_arena_init(ngx_http_rtauth_scim_arena_t *arena)
{
    arena->mem.alloc = ngx_http_rtauth_scim_arena_alloc;
    arena->mem.ctx = arena;
    arena->pieces = NULL;
    arena->size = 0;
}


static void *
ngx_http_rtauth_scim_arena_alloc(void *ctx, size_t size)
{
    ngx_http_rtauth_scim_arena_t *arena = ctx;

    u_char                        *p;
    size_t                         n;
    ngx_http_rtauth_scim_piece_t  *piece;

    if (size > NGX_HTTP_RTAUTH_SCIM_ARENA) {
        return NULL;
    }

    size = ngx_align(size, sizeof(max_align_t));
    piece = arena->pieces;

    if (piece == NULL || size > piece->size - piece->used) {
        n = ngx_max(size, NGX_HTTP_RTAUTH_SCIM_PIECE);

        if (n > NGX_HTTP_RTAUTH_SCIM_ARENA - arena->size) {
            return NULL;
        }

        piece = malloc(sizeof(ngx_http_rtauth_scim_piece_t) + n);
        if (piece == NULL) {
            return NULL;
        }

        piece->next = arena->pieces;
        piece->size = n;
        piece->used = 0;

        arena->pieces = piece;
        arena->size += n;
    }

    p = (u_char *) piece->data + piece->used;
    piece->used += size;

    return p;
}


void
ngx_http_rtauth_scim_arena_empty(ngx_http_rtauth_scim_arena_t *arena)
{
    ngx_http_rtauth_scim_piece_t  *piece;

    while (arena->pieces) {
        piece = arena->pieces;
        arena->pieces = piece->next;
        free(piece);
    }

    arena->size = 0;
}

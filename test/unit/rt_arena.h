
/*
 * The arena of unit tests, fuzz targets and drivers: a list of malloc()ed
 * pieces, so that a sanitizer sees the borders of each, freed together.
 */


#ifndef RT_ARENA_H_INCLUDED
#define RT_ARENA_H_INCLUDED


#include <stdlib.h>

#include "rt_base.h"


typedef struct rt_arena_piece_s  rt_arena_piece_t;

struct rt_arena_piece_s {
    rt_arena_piece_t  *next;
    max_align_t        data[];
};


typedef struct {
    rt_arena_piece_t  *pieces;
    long               left;    /* allocations until one fails; < 0: never */
} rt_arena_t;


static inline void *
rt_arena_alloc(void *ctx, size_t size)
{
    rt_arena_t        *arena = ctx;
    rt_arena_piece_t  *piece;

    if (arena->left == 0) {
        return NULL;
    }

    if (arena->left > 0) {
        arena->left--;
    }

    piece = malloc(sizeof(rt_arena_piece_t) + size);
    if (piece == NULL) {
        return NULL;
    }

    piece->next = arena->pieces;
    arena->pieces = piece;

    return piece->data;
}


static inline rt_mem_t
rt_arena_init(rt_arena_t *arena)
{
    rt_mem_t  mem = { rt_arena_alloc, arena };

    arena->pieces = NULL;
    arena->left = -1;

    return mem;
}


static inline void
rt_arena_free(rt_arena_t *arena)
{
    rt_arena_piece_t  *piece;

    while (arena->pieces) {
        piece = arena->pieces;
        arena->pieces = piece->next;
        free(piece);
    }
}


#endif /* RT_ARENA_H_INCLUDED */


/* A tree out of JSON text, for tests. */


#ifndef RT_CLAIMS_TREE_H_INCLUDED
#define RT_CLAIMS_TREE_H_INCLUDED


#include "rt_arena.h"
#include "json/rt_json.h"


static inline rt_json_t *
tree_of(rt_arena_t *arena, const char *text)
{
    rt_mem_t     mem = { rt_arena_alloc, arena };
    rt_str_t     str = { strlen(text), (unsigned char *) text };
    rt_json_t   *root;

    static const rt_json_opts_t  opts = { RT_JSON_UNIQUE, 32, 8192 };

    if (rt_json_parse(&mem, &str, &opts, &root, NULL) != RT_OK) {
        abort();
    }

    return root;
}


#endif /* RT_CLAIMS_TREE_H_INCLUDED */


/*
 * What the line-oriented drivers share: a line in, a line out, flushed at
 * once, whatever the line holds.
 */


#ifndef DRIVER_H_INCLUDED
#define DRIVER_H_INCLUDED


#include <stdio.h>

#include "rt_arena.h"
#include "rt_json.h"


/* answers one line (without its LF); what it allocates is freed after it */
typedef const char *(*driver_pt)(rt_mem_t *mem, const rt_str_t *line);


static inline int
driver_run(driver_pt answer)
{
    char        *line;
    size_t       size;
    ssize_t      n;
    rt_mem_t     mem;
    rt_str_t     str;
    rt_arena_t   arena;

    line = NULL;
    size = 0;

    while ((n = getline(&line, &size, stdin)) != -1) {

        if (n > 0 && line[n - 1] == '\n') {
            n--;
        }

        str.data = (unsigned char *) line;
        str.len = (size_t) n;

        mem = rt_arena_init(&arena);
        puts(answer(&mem, &str));
        fflush(stdout);
        rt_arena_free(&arena);
    }

    free(line);

    return 0;
}


static inline rt_json_t *
driver_object(rt_mem_t *mem, const rt_str_t *line)
{
    rt_json_t  *root;

    static const rt_json_opts_t  opts = { RT_JSON_UNIQUE, 64, 65536 };

    if (rt_json_parse(mem, line, &opts, &root, NULL) != RT_OK
        || root->type != RT_JSON_OBJECT)
    {
        return NULL;
    }

    return root;
}


#endif /* DRIVER_H_INCLUDED */

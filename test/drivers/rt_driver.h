
/*
 * What the drivers share: a line in, a line out, flushed at once, whatever
 * the line holds; whole documents; JSON on standard output.
 */


#ifndef RT_DRIVER_H_INCLUDED
#define RT_DRIVER_H_INCLUDED


#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rt_arena.h"
#include "json/rt_json.h"
#include "json/rt_jsonw.h"


/*
 *     driver_line_t  in = { 0 };
 *
 *     while (driver_next(&in)) {
 *         ... in.text, without its LF; in.mem is freed with the line
 *     }
 */

typedef struct {
    char        *line;
    size_t       size;
    rt_str_t     text;
    rt_mem_t     mem;
    rt_arena_t   arena;
} driver_line_t;


static inline int
driver_next(driver_line_t *in)
{
    ssize_t  n;

    fflush(stdout);
    rt_arena_free(&in->arena);
    in->mem = rt_arena_init(&in->arena);

    n = getline(&in->line, &in->size, stdin);

    if (n == -1) {
        free(in->line);
        return 0;
    }

    if (n > 0 && in->line[n - 1] == '\n') {
        n--;
    }

    in->text.data = (unsigned char *) in->line;
    in->text.len = (size_t) n;

    return 1;
}


typedef const char *(*driver_pt)(rt_mem_t *mem, const rt_str_t *line);


static inline int
driver_run(driver_pt answer)
{
    driver_line_t  in = { 0 };

    while (driver_next(&in)) {
        puts(answer(&in.mem, &in.text));
    }

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


/* {"error":why} */

static inline void
driver_error(const char *why)
{
    rt_str_t        s;
    rt_jsonw_t      w;
    unsigned char   out[8192];

    s.data = (unsigned char *) why;
    s.len = strlen(why);

    rt_jsonw_init(&w, out, sizeof(out));
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "error");
    rt_jsonw_str(&w, &s);
    rt_jsonw_close(&w, '}');

    printf("%.*s\n", (int) rt_jsonw_len(&w), out);
}


/* a JSON string of ISO-8859-1: one character a byte */

static inline void
driver_string(const unsigned char *p, size_t n)
{
    size_t  i;

    putchar('"');

    for (i = 0; i < n; i++) {
        if (p[i] == '"' || p[i] == '\\') {
            printf("\\%c", p[i]);

        } else if (p[i] < 0x20 || p[i] > 0x7e) {
            printf("\\u%04x", (unsigned) p[i]);

        } else {
            putchar(p[i]);
        }
    }

    putchar('"');
}


/* bytes that grow; a zero stands behind the last */

typedef struct {
    unsigned char  *data;
    size_t          len;
    size_t          room;
} driver_buf_t;


static inline rt_status_e
driver_room(driver_buf_t *b, size_t more)
{
    if (b->room - b->len < more + 1) {
        b->room = (b->len + more) * 2 + 65536;
        b->data = realloc(b->data, b->room);

        if (b->data == NULL) {
            return RT_ERROR;
        }
    }

    return RT_OK;
}


static inline rt_status_e
driver_read(FILE *in, driver_buf_t *b)
{
    size_t  n;

    do {
        if (driver_room(b, 65536) != RT_OK) {
            return RT_ERROR;
        }

        n = fread(b->data + b->len, 1, 65536, in);
        b->len += n;

    } while (n);

    b->data[b->len] = '\0';

    return ferror(in) ? RT_ERROR : RT_OK;
}


#endif /* RT_DRIVER_H_INCLUDED */

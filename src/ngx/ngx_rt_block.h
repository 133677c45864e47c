
/*
 * A block of ours, NAME { ... }: its lines are no directives of nginx, each is
 * a row of a table, and the block is where they are read.
 */


#ifndef NGX_RT_BLOCK_H_INCLUDED
#define NGX_RT_BLOCK_H_INCLUDED


#include "ngx_rt_conf.h"


#pragma GCC visibility push(hidden)


#define NGX_RT_LINE_MANY  0x80000000    /* as many such lines as one likes */


typedef struct ngx_rt_line_s  ngx_rt_line_t;

struct ngx_rt_line_s {
    ngx_str_t        name;
    ngx_uint_t       max;       /* values, one at least; and LINE_MANY */
    char          *(*set)(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line);
    size_t           offset;    /* for set: a member of conf */
    size_t           at;        /* of the ngx_rt_where_t in conf that becomes
                                   the line's place */
    char            *least;     /* for set: the bounds of a time, as they */
    char            *most;      /*   are written */
};

/* the last row is one without a name; ngx_rt_lines_fit() is behind the table */

typedef struct {
    ngx_rt_line_t   *rows;
    void            *conf;      /* what they are set in */
    uint32_t         seen;      /* bits of the rows; 0 before */
} ngx_rt_lines_t;

typedef struct {
    const char      *directive;
    ngx_str_t        name;
    ngx_rt_lines_t   lines[2];  /* rows NULL: there is no second table */
} ngx_rt_block_t;


/*
 * Reads the block that cf is at.  Unknown lines, empty values, lost semicolons,
 * a wrong number of values, duplicates and a password in a URL are errors; the
 * setters see none of them.  "include" works as in nginx's own blocks, unless a
 * row has that name.
 *
 * ret: NGX_CONF_OK; NGX_CONF_ERROR with the error logged
 */
char *ngx_rt_block(ngx_conf_t *cf, ngx_rt_block_t *block);


/* setters of lines with one value */

char *ngx_rt_line_str(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line);
char *ngx_rt_line_flag(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line);

/* of a time_t in seconds, of an ngx_msec_t; both within "least" and "most" */
char *ngx_rt_line_sec(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line);
char *ngx_rt_line_msec(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line);


/* a bit of "seen" for each */

#define ngx_rt_lines_fit(rows)                                                \
    _Static_assert(sizeof(rows) / sizeof(ngx_rt_line_t) <= 33,                \
                   "a block has more rows than bits")

#define ngx_rt_line_member(conf, offset, type)                                \
    ((type *) ((u_char *) (conf) + (offset)))


#pragma GCC visibility pop


#endif /* NGX_RT_BLOCK_H_INCLUDED */

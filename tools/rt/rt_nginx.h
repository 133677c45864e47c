
/* What nginx says of a configuration: its text, and what modules merged. */


#ifndef RT_NGINX_H_INCLUDED
#define RT_NGINX_H_INCLUDED


#include "rt_scratch.h"


#pragma GCC visibility push(hidden)


typedef struct {
    const char  *verb;          /* "rt check", for messages */
    const char  *nginx;         /* the program; NULL: "nginx" */
    const char  *conf;          /* -c, or NULL */
    const char  *prefix;        /* -p, or NULL */
} rt_nginx_t;

typedef struct {
    rt_str_t     text;          /* what nginx -T prints */
    rt_str_t     shown;         /* ngx_rt_show.h; empty: none of our modules */
    unsigned     version;       /* 1022001 */
    rt_str_t     build;         /* what nginx -V says, NUL-terminated */
} rt_nginx_said_t;


/* ret: 0; -1: said on standard error why not */
int rt_nginx_ask(const rt_nginx_t *nginx, rt_scratch_t *scratch,
    rt_nginx_said_t *said);

/* prints nginx's warnings and errors, in which no secret is */
void rt_nginx_pass_on(const rt_scratch_t *scratch);


#pragma GCC visibility pop


#endif /* RT_NGINX_H_INCLUDED */

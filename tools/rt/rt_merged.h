
/*
 * What the modules merged (ngx_rt_show.h), beside the places of nginx -T.
 *
 * nginx merges servers, and what is nested in each of them, in the order in
 * which they are written.  We walk the text in the same order, and a row whose
 * name is not that of its place is an error.
 */


#ifndef RT_MERGED_H_INCLUDED
#define RT_MERGED_H_INCLUDED


#include "json/rt_json.h"
#include "text/rt_nginxconf.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_MERGED_AUTH = 0,
    RT_MERGED_AUDIT,
    RT_MERGED_CSP,
    RT_MERGED_MODULES
} rt_merged_module_e;

typedef struct {
    rt_str_t    text;           /* the line; empty: the module is not loaded */
    rt_json_t  *json;           /* or NULL */
} rt_merged_row_t;

typedef struct rt_place_s  rt_place_t;

struct rt_place_s {
    const rt_nginxconf_t  *server;
    const rt_nginxconf_t  *at;      /* the server, or what is in it */
    rt_merged_row_t         row[RT_MERGED_MODULES];
    rt_place_t            *next;
};

typedef struct {
    rt_merged_row_t         http[RT_MERGED_MODULES];
    rt_place_t            *places;
} rt_merged_t;


/*
 * out:  *why, after another status than RT_OK
 * ret:  RT_OK; RT_INVALID, the lines do not fit the tree; RT_DECLINED, a module
 *       has a directive in the tree and showed no line; RT_ERROR (memory)
 */
rt_status_e rt_merged(rt_mem_t *mem, const rt_nginxconf_t *root,
    const rt_str_t *text, rt_merged_t *shown, const char **why);

/* 1: the member is there, and true */
int rt_merged_is(const rt_json_t *row, const char *name);


#pragma GCC visibility pop


#endif /* RT_MERGED_H_INCLUDED */


/*
 * What a module merged, told to "rt check": a line of JSON for each server
 * and location, and one for what belongs to none.
 *
 * The file is named by an environment variable, RT_SHOW, that counts under
 * "nginx -t" and "nginx -T" only.  A server that runs, or is reloaded, has not
 * the flag that these set, and no directive could set it: what a configuration
 * says cannot switch this on.  Modules tell of the kinds, names and places of
 * their secrets; what a line has must be fit to be printed.
 */


#ifndef NGX_RT_SHOW_H_INCLUDED
#define NGX_RT_SHOW_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_rt_str.h"
#include "json/rt_jsonw.h"


#pragma GCC visibility push(hidden)


#define NGX_RT_SHOW_ENV  "RT_SHOW"
#define NGX_RT_SHOW_MAX  (16 * 1024 * 1024)     /* bytes of a line */


/* a server, or a location, "if" or limit_except in it */

typedef struct {
    void                      *conf;    /* the module's own */
    ngx_http_core_srv_conf_t  *server;
    ngx_http_core_loc_conf_t  *location;
} ngx_rt_show_place_t;


/* writes the members of an object that is open */

typedef void (*ngx_rt_show_pt)(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place);

typedef struct {
    const char      *module;
    ngx_rt_show_pt   http;      /* place is NULL */
    ngx_rt_show_pt   place;
} ngx_rt_show_t;


/* in merge, of each place in the configuration's order */
ngx_int_t ngx_rt_show_note(ngx_conf_t *cf, ngx_array_t **places, void *conf);

/*
 * In postconfiguration: adds the module's lines to the file, which is made
 * with mode 0600.  One that is there has to be the caller's own, and nobody
 * else's to read.
 */
ngx_int_t ngx_rt_show(ngx_conf_t *cf, ngx_array_t *places,
    const ngx_rt_show_t *show);


#define ngx_rt_show_str(w, name, s)                                           \
    do {                                                                      \
        rt_jsonw_lit(w, name);                                                \
        rt_jsonw_str(w, ngx_rt_str(s));                                       \
    } while (0)

#define ngx_rt_show_bool(w, name, b)                                          \
    do {                                                                      \
        rt_jsonw_lit(w, name);                                                \
        rt_jsonw_bool(w, (b) != 0);                                           \
    } while (0)

#define ngx_rt_show_uint(w, name, n)                                          \
    do {                                                                      \
        rt_jsonw_lit(w, name);                                                \
        rt_jsonw_uint(w, n);                                                  \
    } while (0)


/* an array of ngx_str_t, which may be NULL, as the value of a member */
void ngx_rt_show_strs(rt_jsonw_t *w, ngx_array_t *strs);

/* a word of a table */
void ngx_rt_show_word(rt_jsonw_t *w, const char *word);


#pragma GCC visibility pop


#endif /* NGX_RT_SHOW_H_INCLUDED */

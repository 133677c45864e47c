
/*
 * Variables: a module's own, from a table; those of other modules, looked up
 * by name when a request needs them, for the module that defines one may or
 * may not be loaded.
 */


#ifndef NGX_RT_VAR_H_INCLUDED
#define NGX_RT_VAR_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_rt_str.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_http_variable_t  *var;      /* NULL: nobody defines it */
} ngx_rt_var_t;


/* at preconfiguration: adds a table that ends with ngx_http_null_variable */
ngx_int_t ngx_rt_var_add(ngx_conf_t *cf, ngx_http_variable_t *vars);

/* in postconfiguration, when all variables but those with prefixes are */
void ngx_rt_var_init(ngx_conf_t *cf, ngx_rt_var_t *var, ngx_str_t *name);

/*
 * The value; empty when the variable is absent or has none.  r is NULL for a
 * variable that needs no request; it is then not kept, even if some directive
 * names it.
 */
void ngx_rt_var_get(ngx_http_request_t *r, ngx_rt_var_t *var,
    ngx_str_t *value);

/*
 * Configuration time, after everything was parsed: the index of a variable
 * that some directive uses, or NGX_DECLINED.
 */
ngx_int_t ngx_rt_var_used(ngx_conf_t *cf, ngx_str_t *name);

/* the value of an indexed variable; empty when it has none */
void ngx_rt_var_indexed(ngx_http_request_t *r, ngx_int_t index,
    ngx_str_t *value);


#pragma GCC visibility pop


#endif /* NGX_RT_VAR_H_INCLUDED */


/*
 * Filters run from the end of nginx's list of modules to its begin.  One that
 * reads whole responses runs behind what changes them, and before what
 * compresses them; a module that is loaded later and asks for the same place
 * gets in front.
 */


#ifndef NGX_RT_ORDER_H_INCLUDED
#define NGX_RT_ORDER_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>


#pragma GCC visibility push(hidden)


/*
 * In postconfiguration.  name: of the .so, between "ngx_http_" and "_module"
 * ret: NGX_OK; NGX_ERROR: self is elsewhere, and the log says so with the mend
 */
ngx_int_t ngx_rt_order(ngx_conf_t *cf, ngx_module_t *self, char *name);


#pragma GCC visibility pop


#endif /* NGX_RT_ORDER_H_INCLUDED */

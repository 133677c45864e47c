
/*
 * What a server block says of itself: where it stands, and its names, which
 * nginx itself forgets when it has read the configuration.
 */


#ifndef NGX_RT_SERVER_H_INCLUDED
#define NGX_RT_SERVER_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_rt_conf.h"


#pragma GCC visibility push(hidden)


/*
 * Those that are names of hosts, neither patterns nor "" and "_": ngx_str_t, in
 * lower case.  NULL: out of memory
 */
ngx_array_t *ngx_rt_server_names(ngx_pool_t *pool,
    ngx_http_core_srv_conf_t *cscf);

/* the line on which it begins */
ngx_rt_where_t ngx_rt_server_where(ngx_http_core_srv_conf_t *cscf);


#pragma GCC visibility pop


#endif /* NGX_RT_SERVER_H_INCLUDED */


/* rtauth_cache off, where nginx keeps what it has no page of. */


#ifndef NGX_HTTP_RTAUTH_CACHE_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_CACHE_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* The location of cf keeps no error of a user for others, whatever it says. */
void ngx_http_rtauth_cache_merge(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_CACHE_CONF_H_INCLUDED */

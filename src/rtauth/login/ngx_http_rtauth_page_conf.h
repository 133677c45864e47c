
/*
 * The templates of a server's pages.
 */


#ifndef NGX_HTTP_RTAUTH_PAGE_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_PAGE_CONF_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/*
 * In merge: the built-in templates, and those of rtauth_pages in their place.
 * ret: NGX_CONF_OK, NGX_CONF_ERROR
 */
char *ngx_http_rtauth_page_merge(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *prev, ngx_http_rtauth_srv_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_PAGE_CONF_H_INCLUDED */

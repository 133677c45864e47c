/*
 * The filters a response passes on its way out, and their place among those
 * of nginx.
 */


#ifndef NGX_HTTP_RTCSP_FILTER_H_INCLUDED
#define NGX_HTTP_RTCSP_FILTER_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/*
 * In postconfiguration: puts the header filter and the body filter in front.
 * ret: NGX_ERROR: this place is the wrong one, and the error log says why
 */
ngx_int_t ngx_http_rtcsp_filter_init(ngx_conf_t *cf);

/* likewise the early header filter, of a module with a place of its own */
ngx_int_t ngx_http_rtcsp_filter_early_init(ngx_conf_t *cf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_FILTER_H_INCLUDED */

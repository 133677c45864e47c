
/*
 * rtauth_cross_origin: a browser sends its cookies whoever made it send the
 * request.
 */


#ifndef NGX_HTTP_RTAUTH_ORIGIN_H_INCLUDED
#define NGX_HTTP_RTAUTH_ORIGIN_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/*
 * For a request whose identity comes from a cookie.
 * ret: NGX_OK; NGX_DECLINED, another origin started it: the log says so
 */
ngx_int_t ngx_http_rtauth_cross_origin(ngx_http_request_t *r,
    ngx_http_rtauth_loc_conf_t *rlcf);

/* likewise, whatever the method, for what no other site's page may get */
ngx_int_t ngx_http_rtauth_foreign(ngx_http_request_t *r,
    ngx_http_rtauth_loc_conf_t *rlcf);

/*
 * "https://HOST[:PORT]": by configuration; else what the client connected to
 * and asked for.  ret: NGX_OK; NGX_DECLINED, nobody said; NGX_ERROR
 */
ngx_int_t ngx_http_rtauth_origin_text(ngx_http_request_t *r, ngx_str_t *text);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ORIGIN_H_INCLUDED */


/*
 * Where a request carries its token.
 */


#ifndef NGX_HTTP_RTAUTH_TOKEN_H_INCLUDED
#define NGX_HTTP_RTAUTH_TOKEN_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* a source is the index of a variable, or this */

#define NGX_HTTP_RTAUTH_BEARER  -1      /* the Authorization header */


/* the default: the Authorization header */
char *ngx_http_rtauth_token_default(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* whether a token may come from this source here */
ngx_uint_t ngx_http_rtauth_reads(ngx_http_rtauth_loc_conf_t *rlcf,
    ngx_int_t source);

/*
 * Whether a browser sends this token, from this source, whoever made it send
 * the request.
 */
ngx_uint_t ngx_http_rtauth_token_is_cookie(ngx_http_request_t *r,
    ngx_int_t source, ngx_str_t *token);

/*
 * The token of a source.  NGX_OK (it may still be empty: credentials that are
 * there and are none), NGX_DONE (likewise, with the scheme "DPoP", where proofs
 * are looked at), NGX_DECLINED (nothing there), NGX_ERROR (memory).
 */
ngx_int_t ngx_http_rtauth_read(ngx_http_request_t *r, ngx_int_t source,
    ngx_str_t *token);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_TOKEN_H_INCLUDED */


/*
 * Who calls an address that is for machines: by a key, which he shows as
 * bearer token.
 */


#ifndef NGX_HTTP_RTAUTH_CALLER_H_INCLUDED
#define NGX_HTTP_RTAUTH_CALLER_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_CALLER_KEYS  2
#define NGX_HTTP_RTAUTH_CALLER_ID    8      /* hexadecimal digits */


typedef struct {
    u_char       digest[32];                /* SHA-256 */
    u_char       id[NGX_HTTP_RTAUTH_CALLER_ID];     /* it is known by; of the
                                               digest's digest */
} ngx_http_rtauth_caller_key_t;

typedef struct {
    ngx_uint_t                    n;
    ngx_http_rtauth_caller_key_t  key[NGX_HTTP_RTAUTH_CALLER_KEYS];
} ngx_http_rtauth_caller_t;


/* "key=SECRET", an argument of the directive that is being read */
char *ngx_http_rtauth_caller_conf(ngx_conf_t *cf,
    ngx_http_rtauth_caller_t *caller, ngx_str_t *value);

/*
 * A right key is heard however often others of its address have guessed.
 * ret:  the key he has shown; NULL, with *status: 401, none of them, and the
 *       log says so; 429; 500.  The answer has the header that goes with it
 */
ngx_http_rtauth_caller_key_t *ngx_http_rtauth_caller(ngx_http_request_t *r,
    ngx_http_rtauth_caller_t *caller, ngx_uint_t *status);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_CALLER_H_INCLUDED */

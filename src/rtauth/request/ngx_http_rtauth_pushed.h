
/*
 * What a provider has pushed of a user, for who is told of him.
 */


#ifndef NGX_HTTP_RTAUTH_PUSHED_H_INCLUDED
#define NGX_HTTP_RTAUTH_PUSHED_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "event/rt_event_packed.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_str_t     text[RT_USER_N];       /* by row; empty: not pushed */
    unsigned     known:1;               /* he was pushed, */
    unsigned     enabled:1;             /*   and is not disabled since */
} ngx_http_rtauth_pushed_t;


/* ret: NGX_OK, NGX_ERROR (memory) */
ngx_int_t ngx_http_rtauth_pushed(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_pushed_t *pushed);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_PUSHED_H_INCLUDED */


/*
 * Regular expressions on claims.
 */


#ifndef NGX_HTTP_RTAUTH_REGEX_H_INCLUDED
#define NGX_HTTP_RTAUTH_REGEX_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* says that one gave up; cond NULL: none did */
void ngx_http_rtauth_regex_given_up(ngx_http_request_t *r,
    const rt_cond_t *cond);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REGEX_H_INCLUDED */

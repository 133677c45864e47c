
/*
 * Regular expressions on claims, by nginx's PCRE: bounded, whatever a token
 * says; see rt_cond_bounded().
 */


#ifndef NGX_HTTP_RTAUTH_REGEX_H_INCLUDED
#define NGX_HTTP_RTAUTH_REGEX_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


void ngx_http_rtauth_regex_init(rt_regex_t *regex);

/* says that one gave up; cond NULL: none did */
void ngx_http_rtauth_regex_given_up(ngx_http_request_t *r,
    const rt_cond_t *cond);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REGEX_H_INCLUDED */

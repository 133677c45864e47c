
/*
 * The WWW-Authenticate header of a refusal (RFC 6750, 3): what would do here,
 * and what is wrong with what was shown.
 */


#ifndef NGX_HTTP_RTAUTH_CHALLENGE_H_INCLUDED
#define NGX_HTTP_RTAUTH_CHALLENGE_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/* adds it to the response of r, which pass refuses, where it has one */
ngx_int_t ngx_http_rtauth_challenge(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_CHALLENGE_H_INCLUDED */

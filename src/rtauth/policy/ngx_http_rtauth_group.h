
/*
 * The groups of a user.
 */


#ifndef NGX_HTTP_RTAUTH_GROUP_H_INCLUDED
#define NGX_HTTP_RTAUTH_GROUP_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/* finds the groups of a user whose claims were verified: once a token */
void ngx_http_rtauth_group_members(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_GROUP_H_INCLUDED */

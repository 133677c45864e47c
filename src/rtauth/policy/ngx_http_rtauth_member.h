
/*
 * What a user's claims say of him that others are told, found once for a
 * token.
 */


#ifndef NGX_HTTP_RTAUTH_MEMBER_H_INCLUDED
#define NGX_HTTP_RTAUTH_MEMBER_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_uint_t   row;           /* RT_USER_... */
    ngx_str_t    name;
    rt_str_t     claims[3];     /* the first that is a string */
} ngx_http_rtauth_member_t;


extern const ngx_http_rtauth_member_t
    ngx_http_rtauth_members[NGX_HTTP_RTAUTH_MEMBERS];

/* sets told and owns_email, by claims that were verified */
void ngx_http_rtauth_member_claims(ngx_http_rtauth_main_conf_t *mcf,
    ngx_http_rtauth_identity_t *identity);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_MEMBER_H_INCLUDED */

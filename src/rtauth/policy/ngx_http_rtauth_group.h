
/*
 * The groups of a user.
 */


#ifndef NGX_HTTP_RTAUTH_GROUP_H_INCLUDED
#define NGX_HTTP_RTAUTH_GROUP_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/*
 * Finds the groups of a user whose claims were verified, or that they cannot be
 * known.  It is called once for a token.
 */
void ngx_http_rtauth_group_members(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity);

/*
 * The groups of this set as a line of a log names them, "in group "a", "b"" or
 * "in no group": into buf, of size bytes; returns what is behind the last.
 */
u_char *ngx_http_rtauth_group_names(ngx_http_request_t *r,
    const rt_groups_t *groups, u_char *buf, size_t size);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_GROUP_H_INCLUDED */

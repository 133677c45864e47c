
/*
 * A verified user, as others are told of him.
 */


#ifndef NGX_HTTP_RTAUTH_USER_H_INCLUDED
#define NGX_HTTP_RTAUTH_USER_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/*
 * His name: the provider's user_claim.  Empty when he has none, and when it
 * is an email that the provider does not say is his.
 */
ngx_int_t ngx_http_rtauth_user_name(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *name);

/* the most bytes that a string takes: every one of them as \u0000 */

#define ngx_http_rtauth_quoted(s)  (6 * (s)->len + sizeof("\"\","))

/* the groups he is in, a JSON array of their names in declared order */
ngx_int_t ngx_http_rtauth_user_groups(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *json);

/* likewise, joined by commas, which no name has */
ngx_int_t ngx_http_rtauth_user_list(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *list);

/*
 * $rtauth_user_json, a JSON object on one line, and the same as rtaudit takes
 * it (rt_event_packed.h)
 */
ngx_int_t ngx_http_rtauth_user_json(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *json);
ngx_int_t ngx_http_rtauth_user_packed(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *packed);

/*
 * What is told of a decision, and of what was done at an address of ours:
 * RT_RTAUTH_N values, empty before; what stays empty is left out
 */
void ngx_http_rtauth_user_event(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_str_t *value);
void ngx_http_rtauth_user_deed(ngx_http_rtauth_deed_t *deed, rt_str_t *value);

/* ... as $rtauth_event, and as rtaudit takes it */
ngx_int_t ngx_http_rtauth_user_say(ngx_http_request_t *r, rt_str_t *value,
    ngx_str_t *json);
ngx_int_t ngx_http_rtauth_user_pack(ngx_http_request_t *r, rt_str_t *value,
    ngx_str_t *packed);


/*
 * In init main: mcf->ends, of groups that end a line each, of when, a space,
 * and what of it would be in $rtauth_event.  ret: NGX_OK, NGX_ERROR (memory)
 */
ngx_int_t ngx_http_rtauth_user_ends(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_USER_H_INCLUDED */

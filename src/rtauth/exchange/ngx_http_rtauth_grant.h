
/*
 * What a provider says of a user, by the tokens it gave (OpenID Connect Core
 * 1.0, 3.1.3 and 12): at a sign-in, and when it is asked anew.
 */


#ifndef NGX_HTTP_RTAUTH_GRANT_H_INCLUDED
#define NGX_HTTP_RTAUTH_GRANT_H_INCLUDED


#include "exchange/ngx_http_rtauth_exchange.h"
#include "oidc/rt_session.h"
#include "oidc/rt_token_answer.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_str_t                      nonce;        /* of the sign-in, */
    rt_json_t                    *former;       /*   or the session's claims */
    rt_str_t                      kept;         /* and its ID token: good where
                                                   there is no new one */

    rt_token_answer_t             tokens;
    rt_json_t                    *claims;       /* of all, as text: */
    rt_str_t                      text;
    int64_t                       auth_time;    /* 0: unknown */

    /* after NGX_DECLINED: PROVIDER_UNAVAILABLE, it does not answer */

    rt_reason_e                   reason;
    const char                   *why;          /* a phrase */

    /* private */

    ngx_uint_t                    step;
    ngx_http_rtauth_signed_t      id_token;
    ngx_http_rtauth_signed_t      access_token;
    rt_json_t                    *userinfo;     /* or NULL */
} ngx_http_rtauth_grant_t;


/*
 * What its token endpoint has answered.
 * ret:  NGX_OK, with the tokens; NGX_DECLINED; NGX_ERROR, memory is out
 */
ngx_int_t ngx_http_rtauth_grant_tokens(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant);

/*
 * From its tokens to claims, which are those of somebody the operator lets
 * sign in.
 * ret:  as above; NGX_AGAIN: the phases of the request run again when it can go
 *       on, and this is to be called again
 */
ngx_int_t ngx_http_rtauth_grant_claims(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant);

/* both as a session keeps them */
void ngx_http_rtauth_grant_tokens_into(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant, rt_session_t *record);
void ngx_http_rtauth_grant_claims_into(ngx_http_rtauth_grant_t *grant,
    rt_session_t *record);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_GRANT_H_INCLUDED */


/*
 * What an ID token has to say beyond what every token has to (OpenID Connect
 * Core 1.0, 3.1.3.7 and 12.2).
 *
 * Its signature held, and rt_claims_check() found type, issuer and times
 * right, before this is asked.  acr and amr are not looked at: a sign-in that
 * does not reach what a location requires is refused there, by rtauth_require,
 * not here.
 */


#ifndef RT_ID_TOKEN_H_INCLUDED
#define RT_ID_TOKEN_H_INCLUDED


#include "rt_base.h"
#include "jose/rt_jwa.h"
#include "json/rt_json.h"


#pragma GCC visibility push(hidden)


typedef struct {
    rt_str_t          client_id;
    rt_str_t          nonce;        /* at sign-in; not looked at when former
                                       is given */
    rt_str_t          access_token; /* of the same answer */
    const rt_jwa_t   *alg;          /* of the ID token's signature */
    int64_t           now;          /* seconds */
    int64_t           leeway;       /* seconds */
    int64_t           max_age;      /* seconds that were asked for; < 0: none */
    const rt_json_t  *former;       /* refresh: the session's claims; NULL at
                                       sign-in */
} rt_id_token_t;


/*
 * "aud" names the client, also when the provider's tokens may have other
 * audiences or any; "azp" is the client when it is there, and is there when
 * "aud" names several; "sub" and "iat" are there; "nonce" is ours, at refresh
 * what it was, if anything; at refresh "iss" and "sub" are the session's;
 * "at_hash", if it is there, is the access token's; "auth_time" is a time, not
 * in the future, and within max_age when that was asked for.
 *
 * in:   claims, an object
 * out:  *auth_time: seconds, 0 when the token has none
 * ret:  RT_OK; RT_DECLINED with *why, a phrase: "has another nonce"; RT_ERROR
 */
rt_status_e rt_id_token_check(const rt_id_token_t *want,
    const rt_json_t *claims, int64_t *auth_time, const char **why);

/* 1 if both have the same "sub", not empty: userinfo (OpenID Connect Core
   1.0, 5.3.2), refresh */
int rt_id_token_same_sub(const rt_json_t *a, const rt_json_t *b);


#pragma GCC visibility pop


#endif /* RT_ID_TOKEN_H_INCLUDED */

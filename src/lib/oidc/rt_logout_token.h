
/*
 * What a logout token has to say, after its signature held, before anybody is
 * signed out by it (OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6).
 */


#ifndef RT_LOGOUT_TOKEN_H_INCLUDED
#define RT_LOGOUT_TOKEN_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"


#pragma GCC visibility push(hidden)


#define RT_LOGOUT_MAX_AGE   300     /* seconds since "iat", leeway aside */
#define RT_LOGOUT_MAX_TEXT  255     /* bytes of "sub", "sid", "jti" each */


typedef struct {
    rt_str_t   issuer;              /* "iss" is exactly this */
    rt_str_t   client_id;           /* "aud" is, or names, exactly this */
    int64_t    leeway;              /* seconds; >= 0 */
} rt_logout_policy_t;


typedef struct {
    rt_str_t   sub;                 /* empty: none; not both are */
    rt_str_t   sid;
    rt_str_t   jti;
    int64_t    iat;
    int64_t    until;               /* no token is accepted from here on, so
                                       that long its jti is remembered */
} rt_logout_token_t;


/*
 * Checked in this order: the header's typ is logout+jwt, JWT (with or without
 * "application/", in any case of letters) or absent; iss; aud; iat, not in
 * the future and at most RT_LOGOUT_MAX_AGE old; exp, if there is one; jti;
 * events, with the member of back-channel logouts, an object; no nonce; sub,
 * sid or both.
 * Texts are not empty, plain (rt_utf8_plain) and bounded.
 *
 * in:   typ, of the JWS header, data NULL if absent; claims, as
 *       rt_claims_parse() made them; now in seconds of Unix time
 * out:  *token, which points into claims
 *       *why, after RT_DECLINED: a phrase, "has a nonce"
 * ret:  RT_OK, RT_DECLINED
 */
rt_status_e rt_logout_token_check(const rt_logout_policy_t *policy,
    const rt_str_t *typ, const rt_json_t *claims, int64_t now,
    rt_logout_token_t *token, const char **why);


#pragma GCC visibility pop


#endif /* RT_LOGOUT_TOKEN_H_INCLUDED */


/*
 * What a verified payload has to say before it is believed here (RFC 7519,
 * section 4; RFC 9068, section 4; RFC 8725, section 3), and how a claim is
 * written into a variable or into a log.
 */


#ifndef RT_CLAIMS_H_INCLUDED
#define RT_CLAIMS_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"
#include "jose/rt_reason.h"


#pragma GCC visibility push(hidden)


/* the latest time a claim may name, 9999-12-31T23:59:59Z; none is negative */
#define RT_CLAIMS_MAX_TIME  253402300799

#define RT_CLAIMS_SHOWN  256        /* bytes that are shown at most */


typedef struct {
    rt_str_t         issuer;        /* "iss" is exactly this */
    const rt_str_t  *audiences;     /* "aud" names at least one of these */
    size_t           naudiences;
    unsigned         any_audience;  /* 1: "aud" is not looked at; otherwise
                                       an empty list accepts nothing */
    unsigned         client_audience;   /* 1: without "aud", "client_id" is
                                       looked at in its place (Cognito) */
    rt_str_t         client_id;     /* ID tokens are accepted when one of
                                       audiences is this; empty: never */
    const rt_str_t  *types;         /* typ of the header is one of these,
                                       "absent" stands for none */
    size_t           ntypes;        /* 0: absent, JWT or at+jwt */
    unsigned         require_sub;   /* 1: a token without "sub" is refused */
    unsigned         bound;         /* 1: one with "cnf" is not refused for
                                       that: rt_bound_read() comes next */
    unsigned         exp_optional;  /* 1: one without "exp" is not */
    unsigned         asked;         /* 1: the claims are the provider's answer
                                       to a question about a token (RFC 7662,
                                       2.2), which need not have an "iss" */
    int64_t          leeway;        /* seconds, for exp, nbf, iat; >= 0 */
    int64_t          max_lifetime;  /* seconds from iat, which has to be
                                       there then, to exp; 0: no bound */
} rt_claims_policy_t;


/*
 * Parses the payload of a token whose signature held.
 *
 * out:  *claims, an object, pointing into payload where it can
 * ret:  RT_REASON_OK, BAD_PAYLOAD (not one JSON object, twin members, NUL,
 *       invalid UTF-8, too deep), INTERNAL (memory)
 */
rt_reason_e rt_claims_parse(rt_mem_t *mem, const rt_str_t *payload,
    rt_json_t **claims);

/*
 * Checks them, in this order: type, issuer, audience, subject, times.
 *
 * Type: the header's typ is absent, JWT or at+jwt, or what the policy lists,
 * with or without "application/", in any case of letters; no "events" (a logout
 * or security event token); no "cnf" (bound to a key, RFC 7800), unless the
 * policy leaves that to its caller; not issued as a refresh, offline, logout or
 * registration token, as providers say it in the payload ("typ":"Refresh" of
 * Keycloak, "token_type":"refresh"); no ID token: header typ at+jwt and payload
 * "typ":"Bearer" (Keycloak) are access tokens, otherwise nonce, at_hash,
 * c_hash, s_hash, payload "typ":"ID" or "token_use":"id" make an ID token.
 *
 * An answer about a token ("asked") has a "token_type", which is Bearer, or
 * DPoP beside a "cnf"; or it has none, and an audience that is looked at.  A
 * refresh token is active, too, and nothing else tells it from the others.
 *
 * Times are numbers, fractional or not, from 0 to RT_CLAIMS_MAX_TIME; exp
 * is required, unless the policy says otherwise.  "sub", when it is there, is
 * plain text (rt_utf8_plain).
 *
 * in:   typ, of the JWS header, data NULL if absent; now in seconds of Unix
 *       time
 * out:  *expires: the token is accepted while now < *expires (leeway is
 *       counted in); may be NULL
 * ret:  RT_REASON_OK, BAD_TYPE, CONFIRMATION, BAD_CLAIM, WRONG_ISSUER,
 *       WRONG_AUDIENCE, NO_SUB, NO_EXP, EXPIRED, NOT_YET_VALID,
 *       ISSUED_IN_FUTURE, NO_IAT, TOO_LONG_LIVED
 */
rt_reason_e rt_claims_check(const rt_claims_policy_t *policy,
    const rt_str_t *typ, const rt_json_t *claims, int64_t now,
    int64_t *expires);

/*
 * Whether a token of this typ may be let in as a bearer's at all: it says what
 * else it is for, "logout+jwt" (OpenID Connect Back-Channel Logout 1.0, 2.4),
 * "secevent+jwt" (RFC 8417), "dpop+jwt" (RFC 9449), "oauth-authz-req+jwt" (RFC
 * 9101), "token-introspection+jwt" (RFC 9701).
 *
 * ret:  1, 0: it never is
 */
int rt_claims_type_allowed(const rt_str_t *typ);

/*
 * A NumericDate (RFC 7519, 2), fractional or not.
 *
 * ret:  RT_OK, RT_DECLINED (no such claim), RT_INVALID (no number, or not from
 *       0 to RT_CLAIMS_MAX_TIME)
 */
rt_status_e rt_claims_time(const rt_json_t *claims, const char *name,
    double *out);

/* ret: 1 for true, and for the string "true", as some providers write it */
int rt_claims_true(const rt_json_t *v);

/*
 * A claim as the text of a variable: a string; a number as its literal text;
 * true, false; an array of strings joined by commas.  Empty: NULL, null, an
 * object, any other array, an array with an element that holds a comma, and
 * a string, or an array with a string, that is not plain (rt_utf8_plain).
 *
 * out:  *out, in the arena or in the tree
 * ret:  RT_OK (also when empty), RT_ERROR (memory)
 */
rt_status_e rt_claims_text(rt_mem_t *mem, const rt_json_t *v, rt_str_t *out);

/*
 * A claim as JSON on one line, whatever it is: control characters are
 * escaped, numbers keep their literal text; NULL gives an empty string.
 *
 * ret:  RT_OK, RT_ERROR (memory)
 */
rt_status_e rt_claims_json(rt_mem_t *mem, const rt_json_t *v, rt_str_t *out);

/*
 * A claim as a line of a log may hold it: a string in quotes, with what may
 * be a secret in it masked as in a path (rt_logpath.h); a number, true, false
 * and null as they are; an array of these in brackets; "{...}" and "[...]"
 * for an object and for an array in an array; "nothing" for NULL.
 *
 * out:  dst, room for RT_CLAIMS_SHOWN bytes: printable ASCII; "..." ends what
 *       was too long
 * ret:  the number of bytes written
 */
size_t rt_claims_shown(unsigned char *dst, const rt_json_t *v);


#pragma GCC visibility pop


#endif /* RT_CLAIMS_H_INCLUDED */

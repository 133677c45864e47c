
/*
 * Why a request was let in or not: one table for the log line, the metrics,
 * $rtauth_result, the audit event and WWW-Authenticate, so that an operator
 * finds the same word everywhere.
 */


#ifndef RT_REASON_H_INCLUDED
#define RT_REASON_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_REASON_OK = 0,
    RT_REASON_ANONYMOUS,            /* no credentials at all */

    /* the credentials' form */

    RT_REASON_BAD_CREDENTIALS,      /* "Bearer" without a token, repeated */
    RT_REASON_TOO_BIG,
    RT_REASON_MALFORMED,            /* not a compact JWS, its header */
    RT_REASON_BAD_ALG,              /* absent, unknown or not listed */
    RT_REASON_UNKNOWN_CRIT,

    /* the key and the signature */

    RT_REASON_ALG_MISMATCH,         /* the key named is not of this alg */
    RT_REASON_UNKNOWN_KEY,          /* no such kid, or no key fits */
    RT_REASON_AMBIGUOUS_KEY,        /* more than one key fits */
    RT_REASON_BAD_SIGNATURE,
    RT_REASON_TOO_MANY_BAD,         /* tokens, from this address */

    /* what the signed payload says */

    RT_REASON_BAD_PAYLOAD,          /* not an object, twin members, NUL */
    RT_REASON_BAD_CLAIM,            /* a registered claim of a wrong type */
    RT_REASON_BAD_TYPE,             /* a logout token, an ID token */
    RT_REASON_CONFIRMATION,         /* cnf: bound to a key nobody showed */
    RT_REASON_UNBOUND,              /* no cnf, where tokens are bound */
    RT_REASON_WRONG_CERTIFICATE,    /* not the one it is bound to, or none */
    RT_REASON_BAD_PROOF,            /* of DPoP: none, several, or no good */
    RT_REASON_REPLAYED_PROOF,       /* it was seen before */
    RT_REASON_PROOF_NONCE,          /* it lacks a nonce of this server */
    RT_REASON_WRONG_ISSUER,
    RT_REASON_WRONG_AUDIENCE,
    RT_REASON_NO_SUB,
    RT_REASON_NO_EXP,
    RT_REASON_EXPIRED,
    RT_REASON_NOT_YET_VALID,
    RT_REASON_ISSUED_IN_FUTURE,
    RT_REASON_NO_IAT,               /* where its lifetime is bounded */
    RT_REASON_TOO_LONG_LIVED,

    RT_REASON_INACTIVE,             /* its provider says so (introspection) */
    RT_REASON_REVOKED,              /* the token, the session or the user */

    /* who he is does not suffice */

    RT_REASON_DISABLED,             /* he is switched off */
    RT_REASON_NOT_PUSHED,           /* rtauth_scim knows nobody like him */
    RT_REASON_NO_PERMISSION,        /* no group grants enough here */
    RT_REASON_REQUIREMENT,          /* an rtauth_require does not hold */
    RT_REASON_GROUPS_OVERAGE,       /* his groups are elsewhere */
    RT_REASON_STEPUP,               /* he has to sign in again, or better */
    RT_REASON_SPOOFED,              /* an rtauth_bind does not hold */
    RT_REASON_CROSS_ORIGIN,         /* rtauth_cross_origin */
    RT_REASON_BAD_PATH,             /* rtauth_raw_path */
    RT_REASON_UNDECIDED,            /* the backstop of the header filter */

    /* a sign-in that came to nothing */

    RT_REASON_LOGIN_LIMIT,          /* too many from this address */
    RT_REASON_LOGIN_LOOP,           /* this browser comes again and again */
    RT_REASON_LOGIN_STATE,          /* not begun in this browser, or too old */
    RT_REASON_LOGIN_REFUSED,        /* the provider said no */
    RT_REASON_LOGIN_FAILED,         /* its answer cannot be accepted */
    RT_REASON_LOGIN_EMAIL,          /* require_verified_email */
    RT_REASON_LOGIN_SESSION,        /* the store takes no new session */
    RT_REASON_PROVIDER_UNAVAILABLE,

    /* ours or the provider's fault */

    RT_REASON_KEYS_UNAVAILABLE,
    RT_REASON_STORE_UNAVAILABLE,    /* sessions, what was revoked */
    RT_REASON_USERS_UNAVAILABLE,    /* those that were pushed */
    RT_REASON_PROOFS_UNKNOWN,       /* was this proof seen before? */
    RT_REASON_INTERNAL,             /* memory, a library */

    RT_REASON_MAX
} rt_reason_e;


typedef struct {
    rt_str_t    name;       /* "expired": [a-z_]+, never changes */
    unsigned    status;     /* HTTP status */
    rt_str_t    error;      /* RFC 6750, 3.1: "invalid_token",
                               "insufficient_scope"; RFC 9470, 3; or
                               empty */
    rt_str_t    text;       /* error_description: printable ASCII without
                               " and \, a sentence without its full stop */
} rt_reason_t;


/* the row of a code; RT_REASON_INTERNAL's for anything out of range */
const rt_reason_t *rt_reason(rt_reason_e code);


#pragma GCC visibility pop


#endif /* RT_REASON_H_INCLUDED */

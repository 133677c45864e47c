
#include "jose/rt_reason.h"


#define TOKEN  rt_string("invalid_token")
#define PROOF  rt_string("invalid_dpop_proof")
#define SCOPE  rt_string("insufficient_scope")
#define PLAIN  rt_null_string

#define row(name, status, error, text)                                        \
    { rt_string(name), status, error, rt_string(text) }


static const rt_reason_t  reasons[] = {

    [RT_REASON_OK] =
        row("ok", 200, PLAIN, "accepted"),

    /* RFC 6750, 3.1: no error code when there were no credentials */

    [RT_REASON_ANONYMOUS] =
        row("anonymous", 401, PLAIN, "no credentials were sent"),

    [RT_REASON_BAD_CREDENTIALS] =
        row("bad_credentials", 401, TOKEN, "the credentials hold no token"),
    [RT_REASON_TOO_BIG] =
        row("too_big", 401, TOKEN, "the token is too big"),
    [RT_REASON_MALFORMED] =
        row("malformed", 401, TOKEN, "the token is malformed"),
    [RT_REASON_BAD_ALG] =
        row("bad_alg", 401, TOKEN, "the algorithm is not accepted here"),
    [RT_REASON_UNKNOWN_CRIT] =
        row("unknown_crit", 401, TOKEN,
            "a critical header parameter is not understood"),

    [RT_REASON_ALG_MISMATCH] =
        row("alg_mismatch", 401, TOKEN, "the key is not of this algorithm"),
    [RT_REASON_UNKNOWN_KEY] =
        row("unknown_key", 401, TOKEN, "the signing key is unknown"),
    [RT_REASON_AMBIGUOUS_KEY] =
        row("ambiguous_key", 401, TOKEN,
            "the token does not say which key signed it"),
    [RT_REASON_BAD_SIGNATURE] =
        row("bad_signature", 401, TOKEN, "the signature does not hold"),
    [RT_REASON_TOO_MANY_BAD] =
        row("too_many_bad", 429, PLAIN,
            "too many tokens of this address were no good"),

    [RT_REASON_BAD_PAYLOAD] =
        row("bad_payload", 401, TOKEN, "the payload is malformed"),
    [RT_REASON_BAD_CLAIM] =
        row("bad_claim", 401, TOKEN, "a claim is malformed"),
    [RT_REASON_BAD_TYPE] =
        row("bad_type", 401, TOKEN, "this type of token is not accepted"),
    [RT_REASON_CONFIRMATION] =
        row("confirmation_required", 401, TOKEN,
            "the token is bound to a key that was not proved"),
    [RT_REASON_UNBOUND] =
        row("unbound", 401, TOKEN, "the token is bound to no key"),
    [RT_REASON_WRONG_CERTIFICATE] =
        row("wrong_certificate", 401, TOKEN,
            "the token is bound to another client certificate"),
    [RT_REASON_BAD_PROOF] =
        row("bad_proof", 401, PROOF, "the DPoP proof is not acceptable"),
    [RT_REASON_REPLAYED_PROOF] =
        row("replayed_proof", 401, PROOF, "the DPoP proof was used before"),
    [RT_REASON_PROOF_NONCE] =
        row("proof_nonce", 401, rt_string("use_dpop_nonce"),
            "the DPoP proof needs a nonce of this server"),
    [RT_REASON_WRONG_ISSUER] =
        row("wrong_issuer", 401, TOKEN, "the issuer is not accepted here"),
    [RT_REASON_WRONG_AUDIENCE] =
        row("wrong_audience", 401, TOKEN, "the token is meant for others"),
    [RT_REASON_NO_SUB] =
        row("no_sub", 401, TOKEN, "the token names no subject"),
    [RT_REASON_NO_EXP] =
        row("no_exp", 401, TOKEN, "the token never expires"),
    [RT_REASON_EXPIRED] =
        row("expired", 401, TOKEN, "the token has expired"),
    [RT_REASON_NOT_YET_VALID] =
        row("not_yet_valid", 401, TOKEN, "the token is not valid yet"),
    [RT_REASON_ISSUED_IN_FUTURE] =
        row("issued_in_future", 401, TOKEN,
            "the token was issued in the future"),
    [RT_REASON_NO_IAT] =
        row("no_iat", 401, TOKEN,
            "the token does not say when it was issued"),
    [RT_REASON_TOO_LONG_LIVED] =
        row("too_long_lived", 401, TOKEN,
            "the token lives longer than is accepted"),

    [RT_REASON_INACTIVE] =
        row("inactive", 401, TOKEN, "the token is not active"),
    [RT_REASON_REVOKED] =
        row("revoked", 401, TOKEN, "it was revoked"),

    [RT_REASON_DISABLED] =
        row("disabled", 403, PLAIN, "the user is switched off"),
    [RT_REASON_NOT_PUSHED] =
        row("not_pushed", 403, PLAIN, "the provider has not pushed this user"),
    [RT_REASON_NO_PERMISSION] =
        row("no_permission", 403, SCOPE, "no group of the user permits this"),
    [RT_REASON_REQUIREMENT] =
        row("requirement", 403, SCOPE, "a requirement is not met"),
    [RT_REASON_GROUPS_OVERAGE] =
        row("groups_overage", 403, PLAIN,
            "the token has a link in place of the user's groups"),
    [RT_REASON_STEPUP] =
        row("stepup", 401, rt_string("insufficient_user_authentication"),
            "a stronger or a more recent sign-in is required"),
    [RT_REASON_SPOOFED] =
        row("spoofed", 403, PLAIN,
            "a value of the request is not that of the user"),
    [RT_REASON_CROSS_ORIGIN] =
        row("cross_origin", 403, PLAIN,
            "the request was started by another site"),
    [RT_REASON_BAD_PATH] =
        row("bad_path", 403, PLAIN, "the path can be read in two ways"),
    [RT_REASON_UNDECIDED] =
        row("undecided", 403, PLAIN, "nobody decided about this request"),

    [RT_REASON_LOGIN_LIMIT] =
        row("login_limit", 429, PLAIN,
            "too many sign-ins were begun from this address"),
    [RT_REASON_LOGIN_LOOP] =
        row("login_loop", 403, PLAIN,
            "this browser was sent to sign in again and again"),
    [RT_REASON_LOGIN_STATE] =
        row("login_state", 400, PLAIN,
            "the sign-in was not begun in this browser, or is too old"),
    [RT_REASON_LOGIN_REFUSED] =
        row("login_refused", 403, PLAIN, "the provider refused the sign-in"),
    [RT_REASON_LOGIN_FAILED] =
        row("login_failed", 502, PLAIN,
            "the answer of the provider is not acceptable"),
    [RT_REASON_LOGIN_EMAIL] =
        row("login_email", 403, PLAIN, "the email address is not verified"),
    [RT_REASON_LOGIN_SESSION] =
        row("login_session", 503, PLAIN, "there is no room for a session"),
    [RT_REASON_PROVIDER_UNAVAILABLE] =
        row("provider_unavailable", 503, PLAIN,
            "the provider does not answer"),

    [RT_REASON_KEYS_UNAVAILABLE] =
        row("keys_unavailable", 503, PLAIN,
            "the keys of the provider cannot be had"),
    [RT_REASON_STORE_UNAVAILABLE] =
        row("store_unavailable", 503, PLAIN,
            "sessions, or what was revoked, cannot be read"),
    [RT_REASON_USERS_UNAVAILABLE] =
        row("users_unavailable", 503, PLAIN, "pushed users cannot be read"),
    [RT_REASON_PROOFS_UNKNOWN] =
        row("proofs_unknown", 503, PLAIN,
            "whether the DPoP proof was used before cannot be told"),
    [RT_REASON_INTERNAL] =
        row("internal", 500, PLAIN, "an internal error"),
};


_Static_assert(sizeof(reasons) / sizeof(reasons[0]) == RT_REASON_MAX,
               "every reason has a row");


const rt_reason_t *
rt_reason(rt_reason_e code)
{
    if ((unsigned) code >= RT_REASON_MAX) {
        code = RT_REASON_INTERNAL;
    }

    return &reasons[code];
}

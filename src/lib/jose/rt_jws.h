
/*
 * Compact JWS (RFC 7515, section 3.1) and nothing else: three parts, strict
 * base64url, an algorithm that the provider lists, a key that is made for
 * it, no "crit" (RFC 7515, 4.1.11), no "b64" (RFC 7797), no keys out of the
 * token (jwk, jku, x5c, x5u are not looked at).
 *
 * The usual way is rt_jws_verify() and then rt_claims_parse().  Its steps
 * exist one by one for callers that fetch keys in between:
 *
 *     rt_jws_parse()   form and header        -> jws->alg, jws->kid
 *     rt_jws_select()  which key              -> or UNKNOWN_KEY: refetch
 *     rt_jws_check()   signature              -> jws->payload
 *
 * Nothing a token says may be used before rt_jws_check() said OK, with two
 * exceptions: the kid (to look for a key) and rt_jws_unverified_issuer().
 */


#ifndef RT_JWS_H_INCLUDED
#define RT_JWS_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"
#include "jose/rt_jwa.h"
#include "jose/rt_jwks.h"
#include "jose/rt_reason.h"


#pragma GCC visibility push(hidden)


#define RT_JWS_MAX_TOKEN  (16 * 1024)       /* bytes */


typedef struct {
    rt_str_t         header_b64;    /* the three parts of the token */
    rt_str_t         payload_b64;
    rt_str_t         signature_b64;
    rt_str_t         input;         /* what is signed: the first two */
    rt_json_t       *header;        /* unverified */
    const rt_jwa_t  *alg;           /* listed, but unverified */
    rt_str_t         kid;           /* unverified; data NULL: none.  An
                                       empty kid is a kid */
    rt_str_t         typ;           /* to be read after rt_jws_check(); data
                                       NULL: none */
    rt_str_t         payload;       /* set by rt_jws_check() alone: decoded,
                                       any bytes, maybe none */
    unsigned         verified;      /* set by rt_jws_check() alone */
} rt_jws_t;


/*
 * Splits a token and reads its header.
 *
 * in:   token, any bytes; must outlive *jws, which points into it
 *       algs, the provider's list as bits of rt_jwa.h
 * ret:  RT_REASON_OK, TOO_BIG, MALFORMED, BAD_ALG, UNKNOWN_CRIT, INTERNAL
 */
rt_reason_e rt_jws_parse(rt_mem_t *mem, const rt_str_t *token, uint32_t algs,
    rt_jws_t *jws);

/*
 * Chooses the key: the one with the token's kid (of several with this kid,
 * which RFC 7517, 4.5 allows for different types, the one that fits the
 * algorithm); without a kid the only one that fits.  The same public key
 * twice counts once.
 *
 * ret:  RT_REASON_OK with *key; UNKNOWN_KEY (a refetch may help),
 *       ALG_MISMATCH, AMBIGUOUS_KEY
 */
rt_reason_e rt_jws_select(const rt_jws_t *jws, const rt_jwks_t *jwks,
    const rt_jwk_t **key);

/*
 * Checks the signature and only then decodes the payload, which need not be
 * JSON.
 *
 * ret:  RT_REASON_OK, BAD_SIGNATURE, ALG_MISMATCH, INTERNAL
 */
rt_reason_e rt_jws_check(rt_mem_t *mem, rt_jws_t *jws, const rt_jwk_t *key);

/* parse, select and check at once */
rt_reason_e rt_jws_verify(rt_mem_t *mem, const rt_str_t *token, uint32_t algs,
    const rt_jwks_t *jwks, rt_jws_t *jws);

/*
 * The "iss" a token claims before anything about it was verified: only to
 * choose, by exact comparison, which of several providers is to verify it.
 * That provider's check of "iss" still has to follow.
 *
 * in:   token, any bytes
 * out:  *iss, in the arena
 * ret:  RT_OK; RT_DECLINED (no such claim or not a string); RT_INVALID,
 *       RT_TOO_BIG (no token that could verify); RT_ERROR (memory)
 */
rt_status_e rt_jws_unverified_issuer(rt_mem_t *mem, const rt_str_t *token,
    rt_str_t *iss);


#pragma GCC visibility pop


#endif /* RT_JWS_H_INCLUDED */

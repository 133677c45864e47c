
/*
 * A JWK Set (RFC 7517) as a table of keys that are ready to verify with.
 *
 * What a key is good for is decided once, here, from the JWK itself and never
 * from a token: "algs" holds exactly the algorithms that agree with its kty,
 * crv, size, "alg", "use" and "key_ops" and with the provider's list.  All
 * OpenSSL objects are made once per load.
 *
 * Every JWK is screened by our own strict parse, and OpenSSL makes the key of
 * the numbers that were checked (EVP_PKEY_fromdata): twin members, other
 * alphabets, private parts, certificates (x5c) and unknown curves never reach
 * it.
 *
 * Keys that cannot be used are skipped, counted and listed with a reason: a
 * set may hold encryption keys or key types of tomorrow.  A set without any
 * usable key is an error.
 */


#ifndef RT_JWKS_H_INCLUDED
#define RT_JWKS_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"
#include "jose/rt_jwa.h"
#include "jose/rt_verifier.h"


#pragma GCC visibility push(hidden)


#define RT_JWKS_MAX_TEXT  (256 * 1024)      /* bytes */
#define RT_JWKS_MAX_KEYS  64                /* usable or not */
#define RT_JWKS_MIN_RSA   2048              /* bits of the modulus */
#define RT_JWKS_MAX_RSA   8192
#define RT_JWKS_MAX_RSA_E 33                /* bits of the exponent */


typedef struct {
    rt_str_t             kid;       /* data is NULL: the JWK has no kid */
    rt_kty_e             kty;
    rt_crv_e             crv;
    unsigned             bits;      /* RSA modulus, curve, HMAC key */
    uint32_t             algs;      /* bits of rt_jwa.h, at least one */
    struct evp_pkey_st  *pkey;      /* the public key; NULL for oct */
    rt_verifier_t       *verifiers; /* one for each bit of algs */
} rt_jwk_t;


typedef struct {
    unsigned             index;     /* in "keys", from 0 */
    rt_str_t             kid;       /* printable and at most 64 bytes, or
                                       empty: may be written to a log */
    const char          *why;
} rt_jwk_skip_t;


typedef struct {
    rt_jwk_t            *keys;
    unsigned             nkeys;     /* usable */
    rt_jwk_skip_t       *skips;
    unsigned             nskips;
} rt_jwks_t;


/*
 * Loads a set.
 *
 * in:   text, {"keys":[...]} as RFC 7517, 5 has it, any bytes; a bare JWK is
 *       not a set.  It must outlive nothing: what is kept is copied.  Text
 *       with HMAC keys is to be wiped by its owner.
 *       algs, the algorithms the provider accepts; keys that fit none of
 *       them are skipped
 * out:  *jwks, its memory in the arena, its OpenSSL objects to be freed with
 *       rt_jwks_destroy(); after an error there is nothing to free, but
 *       skips and nskips still tell why no key was usable
 *       *why, after an error: a phrase such as "is not JSON"
 * ret:  RT_OK, RT_TOO_BIG, RT_INVALID (not a JWK Set), RT_DECLINED (no usable
 *       key), RT_ERROR (memory)
 */
rt_status_e rt_jwks_load(rt_mem_t *mem, const rt_str_t *text, uint32_t algs,
    rt_jwks_t *jwks, const char **why);

/*
 * Frees the OpenSSL objects; HMAC keys are wiped.  Safe to call twice, and
 * on a zeroed or failed set.
 */
void rt_jwks_destroy(rt_jwks_t *jwks);

/*
 * One JWK, of whoever sent it, for as long as it takes.
 *
 * ret:  RT_OK with *key, to be freed; RT_DECLINED: it fits none of "algs", or
 *       a set would skip it; RT_ERROR (memory)
 */
rt_status_e rt_jwk_read(rt_mem_t *mem, const rt_json_t *jwk, uint32_t algs,
    rt_jwk_t *key);
void rt_jwk_free(rt_jwk_t *key);

/*
 * 1 if both are one public key, whatever their kids and algorithms; HMAC keys
 * are never compared.
 */
int rt_jwk_same(const rt_jwk_t *a, const rt_jwk_t *b);

/*
 * Verifies a signature over input with a key of the set.
 *
 * in:   alg must be one of key->algs, else the answer is RT_DECLINED
 *       sig as JOSE has it: see rt_verifier_check()
 * ret:  RT_OK it holds; RT_DECLINED it does not; RT_ERROR memory
 */
rt_status_e rt_jwk_verify(const rt_jwk_t *key, const rt_jwa_t *alg,
    const rt_str_t *input, const rt_str_t *sig);


#pragma GCC visibility pop


#endif /* RT_JWKS_H_INCLUDED */

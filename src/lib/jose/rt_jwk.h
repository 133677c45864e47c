
/*
 * A JWK (RFC 7517) as a key that is ready to verify with.
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
 */


#ifndef RT_JWK_H_INCLUDED
#define RT_JWK_H_INCLUDED


#include "rt_base.h"
#include "json/rt_json.h"
#include "jose/rt_jwa.h"
#include "jose/rt_verifier.h"


#pragma GCC visibility push(hidden)


#define RT_JWK_MIN_RSA    2048              /* bits of the modulus */
#define RT_JWK_MAX_RSA    8192
#define RT_JWK_MAX_RSA_E  33                /* bits of the exponent */


typedef struct {
    rt_str_t             kid;       /* data is NULL: the JWK has no kid */
    rt_kty_e             kty;
    rt_crv_e             crv;
    unsigned             bits;      /* RSA modulus, curve, HMAC key */
    uint32_t             algs;      /* bits of rt_jwa.h, at least one */
    struct evp_pkey_st  *pkey;      /* the public key; NULL for oct */
    rt_verifier_t       *verifiers; /* one for each bit of algs */
} rt_jwk_t;


/*
 * in:   jwk, of whoever sent it
 *       algs, the algorithms that are accepted
 * out:  *key, its memory in the arena, its OpenSSL objects to be freed; its kid
 *       also where it cannot be used
 *       *why, NULL, or why it cannot be used: a phrase such as "use is not sig"
 * ret:  RT_OK; RT_DECLINED: it cannot be used; RT_ERROR (memory).  After these
 *       two there is nothing to free
 */
rt_status_e rt_jwk_read(rt_mem_t *mem, const rt_json_t *jwk, uint32_t algs,
    rt_jwk_t *key, const char **why);

/* HMAC keys are wiped.  Safe to call twice, and on a zeroed one */
void rt_jwk_free(rt_jwk_t *key);

/*
 * 1 if both are one public key, whatever their kids and algorithms; HMAC keys
 * are never compared.
 */
int rt_jwk_same(const rt_jwk_t *a, const rt_jwk_t *b);

/*
 * Verifies a signature over input with a key.
 *
 * in:   alg must be one of key->algs, else the answer is RT_DECLINED
 *       sig as JOSE has it: see rt_verifier_check()
 * ret:  RT_OK it holds; RT_DECLINED it does not; RT_ERROR memory
 */
rt_status_e rt_jwk_verify(const rt_jwk_t *key, const rt_jwa_t *alg,
    const rt_str_t *input, const rt_str_t *sig);


#pragma GCC visibility pop


#endif /* RT_JWK_H_INCLUDED */

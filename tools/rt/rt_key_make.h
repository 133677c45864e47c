
/* Keys and secrets from OpenSSL's randomness, and the public halves of keys. */


#ifndef RT_KEY_MAKE_H_INCLUDED
#define RT_KEY_MAKE_H_INCLUDED


#include "rt_base.h"
#include "jose/rt_jwa.h"
#include "jose/rt_privkey.h"


#pragma GCC visibility push(hidden)


#define RT_KEY_SECRET  44           /* 32 bytes as base64url, and a newline */


/* ret: 1, 0: OpenSSL has no randomness */
int rt_key_secret(unsigned char out[RT_KEY_SECRET]);

/*
 * out:  *pem, secret, PKCS #8, in the arena: the caller has to wipe it
 * ret:  RT_OK, RT_DECLINED (no key is made for this algorithm), RT_ERROR
 */
rt_status_e rt_key_pem(rt_mem_t *mem, const rt_jwa_t *alg, rt_str_t *pem);

/*
 * Reads a private key for alg, or, where alg is NULL, for the first algorithm
 * that fits, in the order in which rtauth tries them.
 *
 * in:   text, PEM or one private JWK
 *       kid, empty: that of the JWK, or the thumbprint (RFC 7638)
 * out:  *key, to be wiped with rt_privkey_wipe(); *why, after an error
 * ret:  RT_OK, RT_DECLINED, RT_ERROR
 */
rt_status_e rt_key_read(rt_mem_t *mem, const rt_str_t *text,
    const rt_jwa_t *alg, const rt_str_t *kid, rt_privkey_t *key,
    const char **why);

/* the public half as PEM, as "openssl pkey -pubout" writes it */
rt_status_e rt_key_public_pem(rt_mem_t *mem, const rt_str_t *pem,
    rt_str_t *out);


#pragma GCC visibility pop


#endif /* RT_KEY_MAKE_H_INCLUDED */

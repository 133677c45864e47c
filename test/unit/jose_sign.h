
/*
 * The other side of the verifier, for tests: keys made by OpenSSL, their
 * JWKs, and tokens with any header, payload and damage.  Strings are owned by
 * the arena of the test.
 */


#ifndef JOSE_SIGN_H_INCLUDED
#define JOSE_SIGN_H_INCLUDED


#include <stdio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "rt_arena.h"
#include "text/rt_b64.h"
#include "jose/rt_jwa.h"


#define JOSE_MAX  32768


static inline char *
jose_alloc(rt_arena_t *arena, size_t size)
{
    char  *s;

    s = rt_arena_alloc(arena, size);
    if (s == NULL) {
        abort();
    }

    return s;
}


static inline rt_str_t
jose_str(const char *s)
{
    rt_str_t  str = { strlen(s), (unsigned char *) s };

    return str;
}


static inline char *
jose_b64(rt_arena_t *arena, const void *p, size_t len)
{
    char  *s;

    s = jose_alloc(arena, rt_b64_encoded_len(len) + 1);
    s[rt_b64_encode_to(p, len, (unsigned char *) s)] = '\0';

    return s;
}


/* type: "RSA" with bits, "EC" with a curve of OpenSSL, "ED25519", "ED448" */

static inline EVP_PKEY *
jose_key(const char *type, size_t bits, const char *curve)
{
    if (strcmp(type, "RSA") == 0) {
        return EVP_PKEY_Q_keygen(NULL, NULL, type, bits);
    }

    if (curve) {
        return EVP_PKEY_Q_keygen(NULL, NULL, type, curve);
    }

    return EVP_PKEY_Q_keygen(NULL, NULL, type);
}


static inline char *
jose_number(rt_arena_t *arena, EVP_PKEY *pkey, const char *name, int len)
{
    char           *s;
    BIGNUM         *bn;
    unsigned char   buf[1024];

    bn = NULL;
    EVP_PKEY_get_bn_param(pkey, name, &bn);

    if (len == 0) {
        len = BN_num_bytes(bn);
    }

    BN_bn2binpad(bn, buf, len);
    s = jose_b64(arena, buf, (size_t) len);
    BN_free(bn);

    return s;
}


/* extra: more members, such as ",\"kid\":\"a\"" */

static inline char *
jose_jwk(rt_arena_t *arena, EVP_PKEY *pkey, const char *crv,
    const char *extra)
{
    int             len;
    char           *s;
    size_t          n;
    unsigned char   raw[64];

    s = jose_alloc(arena, JOSE_MAX);

    if (EVP_PKEY_is_a(pkey, "RSA")) {
        snprintf(s, JOSE_MAX, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}",
                 jose_number(arena, pkey, "n", 0),
                 jose_number(arena, pkey, "e", 0), extra);

    } else if (EVP_PKEY_is_a(pkey, "EC")) {
        len = (EVP_PKEY_get_bits(pkey) + 7) / 8;

        snprintf(s, JOSE_MAX, "{\"kty\":\"EC\",\"crv\":\"%s\",\"x\":\"%s\","
                 "\"y\":\"%s\"%s}", crv,
                 jose_number(arena, pkey, OSSL_PKEY_PARAM_EC_PUB_X, len),
                 jose_number(arena, pkey, OSSL_PKEY_PARAM_EC_PUB_Y, len),
                 extra);

    } else {
        n = sizeof(raw);
        EVP_PKEY_get_raw_public_key(pkey, raw, &n);

        snprintf(s, JOSE_MAX, "{\"kty\":\"OKP\",\"crv\":\"%s\",\"x\":\"%s\""
                 "%s}", crv, jose_b64(arena, raw, n), extra);
    }

    return s;
}


/* r || s out of OpenSSL's DER */

static inline size_t
jose_raw_ecdsa(unsigned char *sig, size_t len, int half)
{
    ECDSA_SIG            *ecdsa;
    const unsigned char  *p;

    p = sig;
    ecdsa = d2i_ECDSA_SIG(NULL, &p, (long) len);

    BN_bn2binpad(ECDSA_SIG_get0_r(ecdsa), sig, half);
    BN_bn2binpad(ECDSA_SIG_get0_s(ecdsa), sig + half, half);
    ECDSA_SIG_free(ecdsa);

    return (size_t) half * 2;
}


/* what is to be signed, as alg names it, by a key pair */

static inline size_t
jose_sign(EVP_PKEY *pkey, const rt_jwa_t *alg, const char *input,
    unsigned char *sig, size_t size)
{
    size_t         n;
    EVP_MD_CTX    *ctx;
    EVP_PKEY_CTX  *pctx;

    ctx = EVP_MD_CTX_new();
    EVP_DigestSignInit_ex(ctx, &pctx, alg->md, NULL, NULL, pkey, NULL);

    if (alg->pss) {
        EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST);
    }

    n = size;

    if (EVP_DigestSign(ctx, sig, &n, (const unsigned char *) input,
                       strlen(input)) != 1)
    {
        abort();
    }

    EVP_MD_CTX_free(ctx);

    if (EVP_PKEY_is_a(pkey, "EC")) {
        n = jose_raw_ecdsa(sig, n, (EVP_PKEY_get_bits(pkey) + 7) / 8);
    }

    return n;
}


static inline char *
jose_input(rt_arena_t *arena, const char *header, const char *payload)
{
    char  *s;

    s = jose_alloc(arena, JOSE_MAX);
    snprintf(s, JOSE_MAX, "%s.%s", jose_b64(arena, header, strlen(header)),
             jose_b64(arena, payload, strlen(payload)));

    return s;
}


static inline char *
jose_join(rt_arena_t *arena, const char *input, const unsigned char *sig,
    size_t len)
{
    char  *s;

    s = jose_alloc(arena, JOSE_MAX);
    snprintf(s, JOSE_MAX, "%s.%s", input, jose_b64(arena, sig, len));

    return s;
}


/* a token with this very header, signed as alg says */

static inline char *
jose_token(rt_arena_t *arena, EVP_PKEY *pkey, rt_jwa_e alg,
    const char *header, const char *payload)
{
    char           *input;
    size_t          n;
    unsigned char   sig[2048];

    input = jose_input(arena, header, payload);
    n = jose_sign(pkey, rt_jwa(alg), input, sig, sizeof(sig));

    return jose_join(arena, input, sig, n);
}


static inline char *
jose_hmac_token(rt_arena_t *arena, const void *key, size_t len, rt_jwa_e alg,
    const char *header, const char *payload)
{
    char           *input;
    unsigned        n;
    unsigned char   mac[EVP_MAX_MD_SIZE];

    input = jose_input(arena, header, payload);

    HMAC(EVP_get_digestbyname(rt_jwa(alg)->md), key, (int) len,
         (unsigned char *) input, strlen(input), mac, &n);

    return jose_join(arena, input, mac, n);
}


#endif /* JOSE_SIGN_H_INCLUDED */


/*
 * The signature algorithms of JOSE as a table (RFC 7518, section 3.1;
 * RFC 8037, section 3.1; RFC 9864, section 2.2).  "none" is no row, nor is
 * anything on secp256k1.
 */


#ifndef RT_JWA_H_INCLUDED
#define RT_JWA_H_INCLUDED


#include "rt_base.h"


#pragma GCC visibility push(hidden)


typedef enum {
    RT_KTY_RSA = 0,
    RT_KTY_EC,
    RT_KTY_OKP,
    RT_KTY_OCT
} rt_kty_e;


typedef enum {
    RT_CRV_NONE = 0,        /* RSA, oct */
    RT_CRV_P256,
    RT_CRV_P384,
    RT_CRV_P521,
    RT_CRV_ED25519,
    RT_CRV_ED448
} rt_crv_e;


/* row numbers; 1u << row is the algorithm's bit in a set of algorithms */

typedef enum {
    RT_JWA_RS256 = 0,
    RT_JWA_RS384,
    RT_JWA_RS512,
    RT_JWA_PS256,
    RT_JWA_PS384,
    RT_JWA_PS512,
    RT_JWA_ES256,
    RT_JWA_ES384,
    RT_JWA_ES512,
    RT_JWA_EDDSA,           /* either of the two below */
    RT_JWA_ED25519,
    RT_JWA_ED448,
    RT_JWA_HS256,
    RT_JWA_HS384,
    RT_JWA_HS512,
    RT_JWA_MAX
} rt_jwa_e;


#define rt_jwa_bit(id)   (1u << (id))

#define RT_JWA_HS        (rt_jwa_bit(RT_JWA_HS256)                            \
                          | rt_jwa_bit(RT_JWA_HS384)                          \
                          | rt_jwa_bit(RT_JWA_HS512))
#define RT_JWA_ED        (rt_jwa_bit(RT_JWA_EDDSA)                            \
                          | rt_jwa_bit(RT_JWA_ED25519)                        \
                          | rt_jwa_bit(RT_JWA_ED448))
#define RT_JWA_ALL       (rt_jwa_bit(RT_JWA_MAX) - 1)

/* what a provider accepts unless it lists algorithms: never HMAC */
#define RT_JWA_DEFAULT   (RT_JWA_ALL & ~RT_JWA_HS)


typedef struct {
    rt_jwa_e     id;
    rt_str_t     name;      /* as in "alg", case matters */
    rt_kty_e     kty;
    rt_crv_e     crv;       /* EdDSA: RT_CRV_NONE, either Edwards curve */
    const char  *md;        /* OpenSSL's name; NULL on Edwards curves */
    size_t       md_len;    /* bytes of the digest; of an HMAC key the least */
    unsigned     pss;       /* RSASSA-PSS, salt as long as the digest */
    size_t       sig_len;   /* bytes of a signature; 0: the key decides */
} rt_jwa_t;


/* the row of that name, or NULL */
const rt_jwa_t *rt_jwa_find(const rt_str_t *name);

/* the row itself; id < RT_JWA_MAX */
const rt_jwa_t *rt_jwa(rt_jwa_e id);

/* the curve of a JWK's "crv" (RFC 7518, 6.2.1.1; RFC 8037, 2), else NONE */
rt_crv_e rt_jwa_curve(const rt_str_t *crv);


#pragma GCC visibility pop


#endif /* RT_JWA_H_INCLUDED */

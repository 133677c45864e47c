
/*
 * Compact JWS that we make (RFC 7515, section 3.1): client assertions
 * (RFC 7523, section 2.2) and tokens about a user for an application.
 *
 * libjwt signs, with a key that is read once.  It wants a JWK: OpenSSL reads a
 * PEM, and its numbers are written as one.
 */


#ifndef RT_SIGN_H_INCLUDED
#define RT_SIGN_H_INCLUDED


#include "rt_base.h"
#include "jose/rt_jwa.h"


#pragma GCC visibility push(hidden)


#define RT_SIGN_MAX_KEY     (16 * 1024)     /* bytes of a PEM or JWK */
#define RT_SIGN_MAX_CERT    (64 * 1024)     /* the first is taken */
#define RT_SIGN_MAX_KID     255
#define RT_SIGN_MAX_CLAIMS  (16 * 1024)


typedef struct rt_sign_s  rt_sign_t;


typedef struct {
    rt_str_t         key;           /* a PEM (PKCS #8, PKCS #1, SEC 1, not
                                       encrypted), or one private JWK */
    rt_str_t         certificate;   /* a PEM for the header x5t#S256 (RFC
                                       7515, 4.1.8), or empty */
    rt_str_t         kid;           /* empty: that of the JWK, or none */
    const rt_jwa_t  *alg;           /* not HMAC */
} rt_sign_conf_t;


/*
 * Reads a key.
 *
 * in:   conf, which need not outlive anything; the caller wipes the key
 * out:  *sign, to be freed with rt_sign_free()
 *       *why, after an error: a phrase without a byte of the key, "is not a
 *       key for this algorithm"
 * ret:  RT_OK; RT_DECLINED (not such a key, or the certificate is not of this
 *       key); RT_TOO_BIG; RT_ERROR (memory)
 */
rt_status_e rt_sign_load(rt_mem_t *mem, const rt_sign_conf_t *conf,
    rt_sign_t **sign, const char **why);

/*
 * Signs claims.  The header has alg, typ "JWT", and kid and x5t#S256 where
 * they are known.  Not for two threads at a time.
 *
 * in:   claims, one JSON object; its members are written in another order
 * out:  *token, in the arena
 * ret:  RT_OK; RT_INVALID (not one JSON object); RT_TOO_BIG; RT_ERROR
 *       (memory, libjwt or OpenSSL); OpenSSL's error queue is empty afterwards
 */
rt_status_e rt_sign(rt_mem_t *mem, rt_sign_t *sign, const rt_str_t *claims,
    rt_str_t *token);

/* NULL is fine; what OpenSSL keeps of the key is wiped */
void rt_sign_free(rt_sign_t *sign);


#pragma GCC visibility pop


#endif /* RT_SIGN_H_INCLUDED */

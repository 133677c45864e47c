
/*
 * Compact JWS that we make (RFC 7515, section 3.1): client assertions
 * (RFC 7523, section 2.2) and tokens about a user for an application.
 *
 * libjwt signs, with a key that is read once (rt_privkey.h).  A key is tried
 * when it is read: what it signs is verified as any token is.
 */


#ifndef RT_SIGN_H_INCLUDED
#define RT_SIGN_H_INCLUDED


#include "rt_base.h"
#include "jose/rt_jwa.h"


#pragma GCC visibility push(hidden)


#define RT_SIGN_MAX_CERT    (64 * 1024)     /* bytes; the first is taken */
#define RT_SIGN_MAX_CLAIMS  (16 * 1024)


typedef struct rt_sign_s  rt_sign_t;


typedef struct {
    rt_str_t         key;           /* a PEM or one private JWK */
    rt_str_t         certificate;   /* a PEM for the header x5t#S256 (RFC
                                       7515, 4.1.8), or empty */
    rt_str_t         kid;           /* empty: that of the JWK, or none */
    const rt_jwa_t  *alg;           /* not HMAC */
} rt_sign_conf_t;


/*
 * Reads a key.
 *
 * in:   conf, which need not outlive anything; the caller wipes the key
 * out:  *sign, to be freed with rt_sign_free(); NULL after an error
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

/*
 * The public half as a JWK Set (RFC 7517, 5), for those who verify, in what
 * rt_sign_load() took from its arena.
 */
const rt_str_t *rt_sign_public(const rt_sign_t *sign);

/*
 * NULL is fine, and so is a second call.  The copies made here are wiped when
 * the key is read; libjwt keeps its own, and only OpenSSL wipes what it keeps.
 */
void rt_sign_free(rt_sign_t *sign);


#pragma GCC visibility pop


#endif /* RT_SIGN_H_INCLUDED */

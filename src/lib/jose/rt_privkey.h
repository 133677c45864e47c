
/*
 * A private key as a JWK (RFC 7517; RFC 7518, 6.2 and 6.3; RFC 8037, 2),
 * whatever it was written as.  It is written anew from its numbers: nothing
 * else of a JWK that somebody handed in reaches a library.
 */


#ifndef RT_PRIVKEY_H_INCLUDED
#define RT_PRIVKEY_H_INCLUDED


#include "rt_base.h"
#include "jose/rt_jwa.h"


#pragma GCC visibility push(hidden)


#define RT_PRIVKEY_MAX_TEXT  (16 * 1024)    /* bytes of a PEM or JWK */
#define RT_PRIVKEY_MAX_JWK   (8 * 1024)     /* RSA of 8192 bits takes 6.2 KB */
#define RT_PRIVKEY_MAX_KID   255


typedef struct {
    rt_str_t   jwk;             /* secret: to be wiped */
    rt_str_t   numbers;         /* secret, too: what it was made from */
    rt_str_t   public_set;      /* {"keys":[...]}, its public half */
    rt_str_t   kid;             /* with a NUL behind it; empty: none */
} rt_privkey_t;


/*
 * Reads a PEM (PKCS #8, PKCS #1, SEC 1, not encrypted), or one private JWK,
 * whose "alg" and "use", if it has them, are for signing with alg.  Whether
 * its halves belong together is not looked at.
 *
 * in:   text, any bytes; wiped by its owner
 *       kid, empty: that of the JWK, or none
 * out:  *key, in the arena
 *       *why, after an error: a phrase without a byte of the key
 * ret:  RT_OK, RT_DECLINED (not a key for alg), RT_TOO_BIG, RT_ERROR
 *       (memory); OpenSSL's error queue is empty afterwards
 */
rt_status_e rt_privkey_read(rt_mem_t *mem, const rt_str_t *text,
    const rt_jwa_t *alg, const rt_str_t *kid, rt_privkey_t *key,
    const char **why);

/* wipes what is secret; also after an error, and twice */
void rt_privkey_wipe(rt_privkey_t *key);


#pragma GCC visibility pop


#endif /* RT_PRIVKEY_H_INCLUDED */


/*
 * A JWK Set (RFC 7517) as a table of keys that are ready to verify with.
 *
 * Keys that cannot be used are skipped, counted and listed with a reason: a
 * set may hold encryption keys or key types of tomorrow.  A set without any
 * usable key is an error.
 */


#ifndef RT_JWKS_H_INCLUDED
#define RT_JWKS_H_INCLUDED


#include "jose/rt_jwk.h"


#pragma GCC visibility push(hidden)


#define RT_JWKS_MAX_TEXT  (256 * 1024)      /* bytes */
#define RT_JWKS_MAX_KEYS  64                /* usable or not */


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


#pragma GCC visibility pop


#endif /* RT_JWKS_H_INCLUDED */

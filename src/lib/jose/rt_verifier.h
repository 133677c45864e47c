
/*
 * One key made ready for one algorithm.
 *
 * Looking up a digest, a padding or a key format by name costs OpenSSL 3 as
 * much as a third of an RSA verification; so all of it is done once, when a
 * key set is loaded, and a check touches ready contexts alone.
 *
 * They keep scratch state: a verifier belongs to one thread.
 */


#ifndef RT_VERIFIER_H_INCLUDED
#define RT_VERIFIER_H_INCLUDED


#include "rt_base.h"
#include "jose/rt_jwa.h"


#pragma GCC visibility push(hidden)


typedef struct rt_verifier_s  rt_verifier_t;

struct evp_pkey_st;


/*
 * For a public key, whose type and curve are those of alg: the caller has
 * checked.  The verifier takes a reference of its own.
 *
 * ret:  RT_OK with *out, to be freed; RT_DECLINED: OpenSSL does not take the
 *       key; RT_ERROR (memory)
 */
rt_status_e rt_verifier_make(rt_mem_t *mem, struct evp_pkey_st *pkey,
    const rt_jwa_t *alg, rt_verifier_t **out);

/*
 * For an HMAC key, of which OpenSSL keeps a copy that it wipes when the
 * verifier is freed.
 *
 * ret:  RT_OK with *out, to be freed; RT_DECLINED: the key is shorter than
 *       the digest (RFC 7518, 3.2); RT_ERROR
 */
rt_status_e rt_verifier_make_hmac(rt_mem_t *mem, const rt_str_t *key,
    const rt_jwa_t *alg, rt_verifier_t **out);

/*
 * Does sig hold over input?
 *
 * in:   sig: RSA, as long as the modulus; ES, r || s (RFC 7518, 3.4);
 *       EdDSA, 64 or 114 bytes; HS, as long as the digest.  Any other length
 *       is refused.
 * ret:  RT_OK, RT_DECLINED, RT_ERROR (memory)
 *
 * OpenSSL's error queue of this thread is empty afterwards.
 */
rt_status_e rt_verifier_check(rt_verifier_t *v, const rt_str_t *input,
    const rt_str_t *sig);

/* frees v and all that follow it; NULL is fine */
void rt_verifier_free(rt_verifier_t *v);

/* v of a list that is of this algorithm, or NULL */
rt_verifier_t *rt_verifier_find(rt_verifier_t *v, const rt_jwa_t *alg);

/* puts v in front of a list */
void rt_verifier_link(rt_verifier_t **list, rt_verifier_t *v);


#pragma GCC visibility pop


#endif /* RT_VERIFIER_H_INCLUDED */

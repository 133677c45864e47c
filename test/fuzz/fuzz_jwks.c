
/*
 * rt_jwks: whatever is loaded obeys its bounds, each key has an algorithm of
 * its own type, loading again gives the same, and all is freed.
 */

#include <assert.h>
#include <openssl/err.h>

#include "rt_arena.h"
#include "jose/rt_jwks.h"


static void
check_key(const rt_jwk_t *key)
{
    unsigned         i;
    rt_str_t         input = rt_string("x"), sig = rt_null_string;
    const rt_jwa_t  *alg;

    assert(key->algs != 0 && key->algs <= RT_JWA_ALL);
    assert((key->pkey == NULL) == (key->kty == RT_KTY_OCT));
    assert(key->kty != RT_KTY_RSA || (key->bits >= RT_JWK_MIN_RSA
                                      && key->bits <= RT_JWK_MAX_RSA));
    assert(key->kty != RT_KTY_OCT || key->bits >= 256);

    for (i = 0; i < RT_JWA_MAX; i++) {
        alg = rt_jwa(i);

        assert(!(key->algs & rt_jwa_bit(i))
               || (alg->kty == key->kty
                   && (alg->crv == RT_CRV_NONE || alg->crv == key->crv)));

        assert(rt_jwk_verify(key, alg, &input, &sig) == RT_DECLINED);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned      i;
    rt_mem_t      mem;
    rt_str_t      text;
    rt_jwks_t     jwks, again;
    rt_arena_t    arena;
    const char   *err;
    rt_status_e   rc;

    mem = rt_arena_init(&arena);
    text.data = (unsigned char *) data;
    text.len = size;

    rc = rt_jwks_load(&mem, &text, RT_JWA_ALL, &jwks, &err);

    assert((rc == RT_OK) == (jwks.nkeys > 0));
    assert(jwks.nkeys + jwks.nskips <= RT_JWKS_MAX_KEYS);
    assert(rc == RT_OK || *err);
    assert(rt_jwks_load(&mem, &text, RT_JWA_ALL, &again, &err) == rc);
    assert(again.nkeys == jwks.nkeys && again.nskips == jwks.nskips);

    for (i = 0; i < jwks.nkeys; i++) {
        check_key(&jwks.keys[i]);
    }

    assert(ERR_peek_error() == 0);

    rt_jwks_destroy(&again);
    rt_jwks_destroy(&jwks);
    rt_arena_free(&arena);

    return 0;
}


#include "jose/rt_jwa.h"


#define row(id, kty, crv, md, md_len, pss, sig_len)                           \
    [RT_JWA_##id] = { RT_JWA_##id, rt_string(#id), RT_KTY_##kty,              \
                      RT_CRV_##crv, md, md_len, pss, sig_len }


static const rt_jwa_t  algorithms[] = {
    row(RS256, RSA, NONE, "SHA256", 32, 0, 0),
    row(RS384, RSA, NONE, "SHA384", 48, 0, 0),
    row(RS512, RSA, NONE, "SHA512", 64, 0, 0),
    row(PS256, RSA, NONE, "SHA256", 32, 1, 0),
    row(PS384, RSA, NONE, "SHA384", 48, 1, 0),
    row(PS512, RSA, NONE, "SHA512", 64, 1, 0),
    row(ES256, EC,  P256, "SHA256", 32, 0, 64),
    row(ES384, EC,  P384, "SHA384", 48, 0, 96),
    row(ES512, EC,  P521, "SHA512", 64, 0, 132),

    [RT_JWA_EDDSA] = { RT_JWA_EDDSA, rt_string("EdDSA"), RT_KTY_OKP,
                       RT_CRV_NONE, NULL, 0, 0, 0 },
    [RT_JWA_ED25519] = { RT_JWA_ED25519, rt_string("Ed25519"), RT_KTY_OKP,
                         RT_CRV_ED25519, NULL, 0, 0, 0 },
    [RT_JWA_ED448] = { RT_JWA_ED448, rt_string("Ed448"), RT_KTY_OKP,
                       RT_CRV_ED448, NULL, 0, 0, 0 },

    row(HS256, OCT, NONE, "SHA256", 32, 0, 32),
    row(HS384, OCT, NONE, "SHA384", 48, 0, 48),
    row(HS512, OCT, NONE, "SHA512", 64, 0, 64),
};


_Static_assert(sizeof(algorithms) / sizeof(algorithms[0]) == RT_JWA_MAX,
               "every algorithm has a row");


const rt_jwa_t *
rt_jwa_find(const rt_str_t *name)
{
    unsigned  i;

    for (i = 0; i < RT_JWA_MAX; i++) {
        if (rt_str_eq(&algorithms[i].name, name)) {
            return &algorithms[i];
        }
    }

    return NULL;
}


const rt_jwa_t *
rt_jwa(rt_jwa_e id)
{
    return &algorithms[id];
}


rt_crv_e
rt_jwa_curve(const rt_str_t *crv)
{
    unsigned  i;

    static const struct {
        rt_str_t  name;
        rt_crv_e  crv;
    } curves[] = {
        { rt_string("P-256"), RT_CRV_P256 },
        { rt_string("P-384"), RT_CRV_P384 },
        { rt_string("P-521"), RT_CRV_P521 },
        { rt_string("Ed25519"), RT_CRV_ED25519 },
        { rt_string("Ed448"), RT_CRV_ED448 },
    };

    for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (rt_str_eq(&curves[i].name, crv)) {
            return curves[i].crv;
        }
    }

    return RT_CRV_NONE;
}

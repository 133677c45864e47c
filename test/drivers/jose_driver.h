
/* {"jwks":{},"algs":[],"token":""}: what jws and claims have in common */


#ifndef JOSE_DRIVER_H_INCLUDED
#define JOSE_DRIVER_H_INCLUDED


#include "rt_driver.h"
#include "jose/rt_claims.h"
#include "jose/rt_jws.h"


/* without algs: what a provider accepts by default */

static inline const char *
jose_algs(const rt_json_t *line, uint32_t *algs)
{
    const rt_json_t  *v;
    const rt_jwa_t   *alg;

    v = rt_json_member(line, "algs");

    if (v == NULL) {
        *algs = RT_JWA_DEFAULT;
        return NULL;
    }

    if (v->type != RT_JSON_ARRAY) {
        return "bad line: algs is not an array";
    }

    *algs = 0;

    for (v = v->child; v; v = v->next) {

        if (v->type != RT_JSON_STRING) {
            return "bad line: algs holds something else than strings";
        }

        alg = rt_jwa_find(&v->str);

        /* an unknown name lists nothing, as nothing of it is accepted */

        if (alg) {
            *algs |= rt_jwa_bit(alg->id);
        }
    }

    return NULL;
}


/*
 * Verifies line's token with line's keys; the set is given back to the caller
 * to be destroyed.  ret: NULL when the signature holds, else the answer.
 */

static inline const char *
jose_verify(rt_mem_t *mem, const rt_json_t *line, rt_jwks_t *jwks,
    rt_jws_t *jws)
{
    uint32_t          algs;
    rt_str_t          set;
    const char       *err, *why;
    rt_reason_e       reason;
    rt_status_e       rc;
    const rt_json_t  *keys, *token;

    memset(jwks, 0, sizeof(rt_jwks_t));

    keys = rt_json_member(line, "jwks");
    token = rt_json_member(line, "token");

    if (keys == NULL || token == NULL || token->type != RT_JSON_STRING) {
        return "bad line: jwks or token is absent";
    }

    why = jose_algs(line, &algs);
    if (why) {
        return why;
    }

    /* the set as it stands in the line, or as a string that holds it */

    if (keys->type == RT_JSON_STRING) {
        set = keys->str;

    } else if (rt_claims_json(mem, keys, &set) != RT_OK) {
        return "internal";
    }

    /* the token's own form comes first, as in the module */

    reason = rt_jws_parse(mem, &token->str, algs, jws);

    if (reason != RT_REASON_OK) {
        return (char *) rt_reason(reason)->name.data;
    }

    rc = rt_jwks_load(mem, &set, algs, jwks, &err);

    if (rc == RT_DECLINED) {
        return "unknown_key";
    }

    if (rc != RT_OK) {
        return "keys_unavailable";
    }

    reason = rt_jws_verify(mem, &token->str, algs, jwks, jws);

    return reason == RT_REASON_OK ? NULL
                                  : (char *) rt_reason(reason)->name.data;
}


#endif /* JOSE_DRIVER_H_INCLUDED */

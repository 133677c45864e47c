
#include "text/rt_b64.h"
#include "jose/rt_claims.h"
#include "jose/rt_jws.h"


#define JWS_MAX_DEPTH  8        /* of a header */
#define JWS_MAX_NODES  256


/* three parts of strict base64url between exactly two dots */

static rt_reason_e
split(const rt_str_t *token, rt_jws_t *jws)
{
    unsigned char  *p, *end, *dot1, *dot2;

    if (token->len > RT_JWS_MAX_TOKEN) {
        return RT_REASON_TOO_BIG;
    }

    if (token->len == 0) {
        return RT_REASON_MALFORMED;
    }

    p = token->data;
    end = p + token->len;

    dot1 = memchr(p, '.', token->len);
    dot2 = dot1 ? memchr(dot1 + 1, '.', (size_t) (end - dot1 - 1)) : NULL;

    if (dot2 == NULL) {
        return RT_REASON_MALFORMED;
    }

    jws->header_b64.data = p;
    jws->header_b64.len = (size_t) (dot1 - p);

    jws->payload_b64.data = dot1 + 1;
    jws->payload_b64.len = (size_t) (dot2 - dot1 - 1);

    jws->signature_b64.data = dot2 + 1;
    jws->signature_b64.len = (size_t) (end - dot2 - 1);

    jws->input.data = p;
    jws->input.len = (size_t) (dot2 - p);

    /* this finds a third dot as well, which is not in the alphabet */

    if (!rt_b64_valid(&jws->header_b64)
        || !rt_b64_valid(&jws->payload_b64)
        || !rt_b64_valid(&jws->signature_b64))
    {
        return RT_REASON_MALFORMED;
    }

    return RT_REASON_OK;
}


/* a header parameter that is a string, when it is there at all */

static int
string_parameter(const rt_json_t *v, rt_str_t *out)
{
    if (v == NULL) {
        return 1;
    }

    if (v->type != RT_JSON_STRING) {
        return 0;
    }

    *out = v->str;

    /* an empty parameter has "data", an absent one has none */

    if (out->data == NULL) {
        out->data = (unsigned char *) "";
    }

    return 1;
}


static rt_reason_e
read_header(rt_mem_t *mem, uint32_t algs, rt_jws_t *jws)
{
    rt_str_t     text, alg;
    rt_status_e  rc;

    static const rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_NO_NUL, JWS_MAX_DEPTH, JWS_MAX_NODES
    };

    rc = rt_b64_decode(mem, &jws->header_b64, &text);

    if (rc == RT_OK) {
        rc = rt_json_parse(mem, &text, &opts, &jws->header, NULL);
    }

    if (rc == RT_ERROR) {
        return RT_REASON_INTERNAL;
    }

    if (rc != RT_OK || jws->header->type != RT_JSON_OBJECT) {
        return RT_REASON_MALFORMED;
    }

    memset(&alg, 0, sizeof(rt_str_t));

    if (!string_parameter(rt_json_member(jws->header, "alg"), &alg)
        || !string_parameter(rt_json_member(jws->header, "kid"), &jws->kid)
        || !string_parameter(rt_json_member(jws->header, "typ"), &jws->typ))
    {
        return RT_REASON_MALFORMED;
    }

    jws->alg = rt_jwa_find(&alg);

    if (jws->alg == NULL || !(algs & rt_jwa_bit(jws->alg->id))) {
        return RT_REASON_BAD_ALG;
    }

    /*
     * No extension is understood here.  b64 must be named by crit (RFC 7797,
     * section 6); a token where it is not is read in two ways by two readers.
     */

    if (rt_json_member(jws->header, "crit")
        || rt_json_member(jws->header, "b64"))
    {
        return RT_REASON_UNKNOWN_CRIT;
    }

    return RT_REASON_OK;
}


rt_reason_e
rt_jws_parse(rt_mem_t *mem, const rt_str_t *token, uint32_t algs,
    rt_jws_t *jws)
{
    rt_reason_e  reason;

    memset(jws, 0, sizeof(rt_jws_t));

    reason = split(token, jws);

    return reason != RT_REASON_OK ? reason : read_header(mem, algs, jws);
}


rt_reason_e
rt_jws_select(const rt_jws_t *jws, const rt_jwks_t *jwks,
    const rt_jwk_t **key)
{
    unsigned         i, named, fits;
    const rt_jwk_t  *k;

    *key = NULL;
    named = 0;
    fits = 0;

    for (i = 0; i < jwks->nkeys; i++) {
        k = &jwks->keys[i];

        if (jws->kid.data != NULL
            && (k->kid.data == NULL || !rt_str_eq(&jws->kid, &k->kid)))
        {
            continue;
        }

        named++;

        if (!(k->algs & rt_jwa_bit(jws->alg->id))) {
            continue;
        }

        /* one key may stand in two of the files a set was made of */

        if (*key == NULL || !rt_jwk_same(*key, k)) {
            fits++;
            *key = k;
        }
    }

    if (fits == 1) {
        return RT_REASON_OK;
    }

    *key = NULL;

    if (fits > 1) {
        return RT_REASON_AMBIGUOUS_KEY;
    }

    return (named && jws->kid.data) ? RT_REASON_ALG_MISMATCH
                                    : RT_REASON_UNKNOWN_KEY;
}


rt_reason_e
rt_jws_check(rt_mem_t *mem, rt_jws_t *jws, const rt_jwk_t *key)
{
    rt_str_t     sig;
    rt_status_e  rc;

    jws->verified = 0;

    if (!(key->algs & rt_jwa_bit(jws->alg->id))) {
        return RT_REASON_ALG_MISMATCH;
    }

    rc = rt_b64_decode(mem, &jws->signature_b64, &sig);

    if (rc == RT_OK) {
        rc = rt_jwk_verify(key, jws->alg, &jws->input, &sig);
    }

    if (rc == RT_OK) {
        rc = rt_b64_decode(mem, &jws->payload_b64, &jws->payload);
    }

    switch (rc) {

    case RT_OK:
        jws->verified = 1;
        return RT_REASON_OK;

    case RT_ERROR:
        return RT_REASON_INTERNAL;

    default:
        return RT_REASON_BAD_SIGNATURE;
    }
}


rt_reason_e
rt_jws_verify(rt_mem_t *mem, const rt_str_t *token, uint32_t algs,
    const rt_jwks_t *jwks, rt_jws_t *jws)
{
    rt_reason_e      reason;
    const rt_jwk_t  *key;

    reason = rt_jws_parse(mem, token, algs, jws);

    if (reason == RT_REASON_OK) {
        reason = rt_jws_select(jws, jwks, &key);
    }

    return reason != RT_REASON_OK ? reason : rt_jws_check(mem, jws, key);
}


rt_status_e
rt_jws_unverified_issuer(rt_mem_t *mem, const rt_str_t *token, rt_str_t *iss)
{
    rt_str_t      payload;
    rt_jws_t      jws;
    rt_json_t    *root, *v;
    rt_status_e   rc;
    rt_reason_e   reason;

    reason = split(token, &jws);

    if (reason != RT_REASON_OK) {
        return reason == RT_REASON_TOO_BIG ? RT_TOO_BIG : RT_INVALID;
    }

    rc = rt_b64_decode(mem, &jws.payload_b64, &payload);

    if (rc != RT_OK) {
        return rc;
    }

    reason = rt_claims_parse(mem, &payload, &root);

    if (reason != RT_REASON_OK) {
        return reason == RT_REASON_INTERNAL ? RT_ERROR : RT_INVALID;
    }

    v = rt_json_member(root, "iss");

    if (v == NULL || v->type != RT_JSON_STRING) {
        return RT_DECLINED;
    }

    *iss = v->str;

    return RT_OK;
}

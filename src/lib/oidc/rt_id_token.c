
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "jose/rt_claims.h"
#include "oidc/rt_id_token.h"
#include "text/rt_b64.h"


#define ID_TOKEN_SHAKE  114     /* bytes of SHAKE256 that Ed448 takes */


/* a claim that is a string and not empty, or NULL */

static const rt_str_t *
text(const rt_json_t *claims, const char *name)
{
    rt_str_t    key = rt_str_of(name);
    rt_json_t  *v;

    v = rt_json_get(claims, &key);

    return (v && v->type == RT_JSON_STRING && v->str.len) ? &v->str : NULL;
}


static int
is(const rt_json_t *claims, const char *name, const rt_str_t *want)
{
    const rt_str_t  *s;

    s = text(claims, name);

    return s && s->len == want->len
           && CRYPTO_memcmp(s->data, want->data, s->len) == 0;
}


/* 3.1.3.7: 3 to 5; that of a bearer token may have been another one */

static const char *
audience(const rt_id_token_t *want, const rt_json_t *claims)
{
    int         found;
    rt_json_t  *aud, *v;

    aud = rt_json_member(claims, "aud");

    if (aud && aud->type == RT_JSON_ARRAY) {
        for (found = 0, v = aud->child; v; v = v->next) {
            found |= v->type == RT_JSON_STRING
                     && rt_str_eq(&v->str, &want->client_id);
        }

    } else {
        found = is(claims, "aud", &want->client_id);
    }

    if (!found) {
        return "is for another client";
    }

    if (rt_json_member(claims, "azp")) {
        return is(claims, "azp", &want->client_id)
               ? NULL : "was issued to another client";
    }

    return (aud->type == RT_JSON_ARRAY && aud->count > 1)
           ? "has several audiences and no azp" : NULL;
}


/* 12.2: nobody else comes out of a refresh */

static const char *
same_user(const rt_id_token_t *want, const rt_json_t *claims)
{
    const rt_str_t  *iss, *nonce;

    iss = text(want->former, "iss");
    nonce = text(want->former, "nonce");

    if (iss == NULL || !is(claims, "iss", iss)) {
        return "has another issuer than the session";
    }

    if (!rt_id_token_same_sub(claims, want->former)) {
        return "is another user's than the session";
    }

    if (nonce && rt_json_member(claims, "nonce")
        && !is(claims, "nonce", nonce))
    {
        return "has another nonce than the session";
    }

    return NULL;
}


/* the hash of the algorithm's own; EdDSA's is that of the curve's signature,
   and the name EdDSA is of two curves: the longer hash is Ed448's */

static int
hash(const rt_id_token_t *want, const rt_str_t *at_hash, unsigned char *md,
    unsigned *len)
{
    int         ok;
    EVP_MD_CTX  *ctx;

    if (want->alg->md) {
        return EVP_Digest(want->access_token.data, want->access_token.len, md,
                          len, EVP_get_digestbyname(want->alg->md), NULL);
    }

    if (want->alg->id != RT_JWA_ED448
        && (want->alg->id == RT_JWA_ED25519
            || at_hash->len != rt_b64_encoded_len(ID_TOKEN_SHAKE / 2)))
    {
        return EVP_Digest(want->access_token.data, want->access_token.len, md,
                          len, EVP_sha512(), NULL);
    }

    ctx = EVP_MD_CTX_new();

    ok = ctx && EVP_DigestInit_ex(ctx, EVP_shake256(), NULL)
         && EVP_DigestUpdate(ctx, want->access_token.data,
                             want->access_token.len)
         && EVP_DigestFinalXOF(ctx, md, ID_TOKEN_SHAKE);

    EVP_MD_CTX_free(ctx);
    *len = ID_TOKEN_SHAKE;

    return ok;
}


/* 3.1.3.6 and 3.1.3.8: the left half of the hash */

static rt_status_e
access_token(const rt_id_token_t *want, const rt_json_t *claims,
    const char **why)
{
    int             ok;
    unsigned        len;
    rt_str_t        half;
    rt_json_t      *at_hash;
    unsigned char   md[ID_TOKEN_SHAKE];
    unsigned char   b64[rt_b64_encoded_len(ID_TOKEN_SHAKE / 2)];

    at_hash = rt_json_member(claims, "at_hash");
    if (at_hash == NULL) {
        return RT_OK;
    }

    ok = hash(want, &at_hash->str, md, &len);

    ERR_clear_error();

    if (!ok) {
        return RT_ERROR;
    }

    half.data = b64;
    half.len = rt_b64_encode_to(md, len / 2, b64);

    if (!is(claims, "at_hash", &half)) {
        *why = "has an at_hash of another access token";
        return RT_DECLINED;
    }

    return RT_OK;
}


/* 3.1.3.7: 13 */

static const char *
times(const rt_id_token_t *want, const rt_json_t *claims, double *auth_time)
{
    double       iat;
    rt_status_e  rc;

    if (rt_claims_time(claims, "iat", &iat) != RT_OK) {
        return "has no iat";
    }

    rc = rt_claims_time(claims, "auth_time", auth_time);

    if (rc == RT_DECLINED) {
        *auth_time = 0;
        return (want->max_age < 0) ? NULL : "has no auth_time";
    }

    if (rc != RT_OK) {
        return "has an auth_time that is no time";
    }

    if (*auth_time > (double) want->now + (double) want->leeway) {
        return "has an auth_time in the future";
    }

    return (want->max_age >= 0
            && *auth_time + (double) want->max_age + (double) want->leeway
               < (double) want->now)
           ? "has an auth_time that is too long ago" : NULL;
}


static const char *
check(const rt_id_token_t *want, const rt_json_t *claims, double *auth_time)
{
    const char  *why;

    why = audience(want, claims);

    if (why == NULL) {
        why = times(want, claims, auth_time);
    }

    if (why) {
        return why;
    }

    if (text(claims, "sub") == NULL) {
        return "has no sub";
    }

    if (want->former) {
        return same_user(want, claims);
    }

    return is(claims, "nonce", &want->nonce) ? NULL : "has another nonce";
}


rt_status_e
rt_id_token_check(const rt_id_token_t *want, const rt_json_t *claims,
    int64_t *auth_time, const char **why)
{
    double       when;
    rt_status_e  rc;

    *auth_time = 0;
    *why = check(want, claims, &when);

    rc = *why ? RT_DECLINED : access_token(want, claims, why);

    if (rc == RT_OK) {
        *auth_time = (int64_t) when;
    }

    return rc;
}


int
rt_id_token_same_sub(const rt_json_t *a, const rt_json_t *b)
{
    const rt_str_t  *sub;

    sub = text(b, "sub");

    return sub && is(a, "sub", sub);
}

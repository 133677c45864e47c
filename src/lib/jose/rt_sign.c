
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <jwt.h>

#include "jose/rt_jwks.h"
#include "jose/rt_jws.h"
#include "jose/rt_privkey.h"
#include "jose/rt_sign.h"
#include "json/rt_json.h"
#include "text/rt_b64.h"


#define SIGN_MAX_DEPTH  32
#define SIGN_MAX_NODES  8192

/* the base64url of a SHA-256, and a NUL */
#define SIGN_HASH       44


struct rt_sign_s {
    jwk_set_t       *set;
    jwt_builder_t   *builder;
    const rt_jwa_t  *alg;
    rt_str_t         public_set;
};


/* gives the claims of one token to libjwt */

static int
add_claims(jwt_t *jwt, jwt_config_t *config)
{
    jwt_value_t  value;

    jwt_set_SET_JSON(&value, NULL, config->ctx);

    return jwt_claim_set(jwt, &value) != JWT_VALUE_ERR_NONE;
}


static rt_status_e
add_header(rt_sign_t *sign, const char *name, char *text)
{
    jwt_value_t  value;

    jwt_set_SET_STR(&value, name, text);

    return (jwt_builder_header_set(sign->builder, &value)
            == JWT_VALUE_ERR_NONE) ? RT_OK : RT_ERROR;
}


/* x5t#S256: the SHA-256 of the DER, of a certificate of this very key */

static rt_status_e
add_certificate(rt_sign_t *sign, const rt_str_t *pem, const rt_jwks_t *jwks,
    const char **why)
{
    BIO            *bio;
    X509           *x509;
    unsigned        len;
    rt_status_e     rc;
    unsigned char   hash[EVP_MAX_MD_SIZE], text[SIGN_HASH];

    if (pem->len == 0) {
        return RT_OK;
    }

    if (pem->len > RT_SIGN_MAX_CERT) {
        *why = "has a certificate that is too long";
        return RT_TOO_BIG;
    }

    bio = BIO_new_mem_buf(pem->data, (int) pem->len);
    x509 = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);

    if (x509 == NULL) {
        *why = "has a certificate that is no PEM of one";
        return RT_DECLINED;
    }

    if (EVP_PKEY_eq(X509_get0_pubkey(x509), jwks->keys[0].pkey) != 1) {
        *why = "has a certificate of another key";
        rc = RT_DECLINED;

    } else if (X509_digest(x509, EVP_sha256(), hash, &len) != 1) {
        rc = RT_ERROR;

    } else {
        text[rt_b64_encode_to(hash, len, text)] = '\0';
        rc = add_header(sign, "x5t#S256", (char *) text);
    }

    X509_free(x509);

    return rc;
}


static rt_status_e
make_builder(rt_sign_t *sign, const rt_privkey_t *key)
{
    jwt_alg_t          alg;
    const jwk_item_t  *item;

    alg = jwt_str_alg((const char *) sign->alg->name.data);

    sign->set = jwks_create_strn((char *) key->jwk.data, key->jwk.len);
    sign->builder = jwt_builder_new();

    item = (sign->set && !jwks_error_any(sign->set))
           ? jwks_item_get(sign->set, 0) : NULL;

    if (item == NULL || !jwks_item_is_private(item) || sign->builder == NULL
        || alg == JWT_ALG_INVAL
        || jwt_builder_setkey(sign->builder, alg, item) != 0)
    {
        return RT_DECLINED;
    }

    (void) jwt_builder_enable_iat(sign->builder, 0);

    return RT_OK;
}


/* do both halves of the key belong together? */

static rt_status_e
try_out(rt_mem_t *mem, rt_sign_t *sign, const rt_jwks_t *jwks)
{
    rt_str_t     token, claims = rt_string("{}");
    rt_jws_t     jws;
    rt_status_e  rc;

    rc = rt_sign(mem, sign, &claims, &token);

    if (rc == RT_OK
        && rt_jws_verify(mem, &token, rt_jwa_bit(sign->alg->id), jwks, &jws)
           == RT_REASON_OK)
    {
        return RT_OK;
    }

    return RT_DECLINED;
}


static rt_status_e
load(rt_mem_t *mem, const rt_sign_conf_t *conf, rt_sign_t *sign,
    const rt_privkey_t *key, const char **why)
{
    rt_jwks_t     jwks;
    rt_status_e   rc;

    rc = rt_jwks_load(mem, &key->public_set, rt_jwa_bit(sign->alg->id), &jwks,
                      why);
    if (rc != RT_OK) {
        *why = jwks.nskips ? jwks.skips[0].why : *why;
        return (rc == RT_ERROR) ? rc : RT_DECLINED;
    }

    *why = "is refused by libjwt, or its public half is another key's";
    rc = make_builder(sign, key);

    if (rc == RT_OK && key->kid.len) {
        rc = add_header(sign, "kid", (char *) key->kid.data);
    }

    if (rc == RT_OK) {
        rc = try_out(mem, sign, &jwks);
    }

    if (rc == RT_OK) {
        rc = add_certificate(sign, &conf->certificate, &jwks, why);
    }

    rt_jwks_destroy(&jwks);

    return rc;
}


rt_status_e
rt_sign_load(rt_mem_t *mem, const rt_sign_conf_t *conf, rt_sign_t **out,
    const char **why)
{
    rt_sign_t     *sign;
    rt_status_e    rc;
    rt_privkey_t   key;

    *out = NULL;
    *why = "no memory";

    sign = rt_alloc(mem, sizeof(rt_sign_t));
    if (sign == NULL) {
        return RT_ERROR;
    }

    memset(sign, 0, sizeof(rt_sign_t));
    sign->alg = conf->alg;
    *out = sign;

    rc = rt_privkey_read(mem, &conf->key, conf->alg, &conf->kid, &key, why);

    if (rc == RT_OK) {
        sign->public_set = key.public_set;
        rc = load(mem, conf, sign, &key, why);
    }

    rt_privkey_wipe(&key);
    ERR_clear_error();

    if (rc != RT_OK) {
        rt_sign_free(sign);
        *out = NULL;
    }

    return rc;
}


/* libjwt would take twin members and NULs */

static rt_status_e
check_claims(rt_mem_t *mem, const rt_str_t *claims)
{
    rt_json_t    *root;
    rt_status_e   rc;

    static const rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_NO_NUL, SIGN_MAX_DEPTH, SIGN_MAX_NODES
    };

    if (claims->len > RT_SIGN_MAX_CLAIMS) {
        return RT_TOO_BIG;
    }

    rc = rt_json_parse(mem, claims, &opts, &root, NULL);

    return (rc == RT_OK && root->type != RT_JSON_OBJECT) ? RT_INVALID : rc;
}


rt_status_e
rt_sign(rt_mem_t *mem, rt_sign_t *sign, const rt_str_t *claims,
    rt_str_t *token)
{
    char         *text, *made;
    rt_status_e   rc;

    rc = check_claims(mem, claims);
    if (rc != RT_OK) {
        return rc;
    }

    text = rt_alloc(mem, claims->len + 1);
    if (text == NULL) {
        return RT_ERROR;
    }

    memcpy(text, claims->data, claims->len);
    text[claims->len] = '\0';

    made = (jwt_builder_setcb(sign->builder, add_claims, text) == 0)
           ? jwt_builder_generate(sign->builder) : NULL;

    jwt_builder_error_clear(sign->builder);
    ERR_clear_error();

    if (made == NULL) {
        return RT_ERROR;
    }

    token->len = strlen(made);
    token->data = rt_alloc(mem, token->len);

    if (token->data) {
        memcpy(token->data, made, token->len);
    }

    free(made);

    return token->data ? RT_OK : RT_ERROR;
}


const rt_str_t *
rt_sign_public(const rt_sign_t *sign)
{
    return &sign->public_set;
}


void
rt_sign_free(rt_sign_t *sign)
{
    if (sign == NULL) {
        return;
    }

    jwt_builder_free(sign->builder);
    jwks_free(sign->set);

    sign->builder = NULL;
    sign->set = NULL;
}

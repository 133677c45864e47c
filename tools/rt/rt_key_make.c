
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "rt_key_make.h"
#include "jose/rt_thumbprint.h"
#include "text/rt_b64.h"


#define RSA_BITS  3072


int
rt_key_secret(unsigned char out[RT_KEY_SECRET])
{
    int            ok;
    unsigned char  bytes[32];

    ok = RAND_priv_bytes(bytes, sizeof(bytes)) == 1;

    if (ok) {
        (void) rt_b64_encode_to(bytes, sizeof(bytes), out);
        out[RT_KEY_SECRET - 1] = '\n';
    }

    OPENSSL_cleanse(bytes, sizeof(bytes));

    return ok;
}


static EVP_PKEY *
generate(const rt_jwa_t *alg)
{
    switch (alg->id) {

    case RT_JWA_ES256:
        return EVP_EC_gen("P-256");

    case RT_JWA_ES384:
        return EVP_EC_gen("P-384");

    case RT_JWA_ES512:
        return EVP_EC_gen("P-521");

    case RT_JWA_EDDSA:
    case RT_JWA_ED25519:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    case RT_JWA_ED448:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED448");

    default:
        return alg->kty == RT_KTY_RSA ? EVP_RSA_gen(RSA_BITS) : NULL;
    }
}


/* Copies what was written into bio to the arena. */

static rt_status_e
written(rt_mem_t *mem, BIO *bio, rt_str_t *out)
{
    long   len;
    char  *data;

    len = BIO_get_mem_data(bio, &data);

    out->len = len > 0 ? (size_t) len : 0;
    out->data = rt_alloc(mem, out->len);

    if (out->len == 0 || out->data == NULL) {
        return RT_ERROR;
    }

    memcpy(out->data, data, out->len);

    return RT_OK;
}


rt_status_e
rt_key_pem(rt_mem_t *mem, const rt_jwa_t *alg, rt_str_t *pem)
{
    BIO          *bio;
    EVP_PKEY     *pkey;
    rt_status_e   rc;

    if (alg->kty == RT_KTY_OCT) {
        return RT_DECLINED;
    }

    pkey = generate(alg);
    bio = BIO_new(BIO_s_secmem());
    rc = RT_ERROR;

    if (pkey && bio
        && PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL)
           == 1)
    {
        rc = written(mem, bio, pem);
    }

    BIO_free(bio);
    EVP_PKEY_free(pkey);
    ERR_clear_error();

    return rc;
}


/* The kid that rtauth_identity gives a key without one: its thumbprint. */

static rt_status_e
thumbprint(rt_mem_t *mem, const rt_privkey_t *key, rt_str_t *kid)
{
    rt_str_t       bytes;
    rt_json_t     *set;
    unsigned char  hash[RT_THUMBPRINT];

    static const rt_json_opts_t  opts = { RT_JSON_UNIQUE, 4, 64 };

    if (rt_json_parse(mem, &key->public_set, &opts, &set, NULL) != RT_OK
        || rt_thumbprint(rt_json_at(rt_json_member(set, "keys"), 0), hash)
           != RT_OK)
    {
        return RT_ERROR;
    }

    bytes.data = hash;
    bytes.len = sizeof(hash);

    return rt_b64_encode(mem, &bytes, kid);
}


static rt_status_e
read_as(rt_mem_t *mem, const rt_str_t *text, const rt_jwa_t *alg,
    const rt_str_t *kid, rt_privkey_t *key, const char **why)
{
    rt_str_t     own;
    rt_status_e  rc;

    rc = rt_privkey_read(mem, text, alg, kid, key, why);

    if (rc != RT_OK || key->kid.len) {
        return rc;
    }

    rc = thumbprint(mem, key, &own);
    rt_privkey_wipe(key);

    return rc == RT_OK ? rt_privkey_read(mem, text, alg, &own, key, why) : rc;
}


rt_status_e
rt_key_read(rt_mem_t *mem, const rt_str_t *text, const rt_jwa_t *alg,
    const rt_str_t *kid, rt_privkey_t *key, const char **why)
{
    size_t       i;
    rt_status_e  rc;

    static const rt_jwa_e  order[] = {
        RT_JWA_RS256, RT_JWA_PS256, RT_JWA_ES256, RT_JWA_ES384, RT_JWA_ES512,
        RT_JWA_EDDSA, RT_JWA_RS384, RT_JWA_RS512, RT_JWA_PS384, RT_JWA_PS512,
        RT_JWA_ED25519, RT_JWA_ED448
    };

    if (alg) {
        return read_as(mem, text, alg, kid, key, why);
    }

    rc = RT_DECLINED;

    for (i = 0; rc == RT_DECLINED && i < sizeof(order) / sizeof(order[0]); i++)
    {
        rc = read_as(mem, text, rt_jwa(order[i]), kid, key, why);

        if (rc != RT_OK) {
            rt_privkey_wipe(key);
        }
    }

    return rc;
}


static int
no_password(char *buf, int size, int writing, void *ctx)
{
    (void) buf;
    (void) size;
    (void) writing;
    (void) ctx;

    return -1;
}


rt_status_e
rt_key_public_pem(rt_mem_t *mem, const rt_str_t *pem, rt_str_t *out)
{
    BIO          *in, *bio;
    EVP_PKEY     *pkey;
    rt_status_e   rc;

    in = BIO_new_mem_buf(pem->data, (int) pem->len);
    bio = BIO_new(BIO_s_mem());
    pkey = in ? PEM_read_bio_PrivateKey(in, NULL, no_password, NULL) : NULL;
    rc = RT_DECLINED;

    if (pkey && bio && PEM_write_bio_PUBKEY(bio, pkey) == 1) {
        rc = written(mem, bio, out);
    }

    BIO_free(in);
    BIO_free(bio);
    EVP_PKEY_free(pkey);
    ERR_clear_error();

    return rc;
}

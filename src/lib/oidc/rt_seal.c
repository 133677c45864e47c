
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "oidc/rt_seal.h"
#include "text/rt_b64.h"


#define SEAL_VERSION  0x01
#define SEAL_IV       12
#define SEAL_TAG      16
#define SEAL_HEAD     (1 + SEAL_IV)


/* OpenSSL takes no NULL for bytes, even if there are none */

static void *
bytes(const rt_str_t *s)
{
    return s->data ? s->data : (void *) "";
}


static int
hkdf(EVP_KDF_CTX *ctx, rt_seal_key_t *out, const rt_str_t *ikm,
    const rt_str_t *salt, const rt_str_t *info)
{
    OSSL_PARAM  params[5];

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                                 (char *) "SHA2-256", 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
                                                  bytes(ikm), ikm->len);
    params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
                                                  bytes(salt), salt->len);
    params[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
                                                  bytes(info), info->len);
    params[4] = OSSL_PARAM_construct_end();

    return EVP_KDF_derive(ctx, out->key, RT_SEAL_KEY, params) > 0;
}


rt_status_e
rt_seal_derive(rt_seal_key_t *out, const rt_str_t *ikm, const rt_str_t *salt,
    const rt_str_t *info)
{
    int           ok;
    EVP_KDF      *kdf;
    EVP_KDF_CTX  *ctx;

    memset(out, 0, sizeof(rt_seal_key_t));

    if (ikm->len == 0 && salt->len == 0) {
        return RT_INVALID;
    }

    kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    ok = ctx && hkdf(ctx, out, ikm, salt, info);

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    ERR_clear_error();

    return ok ? RT_OK : RT_ERROR;
}


rt_status_e
rt_seal_random(void *p, size_t len)
{
    int  ok;

    ok = len <= INT32_MAX && RAND_bytes(p, (int) len) == 1;

    ERR_clear_error();

    return ok ? RT_OK : RT_ERROR;
}


rt_status_e
rt_seal_hmac(const rt_str_t *key, const char *label,
    unsigned char out[RT_SEAL_HASH])
{
    int  ok;

    if (key->len == 0 || key->len > INT32_MAX) {
        return RT_INVALID;
    }

    ok = HMAC(EVP_sha256(), key->data, (int) key->len,
              (const unsigned char *) label, strlen(label), out, NULL)
         != NULL;

    ERR_clear_error();

    return ok ? RT_OK : RT_ERROR;
}


/* either way; key, IV and AAD are the same for both */

static int
init(EVP_CIPHER_CTX *ctx, const rt_seal_key_t *key, const unsigned char *iv,
    const rt_str_t *aad, int enc)
{
    int  n;

    return ctx && aad->len <= INT32_MAX
           && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->key, iv,
                                enc)
           && EVP_CipherUpdate(ctx, NULL, &n, aad->data, (int) aad->len);
}


static int
encrypt(EVP_CIPHER_CTX *ctx, const rt_str_t *plain, unsigned char *dst)
{
    int  n;

    return EVP_CipherUpdate(ctx, dst, &n, bytes(plain), (int) plain->len)
           && EVP_CipherFinal_ex(ctx, dst + n, &n)
           && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG,
                                  dst + plain->len);
}


rt_status_e
rt_seal(rt_mem_t *mem, const rt_seal_key_t *key, const rt_str_t *aad,
    const rt_str_t *plain, rt_str_t *sealed)
{
    int              ok;
    unsigned char   *p;
    EVP_CIPHER_CTX  *ctx;

    sealed->len = 0;

    if (aad->len == 0) {
        return RT_INVALID;
    }

    if (plain->len > RT_SEAL_MAX) {
        return RT_TOO_BIG;
    }

    p = rt_alloc(mem, plain->len + RT_SEAL_OVERHEAD);
    if (p == NULL || rt_seal_random(p + 1, SEAL_IV) != RT_OK) {
        return RT_ERROR;
    }

    p[0] = SEAL_VERSION;

    ctx = EVP_CIPHER_CTX_new();
    ok = init(ctx, key, p + 1, aad, 1) && encrypt(ctx, plain, p + SEAL_HEAD);

    EVP_CIPHER_CTX_free(ctx);
    ERR_clear_error();

    if (!ok) {
        return RT_ERROR;
    }

    sealed->data = p;
    sealed->len = plain->len + RT_SEAL_OVERHEAD;

    return RT_OK;
}


/* body: ciphertext and tag; what is decrypted is nothing until the tag held */

static rt_status_e
decrypt(EVP_CIPHER_CTX *ctx, const rt_str_t *body, unsigned char *dst)
{
    int     n;
    size_t  len;

    len = body->len - SEAL_TAG;

    if (!EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG,
                             body->data + len)
        || !EVP_CipherUpdate(ctx, dst, &n, body->data, (int) len))
    {
        return RT_ERROR;
    }

    if (EVP_CipherFinal_ex(ctx, dst + n, &n) > 0) {
        return RT_OK;
    }

    OPENSSL_cleanse(dst, len);

    return RT_DECLINED;
}


static rt_status_e
unseal(EVP_CIPHER_CTX *ctx, const rt_seal_key_t *key, const rt_str_t *aad,
    const rt_str_t *sealed, rt_str_t *plain)
{
    rt_str_t  body;

    body.data = sealed->data + SEAL_HEAD;
    body.len = sealed->len - SEAL_HEAD;

    if (!init(ctx, key, sealed->data + 1, aad, 0)) {
        return RT_ERROR;
    }

    return decrypt(ctx, &body, plain->data);
}


rt_status_e
rt_unseal(rt_mem_t *mem, const rt_seal_key_t *keys, unsigned n,
    const rt_str_t *aad, const rt_str_t *sealed, rt_str_t *plain,
    unsigned *which)
{
    unsigned         i;
    rt_status_e      rc;
    EVP_CIPHER_CTX  *ctx;

    plain->len = 0;
    plain->data = NULL;

    if (aad->len == 0
        || sealed->len < RT_SEAL_OVERHEAD
        || sealed->len > RT_SEAL_MAX + RT_SEAL_OVERHEAD
        || sealed->data[0] != SEAL_VERSION)
    {
        return RT_DECLINED;
    }

    plain->data = rt_alloc(mem, sealed->len);
    if (plain->data == NULL) {
        return RT_ERROR;
    }

    ctx = EVP_CIPHER_CTX_new();
    rc = RT_DECLINED;

    for (i = 0; i < n && rc == RT_DECLINED; i++) {
        rc = unseal(ctx, &keys[i], aad, sealed, plain);
    }

    EVP_CIPHER_CTX_free(ctx);
    ERR_clear_error();

    if (rc != RT_OK) {
        plain->data = NULL;
        return rc;
    }

    plain->len = sealed->len - RT_SEAL_OVERHEAD;

    if (which) {
        *which = i - 1;
    }

    return RT_OK;
}


rt_status_e
rt_seal_text(rt_mem_t *mem, const rt_seal_key_t *key, const rt_str_t *aad,
    const rt_str_t *plain, rt_str_t *text)
{
    rt_str_t     sealed;
    rt_status_e  rc;

    rc = rt_seal(mem, key, aad, plain, &sealed);

    return (rc == RT_OK) ? rt_b64_encode(mem, &sealed, text) : rc;
}


rt_status_e
rt_unseal_text(rt_mem_t *mem, const rt_seal_key_t *keys, unsigned n,
    const rt_str_t *aad, const rt_str_t *text, rt_str_t *plain,
    unsigned *which)
{
    rt_str_t     sealed;
    rt_status_e  rc;

    plain->len = 0;
    plain->data = NULL;

    if (text->len > rt_b64_encoded_len(RT_SEAL_MAX + RT_SEAL_OVERHEAD)) {
        return RT_DECLINED;
    }

    rc = rt_b64_decode(mem, text, &sealed);

    if (rc == RT_OK) {
        rc = rt_unseal(mem, keys, n, aad, &sealed, plain, which);
    }

    return (rc == RT_INVALID) ? RT_DECLINED : rc;
}

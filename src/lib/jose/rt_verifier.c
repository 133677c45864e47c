
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "jose/rt_verifier.h"


/* SEQUENCE { r, s } of P-521: two integers of 66 bytes with their headers */
#define VERIFIER_MAX_DER  (3 + 2 * (2 + 1 + 66))


struct rt_verifier_s {
    const rt_jwa_t  *alg;
    size_t           sig_len;
    EVP_MD          *md;        /* RS, PS, ES */
    EVP_PKEY_CTX    *pctx;      /* RS, PS, ES */
    EVP_MD_CTX      *eddsa;     /* a template, copied for each check */
    EVP_MD_CTX      *scratch;   /* the copy */
    EVP_MAC_CTX     *mac;       /* a template that holds the key */
    rt_verifier_t   *next;
};


static rt_verifier_t *
create(rt_mem_t *mem, const rt_jwa_t *alg)
{
    rt_verifier_t  *v;

    v = rt_alloc(mem, sizeof(rt_verifier_t));

    if (v) {
        memset(v, 0, sizeof(rt_verifier_t));
        v->alg = alg;
    }

    return v;
}


static int
init_padding(rt_verifier_t *v)
{
    if (v->alg->kty != RT_KTY_RSA) {
        return 1;
    }

    if (!v->alg->pss) {
        return EVP_PKEY_CTX_set_rsa_padding(v->pctx, RSA_PKCS1_PADDING) > 0;
    }

    return EVP_PKEY_CTX_set_rsa_padding(v->pctx, RSA_PKCS1_PSS_PADDING) > 0
           && EVP_PKEY_CTX_set_rsa_mgf1_md(v->pctx, v->md) > 0
           && EVP_PKEY_CTX_set_rsa_pss_saltlen(v->pctx,
                                               RSA_PSS_SALTLEN_DIGEST) > 0;
}


static int
init_digest(rt_verifier_t *v, EVP_PKEY *pkey)
{
    v->sig_len = v->alg->sig_len ? v->alg->sig_len
                                 : (size_t) EVP_PKEY_get_size(pkey);

    v->md = EVP_MD_fetch(NULL, v->alg->md, NULL);
    v->pctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

    return v->md != NULL && v->pctx != NULL
           && EVP_PKEY_verify_init(v->pctx) > 0
           && init_padding(v)
           && EVP_PKEY_CTX_set_signature_md(v->pctx, v->md) > 0;
}


static int
init_eddsa(rt_verifier_t *v, EVP_PKEY *pkey)
{
    v->sig_len = (size_t) EVP_PKEY_get_size(pkey);
    v->eddsa = EVP_MD_CTX_new();
    v->scratch = EVP_MD_CTX_new();

    return v->eddsa != NULL && v->scratch != NULL
           && EVP_DigestVerifyInit(v->eddsa, NULL, NULL, NULL, pkey) > 0;
}


rt_status_e
rt_verifier_make(rt_mem_t *mem, EVP_PKEY *pkey, const rt_jwa_t *alg,
    rt_verifier_t **out)
{
    int             ok;
    rt_verifier_t  *v;

    v = create(mem, alg);
    if (v == NULL) {
        return RT_ERROR;
    }

    ok = alg->md ? init_digest(v, pkey) : init_eddsa(v, pkey);

    if (!ok) {
        rt_verifier_free(v);
        ERR_clear_error();
        return RT_DECLINED;
    }

    *out = v;

    return RT_OK;
}


rt_status_e
rt_verifier_make_hmac(rt_mem_t *mem, const rt_str_t *key, const rt_jwa_t *alg,
    rt_verifier_t **out)
{
    int             ok;
    EVP_MAC        *mac;
    OSSL_PARAM      params[2];
    rt_verifier_t  *v;

    if (key->len < alg->md_len) {
        return RT_DECLINED;
    }

    v = create(mem, alg);
    if (v == NULL) {
        return RT_ERROR;
    }

    v->sig_len = alg->sig_len;

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                 (char *) alg->md, 0);
    params[1] = OSSL_PARAM_construct_end();

    mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    v->mac = mac ? EVP_MAC_CTX_new(mac) : NULL;
    ok = v->mac && EVP_MAC_init(v->mac, key->data, key->len, params) > 0;

    EVP_MAC_free(mac);

    if (!ok) {
        rt_verifier_free(v);
        ERR_clear_error();
        return RT_ERROR;
    }

    *out = v;

    return RT_OK;
}


/* an unsigned big-endian number as DER INTEGER (X.690, 8.3) */

static size_t
der_integer(unsigned char *dst, const unsigned char *p, size_t len)
{
    size_t  pad;

    while (len > 1 && *p == 0) {
        p++;
        len--;
    }

    pad = *p >> 7;

    dst[0] = 0x02;
    dst[1] = (unsigned char) (len + pad);
    dst[2] = 0;
    memcpy(dst + 2 + pad, p, len);

    return 2 + pad + len;
}


/* r || s becomes SEQUENCE { r, s }, which is what OpenSSL verifies */

static size_t
der_signature(unsigned char *dst, const rt_str_t *sig)
{
    size_t         n, head, half;
    unsigned char  body[VERIFIER_MAX_DER];

    half = sig->len / 2;

    n = der_integer(body, sig->data, half);
    n += der_integer(body + n, sig->data + half, half);

    dst[0] = 0x30;

    if (n < 0x80) {
        dst[1] = (unsigned char) n;
        head = 2;

    } else {
        dst[1] = 0x81;
        dst[2] = (unsigned char) n;
        head = 3;
    }

    memcpy(dst + head, body, n);

    return head + n;
}


static rt_status_e
check_digest(rt_verifier_t *v, const rt_str_t *input, const rt_str_t *sig)
{
    size_t                n;
    unsigned              len;
    unsigned char         md[EVP_MAX_MD_SIZE], der[VERIFIER_MAX_DER];
    const unsigned char  *p;

    if (!EVP_Digest(input->data, input->len, md, &len, v->md, NULL)) {
        return RT_ERROR;
    }

    p = sig->data;
    n = sig->len;

    if (v->alg->kty == RT_KTY_EC) {
        n = der_signature(der, sig);
        p = der;
    }

    return EVP_PKEY_verify(v->pctx, p, n, md, len) == 1 ? RT_OK : RT_DECLINED;
}


static rt_status_e
check_eddsa(rt_verifier_t *v, const rt_str_t *input, const rt_str_t *sig)
{
    int  rc;

    if (!EVP_MD_CTX_copy_ex(v->scratch, v->eddsa)) {
        return RT_ERROR;
    }

    rc = EVP_DigestVerify(v->scratch, sig->data, sig->len, input->data,
                          input->len);

    EVP_MD_CTX_reset(v->scratch);

    return rc == 1 ? RT_OK : RT_DECLINED;
}


static rt_status_e
check_hmac(rt_verifier_t *v, const rt_str_t *input, const rt_str_t *sig)
{
    int             ok;
    size_t          len;
    EVP_MAC_CTX    *ctx;
    rt_status_e     rc;
    unsigned char   mac[EVP_MAX_MD_SIZE];

    ctx = EVP_MAC_CTX_dup(v->mac);
    if (ctx == NULL) {
        return RT_ERROR;
    }

    len = 0;
    ok = EVP_MAC_update(ctx, input->data, input->len)
         && EVP_MAC_final(ctx, mac, &len, sizeof(mac));

    EVP_MAC_CTX_free(ctx);

    if (!ok) {
        return RT_ERROR;
    }

    rc = (len == sig->len && CRYPTO_memcmp(mac, sig->data, len) == 0)
         ? RT_OK : RT_DECLINED;

    /*
     * For a forged token, this is the signature that its author is looking for.
     */
    OPENSSL_cleanse(mac, sizeof(mac));

    return rc;
}


rt_status_e
rt_verifier_check(rt_verifier_t *v, const rt_str_t *input,
    const rt_str_t *sig)
{
    rt_status_e  rc;

    if (sig->len != v->sig_len || sig->len == 0) {
        return RT_DECLINED;
    }

    if (v->mac) {
        rc = check_hmac(v, input, sig);

    } else if (v->eddsa) {
        rc = check_eddsa(v, input, sig);

    } else {
        rc = check_digest(v, input, sig);
    }

    ERR_clear_error();

    return rc;
}


void
rt_verifier_free(rt_verifier_t *v)
{
    for ( /* void */ ; v; v = v->next) {
        EVP_MD_free(v->md);
        EVP_PKEY_CTX_free(v->pctx);
        EVP_MD_CTX_free(v->eddsa);
        EVP_MD_CTX_free(v->scratch);
        EVP_MAC_CTX_free(v->mac);
    }
}


rt_verifier_t *
rt_verifier_find(rt_verifier_t *v, const rt_jwa_t *alg)
{
    while (v && v->alg != alg) {
        v = v->next;
    }

    return v;
}


void
rt_verifier_link(rt_verifier_t **list, rt_verifier_t *v)
{
    v->next = *list;
    *list = v;
}

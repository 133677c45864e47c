
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "jose/rt_privkey.h"
#include "json/rt_json.h"
#include "json/rt_jsonw.h"
#include "text/rt_b64.h"
#include "text/rt_utf8.h"


#define PRIVKEY_MEMBERS    8
#define PRIVKEY_MAX_BYTES  1024         /* of a number: RSA of 8192 bits */
#define PRIVKEY_MAX_DEPTH  4
#define PRIVKEY_MAX_NODES  64

#define PRIVKEY_NO_KEY     "is no private key, or an encrypted one"
#define PRIVKEY_NO_MATCH   "is not a key for this algorithm"


/* the members of each kind of key; NULL: OpenSSL has no such number */

typedef struct {
    const char  *name;
    const char  *param;
    unsigned     secret;
} member_t;


static const member_t  privkey_rsa[] = {
    { "n",  OSSL_PKEY_PARAM_RSA_N, 0 },
    { "e",  OSSL_PKEY_PARAM_RSA_E, 0 },
    { "d",  OSSL_PKEY_PARAM_RSA_D, 1 },
    { "p",  OSSL_PKEY_PARAM_RSA_FACTOR1, 1 },
    { "q",  OSSL_PKEY_PARAM_RSA_FACTOR2, 1 },
    { "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1, 1 },
    { "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2, 1 },
    { "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1, 1 },
};

static const member_t  privkey_ec[] = {
    { "x", OSSL_PKEY_PARAM_EC_PUB_X, 0 },
    { "y", OSSL_PKEY_PARAM_EC_PUB_Y, 0 },
    { "d", OSSL_PKEY_PARAM_PRIV_KEY, 1 },
};

static const member_t  privkey_okp[] = {
    { "x", OSSL_PKEY_PARAM_PUB_KEY, 0 },
    { "d", OSSL_PKEY_PARAM_PRIV_KEY, 1 },
};


static const struct {
    const char      *kty;
    const member_t  *members;
    unsigned         n;
} privkey_kinds[] = {
    [RT_KTY_RSA] = { "RSA", privkey_rsa, 8 },
    [RT_KTY_EC] = { "EC", privkey_ec, 3 },
    [RT_KTY_OKP] = { "OKP", privkey_okp, 2 },
};


static const struct {
    const char  *jose;
    const char  *type;              /* OpenSSL's */
    const char  *group;
    size_t       len;               /* bytes of a coordinate */
} privkey_curves[] = {
    [RT_CRV_P256] = { "P-256", "EC", "prime256v1", 32 },
    [RT_CRV_P384] = { "P-384", "EC", "secp384r1", 48 },
    [RT_CRV_P521] = { "P-521", "EC", "secp521r1", 66 },
    [RT_CRV_ED25519] = { "Ed25519", "ED25519", NULL, 32 },
    [RT_CRV_ED448] = { "Ed448", "ED448", NULL, 57 },
};


typedef struct {
    rt_mem_t        *mem;
    const rt_jwa_t  *alg;
    rt_privkey_t    *key;
    rt_crv_e         crv;
    rt_str_t         text[PRIVKEY_MEMBERS];     /* base64url */
    const char      *why;
} privkey_t;


static rt_status_e
refuse(privkey_t *k, const char *why)
{
    k->why = why;
    return RT_DECLINED;
}


static int
fits(const privkey_t *k, rt_crv_e crv)
{
    if (k->alg->crv != RT_CRV_NONE) {
        return crv == k->alg->crv;
    }

    return k->alg->kty != RT_KTY_OKP
           || crv == RT_CRV_ED25519 || crv == RT_CRV_ED448;
}


/*
 * A string with an escape is a copy, outside of the text: nobody would wipe it.
 */

static int
within(const rt_str_t *text, const rt_str_t *part)
{
    return part->data >= text->data
           && part->data + part->len <= text->data + text->len;
}


static rt_status_e
from_members(privkey_t *k, const rt_json_t *jwk, const rt_str_t *text)
{
    unsigned          i;
    rt_str_t          name;
    rt_json_t        *v;
    const member_t   *members;

    members = privkey_kinds[k->alg->kty].members;

    for (i = 0; i < privkey_kinds[k->alg->kty].n; i++) {
        name = rt_str_of(members[i].name);
        v = rt_json_get(jwk, &name);

        if (v == NULL || v->type != RT_JSON_STRING || v->str.len == 0
            || v->str.len > rt_b64_encoded_len(PRIVKEY_MAX_BYTES)
            || !rt_b64_valid(&v->str) || !within(text, &v->str))
        {
            return refuse(k, "lacks a member of a private JWK, or has one that "
                             "is not base64url");
        }

        k->text[i] = v->str;
    }

    return RT_OK;
}


static int
is_or_absent(const rt_json_t *v, const rt_str_t *want)
{
    return v == NULL || (v->type == RT_JSON_STRING && rt_str_eq(&v->str, want));
}


static rt_status_e
take_kid(privkey_t *k, const rt_str_t *kid)
{
    rt_str_t  *copy;

    if (kid->len > RT_PRIVKEY_MAX_KID || !rt_utf8_valid(kid)
        || !rt_utf8_plain(kid))
    {
        return refuse(k, "has a kid that is no plain short text");
    }

    copy = &k->key->kid;
    copy->data = rt_alloc(k->mem, kid->len + 1);
    if (copy->data == NULL) {
        return RT_ERROR;
    }

    memcpy(copy->data, kid->data, kid->len);
    copy->data[kid->len] = '\0';
    copy->len = kid->len;

    return RT_OK;
}


/* a kid that was given comes before the JWK's own */

static rt_status_e
own_kid(privkey_t *k, const rt_json_t *jwk)
{
    rt_json_t  *v;

    v = rt_json_member(jwk, "kid");

    if (v == NULL || k->key->kid.len) {
        return RT_OK;
    }

    if (v->type != RT_JSON_STRING) {
        return refuse(k, "has a kid that is no plain short text");
    }

    return take_kid(k, &v->str);
}


static rt_status_e
from_jwk(privkey_t *k, const rt_str_t *text)
{
    rt_str_t      kty;
    rt_json_t    *jwk, *v;
    rt_status_e   rc;

    static const rt_str_t        use = rt_string("sig");
    static const rt_json_opts_t  opts = {
        RT_JSON_UNIQUE|RT_JSON_NO_NUL, PRIVKEY_MAX_DEPTH, PRIVKEY_MAX_NODES
    };

    rc = rt_json_parse(k->mem, text, &opts, &jwk, NULL);

    if (rc != RT_OK) {
        return (rc == RT_ERROR) ? rc : refuse(k, "is no JWK");
    }

    kty = rt_str_of(privkey_kinds[k->alg->kty].kty);
    v = rt_json_member(jwk, "kty");

    if (v == NULL || !is_or_absent(v, &kty)
        || !is_or_absent(rt_json_member(jwk, "alg"), &k->alg->name)
        || !is_or_absent(rt_json_member(jwk, "use"), &use))
    {
        return refuse(k, PRIVKEY_NO_MATCH);
    }

    v = rt_json_member(jwk, "crv");

    if (v && v->type == RT_JSON_STRING) {
        k->crv = rt_jwa_curve(&v->str);
    }

    if (!fits(k, k->crv)) {
        return refuse(k, PRIVKEY_NO_MATCH);
    }

    rc = from_members(k, jwk, text);

    return (rc == RT_OK) ? own_kid(k, jwk) : rc;
}


/* one number as base64url, behind those that are there already */

static rt_status_e
add_number(privkey_t *k, unsigned i, const unsigned char *bytes, size_t len)
{
    rt_str_t  *all;

    all = &k->key->numbers;

    if (all->len + rt_b64_encoded_len(len) > RT_PRIVKEY_MAX_JWK) {
        return refuse(k, PRIVKEY_NO_MATCH);
    }

    k->text[i].data = all->data + all->len;
    k->text[i].len = rt_b64_encode_to(bytes, len, k->text[i].data);
    all->len += k->text[i].len;

    return RT_OK;
}


/*
 * A number of the key: on an Edwards curve the bytes as they are, on another
 * curve padded to its length, of RSA without padding.
 */

static rt_status_e
export_number(privkey_t *k, EVP_PKEY *pkey, unsigned i)
{
    size_t           len;
    BIGNUM          *bn;
    rt_status_e      rc;
    const char      *param;
    unsigned char    bytes[PRIVKEY_MAX_BYTES];

    bn = NULL;
    rc = RT_DECLINED;
    param = privkey_kinds[k->alg->kty].members[i].param;

    if (k->alg->kty == RT_KTY_OKP) {
        len = 0;

        if (EVP_PKEY_get_octet_string_param(pkey, param, bytes, sizeof(bytes),
                                            &len) == 1)
        {
            rc = add_number(k, i, bytes, len);
        }

    } else if (EVP_PKEY_get_bn_param(pkey, param, &bn) == 1) {
        len = (k->alg->kty == RT_KTY_EC) ? privkey_curves[k->crv].len
                                         : (size_t) BN_num_bytes(bn);

        if (len <= sizeof(bytes) && BN_bn2binpad(bn, bytes, (int) len) >= 0) {
            rc = add_number(k, i, bytes, len);
        }
    }

    BN_clear_free(bn);
    OPENSSL_cleanse(bytes, sizeof(bytes));

    return (rc == RT_OK) ? RT_OK : refuse(k, PRIVKEY_NO_MATCH);
}


static int
on_curve(EVP_PKEY *pkey, rt_crv_e crv)
{
    char    group[64];
    size_t  len;

    if (!EVP_PKEY_is_a(pkey, privkey_curves[crv].type)) {
        return 0;
    }

    if (privkey_curves[crv].group == NULL) {
        return 1;
    }

    return EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) == 1
           && strcmp(group, privkey_curves[crv].group) == 0;
}


static int
take_curve(privkey_t *k, EVP_PKEY *pkey)
{
    rt_crv_e  crv;

    if (k->alg->kty == RT_KTY_RSA) {
        return EVP_PKEY_is_a(pkey, "RSA");
    }

    for (crv = RT_CRV_P256; crv <= RT_CRV_ED448; crv++) {
        if (fits(k, crv) && on_curve(pkey, crv)) {
            k->crv = crv;
            return 1;
        }
    }

    return 0;
}


/* without this, OpenSSL would ask the terminal for a key's password */

static int
no_password(char *buf, int size, int writing, void *ctx)
{
    (void) buf;
    (void) size;
    (void) writing;
    (void) ctx;

    return -1;
}


static rt_status_e
from_pem(privkey_t *k, const rt_str_t *text)
{
    BIO          *bio;
    unsigned      i;
    EVP_PKEY     *pkey;
    rt_status_e   rc;

    bio = BIO_new_mem_buf(text->data, (int) text->len);
    if (bio == NULL) {
        return RT_ERROR;
    }

    pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);

    if (pkey == NULL) {
        return refuse(k, PRIVKEY_NO_KEY);
    }

    rc = take_curve(k, pkey) ? RT_OK : refuse(k, PRIVKEY_NO_MATCH);

    for (i = 0; rc == RT_OK && i < privkey_kinds[k->alg->kty].n; i++) {
        rc = export_number(k, pkey, i);
    }

    EVP_PKEY_free(pkey);

    return rc;
}


static void
write_name(rt_jsonw_t *w, const char *name, const char *text)
{
    rt_str_t  value = rt_str_of(text);

    rt_jsonw_name(w, name, strlen(name));
    rt_jsonw_str(w, &value);
}


static void
write_jwk(const privkey_t *k, rt_jsonw_t *w, unsigned secret)
{
    unsigned         i;
    const member_t  *members;

    members = privkey_kinds[k->alg->kty].members;

    rt_jsonw_open(w, '{');
    write_name(w, "kty", privkey_kinds[k->alg->kty].kty);

    if (k->alg->kty != RT_KTY_RSA) {
        write_name(w, "crv", privkey_curves[k->crv].jose);
    }

    for (i = 0; i < privkey_kinds[k->alg->kty].n; i++) {
        if (secret || !members[i].secret) {
            rt_jsonw_name(w, members[i].name, strlen(members[i].name));
            rt_jsonw_str(w, &k->text[i]);
        }
    }

    if (!secret) {
        write_name(w, "alg", (const char *) k->alg->name.data);
        write_name(w, "use", "sig");

        if (k->key->kid.len) {
            rt_jsonw_lit(w, "kid");
            rt_jsonw_str(w, &k->key->kid);
        }
    }

    rt_jsonw_close(w, '}');
}


static rt_status_e
write_both(privkey_t *k)
{
    rt_jsonw_t     w;
    rt_privkey_t  *key;

    key = k->key;
    key->public_set.data = rt_alloc(k->mem, RT_PRIVKEY_MAX_JWK);

    if (key->public_set.data == NULL) {
        return RT_ERROR;
    }

    rt_jsonw_init(&w, key->jwk.data, RT_PRIVKEY_MAX_JWK);
    write_jwk(k, &w, 1);
    key->jwk.len = rt_jsonw_len(&w);

    if (w.full) {
        return refuse(k, PRIVKEY_NO_MATCH);
    }

    rt_jsonw_init(&w, key->public_set.data, RT_PRIVKEY_MAX_JWK);
    rt_jsonw_open(&w, '{');
    rt_jsonw_lit(&w, "keys");
    rt_jsonw_open(&w, '[');
    write_jwk(k, &w, 0);
    rt_jsonw_close(&w, ']');
    rt_jsonw_close(&w, '}');
    key->public_set.len = rt_jsonw_len(&w);

    return w.full ? refuse(k, PRIVKEY_NO_MATCH) : RT_OK;
}


static rt_status_e
read_text(privkey_t *k, const rt_str_t *text, const rt_str_t *kid)
{
    size_t        i;
    rt_status_e   rc;

    k->key->jwk.data = rt_alloc(k->mem, RT_PRIVKEY_MAX_JWK);
    k->key->numbers.data = rt_alloc(k->mem, RT_PRIVKEY_MAX_JWK);

    if (k->key->jwk.data == NULL || k->key->numbers.data == NULL) {
        return RT_ERROR;
    }

    if (kid->len) {
        rc = take_kid(k, kid);
        if (rc != RT_OK) {
            return rc;
        }
    }

    for (i = 0; i < text->len && strchr(" \t\r\n", text->data[i]); i++) {
        /* void */
    }

    rc = (i < text->len && text->data[i] == '{') ? from_jwk(k, text)
                                                 : from_pem(k, text);

    return (rc == RT_OK) ? write_both(k) : rc;
}


rt_status_e
rt_privkey_read(rt_mem_t *mem, const rt_str_t *text, const rt_jwa_t *alg,
    const rt_str_t *kid, rt_privkey_t *key, const char **why)
{
    privkey_t     k;
    rt_status_e   rc;

    memset(key, 0, sizeof(rt_privkey_t));
    memset(&k, 0, sizeof(privkey_t));

    k.mem = mem;
    k.alg = alg;
    k.key = key;
    k.why = "no memory";

    if (alg->kty == RT_KTY_OCT) {
        rc = refuse(&k, PRIVKEY_NO_MATCH);

    } else if (text->len > RT_PRIVKEY_MAX_TEXT) {
        k.why = "is too long";
        rc = RT_TOO_BIG;

    } else {
        rc = read_text(&k, text, kid);
    }

    ERR_clear_error();
    *why = k.why;

    return rc;
}


void
rt_privkey_wipe(rt_privkey_t *key)
{
    if (key->jwk.data) {
        OPENSSL_cleanse(key->jwk.data, RT_PRIVKEY_MAX_JWK);
    }

    if (key->numbers.data) {
        OPENSSL_cleanse(key->numbers.data, RT_PRIVKEY_MAX_JWK);
    }
}

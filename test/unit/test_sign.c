
/*
 * What we sign, verified by our own verifier and by OpenSSL alone; and keys
 * that are none, or not whole.
 */

#include <malloc.h>
#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "jose_sign.h"
#include "rt_test.h"
#include "jose/rt_jws.h"
#include "jose/rt_sign.h"
#include "json/rt_json.h"
#include "oidc/rt_assertion.h"


#define CLAIMS  "{\"sub\":\"u\",\"exp\":1700000000,\"aud\":[\"a\",\"b\"]}"


/* one key pair a type; made once, for RSA takes its time */

static const struct {
    const char  *type;
    size_t       bits;
    const char  *curve;
    const char  *crv;
} kinds[] = {
    { "RSA", 2048, NULL, NULL },
    { "EC", 0, "prime256v1", "P-256" },
    { "EC", 0, "secp384r1", "P-384" },
    { "EC", 0, "secp521r1", "P-521" },
    { "ED25519", 0, NULL, "Ed25519" },
    { "ED448", 0, NULL, "Ed448" },
};

#define NKINDS  (sizeof(kinds) / sizeof(kinds[0]))

static EVP_PKEY  *keys[NKINDS];
static EVP_PKEY  *others[NKINDS];


static const struct {
    rt_jwa_e  alg;
    unsigned  kind;
} algs[] = {
    { RT_JWA_RS256, 0 }, { RT_JWA_RS384, 0 }, { RT_JWA_RS512, 0 },
    { RT_JWA_PS256, 0 }, { RT_JWA_PS384, 0 }, { RT_JWA_PS512, 0 },
    { RT_JWA_ES256, 1 }, { RT_JWA_ES384, 2 }, { RT_JWA_ES512, 3 },
    { RT_JWA_EDDSA, 4 }, { RT_JWA_EDDSA, 5 },
};


static int
group_setup(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < NKINDS; i++) {
        keys[i] = jose_key(kinds[i].type, kinds[i].bits, kinds[i].curve);
        others[i] = jose_key(kinds[i].type, kinds[i].bits, kinds[i].curve);

        if (keys[i] == NULL || others[i] == NULL) {
            return -1;
        }
    }

    return 0;
}


static int
group_teardown(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < NKINDS; i++) {
        EVP_PKEY_free(keys[i]);
        EVP_PKEY_free(others[i]);
    }

    return 0;
}


static rt_str_t
taken(BIO *bio)
{
    char      *data;
    long       len;
    rt_str_t   s;

    len = BIO_get_mem_data(bio, &data);
    s = copy_of(data, (size_t) len);
    BIO_free(bio);

    return s;
}


static rt_str_t
pem_of(EVP_PKEY *pkey)
{
    BIO  *bio;

    bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL,
                                              NULL), 1);
    return taken(bio);
}


static rt_str_t
traditional(EVP_PKEY *pkey)
{
    BIO  *bio;

    bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL,
                                                          NULL, 0, NULL, NULL),
                     1);
    return taken(bio);
}


static rt_str_t
encrypted(EVP_PKEY *pkey)
{
    BIO  *bio;

    bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, pkey,
                         EVP_aes_128_cbc(), "secret", 6, NULL, NULL), 1);
    return taken(bio);
}


static rt_str_t
public_of(EVP_PKEY *pkey)
{
    BIO  *bio;

    bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PUBKEY(bio, pkey), 1);

    return taken(bio);
}


/* the secret members of a JWK; public ones of another key, maybe */

static rt_str_t
jwk_of(EVP_PKEY *secret, EVP_PKEY *public, unsigned kind, const char *extra)
{
    char            members[8192];
    int             len;
    size_t          n;
    unsigned char   raw[64];

    if (kind == 0) {
        snprintf(members, sizeof(members), ",\"d\":\"%s\",\"p\":\"%s\","
                 "\"q\":\"%s\",\"dp\":\"%s\",\"dq\":\"%s\",\"qi\":\"%s\"%s",
                 jose_number(&arena, secret, OSSL_PKEY_PARAM_RSA_D, 0),
                 jose_number(&arena, secret, OSSL_PKEY_PARAM_RSA_FACTOR1, 0),
                 jose_number(&arena, secret, OSSL_PKEY_PARAM_RSA_FACTOR2, 0),
                 jose_number(&arena, secret, OSSL_PKEY_PARAM_RSA_EXPONENT1, 0),
                 jose_number(&arena, secret, OSSL_PKEY_PARAM_RSA_EXPONENT2, 0),
                 jose_number(&arena, secret, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
                             0),
                 extra);

    } else if (kind < 4) {
        len = (EVP_PKEY_get_bits(secret) + 7) / 8;
        snprintf(members, sizeof(members), ",\"d\":\"%s\"%s",
                 jose_number(&arena, secret, OSSL_PKEY_PARAM_PRIV_KEY, len),
                 extra);

    } else {
        n = sizeof(raw);
        EVP_PKEY_get_raw_private_key(secret, raw, &n);
        snprintf(members, sizeof(members), ",\"d\":\"%s\"%s",
                 jose_b64(&arena, raw, n), extra);
    }

    return str(jose_jwk(&arena, public, kinds[kind].crv, members));
}


static rt_sign_conf_t
conf_of(rt_str_t key, rt_jwa_e alg)
{
    rt_sign_conf_t  conf;

    memset(&conf, 0, sizeof(rt_sign_conf_t));
    conf.key = key;
    conf.alg = rt_jwa(alg);

    return conf;
}


static rt_sign_t *
loaded(const rt_sign_conf_t *conf)
{
    rt_sign_t   *sign;
    const char  *why;

    if (rt_sign_load(&mem, conf, &sign, &why) != RT_OK) {
        fail_msg("%s %s", conf->alg->name.data, why);
    }

    assert_int_equal(ERR_peek_error(), 0);

    return sign;
}


/* OpenSSL and the key pair, nothing of ours but base64url */

static int
openssl_verifies(EVP_PKEY *pkey, const rt_jwa_t *alg, const rt_jws_t *jws)
{
    int             ok;
    rt_str_t        sig;
    ECDSA_SIG      *ecdsa;
    EVP_MD_CTX     *ctx;
    EVP_PKEY_CTX   *pctx;
    unsigned char  *der;

    assert_int_equal(rt_b64_decode(&mem, &jws->signature_b64, &sig), RT_OK);

    der = NULL;

    if (alg->kty == RT_KTY_EC) {
        ecdsa = ECDSA_SIG_new();
        ECDSA_SIG_set0(ecdsa, BN_bin2bn(sig.data, sig.len / 2, NULL),
                       BN_bin2bn(sig.data + sig.len / 2, sig.len / 2, NULL));
        sig.len = i2d_ECDSA_SIG(ecdsa, &der);
        sig.data = der;
        ECDSA_SIG_free(ecdsa);
    }

    ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit_ex(ctx, &pctx, alg->md, NULL, NULL,
                                             pkey, NULL), 1);

    if (alg->pss) {
        EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST);
    }

    ok = EVP_DigestVerify(ctx, sig.data, sig.len, jws->input.data,
                          jws->input.len);

    EVP_MD_CTX_free(ctx);
    OPENSSL_free(der);

    return ok == 1;
}


/* ours verifies it with the public set; *jws is left for more */

static void
assert_verifies(rt_sign_t *sign, const rt_jwa_t *alg, EVP_PKEY *pkey,
    rt_jws_t *jws)
{
    rt_str_t     token, claims = rt_string(CLAIMS);
    rt_json_t   *tree;
    rt_jwks_t    jwks;
    const char  *why;

    static const rt_json_opts_t  opts = { RT_JSON_UNIQUE, 8, 64 };

    assert_int_equal(rt_sign(&mem, sign, &claims, &token), RT_OK);
    assert_int_equal(ERR_peek_error(), 0);

    assert_int_equal(rt_jwks_load(&mem, rt_sign_public(sign), RT_JWA_ALL,
                                  &jwks, &why), RT_OK);
    assert_int_equal(rt_jws_verify(&mem, &token, rt_jwa_bit(alg->id), &jwks,
                                   jws), RT_REASON_OK);
    rt_jwks_destroy(&jwks);

    assert_true(openssl_verifies(pkey, alg, jws));
    assert_true(rt_str_lit(&jws->typ, "JWT"));

    assert_int_equal(rt_json_parse(&mem, &jws->payload, &opts, &tree, NULL),
                     RT_OK);
    assert_int_equal(tree->count, 3);
    assert_true(rt_str_lit(&rt_json_member(tree, "sub")->str, "u"));
    assert_true(rt_str_lit(&rt_json_member(tree, "exp")->str, "1700000000"));
    assert_int_equal(rt_json_member(tree, "aud")->count, 2);
}


static void
test_algorithms(void **state)
{
    size_t           i, form;
    rt_jws_t         jws;
    rt_str_t         text[3];
    EVP_PKEY        *pkey;
    rt_sign_t       *sign;
    rt_sign_conf_t   conf;

    (void) state;

    for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
        pkey = keys[algs[i].kind];
        text[0] = pem_of(pkey);
        text[1] = jwk_of(pkey, pkey, algs[i].kind, "");
        text[2] = (algs[i].kind < 4) ? traditional(pkey) : text[0];

        for (form = 0; form < 3; form++) {
            conf = conf_of(text[form], algs[i].alg);
            sign = loaded(&conf);

            assert_verifies(sign, conf.alg, pkey, &jws);
            assert_null(jws.kid.data);
            assert_int_equal(jws.header->count, 2);

            rt_sign_free(sign);
        }
    }
}


/* many tokens with one key: nothing of one is in the next */

static void
test_many(void **state)
{
    char             text[64];
    unsigned         n;
    rt_str_t         token, claims, part, payload;
    rt_sign_t       *sign;
    rt_sign_conf_t   conf;
    unsigned char   *dot;

    (void) state;

    conf = conf_of(pem_of(keys[1]), RT_JWA_ES256);
    sign = loaded(&conf);

    for (n = 0; n < 20; n++) {
        snprintf(text, sizeof(text), "{\"%c\":%u}", 'a' + n, n);
        claims = str(text);
        assert_int_equal(rt_sign(&mem, sign, &claims, &token), RT_OK);

        dot = memchr(token.data, '.', token.len);
        part.data = dot + 1;
        dot = memchr(dot + 1, '.', token.data + token.len - dot - 1);
        part.len = dot - part.data;

        assert_int_equal(rt_b64_decode(&mem, &part, &payload), RT_OK);

        if (!rt_str_eq(&payload, &claims)) {
            fail_msg("\"%.*s\" for \"%s\"", (int) payload.len, payload.data,
                     text);
        }
    }

    rt_sign_free(sign);
}


static void
test_claims(void **state)
{
    char             long_text[RT_SIGN_MAX_CLAIMS + 2];
    size_t           i;
    rt_str_t         token, claims;
    rt_sign_t       *sign;
    rt_sign_conf_t   conf;

    static const char  *bad[] = {
        "", "[]", "1", "null", "{", "{}x", "{\"a\":1,\"a\":2}",
        "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}", "{a:1}",
    };

    (void) state;

    conf = conf_of(pem_of(keys[4]), RT_JWA_EDDSA);
    sign = loaded(&conf);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        claims = copied(bad[i]);

        if (rt_sign(&mem, sign, &claims, &token) != RT_INVALID) {
            fail_msg("%s is signed", bad[i]);
        }
    }

    memset(long_text, ' ', sizeof(long_text));
    memcpy(long_text, "{}", 2);

    claims = copy_of(long_text, RT_SIGN_MAX_CLAIMS);
    assert_int_equal(rt_sign(&mem, sign, &claims, &token), RT_OK);

    claims = copy_of(long_text, RT_SIGN_MAX_CLAIMS + 1);
    assert_int_equal(rt_sign(&mem, sign, &claims, &token), RT_TOO_BIG);

    claims = STR("{\"a\":1}");
    arena.left = 0;
    assert_int_equal(rt_sign(&mem, sign, &claims, &token), RT_ERROR);

    arena.left = 3;
    assert_int_equal(rt_sign(&mem, sign, &claims, &token), RT_ERROR);

    arena.left = -1;
    rt_sign_free(sign);
    rt_sign_free(sign);
    rt_sign_free(NULL);
}


static void
test_kid(void **state)
{
    char             kid[RT_SIGN_MAX_CLAIMS];
    rt_jws_t         jws;
    rt_sign_t       *sign;
    const char      *why;
    rt_sign_conf_t   conf;

    (void) state;

    /* the JWK's own, and another one instead of it */

    conf = conf_of(jwk_of(keys[1], keys[1], 1, ",\"kid\":\"k 1\",\"use\":"
                          "\"sig\",\"alg\":\"ES256\""), RT_JWA_ES256);
    sign = loaded(&conf);
    assert_verifies(sign, conf.alg, keys[1], &jws);
    assert_true(rt_str_lit(&jws.kid, "k 1"));
    rt_sign_free(sign);

    conf.kid = STR("k2");
    sign = loaded(&conf);
    assert_verifies(sign, conf.alg, keys[1], &jws);
    assert_true(rt_str_lit(&jws.kid, "k2"));
    assert_int_equal(jws.header->count, 3);
    rt_sign_free(sign);

    conf.kid = copy_of("a\0b", 3);
    assert_int_equal(rt_sign_load(&mem, &conf, &sign, &why), RT_DECLINED);
    assert_string_equal(why, "has a kid that is no plain short text");
    assert_null(sign);

    memset(kid, 'a', sizeof(kid));
    conf.kid = copy_of(kid, 255);
    sign = loaded(&conf);
    rt_sign_free(sign);

    conf.kid = copy_of(kid, 256);
    assert_int_equal(rt_sign_load(&mem, &conf, &sign, &why), RT_DECLINED);

    conf.kid = STR("\xff");
    assert_int_equal(rt_sign_load(&mem, &conf, &sign, &why), RT_DECLINED);

    conf.kid = STR("");
    conf.key = jwk_of(keys[1], keys[1], 1, ",\"kid\":1");
    assert_int_equal(rt_sign_load(&mem, &conf, &sign, &why), RT_DECLINED);
    assert_string_equal(why, "has a kid that is no plain short text");

    conf.key = jwk_of(keys[1], keys[1], 1, ",\"kid\":\"a\\n\"");
    assert_int_equal(rt_sign_load(&mem, &conf, &sign, &why), RT_DECLINED);
}


static X509 *
certificate(EVP_PKEY *pkey)
{
    X509  *x509;

    x509 = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(x509), 0);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, pkey);
    assert_true(X509_sign(x509, pkey, EVP_sha256()) > 0);

    return x509;
}


static rt_str_t
certificate_pem(X509 *x509)
{
    BIO  *bio;

    bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(bio, x509), 1);

    return taken(bio);
}


static void
test_certificate(void **state)
{
    int              len;
    X509            *x509;
    rt_jws_t         jws;
    rt_json_t       *v;
    rt_sign_t       *sign;
    const char      *why;
    unsigned char   *der, hash[32];
    rt_sign_conf_t   conf;

    (void) state;

    x509 = certificate(keys[0]);
    conf = conf_of(pem_of(keys[0]), RT_JWA_PS256);
    conf.certificate = certificate_pem(x509);

    der = NULL;
    len = i2d_X509(x509, &der);
    assert_int_equal(EVP_Digest(der, len, hash, NULL, EVP_sha256(), NULL), 1);
    OPENSSL_free(der);
    X509_free(x509);

    sign = loaded(&conf);
    assert_verifies(sign, conf.alg, keys[0], &jws);

    v = rt_json_member(jws.header, "x5t#S256");
    assert_non_null(v);
    assert_int_equal(v->str.len, 43);
    assert_memory_equal(v->str.data, jose_b64(&arena, hash, 32), 43);
    rt_sign_free(sign);

    x509 = certificate(others[0]);
    conf.certificate = certificate_pem(x509);
    X509_free(x509);
    assert_int_equal(rt_sign_load(&mem, &conf, &sign, &why), RT_DECLINED);
    assert_string_equal(why, "has a certificate of another key");

    conf.certificate = public_of(keys[0]);
    assert_int_equal(rt_sign_load(&mem, &conf, &sign, &why), RT_DECLINED);
    assert_string_equal(why, "has a certificate that is no PEM of one");
    assert_int_equal(ERR_peek_error(), 0);

    conf.certificate.len = RT_SIGN_MAX_CERT + 1;
    assert_int_equal(rt_sign_load(&mem, &conf, &sign, &why), RT_TOO_BIG);
}


static void
assert_refused(rt_str_t key, rt_jwa_e alg, const char *reason)
{
    rt_sign_t       *sign;
    const char      *why;
    rt_sign_conf_t   conf;

    conf = conf_of(key, alg);

    if (rt_sign_load(&mem, &conf, &sign, &why) != RT_DECLINED) {
        fail_msg("%s: %.*s", conf.alg->name.data, (int) key.len, key.data);
    }

    if (reason && strcmp(why, reason) != 0) {
        fail_msg("\"%s\" for \"%s\"", why, reason);
    }

    assert_null(sign);
    assert_int_equal(ERR_peek_error(), 0);
}


static void
test_no_key(void **state)
{
    size_t    i;
    rt_str_t  pem;

    static const char  none[] = "is no private key, or an encrypted one";

    (void) state;

    assert_refused(STR(""), RT_JWA_ES256, none);
    assert_refused(STR("secret"), RT_JWA_ES256, none);
    assert_refused(STR(" \n"), RT_JWA_ES256, none);
    assert_refused(STR("{"), RT_JWA_ES256, "is no JWK");
    assert_refused(STR("\n {}"), RT_JWA_ES256,
                   "is not a key for this algorithm");
    assert_refused(public_of(keys[1]), RT_JWA_ES256, none);
    assert_refused(encrypted(keys[1]), RT_JWA_ES256, none);

    pem = pem_of(keys[1]);
    pem.len /= 2;
    assert_refused(pem, RT_JWA_ES256, none);

    /* each key with an algorithm of another one */

    for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
        assert_refused(pem_of(keys[(algs[i].kind + 2) % 4]), algs[i].alg,
                       "is not a key for this algorithm");
        assert_refused(jwk_of(keys[(algs[i].kind + 2) % 4],
                              keys[(algs[i].kind + 2) % 4],
                              (algs[i].kind + 2) % 4, ""), algs[i].alg,
                       "is not a key for this algorithm");
    }

    /* no HMAC, and names that libjwt does not know */

    assert_refused(STR("{\"kty\":\"oct\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM"
                       "0NTY3ODlhYmNkZWY\"}"), RT_JWA_HS256,
                   "is not a key for this algorithm");
    assert_refused(pem_of(keys[4]), RT_JWA_ED25519, NULL);
}


static void
test_bad_jwk(void **state)
{
    char        longest[1367], member[1400];
    size_t      i;
    rt_str_t    jwk;
    EVP_PKEY   *weak;

    static const char  *extra[] = {
        ",\"use\":\"enc\"", ",\"alg\":\"ES384\"", ",\"use\":1", ",\"alg\":[]",
        ",\"kty\":\"EC\"",
    };

    (void) state;

    for (i = 0; i < sizeof(extra) / sizeof(extra[0]); i++) {
        assert_refused(jwk_of(keys[1], keys[1], 1, extra[i]), RT_JWA_ES256,
                       NULL);
    }

    /* one half of another key, of each kind */

    for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
        assert_refused(jwk_of(keys[algs[i].kind], others[algs[i].kind],
                              algs[i].kind, ""), algs[i].alg, NULL);
    }

    /* a public key, an alphabet of another kind, an escape */

    assert_refused(str(jose_jwk(&arena, keys[1], "P-256", "")), RT_JWA_ES256,
                   "lacks a member of a private JWK, or has one that is not "
                   "base64url");
    assert_refused(str(jose_jwk(&arena, keys[1], "P-256", ",\"d\":\"a+b=\"")),
                   RT_JWA_ES256,
                   "lacks a member of a private JWK, or has one that is not "
                   "base64url");
    assert_refused(str(jose_jwk(&arena, keys[1], "P-256", ",\"d\":\"\"")),
                   RT_JWA_ES256,
                   "lacks a member of a private JWK, or has one that is not "
                   "base64url");
    assert_refused(str(jose_jwk(&arena, keys[1], "P-256",
                                ",\"d\":\"\\u0041AAA\"")), RT_JWA_ES256,
                   "lacks a member of a private JWK, or has one that is not "
                   "base64url");
    assert_refused(str(jose_jwk(&arena, keys[1], "P-256", ",\"d\":1")),
                   RT_JWA_ES256,
                   "lacks a member of a private JWK, or has one that is not "
                   "base64url");

    /* as long as a number of 8192 bits, and longer */

    memset(longest, 'A', sizeof(longest));
    snprintf(member, sizeof(member), ",\"d\":\"%.1366s\"", longest);
    assert_refused(str(jose_jwk(&arena, keys[1], "P-256", member)),
                   RT_JWA_ES256, "is refused by libjwt, or its public half is "
                   "another key's");
    snprintf(member, sizeof(member), ",\"d\":\"%.1367s\"", longest);
    assert_refused(str(jose_jwk(&arena, keys[1], "P-256", member)),
                   RT_JWA_ES256,
                   "lacks a member of a private JWK, or has one that is not "
                   "base64url");

    weak = jose_key("RSA", 1024, NULL);
    assert_refused(pem_of(weak), RT_JWA_RS256,
                   "an RSA key below 2048 bits is not safe");
    jwk = jwk_of(weak, weak, 0, "");
    assert_refused(jwk, RT_JWA_RS256,
                   "an RSA key below 2048 bits is not safe");
    EVP_PKEY_free(weak);
}


static void
test_bounds(void **state)
{
    long             n;
    char             text[16 * 1024 + 1];
    rt_sign_t       *sign;
    const char      *why;
    rt_sign_conf_t   conf;

    (void) state;

    memset(text, ' ', sizeof(text));
    conf = conf_of(copy_of(text, 16 * 1024), RT_JWA_ES256);
    assert_int_equal(rt_sign_load(&mem, &conf, &sign, &why), RT_DECLINED);

    conf.key = copy_of(text, 16 * 1024 + 1);
    assert_int_equal(rt_sign_load(&mem, &conf, &sign, &why), RT_TOO_BIG);
    assert_string_equal(why, "is too long");

    /* memory that ends anywhere: an error or a refusal, and no leak */

    conf = conf_of(jwk_of(keys[1], keys[1], 1, ",\"kid\":\"k\""),
                   RT_JWA_ES256);

    for (n = 0; ; n++) {
        arena.left = n;

        if (rt_sign_load(&mem, &conf, &sign, &why) == RT_OK) {
            break;
        }

        assert_null(sign);
        assert_true(n < 200);
    }

    assert_true(n > 5);
    rt_sign_free(sign);
    arena.left = -1;
}


/* no copy of the key is left in the arena */

static void
test_wiped(void **state)
{
    size_t             i, size;
    char              *secret;
    rt_str_t           piece;
    rt_sign_t         *sign;
    rt_arena_t         own;
    rt_mem_t           own_mem;
    const char        *why;
    rt_sign_conf_t     conf;
    rt_arena_piece_t  *p;

    (void) state;

    for (i = 0; i < 2; i++) {
        secret = jose_number(&arena, keys[1], OSSL_PKEY_PARAM_PRIV_KEY, 32);
        conf = conf_of(i ? jwk_of(keys[1], keys[1], 1, "") : pem_of(keys[1]),
                       RT_JWA_ES256);

        own_mem = rt_arena_init(&own);
        assert_int_equal(rt_sign_load(&own_mem, &conf, &sign, &why), RT_OK);

        for (p = own.pieces; p; p = p->next) {
            size = malloc_usable_size(p) - sizeof(rt_arena_piece_t);
            piece.data = (unsigned char *) p->data;
            piece.len = size;
            assert_false(rt_str_holds(&piece, secret));
        }

        rt_sign_free(sign);
        rt_arena_free(&own);
    }
}


/* who a client is, said to one address, once, for a minute */

static void
test_assertion(void **state)
{
    unsigned         n;
    rt_jws_t         jws;
    rt_str_t         token, jti[2];
    rt_json_t       *tree;
    rt_jwks_t        jwks;
    rt_sign_t       *sign;
    const char      *why;
    rt_sign_conf_t   conf;

    static const rt_json_opts_t  opts = { RT_JSON_UNIQUE, 8, 64 };

    static const rt_str_t  id = rt_string("web \"1\"\\");
    static const rt_str_t  audience = rt_string("https://op.example/token?a=b");

    (void) state;

    conf = conf_of(pem_of(keys[1]), RT_JWA_ES256);
    conf.kid = str("2026-11");
    sign = loaded(&conf);

    assert_int_equal(rt_jwks_load(&mem, rt_sign_public(sign), RT_JWA_ALL,
                                  &jwks, &why), RT_OK);

    for (n = 0; n < 2; n++) {
        assert_int_equal(rt_assertion(&mem, sign, &id, &audience, 1700000000,
                                      &token), RT_OK);
        assert_int_equal(rt_jws_verify(&mem, &token,
                                       rt_jwa_bit(RT_JWA_ES256), &jwks, &jws),
                         RT_REASON_OK);
        assert_true(rt_str_lit(&jws.kid, "2026-11"));

        assert_int_equal(rt_json_parse(&mem, &jws.payload, &opts, &tree, NULL),
                         RT_OK);
        assert_int_equal(tree->count, 6);
        assert_true(rt_str_eq(&rt_json_member(tree, "iss")->str, &id));
        assert_true(rt_str_eq(&rt_json_member(tree, "sub")->str, &id));
        assert_true(rt_str_eq(&rt_json_member(tree, "aud")->str, &audience));
        assert_true(rt_str_lit(&rt_json_member(tree, "iat")->str,
                               "1700000000"));
        assert_true(rt_str_lit(&rt_json_member(tree, "exp")->str,
                               "1700000060"));

        jti[n] = rt_json_member(tree, "jti")->str;
        assert_int_equal(jti[n].len, 22);
    }

    assert_false(rt_str_eq(&jti[0], &jti[1]));

    arena.left = 0;
    assert_int_equal(rt_assertion(&mem, sign, &id, &audience, 1700000000,
                                  &token), RT_ERROR);

    rt_jwks_destroy(&jwks);
    rt_sign_free(sign);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_algorithms),
        ARENA_TEST(test_many),
        ARENA_TEST(test_claims),
        ARENA_TEST(test_kid),
        ARENA_TEST(test_certificate),
        ARENA_TEST(test_no_key),
        ARENA_TEST(test_bad_jwk),
        ARENA_TEST(test_bounds),
        ARENA_TEST(test_wiped),
        ARENA_TEST(test_assertion),
    };

    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}

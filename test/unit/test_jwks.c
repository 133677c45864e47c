
/* rt_jwks: which keys are taken, which are skipped and why */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/err.h>

#include "jose_sign.h"
#include "jose_vectors.h"
#include "jose/rt_jwks.h"


#define X256  "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define Y256  "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC256 "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X256 "\",\"y\":\""  \
              Y256 "\""
#define K32   "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"


static rt_arena_t  arena;
static rt_mem_t    mem = { rt_arena_alloc, &arena };


static int
setup(void **state)
{
    (void) state;
    (void) rt_arena_init(&arena);
    return 0;
}


static int
teardown(void **state)
{
    (void) state;
    assert_int_equal(ERR_peek_error(), 0);
    rt_arena_free(&arena);
    return 0;
}


static rt_status_e
load(const char *text, uint32_t algs, rt_jwks_t *jwks, const char **err)
{
    rt_str_t  copy;

    copy.len = strlen(text);
    copy.data = (unsigned char *) jose_alloc(&arena, copy.len);
    memcpy(copy.data, text, copy.len);

    return rt_jwks_load(&mem, &copy, algs, jwks, err);
}


/* one JWK: NULL when it is usable, else why not */

static const char *
skipped(const char *jwk, uint32_t algs)
{
    char         *text;
    rt_jwks_t     jwks;
    const char   *err;
    rt_status_e   rc;

    text = jose_alloc(&arena, JOSE_MAX);
    snprintf(text, JOSE_MAX, "{\"keys\":[%s]}", jwk);

    rc = load(text, algs, &jwks, &err);

    if (rc == RT_OK) {
        assert_int_equal(jwks.nkeys, 1);
        assert_int_equal(jwks.nskips, 0);
        rt_jwks_destroy(&jwks);
        return NULL;
    }

    assert_int_equal(rc, RT_DECLINED);
    assert_string_equal(err, "holds no usable key");
    assert_int_equal(jwks.nskips, 1);

    return jwks.skips[0].why;
}


static void
assert_skipped(const char *jwk, uint32_t algs, const char *word)
{
    const char  *why;

    why = skipped(jwk, algs);

    if (why == NULL || strstr(why, word) == NULL) {
        fail_msg("%s: %s", jwk, why ? why : "it was taken");
    }
}


static void
test_taken(void **state)
{
    size_t       i;
    EVP_PKEY    *pkey;
    rt_jwks_t    jwks;
    char         text[4096];
    const char  *err;

    (void) state;

    for (i = 0; i < JOSE_VECTORS; i++) {
        assert_null(skipped(jose_vectors[i].jwk, RT_JWA_ALL));
    }

    snprintf(text, sizeof(text), "{\"keys\":[%s,%s,%s,%s],\"other\":1}",
             jose_vectors[1].jwk, jose_vectors[2].jwk, jose_vectors[8].jwk,
             jose_vectors[7].jwk);

    assert_int_equal(load(text, RT_JWA_ALL, &jwks, &err), RT_OK);
    assert_int_equal(jwks.nkeys, 4);

    assert_int_equal(jwks.keys[0].kty, RT_KTY_RSA);
    assert_int_equal(jwks.keys[0].bits, 2048);
    assert_int_equal(jwks.keys[0].algs, 0x3f);
    assert_null(jwks.keys[0].kid.data);

    assert_int_equal(jwks.keys[1].kty, RT_KTY_EC);
    assert_int_equal(jwks.keys[1].crv, RT_CRV_P256);
    assert_int_equal(jwks.keys[1].algs, rt_jwa_bit(RT_JWA_ES256));

    assert_int_equal(jwks.keys[2].crv, RT_CRV_ED25519);
    assert_int_equal(jwks.keys[2].algs,
                     rt_jwa_bit(RT_JWA_EDDSA) | rt_jwa_bit(RT_JWA_ED25519));

    assert_int_equal(jwks.keys[3].kty, RT_KTY_OCT);
    assert_int_equal(jwks.keys[3].algs, rt_jwa_bit(RT_JWA_HS256));
    assert_null(jwks.keys[3].pkey);
    rt_jwks_destroy(&jwks);

    /* an HMAC key is not even looked at unless HMAC is listed */

    assert_int_equal(load(text, RT_JWA_DEFAULT, &jwks, &err), RT_OK);
    assert_int_equal(jwks.nkeys, 3);
    assert_int_equal(jwks.nskips, 1);
    assert_int_equal(jwks.skips[0].index, 3);
    assert_true(rt_str_lit(&jwks.skips[0].kid,
                           "018c0ae5-4d9b-471b-bfd6-eef314bc7037"));
    rt_jwks_destroy(&jwks);

    pkey = jose_key("ED448", 0, NULL);
    assert_null(skipped(jose_jwk(&arena, pkey, "Ed448", ""), RT_JWA_ALL));
    EVP_PKEY_free(pkey);
}


static void
test_not_a_set(void **state)
{
    int          i;
    char        *big, *p;
    size_t       n;
    rt_str_t     text;
    rt_jwks_t    jwks;
    const char  *err;

    static const struct {
        const char   *text;
        rt_status_e   rc;
        const char   *word;
    } sets[] = {
        { "", RT_INVALID, "JSON" },
        { "{", RT_INVALID, "JSON" },
        { "-----BEGIN PUBLIC KEY-----", RT_INVALID, "JSON" },
        { "[]", RT_INVALID, "no array" },
        { "{}", RT_INVALID, "no array" },
        { "{" EC256 "}", RT_INVALID, "no array" },
        { "{\"keys\":{}}", RT_INVALID, "no array" },
        { "{\"keys\":[],\"keys\":[{" EC256 "}]}", RT_INVALID, "twice" },
        { "{\"keys\":[{" EC256 ",\"kty\":\"oct\"}]}", RT_INVALID, "twice" },
        { "{\"keys\":[{" EC256 ",\"kid\":\"a\\u0000\"}]}", RT_INVALID,
          "NUL" },
        { "{\"keys\":[]}", RT_DECLINED, "holds no key" },
        { "{\"keys\":[{\"x\":[[[[[[[[]]]]]]]]}]}", RT_TOO_BIG, "deep" },
    };

    (void) state;

    for (i = 0; i < (int) (sizeof(sets) / sizeof(sets[0])); i++) {
        if (load(sets[i].text, RT_JWA_ALL, &jwks, &err) != sets[i].rc
            || strstr(err, sets[i].word) == NULL)
        {
            fail_msg("%s: %s", sets[i].text, err);
        }

        assert_int_equal(jwks.nkeys, 0);
    }

    /* 64 keys, and one more */

    big = jose_alloc(&arena, JOSE_MAX);
    p = big + sprintf(big, "{\"keys\":[{" EC256 "}");

    for (i = 1; i < 64; i++) {
        p += sprintf(p, ",{\"kty\":\"x\"}");
    }

    strcpy(p, "]}");
    assert_int_equal(load(big, RT_JWA_ALL, &jwks, &err), RT_OK);
    assert_int_equal(jwks.nskips, 63);
    rt_jwks_destroy(&jwks);

    strcpy(p, ",1]}");
    assert_int_equal(load(big, RT_JWA_ALL, &jwks, &err), RT_TOO_BIG);

    n = RT_JWKS_MAX_TEXT;
    text.data = (unsigned char *) jose_alloc(&arena, n + 1);
    memset(text.data, ' ', n + 1);
    sprintf((char *) text.data, "{\"keys\":[{" EC256 "}]}");
    text.data[strlen((char *) text.data)] = ' ';
    text.len = n;
    assert_int_equal(rt_jwks_load(&mem, &text, RT_JWA_ALL, &jwks, &err),
                     RT_OK);
    rt_jwks_destroy(&jwks);
    text.len = n + 1;
    assert_int_equal(rt_jwks_load(&mem, &text, RT_JWA_ALL, &jwks, &err),
                     RT_TOO_BIG);
}


static void
test_skipped(void **state)
{
    size_t  i;

    static const struct {
        const char  *jwk;
        const char  *word;
    } keys[] = {
        { "1", "not an object" },
        { "{}", "kty" },
        { "{\"kty\":1}", "kty" },
        { "{\"kty\":\"ec\"}", "kty" },
        { "{\"kty\":\"AKP\"}", "kty" },
        { "{" EC256 ",\"kid\":1}", "kid" },
        { "{" EC256 ",\"use\":\"enc\"}", "use" },
        { "{" EC256 ",\"use\":\"\"}", "use" },
        { "{" EC256 ",\"use\":1}", "use" },
        { "{" EC256 ",\"key_ops\":[]}", "key_ops" },
        { "{" EC256 ",\"key_ops\":[\"sign\"]}", "key_ops" },
        { "{" EC256 ",\"key_ops\":\"verify\"}", "key_ops" },
        { "{" EC256 ",\"alg\":1}", "alg" },
        { "{" EC256 ",\"alg\":\"ECDH-ES\"}", "alg" },
        { "{" EC256 ",\"alg\":\"ES256K\"}", "alg" },
        { "{" EC256 ",\"alg\":\"ES384\"}", "alg" },
        { "{" EC256 ",\"alg\":\"HS256\"}", "alg" },
        { "{\"kty\":\"EC\",\"x\":\"" X256 "\",\"y\":\"" Y256 "\"}", "crv" },
        { "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" X256 "\",\"y\":\""
          Y256 "\"}", "crv" },
        { "{\"kty\":\"EC\",\"crv\":\"prime256v1\",\"x\":\"" X256 "\",\"y\":"
          "\"" Y256 "\"}", "crv" },
        { "{\"kty\":\"EC\",\"crv\":\"Ed25519\",\"x\":\"" X256 "\",\"y\":\""
          Y256 "\"}", "crv" },
        { "{\"kty\":\"OKP\",\"crv\":\"P-256\",\"x\":\"" X256 "\"}", "crv" },
        { "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" X256 "\"}", "crv" },
        { "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" X256 "\",\"y\":\""
          Y256 "\"}", "length" },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X256 "\",\"y\":\"AA"
          "\"}", "length" },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X256 "\"}",
          "absent" },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X256 "\",\"y\":\""
          X256 "\"}", "refuses" },                  /* not on the curve */
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X256 "=\",\"y\":\""
          Y256 "\"}", "base64url" },
        { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}", "length" },
        { "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" X256 "\"}",
          "length" },
        { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", "absent" },
        { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X256 "\","
          "\"alg\":\"Ed448\"}", "alg" },
        { "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", "2048" },
        { "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}", "2048" },
        { "{\"kty\":\"RSA\",\"e\":\"AQAB\"}", "absent" },
        { "{\"kty\":\"RSA\",\"n\":\"+/8=\",\"e\":\"AQAB\"}", "base64url" },
        { "{\"kty\":\"oct\"}", "absent" },
        { "{\"kty\":\"oct\",\"k\":\"\"}", "as long" },
        { "{\"kty\":\"oct\",\"k\":\"AAAA\"}", "as long" },
        { "{\"kty\":\"oct\",\"k\":\"" K32 "\",\"alg\":\"HS512\"}",
          "as long" },
        { "{\"kty\":\"oct\",\"k\":\"" K32 "=\"}", "base64url" },
        { "{\"kty\":\"oct\",\"k\":\"" K32 "\",\"alg\":\"RS256\"}", "alg" },
        { "{\"kty\":\"oct\",\"k\":\"" K32 "\",\"use\":\"enc\"}", "use" },
        { "{\"kty\":\"oct\",\"k\":\"" K32 "\",\"alg\":\"A256KW\"}", "alg" },
    };

    (void) state;

    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        assert_skipped(keys[i].jwk, RT_JWA_ALL, keys[i].word);
    }

    assert_skipped("{" EC256 "}", rt_jwa_bit(RT_JWA_RS256), "fits none");
    assert_skipped("{\"kty\":\"oct\",\"k\":\"" K32 "\"}", RT_JWA_DEFAULT,
                   "fits none");

    assert_null(skipped("{" EC256 ",\"key_ops\":[\"x\",\"verify\"],"
                        "\"alg\":\"ES256\",\"use\":\"sig\",\"kid\":\"\"}",
                        RT_JWA_ALL));
}


/* sizes and exponents of RSA */

static void
test_rsa(void **state)
{
    char       *jwk, *n;
    size_t      i;
    EVP_PKEY   *pkey;

    static const char  *exponents[] = {
        "AA", "AQ", "Ag", "BA", "AQAC", "AQAAAAAAAAAB", "",
        "AgAAAAE",                      /* 2^33 + 1 */
        "AQAAAAAAAQ", "__________8", "_________w"
    };

    (void) state;

    jwk = jose_alloc(&arena, JOSE_MAX);

    pkey = jose_key("RSA", 1024, NULL);
    assert_skipped(jose_jwk(&arena, pkey, NULL, ""), RT_JWA_ALL, "2048");
    EVP_PKEY_free(pkey);

    pkey = jose_key("RSA", 2047, NULL);
    assert_skipped(jose_jwk(&arena, pkey, NULL, ""), RT_JWA_ALL, "2048");
    EVP_PKEY_free(pkey);

    pkey = jose_key("RSA", 2048, NULL);
    n = jose_number(&arena, pkey, "n", 0);

    for (i = 0; i < sizeof(exponents) / sizeof(exponents[0]); i++) {
        snprintf(jwk, JOSE_MAX, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}",
                 n, exponents[i]);
        assert_skipped(jwk, RT_JWA_ALL, "odd");
    }

    snprintf(jwk, JOSE_MAX, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"Aw\"}", n);
    assert_null(skipped(jwk, RT_JWA_ALL));

    snprintf(jwk, JOSE_MAX, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"Af____8\"}",
             n);
    assert_null(skipped(jwk, RT_JWA_ALL));

    /* a leading zero octet, which some providers write */

    snprintf(jwk, JOSE_MAX, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}",
             jose_number(&arena, pkey, "n", 257));
    assert_null(skipped(jwk, RT_JWA_ALL));
    EVP_PKEY_free(pkey);

    /* 8193 bits, never made: the size is looked at first */

    n = jose_alloc(&arena, 1025);
    memset(n, 0xff, 1025);
    snprintf(jwk, JOSE_MAX, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}",
             jose_b64(&arena, n, 1025));
    assert_skipped(jwk, RT_JWA_ALL, "8192");

    n[1023] = (char) 0xfe;
    snprintf(jwk, JOSE_MAX, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}",
             jose_b64(&arena, n, 1024));
    assert_skipped(jwk, RT_JWA_ALL, "odd");
}


#define OKP25519  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""
#define OKP448    "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\""


/*
 * y of every point of small order, and numbers that are no field element
 * (the prime, the prime + 1, all ones), with both signs of x
 */

static void
test_small_order(void **state)
{
    size_t  i;

    static const struct {
        const char  *jwk;
        const char  *word;
    } keys[] = {
        { OKP25519 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
          "small order" },
        { OKP25519 "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
          "small order" },
        { OKP25519 "7P_______________________________________38\"}",
          "small order" },
        { OKP25519 "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU\"}",
          "small order" },
        { OKP25519 "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o\"}",
          "small order" },
        { OKP25519 "7f_______________________________________38\"}",
          "not below" },
        { OKP25519 "7v_______________________________________38\"}",
          "not below" },
        { OKP25519 "_________________________________________38\"}",
          "not below" },
        { OKP448 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
          "small order" },
        { OKP448 "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
          "small order" },
        { OKP448 "_v____________________________________7_________"
          "__________________________8A\"}",
          "small order" },
        { OKP448 "______________________________________7_________"
          "__________________________8A\"}",
          "not below" },
        { OKP448 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP__________"
          "__________________________8A\"}",
          "not below" },
        { OKP448 "________________________________________________"
          "__________________________8A\"}",
          "not below" },
        { OKP448 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAB\"}",
          "not below" },
        { OKP25519 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA\"}",
          "small order" },
        { OKP25519 "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA\"}",
          "small order" },
        { OKP25519 "7P________________________________________8\"}",
          "small order" },
        { OKP25519 "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_IU\"}",
          "small order" },
        { OKP25519 "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA_o\"}",
          "small order" },
        { OKP25519 "7f________________________________________8\"}",
          "not below" },
        { OKP25519 "7v________________________________________8\"}",
          "not below" },
        { OKP25519 "__________________________________________8\"}",
          "not below" },
        { OKP448 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAAAACA\"}",
          "small order" },
        { OKP448 "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAAAACA\"}",
          "small order" },
        { OKP448 "_v____________________________________7_________"
          "__________________________-A\"}",
          "small order" },
        { OKP448 "______________________________________7_________"
          "__________________________-A\"}",
          "not below" },
        { OKP448 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP__________"
          "__________________________-A\"}",
          "not below" },
        { OKP448 "________________________________________________"
          "__________________________-A\"}",
          "not below" },
        { OKP448 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAAAACB\"}",
          "not below" },
    };

    (void) state;

    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        assert_skipped(keys[i].jwk, RT_JWA_ALL, keys[i].word);
    }
}


/* why: under the neutral point, R = the same and S = 0 sign everything */

static void
test_forgery(void **state)
{
    EVP_PKEY       *pkey;
    EVP_MD_CTX     *md;
    unsigned char   sig[64] = { 1 }, text[9] = "anything";

    (void) state;

    pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, sig, 32);
    md = EVP_MD_CTX_new();

    assert_int_equal(EVP_DigestVerifyInit(md, NULL, NULL, NULL, pkey), 1);
    assert_int_equal(EVP_DigestVerify(md, sig, 64, text, 8), 1);

    EVP_MD_CTX_free(md);
    EVP_PKEY_free(pkey);

    assert_skipped(OKP25519 "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
                   RT_JWA_ALL, "small order");
}


/* of a private key only the public half is kept */

static void
test_private(void **state)
{
    BIGNUM      *d;
    rt_jwks_t    jwks;
    const char  *err;

    (void) state;

    assert_int_equal(load("{\"keys\":[{" EC256 ",\"d\":\"jpsQnnGQmL-YBIffH1"
                          "136cspYG6-0iY7X1fCE9-E9LI\"},{\"kty\":\"OKP\","
                          "\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuws"
                          "xERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfVS_7"
                          "TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}", RT_JWA_ALL,
                          &jwks, &err), RT_OK);
    assert_int_equal(jwks.nkeys, 2);

    d = NULL;
    assert_int_equal(EVP_PKEY_get_bn_param(jwks.keys[0].pkey, "priv", &d), 0);
    assert_null(d);
    assert_int_equal(EVP_PKEY_get_raw_private_key(jwks.keys[1].pkey, NULL,
                                                  &(size_t) { 0 }), 0);
    ERR_clear_error();
    rt_jwks_destroy(&jwks);
}


/* a kid for the log: short and printable, or nothing */

static void
test_kid_in_log(void **state)
{
    rt_jwks_t    jwks;
    const char  *err;

    (void) state;

    assert_int_equal(load("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\\nb\"},"
                          "{\"kty\":\"RSA\",\"kid\":\"ok-1\"},"
                          "{\"kty\":\"RSA\",\"kid\":\"\xc3\xa9\"},"
                          "{" EC256 ",\"kid\":\"a\\nb\"}]}", RT_JWA_ALL,
                          &jwks, &err), RT_OK);
    assert_int_equal(jwks.nskips, 3);
    assert_int_equal(jwks.skips[0].kid.len, 0);
    assert_true(rt_str_lit(&jwks.skips[1].kid, "ok-1"));
    assert_int_equal(jwks.skips[2].kid.len, 0);
    assert_true(rt_str_lit(&jwks.keys[0].kid, "a\nb"));
    rt_jwks_destroy(&jwks);
}


int
main(void)
{
#define T(name)  cmocka_unit_test_setup_teardown(name, setup, teardown)

    const struct CMUnitTest  tests[] = {
        T(test_taken),
        T(test_not_a_set),
        T(test_skipped),
        T(test_rsa),
        T(test_small_order),
        T(test_forgery),
        T(test_private),
        T(test_kid_in_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}


/* rt_jws, rt_verifier: the RFCs' examples, and every way to be refused */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/err.h>

#include "jose_sign.h"
#include "jose_vectors.h"
#include "jose/rt_jwks.h"
#include "jose/rt_jws.h"


#define PAYLOAD  "{\"iss\":\"https://a\",\"exp\":4000000000}"


static rt_arena_t   arena;
static rt_mem_t     mem = { rt_arena_alloc, &arena };
static EVP_PKEY    *rsa, *rsa2, *p256, *p384, *p521, *ed25519, *ed448;


static int
group_setup(void **state)
{
    (void) state;

    (void) rt_arena_init(&arena);

    rsa = jose_key("RSA", 2048, NULL);
    rsa2 = jose_key("RSA", 3072, NULL);
    p256 = jose_key("EC", 0, "P-256");
    p384 = jose_key("EC", 0, "P-384");
    p521 = jose_key("EC", 0, "P-521");
    ed25519 = jose_key("ED25519", 0, NULL);
    ed448 = jose_key("ED448", 0, NULL);

    return 0;
}


static int
group_teardown(void **state)
{
    (void) state;

    EVP_PKEY_free(rsa);
    EVP_PKEY_free(rsa2);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(p384);
    EVP_PKEY_free(p521);
    EVP_PKEY_free(ed25519);
    EVP_PKEY_free(ed448);
    rt_arena_free(&arena);

    return 0;
}


/* verifies with a set of the JWKs (a comma between them) */

static rt_reason_e
verify_with(const char *keys, uint32_t algs, const rt_str_t *token,
    rt_jws_t *jws)
{
    char         *text;
    rt_str_t      set, copy;
    rt_jwks_t     jwks;
    const char   *err;
    rt_reason_e   reason;

    text = jose_alloc(&arena, JOSE_MAX);
    snprintf(text, JOSE_MAX, "{\"keys\":[%s]}", keys);
    set = jose_str(text);

    assert_int_equal(rt_jwks_load(&mem, &set, algs, &jwks, &err), RT_OK);

    copy.len = token->len;
    copy.data = rt_arena_alloc(&arena, token->len);
    memcpy(copy.data, token->data, token->len);

    reason = rt_jws_verify(&mem, &copy, algs, &jwks, jws);

    assert_int_equal(jws->verified, reason == RT_REASON_OK);
    assert_int_equal(ERR_peek_error(), 0);

    if (reason != RT_REASON_OK) {
        assert_null(jws->payload.data);
    }

    rt_jwks_destroy(&jwks);

    return reason;
}


static rt_reason_e
verify(const char *keys, uint32_t algs, const char *token)
{
    rt_jws_t  jws;
    rt_str_t  str;

    str = jose_str(token);

    return verify_with(keys, algs, &str, &jws);
}


#define assert_reason(keys, algs, token, want)                                \
    assert_int_equal(verify(keys, algs, token), want)


static void
test_vectors(void **state)
{
    size_t                i;
    char                 *damaged;
    rt_jws_t              jws;
    rt_str_t              name, token;
    const rt_jwa_t       *alg;
    const jose_vector_t  *v;

    (void) state;

    for (i = 0; i < JOSE_VECTORS; i++) {
        v = &jose_vectors[i];
        name = jose_str(v->alg);
        token = jose_str(v->token);
        alg = rt_jwa_find(&name);

        if (verify_with(v->jwk, RT_JWA_ALL, &token, &jws) != RT_REASON_OK
            || jws.alg != alg)
        {
            fail_msg("refused: %s", v->source);
        }

        /* only this algorithm listed; all but this one listed */

        assert_reason(v->jwk, rt_jwa_bit(alg->id), v->token, RT_REASON_OK);

        /* one bit of each part */

        damaged = jose_alloc(&arena, token.len + 1);
        memcpy(damaged, token.data, token.len + 1);
        damaged[token.len - 10] = damaged[token.len - 10] == 'A' ? 'B' : 'A';
        assert_reason(v->jwk, RT_JWA_ALL, damaged, RT_REASON_BAD_SIGNATURE);

        memcpy(damaged, token.data, token.len + 1);
        damaged = strchr(damaged, '.') + 1;
        *damaged = *damaged == 'T' ? 'U' : 'T';
        damaged -= strchr(v->token, '.') + 1 - v->token;
        assert_reason(v->jwk, RT_JWA_ALL, damaged, RT_REASON_BAD_SIGNATURE);
    }
}


static void
test_payload_any_bytes(void **state)
{
    rt_jws_t  jws;
    rt_str_t  token;

    (void) state;

    token = jose_str(jose_vectors[3].token);
    assert_int_equal(verify_with(jose_vectors[3].jwk, RT_JWA_ALL, &token,
                                 &jws), RT_REASON_OK);
    assert_true(rt_str_lit(&jws.payload, "Payload"));

    token = jose_str(jose_token(&arena, ed25519, RT_JWA_EDDSA,
                                "{\"alg\":\"EdDSA\"}", ""));
    assert_int_equal(verify_with(jose_jwk(&arena, ed25519, "Ed25519", ""),
                                 RT_JWA_ALL, &token, &jws), RT_REASON_OK);
    assert_int_equal(jws.payload.len, 0);
}


static EVP_PKEY *
key_of(const rt_jwa_t *alg)
{
    switch (alg->crv) {

    case RT_CRV_P256:
        return p256;

    case RT_CRV_P384:
        return p384;

    case RT_CRV_P521:
        return p521;

    case RT_CRV_ED25519:
        return ed25519;

    default:
        return alg->kty == RT_KTY_RSA ? rsa : ed448;
    }
}


static const char *
curve_of(EVP_PKEY *pkey)
{
    return pkey == p256 ? "P-256" : pkey == p384 ? "P-384"
           : pkey == p521 ? "P-521" : pkey == ed25519 ? "Ed25519" : "Ed448";
}


/* EdDSA, and its name of RFC 9864 on the curve of key_of() */

static int
twins(const rt_jwa_t *alg, const rt_jwa_t *other)
{
    return alg->kty == RT_KTY_OKP && other->kty == RT_KTY_OKP
           && (other->id == RT_JWA_EDDSA || key_of(alg) == key_of(other));
}


/* each algorithm verifies its own, and no header of another passes for it */

static void
test_every_alg(void **state)
{
    char             header[64], *jwk, *two, *token;
    unsigned         i, j;
    EVP_PKEY        *pkey;
    const rt_jwa_t  *alg, *other;

    (void) state;

    for (i = 0; i < RT_JWA_HS256; i++) {
        alg = rt_jwa(i);
        pkey = key_of(alg);
        jwk = jose_jwk(&arena, pkey, curve_of(pkey), "");
        two = jose_alloc(&arena, JOSE_MAX);
        snprintf(two, JOSE_MAX, "%s,%s", jwk,
                 jose_jwk(&arena, rsa2, NULL, ",\"kid\":\"b\""));

        for (j = 0; j < RT_JWA_MAX; j++) {
            other = rt_jwa(j);
            snprintf(header, sizeof(header), "{\"alg\":\"%s\"}",
                     other->name.data);
            token = jose_token(&arena, pkey, i, header, PAYLOAD);

            if ((verify(jwk, RT_JWA_ALL, token) == RT_REASON_OK)
                != (i == j || twins(alg, other)))
            {
                fail_msg("%s signed as %s", other->name.data,
                         alg->name.data);
            }

            assert_reason(two, RT_JWA_ALL & ~rt_jwa_bit(j), token,
                          RT_REASON_BAD_ALG);
        }
    }
}


static void
test_rfc9864(void **state)
{
    size_t     i;
    char      *jwk, *token;
    EVP_PKEY  *pkey;

    static const struct {
        const char   *crv;
        const char   *key;          /* the JWK's "alg" */
        const char   *header;       /* the token's */
        uint32_t      algs;
        rt_reason_e   want;
    } cases[] = {
        { "Ed25519", ",\"alg\":\"Ed25519\"", "{\"alg\":\"Ed25519\"}",
          RT_JWA_DEFAULT, RT_REASON_OK },
        { "Ed25519", ",\"alg\":\"Ed25519\"", "{\"alg\":\"EdDSA\"}",
          RT_JWA_DEFAULT, RT_REASON_OK },
        { "Ed25519", ",\"alg\":\"EdDSA\"", "{\"alg\":\"Ed25519\"}",
          RT_JWA_DEFAULT, RT_REASON_OK },
        { "Ed448", ",\"alg\":\"Ed448\"", "{\"alg\":\"Ed448\"}",
          RT_JWA_DEFAULT, RT_REASON_OK },
        { "Ed448", ",\"alg\":\"Ed448\"", "{\"alg\":\"EdDSA\"}",
          RT_JWA_DEFAULT, RT_REASON_OK },
        { "Ed448", ",\"kid\":\"k\"",
          "{\"alg\":\"Ed25519\",\"kid\":\"k\"}",
          RT_JWA_DEFAULT, RT_REASON_ALG_MISMATCH },
        { "Ed25519", "", "{\"alg\":\"ed25519\"}",
          RT_JWA_DEFAULT, RT_REASON_BAD_ALG },
        { "Ed25519", "", "{\"alg\":\"Ed25519\"}",
          rt_jwa_bit(RT_JWA_EDDSA), RT_REASON_BAD_ALG },
        { "Ed25519", ",\"alg\":\"EdDSA\"", "{\"alg\":\"Ed25519\"}",
          rt_jwa_bit(RT_JWA_ED25519), RT_REASON_OK },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pkey = strcmp(cases[i].crv, "Ed448") == 0 ? ed448 : ed25519;
        jwk = jose_jwk(&arena, pkey, cases[i].crv, cases[i].key);
        token = jose_token(&arena, pkey, RT_JWA_EDDSA, cases[i].header,
                           PAYLOAD);

        if (verify(jwk, cases[i].algs, token) != cases[i].want) {
            fail_msg("case %zu", i);
        }
    }
}


/*
 * Another signature of the same form: a letter near its end becomes another
 * letter of the alphabet, so that the token is still base64url.
 */

static void
spoil(char *token)
{
    char  *p;

    p = token + strlen(token) - 5;
    *p = (*p == 'A') ? 'B' : 'A';
}


/* a verifier is used again and again: a failure leaves nothing behind */

static void
test_reuse(void **state)
{
    int          i;
    char         text[8192], *good[4], *bad[4];
    rt_jws_t     jws;
    rt_str_t     set, token;
    rt_jwks_t    jwks;
    const char  *err;

    (void) state;

    snprintf(text, sizeof(text), "{\"keys\":[%s,%s,%s,{\"kty\":\"oct\","
             "\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}",
             jose_jwk(&arena, rsa, NULL, ""),
             jose_jwk(&arena, p256, "P-256", ""),
             jose_jwk(&arena, ed25519, "Ed25519", ""));
    set = jose_str(text);

    assert_int_equal(rt_jwks_load(&mem, &set, RT_JWA_ALL, &jwks, &err),
                     RT_OK);
    assert_int_equal(jwks.nkeys, 4);

    good[0] = jose_token(&arena, rsa, RT_JWA_PS256, "{\"alg\":\"PS256\"}",
                         PAYLOAD);
    good[1] = jose_token(&arena, p256, RT_JWA_ES256, "{\"alg\":\"ES256\"}",
                         PAYLOAD);
    good[2] = jose_token(&arena, ed25519, RT_JWA_EDDSA,
                         "{\"alg\":\"EdDSA\"}", PAYLOAD);
    good[3] = jose_hmac_token(&arena, "0123456789abcdef0123456789abcdef", 32,
                              RT_JWA_HS256, "{\"alg\":\"HS256\"}", PAYLOAD);

    bad[0] = jose_token(&arena, rsa, RT_JWA_RS256, "{\"alg\":\"PS256\"}",
                        PAYLOAD);
    bad[1] = jose_token(&arena, p256, RT_JWA_ES384, "{\"alg\":\"ES256\"}",
                        PAYLOAD);
    bad[2] = jose_token(&arena, ed25519, RT_JWA_EDDSA,
                        "{\"alg\":\"EdDSA\"}", "{}");
    spoil(bad[2]);
    bad[3] = jose_hmac_token(&arena, "0123456789abcdef0123456789abcdeF", 32,
                             RT_JWA_HS256, "{\"alg\":\"HS256\"}", PAYLOAD);

    for (i = 0; i < 40; i++) {
        token = jose_str(i & 4 ? good[i & 3] : bad[i & 3]);
        assert_int_equal(rt_jws_verify(&mem, &token, RT_JWA_ALL, &jwks, &jws),
                         i & 4 ? RT_REASON_OK : RT_REASON_BAD_SIGNATURE);
    }

    rt_jwks_destroy(&jwks);
}


static void
test_form(void **state)
{
    char         *jwk, *token, *big, *p;
    size_t        i, len;
    rt_jws_t      jws;
    rt_str_t      str;

    static const char  *malformed[] = {
        "", ".", "..", "...", "a", "a.b", "a.b.c", "e30", "e30.e30",
        "e30.e30.e30.e30.e30", ".e30.e30", "..e30", " ", "null",
        "{\"payload\":\"e30\",\"signatures\":[]}",
        " {\"payload\":\"e30\",\"protected\":\"e30\",\"signature\":\"e30\"}",
        "W10.e30.e30",                      /* [] */
        "MQ.e30.e30",                       /* 1 */
        "eyJhbGciOjF9.e30.e30",             /* {"alg":1} */
    };

    (void) state;

    jwk = jose_jwk(&arena, p256, "P-256", "");

    for (i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        if (verify(jwk, RT_JWA_ALL, malformed[i]) != RT_REASON_MALFORMED) {
            fail_msg("not malformed: %s", malformed[i]);
        }
    }

    token = jose_token(&arena, p256, RT_JWA_ES256, "{\"alg\":\"ES256\"}",
                       PAYLOAD);
    len = strlen(token);
    assert_reason(jwk, RT_JWA_ALL, token, RT_REASON_OK);

    /* padding, white space, a NUL, a byte more or less, another part */

    p = jose_alloc(&arena, len + 8);

    for (i = 0; i < 256; i++) {
        memcpy(p, token, len);
        p[len] = (char) i;
        str.data = (unsigned char *) p;
        str.len = len + 1;

        if (verify_with(jwk, RT_JWA_ALL, &str, &jws) == RT_REASON_OK) {
            fail_msg("accepted with byte %d behind it", (int) i);
        }
    }

    sprintf(p, "%s==", token);
    assert_reason(jwk, RT_JWA_ALL, p, RT_REASON_MALFORMED);
    sprintf(p, " %s", token);
    assert_reason(jwk, RT_JWA_ALL, p, RT_REASON_MALFORMED);
    sprintf(p, "%.*s", (int) len - 1, token);
    assert_int_not_equal(verify(jwk, RT_JWA_ALL, p), RT_REASON_OK);
    sprintf(p, "%s.e30", token);
    assert_reason(jwk, RT_JWA_ALL, p, RT_REASON_MALFORMED);

    big = jose_alloc(&arena, RT_JWS_MAX_TOKEN + 2);
    memset(big, 'A', RT_JWS_MAX_TOKEN + 1);
    big[RT_JWS_MAX_TOKEN + 1] = '\0';
    assert_reason(jwk, RT_JWA_ALL, big, RT_REASON_TOO_BIG);
    big[RT_JWS_MAX_TOKEN] = '\0';
    assert_reason(jwk, RT_JWA_ALL, big, RT_REASON_MALFORMED);
}


/* every spelling of a valid token's last characters but one is refused */

static void
test_one_spelling(void **state)
{
    int          i, accepted;
    char        *jwk, *token, *last;

    static const char  alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"
                                    "klmnopqrstuvwxyz0123456789-_+/=";

    (void) state;

    jwk = jose_jwk(&arena, p256, "P-256", "");
    token = jose_token(&arena, p256, RT_JWA_ES256, "{\"alg\":\"ES256\"}",
                       PAYLOAD);
    last = token + strlen(token) - 1;
    accepted = 0;

    for (i = 0; alphabet[i]; i++) {
        *last = alphabet[i];
        accepted += (verify(jwk, RT_JWA_ALL, token) == RT_REASON_OK);
    }

    assert_int_equal(accepted, 1);

    /* the standard alphabet: a signature that holds - or _ in its place */

    do {
        token = jose_token(&arena, p256, RT_JWA_ES256, "{\"alg\":\"ES256\"}",
                           PAYLOAD);
        last = strpbrk(strrchr(token, '.'), "-_");
    } while (last == NULL);

    assert_reason(jwk, RT_JWA_ALL, token, RT_REASON_OK);
    *last = *last == '-' ? '+' : '/';
    assert_reason(jwk, RT_JWA_ALL, token, RT_REASON_MALFORMED);
}


static void
test_header(void **state)
{
    char    *jwk, *token;
    size_t   i;

    static const struct {
        const char   *header;
        rt_reason_e   want;
    } headers[] = {
        { "{\"alg\":\"none\"}", RT_REASON_BAD_ALG },
        { "{\"alg\":\"None\"}", RT_REASON_BAD_ALG },
        { "{\"alg\":\"\"}", RT_REASON_BAD_ALG },
        { "{}", RT_REASON_BAD_ALG },
        { "{\"alg\":\"es256\"}", RT_REASON_BAD_ALG },
        { "{\"alg\":\"ES256K\"}", RT_REASON_BAD_ALG },
        { "{\"alg\":\"RS1\"}", RT_REASON_BAD_ALG },
        { "{\"alg\":\"ES256 \"}", RT_REASON_BAD_ALG },
        { "{\"alg\":null}", RT_REASON_MALFORMED },
        { "{\"alg\":[\"ES256\"]}", RT_REASON_MALFORMED },
        { "{\"alg\":\"ES256\\u0000\"}", RT_REASON_MALFORMED },
        { "{\"alg\":\"none\",\"alg\":\"ES256\"}", RT_REASON_MALFORMED },
        { "{\"alg\":\"ES256\",\"\\u0061lg\":\"ES256\"}",
          RT_REASON_MALFORMED },
        { "{\"alg\":\"ES256\",}", RT_REASON_MALFORMED },
        { "{\"alg\":\"ES256\"} x", RT_REASON_MALFORMED },
        { "{\"alg\":\"ES256\",\"kid\":7}", RT_REASON_MALFORMED },
        { "{\"alg\":\"ES256\",\"kid\":null}", RT_REASON_MALFORMED },
        { "{\"alg\":\"ES256\",\"typ\":[]}", RT_REASON_MALFORMED },
        { "{\"alg\":\"ES256\",\"x\":[[[[[[[[1]]]]]]]]}",
          RT_REASON_MALFORMED },
        { "{\"alg\":\"ES256\",\"x\":\"\xff\"}", RT_REASON_MALFORMED },
        { "{\"alg\":\"ES256\",\"crit\":[\"exp\"],\"exp\":1}",
          RT_REASON_UNKNOWN_CRIT },
        { "{\"alg\":\"ES256\",\"crit\":[]}", RT_REASON_UNKNOWN_CRIT },
        { "{\"alg\":\"ES256\",\"crit\":null}", RT_REASON_UNKNOWN_CRIT },
        { "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}",
          RT_REASON_UNKNOWN_CRIT },
        { "{\"alg\":\"ES256\",\"b64\":false}", RT_REASON_UNKNOWN_CRIT },
        { "{\"alg\":\"ES256\",\"b64\":true}", RT_REASON_UNKNOWN_CRIT },
        { "{\"alg\":\"ES256\",\"kid\":\"x\"}", RT_REASON_UNKNOWN_KEY },
        { "{\"alg\":\"ES256\",\"kid\":\"\"}", RT_REASON_UNKNOWN_KEY },
        { "{\"alg\":\"ES256\",\"typ\":\"\"}", RT_REASON_OK },
        { "{\"alg\":\"ES256\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}",
          RT_REASON_OK },
        { " {\"alg\" : \"ES256\", \"typ\":\"JWT\"} ", RT_REASON_OK },
    };

    (void) state;

    jwk = jose_jwk(&arena, p256, "P-256", "");

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        token = jose_token(&arena, p256, RT_JWA_ES256, headers[i].header,
                           PAYLOAD);

        if (verify(jwk, RT_JWA_ALL, token) != headers[i].want) {
            fail_msg("%s: %s", headers[i].header,
                     rt_reason(verify(jwk, RT_JWA_ALL, token))->name.data);
        }
    }

    /* unsigned tokens, with an empty signature and with a borrowed one */

    assert_reason(jwk, RT_JWA_ALL, "eyJhbGciOiJub25lIn0.e30.",
                  RT_REASON_BAD_ALG);
    assert_reason(jwk, RT_JWA_ALL, "eyJhbGciOiJFUzI1NiJ9.e30.",
                  RT_REASON_BAD_SIGNATURE);
}


/* keys a token brings along are not looked at */

static void
test_embedded_key(void **state)
{
    char  *header, *mine;

    (void) state;

    mine = jose_jwk(&arena, p256, "P-256", "");
    header = jose_alloc(&arena, JOSE_MAX);

    snprintf(header, JOSE_MAX, "{\"alg\":\"RS256\",\"jwk\":%s,"
             "\"jku\":\"https://evil/jwks\",\"x5u\":\"https://evil\"}",
             jose_jwk(&arena, rsa2, NULL, ""));

    assert_reason(jose_jwk(&arena, rsa, NULL, ""), RT_JWA_ALL,
                  jose_token(&arena, rsa2, RT_JWA_RS256, header, PAYLOAD),
                  RT_REASON_BAD_SIGNATURE);
    assert_reason(mine, RT_JWA_ALL,
                  jose_token(&arena, rsa2, RT_JWA_RS256, header, PAYLOAD),
                  RT_REASON_UNKNOWN_KEY);
}


/* the public key's bytes as an HMAC key, in every form known */

static void
test_confusion(void **state)
{
    char  *jwk, *pub, *both;

    (void) state;

    jwk = jose_jwk(&arena, rsa, NULL, "");
    pub = jose_number(&arena, rsa, "n", 0);

    assert_reason(jwk, RT_JWA_ALL,
                  jose_hmac_token(&arena, "", 0, RT_JWA_HS256,
                                  "{\"alg\":\"HS256\"}", PAYLOAD),
                  RT_REASON_UNKNOWN_KEY);
    assert_reason(jwk, RT_JWA_ALL,
                  jose_hmac_token(&arena, pub, strlen(pub), RT_JWA_HS256,
                                  "{\"alg\":\"HS256\"}", PAYLOAD),
                  RT_REASON_UNKNOWN_KEY);
    assert_reason(jwk, RT_JWA_DEFAULT,
                  jose_hmac_token(&arena, jwk, strlen(jwk), RT_JWA_HS256,
                                  "{\"alg\":\"HS256\"}", PAYLOAD),
                  RT_REASON_BAD_ALG);

    jwk = jose_jwk(&arena, rsa, NULL, ",\"kid\":\"a\"");
    assert_reason(jwk, RT_JWA_ALL,
                  jose_hmac_token(&arena, "", 0, RT_JWA_HS256,
                                  "{\"alg\":\"HS256\",\"kid\":\"a\"}",
                                  PAYLOAD), RT_REASON_ALG_MISMATCH);

    /* pinned to RS256: nothing else of the same key */

    jwk = jose_jwk(&arena, rsa, NULL, ",\"kid\":\"a\",\"alg\":\"RS256\"");
    assert_reason(jwk, RT_JWA_ALL,
                  jose_token(&arena, rsa, RT_JWA_RS512,
                             "{\"alg\":\"RS512\",\"kid\":\"a\"}", PAYLOAD),
                  RT_REASON_ALG_MISMATCH);
    assert_reason(jwk, RT_JWA_ALL,
                  jose_token(&arena, rsa, RT_JWA_PS256,
                             "{\"alg\":\"PS256\",\"kid\":\"a\"}", PAYLOAD),
                  RT_REASON_ALG_MISMATCH);
    assert_reason(jwk, RT_JWA_ALL,
                  jose_token(&arena, rsa, RT_JWA_RS256,
                             "{\"alg\":\"RS256\",\"kid\":\"a\"}", PAYLOAD),
                  RT_REASON_OK);

    /* another curve of the right key type */

    both = jose_alloc(&arena, JOSE_MAX);
    snprintf(both, JOSE_MAX, "%s,%s",
             jose_jwk(&arena, p384, "P-384", ",\"kid\":\"384\""),
             jose_jwk(&arena, ed448, "Ed448", ",\"kid\":\"448\""));

    assert_reason(both, RT_JWA_ALL,
                  jose_token(&arena, p384, RT_JWA_ES256,
                             "{\"alg\":\"ES256\",\"kid\":\"384\"}", PAYLOAD),
                  RT_REASON_ALG_MISMATCH);
    assert_reason(both, RT_JWA_ALL,
                  jose_token(&arena, ed25519, RT_JWA_EDDSA,
                             "{\"alg\":\"EdDSA\",\"kid\":\"448\"}", PAYLOAD),
                  RT_REASON_BAD_SIGNATURE);
}


static void
test_key_choice(void **state)
{
    char  *keys, *a, *b, *none, *unknown;

    (void) state;

    a = jose_token(&arena, rsa, RT_JWA_RS256,
                   "{\"alg\":\"RS256\",\"kid\":\"a\"}", PAYLOAD);
    b = jose_token(&arena, rsa2, RT_JWA_RS256,
                   "{\"alg\":\"RS256\",\"kid\":\"b\"}", PAYLOAD);
    none = jose_token(&arena, rsa2, RT_JWA_RS256, "{\"alg\":\"RS256\"}",
                      PAYLOAD);
    unknown = jose_token(&arena, rsa, RT_JWA_RS256,
                         "{\"alg\":\"RS256\",\"kid\":\"c\"}", PAYLOAD);
    keys = jose_alloc(&arena, JOSE_MAX);

    snprintf(keys, JOSE_MAX, "%s,%s",
             jose_jwk(&arena, rsa, NULL, ",\"kid\":\"a\""),
             jose_jwk(&arena, rsa2, NULL, ",\"kid\":\"b\""));

    assert_reason(keys, RT_JWA_ALL, a, RT_REASON_OK);
    assert_reason(keys, RT_JWA_ALL, b, RT_REASON_OK);
    assert_reason(keys, RT_JWA_ALL, none, RT_REASON_AMBIGUOUS_KEY);
    assert_reason(keys, RT_JWA_ALL, unknown, RT_REASON_UNKNOWN_KEY);

    /* without a kid: the only one that fits */

    snprintf(keys, JOSE_MAX, "%s,%s,%s",
             jose_jwk(&arena, rsa, NULL, ",\"alg\":\"PS256\""),
             jose_jwk(&arena, p256, "P-256", ""),
             jose_jwk(&arena, rsa2, NULL, ",\"kid\":\"b\""));

    assert_reason(keys, RT_JWA_ALL, none, RT_REASON_OK);
    assert_reason(keys, RT_JWA_ALL, a, RT_REASON_UNKNOWN_KEY);

    /* one kid for two types (RFC 7517, 4.5), and for two of one type */

    snprintf(keys, JOSE_MAX, "%s,%s",
             jose_jwk(&arena, p256, "P-256", ",\"kid\":\"a\""),
             jose_jwk(&arena, rsa, NULL, ",\"kid\":\"a\""));
    assert_reason(keys, RT_JWA_ALL, a, RT_REASON_OK);

    snprintf(keys, JOSE_MAX, "%s,%s",
             jose_jwk(&arena, rsa2, NULL, ",\"kid\":\"a\""),
             jose_jwk(&arena, rsa, NULL, ",\"kid\":\"a\""));
    assert_reason(keys, RT_JWA_ALL, a, RT_REASON_AMBIGUOUS_KEY);

    /* the same key twice is one key */

    snprintf(keys, JOSE_MAX, "%s,%s",
             jose_jwk(&arena, rsa, NULL, ",\"kid\":\"a\""),
             jose_jwk(&arena, rsa, NULL, ",\"kid\":\"a\",\"use\":\"sig\""));
    assert_reason(keys, RT_JWA_ALL, a, RT_REASON_OK);

    snprintf(keys, JOSE_MAX, "%s,%s",
             jose_jwk(&arena, rsa, NULL, ",\"kid\":\"a\",\"alg\":\"RS256\""),
             jose_jwk(&arena, rsa, NULL, ",\"kid\":\"a\""));
    assert_reason(keys, RT_JWA_ALL, a, RT_REASON_OK);

    /* also under two kids, for a token that names none */

    snprintf(keys, JOSE_MAX, "%s,%s",
             jose_jwk(&arena, rsa2, NULL, ",\"kid\":\"a\""),
             jose_jwk(&arena, rsa2, NULL, ",\"kid\":\"b\""));
    assert_reason(keys, RT_JWA_ALL, none, RT_REASON_OK);
    assert_reason(keys, RT_JWA_ALL, b, RT_REASON_OK);

    /* signed by a key of the set, but not by the one it names */

    snprintf(keys, JOSE_MAX, "%s,%s",
             jose_jwk(&arena, rsa2, NULL, ",\"kid\":\"a\""),
             jose_jwk(&arena, rsa, NULL, ",\"kid\":\"b\""));
    assert_reason(keys, RT_JWA_ALL, a, RT_REASON_BAD_SIGNATURE);
}


/* r and s: zero, the length of another curve, DER instead of raw */

static void
test_ecdsa_signatures(void **state)
{
    char           *jwk, *input;
    size_t          n;
    EVP_MD_CTX     *ctx;
    unsigned char   sig[256];

    (void) state;

    jwk = jose_jwk(&arena, p256, "P-256", "");
    input = jose_input(&arena, "{\"alg\":\"ES256\"}", PAYLOAD);

    memset(sig, 0, sizeof(sig));
    assert_reason(jwk, RT_JWA_ALL, jose_join(&arena, input, sig, 64),
                  RT_REASON_BAD_SIGNATURE);
    assert_reason(jwk, RT_JWA_ALL, jose_join(&arena, input, sig, 0),
                  RT_REASON_BAD_SIGNATURE);
    memset(sig, 0xff, sizeof(sig));
    assert_reason(jwk, RT_JWA_ALL, jose_join(&arena, input, sig, 64),
                  RT_REASON_BAD_SIGNATURE);

    jose_sign(p256, rt_jwa(RT_JWA_ES256), input, sig, sizeof(sig));
    assert_reason(jwk, RT_JWA_ALL, jose_join(&arena, input, sig, 64),
                  RT_REASON_OK);
    assert_reason(jwk, RT_JWA_ALL, jose_join(&arena, input, sig, 63),
                  RT_REASON_BAD_SIGNATURE);
    assert_reason(jwk, RT_JWA_ALL, jose_join(&arena, input, sig, 65),
                  RT_REASON_BAD_SIGNATURE);

    memmove(sig + 1, sig, 64);
    sig[0] = 0;
    assert_reason(jwk, RT_JWA_ALL, jose_join(&arena, input, sig, 65),
                  RT_REASON_BAD_SIGNATURE);

    n = sizeof(sig);
    ctx = EVP_MD_CTX_new();
    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, p256);
    EVP_DigestSign(ctx, sig, &n, (unsigned char *) input, strlen(input));
    EVP_MD_CTX_free(ctx);
    assert_reason(jwk, RT_JWA_ALL, jose_join(&arena, input, sig, n),
                  RT_REASON_BAD_SIGNATURE);
}


/* salt of another length than the digest's (RFC 7518, 3.5) */

static void
test_pss_salt(void **state)
{
    int             salt;
    char           *jwk, *input;
    size_t          n;
    EVP_MD_CTX     *ctx;
    EVP_PKEY_CTX   *pctx;
    unsigned char   sig[512];

    (void) state;

    jwk = jose_jwk(&arena, rsa, NULL, "");
    input = jose_input(&arena, "{\"alg\":\"PS256\"}", PAYLOAD);

    for (salt = 0; salt <= 64; salt += 32) {
        n = sizeof(sig);
        ctx = EVP_MD_CTX_new();
        EVP_DigestSignInit(ctx, &pctx, EVP_sha256(), NULL, rsa);
        EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, salt);
        EVP_DigestSign(ctx, sig, &n, (unsigned char *) input, strlen(input));
        EVP_MD_CTX_free(ctx);

        assert_reason(jwk, RT_JWA_ALL, jose_join(&arena, input, sig, n),
                      salt == 32 ? RT_REASON_OK : RT_REASON_BAD_SIGNATURE);
    }
}


static void
test_hmac(void **state)
{
    char  *token;

    static const char  key[] = "0123456789abcdef0123456789abcdef"
                               "0123456789abcdef0123456789abcde";

    (void) state;

    /* 63 bytes: enough for HS256 and HS384, one short for HS512 */

    token = jose_hmac_token(&arena, key, 63, RT_JWA_HS384,
                            "{\"alg\":\"HS384\"}", PAYLOAD);
    assert_reason("{\"kty\":\"oct\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY"
                  "3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2Rl"
                  "\"}", RT_JWA_ALL, token, RT_REASON_OK);

    token = jose_hmac_token(&arena, key, 63, RT_JWA_HS512,
                            "{\"alg\":\"HS512\"}", PAYLOAD);
    assert_reason("{\"kty\":\"oct\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY"
                  "3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2Rl"
                  "\"}", RT_JWA_ALL, token, RT_REASON_UNKNOWN_KEY);
}


static void
test_unverified_issuer(void **state)
{
    rt_str_t  token, iss;

    (void) state;

    token = jose_str(jose_token(&arena, p256, RT_JWA_ES256,
                                "{\"alg\":\"ES256\"}", PAYLOAD));
    assert_int_equal(rt_jws_unverified_issuer(&mem, &token, &iss), RT_OK);
    assert_true(rt_str_lit(&iss, "https://a"));

    token = jose_str("e30.e30.e30");
    assert_int_equal(rt_jws_unverified_issuer(&mem, &token, &iss),
                     RT_DECLINED);
    token = jose_str("e30.eyJpc3MiOjF9.e30");       /* {"iss":1} */
    assert_int_equal(rt_jws_unverified_issuer(&mem, &token, &iss),
                     RT_DECLINED);
    token = jose_str("e30.MQ.e30");               /* 1 */
    assert_int_equal(rt_jws_unverified_issuer(&mem, &token, &iss),
                     RT_INVALID);
    token = jose_str("e30.e30==.e30");
    assert_int_equal(rt_jws_unverified_issuer(&mem, &token, &iss),
                     RT_INVALID);
    token = jose_str(jose_token(&arena, p256, RT_JWA_ES256, "{}",
                                "{\"iss\":\"a\",\"iss\":\"b\"}"));
    assert_int_equal(rt_jws_unverified_issuer(&mem, &token, &iss),
                     RT_INVALID);
}


static void
test_no_memory(void **state)
{
    int           i;
    char          text[4096];
    rt_jws_t      jws;
    rt_str_t      set, token;
    rt_jwks_t     jwks;
    const char   *err;
    rt_reason_e   reason;

    (void) state;

    snprintf(text, sizeof(text), "{\"keys\":[%s]}",
             jose_jwk(&arena, p256, "P-256", ",\"kid\":\"a\""));
    set = jose_str(text);
    token = jose_str(jose_token(&arena, p256, RT_JWA_ES256,
                                "{\"alg\":\"ES256\",\"kid\":\"a\"}",
                                PAYLOAD));

    for (i = 0; i < 100; i++) {
        arena.left = i;

        if (rt_jwks_load(&mem, &set, RT_JWA_ALL, &jwks, &err) == RT_OK) {
            break;
        }

        assert_int_equal(jwks.nkeys, 0);
    }

    assert_in_range(i, 5, 99);

    for (i = 0; i < 100; i++) {
        arena.left = i;
        reason = rt_jws_verify(&mem, &token, RT_JWA_ALL, &jwks, &jws);

        if (reason == RT_REASON_OK) {
            break;
        }

        assert_int_equal(reason, RT_REASON_INTERNAL);
        assert_int_equal(jws.verified, 0);
    }

    assert_in_range(i, 3, 99);

    arena.left = -1;
    rt_jwks_destroy(&jwks);
    rt_jwks_destroy(&jwks);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_payload_any_bytes),
        cmocka_unit_test(test_every_alg),
        cmocka_unit_test(test_rfc9864),
        cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_one_spelling),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_embedded_key),
        cmocka_unit_test(test_confusion),
        cmocka_unit_test(test_key_choice),
        cmocka_unit_test(test_ecdsa_signatures),
        cmocka_unit_test(test_pss_salt),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_unverified_issuer),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}

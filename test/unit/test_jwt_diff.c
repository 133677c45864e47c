
/*
 * The verifier against libjwt's checker: what we accept, libjwt accepts; and
 * what libjwt accepts and we do not is one of the differences named here
 * (libjwt 3.3.3 takes them, later versions take fewer).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <jwt.h>

#include "jose_sign.h"
#include "jose_vectors.h"
#include "jose/rt_jwks.h"
#include "jose/rt_jws.h"


#define PAYLOAD  "{\"iss\":\"https://a\",\"exp\":4000000000}"


static rt_arena_t  arena;
static rt_mem_t    mem = { rt_arena_alloc, &arena };


/* with the key and the algorithm given, so that only the token is judged */

static int
libjwt_accepts(const char *jwk, const rt_jwa_t *alg, const char *token)
{
    int             rc;
    jwk_set_t      *set;
    jwt_checker_t  *checker;

    set = jwks_create(jwk);
    checker = jwt_checker_new();

    rc = jwt_checker_setkey(checker, jwt_str_alg((char *) alg->name.data),
                            jwks_item_get(set, 0));

    if (rc == 0) {
        /* the RFCs' tokens have expired long ago */
        jwt_checker_time_leeway(checker, JWT_CLAIM_EXP, -1);
        rc = jwt_checker_verify(checker, token);
    }

    jwt_checker_free(checker);
    jwks_free(set);

    return rc == 0;
}


static int
we_accept(const char *jwk, const rt_jwa_t *alg, const char *token)
{
    char         *text;
    rt_str_t      set, str;
    rt_jws_t      jws;
    rt_jwks_t     jwks;
    const char   *err;
    rt_reason_e   reason;

    text = jose_alloc(&arena, JOSE_MAX);
    snprintf(text, JOSE_MAX, "{\"keys\":[%s]}", jwk);
    set = jose_str(text);
    str = jose_str(token);

    assert_int_equal(rt_jwks_load(&mem, &set, RT_JWA_ALL, &jwks, &err),
                     RT_OK);
    reason = rt_jws_verify(&mem, &str, rt_jwa_bit(alg->id), &jwks, &jws);
    rt_jwks_destroy(&jwks);

    return reason == RT_REASON_OK;
}


/* 1 both accept, 0 both refuse */

static int
agree(const char *jwk, const rt_jwa_t *alg, const char *token)
{
    int  ours, theirs;

    ours = we_accept(jwk, alg, token);
    theirs = libjwt_accepts(jwk, alg, token);

    if (ours != theirs) {
        fail_msg("%s: we %s, libjwt %s: %s", alg->name.data,
                 ours ? "accept" : "refuse", theirs ? "accepts" : "refuses",
                 token);
    }

    return ours;
}


/* libjwt has no names of RFC 9864 */

#define LIBJWT_KNOWS(alg)  ((alg) != RT_JWA_ED25519 && (alg) != RT_JWA_ED448)


typedef struct {
    rt_jwa_e     alg;
    EVP_PKEY    *pkey;      /* NULL: HMAC with the key below */
    char        *jwk;
} signer_t;


static const char  secret[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static signer_t  signers[RT_JWA_MAX];


static int
group_setup(void **state)
{
    unsigned     i;
    char         alg[32];
    EVP_PKEY    *rsa;
    signer_t    *s;

    (void) state;
    (void) rt_arena_init(&arena);

    rsa = jose_key("RSA", 2048, NULL);

    for (i = 0; i < RT_JWA_MAX; i++) {
        s = &signers[i];
        s->alg = i;
        snprintf(alg, sizeof(alg), ",\"alg\":\"%s\"", rt_jwa(i)->name.data);

        switch (rt_jwa(i)->kty) {

        case RT_KTY_RSA:
            s->pkey = rsa;
            EVP_PKEY_up_ref(rsa);
            s->jwk = jose_jwk(&arena, rsa, NULL, alg);
            break;

        case RT_KTY_EC:
            s->pkey = jose_key("EC", 0, i == RT_JWA_ES256 ? "P-256"
                               : i == RT_JWA_ES384 ? "P-384" : "P-521");
            s->jwk = jose_jwk(&arena, s->pkey,
                              i == RT_JWA_ES256 ? "P-256"
                              : i == RT_JWA_ES384 ? "P-384" : "P-521", alg);
            break;

        case RT_KTY_OKP:
            s->pkey = jose_key(i == RT_JWA_ED448 ? "ED448" : "ED25519", 0,
                               NULL);
            s->jwk = jose_jwk(&arena, s->pkey, i == RT_JWA_ED448 ? "Ed448"
                              : "Ed25519", alg);
            break;

        default:
            s->jwk = jose_alloc(&arena, 256);
            snprintf(s->jwk, 256, "{\"kty\":\"oct\",\"k\":\"%s\"%s}",
                     jose_b64(&arena, secret, 64), alg);
        }
    }

    EVP_PKEY_free(rsa);

    return 0;
}


static int
group_teardown(void **state)
{
    unsigned  i;

    (void) state;

    for (i = 0; i < RT_JWA_MAX; i++) {
        EVP_PKEY_free(signers[i].pkey);
    }

    rt_arena_free(&arena);

    return 0;
}


static char *
token_of(const signer_t *s, const char *header, const char *payload)
{
    return s->pkey ? jose_token(&arena, s->pkey, s->alg, header, payload)
                   : jose_hmac_token(&arena, secret, 64, s->alg, header,
                                     payload);
}


static char *
plain_token(const signer_t *s)
{
    char  header[64];

    snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"typ\":\"JWT\"}",
             rt_jwa(s->alg)->name.data);

    return token_of(s, header, PAYLOAD);
}


static void
test_valid(void **state)
{
    unsigned  i;

    (void) state;

    for (i = 0; i < RT_JWA_MAX; i++) {
        if (!LIBJWT_KNOWS(i)) {
            assert_int_equal(we_accept(signers[i].jwk, rt_jwa(i),
                                       plain_token(&signers[i])), 1);
            continue;
        }

        assert_int_equal(agree(signers[i].jwk, rt_jwa(i),
                               plain_token(&signers[i])), 1);
    }
}


static void
test_vectors(void **state)
{
    size_t    i;
    rt_str_t  name;

    (void) state;

    /* the examples of RFC 7515 whose payload is JSON */

    for (i = 0; i < 3; i++) {
        name = jose_str(jose_vectors[i].alg);
        assert_int_equal(agree(jose_vectors[i].jwk, rt_jwa_find(&name),
                               jose_vectors[i].token), 1);
    }
}


/* every character of a token, and every length, changed: both refuse */

static void
test_damage(void **state)
{
    char          *token, *copy;
    size_t         at, len;
    unsigned       i, accepted;
    const char    *c;

    static const char      changes[] = "Ab9_.";
    static const unsigned  algs[] = { RT_JWA_ES256, RT_JWA_EDDSA,
                                      RT_JWA_HS256, RT_JWA_RS256 };

    (void) state;

    accepted = 0;

    for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
        token = plain_token(&signers[algs[i]]);
        len = strlen(token);
        copy = jose_alloc(&arena, len + 1);

        /* not the last one, see test_differences() */

        for (at = 0; at + 1 < len; at += 7) {
            for (c = changes; *c; c++) {
                memcpy(copy, token, len + 1);
                copy[at] = *c;

                if (strcmp(copy, token) != 0) {
                    accepted += agree(signers[algs[i]].jwk, rt_jwa(algs[i]),
                                      copy);
                }
            }

            memcpy(copy, token, len + 1);
            copy[at] = '\0';
            accepted += agree(signers[algs[i]].jwk, rt_jwa(algs[i]), copy);
        }
    }

    assert_int_equal(accepted, 0);
}


/* a token of one algorithm with the key of another */

static void
test_foreign(void **state)
{
    char      *token;
    unsigned   i, j;

    (void) state;

    for (i = 0; i < RT_JWA_MAX; i++) {
        token = plain_token(&signers[i]);

        for (j = 0; j < RT_JWA_MAX; j++) {
            if (i == j) {
                continue;
            }

            /* libjwt looks at the family alone, RS384 for RS256 */

            if ((rt_jwa(i)->kty == rt_jwa(j)->kty
                 && rt_jwa(i)->crv == RT_CRV_NONE)
                || !LIBJWT_KNOWS(i) || !LIBJWT_KNOWS(j))
            {
                assert_int_equal(we_accept(signers[j].jwk, rt_jwa(j), token),
                                 0);
                continue;
            }

            assert_int_equal(agree(signers[j].jwk, rt_jwa(j), token), 0);
        }
    }
}


static void
test_headers(void **state)
{
    size_t            i;
    const signer_t   *s;

    static const struct {
        const char  *header;
        int          accepted;
    } headers[] = {
        { "{\"alg\":\"ES256\"}", 1 },
        { " {\"typ\" : \"JWT\" , \"alg\" : \"ES256\"} ", 1 },
        { "{\"alg\":\"none\"}", 0 },
        { "{\"alg\":\"es256\"}", 0 },
        { "{\"alg\":\"\"}", 0 },
        { "{\"alg\":1}", 0 },
        { "{}", 0 },
        { "[]", 0 },
        { "{\"alg\":\"ES256\"", 0 },
        { "{\"alg\":\"ES256\"}}", 0 },
        { "{\"alg\":\"ES256\\u0000\"}", 0 },
        { "{\"alg\":\"\xff\"}", 0 },
        { "", 0 },
    };

    (void) state;

    s = &signers[RT_JWA_ES256];

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        assert_int_equal(agree(s->jwk, rt_jwa(s->alg),
                               token_of(s, headers[i].header, PAYLOAD)),
                         headers[i].accepted);
    }
}


/* where we are stricter, whatever libjwt does */

static void
test_differences(void **state)
{
    char            *token, *other;
    size_t           len;
    const char      *alphabet;
    const signer_t  *s;

    (void) state;

    s = &signers[RT_JWA_ES256];
    token = plain_token(s);
    len = strlen(token);

    /* padding */

    other = jose_alloc(&arena, len + 3);
    sprintf(other, "%s==", token);
    assert_int_equal(we_accept(s->jwk, rt_jwa(s->alg), other), 0);

    /* unused bits of the last character */

    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
               "0123456789-_";
    sprintf(other, "%s", token);
    other[len - 1] = strchr(alphabet, token[len - 1])[1];
    assert_int_equal(libjwt_accepts(s->jwk, rt_jwa(s->alg), other), 1);
    assert_int_equal(we_accept(s->jwk, rt_jwa(s->alg), other), 0);

    /* twin members */

    token = token_of(s, "{\"alg\":\"ES256\",\"typ\":\"a\",\"typ\":\"JWT\"}",
                     PAYLOAD);
    assert_int_equal(we_accept(s->jwk, rt_jwa(s->alg), token), 0);

    /* a critical extension */

    token = token_of(s, "{\"alg\":\"ES256\",\"crit\":[\"x\"],\"x\":1}",
                     PAYLOAD);
    assert_int_equal(we_accept(s->jwk, rt_jwa(s->alg), token), 0);

    /* another hash of the family */

    s = &signers[RT_JWA_RS512];
    token = plain_token(s);
    assert_int_equal(we_accept(signers[RT_JWA_RS256].jwk,
                               rt_jwa(RT_JWA_RS512), token), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_differences),
    };

    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}

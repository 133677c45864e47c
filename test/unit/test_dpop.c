
/* rt_dpop and rt_thumbprint: examples of their RFCs, and what is refused */

#include "rt_test.h"
#include "rt_claims_tree.h"
#include "jose_sign.h"
#include "jose/rt_dpop.h"


#define NOW     1562262618
#define LEEWAY  30
#define TOKEN   "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"

/* RFC 9449, 7.1 */

#define PROOF                                                                 \
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik"          \
    "VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR"     \
    "nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE"     \
    "QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIj"     \
    "oiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z"     \
    "WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNF"     \
    "c05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71E"     \
    "OptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"

#define JKT     "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"

/* a claim each, with a comma in front */

#define JTI     ",\"jti\":\"j\""
#define HTM     ",\"htm\":\"GET\""
#define HTU     ",\"htu\":\"https://resource.example.org/protectedresource\""
#define IAT     ",\"iat\":1562262618"
#define ATH     ",\"ath\":\"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo\""
#define ALL     JTI HTM HTU IAT ATH


static EVP_PKEY           *pkey;
static unsigned char       jkt[RT_THUMBPRINT];
static rt_dpop_request_t   request = {
    RT_JWA_ALL, rt_string("GET"), rt_string("https://resource.example.org"),
    rt_string("/protectedresource"), rt_string(TOKEN), jkt, NOW, LEEWAY
};


static void
bind_to(const char *text)
{
    size_t    len;
    rt_str_t  s;

    s = str(text);
    assert_int_equal(rt_b64_decode_to(&s, jkt, &len), RT_OK);
    assert_int_equal(len, sizeof(jkt));
}


/* NULL: it is accepted; "": its signature does not hold */

static const char *
judge_text(const char *text, rt_dpop_t *dpop)
{
    rt_str_t     proof;
    const char  *why;

    proof = str(text);

    switch (rt_dpop_check(&mem, &proof, &request, dpop, &why)) {

    case RT_REASON_OK:
        return NULL;

    case RT_REASON_BAD_SIGNATURE:
        return "";

    default:
        assert_non_null(why);
        return why;
    }
}


/* a proof by a key of our own: its header behind "{", its claims */

static char *
make(const char *header, const char *claims)
{
    char  *h, *c;

    h = jose_alloc(&arena, JOSE_MAX);
    c = jose_alloc(&arena, JOSE_MAX);

    snprintf(h, JOSE_MAX, "{%s}", header);
    snprintf(c, JOSE_MAX, "{\"x\":1%s}", claims);

    return jose_token(&arena, pkey, RT_JWA_ES256, h, c);
}


static char *
jwk(const char *extra)
{
    return jose_jwk(&arena, pkey, "P-256", extra);
}


static char *
header(const char *typ, const char *alg, const char *key)
{
    char  *s;

    s = jose_alloc(&arena, JOSE_MAX);
    snprintf(s, JOSE_MAX, "\"typ\":\"%s\",\"alg\":\"%s\",\"jwk\":%s", typ, alg,
             key);

    return s;
}


static void
expect(const char *want, const char *head, const char *claims)
{
    rt_dpop_t    dpop;
    const char  *why;

    assert_int_equal(rt_thumbprint(tree_of(&arena, jwk("")), jkt), RT_OK);

    if (head == NULL) {
        head = header("dpop+jwt", "ES256", jwk(""));
    }

    why = judge_text(make(head, claims), &dpop);

    if ((why == NULL) != (want == NULL) || (why && strcmp(why, want) != 0)) {
        fail_msg("%s: %s", claims, why ? why : "accepted");
    }
}


static void
test_thumbprint(void **state)
{
    size_t         i;
    char           text[64];
    unsigned char  out[RT_THUMBPRINT];

    static const struct {
        const char  *jwk;
        const char  *want;      /* NULL: refused */
    } cases[] = {

        /* RFC 7638, 3.1 */

        { "{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFb"
          "WhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3o"
          "knjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F"
          "DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI"
          "SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0L"
          "s1jF44-csFCur-kEgU8awapJzKnqDKgw\",\"e\":\"AQAB\",\"alg\":\"RS256\","
          "\"kid\":\"2011-04-29\"}",
          "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" },

        /* RFC 8037, A.3 */

        { "{\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
          "\"crv\":\"Ed25519\",\"kty\":\"OKP\"}",
          "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" },

        /* RFC 9449, 4.1 and 6.1 */

        { "{\"kty\":\"EC\",\"x\":\"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs"
          "\",\"y\":\"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA\","
          "\"crv\":\"P-256\"}", JKT },

        { "{\"kty\":\"oct\",\"k\":\"AAAA\"}", NULL },
        { "{\"kty\":[\"EC\"],\"crv\":\"P-256\",\"x\":\"A\",\"y\":\"A\"}",
          NULL },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"A\"}", NULL },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"A\",\"y\":1}", NULL },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"A\",\"y\":\"\\\"\"}",
          NULL },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"A\",\"y\":\"\\u00e9\"}",
          NULL },
        { "{}", NULL },
        { "[]", NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        if (cases[i].want == NULL) {
            assert_int_equal(rt_thumbprint(tree_of(&arena, cases[i].jwk), out),
                             RT_DECLINED);
            continue;
        }

        assert_int_equal(rt_thumbprint(tree_of(&arena, cases[i].jwk), out),
                         RT_OK);

        text[rt_b64_encode_to(out, sizeof(out), (unsigned char *) text)] = 0;
        assert_string_equal(text, cases[i].want);
    }
}


static void
test_example(void **state)
{
    rt_dpop_t  dpop, again;

    (void) state;

    bind_to(JKT);

    assert_null(judge_text(PROOF, &dpop));
    assert_null(dpop.nonce.data);
    assert_int_equal(dpop.until, NOW + RT_DPOP_AGE + LEEWAY + 1);

    assert_null(judge_text(PROOF, &again));
    assert_memory_equal(dpop.id, again.id, RT_DPOP_ID);

    request.token.len--;
    assert_string_equal(judge_text(PROOF, &dpop),
                        "has the ath of another token");
    request.token.len++;

    assert_string_equal(judge_text(PROOF "x", &dpop), "is no compact JWS");

    bind_to("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_string_equal(judge_text(PROOF, &dpop),
                        "has another key than the token's");
}


/* 4.3: 2, 4 to 7 */

static void
test_header(void **state)
{
    rt_dpop_t   dpop;
    EVP_PKEY   *other;
    char       *big;

    (void) state;

    expect(NULL, NULL, ALL);

    assert_string_equal(judge_text("", &dpop), "is no compact JWS");
    assert_string_equal(judge_text("a.b", &dpop), "is no compact JWS");

    big = jose_alloc(&arena, RT_DPOP_MAX + 2);
    memset(big, 'a', RT_DPOP_MAX + 1);
    big[RT_DPOP_MAX + 1] = '\0';
    assert_string_equal(judge_text(big, &dpop), "is too big");
    big[RT_DPOP_MAX] = '\0';
    assert_string_equal(judge_text(big, &dpop), "is no compact JWS");

    expect("has a typ other than dpop+jwt", header("JWT", "ES256", jwk("")),
           ALL);
    expect("has a typ other than dpop+jwt", header("dpop+JWT", "ES256",
                                                   jwk("")), ALL);
    expect("has a typ other than dpop+jwt", "\"alg\":\"ES256\"", ALL);

    expect("has an alg that is not accepted", header("dpop+jwt", "none",
                                                     jwk("")), ALL);
    expect("has an alg that is not accepted", header("dpop+jwt", "HS256",
                                                     jwk("")), ALL);
    expect("has an alg that is not accepted", "\"typ\":\"dpop+jwt\"", ALL);
    expect("has a crit or b64", "\"typ\":\"dpop+jwt\",\"alg\":\"ES256\","
           "\"crit\":[\"x\"]", ALL);

    request.algs = rt_jwa_bit(RT_JWA_RS256);
    expect("has an alg that is not accepted", NULL, ALL);
    request.algs = RT_JWA_ALL;

    expect("has no jwk", "\"typ\":\"dpop+jwt\",\"alg\":\"ES256\"", ALL);
    expect("has no jwk", header("dpop+jwt", "ES256", "\"x\""), ALL);
    expect("has a private key in its jwk",
           header("dpop+jwt", "ES256", jwk(",\"d\":\"AAAA\"")), ALL);
    expect("has a private key in its jwk",
           header("dpop+jwt", "ES256", jwk(",\"k\":null")), ALL);
    expect("has a jwk that is no public key",
           header("dpop+jwt", "ES256", "{\"kty\":\"EC\"}"), ALL);
    expect("has a jwk that is no public key for its alg",
           header("dpop+jwt", "ES384", jwk("")), ALL);
    expect("has a jwk that is no public key for its alg",
           header("dpop+jwt", "ES256", jwk(",\"use\":\"enc\"")), ALL);

    other = jose_key("EC", 0, "P-256");
    expect("has another key than the token's",
           header("dpop+jwt", "ES256", jose_jwk(&arena, other, "P-256", "")),
           ALL);
    EVP_PKEY_free(other);
}


static void
test_signature(void **state)
{
    char       *proof, *bent;
    rt_dpop_t   dpop;

    (void) state;

    expect(NULL, NULL, ALL);
    proof = make(header("dpop+jwt", "ES256", jwk("")), ALL);
    assert_null(judge_text(proof, &dpop));

    /* Another character of the alphabet: anything else is no JWS at all. */

    bent = &proof[strlen(proof) - 20];
    *bent = *bent == 'A' ? 'B' : 'A';
    assert_string_equal(judge_text(proof, &dpop), "");
}


/* 4.3: 3, 8, 11, 12 */

static void
test_claims(void **state)
{
    (void) state;

    expect("has no jti, or a long one", NULL, HTM HTU IAT ATH);
    expect("has no jti, or a long one", NULL, HTM HTU IAT ATH ",\"jti\":\"\"");
    expect("has no jti, or a long one", NULL, HTM HTU IAT ATH ",\"jti\":7");
    expect("has no htm, htu or ath", NULL, JTI HTU IAT ATH);
    expect("has no htm, htu or ath", NULL, JTI HTM IAT ATH);
    expect("has no htm, htu or ath", NULL, JTI HTM HTU IAT);
    expect("has no iat", NULL, JTI HTM HTU ATH);
    expect("has no iat", NULL, JTI HTM HTU ATH ",\"iat\":\"1562262618\"");
    expect("has no iat", NULL, JTI HTM HTU ATH ",\"iat\":1e400");
    expect("has a payload that is no JSON object", NULL, ALL JTI);
    expect("has a nonce that is no text", NULL, ALL ",\"nonce\":null");

    expect("has another htm", NULL, JTI HTU IAT ATH ",\"htm\":\"POST\"");
    expect("has another htm", NULL, JTI HTU IAT ATH ",\"htm\":\"get\"");

    expect("has the ath of another token", NULL, JTI HTM HTU IAT
           ",\"ath\":\"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEp\"");
    expect("has the ath of another token", NULL, JTI HTM HTU IAT
           ",\"ath\":\"fUHyO2r2\"");

    expect(NULL, NULL, JTI HTM HTU ATH ",\"iat\":1562262648");
    expect("was made in the future", NULL,
           JTI HTM HTU ATH ",\"iat\":1562262648.5");
    expect(NULL, NULL, JTI HTM HTU ATH ",\"iat\":1562262528.5");
    expect("is too old", NULL, JTI HTM HTU ATH ",\"iat\":1562262528");

    expect(NULL, NULL, ALL ",\"exp\":1562262618,\"nbf\":1562262648");
    expect("is not good now, by its own exp or nbf", NULL,
           ALL ",\"exp\":1562262588");
    expect("is not good now, by its own exp or nbf", NULL,
           ALL ",\"nbf\":1562262649");
    expect("is not good now, by its own exp or nbf", NULL,
           ALL ",\"nbf\":\"1\"");
}


/* 4.3: 9 */

static void
test_htu(void **state)
{
    size_t  i;
    char    claims[512];

    static const struct {
        const char  *htu;
        const char  *origin;
        const char  *path;
        const char  *want;      /* NULL: it is ours */
    } cases[] = {
        { "https://a.test/x", "https://a.test", "/x", NULL },
        { "HTTPS://A.Test:443/x?q=1#f", "https://a.test", "/x", NULL },
        { "https://a.test/x#f?q", "https://a.test", "/x", NULL },
        { "https://a.test", "https://a.test:443", "/", NULL },
        { "https://a.test?x", "https://a.test", "/", NULL },
        { "https://[::1]:8443/x", "https://[::1]:8443", "/x", NULL },
        { "https://a.test/%7ex/%c3%a9", "https://a.test", "/~x/%C3%A9",
          NULL },
        { "https://a.test/a/b/../%2E/c", "https://a.test", "/a/c", NULL },
        { "https://a.test/x", "https://a.test", "*", "path" },
        { "https://a.test//x", "https://a.test", "/x", "path" },
        { "https://a.test/x/", "https://a.test", "/x", "path" },
        { "https://a.test/X", "https://a.test", "/x", "path" },
        { "https://a.test/a%2fb", "https://a.test", "/a/b", "path" },
        { "http://a.test/x", "https://a.test", "/x", "origin" },
        { "https://a.test:444/x", "https://a.test", "/x", "origin" },
        { "https://b.a.test/x", "https://a.test", "/x", "origin" },
        { "https://a.test@b.test/x", "https://a.test", "/x", "origin" },
        { "https://b.test%5c@a.test/x", "https://a.test", "/x", "origin" },
        { "/x", "https://a.test", "/x", "origin" },
        { "https://:443/x", "https://a.test", "/x", "origin" },
        { "urn:x", "https://a.test", "/x", "origin" },
        { "https://a.test/x", "", "/x", "origin" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        request.origin = str(cases[i].origin);
        request.path = str(cases[i].path);

        snprintf(claims, sizeof(claims), JTI HTM IAT ATH ",\"htu\":\"%s\"",
                 cases[i].htu);

        expect(cases[i].want == NULL ? NULL
               : strcmp(cases[i].want, "path") == 0
                 ? "has another htu: its path" : "has another htu: its origin",
               NULL, claims);
    }

    request.origin = STR("https://resource.example.org");
    request.path = STR("/protectedresource");
}


/* one id for one jti of one key */

static void
test_id(void **state)
{
    char       *head;
    rt_dpop_t   a, b;

    (void) state;

    expect(NULL, NULL, ALL);

    head = header("dpop+jwt", "ES256", jwk(""));

    assert_null(judge_text(make(head, ALL ",\"nonce\":\"n\""), &a));
    assert_true(rt_str_lit(&a.nonce, "n"));

    assert_null(judge_text(make(head, ALL ",\"more\":1"), &b));
    assert_memory_equal(a.id, b.id, RT_DPOP_ID);

    assert_null(judge_text(make(head, HTM HTU IAT ATH ",\"jti\":\"k\""), &b));
    assert_memory_not_equal(a.id, b.id, RT_DPOP_ID);
}


static int
make_key(void **state)
{
    (void) state;

    pkey = jose_key("EC", 0, "P-256");

    return pkey == NULL;
}


static int
free_key(void **state)
{
    (void) state;

    EVP_PKEY_free(pkey);

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_thumbprint),
        ARENA_TEST(test_example),
        ARENA_TEST(test_header),
        ARENA_TEST(test_signature),
        ARENA_TEST(test_claims),
        ARENA_TEST(test_htu),
        ARENA_TEST(test_id),
    };

    return cmocka_run_group_tests(tests, make_key, free_key);
}

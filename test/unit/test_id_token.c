
#include <openssl/err.h>

#include "rt_hex.h"
#include "jose/rt_claims.h"
#include "oidc/rt_id_token.h"


#define NOW  1764360000

#define SUB    "\"iss\":\"https://i\",\"sub\":\"ann\",\"iat\":1764360000"
#define NONCE  "\"nonce\":\"n-1\""
#define AUD    "\"aud\":\"gateway\""

/* OpenID Connect Core 1.0, appendix A.3 */
#define ACCESS_TOKEN  "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"


static int64_t         auth_time;
static const char     *why;
static rt_id_token_t   want;


static rt_json_t *
claims_of(const char *members)
{
    char       *text;
    rt_str_t    s;
    rt_json_t  *claims;

    text = rt_alloc(&mem, strlen(members) + 3);
    sprintf(text, "{%s}", members);
    s = str(text);

    assert_int_equal(rt_claims_parse(&mem, &s, &claims), RT_REASON_OK);

    return claims;
}


static int
wanted(void **state)
{
    (void) arena_setup(state);

    memset(&want, 0, sizeof(rt_id_token_t));
    want.client_id = STR("gateway");
    want.nonce = STR("n-1");
    want.access_token = STR(ACCESS_TOKEN);
    want.alg = rt_jwa(RT_JWA_RS256);
    want.now = NOW;
    want.leeway = 30;
    want.max_age = -1;

    return 0;
}


static void
accepted(const char *members)
{
    auth_time = -1;
    assert_int_equal(rt_id_token_check(&want, claims_of(members), &auth_time,
                                       &why), RT_OK);
    assert_null(why);
}


static void
refused(const char *members, const char *phrase)
{
    assert_int_equal(rt_id_token_check(&want, claims_of(members), &auth_time,
                                       &why), RT_DECLINED);
    assert_string_equal(why, phrase);
    assert_int_equal(auth_time, 0);
    assert_int_equal(ERR_peek_error(), 0);
}


static void
plain(void **state)
{
    (void) state;

    accepted(SUB "," AUD "," NONCE);
    assert_int_equal(auth_time, 0);

    refused("\"sub\":\"ann\"," AUD "," NONCE, "has no iat");
    refused("\"sub\":\"ann\",\"iat\":\"1\"," AUD "," NONCE, "has no iat");
    refused("\"iat\":1," AUD "," NONCE, "has no sub");
    refused("\"iat\":1,\"sub\":\"\"," AUD "," NONCE, "has no sub");
    refused("\"iat\":1,\"sub\":7," AUD "," NONCE, "has no sub");
}


/* the provider's bearer tokens may have other audiences: not this one */

static void
audience(void **state)
{
    size_t  i;

    static const char *const  others[] = {
        "\"x\":1", "\"aud\":\"other\"", "\"aud\":\"gatewa\"",
        "\"aud\":\"gateway2\"", "\"aud\":[]", "\"aud\":[\"other\"]",
        "\"aud\":[7]", "\"aud\":{\"a\":\"gateway\"}", "\"aud\":null",
        "\"aud\":\"\"", "\"aud\":[[\"gateway\"]]",
        "\"aud\":\"GATEWAY\"", "\"aud\":\"other\",\"azp\":\"gateway\""
    };

    char  text[256];

    (void) state;

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        snprintf(text, sizeof(text), SUB "," NONCE ",%s", others[i]);
        refused(text, "is for another client");
    }

    accepted(SUB "," NONCE ",\"aud\":[\"gateway\"]");
}


static void
azp(void **state)
{
    (void) state;

#define TWO  "\"aud\":[\"api\",\"gateway\"]"

    accepted(SUB "," NONCE "," AUD ",\"azp\":\"gateway\"");
    accepted(SUB "," NONCE "," TWO ",\"azp\":\"gateway\"");
    accepted(SUB "," NONCE ",\"aud\":[\"gateway\"],\"azp\":\"gateway\"");

    refused(SUB "," NONCE "," TWO, "has several audiences and no azp");
    refused(SUB "," NONCE ",\"aud\":[\"gateway\",\"gateway\"]",
            "has several audiences and no azp");
    refused(SUB "," NONCE "," TWO ",\"azp\":\"api\"",
            "was issued to another client");
    refused(SUB "," NONCE "," AUD ",\"azp\":\"mobile\"",
            "was issued to another client");
    refused(SUB "," NONCE "," AUD ",\"azp\":\"\"",
            "was issued to another client");
    refused(SUB "," NONCE "," AUD ",\"azp\":null",
            "was issued to another client");
    refused(SUB "," NONCE "," AUD ",\"azp\":[\"gateway\"]",
            "was issued to another client");
}


/* CVE-2024-10318: it was never looked at */

static void
nonce(void **state)
{
    (void) state;

    refused(SUB "," AUD, "has another nonce");
    refused(SUB "," AUD ",\"nonce\":null", "has another nonce");
    refused(SUB "," AUD ",\"nonce\":\"\"", "has another nonce");
    refused(SUB "," AUD ",\"nonce\":7", "has another nonce");
    refused(SUB "," AUD ",\"nonce\":[\"n-1\"]", "has another nonce");
    refused(SUB "," AUD ",\"nonce\":\"n-2\"", "has another nonce");
    refused(SUB "," AUD ",\"nonce\":\"N-1\"", "has another nonce");
    refused(SUB "," AUD ",\"nonce\":\"n-\"", "has another nonce");
    refused(SUB "," AUD ",\"nonce\":\"n-1 \"", "has another nonce");

    want.nonce = (rt_str_t) rt_null_string;
    refused(SUB "," AUD, "has another nonce");
    refused(SUB "," AUD ",\"nonce\":\"\"", "has another nonce");
}


static void
at_hash(void **state)
{
    size_t  i;
    char    text[256];

    static const struct {
        rt_jwa_e     alg;
        const char  *hash;
    } rows[] = {

        /* OpenID Connect Core 1.0, appendix A.3 */
        { RT_JWA_RS256, "77QmUPtjPfzWtF2AnpK9RQ" },

        /* the same access token, by another program */
        { RT_JWA_PS256, "77QmUPtjPfzWtF2AnpK9RQ" },
        { RT_JWA_HS256, "77QmUPtjPfzWtF2AnpK9RQ" },
        { RT_JWA_ES384, "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs" },
        { RT_JWA_RS512, "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM" },
        { RT_JWA_ED25519, "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM" },
        { RT_JWA_EDDSA, "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM" },
        { RT_JWA_EDDSA, "W6Ie3EoycJT-JESJ2WSAWX7LRP3FuHvmvNycBMeL-NngYGhJXChp"
                        "7YRUBdOXcrKGZD4qnhCAstjO" },
        { RT_JWA_ED448, "W6Ie3EoycJT-JESJ2WSAWX7LRP3FuHvmvNycBMeL-NngYGhJXChp"
                        "7YRUBdOXcrKGZD4qnhCAstjO" }
    };

    static const char *const  bad[] = {
        "\"77QmUPtjPfzWtF2AnpK9RR\"", "\"77QmUPtjPfzWtF2AnpK9R\"", "\"\"",
        "null", "7", "\"77QmUPtjPfzWtF2AnpK9RQ==\"",
        "\"q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM\"",

        /* the right half */
        "\"aletaWt5x1stTIkMhvtLpA\""
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), SUB "," AUD "," NONCE
                 ",\"at_hash\":\"%s\"", rows[i].hash);

        want.alg = rt_jwa(rows[i].alg);
        want.access_token = STR(ACCESS_TOKEN);
        accepted(text);

        want.access_token.len--;
        refused(text, "has an at_hash of another access token");
        want.access_token = (rt_str_t) rt_null_string;
        refused(text, "has an at_hash of another access token");
    }

    want.alg = rt_jwa(RT_JWA_RS256);
    want.access_token = STR(ACCESS_TOKEN);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), SUB "," AUD "," NONCE ",\"at_hash\":%s",
                 bad[i]);
        refused(text, "has an at_hash of another access token");
    }

    /* each Edwards curve has its own hash */

    want.alg = rt_jwa(RT_JWA_ED25519);
    snprintf(text, sizeof(text), SUB "," AUD "," NONCE ",\"at_hash\":\"%s\"",
             rows[8].hash);
    refused(text, "has an at_hash of another access token");

    want.alg = rt_jwa(RT_JWA_ED448);
    snprintf(text, sizeof(text), SUB "," AUD "," NONCE ",\"at_hash\":\"%s\"",
             rows[5].hash);
    refused(text, "has an at_hash of another access token");
}


static void
times(void **state)
{
    (void) state;

#define AT(t)  SUB "," AUD "," NONCE ",\"auth_time\":" t

    accepted(AT("1764359000"));
    assert_int_equal(auth_time, 1764359000);
    accepted(AT("1764359000.75"));
    assert_int_equal(auth_time, 1764359000);
    accepted(AT("1764360030"));
    refused(AT("1764360031"), "has an auth_time in the future");

    refused(AT("\"1764359000\""), "has an auth_time that is no time");
    refused(AT("-1"), "has an auth_time that is no time");
    refused(AT("1e300"), "has an auth_time that is no time");

    want.max_age = 100;
    accepted(AT("1764359870"));
    refused(AT("1764359869"), "has an auth_time that is too long ago");
    refused(SUB "," AUD "," NONCE, "has no auth_time");

    /* prompt=login, in other words */

    want.max_age = 0;
    accepted(AT("1764359970"));
    refused(AT("1764359969"), "has an auth_time that is too long ago");
    refused(SUB "," AUD "," NONCE, "has no auth_time");

    want.max_age = INT64_MAX;
    want.leeway = INT64_MAX;
    accepted(AT("0"));
}


static void
refresh(void **state)
{
    (void) state;

    want.former = claims_of(SUB "," NONCE);

    /* 12.2: it should have none; one that is there is the former one */

    accepted(SUB "," AUD);
    accepted(SUB "," AUD "," NONCE);
    refused(SUB "," AUD ",\"nonce\":\"n-2\"",
            "has another nonce than the session");

    refused("\"iss\":\"https://i\",\"sub\":\"bob\",\"iat\":1," AUD,
            "is another user's than the session");
    refused("\"iss\":\"https://i\",\"sub\":\"Ann\",\"iat\":1," AUD,
            "is another user's than the session");
    refused("\"iss\":\"https://j\",\"sub\":\"ann\",\"iat\":1," AUD,
            "has another issuer than the session");
    refused("\"sub\":\"ann\",\"iat\":1," AUD,
            "has another issuer than the session");
    refused("\"iss\":\"https://i\",\"iat\":1," AUD, "has no sub");
    refused(SUB ",\"aud\":\"other\"", "is for another client");
    refused(SUB "," AUD ",\"at_hash\":\"x\"",
            "has an at_hash of another access token");

    /* claims of userinfo alone have no nonce */

    want.former = claims_of(SUB);
    accepted(SUB "," AUD ",\"nonce\":\"n-2\"");

    want.former = claims_of("\"iss\":\"https://i\"");
    refused(SUB "," AUD, "is another user's than the session");
    want.former = claims_of("\"sub\":\"ann\"");
    refused(SUB "," AUD, "has another issuer than the session");
}


static void
same_sub(void **state)
{
    rt_json_t  *a, *b;

    (void) state;

    a = claims_of("\"sub\":\"ann\"");
    b = claims_of("\"sub\":\"ann\",\"x\":1");
    assert_true(rt_id_token_same_sub(a, b));

    b = claims_of("\"sub\":\"anna\"");
    assert_false(rt_id_token_same_sub(a, b));
    assert_false(rt_id_token_same_sub(b, a));

    b = claims_of("\"x\":1");
    assert_false(rt_id_token_same_sub(a, b));
    assert_false(rt_id_token_same_sub(b, a));
    assert_false(rt_id_token_same_sub(b, b));

    b = claims_of("\"sub\":\"\"");
    assert_false(rt_id_token_same_sub(b, b));
    b = claims_of("\"sub\":7");
    assert_false(rt_id_token_same_sub(b, b));
}


#define TOKEN_TEST(f)                                                         \
    cmocka_unit_test_setup_teardown(f, wanted, arena_teardown)


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TOKEN_TEST(plain),
        TOKEN_TEST(audience),
        TOKEN_TEST(azp),
        TOKEN_TEST(nonce),
        TOKEN_TEST(at_hash),
        TOKEN_TEST(times),
        TOKEN_TEST(refresh),
        TOKEN_TEST(same_sub)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

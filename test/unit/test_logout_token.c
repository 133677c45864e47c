
#include "rt_test.h"
#include "jose/rt_claims.h"
#include "oidc/rt_logout_token.h"


#define NOW     1700000000
#define LEEWAY  30

#define EVENT   "http://schemas.openid.net/event/backchannel-logout"

/* what a good one has, each member with a comma in front */
#define ISS     ",\"iss\":\"https://op\""
#define AUD     ",\"aud\":\"us\""
#define IAT     ",\"iat\":1700000000"
#define EXP     ",\"exp\":1700000120"
#define JTI     ",\"jti\":\"j1\""
#define EVENTS  ",\"events\":{\"" EVENT "\":{}}"
#define SUB     ",\"sub\":\"u1\""
#define SID     ",\"sid\":\"s1\""

#define ALL_BUT_ISS     AUD IAT EXP JTI EVENTS SUB SID
#define ALL_BUT_AUD     ISS IAT EXP JTI EVENTS SUB SID
#define ALL_BUT_TIMES   ISS AUD JTI EVENTS SUB SID
#define ALL_BUT_JTI     ISS AUD IAT EXP EVENTS SUB SID
#define ALL_BUT_EVENTS  ISS AUD IAT EXP JTI SUB SID
#define ALL_BUT_WHOM    ISS AUD IAT EXP JTI EVENTS
#define ALL             ALL_BUT_WHOM SUB SID


static const rt_logout_policy_t  policy = {
    rt_string("https://op"), rt_string("us"), LEEWAY
};


static rt_json_t *
claims_of(const char *members)
{
    char       *text;
    rt_str_t    payload;
    rt_json_t  *claims;

    text = rt_alloc(&mem, strlen(members) + 16);
    sprintf(text, "{\"x\":1%s}", members);
    payload = str(text);

    assert_int_equal(rt_claims_parse(&mem, &payload, &claims), RT_REASON_OK);

    return claims;
}


/* NULL when it is accepted */

static const char *
judge(const char *members, const char *typ, int64_t now,
    rt_logout_token_t *token)
{
    rt_str_t     type;
    const char  *why;

    type = (rt_str_t) rt_null_string;

    if (typ) {
        type = str(typ);
    }

    if (rt_logout_token_check(&policy, &type, claims_of(members), now, token,
                              &why)
        == RT_OK)
    {
        return NULL;
    }

    assert_non_null(why);

    return why;
}


static void
test_good(void **state)
{
    size_t             i;
    const char        *why;
    rt_logout_token_t  t;

    static const char  *good[] = {
        ALL,
        ALL_BUT_WHOM SUB,
        ALL_BUT_WHOM SID,
        ALL_BUT_TIMES IAT,
        ALL_BUT_TIMES ",\"iat\":1699999999.75,\"exp\":1700000001.5",
        ALL_BUT_AUD ",\"aud\":[\"us\"]",
        ALL_BUT_AUD ",\"aud\":[1,\"them\",\"us\"]",
        ALL_BUT_EVENTS ",\"events\":{\"other\":1,\"" EVENT "\":{\"a\":1}}",
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        why = judge(good[i], "logout+jwt", NOW, &t);

        if (why) {
            fail_msg("%s %s", good[i], why);
        }

        assert_true(rt_str_lit(&t.jti, "j1"));
        assert_true(t.sub.len == 0 || rt_str_lit(&t.sub, "u1"));
        assert_true(t.sid.len == 0 || rt_str_lit(&t.sid, "s1"));
    }

    assert_null(judge(ALL_BUT_WHOM SUB, NULL, NOW, &t));
    assert_int_equal(t.sub.len, 2);
    assert_int_equal(t.sid.len, 0);
    assert_int_equal(t.iat, NOW);
}


static void
test_type(void **state)
{
    size_t             i;
    rt_logout_token_t  t;

    static const char  *good[] = {
        NULL, "logout+jwt", "Logout+JWT", "application/logout+jwt", "JWT",
        "jwt", "application/JWT",
    };
    static const char  *bad[] = {
        "", "at+jwt", "logout", "logout+jwt ", "secevent+jwt", "text/jwt",
        "JWTX",
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_null(judge(ALL, good[i], NOW, &t));
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_string_equal(judge(ALL, bad[i], NOW, &t),
                            "is of another type than logout+jwt");
    }
}


static void
test_bad(void **state)
{
    size_t             i;
    const char        *why;
    rt_logout_token_t  t;

    static const struct {
        const char  *members;
        const char  *why;
    } bad[] = {
        { ALL_BUT_ISS, "is of another issuer" },
        { ALL_BUT_ISS ",\"iss\":\"https://op/\"", "is of another issuer" },
        { ALL_BUT_ISS ",\"iss\":[\"https://op\"]", "is of another issuer" },
        { ALL_BUT_AUD, "is for another audience" },
        { ALL_BUT_AUD ",\"aud\":\"them\"", "is for another audience" },
        { ALL_BUT_AUD ",\"aud\":[]", "is for another audience" },
        { ALL_BUT_AUD ",\"aud\":[\"u\",\"us2\"]", "is for another audience" },
        { ALL_BUT_AUD ",\"aud\":[[\"us\"]]", "is for another audience" },
        { ALL_BUT_AUD ",\"aud\":{\"us\":\"us\"}", "is for another audience" },
        { ALL_BUT_TIMES EXP, "has no time in iat" },
        { ALL_BUT_TIMES EXP ",\"iat\":\"1700000000\"", "has no time in iat" },
        { ALL_BUT_TIMES EXP ",\"iat\":-1", "has no time in iat" },
        { ALL_BUT_TIMES EXP ",\"iat\":1e300", "has no time in iat" },
        { ALL_BUT_TIMES EXP ",\"iat\":1e999", "has no time in iat" },
        { ALL_BUT_TIMES IAT ",\"exp\":null", "has no time in exp" },
        { ALL_BUT_TIMES IAT ",\"exp\":1e300", "has no time in exp" },
        { ALL_BUT_TIMES IAT ",\"exp\":0", "is expired or too old" },
        { ALL_BUT_TIMES EXP ",\"iat\":0", "is expired or too old" },
        { ALL_BUT_TIMES EXP ",\"iat\":1700000030.5",
          "is issued in the future" },
        { ALL_BUT_JTI, "has no jti, or one that is no plain short text" },
        { ALL_BUT_JTI ",\"jti\":\"\"",
          "has no jti, or one that is no plain short text" },
        { ALL_BUT_JTI ",\"jti\":1",
          "has no jti, or one that is no plain short text" },
        { ALL_BUT_EVENTS, "has no events" },
        { ALL_BUT_EVENTS ",\"events\":\"" EVENT "\"", "has no events" },
        { ALL_BUT_EVENTS ",\"events\":[\"" EVENT "\"]", "has no events" },
        { ALL_BUT_EVENTS ",\"events\":{}",
          "is about another event than a logout" },
        { ALL_BUT_EVENTS ",\"events\":{\"" EVENT "\":true}",
          "is about another event than a logout" },
        { ALL_BUT_EVENTS ",\"events\":{\"" EVENT "s\":{}}",
          "is about another event than a logout" },
        { ALL ",\"nonce\":\"n\"", "has a nonce" },
        { ALL ",\"nonce\":null", "has a nonce" },
        { ALL_BUT_WHOM, "has neither sub nor sid" },
        { ALL_BUT_WHOM SUB ",\"sid\":\"\"",
          "has a sub or sid that is no plain short text" },
        { ALL_BUT_WHOM SID ",\"sub\":1",
          "has a sub or sid that is no plain short text" },
        { ALL_BUT_WHOM SUB ",\"sid\":null",
          "has a sub or sid that is no plain short text" },
        { ALL_BUT_WHOM ",\"sub\":\"a\\n\"",
          "has a sub or sid that is no plain short text" },
        { ALL_BUT_WHOM ",\"sid\":\" a\"",
          "has a sub or sid that is no plain short text" },
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        why = judge(bad[i].members, "logout+jwt", NOW, &t);

        if (why == NULL || strcmp(why, bad[i].why) != 0) {
            fail_msg("%s: %s", bad[i].members, why ? why : "is accepted");
        }
    }
}


/* the last second in which each is accepted, and the first in which not */

static void
test_borders(void **state)
{
    size_t             i;
    rt_logout_token_t  t;

    static const struct {
        const char  *members;
        int64_t      until;
    } list[] = {
        { ALL, NOW + 120 + LEEWAY },
        { ALL_BUT_TIMES IAT, NOW + RT_LOGOUT_MAX_AGE + LEEWAY + 1 },
        { ALL_BUT_TIMES IAT ",\"exp\":253402300799",
          NOW + RT_LOGOUT_MAX_AGE + LEEWAY + 1 },
        { ALL_BUT_TIMES IAT ",\"exp\":1700000000.5", NOW + 1 + LEEWAY },
    };

    (void) state;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        assert_null(judge(list[i].members, NULL, list[i].until - 1, &t));
        assert_int_equal(t.until, list[i].until);

        assert_string_equal(judge(list[i].members, NULL, list[i].until, &t),
                            "is expired or too old");
    }

    assert_null(judge(ALL, NULL, NOW - LEEWAY, &t));
    assert_string_equal(judge(ALL, NULL, NOW - LEEWAY - 1, &t),
                        "is issued in the future");
}


static void
test_long(void **state)
{
    char               text[1024], name[RT_LOGOUT_MAX_TEXT + 2];
    size_t             i, len;
    rt_logout_token_t  t;

    static const struct {
        const char  *members;
        const char  *name;
    } list[] = {
        { ALL_BUT_JTI, "jti" },
        { ALL_BUT_WHOM SID, "sub" },
        { ALL_BUT_WHOM SUB, "sid" },
    };

    (void) state;

    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        for (len = RT_LOGOUT_MAX_TEXT; len <= RT_LOGOUT_MAX_TEXT + 1; len++) {
            memset(name, 'a', len);
            name[len] = '\0';

            snprintf(text, sizeof(text), "%s,\"%s\":\"%s\"", list[i].members,
                     list[i].name, name);

            assert_int_equal(judge(text, NULL, NOW, &t) == NULL,
                             len == RT_LOGOUT_MAX_TEXT);
        }
    }
}


/* a policy without a name fits no token without a name */

static void
test_empty_policy(void **state)
{
    const char          *why;
    rt_str_t             typ = rt_null_string;
    rt_logout_policy_t   p;
    rt_logout_token_t    t;

    (void) state;

    p = policy;
    p.issuer = STR("");
    assert_int_equal(rt_logout_token_check(&p, &typ,
                         claims_of(ALL_BUT_ISS ",\"iss\":\"\""), NOW, &t,
                         &why), RT_DECLINED);
    assert_string_equal(why, "is of another issuer");

    p = policy;
    p.client_id = STR("");
    assert_int_equal(rt_logout_token_check(&p, &typ,
                         claims_of(ALL_BUT_AUD ",\"aud\":\"\""), NOW, &t,
                         &why), RT_DECLINED);
    assert_string_equal(why, "is for another audience");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_good),
        ARENA_TEST(test_type),
        ARENA_TEST(test_bad),
        ARENA_TEST(test_borders),
        ARENA_TEST(test_long),
        ARENA_TEST(test_empty_policy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

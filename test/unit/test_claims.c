
/* rt_claims: what a payload has to say, and how claims are written */

#include "rt_test.h"
#include "rt_claims_tree.h"
#include "jose/rt_claims.h"


#define NOW     1000000

/* a payload that is accepted, open for more members */
#define GOOD    "\"iss\":\"https://a\",\"aud\":\"tools\",\"exp\":1000100"


static rt_str_t            tools[] = { rt_string("tools"),
                                       rt_string("more") };
static rt_claims_policy_t  policy;


static int
setup(void **state)
{
    (void) arena_setup(state);

    memset(&policy, 0, sizeof(policy));
    policy.issuer = STR("https://a");
    policy.audiences = tools;
    policy.naudiences = 2;
    policy.leeway = 30;

    return 0;
}


static rt_reason_e
check_typ(const char *typ, const char *claims)
{
    rt_str_t  t;

    t.data = (unsigned char *) typ;
    t.len = typ ? strlen(typ) : 0;

    return rt_claims_check(&policy, &t, tree_of(&arena, claims), NOW, NULL);
}


static void
expect(const char *typ, const char *claims, rt_reason_e want)
{
    rt_reason_e  got;

    got = check_typ(typ, claims);

    if (got != want) {
        fail_msg("%s: %s, not %s", claims, rt_reason(got)->name.data,
                 rt_reason(want)->name.data);
    }
}


static void
test_parse(void **state)
{
    size_t      i;
    rt_str_t    text;
    rt_json_t  *claims;

    static const char  *bad[] = {
        "", "[]", "1", "\"x\"", "{", "{}x", "{\"a\":1,\"a\":1}",
        "{\"a\":\"\\u0000\"}", "{\"a\\u0000\":1}", "{\"a\":\"\xff\"}",
        "Payload", "{\"x\":{\"a\":1,\"\\u0061\":2}}"
    };

    (void) state;

    assert_int_equal(rt_claims_parse(&mem, &STR("{\"a\":1}"), &claims),
                     RT_REASON_OK);
    assert_non_null(rt_json_member(claims, "a"));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        text.data = (unsigned char *) bad[i];
        text.len = strlen(bad[i]);
        assert_int_equal(rt_claims_parse(&mem, &text, &claims),
                         RT_REASON_BAD_PAYLOAD);
        assert_null(claims);
    }

    arena.left = 0;
    assert_int_equal(rt_claims_parse(&mem, &STR("{}"), &claims),
                     RT_REASON_INTERNAL);
    arena.left = -1;
}


static void
test_type(void **state)
{
    size_t  i;

    static const char  *good[] = {
        NULL, "JWT", "jwt", "at+jwt", "AT+JWT", "application/jwt",
        "Application/at+JWT"
    };
    static const char  *bad[] = {
        "", "logout+jwt", "application/logout+jwt", "secevent+jwt", "JWT ",
        "dpop+jwt", "JOSE", "application/", "application/application/jwt",
        "oauth-authz-req+jwt", "JW", "JWTx", "absent"
    };
    static const rt_str_t  listed[] = {
        rt_string("at+jwt"), rt_string("application/my+jwt"),
    };
    static const rt_str_t  absent = rt_string("absent");

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        expect(good[i], "{" GOOD "}", RT_REASON_OK);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        expect(bad[i], "{" GOOD "}", RT_REASON_BAD_TYPE);
    }

    policy.types = listed;
    policy.ntypes = 2;
    expect("at+jwt", "{" GOOD "}", RT_REASON_OK);
    expect("application/AT+jwt", "{" GOOD "}", RT_REASON_OK);
    expect("my+jwt", "{" GOOD "}", RT_REASON_OK);
    expect("JWT", "{" GOOD "}", RT_REASON_BAD_TYPE);
    expect(NULL, "{" GOOD "}", RT_REASON_BAD_TYPE);
    expect("absent", "{" GOOD "}", RT_REASON_BAD_TYPE);

    policy.types = &absent;
    policy.ntypes = 1;
    expect(NULL, "{" GOOD "}", RT_REASON_OK);
    expect("absent", "{" GOOD "}", RT_REASON_BAD_TYPE);
    expect("JWT", "{" GOOD "}", RT_REASON_BAD_TYPE);
    policy.ntypes = 0;

    assert_true(rt_claims_type_allowed(&listed[1]));
    assert_false(rt_claims_type_allowed(&STR("Application/DPoP+jwt")));
    assert_false(rt_claims_type_allowed(&STR("logout+jwt")));

    expect(NULL, "{" GOOD ",\"events\":{}}", RT_REASON_BAD_TYPE);
    expect("at+jwt", "{" GOOD ",\"events\":null}", RT_REASON_BAD_TYPE);
    expect("at+jwt", "{" GOOD ",\"cnf\":{\"jkt\":\"x\"}}",
           RT_REASON_CONFIRMATION);
    expect(NULL, "{" GOOD ",\"cnf\":null}", RT_REASON_CONFIRMATION);

    policy.bound = 1;
    expect(NULL, "{" GOOD ",\"cnf\":null}", RT_REASON_OK);
    expect(NULL, "{" GOOD ",\"cnf\":{},\"events\":{}}", RT_REASON_BAD_TYPE);
}


static void
test_id_token(void **state)
{
    (void) state;

    expect("JWT", "{" GOOD ",\"nonce\":\"x\"}", RT_REASON_BAD_TYPE);
    expect(NULL, "{" GOOD ",\"at_hash\":\"x\"}", RT_REASON_BAD_TYPE);
    expect(NULL, "{" GOOD ",\"c_hash\":\"x\"}", RT_REASON_BAD_TYPE);
    expect(NULL, "{" GOOD ",\"s_hash\":\"x\"}", RT_REASON_BAD_TYPE);
    expect(NULL, "{" GOOD ",\"typ\":\"ID\"}", RT_REASON_BAD_TYPE);
    expect(NULL, "{" GOOD ",\"typ\":\"id\"}", RT_REASON_BAD_TYPE);
    expect(NULL, "{" GOOD ",\"token_use\":\"id\"}", RT_REASON_BAD_TYPE);
    expect(NULL, "{" GOOD ",\"token_use\":\"access\"}", RT_REASON_OK);
    expect(NULL, "{" GOOD ",\"token_use\":\"id\",\"typ\":\"Bearer\"}",
           RT_REASON_BAD_TYPE);

    /* access tokens that have a nonce */

    expect("at+jwt", "{" GOOD ",\"nonce\":\"x\"}", RT_REASON_OK);
    expect("JWT", "{" GOOD ",\"nonce\":\"x\",\"typ\":\"Bearer\"}",
           RT_REASON_OK);

    /* the audience names the client */

    policy.client_id = STR("other");
    expect(NULL, "{" GOOD ",\"nonce\":\"x\"}", RT_REASON_BAD_TYPE);
    policy.client_id = STR("more");
    expect(NULL, "{" GOOD ",\"nonce\":\"x\"}", RT_REASON_OK);
    policy.any_audience = 1;
    policy.naudiences = 0;
    expect(NULL, "{" GOOD ",\"nonce\":\"x\"}", RT_REASON_BAD_TYPE);
}


/* what is issued to get tokens with is no token of a bearer */

static void
test_issued_as(void **state)
{
    char      claims[256];
    size_t    i;
    unsigned  h;

    static const char  *refused[] = {
        "\"typ\":\"Refresh\"", "\"typ\":\"Offline\"",
        "\"typ\":\"Logout\"", "\"typ\":\"refresh\"",
        "\"typ\":\"OFFLINE\"", "\"typ\":\"Serialized-ID\"",
        "\"typ\":\"RegistrationAccessToken\"",
        "\"typ\":\"InitialAccessToken\"", "\"typ\":[\"Refresh\"]",
        "\"typ\":[\"Bearer\"]", "\"typ\":null",
        "\"token_type\":\"refresh\"", "\"type\":\"refresh\"",
        "\"token_use\":\"refresh\""
    };
    static const char  *taken[] = {
        "\"typ\":\"Bearer\"", "\"typ\":\"access\"",
        "\"token_type\":\"access\"", "\"token_type\":\"Bearer\"",
        "\"type\":\"access\"", "\"type\":[\"refresh\"]",
        "\"typ\":\"Refreshed\"", "\"x\":{\"typ\":\"Refresh\"}"
    };
    static const char  *headers[] = { NULL, "JWT", "at+jwt" };

    (void) state;

    /* a name of ours among the audiences takes ID tokens, and none of these */

    policy.client_id = tools[0];

    for (h = 0; h < 3; h++) {
        for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
            snprintf(claims, sizeof(claims), "{" GOOD ",%s}", refused[i]);
            expect(headers[h], claims, RT_REASON_BAD_TYPE);
        }

        for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
            snprintf(claims, sizeof(claims), "{" GOOD ",%s}", taken[i]);
            expect(headers[h], claims, RT_REASON_OK);
        }
    }
}


static void
test_subject(void **state)
{
    (void) state;

    expect(NULL, "{" GOOD "}", RT_REASON_OK);
    expect(NULL, "{" GOOD ",\"sub\":\"\"}", RT_REASON_OK);
    expect(NULL, "{" GOOD ",\"sub\":\" boss\"}", RT_REASON_BAD_CLAIM);
    expect(NULL, "{" GOOD ",\"sub\":\"bo\\nss\"}", RT_REASON_BAD_CLAIM);

    policy.require_sub = 1;

    expect(NULL, "{" GOOD "}", RT_REASON_NO_SUB);
    expect(NULL, "{" GOOD ",\"sub\":\"\"}", RT_REASON_NO_SUB);
    expect(NULL, "{" GOOD ",\"sub\":null}", RT_REASON_BAD_CLAIM);
    expect(NULL, "{" GOOD ",\"sub\":\"boss\\u00a0\"}",
           RT_REASON_BAD_CLAIM);
    expect(NULL, "{" GOOD ",\"sub\":\"u\"}", RT_REASON_OK);
    expect(NULL, "{" GOOD ",\"sub\":\"auth0|a b\"}", RT_REASON_OK);
}


static void
test_issuer(void **state)
{
    (void) state;

#define ISS(v)  "{\"iss\":" v ",\"aud\":\"tools\",\"exp\":1000100}"

    expect(NULL, ISS("\"https://a\""), RT_REASON_OK);
    expect(NULL, ISS("\"https://a/\""), RT_REASON_WRONG_ISSUER);
    expect(NULL, ISS("\"https://A\""), RT_REASON_WRONG_ISSUER);
    expect(NULL, ISS("\"https://\""), RT_REASON_WRONG_ISSUER);
    expect(NULL, ISS("\"\""), RT_REASON_WRONG_ISSUER);
    expect(NULL, ISS("[\"https://a\"]"), RT_REASON_WRONG_ISSUER);
    expect(NULL, ISS("null"), RT_REASON_WRONG_ISSUER);
    expect(NULL, "{\"aud\":\"tools\",\"exp\":1000100}",
           RT_REASON_WRONG_ISSUER);

    expect(NULL, "{" GOOD ",\"sub\":\"u\"}", RT_REASON_OK);
    expect(NULL, "{" GOOD ",\"sub\":1}", RT_REASON_BAD_CLAIM);
    expect(NULL, "{" GOOD ",\"sub\":null}", RT_REASON_BAD_CLAIM);

    /* a policy that names no issuer accepts nobody */

    memset(&policy.issuer, 0, sizeof(rt_str_t));
    expect(NULL, ISS("\"\""), RT_REASON_WRONG_ISSUER);
}


static void
test_audience(void **state)
{
    (void) state;

#define AUD(v)  "{\"iss\":\"https://a\",\"aud\":" v ",\"exp\":1000100}"

    expect(NULL, AUD("\"tools\""), RT_REASON_OK);
    expect(NULL, AUD("\"more\""), RT_REASON_OK);
    expect(NULL, AUD("[\"x\",\"more\"]"), RT_REASON_OK);
    expect(NULL, AUD("\"tool\""), RT_REASON_WRONG_AUDIENCE);
    expect(NULL, AUD("\"toolsx\""), RT_REASON_WRONG_AUDIENCE);
    expect(NULL, AUD("\"Tools\""), RT_REASON_WRONG_AUDIENCE);
    expect(NULL, AUD("\"\""), RT_REASON_WRONG_AUDIENCE);
    expect(NULL, AUD("[]"), RT_REASON_WRONG_AUDIENCE);
    expect(NULL, AUD("[\"x\"]"), RT_REASON_WRONG_AUDIENCE);
    expect(NULL, AUD("[\"tools\",1]"), RT_REASON_BAD_CLAIM);
    expect(NULL, AUD("[[\"tools\"]]"), RT_REASON_BAD_CLAIM);
    expect(NULL, AUD("{\"tools\":1}"), RT_REASON_BAD_CLAIM);
    expect(NULL, AUD("null"), RT_REASON_BAD_CLAIM);
    expect(NULL, "{\"iss\":\"https://a\",\"exp\":1000100}",
           RT_REASON_WRONG_AUDIENCE);

    /* Cognito writes "client_id" into access tokens, and no "aud" */

#define CLIENT(v)  "{\"iss\":\"https://a\",\"client_id\":" v \
                   ",\"exp\":1000100}"

    expect(NULL, CLIENT("\"tools\""), RT_REASON_WRONG_AUDIENCE);
    policy.client_audience = 1;
    expect(NULL, CLIENT("\"tools\""), RT_REASON_OK);
    expect(NULL, CLIENT("\"other\""), RT_REASON_WRONG_AUDIENCE);
    expect(NULL, CLIENT("1"), RT_REASON_BAD_CLAIM);
    expect(NULL, "{\"iss\":\"https://a\",\"exp\":1000100}",
           RT_REASON_WRONG_AUDIENCE);
    expect(NULL, "{\"iss\":\"https://a\",\"aud\":\"other\","
                 "\"client_id\":\"tools\",\"exp\":1000100}",
           RT_REASON_WRONG_AUDIENCE);
    policy.client_audience = 0;

    /* no list is not any */

    policy.naudiences = 0;
    expect(NULL, AUD("\"tools\""), RT_REASON_WRONG_AUDIENCE);
    expect(NULL, AUD("\"\""), RT_REASON_WRONG_AUDIENCE);
    policy.any_audience = 1;
    expect(NULL, AUD("\"tools\""), RT_REASON_OK);
    expect(NULL, "{\"iss\":\"https://a\",\"exp\":1000100}", RT_REASON_OK);
}


#define TIMES(v)  "{\"iss\":\"https://a\",\"aud\":\"tools\"" v "}"


static void
test_exp(void **state)
{
    size_t  i;
    char    claims[256];

    static const char  *absurd[] = {
        "1e300", "1e400", "-1", "-0.5", "\"1000100\"", "true", "null", "[]",
        "{}", "253402300800", "9223372036854775808", "1e18"
    };

    (void) state;

    expect(NULL, TIMES(""), RT_REASON_NO_EXP);

    for (i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
        snprintf(claims, sizeof(claims), TIMES(",\"exp\":%s"), absurd[i]);
        expect(NULL, claims, RT_REASON_BAD_CLAIM);
        snprintf(claims, sizeof(claims), TIMES(",\"exp\":1000100,"
                 "\"nbf\":%s"), absurd[i]);
        expect(NULL, claims, RT_REASON_BAD_CLAIM);
        snprintf(claims, sizeof(claims), TIMES(",\"exp\":1000100,"
                 "\"iat\":%s"), absurd[i]);
        expect(NULL, claims, RT_REASON_BAD_CLAIM);
    }

    expect(NULL, TIMES(",\"exp\":1000000"), RT_REASON_OK);
    expect(NULL, TIMES(",\"exp\":999971"), RT_REASON_OK);
    expect(NULL, TIMES(",\"exp\":999970.5"), RT_REASON_OK);
    expect(NULL, TIMES(",\"exp\":999970"), RT_REASON_EXPIRED);
    expect(NULL, TIMES(",\"exp\":0"), RT_REASON_EXPIRED);
    expect(NULL, TIMES(",\"exp\":1.0001e6"), RT_REASON_OK);
    expect(NULL, TIMES(",\"exp\":253402300799"), RT_REASON_OK);

    policy.leeway = 0;
    expect(NULL, TIMES(",\"exp\":1000001"), RT_REASON_OK);
    expect(NULL, TIMES(",\"exp\":1000000"), RT_REASON_EXPIRED);
    expect(NULL, TIMES(",\"exp\":1000000.25"), RT_REASON_OK);
}


static void
test_nbf_iat(void **state)
{
    (void) state;

    expect(NULL, "{" GOOD ",\"nbf\":1000030}", RT_REASON_OK);
    expect(NULL, "{" GOOD ",\"nbf\":1000030.5}", RT_REASON_NOT_YET_VALID);
    expect(NULL, "{" GOOD ",\"nbf\":1000031}", RT_REASON_NOT_YET_VALID);
    expect(NULL, "{" GOOD ",\"iat\":1000030}", RT_REASON_OK);
    expect(NULL, "{" GOOD ",\"iat\":1000031}", RT_REASON_ISSUED_IN_FUTURE);
    expect(NULL, "{" GOOD ",\"iat\":0,\"nbf\":0}", RT_REASON_OK);
}


static void
test_lifetime(void **state)
{
    (void) state;

    policy.max_lifetime = 100;
    expect(NULL, "{" GOOD "}", RT_REASON_NO_IAT);
    expect(NULL, "{" GOOD ",\"iat\":null}", RT_REASON_BAD_CLAIM);
    expect(NULL, "{" GOOD ",\"iat\":1000000}", RT_REASON_OK);
    expect(NULL, "{" GOOD ",\"iat\":999999}", RT_REASON_TOO_LONG_LIVED);

    policy.max_lifetime = 99;
    expect(NULL, "{" GOOD ",\"iat\":1000000}", RT_REASON_TOO_LONG_LIVED);

    /* in its last seconds, too; 900 s of it are over */

    expect(NULL, "{" GOOD ",\"iat\":999100}", RT_REASON_TOO_LONG_LIVED);
    expect(NULL, "{" GOOD ",\"nbf\":1000000}", RT_REASON_NO_IAT);
}


/* accepted exactly while now < expires */

static void
test_expires(void **state)
{
    int64_t           expires, now;
    rt_str_t          typ = rt_null_string;
    const rt_json_t  *claims;

    (void) state;

    claims = tree_of(&arena, TIMES(",\"exp\":1000100.25"));

    for (now = 1000120; now < 1000140; now++) {
        if (rt_claims_check(&policy, &typ, claims, now, &expires)
            != RT_REASON_OK)
        {
            break;
        }

        assert_int_equal(expires, 1000131);
    }

    assert_int_equal(now, 1000131);
}


static void
expect_text(const char *json, const char *want)
{
    rt_str_t  out;

    assert_int_equal(rt_claims_text(&mem, tree_of(&arena, json), &out),
                     RT_OK);

    if (!is_text(&out, want)) {
        fail_msg("%s became \"%.*s\"", json, (int) out.len, out.data);
    }
}


static void
test_text(void **state)
{
    rt_str_t  out;

    (void) state;

    expect_text("\"a b\"", "a b");
    expect_text("\"\"", "");
    expect_text("\"\xc3\xa9\xe2\x82\xac\"", "\xc3\xa9\xe2\x82\xac");
    expect_text("12345678901234567890.10", "12345678901234567890.10");
    expect_text("true", "true");
    expect_text("false", "false");
    expect_text("null", "");
    expect_text("{\"a\":1}", "");
    expect_text("[]", "");
    expect_text("[\"a\"]", "a");
    expect_text("[\"a\",\"b\",\"\"]", "a,b,");
    expect_text("[\"a\",\"b,c\"]", "");
    expect_text("[\"a\",1]", "");
    expect_text("[\"a\",[\"b\"]]", "");

    expect_text("\"a\\nb\"", "");
    expect_text("\"a\\r\\nX-Admin: 1\"", "");
    expect_text("\"\\u0000\"", "");
    expect_text("\"\\u007f\"", "");
    expect_text("\"\\u0085\"", "");
    expect_text("[\"a\",\"\\t\"]", "");

    assert_int_equal(rt_claims_text(&mem, NULL, &out), RT_OK);
    assert_int_equal(out.len, 0);
}


/* nobody between here and the application's code makes another text of it */

static void
test_blanks(void **state)
{
    size_t  i, j;
    char    json[64];

    static const char  *blanks[] = {
        " ", "\\t", "\\u0085", "\\u00a0", "\\u00ad", "\\u1680", "\\u180e",
        "\\u2000", "\\u2009", "\\u200b", "\\u200f", "\\u2028", "\\u202f",
        "\\u205f", "\\u2060", "\\u3000", "\\ufeff"
    };
    static const char  *forms[] = {
        "\"%s\"", "\"%sboss@x\"", "\"boss@x%s\"", "[\"%sboss@x\"]",
        "[\"a\",\"boss@x%s\"]", "[\"%s\",\"a\"]"
    };

    (void) state;

    for (i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
        for (j = 0; j < sizeof(forms) / sizeof(forms[0]); j++) {
            snprintf(json, sizeof(json), forms[j], blanks[i]);
            expect_text(json, "");
        }
    }

    expect_text("\"the boss\"", "the boss");
    expect_text("\"the\\u00a0boss\"", "the\xc2\xa0" "boss");
    expect_text("[\"the boss\",\"b\"]", "the boss,b");
    expect_text("\"\\u00e0\"", "\xc3\xa0");
    expect_text("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80");
}


static void
test_json(void **state)
{
    rt_str_t          out, again;
    const rt_json_t  *v;

    static const char  text[] =
        "{\"a\":[1,2.50,true,false,null,{}],\"\\n\":\"\\u2028\\\"\\\\\","
        "\"\xc3\xa9\":[[]],\"n\":123456789012345678901234567890}";

    (void) state;

    v = tree_of(&arena, text);
    assert_int_equal(rt_claims_json(&mem, v, &out), RT_OK);
    assert_null(memchr(out.data, '\n', out.len));

    /* what was written reads as the same, and is written the same */

    out.data[out.len] = '\0';
    assert_int_equal(rt_claims_json(&mem, tree_of(&arena, (char *) out.data),
                                    &again), RT_OK);
    assert_true(rt_str_eq(&out, &again));
    assert_non_null(strstr((char *) out.data,
                           "123456789012345678901234567890"));
    assert_non_null(strstr((char *) out.data, "[1,2.50,true,false,null,{}]"));

    assert_int_equal(rt_claims_json(&mem, NULL, &out), RT_OK);
    assert_int_equal(out.len, 0);
}


static void
shown_is(const char *json, const char *expected)
{
    size_t         len;
    unsigned char  buf[RT_CLAIMS_SHOWN + 1];

    len = rt_claims_shown(buf, tree_of(&arena, json));

    assert_true(len <= RT_CLAIMS_SHOWN);
    buf[len] = '\0';
    assert_string_equal((char *) buf, expected);
}


static void
test_shown(void **state)
{
    char          *p, text[2000];
    size_t         len, i;
    unsigned char  buf[RT_CLAIMS_SHOWN];

    (void) state;

    shown_is("\"it\"", "\"it\"");
    shown_is("\"\"", "\"\"");
    shown_is("2.50", "2.50");
    shown_is("true", "true");
    shown_is("null", "null");
    shown_is("{\"a\":1}", "{...}");
    shown_is("[]", "[]");
    shown_is("[\"a\",\"b c\",3,false,[1],{}]",
             "[\"a\", \"b c\", 3, false, [...], {...}]");

    /* no line is begun, no quote is closed, no secret is shown */

    shown_is("\"a\\n\\\"b\\\\\"", "\"a\\x0a\\x22b\\x5c\"");
    shown_is("\"\xc3\xa9\"", "\"\\xc3\\xa9\"");
    shown_is("[\"ann@example.com\",\"password=x\"]", "[\"*\", \"password*\"]");

    shown_is("\"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln\"", "\"*\"");

    /* bounded, whatever there is */

    p = text;
    p += sprintf(p, "[1");

    for (i = 0; i < 400; i++) {
        p += sprintf(p, ",\"a\"");
    }

    (void) sprintf(p, "]");

    len = rt_claims_shown(buf, tree_of(&arena, text));

    assert_true(len > RT_CLAIMS_SHOWN - 20 && len <= RT_CLAIMS_SHOWN);
    assert_memory_equal(buf + len - 3, "...", 3);

    len = rt_claims_shown(buf, NULL);
    assert_int_equal(len, 7);
    assert_memory_equal(buf, "nothing", 7);
}


static void
test_reasons(void **state)
{
    size_t              i, j;
    const rt_reason_t  *r;

    (void) state;

    for (i = 0; i < RT_REASON_MAX; i++) {
        r = rt_reason(i);

        assert_true(r->name.len > 1 && r->text.len > 5);
        assert_true(r->status == 200 || r->status == 400 || r->status == 401
                    || r->status == 403 || r->status == 429
                    || r->status == 500 || r->status == 502
                    || r->status == 503);
        assert_true(r->status != 401 || i == RT_REASON_ANONYMOUS
                    || i == RT_REASON_STEPUP || i == RT_REASON_PROOF_NONCE
                    || i == RT_REASON_BAD_PROOF
                    || i == RT_REASON_REPLAYED_PROOF
                    || rt_str_lit(&r->error, "invalid_token"));
        assert_true(i != RT_REASON_STEPUP
                    || rt_str_lit(&r->error,
                                  "insufficient_user_authentication"));

        for (j = 0; j < r->name.len; j++) {
            assert_true(r->name.data[j] == '_'
                        || (r->name.data[j] >= 'a' && r->name.data[j] <= 'z'));
        }

        for (j = 0; j < r->text.len; j++) {
            assert_true(r->text.data[j] >= 0x20 && r->text.data[j] < 0x7f
                        && r->text.data[j] != '"' && r->text.data[j] != '\\');
        }

        for (j = 0; j < i; j++) {
            assert_false(rt_str_eq(&r->name, &rt_reason(j)->name));
        }
    }

    assert_ptr_equal(rt_reason(RT_REASON_MAX),
                     rt_reason(RT_REASON_INTERNAL));
    assert_ptr_equal(rt_reason((rt_reason_e) -1),
                     rt_reason(RT_REASON_INTERNAL));
}


static void
test_true(void **state)
{
    (void) state;

    assert_true(rt_claims_true(tree_of(&arena, "true")));
    assert_true(rt_claims_true(tree_of(&arena, "\"true\"")));

    assert_false(rt_claims_true(NULL));
    assert_false(rt_claims_true(tree_of(&arena, "false")));
    assert_false(rt_claims_true(tree_of(&arena, "\"false\"")));
    assert_false(rt_claims_true(tree_of(&arena, "\"True\"")));
    assert_false(rt_claims_true(tree_of(&arena, "1")));
    assert_false(rt_claims_true(tree_of(&arena, "[true]")));
}


/* RFC 7662, 2.2: all of an answer but "active" is optional */

static void
test_asked(void **state)
{
    int64_t   expires;
    rt_str_t  none = rt_null_string;

    (void) state;

    expect(NULL, "{\"aud\":\"tools\",\"exp\":1000100}",
           RT_REASON_WRONG_ISSUER);

    policy.asked = 1;

    expect(NULL, "{" GOOD "}", RT_REASON_OK);
    expect(NULL, "{\"aud\":\"tools\",\"exp\":1000100}", RT_REASON_OK);
    expect(NULL, "{\"iss\":\"https://b\",\"aud\":\"tools\"}",
           RT_REASON_WRONG_ISSUER);
    expect(NULL, "{\"iss\":null,\"aud\":\"tools\"}", RT_REASON_WRONG_ISSUER);
    expect(NULL, "{\"iss\":\"https://a\"}", RT_REASON_WRONG_AUDIENCE);
    expect(NULL, "{\"aud\":\"tools\"}", RT_REASON_NO_EXP);

    policy.exp_optional = 1;

    expect(NULL, "{\"aud\":\"tools\"}", RT_REASON_OK);
    expect(NULL, "{\"aud\":\"tools\",\"exp\":1}", RT_REASON_EXPIRED);
    expect(NULL, "{\"aud\":\"tools\",\"exp\":null}", RT_REASON_BAD_CLAIM);
    expect(NULL, "{\"aud\":\"tools\",\"nbf\":2000000}",
           RT_REASON_NOT_YET_VALID);

    assert_int_equal(rt_claims_check(&policy, &none,
                                     tree_of(&arena, "{\"aud\":\"tools\"}"),
                                     NOW, &expires), RT_REASON_OK);
    assert_true(expires > RT_CLAIMS_MAX_TIME);

    policy.max_lifetime = 3600;
    expect(NULL, "{\"aud\":\"tools\"}", RT_REASON_NO_IAT);
    expect(NULL, "{\"aud\":\"tools\",\"iat\":1000000}",
           RT_REASON_TOO_LONG_LIVED);
}


static void
test_asked_type(void **state)
{
    (void) state;

#define TYPE(v)  "{" GOOD ",\"token_type\":" v "}"

    expect(NULL, TYPE("\"N_A\""), RT_REASON_OK);

    policy.asked = 1;

    expect(NULL, TYPE("\"Bearer\""), RT_REASON_OK);
    expect(NULL, TYPE("\"bearer\""), RT_REASON_OK);
    expect(NULL, TYPE("\"DPoP\""), RT_REASON_BAD_TYPE);
    expect(NULL, TYPE("\"DPoP\",\"cnf\":{}"), RT_REASON_CONFIRMATION);
    expect(NULL, TYPE("\"Bearer\",\"cnf\":{}"), RT_REASON_CONFIRMATION);
    expect(NULL, TYPE("\"N_A\""), RT_REASON_BAD_TYPE);
    expect(NULL, TYPE("\"\""), RT_REASON_BAD_TYPE);
    expect(NULL, TYPE("null"), RT_REASON_BAD_TYPE);
    expect(NULL, TYPE("[\"Bearer\"]"), RT_REASON_BAD_TYPE);
    expect(NULL, TYPE("\"Bearer\",\"token_use\":\"refresh_token\""),
           RT_REASON_BAD_TYPE);

    /* a refresh token is active as well, and only its type says what it is */

    policy.any_audience = 1;
    expect(NULL, "{" GOOD "}", RT_REASON_BAD_TYPE);
    expect(NULL, TYPE("\"Bearer\""), RT_REASON_OK);
}


int
main(void)
{
#define T(name)  cmocka_unit_test_setup_teardown(name, setup, arena_teardown)

    const struct CMUnitTest  tests[] = {
        T(test_parse),
        T(test_type),
        T(test_id_token),
        T(test_issued_as),
        T(test_subject),
        T(test_issuer),
        T(test_audience),
        T(test_exp),
        T(test_nbf_iat),
        T(test_lifetime),
        T(test_expires),
        T(test_text),
        T(test_true),
        T(test_blanks),
        T(test_json),
        T(test_shown),
        T(test_reasons),
        T(test_asked),
        T(test_asked_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}


#include "rt_hex.h"
#include "oidc/rt_token_answer.h"


static rt_token_answer_t  a;
static const char        *why;


static rt_status_e
parse_bytes(unsigned status, const char *body, size_t len)
{
    rt_str_t  b;

    b = copy_of(body, len);
    why = NULL;

    return rt_token_answer_parse(&mem, status, &b, &a, &why);
}


static rt_status_e
parse(unsigned status, const char *body)
{
    return parse_bytes(status, body, strlen(body));
}


/* answers to a code, in each provider's own shape, tokens shortened */

static void
providers(void **state)
{
    size_t  i;

    static const struct {
        const char  *body, *access, *refresh, *id, *scope;
        int          expires;
    } rows[] = {

        /* Google */
        { "{\n  \"access_token\": \"ya29.a0AfB_byC-x\",\n"
          "  \"expires_in\": 3599,\n  \"scope\": \"openid "
          "https://www.googleapis.com/auth/userinfo.email\",\n"
          "  \"token_type\": \"Bearer\",\n  \"id_token\": \"eyJh.eyJp.c2ln\""
          "\n}",
          "ya29.a0AfB_byC-x", "", "eyJh.eyJp.c2ln",
          "openid https://www.googleapis.com/auth/userinfo.email", 3599 },

        /* Entra ID, version 2, and 1 with its strings */
        { "{\"token_type\":\"Bearer\",\"scope\":\"openid profile\","
          "\"expires_in\":4021,\"ext_expires_in\":4021,"
          "\"access_token\":\"eyJ0.a.b\",\"refresh_token\":\"0.AX4A-_.x\","
          "\"id_token\":\"e.e.s\",\"client_info\":\"eyJ1\"}",
          "eyJ0.a.b", "0.AX4A-_.x", "e.e.s", "openid profile", 4021 },
        { "{\"token_type\":\"Bearer\",\"expires_in\":\"3599\","
          "\"expires_on\":\"1764363600\",\"not_before\":\"1764360000\","
          "\"access_token\":\"eyJ0.a.b\",\"id_token\":\"e.e.\"}",
          "eyJ0.a.b", "", "e.e.", "", 3599 },

        /* Keycloak, and with an offline token */
        { "{\"access_token\":\"a.b.c\",\"expires_in\":300,"
          "\"refresh_expires_in\":1800,\"refresh_token\":\"r.r.r\","
          "\"token_type\":\"Bearer\",\"id_token\":\"e.e.s\","
          "\"not-before-policy\":0,\"session_state\":\"5b1a\","
          "\"scope\":\"openid email\"}",
          "a.b.c", "r.r.r", "e.e.s", "openid email", 300 },

        /* Auth0, Okta */
        { "{\"access_token\":\"eyJ..x\",\"id_token\":\"e.e.s\","
          "\"scope\":\"openid\",\"expires_in\":86400,"
          "\"token_type\":\"Bearer\"}", "eyJ..x", "", "e.e.s", "openid",
          86400 },
        { "{\"token_type\":\"Bearer\",\"expires_in\":3600,"
          "\"access_token\":\"eyJ.p.s\",\"scope\":\"offline_access openid\","
          "\"refresh_token\":\"Qa8_x-Y\",\"id_token\":\"e.e.s\"}",
          "eyJ.p.s", "Qa8_x-Y", "e.e.s", "offline_access openid", 3600 },

        /* GitLab: no expires_in in old versions */
        { "{\"access_token\":\"5e3d\",\"token_type\":\"bearer\","
          "\"refresh_token\":\"8257\",\"created_at\":1607635748,"
          "\"id_token\":\"e.e.s\",\"scope\":\"openid\"}",
          "5e3d", "8257", "e.e.s", "openid", 0 },

        /* glewlwyd */
        { "{\"token_type\":\"bearer\",\"access_token\":\"a.b.c\","
          "\"iat\":1764360000,\"expires_in\":3600,\"scope\":\"openid\","
          "\"refresh_token\":\"Zx\",\"id_token\":\"e.e.s\"}",
          "a.b.c", "Zx", "e.e.s", "openid", 3600 },

        /* a refresh without id_token and with nothing for null; Twitch */
        { "{\"access_token\":\"x\",\"token_type\":\"BEARER\","
          "\"refresh_token\":null,\"id_token\":null,\"expires_in\":null,"
          "\"scope\":null,\"error\":null}", "x", "", "", "", 0 },
        { "{\"access_token\":\"x\",\"token_type\":\"bearer\","
          "\"refresh_token\":\"\",\"scope\":[\"openid\"],\"error\":\"\","
          "\"expires_in\":14124.9}", "x", "", "", "", 14124 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(parse(200, rows[i].body), RT_OK);
        assert_null(why);
        assert_str(&a.access_token, rows[i].access);
        assert_str(&a.refresh_token, rows[i].refresh);
        assert_str(&a.id_token, rows[i].id);
        assert_str(&a.scope, rows[i].scope);
        assert_int_equal(a.expires_in, rows[i].expires);
        assert_int_equal(a.error.len, 0);
        assert_false(a.grant_over);
    }
}


static void
refusals(void **state)
{
    size_t  i;

    static const struct {
        unsigned     status;
        const char  *body, *error, *description;
        unsigned     over;
    } rows[] = {

        /* Google, Keycloak */
        { 400, "{\"error\":\"invalid_grant\",\"error_description\":"
               "\"Token has been expired or revoked.\"}",
          "invalid_grant", "Token has been expired or revoked.", 1 },
        { 400, "{\"error\":\"invalid_grant\",\"error_description\":"
               "\"Session not active\"}", "invalid_grant",
          "Session not active", 1 },

        /* Auth0 */
        { 403, "{\"error\":\"invalid_grant\",\"error_description\":"
               "\"Unknown or invalid refresh token.\"}", "invalid_grant",
          "Unknown or invalid refresh token.", 1 },

        /* Entra ID */
        { 400, "{\"error\":\"interaction_required\",\"error_description\":"
               "\"AADSTS50076: Due to a change\\r\\nTrace ID: 1\","
               "\"error_codes\":[50076],\"suberror\":\"basic_action\"}",
          "interaction_required",
          "AADSTS50076: Due to a change Trace ID: 1", 1 },
        { 400, "{\"error\":\"login_required\"}", "login_required", "", 1 },
        { 400, "{\"error\":\"consent_required\"}", "consent_required", "", 1 },
        { 400, "{\"error\":\"account_selection_required\"}",
          "account_selection_required", "", 1 },

        /* glewlwyd: a refresh token that was used before */
        { 400, "", "", "", 1 },

        /* GitHub */
        { 200, "{\"error\":\"invalid_grant\",\"error_uri\":\"x\"}",
          "invalid_grant", "", 1 },

        /* it is about us: nobody is signed out for that */
        { 401, "{\"error\":\"invalid_client\"}", "invalid_client", "", 0 },
        { 401, "", "", "", 0 },
        { 403, "", "", "", 0 },
        { 404, "", "", "", 0 },
        { 400, "{\"error\":\"invalid_request\"}", "invalid_request", "", 0 },

        /* pages of something in between */
        { 400, "<html><h1>Bad Request</h1></html>", "", "", 0 },
        { 403, "<html>blocked</html>", "", "", 0 },
        { 400, "{}", "", "", 0 },
        { 400, "[]", "", "", 0 },
        { 400, "{\"error\":{\"code\":7},\"error_description\":[]}",
          "", "", 0 },
        { 400, "{\"error\":\"<script>\"}", "", "", 0 },
        { 400, "{\"error\":\"invalid_grant\",\"error\":\"invalid_grant\"}",
          "", "", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(parse(rows[i].status, rows[i].body), RT_DECLINED);
        assert_string_equal(why, "is a refusal");
        assert_str(&a.error, rows[i].error);
        assert_str(&a.description, rows[i].description);
        assert_int_equal(a.grant_over, rows[i].over);
        assert_int_equal(a.access_token.len, 0);
    }
}


/* an outage signs nobody out */

static void
away(void **state)
{
    size_t  i;

    static const struct {
        unsigned     status;
        const char  *body;
    } rows[] = {
        { 502, "<html>Bad Gateway</html>" }, { 500, "" }, { 503, "{}" },
        { 599, "{\"error\":\"invalid_grant\"}" }, { 408, "" },
        { 429, "{\"error\":\"invalid_grant\"}" },
        { 400, "{\"error\":\"temporarily_unavailable\"}" },
        { 400, "{\"error\":\"server_error\"}" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(parse(rows[i].status, rows[i].body), RT_AGAIN);
        assert_string_equal(why,
                            "says that the provider cannot answer now");
        assert_false(a.grant_over);
    }
}


static void
no_answer(void **state)
{
    size_t  i;

    static const unsigned  statuses[] = { 0, 100, 201, 204, 301, 302, 399 };

    static const char *const  rows[] = {
        "", "<html></html>", "[]", "null", "{\"access_token\":\"a\"",
        "access_token=a&token_type=bearer",
        "{\"access_token\":\"a\",\"access_token\":\"b\","
            "\"token_type\":\"bearer\"}",
        "{\"access_token\":\"a\\u0000\",\"token_type\":\"bearer\"}"
    };

    (void) state;

    for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        assert_int_equal(parse(statuses[i],
                               "{\"access_token\":\"a\","
                               "\"token_type\":\"Bearer\"}"), RT_INVALID);
        assert_string_equal(why,
                            "has a status that says neither yes nor no");
        assert_int_equal(a.access_token.len, 0);
    }

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(parse(200, rows[i]), RT_INVALID);
        assert_string_equal(why, "is no JSON object");
    }
}


static void
malformed(const char *members, const char *want)
{
    char                text[512];
    rt_token_answer_t   none;

    memset(&none, 0, sizeof(rt_token_answer_t));

    snprintf(text, sizeof(text), "{%s}", members);
    assert_int_equal(parse(200, text), RT_INVALID);
    assert_string_equal(why, want);
    assert_memory_equal(&a, &none, sizeof(rt_token_answer_t));
}


static void
members(void **state)
{
    size_t  i;

    static const char *const  times[] = {
        "-1", "\"-1\"", "1e300", "253402300800", "\"253402300800\"",
        "\"1234567890123\"", "\"12a\"", "\" 12\"", "\"1.5\"", "\"0x10\"",
        "\"soon\"", "true", "[]", "{}"
    };

    static const char *const  tokens[] = {
        "7", "true", "{}", "[\"a\"]", "\"a b\"", "\"a\\r\\nX: y\"",
        "\"a\\u00e4\"", "\"a\\u007f\"", "\" a\""
    };

    char  text[128];

    (void) state;

#define BEARER  "\"token_type\":\"Bearer\""
#define ACCESS  "\"access_token\":\"a\""

    malformed(BEARER, "has no access_token, or a malformed one");
    malformed(BEARER ",\"access_token\":null",
              "has no access_token, or a malformed one");
    malformed(BEARER ",\"access_token\":\"\"",
              "has no access_token, or a malformed one");

    malformed(ACCESS, "has another token_type than Bearer, or none");
    malformed(ACCESS ",\"token_type\":\"DPoP\"",
              "has another token_type than Bearer, or none");
    malformed(ACCESS ",\"token_type\":[\"Bearer\"]",
              "has another token_type than Bearer, or none");

    for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        snprintf(text, sizeof(text), BEARER ",\"access_token\":%s",
                 tokens[i]);
        malformed(text, "has no access_token, or a malformed one");

        snprintf(text, sizeof(text), BEARER "," ACCESS
                 ",\"refresh_token\":%s", tokens[i]);
        malformed(text, "has a malformed refresh_token");

        snprintf(text, sizeof(text), BEARER "," ACCESS ",\"id_token\":%s",
                 tokens[i]);
        malformed(text, "has a malformed id_token");
    }

    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        snprintf(text, sizeof(text), BEARER "," ACCESS ",\"expires_in\":%s",
                 times[i]);
        malformed(text, "has an expires_in that is no time");
    }

    assert_int_equal(parse(200, "{" BEARER "," ACCESS
                           ",\"expires_in\":\"253402300799\"}"), RT_OK);
    assert_int_equal(a.expires_in, 253402300799);
    assert_int_equal(parse(200, "{" BEARER "," ACCESS
                           ",\"expires_in\":253402300799}"), RT_OK);
    assert_int_equal(a.expires_in, 253402300799);
    assert_int_equal(parse(200, "{" BEARER "," ACCESS ",\"expires_in\":0}"),
                     RT_OK);
    assert_int_equal(a.expires_in, 0);
}


/* an answer whose member "name" has n characters */

static rt_status_e
sized(const char *name, size_t n)
{
    char    *text;
    size_t   len;

    text = rt_alloc(&mem, n + 256);
    len = sprintf(text, "{" BEARER ",%s\"%s\":\"",
                  strcmp(name, "access_token") == 0 ? "" : ACCESS ",", name);
    memset(text + len, 'x', n);
    strcpy(text + len + n, "\"}");

    return parse(200, text);
}


static void
bounds(void **state)
{
    size_t  i;
    char   *text;

    static const char *const  names[] = {
        "access_token", "refresh_token", "id_token"
    };

    (void) state;

    for (i = 0; i < 3; i++) {
        assert_int_equal(sized(names[i], RT_TOKEN_ANSWER_MAX_TOKEN), RT_OK);
        assert_int_equal(sized(names[i], RT_TOKEN_ANSWER_MAX_TOKEN + 1),
                         RT_INVALID);
    }

    assert_int_equal(sized("scope", RT_TOKEN_ANSWER_MAX_SCOPE), RT_OK);
    assert_int_equal(a.scope.len, RT_TOKEN_ANSWER_MAX_SCOPE);
    assert_int_equal(sized("scope", RT_TOKEN_ANSWER_MAX_SCOPE + 1), RT_OK);
    assert_int_equal(a.scope.len, 0);

    text = rt_alloc(&mem, RT_TOKEN_ANSWER_MAX + 1);
    memset(text, ' ', RT_TOKEN_ANSWER_MAX + 1);
    memcpy(text, "{" BEARER "," ACCESS "}", sizeof(BEARER ACCESS) + 2);

    assert_int_equal(parse_bytes(200, text, RT_TOKEN_ANSWER_MAX), RT_OK);
    assert_int_equal(parse_bytes(200, text, RT_TOKEN_ANSWER_MAX + 1),
                     RT_TOO_BIG);
    assert_string_equal(why, "is too large");

    arena.left = 3;
    assert_int_equal(parse(200, "{" BEARER "," ACCESS "}"), RT_ERROR);
}


/* RFC 9126: a reference to an authorization request, or words */

static rt_status_e
push(unsigned status, const char *body)
{
    rt_str_t  b;

    b = copied(body);
    why = NULL;

    return rt_token_answer_pushed(&mem, status, &b, &a, &why);
}


static void
pushed(void **state)
{
    char    *text;
    size_t   i;

    static const char *const  rows[] = {
        "{}", "{\"expires_in\":90}", "{\"request_uri\":\"\"}",
        "{\"request_uri\":null}", "{\"request_uri\":7}",
        "{\"request_uri\":[\"urn:a\"]}", "{\"request_uri\":\"urn: a\"}",
        "{\"request_uri\":\"urn:\\r\\nA:b\"}",
        "{\"request_uri\":\"urn:\\u00e9\"}"
    };

    (void) state;

    assert_int_equal(push(201, "{\"request_uri\":\"urn:a\",\"expires_in\":9}"),
                     RT_OK);
    assert_true(rt_str_lit(&a.request_uri, "urn:a"));
    assert_null(why);
    assert_int_equal(push(200, "{\"request_uri\":\"urn:b\"}"), RT_OK);
    assert_true(rt_str_lit(&a.request_uri, "urn:b"));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(push(201, rows[i]), RT_INVALID);
        assert_string_equal(why, "has no request_uri, or a malformed one");
        assert_int_equal(a.request_uri.len, 0);
    }

    text = rt_alloc(&mem, RT_TOKEN_ANSWER_MAX_URI + 64);

    for (i = 0; i < 2; i++) {
        sprintf(text, "{\"request_uri\":\"%0*d\"}",
                (int) (RT_TOKEN_ANSWER_MAX_URI + i), 0);
        assert_int_equal(push(201, text), i ? RT_INVALID : RT_OK);
    }

    assert_int_equal(push(201, "{\"request_uri\":\"a\",\"error\":\"e\"}"),
                     RT_DECLINED);
    assert_int_equal(push(400, "{\"error\":\"invalid_request\"}"),
                     RT_DECLINED);
    assert_true(rt_str_lit(&a.error, "invalid_request"));
    assert_int_equal(push(503, ""), RT_AGAIN);
    assert_int_equal(push(302, ""), RT_INVALID);
    assert_int_equal(push(201, "[]"), RT_INVALID);

    /* and neither is taken for the other */

    assert_int_equal(parse(201, "{" BEARER "," ACCESS "}"), RT_INVALID);
    assert_int_equal(push(201, "{" BEARER "," ACCESS "}"), RT_INVALID);
    assert_int_equal(parse(200, "{\"request_uri\":\"urn:a\"}"), RT_INVALID);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(providers),
        ARENA_TEST(refusals),
        ARENA_TEST(away),
        ARENA_TEST(no_answer),
        ARENA_TEST(members),
        ARENA_TEST(bounds),
        ARENA_TEST(pushed)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

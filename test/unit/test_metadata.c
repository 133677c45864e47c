
#include "rt_hex.h"
#include "oidc/rt_metadata.h"


#define ISSUER  "\"issuer\":\"https://idp.example.com\""


static rt_metadata_t  m;
static const char    *why;


static rt_status_e
parse_from(const char *text, const char *issuer, const char *from)
{
    rt_str_t     t, i, f;
    rt_url_t     url;
    const char  *none;

    t = copied(text);
    i = str(issuer);
    f = str(from);
    assert_int_equal(rt_url_parse(&f, &url, &none), RT_OK);

    why = NULL;

    return rt_metadata_parse(&mem, &t, &i, &url, &m, &why);
}


static rt_status_e
parse(const char *text)
{
    return parse_from(text, "https://idp.example.com",
               "https://idp.example.com/.well-known/openid-configuration");
}


static void
refused(const char *text, rt_status_e rc, const char *want)
{
    rt_metadata_t  none;

    memset(&none, 0, sizeof(rt_metadata_t));

    assert_int_equal(parse(text), rc);
    assert_string_equal(why, want);
    assert_memory_equal(&m, &none, sizeof(rt_metadata_t));
}


/* Keycloak 24, shortened to what is read and a little of the rest */

static void
keycloak(void **state)
{
    (void) state;

#define KC  "https://kc.example.com/realms/r"
#define KP  KC "/protocol/openid-connect"

    assert_int_equal(parse_from(
        "{\"issuer\":\"" KC "\","
        "\"authorization_endpoint\":\"" KP "/auth\","
        "\"token_endpoint\":\"" KP "/token\","
        "\"introspection_endpoint\":\"" KP "/token/introspect\","
        "\"userinfo_endpoint\":\"" KP "/userinfo\","
        "\"end_session_endpoint\":\"" KP "/logout\","
        "\"jwks_uri\":\"" KP "/certs\","
        "\"grant_types_supported\":[\"authorization_code\"],"
        "\"acr_values_supported\":[\"0\",\"1\"],"
        "\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\","
        "\"client_secret_basic\",\"client_secret_post\","
        "\"tls_client_auth\",\"client_secret_jwt\"],"
        "\"token_endpoint_auth_signing_alg_values_supported\":["
        "\"PS384\",\"ES256\",\"HS256\",\"none\",\"new\"],"
        "\"claims_parameter_supported\":true,"
        "\"code_challenge_methods_supported\":[\"plain\",\"S256\"],"
        "\"tls_client_certificate_bound_access_tokens\":true,"
        "\"revocation_endpoint\":\"" KP "/revoke\","
        "\"pushed_authorization_request_endpoint\":\"" KP "/ext/par\","
        "\"mtls_endpoint_aliases\":{"
        "\"token_endpoint\":\"https://mtls.example.com/token\","
        "\"x\":1},"
        "\"require_pushed_authorization_requests\":false,"
        "\"authorization_response_iss_parameter_supported\":true}",
        KC, KC "/.well-known/openid-configuration"), RT_OK);

    assert_str(&m.endpoint[RT_METADATA_AUTHORIZATION], KP "/auth");
    assert_str(&m.endpoint[RT_METADATA_TOKEN], KP "/token");
    assert_str(&m.endpoint[RT_METADATA_USERINFO], KP "/userinfo");
    assert_str(&m.endpoint[RT_METADATA_JWKS], KP "/certs");
    assert_str(&m.endpoint[RT_METADATA_PAR], KP "/ext/par");
    assert_str(&m.endpoint[RT_METADATA_END_SESSION], KP "/logout");
    assert_str(&m.endpoint[RT_METADATA_REVOCATION], KP "/revoke");
    assert_str(&m.endpoint[RT_METADATA_INTROSPECTION],
               KP "/token/introspect");

    assert_int_equal(m.auth_methods, RT_METADATA_PRIVATE_KEY_JWT
                     |RT_METADATA_BASIC|RT_METADATA_POST|RT_METADATA_TLS);
    assert_false(m.par_required);
    assert_true(m.iss_returned);
    assert_true(m.claims_taken);

    assert_str(rt_metadata_endpoint(&m, RT_METADATA_TOKEN, 1),
               "https://mtls.example.com/token");
    assert_str(rt_metadata_endpoint(&m, RT_METADATA_TOKEN, 0), KP "/token");
    assert_str(rt_metadata_endpoint(&m, RT_METADATA_PAR, 1), KP "/ext/par");
}


/* what is not said: the defaults of the RFCs */

static void
sparse(void **state)
{
    unsigned  i;

    (void) state;

    assert_int_equal(parse("{" ISSUER "}"), RT_OK);

    for (i = 0; i < RT_METADATA_ENDPOINTS; i++) {
        assert_int_equal(m.endpoint[i].len, 0);
        assert_int_equal(m.mtls[i].len, 0);
    }

    assert_int_equal(m.auth_methods, RT_METADATA_BASIC);
    assert_false(m.par_required || m.iss_returned || m.claims_taken);

    assert_int_equal(parse("{" ISSUER ",\"userinfo_endpoint\":null,"
        "\"mtls_endpoint_aliases\":null,"
        "\"require_pushed_authorization_requests\":null,"
        "\"token_endpoint_auth_methods_supported\":null}"), RT_OK);
    assert_int_equal(m.auth_methods, RT_METADATA_BASIC);

    assert_int_equal(parse("{" ISSUER ","
        "\"require_pushed_authorization_requests\":true,"
        "\"token_endpoint_auth_methods_supported\":[\"none\",\"x\","
        "\"self_signed_tls_client_auth\"]}"), RT_OK);
    assert_int_equal(m.auth_methods, RT_METADATA_NONE|RT_METADATA_TLS);
    assert_true(m.par_required);
}


static void
issuer(void **state)
{
    size_t  i;

    static const char *const  rows[] = {
        "{\"issuer\":\"https://idp.example.com/\"}",
        "{\"issuer\":\"https://IDP.example.com\"}",
        "{\"issuer\":\"http://idp.example.com\"}",
        "{\"issuer\":\"https://evil.example\"}",
        "{\"issuer\":\"https://login.microsoftonline.com/{tenantid}/v2.0\"}",
        "{\"issuer\":\"\"}"
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refused(rows[i], RT_DECLINED, "has another issuer");
    }

    refused("{}", RT_INVALID, "has no issuer");
    refused("{\"issuer\":7}", RT_INVALID, "has no issuer");
    refused("{\"issuer\":[\"https://idp.example.com\"]}", RT_INVALID,
            "has no issuer");
}


static const char *const  names[] = {
    "authorization_endpoint", "token_endpoint", "userinfo_endpoint",
    "jwks_uri", "pushed_authorization_request_endpoint",
    "end_session_endpoint", "revocation_endpoint", "introspection_endpoint"
};


static char *
with(const char *head, const char *name, const char *value, const char *tail)
{
    char  *s;

    s = rt_alloc(&mem, 1024);
    snprintf(s, 1024, "{" ISSUER ",%s\"%s\":%s}%s", head, name, value, tail);

    return s;
}


static void
schemes(void **state)
{
    char    want[128];
    size_t  i, j;

    static const char *const  bad[] = {
        "\"http://idp.example.com/x\"", "\"http://127.0.0.1/x\"",
        "\"javascript:alert(1)\"", "\"data:text/html,x\"", "\"file:///x\"",
        "\"/x\"", "\"//idp.example.com/x\"", "\"ftp://idp.example.com/x\"",
        "\"https://user@idp.example.com/x\"", "\"https://\"", "\"\"",
        "\"https://idp.example.com/x#y\"", "\"https://idp.example.com/x y\"",
        "\"https://idp.example.com/\\u000d\\u000aX\"", "7", "{}", "true"
    };

    (void) state;

    for (i = 0; i < RT_METADATA_ENDPOINTS; i++) {
        snprintf(want, sizeof(want), "has %s %s that is no https URL",
                 strchr("aei", names[i][0]) ? "an" : "a",
                 names[i]);

        for (j = 0; j < sizeof(bad) / sizeof(bad[0]); j++) {
            refused(with("", names[i], bad[j], ""), RT_DECLINED, want);
            refused(with("\"mtls_endpoint_aliases\":{", names[i], bad[j],
                         "}"), RT_DECLINED, want);
        }

        assert_int_equal(parse(with("", names[i],
                               "\"https://other.example:8443/x?y=z\"", "")),
                         RT_OK);
        assert_str(&m.endpoint[i], "https://other.example:8443/x?y=z");
    }
}


/* who wrote http for the document itself gets it for that origin only */

static void
in_the_clear(void **state)
{
    static const char  issuer[] = "http://127.0.0.1:8090";
    static const char  from[] = "http://127.0.0.1:8090/.well-known/x";

    (void) state;

    assert_int_equal(parse_from("{\"issuer\":\"http://127.0.0.1:8090\","
        "\"token_endpoint\":\"http://127.0.0.1:8090/token\"}", issuer, from),
                     RT_OK);

    assert_int_equal(parse_from("{\"issuer\":\"http://127.0.0.1:8090\","
        "\"token_endpoint\":\"http://127.0.0.1:8091/token\"}", issuer, from),
                     RT_DECLINED);

    assert_int_equal(parse_from("{\"issuer\":\"http://127.0.0.1:8090\","
        "\"token_endpoint\":\"http://evil.example:8090/t\"}", issuer, from),
                     RT_DECLINED);

    /* Keycloak's own, behind the proxy of its public name */

    assert_int_equal(parse_from("{\"issuer\":\"https://kc.example.com\","
        "\"authorization_endpoint\":\"https://kc.example.com/auth\","
        "\"token_endpoint\":\"http://keycloak:8080/token\"}",
        "https://kc.example.com", "http://keycloak:8080/d"), RT_OK);
}


static void
malformed(void **state)
{
    (void) state;

    refused("", RT_INVALID, "is no JSON object");
    refused("[]", RT_INVALID, "is no JSON object");
    refused("<html>", RT_INVALID, "is no JSON object");
    refused("{" ISSUER "} x", RT_INVALID, "is no JSON object");
    refused("{" ISSUER "," ISSUER "}", RT_INVALID, "is no JSON object");
    refused("{" ISSUER ",\"x\":\"\\u0000\"}", RT_INVALID,
            "is no JSON object");
    refused("{" ISSUER ",\"x\":\"\xff\"}", RT_INVALID, "is no JSON object");
    refused(with("", "mtls_endpoint_aliases", "[]", ""), RT_INVALID,
            "has mtls_endpoint_aliases that are no object");

    refused(with("", "token_endpoint_auth_methods_supported", "\"none\"",
                 ""), RT_INVALID, "has a list that is no array");
    refused(with("", "token_endpoint_auth_methods_supported", "[\"none\",1]",
                 ""), RT_INVALID, "has a list of other things than strings");

    /* "true" for true would switch a check off in silence */

    refused(with("", "authorization_response_iss_parameter_supported",
                 "\"true\"", ""), RT_INVALID,
            "has a flag that is neither true nor false");
    refused(with("", "require_pushed_authorization_requests", "1", ""),
            RT_INVALID, "has a flag that is neither true nor false");
}


static void
bounds(void **state)
{
    char    *text;
    size_t   n;

    (void) state;

    text = rt_alloc(&mem, RT_METADATA_MAX + 2);
    memset(text, ' ', RT_METADATA_MAX + 1);
    memcpy(text, "{" ISSUER "}", sizeof(ISSUER) + 1);

    text[RT_METADATA_MAX] = '\0';
    assert_int_equal(parse(text), RT_OK);

    text[RT_METADATA_MAX] = ' ';
    text[RT_METADATA_MAX + 1] = '\0';
    refused(text, RT_TOO_BIG, "is too large");

    n = sprintf(text, "{" ISSUER ",\"x\":");
    memset(text + n, '[', 20);
    memset(text + n + 20, ']', 20);
    strcpy(text + n + 40, "}");
    refused(text, RT_TOO_BIG, "has too many values");

    arena.left = 3;
    assert_int_equal(parse("{" ISSUER "}"), RT_ERROR);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(keycloak),
        ARENA_TEST(sparse),
        ARENA_TEST(issuer),
        ARENA_TEST(schemes),
        ARENA_TEST(in_the_clear),
        ARENA_TEST(malformed),
        ARENA_TEST(bounds)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

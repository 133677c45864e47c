
/* rt_introspection: what is an answer about a token, and what is none */

#include "rt_test.h"
#include "rt_claims_tree.h"
#include "oidc/rt_introspection.h"


#define NOW     1700000000
#define LEEWAY  30


static rt_json_t   *answer;
static const char  *why;


static rt_status_e
parse(const char *body)
{
    rt_str_t  text;

    text = copied(body);
    why = NULL;

    return rt_introspection_parse(&mem, &text, &answer, &why);
}


static rt_status_e
from_jwt(const char *claims)
{
    why = NULL;

    return rt_introspection_signed(tree_of(&arena, claims), NOW, LEEWAY,
                                   &answer, &why);
}


static void
active(void **state)
{
    (void) state;

    assert_int_equal(parse("{\"active\":true,\"sub\":\"u\"}"), RT_OK);
    assert_true(rt_str_lit(&rt_json_member(answer, "sub")->str, "u"));

    assert_int_equal(parse(" {\"scope\":\"a b\",\"active\" : true} "), RT_OK);
}


static void
inactive(void **state)
{
    (void) state;

    assert_int_equal(parse("{\"active\":false}"), RT_DECLINED);
    assert_int_equal(parse("{\"active\":false,\"sub\":\"u\"}"), RT_DECLINED);
    assert_null(why);
}


/* such an answer must not be taken for "no" either: it would be remembered */

static void
no_answer(void **state)
{
    size_t  i;

    static const char  *bad[] = {
        "", " ", "{", "true", "null", "[]", "[{\"active\":true}]", "{}",
        "{\"active\":\"true\"}", "{\"active\":1}", "{\"active\":null}",
        "{\"active\":[true]}", "{\"active\":{}}", "{\"Active\":true}",
        "{\"active\":true,\"active\":true}",
        "{\"active\":true,\"active\":false}",
        "{\"active\":true}{}", "{\"active\":true,\"a\":\"\\u0000\"}",
        "{\"active\":true,\"a\":\"\xff\"}", "{\"x\":{\"active\":true}}",
        "{\"error\":\"invalid_client\"}", "<html>", "active=true",
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {

        if (parse(bad[i]) != RT_INVALID) {
            fail_msg("%s is an answer", bad[i]);
        }

        assert_non_null(why);
    }
}


static void
too_large(void **state)
{
    rt_str_t  text;

    (void) state;

    text.len = RT_INTROSPECTION_MAX + 1;
    text.data = rt_alloc(&mem, text.len);
    memset(text.data, ' ', text.len);
    memcpy(text.data, "{\"active\":true}", 15);

    assert_int_equal(rt_introspection_parse(&mem, &text, &answer, &why),
                     RT_TOO_BIG);

    text.len--;
    assert_int_equal(rt_introspection_parse(&mem, &text, &answer, &why),
                     RT_OK);
}


static void
signed_answer(void **state)
{
    (void) state;

    assert_int_equal(from_jwt("{\"iat\":1700000000,\"active\":false,"
                              "\"token_introspection\":{\"active\":true,"
                              "\"sub\":\"u\"}}"), RT_OK);
    assert_true(rt_str_lit(&rt_json_member(answer, "sub")->str, "u"));

    assert_int_equal(from_jwt("{\"iat\":1699999910.5,"
                              "\"token_introspection\":{\"active\":false}}"),
                     RT_DECLINED);
    assert_int_equal(from_jwt("{\"iat\":1700000030,"
                              "\"token_introspection\":{\"active\":true}}"),
                     RT_OK);
}


static void
signed_otherwise(void **state)
{
    size_t  i;

    static const char  *bad[] = {
        "{\"token_introspection\":{\"active\":true}}",
        "{\"iat\":\"1700000000\",\"token_introspection\":{\"active\":true}}",
        "{\"iat\":1699999909,\"token_introspection\":{\"active\":true}}",
        "{\"iat\":1700000031,\"token_introspection\":{\"active\":true}}",
        "{\"iat\":-1,\"token_introspection\":{\"active\":true}}",
        "{\"iat\":1e300,\"token_introspection\":{\"active\":true}}",
        "{\"iat\":1700000000,\"active\":true}",
        "{\"iat\":1700000000,\"token_introspection\":true}",
        "{\"iat\":1700000000,\"token_introspection\":[{\"active\":true}]}",
        "{\"iat\":1700000000,\"token_introspection\":\"{}\"}",
        "{\"iat\":1700000000,\"token_introspection\":{}}",
        "{\"iat\":1700000000,\"token_introspection\":{\"active\":\"true\"}}",
        "{\"iat\":1700000000,\"active\":true,"
        "\"token_introspection\":{\"sub\":\"u\"}}",
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {

        if (from_jwt(bad[i]) != RT_INVALID) {
            fail_msg("%s is an answer", bad[i]);
        }

        assert_non_null(why);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(active),
        ARENA_TEST(inactive),
        ARENA_TEST(no_answer),
        ARENA_TEST(too_large),
        ARENA_TEST(signed_answer),
        ARENA_TEST(signed_otherwise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

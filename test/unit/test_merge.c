
#include "rt_test.h"
#include "rt_claims_tree.h"
#include "oidc/rt_merge.h"


static void
assert_merged(const char *a, const char *b, const char *want)
{
    rt_str_t          json, wanted;
    const rt_json_t  *objects[3];

    objects[0] = a ? tree_of(&arena, a) : NULL;
    objects[1] = NULL;
    objects[2] = b ? tree_of(&arena, b) : NULL;

    assert_int_equal(rt_merge(&mem, objects, 3, &json), RT_OK);

    wanted = str(want);

    if (!rt_str_eq(&json, &wanted)) {
        fail_msg("%.*s, not %s", (int) json.len, json.data, want);
    }
}


static void
first_wins(void **state)
{
    (void) state;

    assert_merged("{\"sub\":\"ann\",\"groups\":[\"a\"]}",
                  "{\"sub\":\"ann\",\"groups\":[\"b\"],\"email\":\"a@x\"}",
                  "{\"sub\":\"ann\",\"groups\":[\"a\"],\"email\":\"a@x\"}");
    assert_merged(NULL, "{\"sub\":\"ann\"}", "{\"sub\":\"ann\"}");
    assert_merged("{}", "{}", "{}");
}


static void
left_out(void **state)
{
    (void) state;

    assert_merged("{\"nonce\":\"n\",\"at_hash\":\"h\",\"x\":1,\"c_hash\":\"h\","
                  "\"s_hash\":\"h\"}", "{\"nonce\":\"m\",\"y\":{\"nonce\":2}}",
                  "{\"x\":1,\"y\":{\"nonce\":2}}");
}


static void
values(void **state)
{
    (void) state;

    assert_merged("{\"n\":1.50,\"big\":123456789012345678901234567890,"
                  "\"t\":true,\"z\":null,\"a\":[1,\"\\u0001\\\"\"]}",
                  "{\"k\\u0001\":\"v\"}",
                  "{\"n\":1.50,\"big\":123456789012345678901234567890,"
                  "\"t\":true,\"z\":null,\"a\":[1,\"\\u0001\\\"\"],"
                  "\"k\\u0001\":\"v\"}");
}


static void
out_of_memory(void **state)
{
    rt_str_t          json;
    unsigned          n;
    const rt_json_t  *objects[1];

    (void) state;

    objects[0] = tree_of(&arena, "{\"sub\":\"ann\",\"groups\":[\"a\"]}");

    for (n = 0; n < 20; n++) {
        arena.left = n;

        if (rt_merge(&mem, objects, 1, &json) == RT_OK) {
            break;
        }
    }

    arena.left = -1;

    assert_true(n > 0 && n < 20);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(first_wins),
        ARENA_TEST(left_out),
        ARENA_TEST(values),
        ARENA_TEST(out_of_memory)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

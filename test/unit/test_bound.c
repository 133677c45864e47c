
/* rt_bound: the member "cnf" of a token's claims */

#include "rt_test.h"
#include "rt_claims_tree.h"
#include "jose/rt_bound.h"


#define JKT   "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
#define X5T   "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"
#define BOTH  (RT_BOUND_DPOP|RT_BOUND_MTLS)


static void
test_read(void **state)
{
    size_t       i;
    rt_bound_t   bound;
    rt_reason_e  reason;

    static const struct {
        const char   *claims;
        unsigned      on;
        rt_reason_e   reason;
        unsigned      ways;
    } cases[] = {
        { "{\"cnf\":{\"jkt\":\"" JKT "\"}}", BOTH, RT_REASON_OK,
          RT_BOUND_DPOP },
        { "{\"cnf\":{\"jkt\":\"" JKT "\"}}", RT_BOUND_DPOP, RT_REASON_OK,
          RT_BOUND_DPOP },
        { "{\"cnf\":{\"x5t#S256\":\"" JKT "\"}}", BOTH, RT_REASON_OK,
          RT_BOUND_MTLS },
        { "{\"cnf\":{\"x5t#S256\":\"" JKT "\",\"jkt\":\"" JKT "\"}}", BOTH,
          RT_REASON_OK, BOTH },

        { "{}", BOTH, RT_REASON_UNBOUND, 0 },
        { "{\"CNF\":{\"jkt\":\"" JKT "\"}}", BOTH, RT_REASON_UNBOUND, 0 },
        { "[]", BOTH, RT_REASON_UNBOUND, 0 },

        { "{\"cnf\":null}", BOTH, RT_REASON_CONFIRMATION, 0 },
        { "{\"cnf\":\"" JKT "\"}", BOTH, RT_REASON_CONFIRMATION, 0 },
        { "{\"cnf\":[\"" JKT "\"]}", BOTH, RT_REASON_CONFIRMATION, 0 },
        { "{\"cnf\":{}}", BOTH, RT_REASON_CONFIRMATION, 0 },
        { "{\"cnf\":{\"jkt\":\"" JKT "\"}}", RT_BOUND_MTLS,
          RT_REASON_CONFIRMATION, 0 },
        { "{\"cnf\":{\"jkt\":\"" JKT "\",\"kid\":\"a\"}}", BOTH,
          RT_REASON_CONFIRMATION, 0 },
        { "{\"cnf\":{\"jwk\":{}}}", BOTH, RT_REASON_CONFIRMATION, 0 },
        { "{\"cnf\":{\"JKT\":\"" JKT "\"}}", BOTH, RT_REASON_CONFIRMATION, 0 },
        { "{\"cnf\":{\"jkt\":null}}", BOTH, RT_REASON_CONFIRMATION, 0 },
        { "{\"cnf\":{\"jkt\":\"\"}}", BOTH, RT_REASON_CONFIRMATION, 0 },
        { "{\"cnf\":{\"jkt\":\"" JKT "A\"}}", BOTH, RT_REASON_CONFIRMATION,
          0 },
        { "{\"cnf\":{\"jkt\":\"" JKT "=\"}}", BOTH, RT_REASON_CONFIRMATION,
          0 },

        /* its last bits are no zeros: another spelling of a digest */

        { "{\"cnf\":{\"x5t#S256\":\"" X5T "\"}}", BOTH,
          RT_REASON_CONFIRMATION, 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reason = rt_bound_read(tree_of(&arena, cases[i].claims), cases[i].on,
                               &bound);

        if (reason != cases[i].reason
            || (reason == RT_REASON_OK && bound.ways != cases[i].ways))
        {
            fail_msg("%s: %d, %u", cases[i].claims, reason, bound.ways);
        }
    }

    assert_int_equal(rt_bound_read(NULL, BOTH, &bound), RT_REASON_UNBOUND);
}


static void
test_digests(void **state)
{
    rt_bound_t  bound;

    (void) state;

    assert_int_equal(rt_bound_read(tree_of(&arena, "{\"cnf\":{"
                         "\"x5t#S256\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                         "AAAAAA8\",\"jkt\":\"" JKT "\"}}"), BOTH, &bound),
                     RT_REASON_OK);

    assert_int_equal(bound.x5t[RT_BOUND_HASH - 1], 0x0f);
    assert_int_equal(bound.x5t[0], 0);
    assert_int_equal(bound.jkt[0], 0xd1);
    assert_int_equal(bound.jkt[RT_BOUND_HASH - 1], 0x82);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        ARENA_TEST(test_read),
        ARENA_TEST(test_digests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}


/* rt_scope: scopes of access tokens, as they are written */

#include "rt_test.h"
#include "rt_claims_tree.h"
#include "policy/rt_scope.h"


static void
test_scopes(void **state)
{
    size_t      i;
    rt_str_t    scope;
    rt_arena_t  arena;

    static const struct {
        const char  *claims;
        const char  *scope;
        int          want;
    } cases[] = {
        { "{\"scope\":\"read\"}", "read", 1 },
        { "{\"scope\":\"openid read write\"}", "read", 1 },
        { "{\"scope\":\"  read  \"}", "read", 1 },
        { "{\"scope\":[\"a\",\"read\"]}", "read", 1 },
        { "{\"scp\":\"a read\"}", "read", 1 },
        { "{\"scp\":[\"a\",\"read\"]}", "read", 1 },

        { "{\"scope\":\"readonly reads\"}", "read", 0 },
        { "{\"scope\":\"READ\"}", "read", 0 },
        { "{\"scope\":\"a,read\"}", "read", 0 },
        { "{\"scope\":\"a\\tread\"}", "read", 0 },
        { "{\"scope\":\"\"}", "read", 0 },
        { "{\"scope\":[\"a read\"]}", "read", 0 },
        { "{\"scope\":[[\"read\"],{\"read\":1},null,1]}", "read", 0 },
        { "{\"scope\":{\"read\":true}}", "read", 0 },
        { "{\"scope\":null,\"scp\":\"read\"}", "read", 0 },
        { "{\"scope\":\"a\",\"scp\":\"read\"}", "read", 0 },
        { "{\"scope\":1}", "1", 0 },
        { "{}", "read", 0 },
        { "[\"scope\"]", "scope", 0 },
    };

    (void) state;

    (void) rt_arena_init(&arena);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scope.data = (unsigned char *) cases[i].scope;
        scope.len = strlen(cases[i].scope);

        if (rt_scope_has(tree_of(&arena, cases[i].claims), &scope)
            != cases[i].want)
        {
            fail_msg("%s, %s", cases[i].claims, cases[i].scope);
        }
    }

    assert_false(rt_scope_has(NULL, &scope));

    rt_arena_free(&arena);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_scopes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

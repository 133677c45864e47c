
/* rt_rowfilter: conditions of SQL that a user's claims go into */

#include "rt_test.h"
#include "rt_claims_tree.h"
#include "policy/rt_rowfilter.h"


static rt_policy_t      policy;
static rt_rowfilters_t  set;
static rt_group_t      *eu, *us;
static rt_str_t         err;


static int
setup(void **state)
{
    rt_str_t  name_eu = rt_string("eu"), name_us = rt_string("us");

    (void) arena_setup(state);

    memset(&set, 0, sizeof(rt_rowfilters_t));
    set.mem = &mem;

    rt_policy_init(&policy, &mem);
    assert_int_equal(rt_policy_add_group(&policy, &name_eu, &eu, &err), RT_OK);
    assert_int_equal(rt_policy_add_group(&policy, &name_us, &us, &err), RT_OK);

    return 0;
}


/* options are words, with blanks between them */

static rt_status_e
line(const rt_group_t *group, const char *clause, const char *options)
{
    size_t     n;
    rt_str_t  *args, rest;

    args = rt_arena_alloc(&arena, 8 * sizeof(rt_str_t));
    args[0] = (rt_str_t) rt_string("orders");
    args[1] = str(clause);

    rest = str(options);

    for (n = 2; rest.len; n++) {
        (void) rt_str_cut(&rest, ' ', &args[n], &rest);
    }

    return rt_rowfilter_add(&set, &policy, group, args, n, &err);
}


static char *
text(const char *claims, unsigned in_eu, unsigned in_us)
{
    char                 *copy;
    rt_str_t              out, claim;
    rt_groups_t           groups;
    rt_rowfilter_user_t   user;

    memset(&groups, 0, sizeof(rt_groups_t));
    groups.bits[0] = (uint64_t) (in_eu | in_us << 1);

    user.claims = tree_of(&arena, claims);
    user.name = (rt_str_t) rt_string("o'hara@corp.com");
    user.owns_email = 1;
    user.groups = &groups;

    (void) rt_rowfilter_text(&mem, set.filters, &user, &out, &claim);
    assert_true(out.len > 0 && out.len <= RT_ROWFILTER_MAX_TEXT);

    copy = rt_arena_alloc(&arena, out.len + 1);
    memcpy(copy, out.data, out.len);
    copy[out.len] = '\0';

    return copy;
}


/* one base clause, with the claim "a" of that JSON */

static char *
with(const char *clause, const char *json)
{
    char  claims[8192];

    set.filters = NULL;
    set.n = 0;

    if (line(NULL, clause, "") != RT_OK) {
        fail_msg("%s: %.*s", clause, (int) err.len, err.data);
    }

    (void) snprintf(claims, sizeof(claims), "{\"a\":%s}", json);

    return text(claims, 0, 0);
}


static void
test_join(void **state)
{
    (void) state;

    assert_int_equal(line(eu, "region = 1 OR x", "key=region"), RT_OK);
    assert_int_equal(line(eu, "client_id = 4", ""), RT_OK);
    assert_int_equal(line(us, "region = 2", "key=region"), RT_OK);
    assert_int_equal(line(us, "client_id = 5", ""), RT_OK);

    assert_string_equal(text("{}", 1, 0), "(region = 1 OR x) AND "
                                          "(client_id = 4)");
    assert_string_equal(text("{}", 0, 1), "(region = 2) AND (client_id = 5)");
    assert_string_equal(text("{}", 1, 1),
                        "((region = 1 OR x) OR (region = 2)) AND "
                        "(client_id = 4) AND (client_id = 5)");

    /* whom no line speaks of sees nothing */

    assert_string_equal(text("{}", 0, 0), "1=0");

    assert_int_equal(line(NULL, "tenant = {{claim:t}}", "except=us"), RT_OK);

    assert_string_equal(text("{\"t\":\"x\"}", 0, 0), "(tenant = 'x')");
    assert_string_equal(text("{\"t\":\"x\"}", 1, 0),
                        "(tenant = 'x') AND (region = 1 OR x) AND "
                        "(client_id = 4)");
    assert_string_equal(text("{}", 0, 1), "(region = 2) AND (client_id = 5)");
    assert_string_equal(text("{}", 1, 0), "1=0");
}


static void
test_except_all(void **state)
{
    (void) state;

    assert_int_equal(line(NULL, "a = 1", "except=eu except=us"), RT_OK);

    assert_string_equal(text("{}", 0, 0), "(a = 1)");
    assert_string_equal(text("{}", 1, 0), "1=1");
    assert_string_equal(text("{}", 0, 1), "1=1");
}


static void
test_nobody(void **state)
{
    rt_str_t  out, claim;

    (void) state;

    assert_int_equal(line(NULL, "a = 1", ""), RT_OK);
    assert_int_equal(rt_rowfilter_text(&mem, set.filters, NULL, &out, &claim),
                     RT_OK);
    assert_true(rt_str_lit(&out, "1=0"));
}


static void
test_literals(void **state)
{
    size_t  i;

    static const struct {
        const char  *clause, *json, *want;
    } cases[] = {
        { "a = {{claim:a}}", "\"x\"", "(a = 'x')" },
        { "a={{claim:a}}", "4", "(a=4)" },
        { "a < {{claim:a}} AND b", "-1.5e3", "(a < -1.5e3 AND b)" },
        { "{{claim:a}} OR b", "true", "(TRUE OR b)" },
        { "{{claim:a}}", "false", "(FALSE)" },
        { "a = {{claim:a}}", "\"' OR 1=1 --\"", "(a = ''' OR 1=1 --')" },
        { "a = {{claim:a}}", "\"''\"", "(a = '''''')" },
        { "a = {{claim:a}}", "\"\\u00e9{{user}}\"", "(a = 'é{{user}}')" },
        { "a = {{claim:a.b[0]}}", "{\"b\":[7]}", "(a = 7)" },
        { "a = {{claim:/a/b~1c}}", "{\"b/c\":7}", "(a = 7)" },
        { "a = {{user}}", "1", "(a = 'o''hara@corp.com')" },
        { "a = {{claim:a}} OR b={{claim:a}}", "1", "(a = 1 OR b=1)" },
        { "a IN ({{claim:a}})", "[1,\"b'\",true]", "(a IN (1, 'b''', TRUE))" },
        { "a not in ( {{claim:a}} )", "[1]", "(a not in ( 1 ))" },
        { "a IN ({{claim:a}})", "\"x\"", "(a IN ('x'))" },
        { "f('it''s [', \"(\", `x y`, t[1], [b c]) = {{claim:a}}", "1",
          "(f('it''s [', \"(\", `x y`, t[1], [b c]) = 1)" },

        { "a = {{claim:a}}", "[1,2]", "1=0" },
        { "a = {{claim:a}}", "[1]", "1=0" },
        { "a IN (1, {{claim:a}})", "[1]", "1=0" },
        { "a = ANY ({{claim:a}})", "[1]", "1=0" },
        { "a = ({{claim:a}})", "[1]", "1=0" },
        { "a IN ({{claim:a}})", "[]", "1=0" },
        { "a IN ({{claim:a}})", "[1,null]", "1=0" },
        { "a IN ({{claim:a}})", "[1,[2]]", "1=0" },
        { "a IN ({{claim:a}})", "[1,{}]", "1=0" },
        { "a IN ({{claim:a}})", "[\"x\",\"\"]", "1=0" },
        { "a IN ({{claim:a}})", "[\"x\",\"\\\\\"]", "1=0" },
        { "a = {{claim:a}}", "\"\"", "1=0" },
        { "a = {{claim:a}}", "null", "1=0" },
        { "a = {{claim:a}}", "{}", "1=0" },
        { "a = {{claim:b}}", "1", "1=0" },
        { "a = {{claim:a}}", "\"\\\\' OR 1=1 -- \"", "1=0" },
        { "a = {{claim:a}}", "\"x\\u0000\"", "1=0" },
        { "a = {{claim:a}}", "\"x\\ny\"", "1=0" },
        { "a = {{claim:a}}", "\"x\\u007f\"", "1=0" },
        { "a = {{claim:a}}", "\"x\\u0085\"", "1=0" },
        { "b OR a = {{claim:a}}", "\"\\\\\"", "1=0" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(with(cases[i].clause, cases[i].json),
                            cases[i].want);
    }
}


/* one clause that cannot be said is enough, beside another of its key, too */

static void
test_whole(void **state)
{
    (void) state;

    assert_int_equal(line(eu, "a = 1", "key=k"), RT_OK);
    assert_int_equal(line(eu, "a = {{claim:a}}", "key=k"), RT_OK);

    assert_string_equal(text("{\"a\":2}", 1, 0), "((a = 1) OR (a = 2))");
    assert_string_equal(text("{}", 1, 0), "1=0");
}


static void
test_email(void **state)
{
    size_t                i;
    rt_str_t              out, claim;
    rt_groups_t           groups;
    rt_rowfilter_user_t   user;

    static const char *const  clauses[] = {
        "a = {{claim:email}}", "a = {{claim:/email}}", "a = {{user}}"
    };

    (void) state;

    memset(&groups, 0, sizeof(rt_groups_t));
    memset(&user, 0, sizeof(rt_rowfilter_user_t));

    user.claims = tree_of(&arena, "{\"email\":\"boss@corp.com\"}");
    user.groups = &groups;

    for (i = 0; i < 3; i++) {
        set.filters = NULL;
        assert_int_equal(line(NULL, clauses[i], ""), RT_OK);

        assert_int_equal(rt_rowfilter_text(&mem, set.filters, &user, &out,
                                           &claim), RT_DECLINED);
        assert_true(rt_str_lit(&out, "1=0"));
        assert_memory_equal(claim.data, clauses[i] + 6, claim.len);
        assert_string_equal(clauses[i] + 6 + claim.len, "}}");
    }
}


static void
test_long(void **state)
{
    char    *json;
    size_t   i, n, len;

    (void) state;

    json = rt_arena_alloc(&arena, 8192);

    for (n = 1000; n < 1400; n++) {
        len = 0;

        for (i = 0; i < n; i++) {
            len += (size_t) sprintf(json + len, "%c1", i ? ',' : '[');
        }

        strcpy(json + len, "]");

        /* "(a IN (1, 1))" */

        len = 7 + 3 * n - 2 + 2;

        assert_int_equal(strlen(with("a IN ({{claim:a}})", json)),
                         len > RT_ROWFILTER_MAX_TEXT ? 3 : len);
    }
}


static void
test_beside(void **state)
{
    size_t  i;

    static const char *const  clauses[] = {
        "b LIKE 'x%' AND a = {{claim:a}}",
        "(b LIKE 'x%' OR b ~ 'y') AND a IN ({{claim:a}})",
        "match IN ({{claim:a}})",
        "match BETWEEN {{claim:a}} AND {{claim:a}}",
        "regexp_count = {{claim:a}}",
        "CASE WHEN b LIKE 'x%' THEN {{claim:a}} ELSE 0 END = a",
        "(b LIKE '(') OR coalesce(a, {{claim:a}}) = 1",
        "[like] IN ({{claim:a}})",
        "b LIKE 'x%' <=> {{claim:a}}",
        "(b LIKE 'x%') >= {{claim:a}}",
        "b->>'like' = {{claim:a}}",
        "coalesce(b LIKE 'x%', {{claim:a}}) = 1",
        "a = CASE WHEN b LIKE 'x%' THEN 1 ELSE {{claim:a}} END",
        "b LIKE CASE WHEN c THEN 'x' ELSE 'y' END AND a = {{claim:a}}",
        "b LIKE CASE WHEN a = {{claim:a}} THEN 'x' ELSE 'y' END",
        "b LIKE 'x' AND coalesce(t.end, {{claim:a}}) > 1",
        "b LIKE IF(a = {{claim:a}}, 'x', 'y')",
    };

    (void) state;

    for (i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++) {
        assert_non_null(strchr(with(clauses[i], "4711"), '7'));
    }
}


static void
test_refused(void **state)
{
    size_t    i;
    rt_str_t  few = rt_string("orders");

    static const struct {
        const char  *clause, *options;
    } cases[] = {
        { "", "" },
        { "a = '{{claim:a}}'", "" },
        { "a = \"{{claim:a}}\"", "" },
        { "a = `{{user}}`", "" },
        { "a = ARRAY[ {{claim:a}} ]", "" },
        { "a = x{{claim:a}}", "" },
        { "a = N{{claim:a}}", "" },
        { "a = 'x'{{claim:a}}", "" },
        { "a = {{claim:a}}'x'", "" },
        { "a = {{claim:a}}{{claim:a}}", "" },
        { "a = -{{claim:a}}", "" },
        { "a = {{claim:a}}x", "" },
        { "a = {{claim:a}}::int", "" },
        { "a = x.{{claim:a}}", "" },
        { "a IN {{claim:a}}", "" },
        { "a LIKE {{claim:a}}", "" },
        { "a not like  {{claim:a}}", "" },
        { "a SIMILAR TO {{claim:a}}", "" },
        { "a LIKE ({{claim:a}})", "" },
        { "a LIKE ( ( {{claim:a}} ) )", "" },
        { "a LIKE BINARY {{claim:a}}", "" },
        { "a LIKE ANY ({{claim:a}})", "" },
        { "a LIKE ALL ( {{claim:a}} )", "" },
        { "a LIKE '%' || {{claim:a}}", "" },
        { "a LIKE CONCAT('%', {{claim:a}}, '%')", "" },
        { "b = 1 AND a LIKE ((lower('=)' || {{claim:a}})))", "" },
        { "regexp_like(a, {{claim:a}})", "" },
        { "regexp_like(string => a, pattern => {{claim:a}})", "" },
        { "a LIKE b->>'c' || {{claim:a}}", "" },
        { "a LIKE b->'c' || {{claim:a}}", "" },
        { "a ~ ('^' || {{claim:a}})", "" },
        { "a LIKE IF(b = 1, '%', {{claim:a}})", "" },
        { "a LIKE IF(b = 1 AND c IN (1, 2), {{claim:a}}, '%')", "" },
        { "a LIKE CASE WHEN b = 1 THEN '%' ELSE {{claim:a}} END", "" },
        { "a LIKE CASE WHEN b = 1 THEN {{claim:a}} END", "" },
        { "a LIKE CASE b WHEN 1 THEN 'x' ELSE 'y' END || {{claim:a}}", "" },
        { "a LIKE CASE WHEN b THEN CASE c WHEN 1 THEN (2) END "
          "ELSE {{claim:a}} END", "" },
        { "a ~ {{claim:a}}", "" },
        { "a ~* {{claim:a}}", "" },
        { "a !~ ({{claim:a}})", "" },
        { "a ~~ {{claim:a}}", "" },
        { "a = {{claim:}}", "" },
        { "a = {{claim:a..b}}", "" },
        { "a = {{arg:a}}", "" },
        { "a = {{name}}", "" },
        { "a = {{ user }}", "" },
        { "a = {{user", "" },
        { "a = {{", "" },
        { "a = 'x", "" },
        { "a = \"x", "" },
        { "['] = {{claim:a}} OR [']", "" },
        { "`'` = {{claim:a}} OR `'`", "" },
        { "[(] = 1 OR )", "" },
        { "t[1", "" },
        { "a = (1", "" },
        { "a = 1) OR (1=1", "" },
        { "a = ')", "" },
        { "a = 1; DROP TABLE x", "" },
        { "a = 1 -- x", "" },
        { "a = 1 /* x", "" },
        { "a = 1 # x", "" },
        { "a = '\\' OR 1=1'", "" },
        { "a = $rtauth_user", "" },
        { "a = '$rtauth_user'", "" },
        { "a = $$x$$", "" },
        { "a = 1\r\nX: y", "" },
        { "a = '\xff'", "" },
        { "a = 1", "key=x" },
        { "a = 1", "except=asia" },
        { "a = 1", "except=" },
        { "a = 1", "except" },
        { "a = 1", "what=eu" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        err.len = 0;

        if (line(NULL, cases[i].clause, cases[i].options) != RT_INVALID
            || err.len == 0)
        {
            fail_msg("%s", cases[i].clause);
        }
    }

    assert_int_equal(line(eu, "a = 1", "except=us"), RT_INVALID);
    assert_int_equal(line(eu, "a = 1", "key="), RT_INVALID);
    assert_int_equal(line(eu, "a = 1", "key=a key=b"), RT_INVALID);

    assert_int_equal(rt_rowfilter_add(&set, &policy, NULL, &few, 1, &err),
                     RT_INVALID);
}


static void
test_bounds(void **state)
{
    char         clause[RT_ROWFILTER_MAX_CLAUSE + 2];
    char         name[RT_ROWFILTER_MAX_NAME + 2];
    size_t       i;
    unsigned     n;
    rt_str_t     args[2];

    static const char *const  names[] = { "", "a-b", "Orders", "a b", "\xc3" };

    (void) state;

    memset(clause, 'a', sizeof(clause));
    clause[RT_ROWFILTER_MAX_CLAUSE + 1] = '\0';
    assert_int_equal(line(NULL, clause, ""), RT_INVALID);
    clause[RT_ROWFILTER_MAX_CLAUSE] = '\0';
    assert_int_equal(line(NULL, clause, ""), RT_OK);

    for (n = 1; n < RT_ROWFILTER_MAX_LINES; n++) {
        assert_int_equal(line(eu, "a", ""), RT_OK);
    }

    assert_int_equal(line(eu, "a", ""), RT_INVALID);

    args[1] = (rt_str_t) rt_string("a");

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        args[0] = str(names[i]);
        assert_int_equal(rt_rowfilter_add(&set, &policy, NULL, args, 2, &err),
                         RT_INVALID);
    }

    memset(name, 'a', sizeof(name));
    args[0].data = (unsigned char *) name;
    args[0].len = RT_ROWFILTER_MAX_NAME + 1;
    assert_int_equal(rt_rowfilter_add(&set, &policy, NULL, args, 2, &err),
                     RT_INVALID);

    for (n = 1; n <= RT_ROWFILTER_MAX_NAMES; n++) {
        args[0].len = n;
        assert_int_equal(rt_rowfilter_add(&set, &policy, NULL, args, 2, &err),
                         n < RT_ROWFILTER_MAX_NAMES ? RT_OK : RT_INVALID);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_join, setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_except_all, setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_nobody, setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_literals, setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_whole, setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_email, setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_long, setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_beside, setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_bounds, setup, arena_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

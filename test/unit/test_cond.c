
/* rt_cond: what holds and what does not; regular expressions are POSIX here */

#include <regex.h>

#include "rt_test.h"
#include "rt_claims_tree.h"
#include "policy/rt_cond.h"


#define CLAIMS                                                                \
    "{\"s\":\"abc\",\"e\":\"\",\"n\":10,\"f\":2.50,\"t\":true,\"no\":false,"  \
    "\"null\":null,\"a\":[\"x\",\"admins\",7,true,[\"deep\"]],\"ea\":[],"     \
    "\"o\":{\"k\":\"v\"},\"eo\":{},\"big\":9007199254740993,\"ds\":\"12\","   \
    "\"realm_access\":{\"roles\":[\"editor\"]},\"https://x/g\":[\"g\"],"      \
    "\"neg\":-3,\"exp\":1e2,\"nl\":\"sales\\n\",\"nul\":\"a\\u0000b\","     \
    "\"nel\":\"a\\u0085\",\"tab\":\"a\\tb\",\"utf\":\"\\u00e9\","             \
    "\"list\":\"builders,staff\",\"odd\":\",, a,,b|c,\",\"al\":[\"x,y\",\"z\"]}"


static regex_t     regexes[64];
static size_t      nregexes;
static size_t      nmatches;


static void *
compile(void *ctx, const rt_str_t *pattern, rt_regex_use_e use, int icase,
    rt_str_t *err)
{
    char      text[256];
    regex_t  *re;

    static const rt_str_t  bad = rt_string("does not compile");

    assert_ptr_equal(ctx, &arena);
    assert_int_equal(use, RT_REGEX_CLAIM);
    re = &regexes[nregexes];
    snprintf(text, sizeof(text), "%.*s", (int) pattern->len, pattern->data);

    if (regcomp(re, text, REG_EXTENDED|REG_NOSUB|(icase ? REG_ICASE : 0))) {
        *err = bad;
        return NULL;
    }

    nregexes++;

    return re;
}


static int
match(void *ctx, void *regex, const rt_str_t *subject)
{
    char  text[1024];

    assert_ptr_equal(ctx, &arena);

    snprintf(text, sizeof(text), "%.*s", (int) subject->len, subject->data);

    nmatches++;

    if (strcmp(text, "trap") == 0) {
        return RT_COND_GAVE_UP;
    }

    return regexec(regex, text, 0, NULL, 0) == 0;
}


static const rt_regex_t  engine = { &arena, compile, match };


static int
setup(void **state)
{
    (void) state;
    (void) rt_arena_init(&arena);
    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    while (nregexes) {
        regfree(&regexes[--nregexes]);
    }

    rt_arena_free(&arena);

    return 0;
}


/* words with spaces between them; '' is an empty one */

static size_t
words(const char *text, rt_str_t *args)
{
    size_t       n;
    const char  *end;

    for (n = 0; *text; n++) {
        end = strchr(text, ' ');
        end = end ? end : text + strlen(text);

        args[n].data = (unsigned char *) text;
        args[n].len = (size_t) (end - text);

        if (rt_str_lit(&args[n], "''")) {
            args[n].len = 0;
        }

        text = *end ? end + 1 : end;
    }

    return n;
}


static int
holds(const char *text)
{
    size_t      n;
    rt_str_t   *args, err;
    rt_cond_t   cond;

    args = rt_arena_alloc(&arena, 128 * sizeof(rt_str_t));
    n = words(text, args);

    if (rt_cond_compile(&mem, args, n, 0, &engine, &cond, &err) != RT_OK) {
        fail_msg("%s: %.*s", text, (int) err.len, err.data);
    }

    return rt_cond_eval(&cond, NULL, tree_of(&arena, CLAIMS));
}


static void
test_true(void **state)
{
    size_t  i;

    static const char  *conds[] = {
        "s eq abc", "n eq 10", "f eq 2.50", "t eq true", "no eq false",
        "s ne abd", "n ne 11", "n ne 10x", "s ne 10", "t ne false", "e ne x",
        "s in x abc y", "n in 9 10",
        "a has admins", "a has 7", "a has true", "s has abc",
        "realm_access.roles has editor", "/realm_access/roles has editor",
        "/https:~1~1x~1g has g", "realm_access.roles[0] eq editor",
        "a any q x", "s any q abc",
        "s ~ ^ab", "s ~* ^AB", "n ~ ^1", "t ~ ^true$",
        "n gt 9", "n gt 9.5", "n gt 0", "n gt 0.50", "neg gt -30",
        "n gt 1e00", "n ge 10", "n ge 10.0", "n lt 1e2", "n le 10",
        "neg lt 0", "neg gt -4", "exp eq 1e2", "exp ge 100",
        "big gt 9007199254740992", "big lt 9007199254740994",
        "big ge 9007199254740993",
        "s present", "n present", "no present", "a present", "o present",
        "o.k present", "utf ~ ^..$", "nl present", "nl ne sales",
        "list has staff split=,", "list has builders split=,",
        "list any x staff split=,", "list has builders,staff",
        "list has builders,staff split=|", "odd has b|c split=,",
        "odd has c, split=|", "odd any x b|c split=,", "s has abc split=,",
        "n has 10 split=,", "a has admins split=,", "al has x,y split=,",
        "list ~ ^builders,",
        "s !in x y", "n !in 9 11", "e !in x", "t !in false x", "al !has w",
        "ea !has x", "ea !any x y", "s !has ab", "list !has x split=,",
        "list !any x y split=,", "list !has builders", "odd !has c split=|",
        "s !~ ^b", "s !~* ^B", "n !~ ^2", "t !~ ^false$",
    };

    (void) state;

    for (i = 0; i < sizeof(conds) / sizeof(conds[0]); i++) {
        if (!holds(conds[i])) {
            fail_msg("does not hold: %s", conds[i]);
        }
    }
}


static void
test_false(void **state)
{
    size_t  i;

    static const char  *conds[] = {
        "s eq ab", "s eq abcd", "s eq ABC", "n eq 10.0", "f eq 2.5",
        "a eq x", "o eq v", "e eq x", "t eq 1",
        "s ne abc", "n ne 10", "n ne 10.0", "n ne 1e1", "a ne x", "a ne zzz",
        "o ne x", "ea ne x", "eo ne x",
        "s !in abc x", "s !in x abc", "n !in 9 10", "n !in 9 10.0", "a !in x",
        "o !in x", "ea !in x", "absent !in x", "null !in x", "null !in null",
        "a !has admins", "a !has 7", "a !has 7.0", "a !has zzz", "o !has x",
        "absent !has x", "null !has x", "absent !any x y", "null !any x y",
        "al !has x,y", "al !any q x,y", "s !has abc", "s !any q abc",
        "list !has staff split=,", "list !any x staff split=,",
        "absent !~ x", "null !~ x", "a !~ x", "o !~ x", "nl !~ zz",
        "s !~ ^ab", "s !~* ^AB", "n !~ ^1",
        "absent ne x", "null ne x", "null eq null", "null ne null",
        "absent eq x", "absent in x y", "absent has x", "absent any x",
        "absent ~ .*", "absent gt 0", "absent lt 0", "absent present",
        "a in x", "a in admins", "s in ab bc",
        "a has admin", "a has dmins", "a has ADMINS", "a has deep",
        "a has y", "s has ab", "s has bc", "o has k", "o has v", "ea has x",
        "a any q y", "s any a b c",
        "s ~ ^b", "s ~ ^AB", "a ~ x", "o ~ .*", "null ~ .*",
        "n gt 10", "n lt 10", "n ge 10.5", "ds gt 1", "ds lt 99", "t ge 1",
        "t gt 0", "a gt 0", "big gt 9007199254740993",
        "big le 9007199254740992", "big eq 9007199254740992",
        "e present", "null present", "ea present", "eo present",
        "a[9] present", "o.x present", "s.x present",
        "nl ~ ^sales$", "nl ~ sales", "nl ~* .", "nul ~ ^a", "nel ~ ^a",
        "tab ~ a", "nl eq sales", "nl has sales",
        "list has staff", "list any staff builders", "list has staf split=,",
        "list has taff split=,", "list has STAFF split=,",
        "list has builders,staff split=,", "list has staff split=|",
        "list has , split=,", "odd has a split=,", "odd has b split=,",
        "al has x split=,", "al has y split=,", "e has x split=,",
        "null has null split=,", "o has v split=,", "absent has x split=,",
    };

    (void) state;

    for (i = 0; i < sizeof(conds) / sizeof(conds[0]); i++) {
        if (holds(conds[i])) {
            fail_msg("holds: %s", conds[i]);
        }
    }
}


static void
test_refused(void **state)
{
    size_t       i, n;
    char        *many, *p;
    rt_str_t     args[128], err;
    rt_cond_t    cond;

    static const struct {
        const char  *text;
        const char  *word;
    } bad[] = {
        { "", "CLAIM OPERATOR VALUE" },
        { "a", "CLAIM OPERATOR VALUE" },
        { "a = x", "unknown operator" },
        { "a EQ x", "unknown operator" },
        { "a '' x", "unknown operator" },
        { "a. eq x", "not a path" },
        { "'' eq x", "not a path" },
        { "a[x] eq x", "not a path" },
        { "a eq", "one value" },
        { "a eq x y", "one value" },
        { "a has x y", "one value" },
        { "a in", "1 to 64" },
        { "a present x", "no value" },
        { "a eq ''", "empty value" },
        { "a ne ''", "empty value" },
        { "a in x ''", "empty value" },
        { "a ~ ''", "empty value" },
        { "a ~ (", "does not compile" },
        { "a eq arg:b", "value of the request" },
        { "a in b header:c", "value of the request" },
        { "a ~ arg:b", "value of the request" },
        { "https://x.example/g has x", "/https:~1~1" },
        { "a gt x", "not a number" },
        { "a gt 1x", "not a number" },
        { "a gt 0x10", "not a number" },
        { "a gt +1", "not a number" },
        { "a gt 1.", "not a number" },
        { "a gt .5", "not a number" },
        { "a gt 1e", "not a number" },
        { "a gt 1e999", "not a number" },
        { "a gt nan", "not a number" },
        { "a gt inf", "not a number" },
        { "a gt -", "not a number" },
        { "a gt 1-2", "not a number" },
        { "a gt 1.2.3", "not a number" },
        { "a gt 1e2.5", "not a number" },
        { "a gt 010", "not a number" },
        { "a gt -00", "not a number" },
        { "a has x split=", "one character" },
        { "a has x split=,,", "one character" },
        { "a has x split=a", "neither letter nor" },
        { "a has x split=0", "neither letter nor" },
        { "a has x split=\303\251", "one character of ASCII" },
        { "a has x split=\t", "one character of ASCII" },
        { "a eq x split=,", "only operators" },
        { "a in x y split=,", "only operators" },
        { "a ~ x split=,", "only operators" },
        { "a present split=,", "only operators" },
        { "a has split=,", "takes one value, 0 given" },
        { "a any split=,", "1 to 64" },
        { "a has split=, x", "takes one value, 2 given" },
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        n = words(bad[i].text, args);

        assert_int_equal(rt_cond_compile(&mem, args, n, 0, &engine, &cond,
                                         &err), RT_INVALID);
        err.data[err.len] = '\0';

        if (strstr((char *) err.data, bad[i].word) == NULL) {
            fail_msg("%s: %s", bad[i].text, err.data);
        }
    }

    n = words("s ~ x", args);
    assert_int_equal(rt_cond_compile(&mem, args, n, 0, NULL, &cond, &err),
                     RT_INVALID);

    many = rt_arena_alloc(&arena, 256);
    p = many + sprintf(many, "a any");

    for (i = 0; i < 65; i++) {
        p += sprintf(p, " x");
    }

    n = words(many, args);
    assert_int_equal(rt_cond_compile(&mem, args, n, 0, &engine, &cond, &err),
                     RT_INVALID);
    assert_int_equal(rt_cond_compile(&mem, args, n - 1, 0, &engine, &cond,
                                     &err), RT_OK);
}


/* values that come with the request: empty ones fail, bad numbers fail */

static void
test_dynamic(void **state)
{
    rt_str_t          args[4], err, values[2];
    rt_cond_t         cond;
    const rt_json_t  *claims;

    (void) state;

    claims = tree_of(&arena, CLAIMS);

#define VALUE(i, s)  values[i].data = (unsigned char *) s;                    \
                     values[i].len = strlen(s)

    words("s ne $x", args);
    assert_int_equal(rt_cond_compile(&mem, args, 3, 1, &engine, &cond, &err),
                     RT_OK);
    VALUE(0, "other");
    assert_int_equal(rt_cond_eval(&cond, values, claims), 1);
    VALUE(0, "abc");
    assert_int_equal(rt_cond_eval(&cond, values, claims), 0);
    VALUE(0, "");
    assert_int_equal(rt_cond_eval(&cond, values, claims), 0);
    VALUE(0, "x");
    assert_int_equal(rt_cond_eval(&cond, values, NULL), 0);

    words("e eq $x", args);
    assert_int_equal(rt_cond_compile(&mem, args, 3, 1, &engine, &cond, &err),
                     RT_OK);
    VALUE(0, "");
    assert_int_equal(rt_cond_eval(&cond, values, claims), 0);

    words("s in $x $y", args);
    assert_int_equal(rt_cond_compile(&mem, args, 4, 1, &engine, &cond, &err),
                     RT_OK);
    VALUE(0, "abc");
    VALUE(1, "");
    assert_int_equal(rt_cond_eval(&cond, values, claims), 0);
    VALUE(1, "q");
    assert_int_equal(rt_cond_eval(&cond, values, claims), 1);

    words("n lt $x", args);
    assert_int_equal(rt_cond_compile(&mem, args, 3, 1, &engine, &cond, &err),
                     RT_OK);
    VALUE(0, "11");
    assert_int_equal(rt_cond_eval(&cond, values, claims), 1);
    VALUE(0, "11x");
    assert_int_equal(rt_cond_eval(&cond, values, claims), 0);
    VALUE(0, "inf");
    assert_int_equal(rt_cond_eval(&cond, values, claims), 0);
    VALUE(0, "");
    assert_int_equal(rt_cond_eval(&cond, values, claims), 0);
}


/* a limit that was met, a claim that is too long: it does not hold */

static void
test_given_up(void **state)
{
    char        text[64 + 2 * RT_COND_MAX_SUBJECT];
    rt_str_t    args[4], err;
    rt_cond_t   cond;

    (void) state;

    words("s !~ ^[at]", args);
    assert_int_equal(rt_cond_compile(&mem, args, 3, 0, &engine, &cond, &err),
                     RT_OK);

    assert_int_equal(rt_cond_eval(&cond, NULL,
                                  tree_of(&arena, "{\"s\":\"trap\"}")),
                     RT_COND_GAVE_UP);

    words("s ~ ^[at]", args);
    assert_int_equal(rt_cond_compile(&mem, args, 3, 0, &engine, &cond, &err),
                     RT_OK);

    assert_int_equal(rt_cond_eval(&cond, NULL,
                                  tree_of(&arena, "{\"s\":\"trap\"}")),
                     RT_COND_GAVE_UP);

    sprintf(text, "{\"s\":\"%0*d\"}", RT_COND_MAX_SUBJECT - 1, 0);
    text[6] = 'a';
    assert_int_equal(rt_cond_eval(&cond, NULL, tree_of(&arena, text)), 1);

    sprintf(text, "{\"s\":\"%0*d\"}", RT_COND_MAX_SUBJECT + 1, 0);
    text[6] = 'a';
    nmatches = 0;
    assert_int_equal(rt_cond_eval(&cond, NULL, tree_of(&arena, text)),
                     RT_COND_GAVE_UP);
    assert_int_equal(nmatches, 0);
}


static void
test_bounded(void **state)
{
    size_t    i;
    rt_str_t  pattern, out, err;

    static const struct {
        rt_regex_use_e  use;
        const char     *pattern;
        const char     *bounded;
    } good[] = {
        { RT_REGEX_CLAIM, "^a|b$",
          "(*LIMIT_MATCH=10000)(*NO_AUTO_POSSESS)\\A(?s:.*?)(?:^a|b$)" },
        { RT_REGEX_CLAIM, "(*UTF)(*UCP)\\w",
          "(*LIMIT_MATCH=10000)(*NO_AUTO_POSSESS)(*UTF)(*UCP)"
          "\\A(?s:.*?)(?:\\w)" },
        { RT_REGEX_SHORT, "(*UCP)\\w",
          "(*LIMIT_MATCH=2000)(*UTF)(*ANYCRLF)(*UCP)\\A(?s:.*?)(?m:\\w)" },
        { RT_REGEX_LONG, "a",
          "(*LIMIT_MATCH=20000)(*UTF)(*ANYCRLF)(*NO_AUTO_POSSESS)"
          "\\A(?s:.*?)(?m:a)" },
    };

    static const char  *bad[] = {
        "(*LIMIT_MATCH=99999999)a", "(*COMMIT)a", "a(*PRUNE)b", "a(*UTF)",
        "(a(?R)?b)", "(a(?0)?b)", "a\\g<0>", "a\\g'0'",
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        pattern = str(good[i].pattern);
        assert_int_equal(rt_regex_bounded(&mem, &pattern, good[i].use, &out,
                                          &err),
                         RT_OK);
        assert_int_equal(out.len, strlen(good[i].bounded));
        assert_memory_equal(out.data, good[i].bounded, out.len);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        pattern = str(bad[i]);

        if (rt_regex_bounded(&mem, &pattern, RT_REGEX_SHORT, &out, &err)
            != RT_INVALID)
        {
            fail_msg("taken: %s", bad[i]);
        }
    }
}


int
main(void)
{
#define T(name)  cmocka_unit_test_setup_teardown(name, setup, teardown)

    const struct CMUnitTest  tests[] = {
        T(test_true),
        T(test_false),
        T(test_refused),
        T(test_dynamic),
        T(test_given_up),
        T(test_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}


/* rt_policy: groups, permissions, workspaces */

#include "rt_test.h"
#include "rt_claims_tree.h"
#include "policy/rt_policy_index.h"
#include "policy/rt_policy_member.h"


static rt_policy_t  policy;
static rt_str_t     err;
static unsigned     nmatches;


/* regular expressions that match "trap" not at all, and all else */

static void *
compile(void *ctx, const rt_str_t *pattern, rt_regex_use_e use, int icase,
    rt_str_t *why)
{
    (void) ctx;
    (void) use;
    (void) icase;
    (void) why;

    return pattern->data;
}


static int
match(void *ctx, void *regex, const rt_str_t *subject)
{
    (void) ctx;
    (void) regex;

    nmatches++;

    return rt_str_lit(subject, "trap") ? RT_COND_GAVE_UP : 1;
}


static const rt_regex_t  engine = { NULL, compile, match };

static rt_str_t     corp[] = { rt_string("corp"), rt_string("partner") };


static int
setup(void **state)
{
    (void) arena_setup(state);
    rt_policy_init(&policy, &mem);
    return 0;
}


/* "name arg arg ...", as a line of the group's block */

static rt_status_e
line(rt_group_t *group, const char *text)
{
    size_t       n, i;
    rt_str_t    *args;
    const char  *end;

    static const struct {
        const char  *name;
        rt_status_e  (*add)(rt_policy_t *policy, rt_group_t *group,
                            const rt_str_t *args, size_t nargs, rt_str_t *err);
        rt_status_e  (*set)(rt_policy_t *policy, rt_group_t *group,
                            const rt_str_t *value, rt_str_t *err);
    } lines[] = {
        { "permission", rt_group_add_permission, NULL },
        { "except", rt_group_add_except, NULL },
        { "deny", rt_group_add_deny, NULL },
        { "include", rt_group_add_include, NULL },
        { "from", NULL, rt_group_set_from },
        { "until", NULL, rt_group_set_until },
        { "reason", NULL, rt_group_set_reason },
        { "default_app", NULL, rt_group_set_default_app },
        { "provider", NULL, rt_group_set_provider },
    };

    args = rt_arena_alloc(&arena, 16 * sizeof(rt_str_t));

    for (n = 0; *text; n++) {
        end = strchr(text, ' ');
        end = end ? end : text + strlen(text);
        args[n].data = (unsigned char *) text;
        args[n].len = (size_t) (end - text);
        text = *end ? end + 1 : end;
    }

    if (rt_str_lit(&args[0], "match")) {
        return rt_group_add_match(&policy, group, args + 1, n - 1, &engine,
                                  &err);
    }

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (rt_str_is(&args[0], lines[i].name, strlen(lines[i].name))) {
            return lines[i].add ? lines[i].add(&policy, group, args + 1, n - 1,
                                               &err)
                                : lines[i].set(&policy, group, &args[1], &err);
        }
    }

    fail_msg("no line: %s", text);
    return RT_ERROR;
}


/* a group with lines, up to NULL; all must be accepted */

static rt_group_t *
group(const char *name, ...)
{
    va_list       list;
    rt_str_t      n;
    const char   *text;
    rt_group_t   *g;

    n = str(name);
    assert_int_equal(rt_policy_add_group(&policy, &n, &g, &err), RT_OK);

    va_start(list, name);

    while ((text = va_arg(list, const char *)) != NULL) {
        if (line(g, text) != RT_OK) {
            fail_msg("%s: %.*s", text, (int) err.len, err.data);
        }
    }

    va_end(list);

    return g;
}


static rt_status_e
finish_bad(size_t nproviders, rt_policy_bad_t *bad)
{
    rt_status_e  rc;

    rc = rt_policy_member_finish(&policy, nproviders, bad, &err);

    return rc == RT_OK ? rt_policy_finish(&policy, corp, nproviders, bad, &err)
                       : rc;
}


static rt_status_e
finish(size_t nproviders)
{
    rt_policy_bad_t  bad;

    return finish_bad(nproviders, &bad);
}


static void
assert_err(const char *word)
{
    char  text[RT_POLICY_MAX_GROUPS * 4];

    snprintf(text, sizeof(text), "%.*s", (int) err.len, err.data);

    if (strstr(text, word) == NULL) {
        fail_msg("%s: not about %s", text, word);
    }
}


static rt_groups_t
groups_of(const char *claims, const char *provider)
{
    rt_str_t     name;
    rt_groups_t  set;

    name = str(provider);
    assert_int_equal(rt_policy_index(&policy), RT_OK);
    rt_policy_groups(&policy, tree_of(&arena, claims), &name, &set);

    return set;
}


/* the level at a path, which nginx has made another one since, at a time */

static const char *
level_at(const char *claims, const char *method, const char *path,
    const char *uri, int64_t now)
{
    rt_str_t           m, p, u;
    rt_asked_t         asked = { &m, &p, &u };
    rt_groups_t        set;
    const rt_group_t  *denied;

    m = str(method);
    p = str(path);
    u = str(uri);
    set = groups_of(claims, "corp");
    rt_policy_now(&policy, &set, now);

    return (char *) rt_policy_level_name(
                       rt_policy_judge(&policy, &set, &asked, &denied))->data;
}


static const char *
level(const char *claims, const char *method, const char *path)
{
    return level_at(claims, method, path, path, 0);
}


static const char *
landing(const char *claims)
{
    rt_groups_t        set;
    const rt_group_t  *g;

    set = groups_of(claims, "corp");
    g = rt_policy_workspace(&policy, &set);

    return g ? (char *) g->default_app.data : "-";
}


#define SUPPORT  "{\"groups\":[\"support\"]}"
#define BUILDER  "{\"groups\":[\"builders\"]}"
#define BOTH     "{\"groups\":[\"support\",\"builders\"]}"
#define NOBODY   "{\"groups\":[\"sup\",\"SUPPORT\",\"supports\"]}"


static void
test_example(void **state)
{
    (void) state;

    group("support", "match groups has support", "permission use",
          "default_app /apps/support", NULL);
    group("builders", "match groups has builders", "permission edit", NULL);
    assert_int_equal(finish(1), RT_OK);
    assert_int_equal(policy.grants, 1);

    assert_string_equal(level(SUPPORT, "GET", "/"), "use");
    assert_string_equal(level(BUILDER, "POST", "/x"), "edit");
    assert_string_equal(level(BOTH, "GET", "/"), "edit");
    assert_string_equal(level(NOBODY, "GET", "/"), "none");
    assert_string_equal(level("{}", "GET", "/"), "none");

    assert_string_equal(landing(SUPPORT), "/apps/support");
    assert_string_equal(landing(BUILDER), "-");
    assert_string_equal(landing(BOTH), "-");
    assert_string_equal(landing(NOBODY), "-");
}


static void
test_paths(void **state)
{
    (void) state;

    group("g", "match g eq 1", "permission use /a =/b/c /s/",
          "permission edit GET,PUT:/a/x POST:=/b/c", "permission own /a/x/y",
          NULL);
    assert_int_equal(finish(1), RT_OK);

#define G  "{\"g\":1}"

    assert_string_equal(level(G, "GET", "/"), "none");
    assert_string_equal(level(G, "GET", "/a"), "use");
    assert_string_equal(level(G, "GET", "/a/"), "use");
    assert_string_equal(level(G, "GET", "/a/b"), "use");
    assert_string_equal(level(G, "GET", "/ab"), "none");
    assert_string_equal(level(G, "GET", "/A"), "none");

    assert_string_equal(level(G, "GET", "/b/c"), "use");
    assert_string_equal(level(G, "GET", "/b/c/"), "none");
    assert_string_equal(level(G, "GET", "/b/c/d"), "none");
    assert_string_equal(level(G, "POST", "/b/c"), "edit");

    assert_string_equal(level(G, "GET", "/s"), "none");
    assert_string_equal(level(G, "GET", "/s/"), "use");
    assert_string_equal(level(G, "GET", "/s/t"), "use");

    assert_string_equal(level(G, "GET", "/a/x"), "edit");
    assert_string_equal(level(G, "HEAD", "/a/x"), "edit");
    assert_string_equal(level(G, "PUT", "/a/x/z"), "edit");
    assert_string_equal(level(G, "POST", "/a/x"), "use");
    assert_string_equal(level(G, "get", "/a/x"), "use");
    assert_string_equal(level(G, "GE", "/a/x"), "use");
    assert_string_equal(level(G, "", "/a/x"), "use");
    assert_string_equal(level(G, "DELETE", "/a/x/y"), "own");
    assert_string_equal(level(G, "", ""), "none");
}


static void
test_workspaces(void **state)
{
    (void) state;

    group("first", "match g has first", "permission use /first", NULL);
    group("second", "match g has second", "permission use /apps",
          "default_app /apps/2?x=1", NULL);
    group("third", "match g has third", "permission use",
          "default_app /apps/3", NULL);
    group("editor", "match g has editor", "permission edit POST:=/deep/one",
          NULL);
    group("owner", "match g has owner", "permission own /own",
          "default_app /own/", NULL);
    assert_int_equal(finish(1), RT_OK);

    assert_string_equal(landing("{\"g\":[\"first\"]}"), "-");
    assert_string_equal(landing("{\"g\":[\"first\",\"third\",\"second\"]}"),
                        "/apps/2?x=1");
    assert_string_equal(landing("{\"g\":[\"third\"]}"), "/apps/3");

    /* Edit or Own anywhere, with any method: no routing */

    assert_string_equal(landing("{\"g\":[\"third\",\"editor\"]}"), "-");
    assert_string_equal(landing("{\"g\":[\"owner\"]}"), "-");
}


static void
test_providers(void **state)
{
    rt_groups_t  set;

    (void) state;

    group("corp-admins", "match groups has admins", "permission own",
          "provider corp", NULL);
    group("partners", "match groups has admins", "match org eq p",
          "permission use /p", "provider partner", NULL);
    assert_int_equal(finish(2), RT_OK);

    set = groups_of("{\"groups\":[\"admins\"]}", "corp");
    assert_true(rt_groups_has(&set, 0));
    assert_false(rt_groups_has(&set, 1));

    set = groups_of("{\"groups\":[\"admins\"]}", "partner");
    assert_false(rt_groups_has(&set, 0));
    assert_true(rt_groups_has(&set, 1));
    assert_int_equal(rt_policy_top_level(&policy, &set), RT_LEVEL_USE);

    set = groups_of("{\"org\":\"p\"}", "partner");
    assert_true(rt_groups_has(&set, 1));

    set = groups_of("{\"groups\":[\"admins\"]}", "cor");
    assert_false(rt_groups_has(&set, 0));

    rt_policy_groups(&policy, NULL, &corp[0], &set);
    assert_false(rt_groups_has(&set, 0));
}


static void
test_finish_refuses(void **state)
{
    rt_policy_bad_t  bad;

    (void) state;

    assert_int_equal(finish(0), RT_OK);

    group("a", "match g has a", NULL);
    assert_int_equal(finish(1), RT_OK);
    assert_int_equal(finish(2), RT_INVALID);
    assert_err("provider NAME;");

    group("b", "match g has b", "provider other", NULL);
    assert_int_equal(finish_bad(1, &bad), RT_INVALID);
    assert_err("not declared");
    assert_true(rt_str_lit(&bad.group->name, "b"));
    assert_string_equal(bad.line, "provider");

    rt_policy_init(&policy, &mem);
    group("c", "permission use", NULL);
    assert_int_equal(finish(1), RT_INVALID);
    assert_err("no members");
}


static void
test_default_app(void **state)
{
    rt_group_t  *g;

    (void) state;

    /* without any permission everything is open */

    group("a", "match g has a", "default_app /apps/a", NULL);
    assert_int_equal(finish(1), RT_OK);

    rt_policy_init(&policy, &mem);
    group("a", "match g has a", "default_app /apps/a", NULL);
    group("b", "match g has b", "permission use", NULL);
    assert_int_equal(finish(1), RT_INVALID);
    assert_err("permission use /apps/a;");

    rt_policy_init(&policy, &mem);
    group("a", "match g has a", "permission use POST:/apps",
          "default_app /apps/a", NULL);
    assert_int_equal(finish(1), RT_INVALID);

    rt_policy_init(&policy, &mem);
    group("a", "match g has a", "permission use GET:/apps",
          "default_app /apps/a?b#c", NULL);
    assert_int_equal(finish(1), RT_OK);

    rt_policy_init(&policy, &mem);
    g = group("a", "match g has a", "permission use =/a/\xc3\xa9",
              "default_app /a/%C3%a9?b=%20#c", NULL);
    assert_int_equal(finish(1), RT_OK);
    assert_true(rt_str_lit(&g->default_path, "/a/\xc3\xa9"));
}


static void
test_lines_refused(void **state)
{
    size_t       i;
    rt_group_t  *g;

    static const struct {
        const char  *line;
        const char  *word;
    } bad[] = {
        { "match g", "CLAIM OPERATOR VALUE" },
        { "match g is x", "unknown operator" },
        { "permission", "use, edit or own" },
        { "permission none", "use, edit or own" },
        { "permission Use", "use, edit or own" },
        { "permission admin /x", "use, edit or own" },
        { "permission use x", "not a path" },
        { "permission use GET", "not a path" },
        { "permission use get:/x", "capitals" },
        { "permission use GET,:/x", "capitals" },
        { "permission use ,GET:/x", "capitals" },
        { "permission use :/x", "capitals" },
        { "permission use GET:x", "slash" },
        { "permission use GET:", "slash" },
        { "permission use =", "slash" },
        { "permission use ==/x", "slash" },
        { "permission use /a /b/../c", "dots" },
        { "permission use /./c", "dots" },
        { "permission use /c/..", "dots" },
        { "permission use /a//b", "merges" },
        { "permission use //", "merges" },
        { "permission use /a%2fb", "decoded" },
        { "permission use /a?b", "decoded" },
        { "permission use /a\\b", "backslash" },
        { "except GET:/a", "for all methods" },
        { "except x", "for all methods" },
        { "except /a//b", "merges" },
        { "except /a =b", "slash" },
        { "deny a", "not a path" },
        { "deny GET", "not a path" },
        { "deny get:/a", "capitals" },
        { "deny /a /b/./c", "dots" },
        { "from 2026-02-29T00:00:00Z", "whole seconds" },
        { "from 2026-12-31", "whole seconds" },
        { "until 2026-12-31T18:00:00", "offset" },
        { "until 2026-12-31T18:00:00.5Z", "whole seconds" },
        { "until tomorrow", "whole seconds" },
        { "reason \xff", "UTF-8" },
        { "reason a\tb", "one line" },
        { "default_app //evil", "slashes" },
        { "default_app https://evil", "slash" },
        { "default_app /a/%2e%2e/b", "dots" },
    };

    (void) state;

    g = group("g", "match g has g", NULL);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (line(g, bad[i].line) != RT_INVALID) {
            fail_msg("accepted: %s", bad[i].line);
        }

        assert_err(bad[i].word);
    }

    g = group("twice", "match g has g", "default_app /a", "provider corp",
              NULL);

    assert_int_equal(line(g, "default_app /b"), RT_INVALID);
    assert_err("twice");
    assert_int_equal(line(g, "provider corp"), RT_INVALID);
    assert_err("twice");
}


static void
test_except_and_deny(void **state)
{
    (void) state;

    group("staff", "match g has staff", "permission use",
          "permission edit /apps POST:=/one", "except /apps/hr =/apps/x /s/",
          NULL);
    group("hr", "match g has hr", "permission use /apps/hr", NULL);
    group("careful", "match g has careful", "permission own /apps",
          "deny DELETE:/apps GET,PUT:=/apps/secret /root/", NULL);
    assert_int_equal(finish(1), RT_OK);

#define STAFF  "{\"g\":[\"staff\"]}"

    assert_string_equal(level(STAFF, "GET", "/apps/y"), "edit");
    assert_string_equal(level(STAFF, "GET", "/apps/hr"), "none");
    assert_string_equal(level(STAFF, "GET", "/apps/hr/1"), "none");
    assert_string_equal(level(STAFF, "GET", "/apps/hrx"), "edit");
    assert_string_equal(level(STAFF, "POST", "/apps/x"), "none");
    assert_string_equal(level(STAFF, "POST", "/apps/x/"), "edit");
    assert_string_equal(level(STAFF, "GET", "/s"), "use");
    assert_string_equal(level(STAFF, "GET", "/s/t"), "none");

    /* it subtracts within its group; the path now is none of its business */

    assert_string_equal(level("{\"g\":[\"staff\",\"hr\"]}", "GET",
                              "/apps/hr"), "use");
    assert_string_equal(level_at(STAFF, "GET", "/x", "/apps/hr", 0), "use");
    assert_string_equal(level_at(STAFF, "GET", "/apps/hr", "/x", 0), "none");

#define CAREFUL  "{\"g\":[\"staff\",\"careful\"]}"

    assert_string_equal(level(CAREFUL, "GET", "/apps"), "own");
    assert_string_equal(level(CAREFUL, "DELETE", "/apps/1"), "none");
    assert_string_equal(level(CAREFUL, "HEAD", "/apps/secret"), "none");
    assert_string_equal(level(CAREFUL, "POST", "/apps/secret"), "own");
    assert_string_equal(level(CAREFUL, "GET", "/apps/secret/"), "own");
    assert_string_equal(level(CAREFUL, "GET", "/root"), "use");
    assert_string_equal(level(CAREFUL, "GET", "/root/x"), "none");
    assert_string_equal(level_at(CAREFUL, "GET", "/x", "/root/x", 0), "none");
    assert_string_equal(level_at(CAREFUL, "GET", "/root/x", "/x", 0), "none");

    /* of whom is in the group, and of nobody else */

    assert_string_equal(level(STAFF, "DELETE", "/apps/1"), "edit");
}


static void
test_include(void **state)
{
    (void) state;

    group("ops", "match g has ops", "include readers dba", NULL);
    group("dba", "permission edit /db", "include readers", NULL);
    group("readers", "match g has readers", "permission use /r", "deny /r/x",
          NULL);
    assert_int_equal(finish(1), RT_OK);

    assert_string_equal(level("{\"g\":[\"ops\"]}", "GET", "/db"), "edit");
    assert_string_equal(level("{\"g\":[\"ops\"]}", "GET", "/r"), "use");
    assert_string_equal(level("{\"g\":[\"ops\"]}", "GET", "/r/x"), "none");
    assert_string_equal(level("{\"g\":[\"readers\"]}", "GET", "/db"), "none");
    assert_string_equal(level("{\"g\":[\"dba\"]}", "GET", "/db"), "none");
}


static void
test_include_refused(void **state)
{
    rt_policy_bad_t  bad;

    (void) state;

    group("a", "match g has a", "include b nobody", NULL);
    group("b", "permission use", NULL);
    assert_int_equal(finish_bad(1, &bad), RT_INVALID);
    assert_err("\"nobody\" is no");
    assert_string_equal(bad.line, "include");

    rt_policy_init(&policy, &mem);
    group("a", "match g has a", "include a", NULL);
    assert_int_equal(finish(1), RT_INVALID);
    assert_err("circle");

    rt_policy_init(&policy, &mem);
    group("a", "match g has a", "include b", NULL);
    group("b", "include c", NULL);
    group("c", "include d", NULL);
    group("d", "include b", NULL);
    assert_int_equal(finish_bad(1, &bad), RT_INVALID);
    assert_err("circle");
    assert_true(rt_str_lit(&bad.group->name, "d"));

    /* nobody is in a group that nobody includes */

    rt_policy_init(&policy, &mem);
    group("a", "include b", NULL);
    group("b", "permission use", NULL);
    assert_int_equal(finish(1), RT_INVALID);
    assert_err("group \"a\" has no members");

    /* a partner's users in our group, by a detour, too */

    rt_policy_init(&policy, &mem);
    group("a", "match g has a", "provider partner", "include roles", NULL);
    group("roles", "include ours", NULL);
    group("ours", "match g has a", "provider corp", NULL);
    assert_int_equal(finish(2), RT_INVALID);
    assert_err("of provider \"corp\" alone");

    rt_policy_init(&policy, &mem);
    group("a", "match g has a", "provider partner", "include roles", NULL);
    group("b", "match g has a", "provider corp", "include roles", NULL);
    group("roles", "permission use", NULL);
    assert_int_equal(finish(2), RT_OK);
}


#define DAY(n)  ((int64_t) 1735689600 + (n) * 86400)    /* 2025-01-01 */

static void
test_times(void **state)
{
    (void) state;

    group("readers", "permission use /r", NULL);
    group("night", "from 2025-01-03T00:00:00Z", "until 2025-01-06T00:00:00Z",
          "reason night", "permission own /n", "include readers", NULL);
    group("call", "match g has call", "until 2025-01-05T01:00:00+01:00",
          "reason ticket-4711", "permission edit /c", "include night", NULL);
    group("plain", "match g has plain", "include night", NULL);
    assert_int_equal(finish(1), RT_OK);

#define CALL  "{\"g\":[\"call\"]}"
#define AT(who, path, day)  level_at(who, "GET", path, path, DAY(day))

    assert_string_equal(AT(CALL, "/c", 0), "edit");
    assert_string_equal(AT(CALL, "/c", 4), "none");
    assert_string_equal(level_at(CALL, "GET", "/c", "/c", DAY(4) - 1), "edit");

    assert_string_equal(AT(CALL, "/n", 1), "none");
    assert_string_equal(level_at(CALL, "GET", "/n", "/n", DAY(2) - 1), "none");
    assert_string_equal(AT(CALL, "/n", 2), "own");
    assert_string_equal(AT(CALL, "/r", 2), "use");
    assert_string_equal(AT(CALL, "/n", 4), "none");
    assert_string_equal(AT(CALL, "/r", 4), "none");

    assert_string_equal(AT("{\"g\":[\"plain\"]}", "/n", 4), "own");
    assert_string_equal(AT("{\"g\":[\"plain\"]}", "/r", 1), "none");
    assert_string_equal(AT("{\"g\":[\"plain\"]}", "/n", 5), "none");
}


static void
test_times_refused(void **state)
{
    rt_policy_bad_t  bad;

    (void) state;

    group("a", "match g has a", "from 2025-01-01T00:00:00Z", NULL);
    assert_int_equal(finish_bad(1, &bad), RT_INVALID);
    assert_err("does not say why");
    assert_string_equal(bad.line, "from");

    rt_policy_init(&policy, &mem);
    group("a", "match g has a", "reason x", NULL);
    assert_int_equal(finish_bad(1, &bad), RT_INVALID);
    assert_err("does not end");
    assert_string_equal(bad.line, "reason");

    rt_policy_init(&policy, &mem);
    group("a", "match g has a", "reason x", "from 2025-01-01T01:00:00+01:00",
          "until 2025-01-01T00:00:00Z", NULL);
    assert_int_equal(finish_bad(1, &bad), RT_INVALID);
    assert_err("ends before it begins");
    assert_string_equal(bad.line, "until");
}


/* whatever a denied path is written like, if the application may take it so */

static void
test_alike(void **state)
{
    size_t       i;
    rt_str_t     name, path;
    rt_target_t  target;

    static const struct {
        const char  *name;
        const char  *path;
        int          alike;
    } row[] = {
        { "/admin", "/admin", 0 }, { "/admin", "/admin/x", 0 },
        { "/admin", "/Admin", 1 }, { "/admin", "/Admin/x", 1 },
        { "/admin", "/admin./x", 1 }, { "/admin", "/admin.json", 1 },
        { "/admin", "/administrator", 0 }, { "/admin", "/x/Admin", 0 },
        { "/a/b", "/a/B/c", 1 }, { "/a/b", "/A//b/c", 1 }, { "/a/b", "/A", 0 },
        { "/a/b/", "/a/b", 1 }, { "/a/b/", "/a/b/c", 0 },
        { "/a/b/", "/a/B/c", 1 }, { "/", "/x", 0 }, { "=/", "/x", 0 },
        { "=/a", "/A", 1 }, { "=/a", "/A/x", 0 }, { "=/a", "/a/", 1 },
        { "GET:/a", "/A/x", 1 },
    };

    (void) state;

    for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        name = str(row[i].name);
        path = str(row[i].path);

        assert_int_equal(rt_target_parse(&mem, &name, &target, &err), RT_OK);

        if (rt_target_alike(&target, &path) != row[i].alike) {
            fail_msg("%s and %s", row[i].name, row[i].path);
        }
    }
}


static void
test_groups(void **state)
{
    int           i;
    char         *name;
    rt_str_t      n;
    rt_group_t   *g;
    rt_groups_t   set;

    (void) state;

    n = str("");
    assert_int_equal(rt_policy_add_group(&policy, &n, &g, &err), RT_INVALID);
    n = str("a b");
    assert_int_equal(rt_policy_add_group(&policy, &n, &g, &err), RT_INVALID);
    n = str("a,b");
    assert_int_equal(rt_policy_add_group(&policy, &n, &g, &err), RT_INVALID);

    for (i = 0; i < RT_POLICY_MAX_GROUPS; i++) {
        name = rt_arena_alloc(&arena, 16);
        sprintf(name, "g%d", i);
        group(name, i % 2 ? "match odd eq true" : "match odd eq false", NULL);
    }

    n = str("g7");
    assert_int_equal(rt_policy_add_group(&policy, &n, &g, &err), RT_INVALID);
    assert_err("twice");
    n = str("more");
    assert_int_equal(rt_policy_add_group(&policy, &n, &g, &err), RT_INVALID);
    assert_err("more than 256");

    assert_int_equal(finish(1), RT_OK);
    assert_null(rt_policy_find(&policy, &n));
    set = groups_of("{\"odd\":true}", "corp");

    for (i = 0; i < RT_POLICY_MAX_GROUPS; i++) {
        assert_int_equal(rt_groups_has(&set, i), i % 2);
    }
}


/* what each group grants at /p, and at its best, by what was written for it */

static void
grant_by_chance(rt_level_e *here, rt_level_e *best)
{
    int    i, level, place;
    char  *name, *permission;

    static const char  *words[] = { "none", "use", "edit", "own" };
    static const char  *places[] = { "", " /q", " /p" };

    for (i = 0; i < RT_POLICY_MAX_GROUPS; i++) {
        level = (chance(8) == 0) ? 1 + (int) chance(3) : 0;
        place = (int) chance(3);

        name = rt_arena_alloc(&arena, 16);
        sprintf(name, "g%d", i);
        permission = rt_arena_alloc(&arena, 32);
        sprintf(permission, "permission %s%s", words[level],
                places[place]);

        group(name, "match a eq 1", level ? permission : NULL, NULL);

        here[i] = (place == 1) ? RT_LEVEL_NONE : (rt_level_e) level;
        best[i] = (rt_level_e) level;
    }
}


/* whichever groups he is in: the highest level of them, and no other's */

static void
test_highest(void **state)
{
    int           i, round, among;
    rt_level_e    want, top, here[RT_POLICY_MAX_GROUPS],
                  best[RT_POLICY_MAX_GROUPS];
    rt_str_t           get = rt_string("GET"), path = rt_string("/p/x");
    rt_asked_t         asked = { &get, &path, &path };
    rt_groups_t        set;
    const rt_group_t  *denied;

    (void) state;

    grant_by_chance(here, best);
    assert_int_equal(finish(1), RT_OK);

    for (round = 0; round < 2000; round++) {
        memset(&set, 0, sizeof(rt_groups_t));
        want = RT_LEVEL_NONE;
        top = RT_LEVEL_NONE;
        among = 1 << chance(8);

        for (i = 0; i < RT_POLICY_MAX_GROUPS; i++) {

            if (chance((uint32_t) among) != 0) {
                continue;
            }

            set.bits[i / 64] |= (uint64_t) 1 << (i % 64);
            want = here[i] > want ? here[i] : want;
            top = best[i] > top ? best[i] : top;
        }

        assert_int_equal(rt_policy_judge(&policy, &set, &asked, &denied), want);
        assert_int_equal(rt_policy_top_level(&policy, &set), top);
    }
}


/* the hash table, and each condition asked by itself, give the same groups */

static void
test_index(void **state)
{
    int                i, k;
    char               text[256], *p, name[16];
    rt_json_t         *claims;
    rt_groups_t        set;
    const rt_group_t  *g;
    const rt_match_t  *m;

    static const char  *paths[] = { "a", "b", "o.a", "c[0]" };
    static const char  *values[] = { "x", "y", "true", "1", "null", "xy" };
    static const char  *ops[] = {
        "match %s eq %s", "match %s in %s y 7", "match %s has %s",
        "match %s any %s 1 zz", "match %s ne %s", "match %s present",
        "match %s has %s split=,", "match %s any %s 1 split=|",
    };
    static const char  *json[] = {
        "\"x\"", "\"y\"", "true", "1", "1.0", "null", "[\"x\",1,\"xy\"]",
        "[]", "[[\"x\"],null,true]", "{\"a\":\"x\"}", "\"\"", "[\"y\",\"y\"]",
        "\"x,y\"", "\",1|x,,xy|\"", "[\"x,y\",\"1|y\"]",
    };

#define PICK(table)  table[chance(sizeof(table) / sizeof(table[0]))]

    (void) state;

    for (i = 0; i < 64; i++) {
        sprintf(name, "g%d", i);
        sprintf(text, PICK(ops), PICK(paths), PICK(values));
        p = rt_arena_alloc(&arena, strlen(text) + strlen(name) + 2);
        strcpy(p, text);
        group(strcpy(p + strlen(text) + 1, name), p,
              i % 3 ? NULL : "provider corp", i % 6 ? NULL : "match b eq x",
              NULL);
    }

    for (k = 0; k < 2000; k++) {
        sprintf(text, "{\"a\":%s,\"b\":%s,\"o\":%s,\"c\":%s}", PICK(json),
                PICK(json), PICK(json), PICK(json));

        set = groups_of(text, k % 2 ? "corp" : "other");
        claims = tree_of(&arena, text);

        for (g = policy.groups; g; g = g->next) {
            i = 0;

            for (m = g->matches; m; m = m->next) {
                i |= rt_cond_eval(&m->cond, NULL, claims)
                     && (g->provider.len == 0 || k % 2);
            }

            if (i != rt_groups_has(&set, g->index)) {
                fail_msg("%s: group %d, not %d", text, g->index, i);
            }
        }
    }
}


/* what regular expressions may cost a token is bounded, whatever it says */

static void
test_given_up(void **state)
{
    int                i;
    char              *name;
    rt_groups_t        set;
    const rt_cond_t   *cond;

    (void) state;

    group("first", "match mail ~ first", "match dept eq it", NULL);

    for (i = 1; i < 200; i++) {
        name = rt_arena_alloc(&arena, 16);
        sprintf(name, "g%d", i);
        group(name, i % 2 ? "match mail ~ x" : "match name ~ x", NULL);
    }

    group("last", "match dept has it", "match name ~ x", NULL);

    assert_int_equal(finish(1), RT_OK);
    assert_int_equal(rt_policy_index(&policy), RT_OK);

    nmatches = 0;
    cond = rt_policy_groups(&policy, tree_of(&arena, "{\"mail\":\"trap\"}"),
                            &corp[0], &set);

    assert_int_equal(nmatches, RT_POLICY_MAX_GIVEN_UP);
    assert_non_null(cond);
    assert_true(rt_str_lit(&cond->path, "mail"));
    assert_true(rt_str_lit(&cond->values[0], "first"));

    for (i = 0; i < RT_POLICY_MAX_GROUPS; i++) {
        assert_false(rt_groups_has(&set, i));
    }

    /* look-ups hold, and so do expressions before the bound */

    cond = rt_policy_groups(&policy,
                            tree_of(&arena, "{\"mail\":\"trap\","
                                            "\"name\":\"x\",\"dept\":\"it\"}"),
                            &corp[0], &set);

    assert_true(rt_str_lit(&cond->values[0], "x"));
    assert_true(rt_groups_has(&set, 0));
    assert_true(rt_groups_has(&set, 2));
    assert_true(rt_groups_has(&set, 14));
    assert_false(rt_groups_has(&set, 1));
    assert_false(rt_groups_has(&set, 16));
    assert_true(rt_groups_has(&set, 200));

    nmatches = 0;
    assert_null(rt_policy_groups(&policy,
                                 tree_of(&arena, "{\"mail\":\"a\"}"),
                                 &corp[0], &set));
    assert_int_equal(nmatches, 101);
    assert_true(rt_groups_has(&set, 199));
}


/* joined by "|", as rt_policy_claimed() gives them */

static const char *
claimed(const char *json, const rt_str_t *provider, unsigned max)
{
    char             *p;
    unsigned          i, n;
    const rt_str_t   *value[8];
    static char       text[512];

    n = rt_policy_claimed(&policy, tree_of(&arena, json), provider, value,
                          max);
    assert_true(n <= max);

    for (i = 0, p = text; i < n; i++) {
        p += sprintf(p, i ? "|%.*s" : "%.*s", (int) value[i]->len,
                     value[i]->len ? (char *) value[i]->data : "");
    }

    *p = '\0';

    return text;
}


static void
test_claimed(void **state)
{
    static const char  all[] =
        "{\"groups\":[\"a\",3,true,null,[1],{}],\"dept\":\"it\","
        "\"o\":{\"p\":\"q\"},\"x\":\"secret\"}";

    (void) state;

    group("one", "provider corp", "match groups has a", "match dept eq hr",
          NULL);
    group("two", "provider partner", "match x has a", NULL);
    group("three", "provider corp", "match groups has b", "match o.p eq q",
          NULL);

    assert_string_equal(claimed(all, &corp[0], 8), "a|3|true|it|q");
    assert_string_equal(claimed(all, &corp[1], 8), "secret");
    assert_string_equal(claimed(all, &corp[0], 4), "a|3|true|it");
    assert_string_equal(claimed(all, &corp[0], 2), "a|3");
    assert_string_equal(claimed("{}", &corp[0], 8), "");
    assert_string_equal(claimed("{\"groups\":null,\"dept\":{}}", &corp[0], 8),
                        "");
}


static const char *
elsewhere(const char *json, const rt_str_t *provider)
{
    const rt_str_t  *path;
    static char      text[64];

    path = rt_policy_elsewhere(&policy, tree_of(&arena, json), provider);

    snprintf(text, sizeof(text), "%.*s", path ? (int) path->len : 0,
             path ? (char *) path->data : "");

    return text;
}


static void
test_elsewhere(void **state)
{
    size_t  i;

    static const struct {
        const char  *json;
        const char  *path;
    } rows[] = {
        { "{}", "" },
        { "{\"groups\":[]}", "" },
        { "{\"_claim_names\":{\"groups\":\"s\"}}", "groups" },
        { "{\"_claim_names\":{\"groups\":null}}", "groups" },
        { "{\"_claim_names\":{\"groups\":\"s\"},\"groups\":null}", "groups" },
        { "{\"_claim_names\":{\"groups\":\"s\"},\"groups\":[]}", "" },
        { "{\"_claim_names\":{\"wids\":\"s\"}}", "" },
        { "{\"_claim_names\":{\"realm\":\"s\"}}", "realm.roles" },
        { "{\"_claim_names\":{\"roles\":\"s\"}}", "" },
        { "{\"_claim_names\":{\"https://x/g\":\"s\"}}", "/https:~1~1x~1g/a" },
        { "{\"_claim_names\":{\"list\":\"s\"}}", "list[1]" },
        { "{\"_claim_names\":\"groups\"}", "" },
        { "{\"_claim_names\":[\"groups\"]}", "" },
        { "{\"_claim_sources\":{\"groups\":{}}}", "" },
        { "{\"hasgroups\":true}", "groups" },
        { "{\"hasgroups\":\"true\"}", "groups" },
        { "{\"hasgroups\":true,\"groups\":[\"a\"]}", "" },
        { "{\"hasgroups\":false}", "" },
        { "{\"hasgroups\":null}", "" }
    };

    (void) state;

    group("one", "provider corp", "match dept eq it", "match groups has a",
          "match realm.roles has b", NULL);
    group("two", "provider corp", "match /https:~1~1x~1g/a has g",
          "match list[1] eq x", NULL);
    group("three", "provider partner", "match teams has a", NULL);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(elsewhere(rows[i].json, &corp[0]), rows[i].path);
        assert_string_equal(elsewhere(rows[i].json, &corp[1]), "");
    }

    assert_string_equal(elsewhere("{\"_claim_names\":{\"teams\":\"s\"}}",
                                  &corp[1]), "teams");
}


int
main(void)
{
#define T(name)  cmocka_unit_test_setup_teardown(name, setup, arena_teardown)

    const struct CMUnitTest  tests[] = {
        T(test_example),
        T(test_paths),
        T(test_workspaces),
        T(test_providers),
        T(test_finish_refuses),
        T(test_default_app),
        T(test_lines_refused),
        T(test_except_and_deny),
        T(test_include),
        T(test_include_refused),
        T(test_times),
        T(test_times_refused),
        T(test_alike),
        T(test_groups),
        T(test_highest),
        T(test_index),
        T(test_given_up),
        T(test_claimed),
        T(test_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

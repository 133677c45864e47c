
/*
 * Blocks of rtauth_group, a line of a block a line; "group NAME" begins one, an
 * object is the claims of a user, "ask METHOD PATH URI" is judged.  A policy
 * that is taken never gives more than some group grants, and what a user is in
 * besides takes nothing from him but by a deny.
 */

#include <stdlib.h>

#include "rt_arena.h"
#include "policy/rt_policy_index.h"
#include "policy/rt_policy_member.h"


#define ARGS    16
#define ASKED   16
#define GROUPS  64          /* of a policy */


typedef struct {
    rt_mem_t     mem;
    rt_policy_t  policy;
    rt_group_t  *group;     /* whose lines come, or NULL */
    rt_json_t   *claims;    /* or NULL */
    rt_str_t     asked[ASKED][3];
    unsigned     nasked;
} blocks_t;


typedef rt_status_e (*add_pt)(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err);
typedef rt_status_e (*set_pt)(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *value, rt_str_t *err);


static const struct {
    rt_str_t  name;
    add_pt    add;
    set_pt    set;
} lines[] = {
    { rt_string("permission"), rt_group_add_permission, NULL },
    { rt_string("except"), rt_group_add_except, NULL },
    { rt_string("deny"), rt_group_add_deny, NULL },
    { rt_string("include"), rt_group_add_include, NULL },
    { rt_string("from"), NULL, rt_group_set_from },
    { rt_string("until"), NULL, rt_group_set_until },
    { rt_string("reason"), NULL, rt_group_set_reason },
    { rt_string("default_app"), NULL, rt_group_set_default_app },
    { rt_string("provider"), NULL, rt_group_set_provider }
};

static const rt_str_t  corp = rt_string("corp");


static void
check(int ok)
{
    if (!ok) {
        abort();
    }
}


/* a refusal has its sentence */

static int
taken(rt_status_e rc, const rt_str_t *err)
{
    check(rc == RT_OK || (rc == RT_INVALID && err->len));

    return rc == RT_OK;
}


static int
group_line(blocks_t *b, const rt_str_t *args, size_t n)
{
    size_t    i;
    rt_str_t  err;

    err = (rt_str_t) rt_null_string;

    if (rt_str_lit(&args[0], "match")) {
        return taken(rt_group_add_match(&b->policy, b->group, args + 1, n - 1,
                                        NULL, &err), &err);
    }

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {

        if (!rt_str_eq(&args[0], &lines[i].name)) {
            continue;
        }

        if (lines[i].add) {
            return taken(lines[i].add(&b->policy, b->group, args + 1, n - 1,
                                      &err), &err);
        }

        return n == 2 && taken(lines[i].set(&b->policy, b->group, &args[1],
                                            &err), &err);
    }

    return 0;
}


/* ret: 0, it is no line of a policy */

static int
read_line(blocks_t *b, const rt_str_t *line)
{
    size_t    n;
    rt_str_t  args[ARGS], rest, err;

    static const rt_json_opts_t  opts = { .max_depth = 8, .max_nodes = 256 };

    if (line->len && line->data[0] == '{') {
        return rt_json_parse(&b->mem, line, &opts, &b->claims, NULL) == RT_OK;
    }

    rest = *line;

    for (n = 0; n < ARGS && rest.len; n++) {
        (void) rt_str_cut(&rest, ' ', &args[n], &rest);
    }

    if (n == 0) {
        return 1;
    }

    if (n == 2 && rt_str_lit(&args[0], "group")) {
        return b->policy.ngroups < GROUPS
               && taken(rt_policy_add_group(&b->policy, &args[1], &b->group,
                                            &err), &err);
    }

    if (n == 4 && rt_str_lit(&args[0], "ask") && b->nasked < ASKED) {
        memcpy(b->asked[b->nasked++], args + 1, 3 * sizeof(rt_str_t));
        return 1;
    }

    return b->group && group_line(b, args, n);
}


static void
judge(const rt_policy_t *policy, const rt_groups_t *set,
    const rt_groups_t *more, const rt_asked_t *asked)
{
    rt_level_e         level, other;
    const rt_group_t  *denied, *by;

    level = rt_policy_judge(policy, set, asked, &denied);

    check(level <= rt_policy_top_level(policy, set));

    if (denied) {
        check(level == RT_LEVEL_NONE && rt_groups_has(set, denied->index)
              && denied->denies);
    }

    other = rt_policy_judge(policy, more, asked, &by);

    check(by ? other == RT_LEVEL_NONE : other >= level && denied == NULL);
}


/* his groups at three times, and those with all other groups */

static void
judge_all(blocks_t *b)
{
    unsigned          i, t;
    rt_asked_t        asked;
    rt_groups_t       kept, set, all;
    const rt_group_t *group;

    static const int64_t  times[] = { 0, 1800000000, 4102444800 };

    check(rt_policy_index(&b->policy) == RT_OK);

    (void) rt_policy_groups(&b->policy, b->claims, &corp, &kept);

    for (t = 0; t < sizeof(times) / sizeof(times[0]); t++) {
        set = kept;
        rt_policy_now(&b->policy, &set, times[t]);
        all = set;

        for (group = b->policy.groups; group; group = group->next) {

            if (rt_groups_has(&set, group->index)) {
                check(b->claims && rt_group_open(group, times[t]));

            } else if (rt_group_open(group, times[t])) {
                rt_policy_matched(&all, group);
            }
        }

        for (i = 0; i < b->nasked; i++) {
            asked.method = &b->asked[i][0];
            asked.path = &b->asked[i][1];
            asked.uri = &b->asked[i][2];
            judge(&b->policy, &set, &all, &asked);
        }

        group = rt_policy_workspace(&b->policy, &set);
        check(group == NULL || group->default_app.len);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int              ok;
    blocks_t         b;
    rt_str_t         rest, line, err;
    rt_arena_t       arena;
    rt_status_e      rc;
    rt_policy_bad_t  bad;

    memset(&b, 0, sizeof(b));
    b.mem = rt_arena_init(&arena);
    rt_policy_init(&b.policy, &b.mem);

    rest.len = size;
    rest.data = rt_alloc(&b.mem, size + 1);
    memcpy(rest.data, data, size);

    for (ok = 1; ok && rest.len; ) {
        (void) rt_str_cut(&rest, '\n', &line, &rest);
        ok = read_line(&b, &line);
    }

    if (ok) {
        err = (rt_str_t) rt_null_string;
        bad.group = NULL;

        rc = rt_policy_member_finish(&b.policy, 1, &bad, &err);

        if (rc == RT_OK) {
            rc = rt_policy_finish(&b.policy, &corp, 1, &bad, &err);
        }

        if (taken(rc, &err)) {
            judge_all(&b);

        } else {
            check(bad.group != NULL);
        }
    }

    rt_arena_free(&arena);

    return 0;
}

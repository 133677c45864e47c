
#include "policy/rt_policy_member.h"
#include "text/rt_complain.h"
#include "text/rt_fold.h"
#include "text/rt_time.h"
#include "text/rt_utf8.h"


/* a circle is looked for depth first */

typedef enum {
    NEW = 0,
    OPEN,           /* it is being followed: who meets it again has a circle */
    DONE
} walk_e;

struct rt_include_s {
    rt_str_t         name;
    rt_group_t      *group;
    rt_include_t    *next;
};


static rt_status_e
add_names(rt_policy_t *policy, rt_include_t **last, const rt_str_t *args,
    size_t nargs)
{
    size_t         i;
    rt_include_t  *include;

    for ( /* void */ ; *last; last = &(*last)->next) {
        /* void */
    }

    for (i = 0; i < nargs; i++) {
        include = rt_alloc(policy->mem, sizeof(rt_include_t));
        if (include == NULL) {
            return RT_ERROR;
        }

        memset(include, 0, sizeof(rt_include_t));
        include->name = args[i];

        *last = include;
        last = &include->next;
    }

    return RT_OK;
}


rt_status_e
rt_group_add_include(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err)
{
    (void) err;

    return add_names(policy, &group->includes, args, nargs);
}


rt_status_e
rt_group_add_pushed(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err)
{
    size_t     i;
    rt_str_t  *folded;

    (void) err;

    folded = rt_alloc(policy->mem, nargs * sizeof(rt_str_t));
    if (folded == NULL) {
        return RT_ERROR;
    }

    for (i = 0; i < nargs; i++) {
        folded[i].data = rt_alloc(policy->mem, RT_FOLD_ROOM(args[i].len));
        if (folded[i].data == NULL) {
            return RT_ERROR;
        }

        folded[i].len = rt_fold(folded[i].data, &args[i]);
    }

    group->peopled = 1;

    return add_names(policy, &group->pushed, folded, nargs);
}


static rt_status_e
set_time(rt_policy_t *policy, rt_group_t *group, const char *line,
    const rt_str_t *text, int64_t *time, rt_str_t *err)
{
    if (rt_time_parse(text, time) != RT_OK) {
        return rt_complain(policy->mem, err, "%s \"%.*s\": write a time with "
                           "its offset, in whole seconds, such as "
                           "2026-12-31T18:00:00Z or 2026-12-31T18:00:00+01:00",
                           line, rt_str_args(text));
    }

    group->timed = 1;

    return RT_OK;
}


rt_status_e
rt_group_set_from(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *time, rt_str_t *err)
{
    return set_time(policy, group, "from", time, &group->from, err);
}


rt_status_e
rt_group_set_until(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *time, rt_str_t *err)
{
    return set_time(policy, group, "until", time, &group->until, err);
}


rt_status_e
rt_group_set_reason(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *text, rt_str_t *err)
{
    if (text->len == 0 || text->len > RT_GROUP_MAX_REASON
        || !rt_utf8_valid(text) || rt_utf8_has_control(text))
    {
        return rt_complain(policy->mem, err, "reason: write one line of UTF-8, "
                           "of at most %d bytes", RT_GROUP_MAX_REASON);
    }

    group->reason = *text;

    return RT_OK;
}


static rt_status_e
finish_time(const rt_policy_t *policy, rt_policy_bad_t *bad, rt_str_t *err)
{
    const rt_group_t  *g;

    g = bad->group;

    if (g->timed && g->reason.len == 0) {
        bad->line = g->until == INT64_MAX ? "from" : "until";

        return rt_complain(policy->mem, err, "group \"%.*s\" has a time and "
                           "does not say why, add \"reason TEXT;\"",
                           rt_str_args(&g->name));
    }

    if (!g->timed && g->reason.len) {
        bad->line = "reason";

        return rt_complain(policy->mem, err, "group \"%.*s\" has a reason and "
                           "does not end, add \"until TIME;\"",
                           rt_str_args(&g->name));
    }

    if (g->from >= g->until) {
        bad->line = "until";

        return rt_complain(policy->mem, err, "group \"%.*s\" ends before it "
                           "begins, write a later \"until\"",
                           rt_str_args(&g->name));
    }

    return RT_OK;
}


static rt_status_e
finish_include(rt_policy_t *policy, size_t nproviders, rt_policy_bad_t *bad,
    rt_include_t *include, rt_str_t *err)
{
    const rt_group_t  *g;

    g = bad->group;
    include->group = (rt_group_t *) rt_policy_find(policy, &include->name);

    if (include->group == NULL) {
        return rt_complain(policy->mem, err, "include \"%.*s\" is no "
                           "\"rtauth_group\": in this block it takes groups, "
                           "files are included outside of it",
                           rt_str_args(&include->name));
    }

    if (nproviders > 1 && include->group->provider.len
        && !rt_str_eq(&include->group->provider, &g->provider))
    {
        return rt_complain(policy->mem, err, "include \"%.*s\" is a group of "
                           "provider \"%.*s\" alone, and members of \"%.*s\" "
                           "come from elsewhere",
                           rt_str_args(&include->name),
                           rt_str_args(&include->group->provider),
                           rt_str_args(&g->name));
    }

    include->group->peopled = 1;

    return RT_OK;
}


/*
 * Follows what a group includes.  All of these are done before it is, so that
 * what a member joins is known; with a time it goes to the head of their list.
 */

static rt_status_e
walk(rt_policy_t *policy, rt_group_t *group, walk_e *seen,
    rt_policy_bad_t *bad, rt_str_t *err)
{
    rt_status_e    rc;
    rt_include_t  *include;

    seen[group->index] = OPEN;
    memset(&group->joins, 0, sizeof(rt_groups_t));
    rt_groups_set(&group->joins, group->index);

    for (include = group->includes; include; include = include->next) {

        if (seen[include->group->index] == OPEN) {
            bad->group = group;
            bad->line = "include";

            return rt_complain(policy->mem, err, "include \"%.*s\" closes a "
                               "circle: its members would be members of "
                               "\"%.*s\" already, leave it out",
                               rt_str_args(&include->name),
                               rt_str_args(&group->name));
        }

        if (seen[include->group->index] == NEW) {
            rc = walk(policy, include->group, seen, bad, err);
            if (rc != RT_OK) {
                return rc;
            }
        }

        rt_policy_matched(&group->joins, include->group);
    }

    seen[group->index] = DONE;

    if (group->timed) {
        memmove(policy->timed + 1, policy->timed,
                policy->ntimed++ * sizeof(rt_group_t *));
        policy->timed[0] = group;
    }

    return RT_OK;
}


rt_status_e
rt_policy_member_finish(rt_policy_t *policy, size_t nproviders,
    rt_policy_bad_t *bad, rt_str_t *err)
{
    walk_e         seen[RT_POLICY_MAX_GROUPS];
    rt_status_e    rc;
    rt_group_t    *g;
    rt_include_t  *include;

    rc = RT_OK;
    policy->ntimed = 0;
    memset(seen, 0, sizeof(seen));

    for (g = policy->groups; rc == RT_OK && g; g = g->next) {
        bad->group = g;
        rc = finish_time(policy, bad, err);

        for (include = g->includes; rc == RT_OK && include;
             include = include->next)
        {
            bad->line = "include";
            rc = finish_include(policy, nproviders, bad, include, err);
        }
    }

    for (g = policy->groups; rc == RT_OK && g; g = g->next) {
        if (seen[g->index] == NEW) {
            rc = walk(policy, g, seen, bad, err);
        }
    }

    return rc;
}


static void
set_remove(rt_groups_t *set, const rt_group_t *group)
{
    set->bits[group->index / 64] &= ~((uint64_t) 1 << (group->index % 64));
}


void
rt_policy_pushed(const rt_policy_t *policy, const rt_str_t *name,
    const rt_str_t *provider, rt_groups_t *set)
{
    const rt_group_t    *g;
    const rt_include_t  *pushed;

    for (g = policy->groups; g; g = g->next) {

        if (!rt_group_takes(g, provider)) {
            continue;
        }

        for (pushed = g->pushed; pushed; pushed = pushed->next) {
            if (rt_str_eq(&pushed->name, name)) {
                rt_policy_matched(set, g);
            }
        }
    }
}


void
rt_policy_now(const rt_policy_t *policy, rt_groups_t *set, int64_t now)
{
    unsigned           i;
    const rt_group_t  *g;

    for (i = 0; i < policy->ntimed; i++) {
        g = policy->timed[i];

        if (!rt_groups_has(set, g->index)) {
            continue;
        }

        if (rt_group_open(g, now)) {
            rt_groups_add(set, &g->joins);

        } else {
            set_remove(set, g);
        }
    }
}


void
rt_policy_untimed(const rt_policy_t *policy, rt_groups_t *set)
{
    unsigned  i;

    for (i = 0; i < policy->ntimed; i++) {
        set_remove(set, policy->timed[i]);
    }
}


void
rt_policy_bring(const rt_policy_t *policy, const rt_group_t *group,
    int64_t now, rt_groups_t *set)
{
    rt_groups_t  more;

    more = group->joins;
    set_remove(&more, group);
    rt_policy_now(policy, &more, now);

    rt_groups_add(set, &more);
    rt_groups_set(set, group->index);
}

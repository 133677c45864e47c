
#include "text/rt_complain.h"
#include "policy/rt_policy.h"
#include "text/rt_uri.h"


static const rt_str_t  level_names[] = {
    [RT_LEVEL_NONE] = rt_string("none"),
    [RT_LEVEL_USE] = rt_string("use"),
    [RT_LEVEL_EDIT] = rt_string("edit"),
    [RT_LEVEL_OWN] = rt_string("own"),
};


void
rt_policy_init(rt_policy_t *policy, rt_mem_t *mem)
{
    memset(policy, 0, sizeof(rt_policy_t));
    policy->mem = mem;
}


static int
is_name(const rt_str_t *name)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if (!((c >= '0' && c <= '9') || (rt_lower(c) >= 'a'
                                         && rt_lower(c) <= 'z')
              || c == '_' || c == '.' || c == '-'))
        {
            return 0;
        }
    }

    return name->len > 0;
}


rt_status_e
rt_policy_add_group(rt_policy_t *policy, const rt_str_t *name,
    rt_group_t **group, rt_str_t *err)
{
    rt_group_t  *g;

    if (!is_name(name)) {
        return rt_complain(policy->mem, err, "group name \"%.*s\": write "
                           "letters, digits, \"_\", \".\" and \"-\"",
                           rt_str_args(name));
    }

    if (rt_policy_find(policy, name)) {
        return rt_complain(policy->mem, err, "group \"%.*s\" is declared "
                           "twice, give the second another name",
                           rt_str_args(name));
    }

    if (policy->ngroups == RT_POLICY_MAX_GROUPS) {
        return rt_complain(policy->mem, err, "more than %d groups, match "
                           "several claims in one", RT_POLICY_MAX_GROUPS);
    }

    g = rt_alloc(policy->mem, sizeof(rt_group_t));
    if (g == NULL) {
        return RT_ERROR;
    }

    memset(g, 0, sizeof(rt_group_t));
    g->name = *name;
    g->from = INT64_MIN;
    g->until = INT64_MAX;
    g->index = policy->ngroups++;
    policy->group[g->index] = g;
    rt_groups_set(&g->joins, g->index);

    if (policy->last) {
        policy->last->next = g;

    } else {
        policy->groups = g;
    }

    policy->last = g;
    *group = g;

    return RT_OK;
}


rt_status_e
rt_group_add_match(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, const rt_regex_t *engine,
    rt_str_t *err)
{
    rt_match_t    *m, **last;
    rt_status_e    rc;

    m = rt_alloc(policy->mem, sizeof(rt_match_t));
    if (m == NULL) {
        return RT_ERROR;
    }

    m->next = NULL;

    rc = rt_cond_compile(policy->mem, args, nargs, 0, engine, &m->cond, err);
    if (rc != RT_OK) {
        return rc;
    }

    for (last = &group->matches; *last; last = &(*last)->next) {
        /* void */
    }

    *last = m;

    return RT_OK;
}


rt_status_e
rt_policy_level_parse(const rt_str_t *word, rt_level_e *level)
{
    unsigned  i;

    for (i = RT_LEVEL_NONE; i <= RT_LEVEL_OWN; i++) {
        if (rt_str_eq(&level_names[i], word)) {
            *level = (rt_level_e) i;
            return RT_OK;
        }
    }

    return RT_DECLINED;
}


const rt_str_t *
rt_policy_level_name(rt_level_e level)
{
    return &level_names[level];
}


/* the paths of a line, behind those of lines before it; none: everything */

static rt_status_e
add_targets(rt_policy_t *policy, rt_grant_t **last, rt_level_e level,
    const rt_str_t *args, size_t nargs, rt_str_t *err)
{
    size_t        i;
    rt_grant_t   *grant;
    rt_status_e   rc;

    while (*last) {
        last = &(*last)->next;
    }

    i = 0;

    do {
        grant = rt_alloc(policy->mem, sizeof(rt_grant_t));
        if (grant == NULL) {
            return RT_ERROR;
        }

        memset(grant, 0, sizeof(rt_grant_t));
        grant->level = level;

        if (i < nargs) {
            rc = rt_target_parse(policy->mem, &args[i], &grant->target, err);
            if (rc != RT_OK) {
                return rc;
            }
        }

        *last = grant;
        last = &grant->next;

    } while (++i < nargs);

    return RT_OK;
}


rt_status_e
rt_group_add_permission(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err)
{
    rt_level_e    level;
    rt_status_e   rc;

    if (nargs == 0 || rt_policy_level_parse(&args[0], &level) != RT_OK
        || level == RT_LEVEL_NONE)
    {
        return rt_complain(policy->mem, err, "permission \"%.*s\": write "
                           "use, edit or own", nargs ? (int) args[0].len : 0,
                           nargs ? (char *) args[0].data : "");
    }

    rc = add_targets(policy, &group->grants, level, args + 1, nargs - 1, err);
    if (rc != RT_OK) {
        return rc;
    }

    policy->grants = 1;

    while (level-- > RT_LEVEL_NONE) {
        rt_groups_set(&policy->above[level], group->index);
    }

    return RT_OK;
}


rt_status_e
rt_group_add_except(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err)
{
    size_t  i;

    for (i = 0; i < nargs; i++) {
        if (args[i].len && args[i].data[0] != '/' && args[i].data[0] != '=') {
            return rt_complain(policy->mem, err, "except \"%.*s\": write "
                               "/path or =/path, for all methods",
                               rt_str_args(&args[i]));
        }
    }

    return add_targets(policy, &group->excepts, RT_LEVEL_NONE, args, nargs,
                       err);
}


rt_status_e
rt_group_add_deny(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err)
{
    rt_groups_set(&policy->denying, group->index);
    policy->denies = 1;

    return add_targets(policy, &group->denies, RT_LEVEL_NONE, args, nargs,
                       err);
}


rt_status_e
rt_group_set_default_app(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *path, rt_str_t *err)
{
    const char   *why;
    rt_status_e   rc;

    if (group->default_app.len) {
        return rt_complain(policy->mem, err, "default_app is declared twice, "
                           "keep one");
    }

    rc = rt_uri_return_check(policy->mem, path, &why);

    if (rc == RT_DECLINED) {
        return rt_complain(policy->mem, err, "default_app \"%.*s\" %s, write "
                           "a path of this site such as /apps/support",
                           rt_str_args(path), why);
    }

    if (rc != RT_OK) {
        return rc;
    }

    group->default_app = *path;

    return rt_uri_path(policy->mem, path, &group->default_path);
}


rt_status_e
rt_group_set_provider(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *name, rt_str_t *err)
{
    if (group->provider.len) {
        return rt_complain(policy->mem, err, "provider is declared twice, "
                           "a group belongs to one");
    }

    if (name->len == 0) {
        return rt_complain(policy->mem, err, "provider \"\": write the name "
                           "of an rtauth_provider");
    }

    group->provider = *name;

    return RT_OK;
}


static rt_status_e
finish_provider(const rt_policy_t *policy, const rt_group_t *group,
    const rt_str_t *providers, size_t nproviders, rt_str_t *err)
{
    size_t  i;

    if (group->provider.len == 0) {

        if (nproviders > 1 && group->matches) {
            return rt_complain(policy->mem, err, "group \"%.*s\" does not "
                               "say whose users it means: there are several "
                               "providers, add \"provider NAME;\"",
                               rt_str_args(&group->name));
        }

        return RT_OK;
    }

    for (i = 0; i < nproviders; i++) {
        if (rt_str_eq(&group->provider, &providers[i])) {
            return RT_OK;
        }
    }

    return rt_complain(policy->mem, err, "group \"%.*s\" names provider "
                       "\"%.*s\", which is not declared by rtauth_provider",
                       rt_str_args(&group->name),
                       rt_str_args(&group->provider));
}


/* may the group see its own default_app? */

static rt_status_e
finish_default_app(const rt_policy_t *policy, const rt_group_t *group,
    rt_str_t *err)
{
    rt_asked_t             asked;
    const rt_group_t      *denied;

    static const rt_str_t  get = rt_string("GET");

    if (group->default_app.len == 0 || !policy->grants) {
        return RT_OK;
    }

    asked.method = &get;
    asked.path = &group->default_path;
    asked.uri = &group->default_path;

    if (rt_policy_judge(policy, &group->joins, &asked, &denied)
        >= RT_LEVEL_USE)
    {
        return RT_OK;
    }

    if (denied) {
        return rt_complain(policy->mem, err, "default_app \"%.*s\" is denied "
                           "by group \"%.*s\", in which every member of "
                           "\"%.*s\" is", rt_str_args(&group->default_app),
                           rt_str_args(&denied->name),
                           rt_str_args(&group->name));
    }

    return rt_complain(policy->mem, err, "default_app \"%.*s\" is not open to "
                       "its own group \"%.*s\", add \"permission use %.*s;\"",
                       rt_str_args(&group->default_app),
                       rt_str_args(&group->name),
                       rt_str_args(&group->default_path));
}


rt_status_e
rt_policy_finish(rt_policy_t *policy, const rt_str_t *providers,
    size_t nproviders, rt_policy_bad_t *bad, rt_str_t *err)
{
    rt_status_e        rc;
    const rt_group_t  *g;

    rc = RT_OK;

    for (g = policy->groups; rc == RT_OK && g; g = g->next) {
        bad->group = g;
        bad->line = NULL;

        if (g->matches == NULL && !g->peopled) {
            return rt_complain(policy->mem, err, "group \"%.*s\" has no "
                               "members, add \"match CLAIM OP VALUE;\" or "
                               "\"scim_group NAME;\", or \"include %.*s;\" to "
                               "another group",
                               rt_str_args(&g->name), rt_str_args(&g->name));
        }

        bad->line = "provider";
        rc = finish_provider(policy, g, providers, nproviders, err);

        if (rc == RT_OK) {
            bad->line = "default_app";
            rc = finish_default_app(policy, g, err);
        }
    }

    return rc;
}


const rt_group_t *
rt_policy_find(const rt_policy_t *policy, const rt_str_t *name)
{
    const rt_group_t  *g;

    for (g = policy->groups; g; g = g->next) {
        if (rt_str_eq(&g->name, name)) {
            return g;
        }
    }

    return NULL;
}


static int
covers(const rt_grant_t *grant, const rt_str_t *method, const rt_str_t *path)
{
    for ( /* void */ ; grant; grant = grant->next) {
        if (rt_target_covers(&grant->target, method, path)) {
            return 1;
        }
    }

    return 0;
}


/* a higher level that the group grants there, or this one */

static rt_level_e
raise_level(const rt_group_t *group, rt_level_e level, const rt_asked_t *asked)
{
    const rt_grant_t  *grant;

    for (grant = group->grants; grant; grant = grant->next) {
        if (grant->level > level
            && rt_target_covers(&grant->target, asked->method, asked->path))
        {
            if (covers(group->excepts, asked->method, asked->path)) {
                break;
            }

            level = grant->level;
        }
    }

    return level;
}


/* "denying" is mostly empty, and the user in few groups of it */

static const rt_group_t *
denied_by(const rt_policy_t *policy, const rt_groups_t *set,
    const rt_asked_t *asked)
{
    unsigned           i;
    uint64_t           left;
    const rt_group_t  *g;

    for (i = 0; 64 * i < policy->ngroups; i++) {

        for (left = set->bits[i] & policy->denying.bits[i]; left;
             left &= left - 1)
        {
            g = policy->group[64 * i + (unsigned) __builtin_ctzll(left)];

            if (covers(g->denies, asked->method, asked->path)
                || covers(g->denies, asked->method, asked->uri))
            {
                return g;
            }
        }
    }

    return NULL;
}


/* group by group of those that can still raise it: the others cost nothing */

rt_level_e
rt_policy_judge(const rt_policy_t *policy, const rt_groups_t *set,
    const rt_asked_t *asked, const rt_group_t **denied)
{
    unsigned    i;
    uint64_t    left;
    rt_level_e  level;

    *denied = policy->denies ? denied_by(policy, set, asked) : NULL;
    if (*denied) {
        return RT_LEVEL_NONE;
    }

    level = RT_LEVEL_NONE;

    for (i = 0; 64 * i < policy->ngroups; i++) {

        left = set->bits[i];

        while ((left &= policy->above[level].bits[i]) != 0) {
            level = raise_level(policy->group[64 * i
                                        + (unsigned) __builtin_ctzll(left)],
                                level, asked);
            left &= left - 1;
        }
    }

    return level;
}


rt_level_e
rt_policy_top_level(const rt_policy_t *policy, const rt_groups_t *set)
{
    unsigned    i;
    rt_level_e  level;

    level = RT_LEVEL_NONE;

    for (i = 0; 64 * i < policy->ngroups; i++) {
        while (set->bits[i] & policy->above[level].bits[i]) {
            level++;
        }
    }

    return level;
}


const rt_group_t *
rt_policy_workspace(const rt_policy_t *policy, const rt_groups_t *set)
{
    const rt_group_t  *g;

    if (rt_policy_top_level(policy, set) >= RT_LEVEL_EDIT) {
        return NULL;
    }

    for (g = policy->groups; g; g = g->next) {
        if (rt_groups_has(set, g->index) && g->default_app.len) {
            return g;
        }
    }

    return NULL;
}


/* is a match before this one by the same claim? */

static int
repeats(const rt_policy_t *policy, const rt_match_t *match,
    const rt_str_t *provider)
{
    const rt_group_t  *group;
    const rt_match_t  *m;

    for (group = policy->groups; group; group = group->next) {

        if (!rt_group_takes(group, provider)) {
            continue;
        }

        for (m = group->matches; m; m = m->next) {

            if (m == match) {
                return 0;
            }

            if (rt_str_eq(&m->cond.path, &match->cond.path)) {
                return 1;
            }
        }
    }

    return 0;
}


/* the texts of a claim, behind the first n values */

static unsigned
add_claim(const rt_json_t *v, const rt_str_t **value, unsigned n, unsigned max)
{
    const rt_str_t  *text;

    if (v && v->type == RT_JSON_ARRAY) {
        for (v = v->child; v && n < max; v = v->next) {
            text = rt_cond_scalar(v);

            if (text) {
                value[n++] = text;
            }
        }

        return n;
    }

    text = v ? rt_cond_scalar(v) : NULL;

    if (text && n < max) {
        value[n++] = text;
    }

    return n;
}


unsigned
rt_policy_claimed(const rt_policy_t *policy, const rt_json_t *claims,
    const rt_str_t *provider, const rt_str_t **value, unsigned max)
{
    unsigned           n;
    const rt_group_t  *group;
    const rt_match_t  *m;

    n = 0;

    for (group = policy->groups; group && n < max; group = group->next) {

        if (!rt_group_takes(group, provider)) {
            continue;
        }

        for (m = group->matches; m && n < max; m = m->next) {

            if (!repeats(policy, m, provider)) {
                n = add_claim(rt_json_path(claims, &m->cond.path), value, n,
                              max);
            }
        }
    }

    return n;
}


/* of a path "a.b[0]" or "/a/b": "a" or "/a" */

static rt_str_t
first_step(const rt_str_t *path)
{
    size_t    i;
    rt_str_t  step;

    step = *path;

    for (i = 1; i < path->len; i++) {
        if (path->data[0] == '/' ? path->data[i] == '/'
                                 : path->data[i] == '.'
                                   || path->data[i] == '[')
        {
            break;
        }
    }

    step.len = i;

    return step;
}


/* hasgroups: the same in a token that has to be short */

static int
is_elsewhere(const rt_json_t *claims, const rt_json_t *names,
    const rt_str_t *path)
{
    rt_str_t          step;
    const rt_json_t  *v;

    step = first_step(path);
    v = rt_json_path(claims, &step);

    if (v && v->type != RT_JSON_NULL) {
        return 0;
    }

    if (rt_json_path(names, &step)) {
        return 1;
    }

    v = rt_json_member(claims, "hasgroups");

    return v && v->type != RT_JSON_FALSE && v->type != RT_JSON_NULL
           && (rt_str_lit(&step, "groups") || rt_str_lit(&step, "/groups"));
}


const rt_str_t *
rt_policy_elsewhere(const rt_policy_t *policy, const rt_json_t *claims,
    const rt_str_t *provider)
{
    const rt_json_t   *names;
    const rt_group_t  *group;
    const rt_match_t  *m;

    names = rt_json_member(claims, "_claim_names");

    if (names == NULL && rt_json_member(claims, "hasgroups") == NULL) {
        return NULL;
    }

    for (group = policy->groups; group; group = group->next) {

        if (!rt_group_takes(group, provider)) {
            continue;
        }

        for (m = group->matches; m; m = m->next) {
            if (is_elsewhere(claims, names, &m->cond.path)) {
                return &m->cond.path;
            }
        }
    }

    return NULL;
}

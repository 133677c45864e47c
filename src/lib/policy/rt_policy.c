
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
    g->index = policy->ngroups++;
    policy->group[g->index] = g;

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


/* METHOD,... as nginx reads them: capitals, "_" and "-" */

static int
are_methods(const rt_str_t *methods)
{
    size_t         i;
    unsigned char  c, last;

    last = ',';

    for (i = 0; i < methods->len; i++) {
        c = methods->data[i];

        if (c == ',' ? last == ','
                     : !((c >= 'A' && c <= 'Z') || c == '_' || c == '-'))
        {
            return 0;
        }

        last = c;
    }

    return last != ',';
}


/* NULL, or what is wrong with a configured path */

static const char *
path_fault(const rt_str_t *path)
{
    size_t         i, start;
    unsigned char  c;

    if (path->len == 0 || path->data[0] != '/') {
        return "begin it with a slash";
    }

    for (start = 1, i = 1; i <= path->len; i++) {
        c = (i < path->len) ? path->data[i] : '/';

        if (c < 0x20 || c == 0x7f || c == '\\') {
            return "control characters and backslashes are never let in";
        }

        if (c == '%' || c == '?' || c == '#') {
            return "write it decoded, without a query";
        }

        if (c != '/') {
            continue;
        }

        if (i == start && i < path->len) {
            return "nginx merges slashes, write one";
        }

        if ((i - start == 1 && path->data[start] == '.')
            || (i - start == 2 && path->data[start] == '.'
                && path->data[start + 1] == '.'))
        {
            return "nginx resolves segments of dots, leave them out";
        }

        start = i + 1;
    }

    return NULL;
}


/* [METHOD,...:]PATH, =PATH */

static rt_status_e
read_target(rt_policy_t *policy, const rt_str_t *arg, rt_grant_t *grant,
    rt_str_t *err)
{
    rt_str_t        path;
    const char     *why;
    unsigned char  *colon;

    path = *arg;

    if (path.len && path.data[0] != '/' && path.data[0] != '=') {
        colon = memchr(path.data, ':', path.len);

        if (colon == NULL) {
            return rt_complain(policy->mem, err, "\"%.*s\" is not a path, "
                               "write /path, =/path or GET,POST:/path",
                               rt_str_args(arg));
        }

        grant->methods.data = path.data;
        grant->methods.len = (size_t) (colon - path.data);

        if (!are_methods(&grant->methods)) {
            return rt_complain(policy->mem, err, "\"%.*s\": methods are "
                               "written in capitals, with commas between "
                               "them, as GET,POST:/path", rt_str_args(arg));
        }

        path.data = colon + 1;
        path.len -= grant->methods.len + 1;
    }

    if (path.len && path.data[0] == '=') {
        grant->exact = 1;
        path.data++;
        path.len--;
    }

    why = path_fault(&path);
    if (why) {
        return rt_complain(policy->mem, err, "path \"%.*s\": %s",
                           rt_str_args(arg), why);
    }

    grant->path = path;

    return RT_OK;
}


static void
set_add(rt_groups_t *set, unsigned index)
{
    set->bits[index / 64] |= (uint64_t) 1 << (index % 64);
}


rt_status_e
rt_group_add_permission(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err)
{
    size_t        i;
    rt_level_e    level;
    rt_grant_t   *grant, **last;
    rt_status_e   rc;

    if (nargs == 0 || rt_policy_level_parse(&args[0], &level) != RT_OK
        || level == RT_LEVEL_NONE)
    {
        return rt_complain(policy->mem, err, "permission \"%.*s\": write "
                           "use, edit or own", nargs ? (int) args[0].len : 0,
                           nargs ? (char *) args[0].data : "");
    }

    for (last = &group->grants; *last; last = &(*last)->next) {
        /* void */
    }

    i = 1;

    do {
        grant = rt_alloc(policy->mem, sizeof(rt_grant_t));
        if (grant == NULL) {
            return RT_ERROR;
        }

        memset(grant, 0, sizeof(rt_grant_t));
        grant->level = level;

        /* without any path: everything */

        if (i < nargs) {
            rc = read_target(policy, &args[i], grant, err);
            if (rc != RT_OK) {
                return rc;
            }
        }

        *last = grant;
        last = &grant->next;

    } while (++i < nargs);

    policy->grants = 1;

    while (level-- > RT_LEVEL_NONE) {
        set_add(&policy->above[level], group->index);
    }

    return RT_OK;
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

        if (nproviders > 1) {
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
    rt_groups_t            set;

    static const rt_str_t  get = rt_string("GET");

    if (group->default_app.len == 0 || !policy->grants) {
        return RT_OK;
    }

    memset(&set, 0, sizeof(rt_groups_t));
    set_add(&set, group->index);

    if (rt_policy_level(policy, &set, &get, &group->default_path)
        >= RT_LEVEL_USE)
    {
        return RT_OK;
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

    for (g = policy->groups; g; g = g->next) {
        bad->group = g;
        bad->line = NULL;

        if (g->matches == NULL) {
            return rt_complain(policy->mem, err, "group \"%.*s\" has no "
                               "members, add \"match CLAIM OP VALUE;\"",
                               rt_str_args(&g->name));
        }

        bad->line = "provider";
        rc = finish_provider(policy, g, providers, nproviders, err);

        if (rc == RT_OK) {
            bad->line = "default_app";
            rc = finish_default_app(policy, g, err);
        }

        if (rc != RT_OK) {
            return rc;
        }
    }

    bad->group = NULL;
    bad->line = NULL;

    return RT_OK;
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


/* is the method one of "GET,POST"; GET includes HEAD */

static int
method_in(const rt_str_t *methods, const rt_str_t *method)
{
    rt_str_t  name, rest;

    static const rt_str_t  get = rt_string("GET");
    static const rt_str_t  head = rt_string("HEAD");

    for (rest = *methods; rest.len; /* void */ ) {
        (void) rt_str_cut(&rest, ',', &name, &rest);

        if (rt_str_eq(&name, method)
            || (rt_str_eq(&name, &get) && rt_str_eq(method, &head)))
        {
            return 1;
        }
    }

    return 0;
}


static int
grant_covers(const rt_grant_t *grant, const rt_str_t *method,
    const rt_str_t *path)
{
    if (grant->methods.len && !method_in(&grant->methods, method)) {
        return 0;
    }

    if (grant->path.len == 0) {
        return 1;
    }

    return grant->exact ? rt_str_eq(&grant->path, path)
                        : rt_uri_below(path, &grant->path);
}


/* group by group of those that can still raise it: the others cost nothing */

rt_level_e
rt_policy_level(const rt_policy_t *policy, const rt_groups_t *set,
    const rt_str_t *method, const rt_str_t *path)
{
    unsigned           i;
    uint64_t           left;
    rt_level_e         level;
    const rt_grant_t  *grant;

    level = RT_LEVEL_NONE;

    for (i = 0; 64 * i < policy->ngroups; i++) {

        left = set->bits[i];

        while ((left &= policy->above[level].bits[i]) != 0) {

            grant = policy->group[64 * i + (unsigned) __builtin_ctzll(left)]
                    ->grants;

            for ( /* void */ ; grant; grant = grant->next) {
                if (grant->level > level
                    && grant_covers(grant, method, path))
                {
                    level = grant->level;
                }
            }

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


/* may he whom this provider vouches for be in the group? */

static int
vouches(const rt_group_t *group, const rt_str_t *provider)
{
    return group->provider.len == 0 || rt_str_eq(&group->provider, provider);
}


/* is a match before this one by the same claim? */

static int
repeats(const rt_policy_t *policy, const rt_match_t *match,
    const rt_str_t *provider)
{
    const rt_group_t  *group;
    const rt_match_t  *m;

    for (group = policy->groups; group; group = group->next) {

        if (!vouches(group, provider)) {
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

        if (!vouches(group, provider)) {
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

        if (!vouches(group, provider)) {
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


/*
 * Groups and what they may do.
 *
 * A user is in a group when the group's provider vouched for him and any of
 * its "match" conditions holds, when he was pushed as a member of one of its
 * "scim_group", or when a group that he is in includes it; and only between its
 * "from" and "until" (rt_policy_member.h).  The permission at
 * a path is the highest level that any of his groups grants there; none without
 * a grant, and none where any of them denies.  All that is declared is checked
 * when the policy is built; evaluation takes no memory and cannot fail.
 *
 * The order of a group's life is the order of the functions below.
 */


#ifndef RT_POLICY_H_INCLUDED
#define RT_POLICY_H_INCLUDED


#include "rt_base.h"
#include "policy/rt_cond.h"
#include "policy/rt_target.h"
#include "json/rt_json.h"


#pragma GCC visibility push(hidden)


#define RT_POLICY_MAX_GROUPS  256


/* each includes those before it */

typedef enum {
    RT_LEVEL_NONE = 0,
    RT_LEVEL_USE,
    RT_LEVEL_EDIT,
    RT_LEVEL_OWN
} rt_level_e;


typedef struct rt_grant_s  rt_grant_t;
typedef struct rt_match_s  rt_match_t;

/* permission LEVEL [METHOD,...:]PATH; of "except" and "deny" without level */

struct rt_grant_s {
    rt_level_e       level;
    rt_target_t      target;
    rt_grant_t      *next;
};

struct rt_match_s {
    rt_cond_t        cond;
    rt_match_t      *next;
};


/* of groups, by index: of a policy, or those that a user is in */

typedef struct {
    uint64_t         bits[RT_POLICY_MAX_GROUPS / 64];
} rt_groups_t;


typedef struct rt_include_s  rt_include_t;
typedef struct rt_group_s  rt_group_t;

struct rt_group_s {
    rt_str_t         name;
    unsigned         index;     /* from 0, in declared order */
    rt_str_t         provider;  /* empty: not said */
    rt_match_t      *matches;
    rt_grant_t      *grants;
    rt_grant_t      *excepts;
    rt_grant_t      *denies;
    rt_include_t    *includes;
    rt_include_t    *pushed;    /* scim_group: names, folded */
    int64_t          from;      /* seconds since the epoch, or INT64_MIN */
    int64_t          until;     /* the same, or INT64_MAX */
    rt_str_t         reason;
    rt_groups_t      joins;     /* the groups that a member of this one is in,
                                   itself among them; behind a group with a
                                   time nothing is followed */
    rt_str_t         default_app;   /* empty: none */
    rt_str_t         default_path;  /* its path as $uri will be there */
    unsigned         timed:1;       /* from, until */
    unsigned         peopled:1;     /* needs no match: nobody's, included or
                                   pushed */
    rt_group_t      *next;      /* in declared order */
};


typedef struct rt_policy_index_s  rt_policy_index_t;

typedef struct {
    rt_mem_t           *mem;
    rt_group_t         *groups;
    rt_group_t         *last;
    rt_group_t         *group[RT_POLICY_MAX_GROUPS];    /* by index */
    unsigned            ngroups;
    unsigned            grants;    /* 1: a group has a permission, so that
                                      rtauth_authorize is on by default */
    rt_groups_t         above[RT_LEVEL_OWN + 1];    /* groups that grant more
                                      than this level somewhere */
    rt_groups_t         denying;   /* those with a "deny" */
    unsigned            denies;    /* any of them has one */
    rt_group_t         *timed[RT_POLICY_MAX_GROUPS];    /* a group stands
                                      behind those that include it */
    unsigned            ntimed;
    rt_policy_index_t  *index;     /* rt_policy_index.h; NULL: nobody is in
                                      any group */
} rt_policy_t;


/* ---- configuration time; *err, after RT_INVALID, is a sentence ---- */

/* an empty policy; mem must outlive it */
void rt_policy_init(rt_policy_t *policy, rt_mem_t *mem);

/*
 * Opens a group.  name is [A-Za-z0-9_.-]+, unique; it must outlive the
 * policy, as all strings given here.
 *
 * ret:  RT_OK, RT_INVALID, RT_ERROR (memory)
 */
rt_status_e rt_policy_add_group(rt_policy_t *policy, const rt_str_t *name,
    rt_group_t **group, rt_str_t *err);

/* match CLAIM OP VALUE ... [split=CHAR]: args without the word "match" */
rt_status_e rt_group_add_match(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, const rt_regex_t *engine,
    rt_str_t *err);

/* permission LEVEL [[METHOD,...:]PATH ...]: args without "permission" */
rt_status_e rt_group_add_permission(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err);

/* except PATH ...: where the permissions of this group do not hold */
rt_status_e rt_group_add_except(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err);

/* deny [METHOD,...:]PATH ...: where no permission of any group holds */
rt_status_e rt_group_add_deny(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err);

/* default_app PATH, once; rt_uri_return_check() decides about its form */
rt_status_e rt_group_set_default_app(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *path, rt_str_t *err);

/* provider NAME, once */
rt_status_e rt_group_set_provider(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *name, rt_str_t *err);

/* whom an error of rt_policy_finish() is about */

typedef struct {
    const rt_group_t  *group;
    const char        *line;    /* the name of the line, or NULL: none is
                                   wrong, one is missing */
} rt_policy_bad_t;


/*
 * Checks what only the whole can tell, after rt_policy_member_finish(): every
 * group has a match, or another includes it, or it is nobody's; with several
 * providers every group with a match names one, and one that exists; a
 * default_app is open (GET, use) to the group that has it, or a user would be
 * sent from a refusal to a refusal.
 *
 * in:   providers, the names declared
 * out:  *bad, what *err is about
 */
rt_status_e rt_policy_finish(rt_policy_t *policy, const rt_str_t *providers,
    size_t nproviders, rt_policy_bad_t *bad, rt_str_t *err);

/* none use edit own; RT_DECLINED for any other word */
rt_status_e rt_policy_level_parse(const rt_str_t *word, rt_level_e *level);

/* "none", "use", "edit", "own" */
const rt_str_t *rt_policy_level_name(rt_level_e level);

/* the group of that name, or NULL */
const rt_group_t *rt_policy_find(const rt_policy_t *policy,
    const rt_str_t *name);


/* ---- request time ---- */


static inline int
rt_groups_has(const rt_groups_t *set, unsigned index)
{
    return (int) (set->bits[index / 64] >> (index % 64) & 1);
}


static inline void
rt_groups_set(rt_groups_t *set, unsigned index)
{
    set->bits[index / 64] |= (uint64_t) 1 << (index % 64);
}


static inline void
rt_groups_add(rt_groups_t *set, const rt_groups_t *other)
{
    unsigned  i;

    for (i = 0; i < RT_POLICY_MAX_GROUPS / 64; i++) {
        set->bits[i] |= other->bits[i];
    }
}


static inline int
rt_groups_meet(const rt_groups_t *set, const rt_groups_t *other)
{
    unsigned  i;
    uint64_t  both;

    for (both = 0, i = 0; i < RT_POLICY_MAX_GROUPS / 64; i++) {
        both |= set->bits[i] & other->bits[i];
    }

    return both != 0;
}


/* may he whom this provider vouches for be in the group? */

static inline int
rt_group_takes(const rt_group_t *group, const rt_str_t *provider)
{
    return group->provider.len == 0 || rt_str_eq(&group->provider, provider);
}


/* what is asked for, as the server has it: normalised and decoded */

typedef struct {
    const rt_str_t  *method;    /* as in the client's request line, "GET" */
    const rt_str_t  *path;      /* the client's, before any internal redirect */
    const rt_str_t  *uri;       /* as it is now */
} rt_asked_t;

/*
 * What he may do there.
 *
 * in:   set, the groups that he is in now: rt_policy_now()
 * out:  *denied, the first of them that denies it, then the level is none; or
 *       NULL.  "deny" is looked at with path and uri, all else with path
 */
rt_level_e rt_policy_judge(const rt_policy_t *policy, const rt_groups_t *set,
    const rt_asked_t *asked, const rt_group_t **denied);

/* the highest level granted to him anywhere, with any method */
rt_level_e rt_policy_top_level(const rt_policy_t *policy,
    const rt_groups_t *set);

/*
 * What the token itself says of groups: the values of the claims by which
 * groups of this provider are matched, each claim once, in declared order.  An
 * array is its elements; what is neither text nor number nor boolean is left
 * out.
 *
 * out:  value[], into claims, at most max of them
 * ret:  how many
 */
unsigned rt_policy_claimed(const rt_policy_t *policy, const rt_json_t *claims,
    const rt_str_t *provider, const rt_str_t **value, unsigned max);

/*
 * A claim by which groups of this provider are matched, and which the token
 * has not, but says to be elsewhere (OpenID Connect Core 1.0, 5.6.2): so Entra
 * ID does for whoever is in too many groups.  What is decided about him without
 * it would be decided about somebody else.
 *
 * ret:  its path, as configured; NULL: there is none
 */
const rt_str_t *rt_policy_elsewhere(const rt_policy_t *policy,
    const rt_json_t *claims, const rt_str_t *provider);

/*
 * Where his workspace begins: the first group, in declared order, that he is
 * in and that has a default_app; NULL when none has, or when he may edit
 * anywhere.  Who is at its default_path is there already.
 */
const rt_group_t *rt_policy_workspace(const rt_policy_t *policy,
    const rt_groups_t *set);


#pragma GCC visibility pop


#endif /* RT_POLICY_H_INCLUDED */

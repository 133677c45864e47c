
/*
 * Who is in which group: by inclusion, by what was pushed, and by time.
 *
 *     rtauth_group oncall  { match ...;  until ...;  include support; }
 *     rtauth_group support { ...;  include readers; }
 *     rtauth_group readers { ... }
 *
 * A member of oncall is one of support and of readers, as long as oncall's time
 * lasts.  What a token matches is found once, and kept with its claims: all
 * groups that it leads to, up to those with a time, and these.  Which of these
 * count, and where they lead, each request asks its clock.
 */


#ifndef RT_POLICY_MEMBER_H_INCLUDED
#define RT_POLICY_MEMBER_H_INCLUDED


#include "policy/rt_policy.h"


#pragma GCC visibility push(hidden)


/* ---- configuration time; *err, after RT_INVALID, is a sentence ---- */

/* include NAME ...: groups, which may be declared further down */
rt_status_e rt_group_add_include(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err);

/*
 * scim_group NAME ...: groups that a provider pushes, by their displayName,
 * whatever the case (RFC 7643, 8.7.1)
 */
rt_status_e rt_group_add_pushed(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *args, size_t nargs, rt_str_t *err);

/* from TIME, until TIME: RFC 3339, whole seconds; once each */
rt_status_e rt_group_set_from(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *time, rt_str_t *err);
rt_status_e rt_group_set_until(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *time, rt_str_t *err);

/* reason TEXT: up to RT_GROUP_MAX_REASON bytes of UTF-8, printable */

#define RT_GROUP_MAX_REASON  128

rt_status_e rt_group_set_reason(rt_policy_t *policy, rt_group_t *group,
    const rt_str_t *text, rt_str_t *err);

/*
 * When all is read: finds the groups that are included.  Refused are unknown
 * ones, circles, a group of one provider that would take in users of another, a
 * time without a reason or a reason without a time, and a time that ends before
 * it begins.
 */
rt_status_e rt_policy_member_finish(rt_policy_t *policy, size_t nproviders,
    rt_policy_bad_t *bad, rt_str_t *err);


/* ---- request time ---- */


/* what is kept of a match of this group: rt_policy_groups() */
static inline void
rt_policy_matched(rt_groups_t *set, const rt_group_t *group)
{
    if (group->timed) {
        rt_groups_set(set, group->index);

    } else {
        rt_groups_add(set, &group->joins);
    }
}


static inline int
rt_group_open(const rt_group_t *group, int64_t now)
{
    return now >= group->from && now < group->until;
}


/*
 * Adds what a member of the pushed group of that name is kept to be in.
 * in: name, folded (rt_fold.h); provider, of who pushed it
 */
void rt_policy_pushed(const rt_policy_t *policy, const rt_str_t *name,
    const rt_str_t *provider, rt_groups_t *set);

/* the groups that count at this second, out of those kept; in place */
void rt_policy_now(const rt_policy_t *policy, rt_groups_t *set, int64_t now);

/* out of those kept, the groups that count without any with a time */
void rt_policy_untimed(const rt_policy_t *policy, rt_groups_t *set);

/*
 * Adds the group, and the groups that its members are in at this second.  The
 * time of the group itself is not looked at.
 */
void rt_policy_bring(const rt_policy_t *policy, const rt_group_t *group,
    int64_t now, rt_groups_t *set);


#pragma GCC visibility pop


#endif /* RT_POLICY_MEMBER_H_INCLUDED */

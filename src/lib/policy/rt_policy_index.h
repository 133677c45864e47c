
/*
 * Who is in which group of a policy.
 */


#ifndef RT_POLICY_INDEX_H_INCLUDED
#define RT_POLICY_INDEX_H_INCLUDED


#include "policy/rt_policy.h"


#pragma GCC visibility push(hidden)


/*
 * When so many regular expressions gave up on the claims of one token, the
 * others are not tried, and do not match: their costs would add up.
 */
#define RT_POLICY_MAX_GIVEN_UP  8


/* the last step of a configuration; ret: RT_OK, RT_ERROR (memory) */
rt_status_e rt_policy_index(rt_policy_t *policy);

/*
 * The groups of a user, those with a time whether it has come or not: see
 * rt_policy_now().  The time it takes grows with the values of his
 * claims and with the conditions that are no mere look-up, not with the
 * product of values and groups; callers keep the answer with the claims.
 *
 * in:   policy, with its index
 *       claims, verified; NULL (nobody): no group
 *       provider, the name of the one that vouched for them
 * ret:  NULL, or the first condition whose regular expression gave up: he is
 *       in no group because of it
 */
const rt_cond_t *rt_policy_groups(const rt_policy_t *policy,
    const rt_json_t *claims, const rt_str_t *provider, rt_groups_t *set);


#pragma GCC visibility pop


#endif /* RT_POLICY_INDEX_H_INCLUDED */

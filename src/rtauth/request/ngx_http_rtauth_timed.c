
#include "request/ngx_http_rtauth_timed.h"
#include "policy/ngx_http_rtauth_require.h"
#include "policy/rt_policy_member.h"
#include "ngx_rt_log.h"


static const rt_group_t *ngx_http_rtauth_timed_used(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_policy_t *policy);
static const rt_group_t *ngx_http_rtauth_timed_ended(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_policy_t *policy);
static ngx_uint_t ngx_http_rtauth_timed_helps(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_policy_t *policy, rt_groups_t *more,
    rt_groups_t *less);


const rt_group_t *
ngx_http_rtauth_timed(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass)
{
    rt_policy_t                  *policy;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    policy = &mcf->policy;

    if (policy->ntimed == 0 || pass->identity == NULL || pass->now == 0) {
        return NULL;
    }

    if (pass->status == 0 && !pass->ended) {
        return ngx_http_rtauth_timed_used(r, pass, policy);
    }

    return pass->reason == RT_REASON_NO_PERMISSION
           || pass->reason == RT_REASON_REQUIREMENT
           ? ngx_http_rtauth_timed_ended(r, pass, policy) : NULL;
}


/*
 * The first group that suffices by itself.  Where only several together do, the
 * first of these.
 */

static const rt_group_t *
ngx_http_rtauth_timed_used(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_policy_t *policy)
{
    unsigned           i;
    rt_groups_t        less, more;
    const rt_group_t  *group, *first;

    first = NULL;
    less = pass->identity->groups;
    rt_policy_untimed(policy, &less);

    if (!ngx_http_rtauth_timed_helps(r, pass, policy, &pass->groups, &less)) {
        return NULL;
    }

    for (i = 0; i < policy->ntimed; i++) {
        group = policy->timed[i];

        if (!rt_groups_has(&pass->groups, group->index)) {
            continue;
        }

        more = less;
        rt_policy_bring(policy, group, pass->now, &more);

        if (ngx_http_rtauth_timed_helps(r, pass, policy, &more, &less)) {
            return group;
        }

        first = first ? first : group;
    }

    return first;
}


static const rt_group_t *
ngx_http_rtauth_timed_ended(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_policy_t *policy)
{
    unsigned           i;
    rt_groups_t        more;
    const rt_group_t  *group;

    for (i = 0; i < policy->ntimed; i++) {
        group = policy->timed[i];

        if (pass->now < group->until
            || !rt_groups_has(&pass->identity->groups, group->index))
        {
            continue;
        }

        more = pass->groups;
        rt_policy_bring(policy, group, pass->now, &more);

        if (ngx_http_rtauth_timed_helps(r, pass, policy, &more, &pass->groups))
        {
            return group;
        }
    }

    return NULL;
}


/* do the groups of "more" give a higher level here, or meet a condition? */

static ngx_uint_t
ngx_http_rtauth_timed_helps(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_policy_t *policy, rt_groups_t *more,
    rt_groups_t *less)
{
    ngx_uint_t                   i;
    rt_asked_t                   asked;
    const rt_group_t            *denied;
    ngx_http_rtauth_require_t  **line;

    ngx_http_rtauth_asked(r, ngx_http_rtauth_kept(r), pass, &asked);

    if (rt_policy_judge(policy, more, &asked, &denied)
        > rt_policy_judge(policy, less, &asked, &denied))
    {
        return 1;
    }

    if (pass->conf->require == NULL) {
        return 0;
    }

    line = pass->conf->require->elts;

    for (i = 0; i < pass->conf->require->nelts; i++) {
        if (rt_groups_meet(&line[i]->groups, more)
            && !rt_groups_meet(&line[i]->groups, less))
        {
            return 1;
        }
    }

    return 0;
}


void
ngx_http_rtauth_timed_explain(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass)
{
    const rt_group_t  *group;

    group = ngx_http_rtauth_timed(r, pass);

    if (group) {
        ngx_rt_log_error(NGX_LOG_NOTICE, r,
                         "rtauth: group \"%V\", by which the user may have "
                         "been let in before, has ended (\"%V\")",
                         ngx_rt_ngx((rt_str_t *) &group->name),
                         ngx_rt_ngx((rt_str_t *) &group->reason));
    }
}

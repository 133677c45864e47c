
#include "policy/ngx_http_rtauth_group.h"
#include "policy/ngx_http_rtauth_member.h"
#include "policy/ngx_http_rtauth_regex.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "policy/rt_policy_index.h"


void
ngx_http_rtauth_group_members(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity)
{
    const rt_cond_t              *given_up;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    given_up = rt_policy_groups(&mcf->policy, identity->claims,
                                ngx_rt_str(&identity->provider->name),
                                &identity->matched);

    identity->groups = identity->matched;

    ngx_http_rtauth_regex_given_up(r, given_up);

    identity->elsewhere = rt_policy_elsewhere(&mcf->policy, identity->claims,
                                         ngx_rt_str(&identity->provider->name));

    ngx_http_rtauth_member_claims(mcf, identity);

    if (mcf->scim) {
        identity->barred = ngx_http_rtauth_scim_verdict(mcf, identity);
    }
}


u_char *
ngx_http_rtauth_group_names(ngx_http_request_t *r, const rt_groups_t *groups,
    u_char *buf, size_t size)
{
    u_char                       *p, *last;
    ngx_uint_t                    n;
    const rt_group_t             *group;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    n = 0;
    p = buf;
    last = buf + size - 3;

    for (group = mcf->policy.groups; group; group = group->next) {

        if (!rt_groups_has(groups, group->index)) {
            continue;
        }

        if ((size_t) (last - p) < group->name.len + sizeof("in group \"\"")) {
            return ngx_cpymem(p, "...", 3);
        }

        p = ngx_sprintf(p, n++ ? ", \"%V\"" : "in group \"%V\"",
                        ngx_rt_ngx((rt_str_t *) &group->name));
    }

    return n ? p : ngx_cpymem(p, "in no group", sizeof("in no group") - 1);
}

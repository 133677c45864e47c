
#include "policy/ngx_http_rtauth_group.h"
#include "policy/ngx_http_rtauth_regex.h"
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
                                &identity->groups);

    ngx_http_rtauth_regex_given_up(r, given_up);
}

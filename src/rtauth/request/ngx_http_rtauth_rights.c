
#include "request/ngx_http_rtauth_rights.h"
#include "policy/ngx_http_rtauth_group.h"
#include "policy/ngx_http_rtauth_require.h"
#include "policy/ngx_http_rtauth_stepup.h"
#include "session/ngx_http_rtauth_session.h"
#include "ngx_rt_log.h"
#include "policy/rt_policy_member.h"
#include "text/rt_logpath.h"


#define NGX_HTTP_RTAUTH_METHOD  32      /* bytes of a method that are shown */


static void ngx_http_rtauth_rights_level(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_asked_t *asked);
static rt_reason_e ngx_http_rtauth_rights_unmet(ngx_http_rtauth_pass_t *pass,
    ngx_http_rtauth_require_t *unmet, ngx_uint_t *status);
static void ngx_http_rtauth_rights_explain(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_asked_t *asked);
static void ngx_http_rtauth_rights_route(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);


/*
 * Of whoever has shown nothing.  As there are no claims, no condition on one
 * holds.
 */

static rt_json_t                   ngx_http_rtauth_rights_claims = {
    .type = RT_JSON_OBJECT
};

static ngx_http_rtauth_identity_t  ngx_http_rtauth_rights_nobody = {
    .claims = &ngx_http_rtauth_rights_claims
};


rt_reason_e
ngx_http_rtauth_rights(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass,
    ngx_http_rtauth_kept_t *kept, ngx_uint_t *status)
{
    ngx_int_t                  rc;
    rt_asked_t                 asked;
    ngx_http_rtauth_subject_t  who;

    *status = 0;

    if (pass->identity && pass->identity->elsewhere) {
        ngx_rt_log_error(NGX_LOG_NOTICE, r,
                         "rtauth: claim \"%V\", by which groups are matched, "
                         "is not in the token, which has a link in its "
                         "place: let provider \"%V\" write fewer groups, or "
                         "roles",
                         ngx_rt_ngx((rt_str_t *) pass->identity->elsewhere),
                         &pass->identity->provider->name);

        return RT_REASON_GROUPS_OVERAGE;
    }

    if (pass->now == 0) {
        pass->uri = r->uri;
    }

    pass->now = ngx_time();

    ngx_http_rtauth_asked(r, kept, pass, &asked);

    ngx_http_rtauth_rights_level(r, pass, &asked);

    who.identity = pass->identity ? pass->identity
                                  : &ngx_http_rtauth_rights_nobody;
    who.groups = &pass->groups;
    who.level = pass->level;
    who.body = pass->body;
    who.again = pass->again;
    who.auth_time = who.identity->session
                    ? who.identity->session->record.auth_time : -1;

    rc = ngx_http_rtauth_require_eval(r, pass->conf->require, &who);

    if (rc == NGX_ERROR) {
        return RT_REASON_INTERNAL;
    }

    if (pass->identity == NULL) {
        return rc == NGX_OK && pass->level >= RT_LEVEL_USE
               ? RT_REASON_OK : RT_REASON_ANONYMOUS;
    }

    if (rc != NGX_OK) {
        return ngx_http_rtauth_rights_unmet(pass, who.unmet, status);
    }

    ngx_http_rtauth_rights_route(r, pass);

    /* who is sent to his workspace gets nothing of what is here */

    if (pass->workspace == NULL
        && (pass->denied
            || (pass->conf->authorize && pass->level < RT_LEVEL_USE)))
    {
        ngx_http_rtauth_rights_explain(r, pass, &asked);

        return RT_REASON_NO_PERMISSION;
    }

    return RT_REASON_OK;
}


/*
 * Who is signed in may do what he could do without, too, unless a group of his
 * denies it.
 */

static void
ngx_http_rtauth_rights_level(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_asked_t *asked)
{
    rt_level_e                    level;
    rt_groups_t                   all;
    const rt_group_t             *denied;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    ngx_memzero(&all, sizeof(rt_groups_t));

    if (pass->conf->public_group) {
        rt_policy_matched(&all, pass->conf->public_group);
        rt_policy_now(&mcf->policy, &all, pass->now);
    }

    if (pass->identity) {
        pass->groups = pass->identity->groups;
        rt_policy_now(&mcf->policy, &pass->groups, pass->now);

    } else {
        pass->groups = all;
    }

    pass->level = rt_policy_judge(&mcf->policy, &pass->groups, asked,
                                  &pass->denied);

    if (pass->conf->public_group && pass->identity && pass->denied == NULL) {
        level = rt_policy_judge(&mcf->policy, &all, asked, &denied);
        pass->level = ngx_max(pass->level, level);
    }
}


/* a sign-in that was asked for and did not help is not asked for again */

static rt_reason_e
ngx_http_rtauth_rights_unmet(ngx_http_rtauth_pass_t *pass,
    ngx_http_rtauth_require_t *unmet, ngx_uint_t *status)
{
    if (unmet->stepup == NGX_HTTP_RTAUTH_STEPUP_NONE
        || (pass->identity->session
            && ngx_http_rtauth_stepup_noted(
                   pass->identity->session->record.stepup,
                   pass->conf->stepup)))
    {
        *status = unmet->status;

        return RT_REASON_REQUIREMENT;
    }

    return RT_REASON_STEPUP;
}


/* what was needed, and what there was; the path as the policy looked at it */

static void
ngx_http_rtauth_rights_explain(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_asked_t *asked)
{
    size_t   len;
    u_char   shown[RT_LOGPATH_MAX], names[NGX_HTTP_RTAUTH_CAME], *last;

    len = rt_logpath(shown, asked->path);

    if (pass->denied) {
        ngx_rt_log_error(NGX_LOG_NOTICE, r,
                         "rtauth: \"%*s %*s\" is denied by group \"%V\", in "
                         "which the user is",
                         ngx_min(asked->method->len, NGX_HTTP_RTAUTH_METHOD),
                         asked->method->data, len, shown,
                         ngx_rt_ngx((rt_str_t *) &pass->denied->name));
        return;
    }

    last = ngx_http_rtauth_group_names(r, &pass->groups, names,
                                       NGX_HTTP_RTAUTH_CAME);

    ngx_rt_log_error(NGX_LOG_NOTICE, r,
                     "rtauth: permission \"use\" is needed for \"%*s %*s\", "
                     "the user has none there, he is %*s",
                     ngx_min(asked->method->len, NGX_HTTP_RTAUTH_METHOD),
                     asked->method->data, len, shown,
                     (size_t) (last - names), names);
}


static void
ngx_http_rtauth_rights_route(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass)
{
    const rt_group_t             *group;
    ngx_http_rtauth_main_conf_t  *mcf;

    if (pass->again || !pass->conf->workspace || r != r->main
        || !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)))
    {
        return;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    group = rt_policy_workspace(&mcf->policy, &pass->groups);

    if (group == NULL || rt_str_eq(&group->default_path, ngx_rt_str(&r->uri)))
    {
        return;
    }

    pass->workspace = ngx_rt_ngx((rt_str_t *) &group->default_app);
}

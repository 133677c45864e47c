
/*
 * Conditions that must all hold; the logic of claims and groups is in
 * src/lib/policy/rt_cond.h and rt_policy.h.
 */


#include "policy/ngx_http_rtauth_require.h"
#include "policy/ngx_http_rtauth_group.h"
#include "policy/ngx_http_rtauth_regex.h"
#include "policy/ngx_http_rtauth_value.h"
#include "ngx_rt_log.h"
#include "jose/rt_claims.h"
#include "policy/rt_scope.h"


static ngx_int_t ngx_http_rtauth_require_holds(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    rt_json_t *claims);
static u_char *ngx_http_rtauth_require_shown(
    ngx_http_rtauth_require_t *require, rt_json_t *claims, u_char *buf);
static char *ngx_http_rtauth_require_resolve(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_require_t *require);


ngx_int_t
ngx_http_rtauth_require_eval(ngx_http_request_t *r, ngx_array_t *require,
    ngx_http_rtauth_subject_t *who)
{
    u_char                       came[NGX_HTTP_RTAUTH_CAME], *last;
    ngx_int_t                    rc;
    ngx_uint_t                   i;
    ngx_http_rtauth_require_t  **line;

    who->unmet = NULL;

    if (require == NULL) {
        return NGX_OK;
    }

    line = require->elts;

    for (i = 0; i < require->nelts; i++) {

        if (who->again
            && (line[i]->values
                || line[i]->stepup == NGX_HTTP_RTAUTH_STEPUP_AGE))
        {
            continue;
        }

        rc = line[i]->eval(r, line[i], who);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == 1 || (line[i]->stepup && who->unmet)) {
            continue;
        }

        who->unmet = line[i];

        if (!line[i]->stepup) {
            break;
        }
    }

    if (who->unmet == NULL) {
        return NGX_OK;
    }

    /* he is nobody: the reason of the refusal says enough */

    if (who->identity->provider == NULL) {
        return who->unmet->status;
    }

    last = who->unmet->came(r, who->unmet, who, came);

    ngx_rt_log_error(NGX_LOG_NOTICE, r, "rtauth: \"rtauth_require %V\" in "
                     "%V:%ui does not hold: %*s", &who->unmet->text,
                     &who->unmet->where.file, who->unmet->where.line,
                     (size_t) (last - came), came);

    return who->unmet->status;
}


ngx_int_t
ngx_http_rtauth_require_claim(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    return ngx_http_rtauth_require_holds(r, require, who,
                                         who->identity->claims);
}


/* a session has no token's header, and what is absent meets no condition */

ngx_int_t
ngx_http_rtauth_require_jose(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    return ngx_http_rtauth_require_holds(r, require, who, who->identity->jose);
}


static ngx_int_t
ngx_http_rtauth_require_holds(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    rt_json_t *claims)
{
    int        rc;
    unsigned   i;
    rt_str_t  *values;

    values = NULL;

    if (require->values) {
        values = ngx_palloc(r->pool, require->cond.nvalues * sizeof(rt_str_t));
        if (values == NULL) {
            return NGX_ERROR;
        }

        for (i = 0; i < require->cond.nvalues; i++) {
            if (ngx_http_rtauth_value_get(r, who->body, &require->values[i],
                                          ngx_rt_ngx(&values[i]))
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    rc = rt_cond_eval(&require->cond, values, claims);

    if (rc == RT_COND_GAVE_UP) {
        ngx_http_rtauth_regex_given_up(r, &require->cond);
    }

    return rc == 1;
}


ngx_int_t
ngx_http_rtauth_require_group(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    return rt_groups_meet(&require->groups, who->groups);
}


ngx_int_t
ngx_http_rtauth_require_permission(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    return who->level >= require->level;
}


ngx_int_t
ngx_http_rtauth_require_scope(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    ngx_uint_t  i;

    for (i = 0; i < require->nways; i++) {
        if (rt_scope_has(who->identity->claims,
                         ngx_rt_str(&require->ways[i])))
        {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_rtauth_require_variables(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    ngx_str_t   text;
    ngx_uint_t  i;

    for (i = 0; i < require->nways; i++) {

        if (ngx_http_rtauth_value_get(r, who->body, &require->values[i], &text)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (text.len == 0 || rt_str_lit(ngx_rt_str(&text), "0")) {
            return 0;
        }
    }

    return 1;
}


u_char *
ngx_http_rtauth_require_came_claim(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf)
{
    return ngx_http_rtauth_require_shown(require, who->identity->claims, buf);
}


u_char *
ngx_http_rtauth_require_came_jose(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf)
{
    if (who->identity->jose == NULL) {
        return ngx_sprintf(buf, "the user showed no token with a header");
    }

    return ngx_http_rtauth_require_shown(require, who->identity->jose, buf);
}


static u_char *
ngx_http_rtauth_require_shown(ngx_http_rtauth_require_t *require,
    rt_json_t *claims, u_char *buf)
{
    u_char     *p;
    rt_json_t  *claim;

    claim = rt_json_path(claims, &require->cond.path);

    p = ngx_cpymem(buf, "the token has ", sizeof("the token has ") - 1);

    return p + rt_claims_shown(p, claim);
}


u_char *
ngx_http_rtauth_require_came_group(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf)
{
    u_char  *p;

    p = ngx_cpymem(buf, "the user is ", sizeof("the user is ") - 1);

    return ngx_http_rtauth_group_names(r, who->groups, p,
                                       buf + NGX_HTTP_RTAUTH_CAME - p);
}


u_char *
ngx_http_rtauth_require_came_level(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf)
{
    u_char  *p;

    p = ngx_sprintf(buf, "the user's permission here is \"%V\", he is ",
                    ngx_rt_ngx((rt_str_t *)
                               rt_policy_level_name(who->level)));

    return ngx_http_rtauth_group_names(r, who->groups, p,
                                       buf + NGX_HTTP_RTAUTH_CAME - p);
}


u_char *
ngx_http_rtauth_require_came_scope(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf)
{
    u_char  *p;

    p = ngx_cpymem(buf, "the token has ", sizeof("the token has ") - 1);

    return p + rt_claims_shown(p, rt_scope_claim(who->identity->claims));
}


u_char *
ngx_http_rtauth_require_came_variables(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who,
    u_char *buf)
{
    return ngx_sprintf(buf, "one of them is empty or 0");
}


char *
ngx_http_rtauth_require_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    char                        *rv;
    ngx_uint_t                   i;
    ngx_http_rtauth_require_t  **line;

    line = mcf->requires.elts;

    for (i = 0; i < mcf->requires.nelts; i++) {

        if (line[i]->level && !mcf->policy.grants) {
            return ngx_rt_conf_error(cf, &line[i]->where,
                                     "\"rtauth_require %V\" can never hold: "
                                     "no \"rtauth_group\" has a "
                                     "\"permission\", write one",
                                     &line[i]->text);
        }

        rv = ngx_http_rtauth_require_resolve(cf, mcf, line[i]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_require_resolve(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_require_t *require)
{
    ngx_uint_t         i;
    const rt_group_t  *group;

    for (i = 0; i < require->nnames; i++) {

        group = rt_policy_find(&mcf->policy, ngx_rt_str(&require->names[i]));

        if (group == NULL) {
            return ngx_rt_conf_error(cf, &require->where,
                                     "unknown group \"%V\" in "
                                     "\"rtauth_require %V\": write "
                                     "\"rtauth_group %V { ... }\" in http",
                                     &require->names[i], &require->text,
                                     &require->names[i]);
        }

        require->groups.bits[group->index / 64] |=
            (uint64_t) 1 << (group->index % 64);
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_require_merge(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *prev,
    ngx_http_rtauth_loc_conf_t *conf)
{
    if (ngx_http_rtauth_require_check(cf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    /* outer conditions are looked at first */

    return conf->require_off == 1
           || ngx_rt_conf_inherit(cf, prev->require, &conf->require) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_rtauth_require_check(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_http_rtauth_require_t  **line;

    if (conf->require == NULL
        || (conf->providers && conf->providers != NGX_CONF_UNSET_PTR))
    {
        return NGX_CONF_OK;
    }

    line = conf->require->elts;

    return ngx_rt_conf_error(cf, &line[0]->where,
                             "\"rtauth_require %V\" asks nobody: write "
                             "\"rtauth NAME\" at the same level or outside of "
                             "it", &line[0]->text);
}

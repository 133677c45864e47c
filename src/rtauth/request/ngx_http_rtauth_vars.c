
/*
 * The variables of rtauth.
 */


#include "request/ngx_http_rtauth_vars.h"
#include "client/ngx_http_rtauth_uris.h"
#include "request/ngx_http_rtauth_user.h"
#include "session/ngx_http_rtauth_session.h"
#include "ngx_rt_once.h"
#include "ngx_rt_var.h"
#include "event/rt_event_packed.h"
#include "jose/rt_claims.h"


/* writes what is known of a user, what is told of a decision */
typedef ngx_int_t (*ngx_http_rtauth_user_pt)(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *text);
typedef ngx_int_t (*ngx_http_rtauth_event_pt)(ngx_http_request_t *r,
    rt_str_t *value, ngx_str_t *text);


static ngx_int_t ngx_http_rtauth_vars_claim(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_vars_user(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_vars_groups(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_vars_permission(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_vars_default_app(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_vars_provider(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_vars_result(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_vars_event(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_vars_endpoint(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_vars_page(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_rtauth_vars_session(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_http_rtauth_identity_t *ngx_http_rtauth_vars_identity(
    ngx_http_request_t *r);
static ngx_http_rtauth_pass_t *ngx_http_rtauth_vars_decision(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_vars_ends(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void ngx_http_rtauth_vars_early(ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtauth_vars_undecided(ngx_http_request_t *r);


static ngx_http_variable_t  ngx_http_rtauth_vars[] = {

    { ngx_string("rtauth_user"), NULL, ngx_http_rtauth_vars_user,
      (uintptr_t) ngx_http_rtauth_user_name, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_user_json"), NULL, ngx_http_rtauth_vars_user,
      (uintptr_t) ngx_http_rtauth_user_json, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_user_packed"), NULL, ngx_http_rtauth_vars_user,
      (uintptr_t) ngx_http_rtauth_user_packed, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_groups"), NULL, ngx_http_rtauth_vars_groups,
      (uintptr_t) ngx_http_rtauth_user_groups, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_groups_list"), NULL, ngx_http_rtauth_vars_groups,
      (uintptr_t) ngx_http_rtauth_user_list, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_permission"), NULL, ngx_http_rtauth_vars_permission, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_default_app"), NULL, ngx_http_rtauth_vars_default_app,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_provider"), NULL, ngx_http_rtauth_vars_provider, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_result"), NULL, ngx_http_rtauth_vars_result, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_event"), NULL, ngx_http_rtauth_vars_event,
      (uintptr_t) ngx_http_rtauth_user_say, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_event_packed"), NULL, ngx_http_rtauth_vars_event,
      (uintptr_t) ngx_http_rtauth_user_pack, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth-ends"), NULL, ngx_http_rtauth_vars_ends, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_NOHASH, 0 },

    { ngx_string("rtauth_endpoint"), NULL, ngx_http_rtauth_vars_endpoint, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_page"), NULL, ngx_http_rtauth_vars_page, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_session"), NULL, ngx_http_rtauth_vars_session,
      offsetof(ngx_http_rtauth_session_t, hex), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_access_token"), NULL, ngx_http_rtauth_vars_session,
      offsetof(ngx_http_rtauth_session_t, record.access_token),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_id_token"), NULL, ngx_http_rtauth_vars_session,
      offsetof(ngx_http_rtauth_session_t, record.id_token),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("rtauth_claim_"), NULL, ngx_http_rtauth_vars_claim, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_rtauth_add_variables(ngx_conf_t *cf)
{
    return ngx_rt_var_add(cf, ngx_http_rtauth_vars);
}


/* $rtauth_claim_NAME: data is the variable's whole name */

static ngx_int_t
ngx_http_rtauth_vars_claim(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_str_t *name = (ngx_str_t *) data;

    rt_mem_t                     mem;
    rt_str_t                     member, text;
    ngx_http_rtauth_identity_t  *identity;

    identity = ngx_http_rtauth_vars_identity(r);

    if (identity == NULL) {
        return ngx_http_rtauth_vars_of(v, NULL);
    }

    member.len = name->len - (sizeof("rtauth_claim_") - 1);
    member.data = name->data + sizeof("rtauth_claim_") - 1;

    mem = ngx_rt_str_mem(r->pool);

    if (rt_claims_text(&mem, rt_json_get(identity->claims, &member), &text)
        != RT_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_vars_of(v, ngx_rt_ngx(&text));
}


ngx_int_t
ngx_http_rtauth_vars_path(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_rtauth_claim_t *claim = (ngx_http_rtauth_claim_t *) data;

    rt_mem_t                     mem;
    rt_str_t                     text;
    rt_json_t                   *value;
    rt_status_e                  rc;
    ngx_http_rtauth_identity_t  *identity;

    identity = ngx_http_rtauth_vars_identity(r);

    if (identity == NULL) {
        return ngx_http_rtauth_vars_of(v, NULL);
    }

    mem = ngx_rt_str_mem(r->pool);
    value = rt_json_path(identity->claims, &claim->path);

    rc = claim->json ? rt_claims_json(&mem, value, &text)
                     : rt_claims_text(&mem, value, &text);

    if (rc != RT_OK) {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_vars_of(v, ngx_rt_ngx(&text));
}


static ngx_int_t
ngx_http_rtauth_vars_user(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_rtauth_user_pt get = (ngx_http_rtauth_user_pt) data;

    ngx_str_t                    text;
    ngx_http_rtauth_identity_t  *identity;

    identity = ngx_http_rtauth_vars_identity(r);

    /* an intent is written before the answer is sent */

    if (identity == NULL && get == ngx_http_rtauth_user_packed) {
        identity = ngx_http_rtauth_noted(r);
    }

    if (identity == NULL) {
        return ngx_http_rtauth_vars_of(v, NULL);
    }

    if (get(r, identity, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_vars_of(v, &text);
}


/* nobody is in the group of rtauth_public_group, where it lets him in */

static ngx_int_t
ngx_http_rtauth_vars_groups(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_rtauth_user_pt get = (ngx_http_rtauth_user_pt) data;

    ngx_str_t                text;
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_rtauth_decision(r);

    if (pass == NULL || !pass->open || ngx_http_rtauth_identity(r))
    {
        return ngx_http_rtauth_vars_user(r, v, data);
    }

    if (get(r, NULL, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_vars_of(v, &text);
}


static ngx_int_t
ngx_http_rtauth_vars_permission(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_rtauth_vars_decision(r);

    if (pass == NULL || pass->overruled
        || (pass->identity ? ngx_http_rtauth_identity(r) == NULL
                           : !pass->open))
    {
        return ngx_http_rtauth_vars_of(v, NULL);
    }

    return ngx_http_rtauth_vars_of(v, ngx_rt_ngx((rt_str_t *)
                                      rt_policy_level_name(pass->level)));
}


static ngx_int_t
ngx_http_rtauth_vars_default_app(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    rt_groups_t                   set;
    const rt_group_t             *group;
    ngx_http_rtauth_identity_t   *identity;
    ngx_http_rtauth_main_conf_t  *mcf;

    identity = ngx_http_rtauth_vars_identity(r);

    if (identity == NULL) {
        return ngx_http_rtauth_vars_of(v, NULL);
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    set = ngx_http_rtauth_groups(r, identity);
    group = rt_policy_workspace(&mcf->policy, &set);

    return ngx_http_rtauth_vars_of(v, group ? ngx_rt_ngx((rt_str_t *)
                                                         &group->default_app)
                                            : NULL);
}


static ngx_int_t
ngx_http_rtauth_vars_provider(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_rtauth_identity_t  *identity;

    identity = ngx_http_rtauth_vars_identity(r);

    return ngx_http_rtauth_vars_of(v,
                                   identity ? &identity->provider->name : NULL);
}


static ngx_int_t
ngx_http_rtauth_vars_result(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_rtauth_vars_decision(r);

    if (pass == NULL) {
        return ngx_http_rtauth_vars_of(v, NULL);
    }

    return ngx_http_rtauth_vars_of(v, ngx_rt_ngx((rt_str_t *)
                                      &rt_reason(pass->reason)->name));
}


static ngx_int_t
ngx_http_rtauth_vars_event(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_rtauth_event_pt say = (ngx_http_rtauth_event_pt) data;

    rt_str_t                 value[RT_RTAUTH_N];
    ngx_str_t                text;
    ngx_http_rtauth_kept_t  *kept;
    ngx_http_rtauth_pass_t  *pass, *asked;

    kept = ngx_http_rtauth_kept(r);
    pass = ngx_http_rtauth_verdict(r);

    if (pass == NULL || pass->status == 0) {
        asked = ngx_http_rtauth_asked_refused(r);
        pass = asked ? asked : pass;
    }

    ngx_memzero(value, sizeof(value));

    if (kept && kept->deed) {
        ngx_http_rtauth_user_deed(kept->deed, value);

    } else if (pass) {
        ngx_http_rtauth_user_event(r, pass, value);

    } else {
        return ngx_http_rtauth_vars_of(v, NULL);
    }

    return say(r, value, &text) == NGX_OK ? ngx_http_rtauth_vars_of(v, &text)
                                          : NGX_ERROR;
}


/* no page can echo it: rtaudit asks, without a request */

static ngx_int_t
ngx_http_rtauth_vars_ends(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                              ngx_http_rtauth_module);

    return ngx_http_rtauth_vars_of(v, mcf ? &mcf->ends : NULL);
}


/*
 * Whoever answered it: what comes to such an address is secret, and a deny or
 * an error page does not make it less so.
 */

static ngx_int_t
ngx_http_rtauth_vars_endpoint(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_rtauth_uri_t   *row;
    ngx_http_rtauth_kept_t  *kept;

    row = ngx_http_rtauth_uri_find(r);
    kept = ngx_http_rtauth_kept(r);

    if (row == NULL && kept) {
        row = ngx_http_rtauth_uri_named(r, &kept->uri);
    }

    return ngx_http_rtauth_vars_of(v, row ? ngx_http_rtauth_uri_line(row)
                                          : NULL);
}


/* of this request alone: its page may be a part of another one's */

static ngx_int_t
ngx_http_rtauth_vars_page(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_rtauth_pass(r);

    return ngx_http_rtauth_vars_of(v, pass && pass->page ?
                                      ngx_rt_ngx((rt_str_t *)
                                          rt_page_name(pass->page_kind))
                                                         : NULL);
}


/* data: which string of the session; who showed a token has none */

static ngx_int_t
ngx_http_rtauth_vars_session(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_rtauth_identity_t  *identity;

    identity = ngx_http_rtauth_vars_identity(r);

    if (identity == NULL || identity->session == NULL) {
        return ngx_http_rtauth_vars_of(v, NULL);
    }

    return ngx_http_rtauth_vars_of(v, (ngx_str_t *)
                                      ((u_char *) identity->session + data));
}


static ngx_http_rtauth_identity_t *
ngx_http_rtauth_vars_identity(ngx_http_request_t *r)
{
    ngx_http_rtauth_identity_t  *identity;

    identity = ngx_http_rtauth_identity(r);

    if (identity == NULL) {
        ngx_http_rtauth_vars_early(r);
    }

    return identity;
}


static ngx_http_rtauth_pass_t *
ngx_http_rtauth_vars_decision(ngx_http_request_t *r)
{
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_rtauth_decision(r);

    if (pass == NULL) {
        ngx_http_rtauth_vars_early(r);
    }

    return pass;
}


ngx_http_rtauth_pass_t *
ngx_http_rtauth_vars_admitted(ngx_http_request_t *r)
{
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_rtauth_pass(r);

    if (pass == NULL) {
        ngx_http_rtauth_vars_early(r);
        return NULL;
    }

    return pass->status == 0 && pass->identity ? pass : NULL;
}


/* an empty value may mean that nobody was asked yet: said once a location */

static void
ngx_http_rtauth_vars_early(ngx_http_request_t *r)
{
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_rtauth_loc_conf_t   *rlcf;
    ngx_http_rtauth_main_conf_t  *mcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);
    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    if (rlcf->providers == NULL
        || ngx_http_rtauth_pass(r)
        || !ngx_http_rtauth_vars_undecided(r))
    {
        return;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_rt_once(mcf->once, &rlcf->phase, r,
                "rtauth: a variable of the user was read in location \"%V\" "
                "before it was known who he is, and is empty: for limit_req "
                "and limit_conn write \"rtauth_phase preaccess\"; for \"if\" "
                "and \"return\" write \"rtauth_require\"; a \"map\" that is "
                "read early must be \"volatile\"", &clcf->name);
}


/*
 * Before ACCESS, and not in an answer: a "return" sets the status, and in a
 * redirect evaluates its address before there is a Location.
 */

static ngx_uint_t
ngx_http_rtauth_vars_undecided(ngx_http_request_t *r)
{
    ngx_int_t                   i;
    ngx_http_phase_handler_t   *ph;
    ngx_http_core_main_conf_t  *cmcf;

    if (r->headers_out.status
        && (r->headers_out.status < NGX_HTTP_MOVED_PERMANENTLY
            || r->headers_out.status >= NGX_HTTP_BAD_REQUEST
            || r->headers_out.location))
    {
        return 0;
    }

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    ph = cmcf->phase_engine.handlers;

    for (i = 0; i <= r->phase_handler; i++) {
        if (ph[i].checker == ngx_http_core_access_phase) {
            return 0;
        }
    }

    return 1;
}


ngx_int_t
ngx_http_rtauth_vars_of(ngx_http_variable_value_t *v, const ngx_str_t *s)
{
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;

    if (s == NULL || s->len == 0) {
        v->len = 0;
        v->data = (u_char *) "";
        return NGX_OK;
    }

    v->len = s->len;
    v->data = s->data;

    return NGX_OK;
}

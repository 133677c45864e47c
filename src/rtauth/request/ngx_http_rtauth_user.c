
/*
 * A verified user, as others are told of him.
 */


#include "request/ngx_http_rtauth_user.h"
#include "jose/rt_claims.h"


typedef struct {
    ngx_str_t   name;           /* "id":, with its quotes and colon */
    rt_str_t    claims[3];      /* the first that is a string */
} ngx_http_rtauth_member_t;


static ngx_uint_t ngx_http_rtauth_owns_email(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity);
static ngx_int_t ngx_http_rtauth_member(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_member_t *m,
    ngx_str_t *json);
static const char *ngx_http_rtauth_action(ngx_http_rtauth_pass_t *pass);


static ngx_http_rtauth_member_t  ngx_http_rtauth_members[] = {

    { ngx_string("\"id\":"), { rt_string("sub") } },

    { ngx_string("\"sid\":"), { rt_string("sid") } },

    { ngx_string("\"email\":"), { rt_string("email") } },

    { ngx_string("\"userName\":"),
      { rt_string("preferred_username"), rt_string("name") } },

    { ngx_string("\"firstName\":"), { rt_string("given_name") } },

    { ngx_string("\"lastName\":"), { rt_string("family_name") } },

    { ngx_string("\"externalIdentifier\":"), { rt_string("iss") } },

    { ngx_null_string, { rt_null_string } }
};


#define NGX_HTTP_RTAUTH_NMEMBERS                                              \
    (sizeof(ngx_http_rtauth_members) / sizeof(ngx_http_rtauth_member_t) - 1)


ngx_int_t
ngx_http_rtauth_user_name(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *name)
{
    rt_mem_t    mem;
    rt_json_t  *value;
    ngx_str_t  *claim;

    claim = &identity->provider->user_claim;

    ngx_str_null(name);

    if (rt_str_lit(ngx_rt_str(claim), "email")
        && !ngx_http_rtauth_owns_email(r, identity))
    {
        return NGX_OK;
    }

    value = rt_json_path(identity->claims, ngx_rt_str(claim));

    if (value == NULL || value->type != RT_JSON_STRING) {
        return NGX_OK;
    }

    mem = ngx_rt_mem(r->pool);

    return rt_claims_text(&mem, value, ngx_rt_str(name)) == RT_OK
           ? NGX_OK : NGX_ERROR;
}


/*
 * One provider is believed unless it says the email is not verified; of
 * several, each has to say that it is, or one could name the other's users.
 */

static ngx_uint_t
ngx_http_rtauth_owns_email(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity)
{
    rt_json_t                    *verified;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    verified = rt_json_member(identity->claims, "email_verified");

    if (verified == NULL) {
        return mcf->providers.nelts == 1;
    }

    /* some providers write it as a string */

    return verified->type == RT_JSON_TRUE
           || (verified->type == RT_JSON_STRING
               && rt_str_lit(&verified->str, "true"));
}


ngx_int_t
ngx_http_rtauth_user_groups(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *json)
{
    u_char                       *p;
    size_t                        len;
    rt_group_t                   *group;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    len = sizeof("[]");

    for (group = mcf->policy.groups; group; group = group->next) {
        if (rt_groups_has(&identity->groups, group->index)) {
            len += sizeof("\"\",") + group->name.len;
        }
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    json->data = p;
    *p++ = '[';

    for (group = mcf->policy.groups; group; group = group->next) {
        if (!rt_groups_has(&identity->groups, group->index)) {
            continue;
        }

        if (p[-1] != '[') {
            *p++ = ',';
        }

        /* a group's name has no character to escape */

        *p++ = '"';
        p = ngx_cpymem(p, group->name.data, group->name.len);
        *p++ = '"';
    }

    *p++ = ']';
    json->len = p - json->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_rtauth_user_json(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_str_t *json)
{
    u_char                    *p;
    size_t                     len;
    ngx_str_t                  groups, text[NGX_HTTP_RTAUTH_NMEMBERS];
    ngx_uint_t                 i;
    ngx_http_rtauth_member_t  *m;

    m = ngx_http_rtauth_members;

    if (ngx_http_rtauth_user_groups(r, identity, &groups) != NGX_OK) {
        return NGX_ERROR;
    }

    len = sizeof("{\"groups\":}") + groups.len;

    for (i = 0; i < NGX_HTTP_RTAUTH_NMEMBERS; i++) {
        if (ngx_http_rtauth_member(r, identity, &m[i], &text[i]) != NGX_OK) {
            return NGX_ERROR;
        }

        len += m[i].name.len + text[i].len + 1;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    json->data = p;
    *p++ = '{';

    for (i = 0; i < NGX_HTTP_RTAUTH_NMEMBERS; i++) {
        if (text[i].len) {
            p = ngx_cpymem(p, m[i].name.data, m[i].name.len);
            p = ngx_cpymem(p, text[i].data, text[i].len);
            *p++ = ',';
        }
    }

    p = ngx_sprintf(p, "\"groups\":%V}", &groups);
    json->len = p - json->data;

    return NGX_OK;
}


/* empty: left out */

static ngx_int_t
ngx_http_rtauth_member(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity, ngx_http_rtauth_member_t *m,
    ngx_str_t *json)
{
    rt_mem_t     mem;
    rt_json_t   *value;
    ngx_uint_t   i;

    ngx_str_null(json);

    if (rt_str_lit(&m->claims[0], "email")
        && !ngx_http_rtauth_owns_email(r, identity))
    {
        return NGX_OK;
    }

    mem = ngx_rt_mem(r->pool);

    for (i = 0; i < 3 && m->claims[i].len; i++) {

        value = rt_json_get(identity->claims, &m->claims[i]);

        if (value && value->type == RT_JSON_STRING && value->str.len) {
            return rt_claims_json(&mem, value, ngx_rt_str(json)) == RT_OK
                   ? NGX_OK : NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_rtauth_user_event(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass,
    ngx_str_t *json)
{
    u_char       *p;
    size_t        len;
    ngx_str_t    *reason, *provider;
    const char   *decision, *action;

    static ngx_str_t  nobody = ngx_string("");

    reason = ngx_rt_ngx((rt_str_t *) &rt_reason(pass->reason)->name);
    provider = pass->identity ? &pass->identity->provider->name : &nobody;

    decision = pass->status == 0 || pass->overruled ? "allow"
               : pass->status >= NGX_HTTP_INTERNAL_SERVER_ERROR ? "error"
               : "deny";

    action = ngx_http_rtauth_action(pass);

    len = sizeof("{\"decision\":\"allow\",\"reason\":\"\",\"provider\":\"\","
                 "\"action\":\"TOKEN_REJECTED\"}")
          + reason->len + provider->len;

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    json->data = p;

    p = ngx_sprintf(p, "{\"decision\":\"%s\",\"reason\":\"%V\"", decision,
                    reason);

    if (provider->len) {
        p = ngx_sprintf(p, ",\"provider\":\"%V\"", provider);
    }

    if (action) {
        p = ngx_sprintf(p, ",\"action\":\"%s\"", action);
    }

    *p++ = '}';
    json->len = p - json->data;

    return NGX_OK;
}


/* what the audit event's action becomes; NULL: it stays what it is */

static const char *
ngx_http_rtauth_action(ngx_http_rtauth_pass_t *pass)
{
    if (pass->overruled) {
        return NULL;
    }

    if (pass->status == NGX_HTTP_FORBIDDEN
        || (pass->status && pass->reason == RT_REASON_REQUIREMENT))
    {
        return "ACCESS_DENIED";
    }

    if (pass->status == NGX_HTTP_UNAUTHORIZED
        && pass->reason != RT_REASON_ANONYMOUS)
    {
        return "TOKEN_REJECTED";
    }

    return NULL;
}

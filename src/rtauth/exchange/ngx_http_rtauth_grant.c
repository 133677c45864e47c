
#include "exchange/ngx_http_rtauth_grant.h"
#include "jose/rt_claims.h"
#include "oidc/rt_id_token.h"
#include "oidc/rt_merge.h"
#include "text/rt_b64.h"
#include "text/rt_field.h"


/*
 * The steps, in their order.  One that returns NGX_OK is over; NGX_AGAIN: it is
 * called again when what it waits for is there.
 */

typedef ngx_int_t (*ngx_http_rtauth_grant_pt)(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant);


static ngx_int_t ngx_http_rtauth_grant_id_token(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant);
static ngx_int_t ngx_http_rtauth_grant_check(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant);
static ngx_int_t ngx_http_rtauth_grant_kept(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant);
static ngx_int_t ngx_http_rtauth_grant_access_token(
    ngx_http_rtauth_exchange_t *x, ngx_http_rtauth_grant_t *grant);
static ngx_int_t ngx_http_rtauth_grant_ask_userinfo(
    ngx_http_rtauth_exchange_t *x, ngx_http_rtauth_grant_t *grant);
static ngx_int_t ngx_http_rtauth_grant_userinfo(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant);
static ngx_int_t ngx_http_rtauth_grant_read_userinfo(
    ngx_http_rtauth_exchange_t *x, ngx_http_rtauth_grant_t *grant);
static ngx_int_t ngx_http_rtauth_grant_merge(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant);
static ngx_int_t ngx_http_rtauth_grant_allow(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant);
static ngx_int_t ngx_http_rtauth_grant_verify(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant, rt_str_t *token,
    ngx_http_rtauth_signed_t *once, const char *what);
static ngx_int_t ngx_http_rtauth_grant_refuse(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant, rt_reason_e reason, const char *what,
    const char *why);
static ngx_int_t ngx_http_rtauth_grant_fail(ngx_http_rtauth_grant_t *grant,
    rt_reason_e reason, const char *why);


static const rt_str_t  ngx_http_rtauth_grant_jwt = rt_string("JWT");

static ngx_http_rtauth_grant_pt  ngx_http_rtauth_grant_steps[] = {
    ngx_http_rtauth_grant_id_token,
    ngx_http_rtauth_grant_access_token,
    ngx_http_rtauth_grant_ask_userinfo,
    ngx_http_rtauth_grant_userinfo,
    ngx_http_rtauth_grant_merge,
    ngx_http_rtauth_grant_allow,
    NULL
};


ngx_int_t
ngx_http_rtauth_grant_tokens(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    rt_mem_t     mem;
    const char  *why;
    rt_status_e  rc;

    if (x->status == 0 || (x->error.len && x->status == NGX_HTTP_OK)) {
        return ngx_http_rtauth_grant_fail(grant, RT_REASON_PROVIDER_UNAVAILABLE,
                                          "its token endpoint does not "
                                          "answer, or not to the end");
    }

    mem = ngx_rt_str_mem(x->request->pool);

    rc = rt_token_answer_parse(&mem, x->status, ngx_rt_str(&x->body),
                               &grant->tokens, &why);
    switch (rc) {

    case RT_OK:
        return NGX_OK;

    case RT_ERROR:
        return NGX_ERROR;

    case RT_AGAIN:
        return ngx_http_rtauth_grant_fail(grant, RT_REASON_PROVIDER_UNAVAILABLE,
                                          why);

    case RT_DECLINED:
        if (grant->tokens.error.len) {
            why = ngx_http_rtauth_exchange_says(x, &grant->tokens.error,
                                                &grant->tokens.description);
        }

        if (why == NULL) {
            return NGX_ERROR;
        }

        return ngx_http_rtauth_grant_fail(grant, grant->tokens.grant_over
                                                 ? RT_REASON_LOGIN_STATE
                                                 : RT_REASON_LOGIN_FAILED,
                                          why);

    default:
        return ngx_http_rtauth_grant_fail(grant, RT_REASON_LOGIN_FAILED, why);
    }
}


ngx_int_t
ngx_http_rtauth_grant_claims(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    ngx_int_t  rc;

    while (ngx_http_rtauth_grant_steps[grant->step]) {

        if (x->pending) {
            return NGX_AGAIN;
        }

        rc = ngx_http_rtauth_grant_steps[grant->step](x, grant);

        if (rc != NGX_OK) {
            return rc;
        }

        grant->step++;
    }

    return NGX_OK;
}


void
ngx_http_rtauth_grant_tokens_into(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant, rt_session_t *record)
{
    record->access_token = grant->tokens.access_token;
    record->access_expires = grant->tokens.expires_in
                             ? ngx_time() + grant->tokens.expires_in : 0;

    /* one that is given once stays good where no other one is given */

    if (x->client->refresh && grant->tokens.refresh_token.len) {
        record->refresh_token = grant->tokens.refresh_token;
    }
}


void
ngx_http_rtauth_grant_claims_into(ngx_http_rtauth_grant_t *grant,
    rt_session_t *record)
{
    rt_json_t  *sid;

    record->claims = grant->text;
    record->checked = ngx_time();

    sid = rt_json_member(grant->claims, "sid");

    if (sid && sid->type == RT_JSON_STRING) {
        record->sid = sid->str;
    }

    if (grant->tokens.id_token.len) {
        record->id_token = grant->tokens.id_token;
    }

    if (grant->auth_time) {
        record->auth_time = grant->auth_time;
    }
}


static ngx_int_t
ngx_http_rtauth_grant_id_token(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    rt_str_t             client_id;
    ngx_int_t            rc;
    rt_claims_policy_t   policy;

    if (grant->tokens.id_token.len == 0) {
        return ngx_http_rtauth_grant_kept(x, grant);
    }

    client_id = *ngx_rt_str(&x->client->client_id);

    policy = x->keys->pcf->policy;
    policy.audiences = &client_id;
    policy.naudiences = 1;
    policy.any_audience = 0;
    policy.client_id = client_id;
    policy.ntypes = 0;
    policy.require_sub = 1;
    policy.bound = 0;
    policy.max_lifetime = 0;

    grant->id_token.policy = &policy;

    rc = ngx_http_rtauth_grant_verify(x, grant, &grant->tokens.id_token,
                                      &grant->id_token, "ID token");

    if (rc != NGX_OK) {
        return rc;
    }

    /* RFC 9068, 2.1: that type is an access token's */

    if (grant->id_token.typ.len
        && !rt_str_ieq(&grant->id_token.typ, &ngx_http_rtauth_grant_jwt))
    {
        return ngx_http_rtauth_grant_fail(grant, RT_REASON_LOGIN_FAILED,
                                          "its ID token has another type than "
                                          "\"JWT\"");
    }

    return ngx_http_rtauth_grant_check(x, grant);
}


static ngx_int_t
ngx_http_rtauth_grant_check(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    const char     *why;
    rt_id_token_t   want;

    ngx_memzero(&want, sizeof(rt_id_token_t));

    want.client_id = *ngx_rt_str(&x->client->client_id);
    want.nonce = grant->nonce;
    want.former = grant->former;
    want.access_token = grant->tokens.access_token;
    want.alg = grant->id_token.alg;
    want.now = ngx_time();
    want.leeway = x->keys->pcf->leeway;
    want.max_age = -1;

    switch (rt_id_token_check(&want, grant->id_token.claims, &grant->auth_time,
                              &why))
    {
    case RT_OK:
        return NGX_OK;

    case RT_DECLINED:
        return ngx_http_rtauth_grant_refuse(x, grant, RT_REASON_LOGIN_FAILED,
                                            "ID token", why);

    default:
        return NGX_ERROR;
    }
}


/*
 * At a refresh a provider need not give an ID token (OpenID Connect Core 1.0,
 * 12.2).  The session's own was verified before it was sealed.
 */

static ngx_int_t
ngx_http_rtauth_grant_kept(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    u_char      *dot, *last;
    rt_mem_t     mem;
    rt_str_t     part, payload;
    rt_status_e  rc;

    if (grant->former == NULL) {
        return ngx_http_rtauth_grant_fail(grant, RT_REASON_LOGIN_FAILED,
                                          "the answer of its token endpoint "
                                          "has no ID token: is \"openid\" in "
                                          "\"scope\"?");
    }

    if (grant->kept.len == 0) {
        grant->id_token.claims = grant->former;
        return NGX_OK;
    }

    mem = ngx_rt_str_mem(x->request->pool);
    last = grant->kept.data + grant->kept.len;

    dot = ngx_strlchr(grant->kept.data, last, '.');
    part.data = dot ? dot + 1 : last;

    dot = ngx_strlchr(part.data, last, '.');
    part.len = (dot ? dot : last) - part.data;

    rc = rt_b64_decode(&mem, &part, &payload);

    if (rc == RT_OK
        && rt_claims_parse(&mem, &payload, &grant->id_token.claims)
           == RT_REASON_OK)
    {
        return NGX_OK;
    }

    return NGX_ERROR;
}


/* claims_from access_token: one that is a JWT of this provider, for whomever */

static ngx_int_t
ngx_http_rtauth_grant_access_token(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    ngx_int_t            rc;
    rt_claims_policy_t   policy;

    if (!(x->client->claims_from & NGX_HTTP_RTAUTH_CLAIMS_ACCESS_TOKEN)) {
        return NGX_OK;
    }

    policy = x->keys->pcf->policy;
    policy.any_audience = 1;
    policy.bound = 0;
    policy.max_lifetime = 0;

    grant->access_token.policy = &policy;

    rc = ngx_http_rtauth_grant_verify(x, grant, &grant->tokens.access_token,
                                      &grant->access_token, "access token");
    if (rc != NGX_OK) {
        return rc;
    }

    return rt_id_token_same_sub(grant->id_token.claims,
                                grant->access_token.claims)
           ? NGX_OK
           : ngx_http_rtauth_grant_fail(grant, RT_REASON_LOGIN_FAILED,
                                        "its access token is another user's");
}


static ngx_int_t
ngx_http_rtauth_grant_ask_userinfo(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    rt_metadata_t  *m;

    if (!(x->client->claims_from & NGX_HTTP_RTAUTH_CLAIMS_USERINFO)) {
        grant->step++;
        return NGX_OK;
    }

    if (ngx_http_rtauth_keys_metadata(x->keys, &m) != NGX_OK) {
        return ngx_http_rtauth_grant_fail(grant, RT_REASON_PROVIDER_UNAVAILABLE,
                                          "its metadata cannot be had");
    }

    if (ngx_http_rtauth_exchange_get(x, m, RT_METADATA_USERINFO,
                                     &grant->tokens.access_token)
        == NGX_AGAIN)
    {
        grant->step++;
        return NGX_AGAIN;
    }

    return ngx_http_rtauth_grant_fail(grant, RT_REASON_PROVIDER_UNAVAILABLE,
                                      (char *) x->error.data);
}


static ngx_int_t
ngx_http_rtauth_grant_userinfo(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    ngx_int_t    rc;
    ngx_uint_t   away;

    if (x->error.len || x->status != NGX_HTTP_OK) {
        away = (x->status == 0 || x->status == NGX_HTTP_OK
                || x->status == NGX_HTTP_TOO_MANY_REQUESTS
                || x->status >= NGX_HTTP_INTERNAL_SERVER_ERROR);

        return ngx_http_rtauth_grant_fail(grant,
                                          away ? RT_REASON_PROVIDER_UNAVAILABLE
                                               : RT_REASON_LOGIN_FAILED,
                                          "its userinfo endpoint does not "
                                          "answer with 200");
    }

    rc = ngx_http_rtauth_grant_read_userinfo(x, grant);
    if (rc != NGX_OK) {
        return rc;
    }

    return rt_id_token_same_sub(grant->id_token.claims, grant->userinfo)
           ? NGX_OK
           : ngx_http_rtauth_grant_fail(grant, RT_REASON_LOGIN_FAILED,
                                        "its userinfo is another user's");
}


/* OpenID Connect Core 1.0, 5.3.2: plain JSON, or a JWT */

static ngx_int_t
ngx_http_rtauth_grant_read_userinfo(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    rt_mem_t                  mem;
    rt_str_t                  type;
    ngx_int_t                 rc;
    ngx_http_rtauth_signed_t  once;

    static const rt_str_t  jwt = rt_string("application/jwt");

    (void) rt_field_media(ngx_rt_str(&x->type), &type);

    if (rt_str_ieq(&type, &jwt)) {
        ngx_memzero(&once, sizeof(ngx_http_rtauth_signed_t));

        rc = ngx_http_rtauth_grant_verify(x, grant, ngx_rt_str(&x->body),
                                          &once, "signed userinfo");
        grant->userinfo = once.claims;

        return rc;
    }

    mem = ngx_rt_str_mem(x->request->pool);

    return rt_claims_parse(&mem, ngx_rt_str(&x->body), &grant->userinfo)
           == RT_REASON_OK
           ? NGX_OK
           : ngx_http_rtauth_grant_fail(grant, RT_REASON_LOGIN_FAILED,
                                        "its userinfo is no JSON object");
}


/* of a name the first one counts: an old ID token's is the last to be asked */

static ngx_int_t
ngx_http_rtauth_grant_merge(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    rt_mem_t          mem;
    ngx_uint_t        old;
    const rt_json_t  *objects[3];

    mem = ngx_rt_str_mem(x->request->pool);
    old = (grant->tokens.id_token.len == 0);

    objects[old ? 2 : 0] = grant->id_token.claims;
    objects[old ? 0 : 1] = grant->access_token.claims;
    objects[old ? 1 : 2] = grant->userinfo;

    return (rt_merge(&mem, objects, 3, &grant->text) == RT_OK
            && rt_claims_parse(&mem, &grant->text, &grant->claims)
               == RT_REASON_OK)
           ? NGX_OK : NGX_ERROR;
}


/* what the operator asks of everybody who signs in */

static ngx_int_t
ngx_http_rtauth_grant_allow(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant)
{
    rt_json_t                    *v;
    ngx_keyval_t                 *must;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(x->request, ngx_http_rtauth_module);

    if (rt_policy_elsewhere(&mcf->policy, grant->claims,
                            ngx_rt_str(&x->client->provider->name)))
    {
        return ngx_http_rtauth_grant_fail(grant, RT_REASON_GROUPS_OVERAGE,
                                          "it has a link in place of the "
                                          "user's groups: let it write fewer "
                                          "of them, or roles");
    }

    v = rt_json_member(grant->claims, "email_verified");

    if (x->client->verified_email && !rt_claims_true(v)) {
        return ngx_http_rtauth_grant_fail(grant, RT_REASON_LOGIN_EMAIL,
                                          "it does not say that the user's "
                                          "email is verified");
    }

    must = &x->client->must;

    if (must->key.len == 0) {
        return NGX_OK;
    }

    v = rt_json_get(grant->claims, ngx_rt_str(&must->key));

    if (v == NULL || v->type != RT_JSON_STRING
        || !rt_str_eq(&v->str, ngx_rt_str(&must->value)))
    {
        return ngx_http_rtauth_grant_fail(grant, RT_REASON_LOGIN_REFUSED,
                                          "the user is not of the "
                                          "organization that the preset "
                                          "names");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_grant_verify(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant, rt_str_t *token,
    ngx_http_rtauth_signed_t *once, const char *what)
{
    u_char        why[128];
    ngx_int_t     rc;
    ngx_str_t     copy;
    rt_reason_e   reason;

    copy = ngx_rt_str_copy(token);

    rc = ngx_http_rtauth_verify_once(x->request, x->client->provider, &copy,
                                     once, &reason);
    once->policy = NULL;

    if (rc == NGX_OK || rc == NGX_AGAIN) {
        return rc;
    }

    ngx_snprintf(why, sizeof(why), "is refused: %V%Z",
                 ngx_rt_ngx((rt_str_t *) &rt_reason(reason)->name));

    return ngx_http_rtauth_grant_refuse(x, grant,
                                        rc == NGX_ERROR
                                        ? RT_REASON_PROVIDER_UNAVAILABLE
                                        : RT_REASON_LOGIN_FAILED,
                                        what, (char *) why);
}


static ngx_int_t
ngx_http_rtauth_grant_refuse(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_grant_t *grant, rt_reason_e reason, const char *what,
    const char *why)
{
    u_char  *text;

    text = ngx_pnalloc(x->request->pool, sizeof("its  ") + ngx_strlen(what)
                                         + ngx_strlen(why));
    if (text == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(text, "its %s %s%Z", what, why);

    return ngx_http_rtauth_grant_fail(grant, reason, (char *) text);
}


static ngx_int_t
ngx_http_rtauth_grant_fail(ngx_http_rtauth_grant_t *grant, rt_reason_e reason,
    const char *why)
{
    grant->reason = reason;
    grant->why = why;

    return NGX_DECLINED;
}

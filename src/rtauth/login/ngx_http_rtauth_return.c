
#include "login/ngx_http_rtauth_return.h"
#include "login/ngx_http_rtauth_attempt.h"
#include "login/ngx_http_rtauth_exchange.h"
#include "login/ngx_http_rtauth_page.h"
#include "login/ngx_http_rtauth_redirect.h"
#include "login/ngx_http_rtauth_start.h"
#include "policy/ngx_http_rtauth_group.h"
#include "policy/ngx_http_rtauth_stepup.h"
#include "session/ngx_http_rtauth_jar.h"
#include "session/ngx_http_rtauth_session_save.h"
#include "jose/rt_claims.h"
#include "oidc/rt_callback.h"
#include "oidc/rt_id_token.h"
#include "oidc/rt_merge.h"
#include "oidc/rt_token_answer.h"

#include <openssl/crypto.h>


/* what is known so far */

typedef struct {
    rt_callback_t                 callback;
    rt_str_t                      to;           /* the return address */
    rt_str_t                      verifier;
    rt_str_t                      nonce;
    rt_token_answer_t             tokens;
    ngx_http_rtauth_signed_t      id_token;
    ngx_http_rtauth_signed_t      access_token;
    rt_json_t                    *userinfo;     /* or NULL */
    rt_session_t                  session;
    ngx_http_rtauth_identity_t    identity;
    ngx_int_t                     saved;
} ngx_http_rtauth_return_t;


/*
 * The steps, in their order.  One that returns NGX_OK is over; NGX_AGAIN: it is
 * called again when what it waits for is there; else the request is answered.
 */

typedef ngx_int_t (*ngx_http_rtauth_return_pt)(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret);


static ngx_int_t ngx_http_rtauth_return_begin(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_exchange_t **exchange);
static ngx_int_t ngx_http_rtauth_return_take(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_metadata(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_ask(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_tokens(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_id_token(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_access_token(
    ngx_http_rtauth_exchange_t *x, ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_ask_userinfo(
    ngx_http_rtauth_exchange_t *x, ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_userinfo(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_claims(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_allow(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_save(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret);
static void ngx_http_rtauth_return_saved(ngx_http_request_t *r, ngx_int_t rc);
static ngx_int_t ngx_http_rtauth_return_go(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret);
static ngx_str_t ngx_http_rtauth_return_address(ngx_http_request_t *r,
    ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_fail(ngx_http_rtauth_exchange_t *x,
    rt_reason_e reason, const char *why);
static ngx_int_t ngx_http_rtauth_return_verify(ngx_http_rtauth_exchange_t *x,
    rt_str_t *token, ngx_http_rtauth_signed_t *once, const char *what);


static const rt_str_t  ngx_http_rtauth_return_jwt = rt_string("JWT");

static ngx_http_rtauth_return_pt  ngx_http_rtauth_return_steps[] = {
    ngx_http_rtauth_return_metadata,
    ngx_http_rtauth_return_ask,
    ngx_http_rtauth_return_tokens,
    ngx_http_rtauth_return_id_token,
    ngx_http_rtauth_return_access_token,
    ngx_http_rtauth_return_ask_userinfo,
    ngx_http_rtauth_return_userinfo,
    ngx_http_rtauth_return_claims,
    ngx_http_rtauth_return_allow,
    ngx_http_rtauth_return_save,
    ngx_http_rtauth_return_go
};


ngx_int_t
ngx_http_rtauth_return(ngx_http_request_t *r, ngx_http_rtauth_uri_t *uri)
{
    ngx_int_t                     rc;
    ngx_http_rtauth_client_t    **client;
    ngx_http_rtauth_exchange_t   *x;

    x = ngx_http_rtauth_exchange(r);

    if (x == NULL) {
        client = uri->clients.elts;

        rc = ngx_http_rtauth_return_begin(r, client[0], &x);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    for ( ;; ) {
        if (x->pending) {
            return NGX_DONE;
        }

        rc = ngx_http_rtauth_return_steps[x->step](x, x->data);

        if (rc == NGX_AGAIN) {
            return NGX_DONE;
        }

        if (rc != NGX_OK) {
            return rc;
        }

        x->step++;
    }
}


static ngx_int_t
ngx_http_rtauth_return_begin(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_exchange_t **exchange)
{
    ngx_int_t                    rc;
    ngx_http_rtauth_return_t    *ret;
    ngx_http_rtauth_exchange_t  *x;

    if (r->method != NGX_HTTP_GET) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    ret = ngx_pcalloc(r->pool, sizeof(ngx_http_rtauth_return_t));
    if (ret == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_rtauth_return_take(r, client, ret);
    if (rc != NGX_OK) {
        return rc;
    }

    x = ngx_http_rtauth_exchange_create(r, client);
    if (x == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    x->data = ret;
    *exchange = x;

    return NGX_OK;
}


/*
 * Nobody is asked anything before this browser has shown that it was sent by us
 * to this very provider.
 */

static ngx_int_t
ngx_http_rtauth_return_take(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_return_t *ret)
{
    rt_mem_t           mem;
    uint32_t           provider;
    ngx_int_t          rc;
    const char        *why;
    rt_login_t         login;
    rt_status_e        status;
    rt_login_params_t  params;

    mem = ngx_rt_str_mem(r->pool);

    status = rt_callback_parse(&mem, ngx_rt_str(&r->args), &ret->callback,
                               &why);

    if (status == RT_DECLINED) {
        return ngx_http_rtauth_page_failed(r, RT_REASON_LOGIN_STATE,
                                           client->provider, why);
    }

    if (status != RT_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_rtauth_attempt_take(r, &ret->callback.state, &login,
                                      &ret->to);

    if (rc == NGX_DECLINED) {
        return ngx_http_rtauth_page_failed(r, RT_REASON_LOGIN_STATE,
                                           client->provider,
                                           "this browser began no such "
                                           "sign-in, or too long ago");
    }

    if (rc != NGX_OK
        || rt_login_provider(ngx_rt_str(&client->provider->issuer),
                             ngx_rt_str(&client->client_id), &provider)
           != RT_OK
        || rt_login_params(&mem, &login, &ret->to, &params) != RT_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ret->nonce = params.nonce;
    ret->verifier = params.verifier;
    ret->session.provider = provider;

    if (login.stepup) {
        ret->session.stepup = ngx_http_rtauth_stepup_note(login.stepup);
    }

    rc = (login.provider == provider);

    OPENSSL_cleanse(&login, sizeof(rt_login_t));

    return rc ? NGX_OK
              : ngx_http_rtauth_page_failed(r, RT_REASON_LOGIN_STATE,
                                            client->provider,
                                            "the sign-in was begun at another "
                                            "provider");
}


static ngx_int_t
ngx_http_rtauth_return_metadata(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    ngx_int_t       rc;
    const char     *why;
    rt_callback_t  *cb;
    rt_metadata_t  *m;

    rc = ngx_http_rtauth_keys_await(x->keys, x->request, &m);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        return ngx_http_rtauth_return_fail(x, RT_REASON_PROVIDER_UNAVAILABLE,
                                           "its metadata cannot be had");
    }

    cb = &ret->callback;

    if (rt_callback_issuer(cb, ngx_rt_str(&x->client->provider->issuer),
                           m->iss_returned, &why)
        != RT_OK)
    {
        return ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_STATE, why);
    }

    if (cb->error.len == 0) {
        return NGX_OK;
    }

    return ngx_http_rtauth_exchange_says(x, RT_REASON_LOGIN_REFUSED,
                                         &cb->error, &cb->description);
}


static ngx_int_t
ngx_http_rtauth_return_ask(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    ngx_int_t       rc;
    ngx_str_t       redirect;
    rt_metadata_t  *m;

    if (ngx_http_rtauth_keys_metadata(x->keys, &m) != NGX_OK) {
        return ngx_http_rtauth_return_fail(x, RT_REASON_PROVIDER_UNAVAILABLE,
                                           "its metadata cannot be had");
    }

    redirect = ngx_http_rtauth_start_redirect_uri(x->request, x->client);

    rt_arg_t  args[] = {
        { rt_string("grant_type"), rt_string("authorization_code") },
        { rt_string("code"), ret->callback.code },
        { rt_string("redirect_uri"), *ngx_rt_str(&redirect) },
        { rt_string("code_verifier"), ret->verifier }
    };

    rc = ngx_http_rtauth_exchange_post(x, m, RT_METADATA_TOKEN, args, 4, 1);

    /* the next step has the answer */

    if (rc == NGX_AGAIN) {
        x->step++;
        return NGX_AGAIN;
    }

    return ngx_http_rtauth_return_fail(x, RT_REASON_PROVIDER_UNAVAILABLE,
                                       (char *) x->error.data);
}


static ngx_int_t
ngx_http_rtauth_return_tokens(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    rt_mem_t     mem;
    const char  *why;
    rt_status_e  rc;

    if (x->status == 0 || (x->error.len && x->status == NGX_HTTP_OK)) {
        return ngx_http_rtauth_return_fail(x, RT_REASON_PROVIDER_UNAVAILABLE,
                                           "its token endpoint does not "
                                           "answer, or not to the end");
    }

    mem = ngx_rt_str_mem(x->request->pool);

    rc = rt_token_answer_parse(&mem, x->status, ngx_rt_str(&x->body),
                               &ret->tokens, &why);
    switch (rc) {

    case RT_OK:
        break;

    case RT_ERROR:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;

    case RT_AGAIN:
        return ngx_http_rtauth_return_fail(x, RT_REASON_PROVIDER_UNAVAILABLE,
                                           why);

    case RT_DECLINED:
        return ngx_http_rtauth_exchange_says(x, ret->tokens.grant_over
                                                ? RT_REASON_LOGIN_STATE
                                                : RT_REASON_LOGIN_FAILED,
                                             &ret->tokens.error,
                                             &ret->tokens.description);

    default:
        return ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_FAILED, why);
    }

    if (ret->tokens.id_token.len == 0) {
        return ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_FAILED,
                                           "the answer of its token endpoint "
                                           "has no ID token: is \"openid\" in "
                                           "\"scope\"?");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_return_id_token(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    rt_str_t             client_id;
    ngx_int_t            rc;
    const char          *why;
    rt_id_token_t        want;
    rt_claims_policy_t   policy;

    client_id = *ngx_rt_str(&x->client->client_id);

    policy = x->keys->pcf->policy;
    policy.audiences = &client_id;
    policy.naudiences = 1;
    policy.any_audience = 0;
    policy.client_id = client_id;
    policy.require_sub = 1;
    policy.max_lifetime = 0;

    ret->id_token.policy = &policy;

    rc = ngx_http_rtauth_return_verify(x, &ret->tokens.id_token,
                                       &ret->id_token, "ID token");
    if (rc != NGX_OK) {
        return rc;
    }

    /* RFC 9068, 2.1: that type is an access token's */

    if (ret->id_token.typ.len
        && !rt_str_ieq(&ret->id_token.typ, &ngx_http_rtauth_return_jwt))
    {
        return ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_FAILED,
                                           "its ID token has another type "
                                           "than \"JWT\"");
    }

    ngx_memzero(&want, sizeof(rt_id_token_t));

    want.client_id = client_id;
    want.nonce = ret->nonce;
    want.access_token = ret->tokens.access_token;
    want.alg = ret->id_token.alg;
    want.now = ngx_time();
    want.leeway = x->keys->pcf->leeway;
    want.max_age = -1;

    switch (rt_id_token_check(&want, ret->id_token.claims,
                              &ret->session.auth_time, &why))
    {
    case RT_OK:
        return NGX_OK;

    case RT_DECLINED:
        return ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_FAILED, why);

    default:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


/* claims_from access_token: one that is a JWT of this provider, for whomever */

static ngx_int_t
ngx_http_rtauth_return_access_token(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    ngx_int_t            rc;
    rt_claims_policy_t   policy;

    if (!(x->client->claims_from & NGX_HTTP_RTAUTH_CLAIMS_ACCESS_TOKEN)) {
        return NGX_OK;
    }

    policy = x->keys->pcf->policy;
    policy.any_audience = 1;
    policy.max_lifetime = 0;

    ret->access_token.policy = &policy;

    rc = ngx_http_rtauth_return_verify(x, &ret->tokens.access_token,
                                       &ret->access_token, "access token");
    if (rc != NGX_OK) {
        return rc;
    }

    return rt_id_token_same_sub(ret->id_token.claims, ret->access_token.claims)
           ? NGX_OK
           : ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_FAILED,
                                         "its access token is another user's");
}


static ngx_int_t
ngx_http_rtauth_return_ask_userinfo(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    rt_metadata_t  *m;

    if (!(x->client->claims_from & NGX_HTTP_RTAUTH_CLAIMS_USERINFO)) {
        x->step++;
        return NGX_OK;
    }

    if (ngx_http_rtauth_keys_metadata(x->keys, &m) != NGX_OK) {
        return ngx_http_rtauth_return_fail(x, RT_REASON_PROVIDER_UNAVAILABLE,
                                           "its metadata cannot be had");
    }

    if (ngx_http_rtauth_exchange_get(x, m, RT_METADATA_USERINFO,
                                     &ret->tokens.access_token)
        == NGX_AGAIN)
    {
        x->step++;
        return NGX_AGAIN;
    }

    return ngx_http_rtauth_return_fail(x, RT_REASON_PROVIDER_UNAVAILABLE,
                                       (char *) x->error.data);
}


/* OpenID Connect Core 1.0, 5.3.2: plain JSON, or a JWT */

static ngx_int_t
ngx_http_rtauth_return_userinfo(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    rt_mem_t                  mem;
    ngx_int_t                 rc;
    ngx_http_rtauth_signed_t  once;

    static ngx_str_t  jwt = ngx_string("application/jwt");

    if (x->error.len || x->status != NGX_HTTP_OK) {
        return ngx_http_rtauth_return_fail(x, x->status
                                              ? RT_REASON_LOGIN_FAILED
                                              : RT_REASON_PROVIDER_UNAVAILABLE,
                                           "its userinfo endpoint does not "
                                           "answer with 200");
    }

    if (x->type.len >= jwt.len
        && ngx_strncasecmp(x->type.data, jwt.data, jwt.len) == 0)
    {
        ngx_memzero(&once, sizeof(ngx_http_rtauth_signed_t));

        rc = ngx_http_rtauth_return_verify(x, ngx_rt_str(&x->body), &once,
                                           "signed userinfo");
        if (rc != NGX_OK) {
            return rc;
        }

        ret->userinfo = once.claims;

    } else {
        mem = ngx_rt_str_mem(x->request->pool);

        if (rt_claims_parse(&mem, ngx_rt_str(&x->body), &ret->userinfo)
            != RT_REASON_OK)
        {
            return ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_FAILED,
                                               "its userinfo is no JSON "
                                               "object");
        }
    }

    return rt_id_token_same_sub(ret->id_token.claims, ret->userinfo)
           ? NGX_OK
           : ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_FAILED,
                                         "its userinfo is another user's");
}


static ngx_int_t
ngx_http_rtauth_return_claims(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    rt_mem_t          mem;
    rt_json_t        *v;
    rt_session_t     *s;
    const rt_json_t  *objects[3];

    s = &ret->session;
    mem = ngx_rt_str_mem(x->request->pool);

    objects[0] = ret->id_token.claims;
    objects[1] = ret->access_token.claims;
    objects[2] = ret->userinfo;

    if (rt_merge(&mem, objects, 3, &s->claims) != RT_OK
        || rt_claims_parse(&mem, &s->claims, &ret->identity.claims)
           != RT_REASON_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    v = rt_json_member(ret->identity.claims, "sid");

    if (v && v->type == RT_JSON_STRING) {
        s->sid = v->str;
    }

    s->checked = ngx_time();
    s->id_token = ret->tokens.id_token;
    s->access_token = ret->tokens.access_token;

    if (x->client->refresh) {
        s->refresh_token = ret->tokens.refresh_token;
    }

    if (ret->tokens.expires_in) {
        s->access_expires = ngx_time() + ret->tokens.expires_in;
    }

    return NGX_OK;
}


/* what the operator asks of everybody who signs in */

static ngx_int_t
ngx_http_rtauth_return_allow(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    rt_json_t     *v;
    ngx_keyval_t  *must;

    v = rt_json_member(ret->identity.claims, "email_verified");

    if (x->client->verified_email
        && (v == NULL
            || (v->type != RT_JSON_TRUE
                && !(v->type == RT_JSON_STRING
                     && rt_str_lit(&v->str, "true")))))
    {
        return ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_EMAIL,
                                           "it does not say that the user's "
                                           "email is verified");
    }

    must = &x->client->must;

    if (must->key.len == 0) {
        return NGX_OK;
    }

    v = rt_json_get(ret->identity.claims, ngx_rt_str(&must->key));

    if (v == NULL || v->type != RT_JSON_STRING
        || !rt_str_eq(&v->str, ngx_rt_str(&must->value)))
    {
        return ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_REFUSED,
                                           "the user is not of the "
                                           "organization that the preset "
                                           "names");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_return_save(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    ngx_int_t                    rc;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(x->request, ngx_http_rtauth_module);

    /* the application's own session may be of who was here before */

    if (ngx_http_rtauth_jar_drop_app(x->request, rlcf->app_cookies) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_rtauth_session_create(x->request, &ret->session,
                                        ngx_http_rtauth_return_saved);
    if (rc == NGX_AGAIN) {
        x->step++;
        x->pending = 1;

        return NGX_AGAIN;
    }

    ret->saved = rc;

    return NGX_OK;
}


static void
ngx_http_rtauth_return_saved(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_http_rtauth_return_t    *ret;
    ngx_http_rtauth_exchange_t  *x;

    x = ngx_http_rtauth_exchange(r);
    ret = x->data;

    x->pending = 0;
    ret->saved = rc;

    r->write_event_handler(r);
}


static ngx_int_t
ngx_http_rtauth_return_go(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret)
{
    rt_json_t                   *sub;
    ngx_http_request_t          *r;
    ngx_http_rtauth_identity_t  *identity;

    r = x->request;

    if (ret->saved != NGX_OK) {
        return ngx_http_rtauth_return_fail(x, ret->saved == NGX_DECLINED
                                              ? RT_REASON_LOGIN_SESSION
                                              : RT_REASON_STORE_UNAVAILABLE,
                                           "the session cannot be kept");
    }

    identity = &ret->identity;
    sub = rt_json_member(identity->claims, "sub");

    identity->provider = x->client->provider;
    identity->sub = ngx_rt_str_copy(&sub->str);
    identity->expires = ret->session.expires;

    ngx_http_rtauth_group_members(r, identity);

    if (ngx_http_rtauth_deed(r, "LOGIN", identity->provider, RT_REASON_OK,
                             identity)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_rtauth_redirect(r, ngx_http_rtauth_return_address(r, ret));
}


/* deep links win; who came to the front door lands in his team's app */

static ngx_str_t
ngx_http_rtauth_return_address(ngx_http_request_t *r,
    ngx_http_rtauth_return_t *ret)
{
    const rt_group_t             *group;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    group = NULL;

    if (rt_str_lit(&ret->to, "/")) {
        group = rt_policy_workspace(&mcf->policy, &ret->identity.groups);
    }

    return ngx_rt_str_copy(group ? &group->default_app : &ret->to);
}


static ngx_int_t
ngx_http_rtauth_return_verify(ngx_http_rtauth_exchange_t *x, rt_str_t *token,
    ngx_http_rtauth_signed_t *once, const char *what)
{
    u_char       *text;
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

    text = ngx_pnalloc(x->request->pool, 256);
    if (text == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    *ngx_snprintf(text, 255, "its %s is refused: %V", what,
                  ngx_rt_ngx((rt_str_t *) &rt_reason(reason)->name)) = '\0';

    return ngx_http_rtauth_return_fail(x, rc == NGX_ERROR
                                          ? RT_REASON_PROVIDER_UNAVAILABLE
                                          : RT_REASON_LOGIN_FAILED,
                                       (char *) text);
}


static ngx_int_t
ngx_http_rtauth_return_fail(ngx_http_rtauth_exchange_t *x, rt_reason_e reason,
    const char *why)
{
    return ngx_http_rtauth_page_failed(x->request, reason, x->client->provider,
                                       why);
}


#include "login/ngx_http_rtauth_return.h"
#include "login/ngx_http_rtauth_attempt.h"
#include "login/ngx_http_rtauth_page.h"
#include "login/ngx_http_rtauth_redirect.h"
#include "login/ngx_http_rtauth_start.h"
#include "exchange/ngx_http_rtauth_grant.h"
#include "policy/ngx_http_rtauth_group.h"
#include "policy/ngx_http_rtauth_stepup.h"
#include "session/ngx_http_rtauth_jar.h"
#include "session/ngx_http_rtauth_session_save.h"
#include "oidc/rt_callback.h"

#include <openssl/crypto.h>


/* what is known so far */

typedef struct {
    rt_callback_t                 callback;
    rt_str_t                      to;           /* the return address */
    rt_str_t                      verifier;
    ngx_http_rtauth_grant_t       grant;
    rt_session_t                  session;
    ngx_http_rtauth_identity_t    identity;
} ngx_http_rtauth_return_t;


static ngx_int_t ngx_http_rtauth_return_begin(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_exchange_t **exchange);
static ngx_int_t ngx_http_rtauth_return_take(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_metadata(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_return_ask(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_return_tokens(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_return_claims(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_return_refused(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret, ngx_int_t rc);
static ngx_int_t ngx_http_rtauth_return_save(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_return_go(ngx_http_rtauth_exchange_t *x);
static ngx_str_t ngx_http_rtauth_return_address(ngx_http_request_t *r,
    ngx_http_rtauth_return_t *ret);
static ngx_int_t ngx_http_rtauth_return_fail(ngx_http_rtauth_exchange_t *x,
    rt_reason_e reason, const char *why);


static const ngx_http_rtauth_exchange_pt  ngx_http_rtauth_return_steps[] = {
    ngx_http_rtauth_return_metadata,
    ngx_http_rtauth_return_ask,
    ngx_http_rtauth_return_tokens,
    ngx_http_rtauth_return_claims,
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

    return ngx_http_rtauth_exchange_run(x, ngx_http_rtauth_return_steps);
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

    ret->grant.nonce = params.nonce;
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
ngx_http_rtauth_return_metadata(ngx_http_rtauth_exchange_t *x)
{
    ngx_int_t                  rc;
    const char                *why;
    rt_callback_t             *cb;
    rt_metadata_t             *m;
    ngx_http_rtauth_return_t  *ret;

    rc = ngx_http_rtauth_keys_await(x->keys, x->request, &m);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        return ngx_http_rtauth_return_fail(x, RT_REASON_PROVIDER_UNAVAILABLE,
                                           "its metadata cannot be had");
    }

    ret = x->data;
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

    why = ngx_http_rtauth_exchange_says(x, &cb->error, &cb->description);

    return why ? ngx_http_rtauth_return_fail(x, RT_REASON_LOGIN_REFUSED, why)
               : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_rtauth_return_ask(ngx_http_rtauth_exchange_t *x)
{
    ngx_int_t                  rc;
    ngx_str_t                  redirect;
    rt_metadata_t             *m;
    ngx_http_rtauth_return_t  *ret;

    if (ngx_http_rtauth_keys_metadata(x->keys, &m) != NGX_OK) {
        return ngx_http_rtauth_return_fail(x, RT_REASON_PROVIDER_UNAVAILABLE,
                                           "its metadata cannot be had");
    }

    ret = x->data;
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
ngx_http_rtauth_return_tokens(ngx_http_rtauth_exchange_t *x)
{
    ngx_int_t                  rc;
    ngx_http_rtauth_return_t  *ret;

    ret = x->data;
    rc = ngx_http_rtauth_grant_tokens(x, &ret->grant);

    if (rc != NGX_OK) {
        return ngx_http_rtauth_return_refused(x, ret, rc);
    }

    ngx_http_rtauth_grant_tokens_into(x, &ret->grant, &ret->session);

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_return_claims(ngx_http_rtauth_exchange_t *x)
{
    ngx_int_t                  rc;
    ngx_http_rtauth_return_t  *ret;

    ret = x->data;
    rc = ngx_http_rtauth_grant_claims(x, &ret->grant);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        return ngx_http_rtauth_return_refused(x, ret, rc);
    }

    ngx_http_rtauth_grant_claims_into(&ret->grant, &ret->session);

    ret->identity.claims = ret->grant.claims;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_return_refused(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_return_t *ret, ngx_int_t rc)
{
    return rc == NGX_DECLINED
           ? ngx_http_rtauth_return_fail(x, ret->grant.reason, ret->grant.why)
           : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_rtauth_return_save(ngx_http_rtauth_exchange_t *x)
{
    ngx_http_rtauth_return_t    *ret;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    ret = x->data;
    rlcf = ngx_http_get_module_loc_conf(x->request, ngx_http_rtauth_module);

    /* the application's own session may be of who was here before */

    if (ngx_http_rtauth_jar_drop_app(x->request, rlcf->app_cookies) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_rtauth_exchange_store(x,
               ngx_http_rtauth_session_create(x->request, &ret->session,
                                              ngx_http_rtauth_exchange_stored));
}


static ngx_int_t
ngx_http_rtauth_return_go(ngx_http_rtauth_exchange_t *x)
{
    rt_json_t                   *sub;
    ngx_http_request_t          *r;
    ngx_http_rtauth_return_t    *ret;
    ngx_http_rtauth_identity_t  *identity;

    r = x->request;
    ret = x->data;

    if (x->stored != NGX_OK) {
        return ngx_http_rtauth_return_fail(x, x->stored == NGX_DECLINED
                                              ? RT_REASON_LOGIN_SESSION
                                              : RT_REASON_STORE_UNAVAILABLE,
                                           "the session cannot be kept");
    }

    identity = &ret->identity;
    sub = rt_json_member(identity->claims, "sub");

    identity->provider = x->client->provider;
    identity->sub = ngx_rt_str_copy(&sub->str);
    identity->issued = ret->session.created;
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
    rt_groups_t                   set;
    const rt_group_t             *group;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    group = NULL;

    if (rt_str_lit(&ret->to, "/")) {
        set = ngx_http_rtauth_groups(r, &ret->identity);
        group = rt_policy_workspace(&mcf->policy, &set);
    }

    return ngx_rt_str_copy(group ? &group->default_app : &ret->to);
}


static ngx_int_t
ngx_http_rtauth_return_fail(ngx_http_rtauth_exchange_t *x, rt_reason_e reason,
    const char *why)
{
    return ngx_http_rtauth_page_failed(x->request, reason, x->client->provider,
                                       why);
}

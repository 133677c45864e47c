
#include "login/ngx_http_rtauth_backchannel.h"
#include "client/ngx_http_rtauth_client.h"
#include "keys/ngx_http_rtauth_worker.h"
#include "keys/ngx_http_rtauth_provider.h"
#include "request/ngx_http_rtauth_request.h"
#include "keys/ngx_http_rtauth_revoked.h"
#include "session/ngx_http_rtauth_session.h"
#include "oidc/rt_logout_token.h"
#include "text/rt_form.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_body.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"


#define NGX_HTTP_RTAUTH_BACKCHANNEL_BODY  (24 * 1024)


typedef struct {
    ngx_http_rtauth_client_t     *client;
    ngx_str_t                     token;
} ngx_http_rtauth_backchannel_t;


static void ngx_http_rtauth_backchannel_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_backchannel_read(ngx_http_request_t *r,
    ngx_str_t *token);
static void ngx_http_rtauth_backchannel_go(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_backchannel_judge(ngx_http_request_t *r,
    ngx_http_rtauth_backchannel_t *back);
static ngx_int_t ngx_http_rtauth_backchannel_revoke(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, rt_logout_token_t *token);
static ngx_int_t ngx_http_rtauth_backchannel_refuse(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, const char *why);
static ngx_int_t ngx_http_rtauth_backchannel_done(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client);
static void ngx_http_rtauth_backchannel_cleanup(void *data);


ngx_int_t
ngx_http_rtauth_backchannel(ngx_http_request_t *r, ngx_http_rtauth_uri_t *uri)
{
    ngx_int_t                       rc;
    ngx_http_rtauth_client_t      **client;
    ngx_http_rtauth_backchannel_t  *back;

    if (r->method != NGX_HTTP_POST) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    if (r->headers_in.content_length_n > NGX_HTTP_RTAUTH_BACKCHANNEL_BODY) {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    back = ngx_rt_kept_add(r->pool, sizeof(ngx_http_rtauth_backchannel_t),
                           ngx_http_rtauth_backchannel_cleanup);
    if (back == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    client = uri->clients.elts;
    back->client = client[0];

    rc = ngx_http_read_client_request_body(r,
                                           ngx_http_rtauth_backchannel_body);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


static void
ngx_http_rtauth_backchannel_cleanup(void *data)
{
    /* the pool takes it all; this function is here to be recognized */
}


static void
ngx_http_rtauth_backchannel_body(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_http_rtauth_backchannel_t  *back;

    back = ngx_rt_kept(r->pool, ngx_http_rtauth_backchannel_cleanup);

    rc = ngx_http_rtauth_backchannel_read(r, &back->token);

    if (rc == NGX_DECLINED) {
        rc = ngx_http_rtauth_backchannel_refuse(r, back->client,
                                                "there is no logout_token in "
                                                "its form");
    }

    if (rc != NGX_OK) {
        ngx_http_finalize_request(r, rc);
        return;
    }

    /* whoever wakes a request that waits for keys calls this */

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_rtauth_backchannel_go;

    ngx_http_rtauth_backchannel_go(r);
}


static ngx_int_t
ngx_http_rtauth_backchannel_read(ngx_http_request_t *r, ngx_str_t *token)
{
    rt_mem_t   mem;
    rt_str_t   body, value;
    ngx_int_t  rc;
    rt_form_t  form;

    rc = ngx_rt_body_join(r, NGX_HTTP_RTAUTH_BACKCHANNEL_BODY, &body);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_HTTP_REQUEST_ENTITY_TOO_LARGE
                                  : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    mem = ngx_rt_str_mem(r->pool);

    if (rt_form_parse(&mem, &body, 16, &form) != RT_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    value = rt_form_only(&form, "logout_token");

    if (value.len == 0 || form.bad) {
        return NGX_DECLINED;
    }

    *token = ngx_rt_str_copy(&value);

    return NGX_OK;
}


static void
ngx_http_rtauth_backchannel_go(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_rtauth_backchannel_judge(r,
             ngx_rt_kept(r->pool, ngx_http_rtauth_backchannel_cleanup));

    if (rc != NGX_AGAIN) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_rtauth_backchannel_judge(ngx_http_request_t *r,
    ngx_http_rtauth_backchannel_t *back)
{
    ngx_int_t                  rc;
    const char                *why;
    rt_reason_e                reason;
    rt_logout_token_t          token;
    rt_logout_policy_t         policy;
    ngx_http_rtauth_signed_t   once;

    ngx_memzero(&once, sizeof(ngx_http_rtauth_signed_t));

    rc = ngx_http_rtauth_verify_once(r, back->client->provider, &back->token,
                                     &once, &reason);
    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc == NGX_ERROR) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    if (rc != NGX_OK) {
        return ngx_http_rtauth_backchannel_refuse(r, back->client,
                                     (char *) rt_reason(reason)->name.data);
    }

    policy.issuer = *ngx_rt_str(&back->client->provider->issuer);
    policy.client_id = *ngx_rt_str(&back->client->client_id);
    policy.leeway = back->client->provider->conf->leeway;

    if (rt_logout_token_check(&policy, &once.typ, once.claims, ngx_time(),
                              &token, &why)
        != RT_OK)
    {
        return ngx_http_rtauth_backchannel_refuse(r, back->client, why);
    }

    return ngx_http_rtauth_backchannel_revoke(r, back->client, &token);
}


/*
 * A "sid" is never given again; of a user, what was issued up to now is over,
 * and each token says that once.  It counts as said when it was: a provider
 * that is told there is no room sends the same token again.
 */

static ngx_int_t
ngx_http_rtauth_backchannel_revoke(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, rt_logout_token_t *token)
{
    time_t                        before, until;
    ngx_int_t                     rc;
    ngx_str_t                     jti, value, *issuer;
    ngx_shm_zone_t               *zone;
    ngx_http_rtauth_revoked_e     kind;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    zone = mcf->zone;
    issuer = &client->provider->issuer;
    until = ngx_time() + ngx_http_rtauth_sessions_live(mcf);
    jti = ngx_rt_str_copy(&token->jti);

    if (ngx_http_rtauth_revoked_seen(zone, issuer, &jti)) {
        return ngx_http_rtauth_backchannel_refuse(r, client,
                                                  "it came before");
    }

    if (token->sid.len) {
        kind = NGX_HTTP_RTAUTH_REVOKED_SID;
        value = ngx_rt_str_copy(&token->sid);
        before = NGX_MAX_TIME_T_VALUE;

    } else {
        kind = NGX_HTTP_RTAUTH_REVOKED_SUB;
        value = ngx_rt_str_copy(&token->sub);
        before = ngx_time();
    }

    rc = ngx_http_rtauth_revoked_add(zone, kind, issuer, &value, before,
                                     until);

    if (rc != NGX_ERROR) {
        rc = ngx_http_rtauth_revoked_add(zone, NGX_HTTP_RTAUTH_REVOKED_SEEN,
                                         issuer, &jti, 0, token->until);
    }

    if (rc == NGX_ERROR) {
        ngx_rt_log_error(NGX_LOG_CRIT, r,
                         "rtauth: a logout of provider \"%V\" cannot be "
                         "noted: \"rtauth_zone\" is full, make it larger",
                         &client->provider->name);

        return NGX_HTTP_INSUFFICIENT_STORAGE;
    }

    return ngx_http_rtauth_backchannel_done(r, client);
}


/* an address that sends bad ones is counted as one that begins sign-ins */

static ngx_int_t
ngx_http_rtauth_backchannel_refuse(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, const char *why)
{
    ngx_http_rtauth_worker_t  *w;

    w = ngx_http_rtauth_worker(
             ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));

    if (w) {
        ngx_http_rtauth_budget_spend(w->logins, r->connection);
    }

    ngx_rt_log_error(NGX_LOG_NOTICE, r,
                     "rtauth: a logout token of provider \"%V\" is refused: %s",
                     &client->provider->name, why);

    return NGX_HTTP_BAD_REQUEST;
}


/* 2.8: nobody keeps the answer */

static ngx_int_t
ngx_http_rtauth_backchannel_done(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client)
{
    static ngx_str_t  no_store = ngx_string("no-store");

    if (ngx_http_rtauth_deed(r, "LOGOUT", client->provider, RT_REASON_OK, NULL)
        != NGX_OK
        || ngx_rt_headers_uncache(r, &no_store) == NULL)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = 0;
    r->header_only = 1;

    return ngx_http_send_header(r);
}


/*
 * Front-channel: a frame of the provider's page.  Whoever knows the sid of a
 * session may end it; without one nothing is done, for anybody could sign
 * anybody out.
 */

ngx_int_t
ngx_http_rtauth_frontchannel(ngx_http_request_t *r, ngx_http_rtauth_uri_t *uri)
{
    rt_mem_t                      mem;
    rt_str_t                      iss, sid;
    rt_form_t                     form;
    ngx_int_t                     rc;
    ngx_str_t                     value;
    ngx_http_rtauth_client_t    **client;
    ngx_http_rtauth_main_conf_t  *mcf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    /* a body that stays would be read as the next request */

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    mem = ngx_rt_str_mem(r->pool);
    client = uri->clients.elts;

    if (rt_form_parse(&mem, ngx_rt_str(&r->args), 16, &form) != RT_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    iss = rt_form_only(&form, "iss");
    sid = rt_form_only(&form, "sid");

    if (sid.len == 0 || sid.len > RT_LOGOUT_MAX_TEXT
        || !rt_str_eq(&iss, ngx_rt_str(&client[0]->provider->issuer)))
    {
        return NGX_HTTP_BAD_REQUEST;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    value = ngx_rt_str_copy(&sid);

    if (ngx_http_rtauth_revoked_add(mcf->zone, NGX_HTTP_RTAUTH_REVOKED_FRONT,
                                    &client[0]->provider->issuer, &value,
                                    NGX_MAX_TIME_T_VALUE,
                                    ngx_time()
                                    + ngx_http_rtauth_sessions_live(mcf))
        == NGX_ERROR)
    {
        return NGX_HTTP_INSUFFICIENT_STORAGE;
    }

    /* NGX_OK in PRECONTENT would have an exact location answer as well */

    ngx_http_finalize_request(r, ngx_http_rtauth_backchannel_done(r,
                                                                  client[0]));
    return NGX_DONE;
}

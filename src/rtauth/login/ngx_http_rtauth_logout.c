
#include "login/ngx_http_rtauth_logout.h"
#include "exchange/ngx_http_rtauth_exchange.h"
#include "login/ngx_http_rtauth_page.h"
#include "login/ngx_http_rtauth_redirect.h"
#include "request/ngx_http_rtauth_origin.h"
#include "session/ngx_http_rtauth_jar.h"
#include "session/ngx_http_rtauth_session.h"
#include "session/ngx_http_rtauth_session_save.h"
#include "oidc/rt_seal.h"
#include "text/rt_form.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_log.h"

#include <openssl/crypto.h>


#define NGX_HTTP_RTAUTH_LOGOUT_TOKEN  32        /* characters of "t" */


typedef struct {
    ngx_http_rtauth_uri_t        *uri;
    ngx_http_rtauth_identity_t   *identity;     /* whose session ends; NULL:
                                                   there is none */
} ngx_http_rtauth_logout_t;


static ngx_int_t ngx_http_rtauth_logout_load(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_logout_end(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_logout_revoke(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_logout_revoked(
    ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_logout_go(ngx_http_rtauth_exchange_t *x);
static ngx_uint_t ngx_http_rtauth_logout_is_meant(ngx_http_request_t *r,
    u_char *token);
static ngx_int_t ngx_http_rtauth_logout_ask(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri, u_char *token);
static ngx_int_t ngx_http_rtauth_logout_clear(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_logout_address(ngx_http_rtauth_exchange_t *x,
    rt_str_t *url);
static ngx_int_t ngx_http_rtauth_logout_page(ngx_http_request_t *r,
    rt_str_t *url);


static const ngx_http_rtauth_exchange_pt  ngx_http_rtauth_logout_steps[] = {
    ngx_http_rtauth_logout_load,
    ngx_http_rtauth_logout_end,
    ngx_http_rtauth_logout_revoke,
    ngx_http_rtauth_logout_revoked,
    ngx_http_rtauth_logout_go
};


ngx_int_t
ngx_http_rtauth_logout(ngx_http_request_t *r, ngx_http_rtauth_uri_t *uri)
{
    ngx_http_rtauth_client_t    **client;
    ngx_http_rtauth_logout_t     *out;
    ngx_http_rtauth_exchange_t   *x;

    x = ngx_http_rtauth_exchange(r);

    if (x == NULL) {

        if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_POST))) {
            return NGX_HTTP_NOT_ALLOWED;
        }

        client = uri->clients.elts;
        x = ngx_http_rtauth_exchange_create(r, client[0]);

        if (x == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        x->data = ngx_pcalloc(r->pool, sizeof(ngx_http_rtauth_logout_t));
        if (x->data == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    out = x->data;
    out->uri = uri;

    return ngx_http_rtauth_exchange_run(x, ngx_http_rtauth_logout_steps);
}


/* whose session it is, and whether he wants it to end */

static ngx_int_t
ngx_http_rtauth_logout_load(ngx_http_rtauth_exchange_t *x)
{
    u_char                        token[NGX_HTTP_RTAUTH_LOGOUT_TOKEN];
    ngx_int_t                     rc;
    ngx_uint_t                    i;
    ngx_array_t                   providers;
    rt_reason_e                   reason;
    ngx_http_request_t           *r;
    ngx_http_rtauth_jar_t        *jar;
    ngx_http_rtauth_client_t    **client;
    ngx_http_rtauth_logout_t     *out;
    ngx_http_rtauth_provider_t  **provider;

    r = x->request;
    out = x->data;
    client = out->uri->clients.elts;

    if (ngx_array_init(&providers, r->pool, out->uri->clients.nelts,
                       sizeof(ngx_http_rtauth_provider_t *))
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    for (i = 0; i < out->uri->clients.nelts; i++) {
        provider = ngx_array_push(&providers);
        *provider = client[i]->provider;
    }

    rc = ngx_http_rtauth_session_load(r, &providers, &out->identity, &reason);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc == NGX_ERROR) {
        return ngx_http_rtauth_page_failed(r, reason, x->client->provider,
                                           "the session cannot be ended");
    }

    if (rc == NGX_OK) {
        ngx_http_rtauth_exchange_of(x, out->identity->provider->client);

    } else {
        out->identity = NULL;
    }

    /* a session that is of no provider of this address may be another's */

    jar = ngx_http_rtauth_jar(r);

    if (jar == NULL || jar->session.len == 0) {
        return NGX_OK;
    }

    return ngx_http_rtauth_logout_is_meant(r, token)
           ? NGX_OK : ngx_http_rtauth_logout_ask(r, out->uri, token);
}


/*
 * A page of another site may send a browser here, but not with the token of its
 * session; Sec-Fetch-Site and Origin say who did.
 */

static ngx_uint_t
ngx_http_rtauth_logout_is_meant(ngx_http_request_t *r, u_char *token)
{
    u_char                       hash[RT_SEAL_HASH];
    rt_mem_t                     mem;
    rt_str_t                     t;
    rt_form_t                    form;
    ngx_str_t                    site, dest, purpose;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    static ngx_str_t  from = ngx_string("Sec-Fetch-Site");
    static ngx_str_t  as = ngx_string("Sec-Fetch-Dest");

    if (rt_seal_hmac(ngx_rt_str(&ngx_http_rtauth_jar(r)->session),
                     "rtauth logout", hash)
        != RT_OK)
    {
        return 0;
    }

    ngx_hex_dump(token, hash, NGX_HTTP_RTAUTH_LOGOUT_TOKEN / 2);

    if (r->method == NGX_HTTP_POST) {
        rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

        return ngx_http_rtauth_cross_origin(r, rlcf) == NGX_OK;
    }

    /* a browser that looks ahead asks, and nobody has clicked */

    if (r->method != NGX_HTTP_GET
        || ngx_rt_headers_last(r, "Sec-Purpose", &purpose)
        || ngx_rt_headers_last(r, "Purpose", &purpose))
    {
        return 0;
    }

    ngx_rt_headers_value(r, &from, &site);
    ngx_rt_headers_value(r, &as, &dest);

    /* what somebody wrote into the application may name it as an image */

    if ((rt_str_lit(ngx_rt_str(&site), "same-origin")
         || rt_str_lit(ngx_rt_str(&site), "none"))
        && (dest.len == 0 || rt_str_lit(ngx_rt_str(&dest), "document")
            || rt_str_lit(ngx_rt_str(&dest), "empty")))
    {
        return 1;
    }

    mem = ngx_rt_str_mem(r->pool);

    if (rt_form_parse(&mem, ngx_rt_str(&r->args), 4, &form) != RT_OK) {
        return 0;
    }

    t = rt_form_only(&form, "t");

    return t.len == NGX_HTTP_RTAUTH_LOGOUT_TOKEN
           && CRYPTO_memcmp(t.data, token, NGX_HTTP_RTAUTH_LOGOUT_TOKEN) == 0;
}


static ngx_int_t
ngx_http_rtauth_logout_ask(ngx_http_request_t *r, ngx_http_rtauth_uri_t *uri,
    u_char *token)
{
    u_char            *p;
    rt_page_values_t   values;

    p = ngx_pnalloc(r->pool, uri->uri.len + sizeof("?t=")
                             + NGX_HTTP_RTAUTH_LOGOUT_TOKEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&values, sizeof(rt_page_values_t));

    values.back.data = p;
    values.back.len = ngx_sprintf(p, "%V?t=%*s", &uri->uri,
                                  (size_t) NGX_HTTP_RTAUTH_LOGOUT_TOKEN, token)
                      - p;

    return ngx_http_rtauth_page(r, RT_PAGE_SIGN_OUT, NGX_HTTP_OK, &values);
}


static ngx_int_t
ngx_http_rtauth_logout_end(ngx_http_rtauth_exchange_t *x)
{
    ngx_http_request_t          *r;
    ngx_http_rtauth_logout_t    *out;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    r = x->request;
    out = x->data;
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    /* who is not signed in has nothing to lose by another site's link */

    if (out->identity
        && ngx_http_rtauth_jar_drop_app(r, rlcf->app_cookies) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_rtauth_exchange_store(x,
               ngx_http_rtauth_session_end(r,
                                           ngx_http_rtauth_exchange_stored));
}


/*
 * RFC 7009: the provider's tokens end, too.  The one that others are made from
 * takes them along.
 */

static ngx_int_t
ngx_http_rtauth_logout_revoke(ngx_http_rtauth_exchange_t *x)
{
    rt_arg_t                   args[NGX_HTTP_RTAUTH_EXCHANGE_ARGS];
    rt_metadata_t             *m;
    rt_session_t              *s;
    ngx_http_rtauth_logout_t  *out;

    out = x->data;
    s = out->identity ? &out->identity->session->record : NULL;

    if (x->stored != NGX_OK || s == NULL
        || (s->refresh_token.len == 0 && s->access_token.len == 0)
        || ngx_http_rtauth_keys_metadata(x->keys, &m) != NGX_OK
        || m->endpoint[RT_METADATA_REVOCATION].len == 0)
    {
        x->step++;
        return NGX_OK;
    }

    args[0].name = (rt_str_t) rt_string("token");
    args[0].value = s->refresh_token.len ? s->refresh_token : s->access_token;
    args[1].name = (rt_str_t) rt_string("token_type_hint");
    args[1].value = s->refresh_token.len
                    ? (rt_str_t) rt_string("refresh_token")
                    : (rt_str_t) rt_string("access_token");

    /* the next step has the answer; a sign-out does not fail by it */

    if (ngx_http_rtauth_exchange_post(x, m, RT_METADATA_REVOCATION, args, 2,
                                      0)
        == NGX_AGAIN)
    {
        x->step++;
        return NGX_AGAIN;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_logout_revoked(ngx_http_rtauth_exchange_t *x)
{
    if (x->error.len || x->status != NGX_HTTP_OK) {
        ngx_rt_log_error(NGX_LOG_WARN, x->request,
                         "rtauth: provider \"%V\" did not revoke a token, "
                         "status %ui: %V", &x->client->provider->name,
                         x->status, &x->error);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_logout_go(ngx_http_rtauth_exchange_t *x)
{
    rt_str_t                   url;
    ngx_int_t                  rc;
    ngx_http_request_t        *r;
    ngx_http_rtauth_logout_t  *out;

    r = x->request;
    out = x->data;

    if (x->stored != NGX_OK) {
        return ngx_http_rtauth_page_failed(r, RT_REASON_STORE_UNAVAILABLE,
                                           x->client->provider,
                                           "the session cannot be ended");
    }

    if (out->identity == NULL) {
        return ngx_http_rtauth_logout_page(r, NULL);
    }

    if (ngx_http_rtauth_deed(r, "LOGOUT", x->client->provider, RT_REASON_OK,
                             out->identity)
        != NGX_OK
        || ngx_http_rtauth_logout_clear(x) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_rtauth_logout_address(x, &url);

    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_rtauth_logout_page(r, NULL);
    }

    /* "form-action 'self'" of the page with the form reaches redirects, too */

    if (r->method == NGX_HTTP_POST) {
        return ngx_http_rtauth_logout_page(r, &url);
    }

    return ngx_http_rtauth_redirect(r, ngx_rt_str_copy(&url));
}


/* what the browser has stored of this site goes with him */

static ngx_int_t
ngx_http_rtauth_logout_clear(ngx_http_rtauth_exchange_t *x)
{
    ngx_table_elt_t  *h;

    if (x->client->clear.len == 0) {
        return NGX_OK;
    }

    h = ngx_rt_headers_add(x->request, "Clear-Site-Data");
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->value = x->client->clear;

    return NGX_OK;
}


/* where to go on; NGX_DECLINED: nowhere */

static ngx_int_t
ngx_http_rtauth_logout_address(ngx_http_rtauth_exchange_t *x, rt_str_t *url)
{
    rt_mem_t                   mem;
    rt_arg_t                   args[3];
    ngx_str_t                  back;
    rt_metadata_t             *m;
    ngx_http_rtauth_logout_t  *out;

    out = x->data;
    back = ngx_http_rtauth_uri_whole(x->request,
                                     &x->client->post_logout_uri);
    mem = ngx_rt_str_mem(x->request->pool);

    if (ngx_http_rtauth_keys_metadata(x->keys, &m) != NGX_OK
        || m->endpoint[RT_METADATA_END_SESSION].len == 0)
    {
        *url = *ngx_rt_str(&back);

        return back.len ? NGX_OK : NGX_DECLINED;
    }

    args[0].name = (rt_str_t) rt_string("client_id");
    args[0].value = *ngx_rt_str(&x->client->client_id);
    args[1].name = (rt_str_t) rt_string("id_token_hint");
    args[1].value = out->identity->session->record.id_token;
    args[2].name = (rt_str_t) rt_string("post_logout_redirect_uri");
    args[2].value = *ngx_rt_str(&back);

    if (args[1].value.len == 0) {
        args[1].value.data = NULL;
    }

    return rt_args_url(&mem, &m->endpoint[RT_METADATA_END_SESSION], args, 3,
                       url)
           == RT_OK ? NGX_OK : NGX_DECLINED;
}


/* NULL: he is signed out, and that is all */

static ngx_int_t
ngx_http_rtauth_logout_page(ngx_http_request_t *r, rt_str_t *url)
{
    u_char            *p;
    ngx_table_elt_t   *refresh;
    rt_page_values_t   values;

    ngx_memzero(&values, sizeof(rt_page_values_t));
    values.back = (rt_str_t) rt_string("/");

    if (url) {
        values.back = *url;

        refresh = ngx_rt_headers_add(r, "Refresh");
        p = ngx_pnalloc(r->pool, sizeof("0; url=") + url->len);

        if (refresh == NULL || p == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        refresh->value.data = p;
        refresh->value.len = ngx_sprintf(p, "0; url=%V", ngx_rt_ngx(url)) - p;
    }

    return ngx_http_rtauth_page(r, RT_PAGE_SIGNED_OUT, NGX_HTTP_OK, &values);
}

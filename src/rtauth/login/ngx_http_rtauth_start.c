
#include "login/ngx_http_rtauth_start.h"
#include "login/ngx_http_rtauth_attempt.h"
#include "login/ngx_http_rtauth_page.h"
#include "login/ngx_http_rtauth_push.h"
#include "login/ngx_http_rtauth_redirect.h"
#include "keys/ngx_http_rtauth_worker.h"
#include "policy/ngx_http_rtauth_stepup.h"
#include "session/ngx_http_rtauth_jar.h"
#include "oidc/rt_args.h"
#include "text/rt_form.h"
#include "text/rt_uri.h"

#include <openssl/crypto.h>


#define NGX_HTTP_RTAUTH_START_ARGS    45        /* ours and extra_auth_args */
#define NGX_HTTP_RTAUTH_START_CHOSEN  31536000  /* seconds */


typedef struct {
    rt_str_t                     to;
    rt_str_t                     provider;
    rt_str_t                     number;
    ngx_http_rtauth_stepup_t    *stepup;        /* of that number, or NULL */
} ngx_http_rtauth_start_query_t;


static ngx_int_t ngx_http_rtauth_start_query(ngx_http_request_t *r,
    ngx_http_rtauth_start_query_t *query);
static ngx_uint_t ngx_http_rtauth_start_is_ours(ngx_http_request_t *r,
    rt_str_t *to);
static ngx_http_rtauth_client_t *ngx_http_rtauth_start_choose(
    ngx_http_request_t *r, ngx_http_rtauth_uri_t *uri,
    ngx_http_rtauth_start_query_t *query);
static ngx_http_rtauth_client_t *ngx_http_rtauth_start_named(
    ngx_http_rtauth_uri_t *uri, rt_str_t *name);
static ngx_int_t ngx_http_rtauth_start_chooser(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri, ngx_http_rtauth_start_query_t *query);
static ngx_int_t ngx_http_rtauth_start_metadata(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, rt_metadata_t **m);
static ngx_int_t ngx_http_rtauth_start_attempt(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_start_query_t *query,
    rt_login_params_t *params);
static ngx_uint_t ngx_http_rtauth_start_args(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, const rt_metadata_t *m,
    ngx_http_rtauth_start_query_t *query, rt_login_params_t *params,
    rt_arg_t *args);
static ngx_uint_t ngx_http_rtauth_start_wish(ngx_http_rtauth_client_t *client,
    const rt_metadata_t *m, ngx_http_rtauth_stepup_t *stepup, rt_arg_t *args);
static ngx_uint_t ngx_http_rtauth_start_acr(ngx_http_rtauth_client_t *client,
    const rt_metadata_t *m, ngx_http_rtauth_stepup_t *stepup, rt_arg_t *args);


ngx_int_t
ngx_http_rtauth_start(ngx_http_request_t *r, ngx_http_rtauth_uri_t *uri)
{
    rt_arg_t                        args[NGX_HTTP_RTAUTH_START_ARGS];
    ngx_int_t                       rc;
    ngx_uint_t                      n;
    rt_metadata_t                  *m;
    rt_login_params_t               params;
    ngx_http_rtauth_client_t       *client;
    ngx_http_rtauth_exchange_t     *pushed;
    ngx_http_rtauth_start_query_t   query;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    pushed = ngx_http_rtauth_exchange(r);

    if (pushed) {
        return ngx_http_rtauth_push_answered(pushed);
    }

    if (ngx_http_rtauth_start_query(r, &query) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    client = ngx_http_rtauth_start_choose(r, uri, &query);

    if (client == NULL) {
        return ngx_http_rtauth_start_chooser(r, uri, &query);
    }

    rc = ngx_http_rtauth_start_metadata(r, client, &m);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_rtauth_start_attempt(r, client, &query, &params);
    if (rc != NGX_OK) {
        return rc;
    }

    /* where there is a choice, it is remembered */

    if (uri->clients.nelts > 1
        && ngx_http_rtauth_jar_set(r, "_p", &client->provider->name,
                                   NGX_HTTP_RTAUTH_START_CHOSEN)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    n = ngx_http_rtauth_start_args(r, client, m, &query, &params, args);

    if (client->par == NGX_CONF_UNSET ? (ngx_flag_t) m->par_required
                                      : client->par)
    {
        return ngx_http_rtauth_push(r, client, m, args, n);
    }

    return ngx_http_rtauth_redirect_provider(r, client->provider,
                                    &m->endpoint[RT_METADATA_AUTHORIZATION],
                                    args, n);
}


static ngx_int_t
ngx_http_rtauth_start_query(ngx_http_request_t *r,
    ngx_http_rtauth_start_query_t *query)
{
    rt_mem_t   mem;
    rt_form_t  form;

    mem = ngx_rt_str_mem(r->pool);

    ngx_memzero(query, sizeof(ngx_http_rtauth_start_query_t));

    if (rt_form_parse(&mem, ngx_rt_str(&r->args), 16, &form) != RT_OK) {
        return NGX_ERROR;
    }

    query->to = rt_form_only(&form, "to");

    if (ngx_http_rtauth_start_is_ours(r, &query->to)) {
        query->to = (rt_str_t) rt_string("/");
    }

    query->provider = rt_form_only(&form, "rtauth_provider");
    query->number = rt_form_only(&form, "stepup");
    query->stepup = ngx_http_rtauth_stepup_find(r, ngx_rt_ngx(&query->number));

    return NGX_OK;
}


/* an address of a sign-in is no place to come back to */

static ngx_uint_t
ngx_http_rtauth_start_is_ours(ngx_http_request_t *r, rt_str_t *to)
{
    rt_mem_t     mem;
    rt_str_t     path;
    ngx_str_t    copy;
    const char  *why;

    mem = ngx_rt_str_mem(r->pool);

    if (rt_uri_return_check(&mem, to, &why) != RT_OK
        || rt_uri_path(&mem, to, &path) != RT_OK)
    {
        return 1;
    }

    copy = ngx_rt_str_copy(&path);

    return ngx_http_rtauth_uri_named(r, &copy) != NULL;
}


/* NULL: he has to say */

static ngx_http_rtauth_client_t *
ngx_http_rtauth_start_choose(ngx_http_request_t *r, ngx_http_rtauth_uri_t *uri,
    ngx_http_rtauth_start_query_t *query)
{
    ngx_http_rtauth_jar_t      *jar;
    ngx_http_rtauth_client_t  **client;

    client = uri->clients.elts;

    if (uri->clients.nelts == 1) {
        return client[0];
    }

    if (query->provider.len) {
        return ngx_http_rtauth_start_named(uri, &query->provider);
    }

    jar = ngx_http_rtauth_jar(r);

    return jar ? ngx_http_rtauth_start_named(uri, ngx_rt_str(&jar->chosen))
               : NULL;
}


static ngx_http_rtauth_client_t *
ngx_http_rtauth_start_named(ngx_http_rtauth_uri_t *uri, rt_str_t *name)
{
    ngx_uint_t                  i;
    ngx_http_rtauth_client_t  **client;

    client = uri->clients.elts;

    for (i = 0; i < uri->clients.nelts; i++) {
        if (rt_str_eq(ngx_rt_str(&client[i]->provider->name), name)) {
            return client[i];
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_rtauth_start_chooser(ngx_http_request_t *r, ngx_http_rtauth_uri_t *uri,
    ngx_http_rtauth_start_query_t *query)
{
    rt_arg_t                    args[3];
    rt_mem_t                    mem;
    ngx_uint_t                  i;
    rt_page_link_t             *links;
    rt_page_values_t            values;
    ngx_http_rtauth_client_t  **client;

    mem = ngx_rt_str_mem(r->pool);
    client = uri->clients.elts;

    links = ngx_pcalloc(r->pool, uri->clients.nelts * sizeof(rt_page_link_t));
    if (links == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    args[0].name = (rt_str_t) rt_string("rtauth_provider");
    args[1].name = (rt_str_t) rt_string("to");
    args[1].value = query->to;
    args[2].name = (rt_str_t) rt_string("stepup");
    args[2].value = query->number;

    for (i = 0; i < uri->clients.nelts; i++) {

        args[0].value = *ngx_rt_str(&client[i]->provider->name);
        links[i].title = *ngx_rt_str(&client[i]->title);

        if (rt_args_url(&mem, ngx_rt_str(&uri->uri), args,
                        query->stepup ? 3 : 2, &links[i].url)
            != RT_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    ngx_memzero(&values, sizeof(rt_page_values_t));
    values.links = links;
    values.nlinks = uri->clients.nelts;

    return ngx_http_rtauth_page(r, RT_PAGE_CHOOSER, NGX_HTTP_OK, &values);
}


static ngx_int_t
ngx_http_rtauth_start_metadata(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, rt_metadata_t **m)
{
    ngx_int_t                  rc;
    ngx_http_rtauth_worker_t  *w;

    w = ngx_http_rtauth_worker(
             ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));
    if (w == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_rtauth_keys_await(&w->keys[client->provider->index], r, m);

    if (rc == NGX_AGAIN) {
        return NGX_DONE;
    }

    if (rc == NGX_OK && (*m)->endpoint[RT_METADATA_AUTHORIZATION].len) {
        return NGX_OK;
    }

    return ngx_http_rtauth_page_failed(r, RT_REASON_PROVIDER_UNAVAILABLE,
                                       client->provider,
                                       rc == NGX_OK
                                       ? "it names no authorization endpoint"
                                       : "its metadata cannot be had");
}


static ngx_int_t
ngx_http_rtauth_start_attempt(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_start_query_t *query,
    rt_login_params_t *params)
{
    rt_mem_t     mem;
    uint32_t     provider;
    ngx_int_t    done;
    rt_login_t   login;
    rt_status_e  rc;

    done = ngx_http_rtauth_attempt_done(r);

    if (done >= NGX_HTTP_RTAUTH_ATTEMPT_LOOP) {
        return ngx_http_rtauth_page_failed(r, RT_REASON_LOGIN_LOOP,
                                           client->provider,
                                           "the browser came back signed in "
                                           "again and again, and keeps no "
                                           "session cookie");
    }

    if (done == -1
        || rt_login_provider(ngx_rt_str(&client->provider->issuer),
                             ngx_rt_str(&client->client_id), &provider)
           != RT_OK
        || ngx_http_rtauth_attempt_begin(r, provider,
                                         query->stepup ? query->stepup->number
                                                       : 0, &login)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    mem = ngx_rt_str_mem(r->pool);

    rc = rt_login_params(&mem, &login, &query->to, params);

    OPENSSL_cleanse(&login, sizeof(rt_login_t));

    return rc == RT_OK ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_uint_t
ngx_http_rtauth_start_args(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client, const rt_metadata_t *m,
    ngx_http_rtauth_start_query_t *query, rt_login_params_t *params,
    rt_arg_t *args)
{
    ngx_str_t      redirect;
    ngx_uint_t     i, k, n, ours;
    ngx_keyval_t  *extra;

    redirect = ngx_http_rtauth_start_redirect_uri(r, client);

    rt_arg_t  own[] = {
        { rt_string("response_type"), rt_string("code") },
        { rt_string("client_id"), *ngx_rt_str(&client->client_id) },
        { rt_string("redirect_uri"), *ngx_rt_str(&redirect) },
        { rt_string("scope"), *ngx_rt_str(&client->scope) },
        { rt_string("state"), params->state },
        { rt_string("nonce"), params->nonce },
        { rt_string("code_challenge"), params->challenge },
        { rt_string("code_challenge_method"), rt_string("S256") }
    };

    n = sizeof(own) / sizeof(own[0]);
    ngx_memcpy(args, own, sizeof(own));

    n += ngx_http_rtauth_start_wish(client, m, query->stepup, &args[n]);
    ours = n;

    if (client->args == NULL) {
        return n;
    }

    extra = client->args->elts;

    for (i = 0; i < client->args->nelts && n < NGX_HTTP_RTAUTH_START_ARGS; i++)
    {
        args[n].name = *ngx_rt_str(&extra[i].key);
        args[n].value = *ngx_rt_str(&extra[i].value);

        for (k = 0; k < ours; k++) {
            if (rt_str_eq(&args[k].name, &args[n].name)) {
                break;
            }
        }

        n += (k == ours);
    }

    return n;
}


/* what the location asks of a sign-in; it goes before extra_auth_args */

static ngx_uint_t
ngx_http_rtauth_start_wish(ngx_http_rtauth_client_t *client,
    const rt_metadata_t *m, ngx_http_rtauth_stepup_t *stepup, rt_arg_t *args)
{
    ngx_uint_t  n;

    n = 0;

    if (stepup == NULL) {
        return 0;
    }

    if (stepup->acr.len) {
        n = ngx_http_rtauth_start_acr(client, m, stepup, args);
    }

    if (stepup->age.len) {
        args[n].name = (rt_str_t) rt_string("max_age");
        args[n].value = *ngx_rt_str(&stepup->age);
        n++;
    }

    if (stepup->login) {
        args[n].name = (rt_str_t) rt_string("prompt");
        args[n].value = (rt_str_t) rt_string("login");
        n++;
    }

    return n;
}


/*
 * OpenID Connect Core 1.0, 5.5.1.1: a provider that takes "claims" must not
 * sign in who does not reach an essential acr; "acr_values" is a mere wish.
 * What both of them mean together is not said: one without a value is left out,
 * and so is what extra_auth_args have by its name.
 */

static ngx_uint_t
ngx_http_rtauth_start_acr(ngx_http_rtauth_client_t *client,
    const rt_metadata_t *m, ngx_http_rtauth_stepup_t *stepup, rt_arg_t *args)
{
    ngx_uint_t     i;
    ngx_keyval_t  *extra;

    static const rt_str_t  claims = rt_string("claims");
    static const rt_str_t  acr_values = rt_string("acr_values");

    args[0].name = acr_values;
    args[0].value = *ngx_rt_str(&stepup->acr);

    extra = client->args ? client->args->elts : NULL;

    for (i = 0; extra && i < client->args->nelts; i++) {
        if (rt_str_eq(ngx_rt_str(&extra[i].key), &claims)) {
            return 1;
        }
    }

    if (!m->claims_taken) {
        return 1;
    }

    args[0].value.data = NULL;
    args[1].name = claims;
    args[1].value = *ngx_rt_str(&stepup->claims);

    return 2;
}


ngx_str_t
ngx_http_rtauth_start_redirect_uri(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client)
{
    return ngx_http_rtauth_uri_whole(r, &client->redirect_uri);
}

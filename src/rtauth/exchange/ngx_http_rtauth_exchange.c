
#include "exchange/ngx_http_rtauth_exchange.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_wait.h"
#include "oidc/rt_assertion.h"
#include "oidc/rt_shown.h"


/* with its body: what a token endpoint refuses, it explains there */

static const ngx_uint_t  ngx_http_rtauth_exchange_expected[] = {
    200, 201, 400, 401, 403, 0
};


/* client_auth, as metadata calls it */

static const unsigned  ngx_http_rtauth_exchange_methods[] = {
    [NGX_HTTP_RTAUTH_CLIENT_BASIC] = RT_METADATA_BASIC,
    [NGX_HTTP_RTAUTH_CLIENT_BASIC_RAW] = RT_METADATA_BASIC,
    [NGX_HTTP_RTAUTH_CLIENT_POST] = RT_METADATA_POST,
    [NGX_HTTP_RTAUTH_CLIENT_JWT] = RT_METADATA_PRIVATE_KEY_JWT,
    [NGX_HTTP_RTAUTH_CLIENT_TLS] = RT_METADATA_TLS,
    [NGX_HTTP_RTAUTH_CLIENT_NONE] = RT_METADATA_NONE
};


/* what is sent and opens something; scope, redirect_uri and others do not */

static const rt_str_t  ngx_http_rtauth_exchange_secrets[] = {
    rt_string("code"),
    rt_string("code_verifier"),
    rt_string("refresh_token"),
    rt_string("token"),
    rt_string("client_assertion")
};

#define NGX_HTTP_RTAUTH_EXCHANGE_SECRETS                                      \
    (sizeof(ngx_http_rtauth_exchange_secrets) / sizeof(rt_str_t))


static ngx_int_t ngx_http_rtauth_exchange_start(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_exchange_note(ngx_http_rtauth_exchange_t *x,
    const rt_arg_t *args, ngx_uint_t nargs);
static ngx_int_t ngx_http_rtauth_exchange_note_one(
    ngx_http_rtauth_exchange_t *x, const ngx_str_t *value);
static ngx_uint_t ngx_http_rtauth_exchange_repeats(
    ngx_http_rtauth_exchange_t *x, ngx_str_t *body);
static ngx_int_t ngx_http_rtauth_exchange_named_url(
    ngx_http_rtauth_exchange_t *x, const rt_str_t *url);
static ngx_int_t ngx_http_rtauth_exchange_url(ngx_http_rtauth_exchange_t *x,
    const rt_metadata_t *m, rt_metadata_endpoint_e endpoint);
static ngx_int_t ngx_http_rtauth_exchange_identify(
    ngx_http_rtauth_exchange_t *x, const rt_metadata_t *m, rt_arg_t *args,
    ngx_uint_t *nargs);
static void ngx_http_rtauth_exchange_named(rt_arg_t *args, ngx_uint_t *nargs,
    rt_str_t name, rt_str_t value);
static ngx_int_t ngx_http_rtauth_exchange_assert(ngx_http_rtauth_exchange_t *x,
    const rt_metadata_t *m, rt_arg_t *args, ngx_uint_t *nargs);
static ngx_int_t ngx_http_rtauth_exchange_basic(ngx_http_rtauth_exchange_t *x);
static ngx_int_t ngx_http_rtauth_exchange_authorize(
    ngx_http_rtauth_exchange_t *x, char *scheme, ngx_str_t *credentials);
static ngx_int_t ngx_http_rtauth_exchange_fail(ngx_http_rtauth_exchange_t *x,
    char *why);
static void ngx_http_rtauth_exchange_answered(ngx_rt_http_t *job);
static ngx_int_t ngx_http_rtauth_exchange_keep(ngx_http_rtauth_exchange_t *x,
    ngx_rt_http_t *job);
static void ngx_http_rtauth_exchange_cleanup(void *data);


ngx_http_rtauth_exchange_t *
ngx_http_rtauth_exchange(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t          *cln;
    ngx_http_rtauth_exchange_t  *x;

    cln = r->pool->cleanup;

    do {
        x = ngx_rt_kept_next(&cln, ngx_http_rtauth_exchange_cleanup);
    } while (x && x->lasting);

    return x;
}


ngx_http_rtauth_exchange_t *
ngx_http_rtauth_exchange_create(ngx_http_request_t *r,
    ngx_http_rtauth_client_t *client)
{
    ngx_http_rtauth_worker_t    *w;
    ngx_http_rtauth_exchange_t  *x;

    w = ngx_http_rtauth_worker(
             ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));
    if (w == NULL) {
        return NULL;
    }

    x = ngx_rt_kept_add(r->pool, sizeof(ngx_http_rtauth_exchange_t),
                        ngx_http_rtauth_exchange_cleanup);
    if (x == NULL) {
        return NULL;
    }

    x->request = r;
    x->worker = w;
    ngx_str_set(&x->accept, "application/json, application/jwt");

    ngx_http_rtauth_exchange_of(x, client);

    return x;
}


void
ngx_http_rtauth_exchange_of(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_client_t *client)
{
    x->client = client;
    x->keys = &x->worker->keys[client->provider->index];
}


ngx_int_t
ngx_http_rtauth_exchange_run(ngx_http_rtauth_exchange_t *x,
    const ngx_http_rtauth_exchange_pt *steps)
{
    ngx_int_t  rc;

    for ( ;; ) {
        if (x->pending) {
            return NGX_DONE;
        }

        rc = steps[x->step](x);

        if (rc != NGX_OK) {
            return rc == NGX_AGAIN ? NGX_DONE : rc;
        }

        x->step++;
    }
}


ngx_int_t
ngx_http_rtauth_exchange_store(ngx_http_rtauth_exchange_t *x, ngx_int_t rc)
{
    if (rc == NGX_AGAIN) {
        x->step++;
        x->pending = 1;

        return NGX_AGAIN;
    }

    x->stored = rc;

    return NGX_OK;
}


void
ngx_http_rtauth_exchange_stored(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_http_rtauth_exchange_t  *x;

    x = ngx_http_rtauth_exchange(r);

    x->pending = 0;
    x->stored = rc;

    r->write_event_handler(r);
}


static void
ngx_http_rtauth_exchange_cleanup(void *data)
{
    ngx_http_rtauth_exchange_t *x = data;

    if (x->job) {
        ngx_rt_http_cancel(x->job);
    }
}


ngx_int_t
ngx_http_rtauth_exchange_post(ngx_http_rtauth_exchange_t *x,
    const rt_metadata_t *m, rt_metadata_endpoint_e endpoint, rt_arg_t *args,
    ngx_uint_t nargs, ngx_uint_t once)
{
    rt_arg_t  all[NGX_HTTP_RTAUTH_EXCHANGE_ARGS];
    rt_mem_t  mem;
    rt_str_t  form;

    if (ngx_http_rtauth_exchange_url(x, m, endpoint) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(all, args, nargs * sizeof(rt_arg_t));
    mem = ngx_rt_str_mem(x->job->pool);

    if (ngx_http_rtauth_exchange_identify(x, m, all, &nargs) != NGX_OK
        || ngx_http_rtauth_exchange_note(x, all, nargs) != NGX_OK
        || rt_args_form(&mem, all, nargs, &form) != RT_OK)
    {
        return ngx_http_rtauth_exchange_fail(x, "the request cannot be made");
    }

    x->job->method = NGX_RT_HTTP_POST;
    x->job->content = ngx_rt_str_copy(&form);
    x->job->once = once;

    return ngx_http_rtauth_exchange_start(x);
}


/* what is secret of them, until there is an answer */

static ngx_int_t
ngx_http_rtauth_exchange_note(ngx_http_rtauth_exchange_t *x,
    const rt_arg_t *args, ngx_uint_t nargs)
{
    ngx_uint_t  i, n;

    for (i = 0; i < nargs; i++) {

        n = 0;

        while (n < NGX_HTTP_RTAUTH_EXCHANGE_SECRETS
               && !rt_str_eq(&args[i].name,
                             &ngx_http_rtauth_exchange_secrets[n]))
        {
            n++;
        }

        if (n < NGX_HTTP_RTAUTH_EXCHANGE_SECRETS
            && ngx_http_rtauth_exchange_note_one(x, ngx_rt_ngx(&args[i].value))
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_exchange_note_one(ngx_http_rtauth_exchange_t *x,
    const ngx_str_t *value)
{
    ngx_str_t  *secret;

    secret = ngx_array_push(x->secrets);
    if (secret == NULL) {
        return NGX_ERROR;
    }

    secret->len = value->len;
    secret->data = ngx_pstrdup(x->job->pool, (ngx_str_t *) value);

    return secret->data ? NGX_OK : NGX_ERROR;
}


/* does the answer say one of them again? */

static ngx_uint_t
ngx_http_rtauth_exchange_repeats(ngx_http_rtauth_exchange_t *x, ngx_str_t *body)
{
    ngx_str_t   *secret;
    ngx_uint_t   i;

    if (x->secrets == NULL) {
        return 0;
    }

    secret = x->secrets->elts;

    for (i = 0; i < x->secrets->nelts; i++) {
        if (rt_shown_repeats(ngx_rt_str(body), ngx_rt_str(&secret[i]))) {
            return 1;
        }
    }

    return rt_shown_repeats(ngx_rt_str(body),
                            ngx_rt_str(&x->client->client_secret));
}


ngx_int_t
ngx_http_rtauth_exchange_get(ngx_http_rtauth_exchange_t *x,
    const rt_metadata_t *m, rt_metadata_endpoint_e endpoint, rt_str_t *token)
{
    if (ngx_http_rtauth_exchange_url(x, m, endpoint) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_rtauth_exchange_authorize(x, "Bearer", ngx_rt_ngx(token))
        != NGX_OK)
    {
        return ngx_http_rtauth_exchange_fail(x, "the request cannot be made");
    }

    return ngx_http_rtauth_exchange_start(x);
}


/* a host that was found when the configuration was read needs no resolver */

static ngx_int_t
ngx_http_rtauth_exchange_named_url(ngx_http_rtauth_exchange_t *x,
    const rt_str_t *url)
{
    char          *err;
    ngx_str_t      text;
    ngx_rt_url_t  *own;

    if (url->len == 0) {
        return ngx_http_rtauth_exchange_fail(x, "its metadata names no such "
                                             "endpoint");
    }

    text = ngx_rt_str_copy(url);
    own = &x->keys->pcf->url;

    if (ngx_rt_url_parse(x->request->pool, &text, &x->url, &err) != NGX_OK) {
        return ngx_http_rtauth_exchange_fail(x, err);
    }

    if (x->url.naddrs == 0
        && rt_str_ieq(&x->url.parts.host, &own->parts.host))
    {
        x->url.addrs = own->addrs;
        x->url.naddrs = own->naddrs;
    }

    return NGX_OK;
}


/*
 * A client with a certificate shows it wherever it speaks for itself or with a
 * token that is bound to it (RFC 8705).
 */

static ngx_int_t
ngx_http_rtauth_exchange_url(ngx_http_rtauth_exchange_t *x,
    const rt_metadata_t *m, rt_metadata_endpoint_e endpoint)
{
    ngx_uint_t             tls;
    ngx_rt_http_client_t  *client;

    tls = x->client->auth == NGX_HTTP_RTAUTH_CLIENT_TLS;

    if (endpoint == RT_METADATA_INTROSPECTION && x->keys->pcf->ask.text.len) {
        x->url = x->keys->pcf->ask;

    } else if (ngx_http_rtauth_exchange_named_url(x,
                                       rt_metadata_endpoint(m, endpoint, tls))
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    client = ngx_http_rtauth_keys_client(x->keys);

    if (client) {
        x->job = ngx_rt_http_create(client, &x->url);
    }

    if (x->job == NULL) {
        return ngx_http_rtauth_exchange_fail(x, "out of memory");
    }

    x->secrets = ngx_array_create(x->job->pool, 4, sizeof(ngx_str_t));
    if (x->secrets == NULL) {
        return ngx_http_rtauth_exchange_fail(x, "out of memory");
    }

    if (tls) {
        x->job->certificate = x->client->certificate;
        x->job->key = x->client->key;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_exchange_start(ngx_http_rtauth_exchange_t *x)
{
    ngx_rt_http_t       *job;
    ngx_http_request_t  *r;

    r = x->request;
    job = x->job;

    if (ngx_rt_http_add_header(job, "Accept", &x->accept) != NGX_OK) {
        return ngx_http_rtauth_exchange_fail(x, "out of memory");
    }

    ngx_str_set(&x->wanted.name, "Content-Type");

    job->handler = ngx_http_rtauth_exchange_answered;
    job->data = x;
    job->timeout = x->keys->pcf->timeout;
    job->expected = ngx_http_rtauth_exchange_expected;
    job->wanted = &x->wanted;
    job->nwanted = 1;
    job->hold = 1;

    x->pending = 1;

    if (!x->lasting) {
        ngx_rt_wait_watch(r);
    }

    ngx_rt_http_start(job);

    return NGX_AGAIN;
}


/* who we are: RFC 6749, 2.3; in the configured way, whatever metadata says */

static ngx_int_t
ngx_http_rtauth_exchange_identify(ngx_http_rtauth_exchange_t *x,
    const rt_metadata_t *m, rt_arg_t *args, ngx_uint_t *nargs)
{
    ngx_http_rtauth_client_t     *client;
    ngx_http_rtauth_main_conf_t  *mcf;

    client = x->client;

    if (x->keys->fetched.discovered
        && !(m->auth_methods
             & ngx_http_rtauth_exchange_methods[client->auth]))
    {

        mcf = ngx_http_get_module_main_conf(x->request,
                                            ngx_http_rtauth_module);

        ngx_rt_once(mcf->once, &client->auth, x->request,
                    "rtauth: the metadata of provider \"%V\" does not list "
                    "the way of its \"client_auth\", which is used all the "
                    "same", &client->provider->name);
    }

    switch (client->auth) {

    case NGX_HTTP_RTAUTH_CLIENT_BASIC:
    case NGX_HTTP_RTAUTH_CLIENT_BASIC_RAW:
        return ngx_http_rtauth_exchange_basic(x);

    case NGX_HTTP_RTAUTH_CLIENT_POST:
        ngx_http_rtauth_exchange_named(args, nargs,
                                       (rt_str_t) rt_string("client_secret"),
                                       *ngx_rt_str(&client->client_secret));
        break;

    case NGX_HTTP_RTAUTH_CLIENT_JWT:
        if (ngx_http_rtauth_exchange_assert(x, m, args, nargs) != NGX_OK) {
            return NGX_ERROR;
        }

        break;
    }

    ngx_http_rtauth_exchange_named(args, nargs,
                                   (rt_str_t) rt_string("client_id"),
                                   *ngx_rt_str(&client->client_id));

    return NGX_OK;
}


/* once: an authorization request that is pushed names its client already */

static void
ngx_http_rtauth_exchange_named(rt_arg_t *args, ngx_uint_t *nargs,
    rt_str_t name, rt_str_t value)
{
    ngx_uint_t  i;

    for (i = 0; i < *nargs; i++) {
        if (rt_str_eq(&args[i].name, &name)) {
            return;
        }
    }

    args[*nargs].name = name;
    args[*nargs].value = value;
    (*nargs)++;
}


/*
 * private_key_jwt.  The audience is the token endpoint, which providers know
 * best; but somebody else's host gets nothing that is good there.
 */

static ngx_int_t
ngx_http_rtauth_exchange_assert(ngx_http_rtauth_exchange_t *x,
    const rt_metadata_t *m, rt_arg_t *args, ngx_uint_t *nargs)
{
    rt_mem_t         mem;
    rt_str_t         token;
    rt_url_t         url;
    const char      *why;
    const rt_str_t  *audience;

    audience = &m->endpoint[RT_METADATA_TOKEN];

    if (rt_url_parse(audience, &url, &why) != RT_OK
        || !rt_url_same_origin(&url, &x->url.parts))
    {
        audience = ngx_rt_str(&x->url.text);
    }

    mem = ngx_rt_str_mem(x->job->pool);

    if (rt_assertion(&mem, x->client->sign, ngx_rt_str(&x->client->client_id),
                     audience, ngx_time(), &token)
        != RT_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_rtauth_exchange_named(args, nargs,
                               (rt_str_t) rt_string("client_assertion_type"),
                               (rt_str_t) rt_string(RT_ASSERTION_TYPE));
    ngx_http_rtauth_exchange_named(args, nargs,
                               (rt_str_t) rt_string("client_assertion"),
                               token);

    return NGX_OK;
}


/* basic_raw: providers that do not decode what RFC 6749, 2.3.1 encodes */

static ngx_int_t
ngx_http_rtauth_exchange_basic(ngx_http_rtauth_exchange_t *x)
{
    u_char                    *p;
    rt_mem_t                   mem;
    rt_str_t                   id, secret;
    ngx_str_t                  pair, text;
    ngx_pool_t                *pool;
    ngx_http_rtauth_client_t  *client;

    client = x->client;
    pool = x->job->pool;
    mem = ngx_rt_str_mem(pool);

    if (client->auth == NGX_HTTP_RTAUTH_CLIENT_BASIC_RAW) {
        id = *ngx_rt_str(&client->client_id);
        secret = *ngx_rt_str(&client->client_secret);

    } else if (rt_args_escape(&mem, ngx_rt_str(&client->client_id), &id)
               != RT_OK
               || rt_args_escape(&mem, ngx_rt_str(&client->client_secret),
                                 &secret)
                  != RT_OK)
    {
        return NGX_ERROR;
    }

    pair.len = id.len + 1 + secret.len;
    pair.data = ngx_pnalloc(pool, pair.len);
    text.data = ngx_pnalloc(pool, ngx_base64_encoded_length(pair.len));

    if (pair.data == NULL || text.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(pair.data, id.data, id.len);
    *p++ = ':';
    ngx_memcpy(p, secret.data, secret.len);

    ngx_encode_base64(&text, &pair);

    return ngx_http_rtauth_exchange_authorize(x, "Basic", &text);
}


static ngx_int_t
ngx_http_rtauth_exchange_authorize(ngx_http_rtauth_exchange_t *x,
    char *scheme, ngx_str_t *credentials)
{
    ngx_str_t  value;

    value.data = ngx_pnalloc(x->job->pool, sizeof("Bearer ")
                                           + credentials->len);
    if (value.data == NULL
        || ngx_http_rtauth_exchange_note_one(x, credentials) != NGX_OK)
    {
        return NGX_ERROR;
    }

    value.len = ngx_sprintf(value.data, "%s %V", scheme, credentials)
                - value.data;

    return ngx_rt_http_add_header(x->job, "Authorization", &value);
}


const char *
ngx_http_rtauth_exchange_says(ngx_http_rtauth_exchange_t *x, rt_str_t *error,
    rt_str_t *description)
{
    u_char    *text;
    rt_str_t   words;

    words = x->repeats ? (rt_str_t) rt_string("with a secret in its words")
                       : *description;

    text = ngx_pnalloc(x->request->pool, error->len + words.len + 32);

    if (text) {
        ngx_sprintf(text, "it says \"%V\"%s%V%Z", ngx_rt_ngx(error),
                    words.len ? ", " : "", ngx_rt_ngx(&words));
    }

    return (char *) text;
}


static ngx_int_t
ngx_http_rtauth_exchange_fail(ngx_http_rtauth_exchange_t *x, char *why)
{
    if (x->job) {
        ngx_rt_http_cancel(x->job);
        x->job = NULL;
    }

    x->secrets = NULL;
    x->error.data = (u_char *) why;
    x->error.len = ngx_strlen(why);

    return NGX_ERROR;
}


static void
ngx_http_rtauth_exchange_answered(ngx_rt_http_t *job)
{
    ngx_http_request_t          *r;
    ngx_http_rtauth_exchange_t  *x;

    x = job->data;
    r = x->request;

    x->job = NULL;
    x->pending = 0;

    if (ngx_http_rtauth_exchange_keep(x, job) != NGX_OK) {
        ngx_str_set(&x->error, "out of memory");
    }

    ngx_rt_wait_over(r);
}


static ngx_int_t
ngx_http_rtauth_exchange_keep(ngx_http_rtauth_exchange_t *x,
    ngx_rt_http_t *job)
{
    ngx_pool_t  *pool;

    pool = x->request->pool;

    x->status = job->status;
    x->repeats = ngx_http_rtauth_exchange_repeats(x, &job->body);
    x->secrets = NULL;

    x->error.len = job->error.len;
    x->error.data = ngx_pstrdup(pool, &job->error);

    x->body.len = job->body.len;
    x->body.data = ngx_pstrdup(pool, &job->body);

    x->type.len = x->wanted.value.len;
    x->type.data = ngx_pstrdup(pool, &x->wanted.value);

    return (x->error.data && x->body.data && x->type.data) ? NGX_OK
                                                           : NGX_ERROR;
}

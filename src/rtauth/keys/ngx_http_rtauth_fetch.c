
#include "keys/ngx_http_rtauth_fetch.h"
#include "keys/ngx_http_rtauth_zone.h"

#include "text/rt_cachecontrol.h"
#include "text/rt_logpath.h"


static ngx_int_t ngx_http_rtauth_fetch_ask_keys(ngx_http_rtauth_fetch_t *f,
    ngx_rt_url_t *url);
static ngx_uint_t ngx_http_rtauth_fetch_may_be_same(
    ngx_http_rtauth_fetch_t *f);
static ngx_int_t ngx_http_rtauth_fetch_next(ngx_http_rtauth_fetch_t *f,
    ngx_rt_url_t *url, ngx_uint_t same, ngx_rt_http_handler_pt handler);
static void ngx_http_rtauth_fetch_discovered(ngx_rt_http_t *job);
static char *ngx_http_rtauth_fetch_encoded(ngx_http_rtauth_fetch_t *f);
static char *ngx_http_rtauth_fetch_other(ngx_http_rtauth_fetch_t *f,
    rt_json_t *issuer);
static char *ngx_http_rtauth_fetch_metadata(ngx_http_rtauth_fetch_t *f,
    ngx_str_t *body);
static char *ngx_http_rtauth_fetch_jwks_uri(ngx_http_rtauth_fetch_t *f,
    ngx_str_t *text);
static void ngx_http_rtauth_fetch_keys(ngx_rt_http_t *job);
static char *ngx_http_rtauth_fetch_answered(ngx_http_rtauth_fetch_t *f,
    ngx_rt_http_t *job);
static void ngx_http_rtauth_fetch_etag(ngx_http_rtauth_fetch_t *f);
static char *ngx_http_rtauth_fetch_pack(ngx_http_rtauth_fetch_t *f,
    ngx_str_t *keys);
static void ngx_http_rtauth_fetch_done(ngx_http_rtauth_fetch_t *f, char *err);


ngx_http_rtauth_fetch_t *
ngx_http_rtauth_fetch_create(ngx_rt_http_client_t *client,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    ngx_pool_t               *pool;
    ngx_http_rtauth_fetch_t  *f;

    pool = ngx_create_pool(4096, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    f = ngx_pcalloc(pool, sizeof(ngx_http_rtauth_fetch_t));
    if (f == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    f->pool = pool;
    f->pcf = pcf;
    f->client = client;
    f->max_age = -1;

    return f;
}


ngx_int_t
ngx_http_rtauth_fetch_start(ngx_http_rtauth_fetch_t *f)
{
    ngx_int_t  rc;

    rc = f->pcf->discover
         ? ngx_http_rtauth_fetch_next(f, &f->pcf->url, 0,
                                      ngx_http_rtauth_fetch_discovered)
         : ngx_http_rtauth_fetch_ask_keys(f, &f->pcf->url);

    if (rc != NGX_OK) {
        ngx_destroy_pool(f->pool);
    }

    return rc;
}


static ngx_int_t
ngx_http_rtauth_fetch_ask_keys(ngx_http_rtauth_fetch_t *f, ngx_rt_url_t *url)
{
    return ngx_http_rtauth_fetch_next(f, url,
                                      ngx_http_rtauth_fetch_may_be_same(f),
                                      ngx_http_rtauth_fetch_keys);
}


/* the document that is known came from the same addresses, with an ETag */

static ngx_uint_t
ngx_http_rtauth_fetch_may_be_same(ngx_http_rtauth_fetch_t *f)
{
    ngx_str_t  metadata, keys;

    return f->etag.len
           && ngx_http_rtauth_fetch_unpack(&f->known, &metadata, &keys)
              == NGX_OK
           && rt_str_eq(ngx_rt_str(&metadata), ngx_rt_str(&f->metadata));
}


static ngx_int_t
ngx_http_rtauth_fetch_next(ngx_http_rtauth_fetch_t *f, ngx_rt_url_t *url,
    ngx_uint_t same, ngx_rt_http_handler_pt handler)
{
    ngx_rt_http_t  *job;

    static ngx_str_t  accept
                         = ngx_string("application/json, "
                                      "application/jwk-set+json");

    static const ngx_uint_t  expected[] = { 200, 304, 0 };

    f->url = ngx_rt_str_copy(&url->parts.shown);

    job = ngx_rt_http_create(f->client, url);
    if (job == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&f->wanted[0].name, "Cache-Control");
    ngx_str_set(&f->wanted[1].name, "Age");
    ngx_str_set(&f->wanted[2].name, "Content-Encoding");
    ngx_str_set(&f->wanted[3].name, "ETag");

    job->handler = handler;
    job->data = f;
    job->timeout = f->pcf->timeout;
    job->max_body = RT_JWKS_MAX_TEXT;
    job->wanted = f->wanted;
    job->nwanted = 4;

    if (same) {
        job->expected = expected;
    }

    if (ngx_rt_http_add_header(job, "Accept", &accept) != NGX_OK
        || (same && ngx_rt_http_add_header(job, "If-None-Match", &f->etag)
                    != NGX_OK))
    {
        ngx_rt_http_cancel(job);
        return NGX_ERROR;
    }

    f->job = job;

    ngx_rt_http_start(job);

    return NGX_OK;
}


static void
ngx_http_rtauth_fetch_discovered(ngx_rt_http_t *job)
{
    char                     *err;
    ngx_http_rtauth_fetch_t  *f;

    f = job->data;
    f->job = NULL;

    if (job->error.len) {
        f->error = job->error;
        f->fault = job->fault;
        ngx_http_rtauth_fetch_done(f, NULL);
        return;
    }

    err = ngx_http_rtauth_fetch_encoded(f);

    f->metadata.len = job->body.len;
    f->metadata.data = ngx_pstrdup(f->pool, &job->body);

    if (f->metadata.data == NULL) {
        err = "out of memory";
    }

    if (err == NULL) {
        err = ngx_http_rtauth_fetch_metadata(f, &f->metadata);
    }

    if (err == NULL
        && ngx_http_rtauth_fetch_ask_keys(f, &f->found) != NGX_OK)
    {
        err = "out of memory";
    }

    if (err) {
        ngx_http_rtauth_fetch_done(f, err);
    }
}


/* OpenID Connect Discovery 1.0, 4.3: the issuer must be ours, exactly */

static char *
ngx_http_rtauth_fetch_metadata(ngx_http_rtauth_fetch_t *f, ngx_str_t *body)
{
    rt_mem_t        mem;
    ngx_str_t       text;
    rt_json_t      *root, *issuer, *uri;
    rt_json_opts_t  opts;

    mem = ngx_rt_str_mem(f->pool);

    opts.flags = RT_JSON_UNIQUE|RT_JSON_NO_NUL;
    opts.max_depth = 16;
    opts.max_nodes = 8192;

    if (rt_json_parse(&mem, ngx_rt_str(body), &opts, &root, NULL) != RT_OK
        || root->type != RT_JSON_OBJECT)
    {
        return "the discovery document is no JSON object";
    }

    issuer = rt_json_member(root, "issuer");
    uri = rt_json_member(root, "jwks_uri");

    if (issuer == NULL || issuer->type != RT_JSON_STRING
        || !rt_str_eq(&issuer->str, &f->pcf->policy.issuer))
    {
        return ngx_http_rtauth_fetch_other(f, issuer);
    }

    if (f->pcf->jwks.text.len) {
        f->found = f->pcf->jwks;
        return NULL;
    }

    if (uri == NULL || uri->type != RT_JSON_STRING) {
        return "the discovery document has no \"jwks_uri\"";
    }

    text.len = uri->str.len;
    text.data = uri->str.data;

    return ngx_http_rtauth_fetch_jwks_uri(f, &text);
}


static char *
ngx_http_rtauth_fetch_other(ngx_http_rtauth_fetch_t *f, rt_json_t *issuer)
{
    size_t   len;
    u_char   shown[RT_LOGPATH_MAX], *text;

    static char  other[] = "the discovery document names another \"issuer\"";

    if (issuer == NULL || issuer->type != RT_JSON_STRING) {
        return other;
    }

    len = rt_logpath(shown, &issuer->str);

    text = ngx_pnalloc(f->pool, sizeof(other) + RT_LOGPATH_MAX
                                + f->pcf->provider->issuer.len + 32);
    if (text == NULL) {
        return other;
    }

    ngx_sprintf(text, "%s, \"%*s\", than the block: \"%V\"%Z", other, len,
                shown, &f->pcf->provider->issuer);

    return (char *) text;
}


/* https; in the clear only where discovery itself was configured so */

static char *
ngx_http_rtauth_fetch_jwks_uri(ngx_http_rtauth_fetch_t *f, ngx_str_t *text)
{
    char          *err;
    ngx_rt_url_t  *own, *url;

    own = &f->pcf->url;
    url = &f->found;

    if (ngx_rt_url_parse(f->pool, text, url, &err) != NGX_OK) {
        return "the discovery document has an invalid \"jwks_uri\"";
    }

    if (!url->parts.tls && !rt_url_same_origin(&own->parts, &url->parts)) {
        return "the discovery document has a \"jwks_uri\" that is not https";
    }

    if (url->naddrs == 0
        && rt_str_ieq(&url->parts.host, &own->parts.host))
    {
        url->addrs = own->addrs;
        url->naddrs = own->naddrs;
    }

    return NULL;
}


static void
ngx_http_rtauth_fetch_keys(ngx_rt_http_t *job)
{
    char                     *err;
    ngx_http_rtauth_fetch_t  *f;

    f = job->data;
    f->job = NULL;

    f->error = job->error;
    f->fault = job->fault;
    f->max_age = rt_cachecontrol_fresh(ngx_rt_str(&f->wanted[0].value),
                                       ngx_rt_str(&f->wanted[1].value));

    err = f->error.len ? NULL : ngx_http_rtauth_fetch_answered(f, job);

    ngx_http_rtauth_fetch_done(f, err);
}


static char *
ngx_http_rtauth_fetch_answered(ngx_http_rtauth_fetch_t *f, ngx_rt_http_t *job)
{
    char  *err;

    if (job->status == NGX_HTTP_NOT_MODIFIED) {
        f->doc = f->known;
        return NULL;
    }

    ngx_http_rtauth_fetch_etag(f);

    err = ngx_http_rtauth_fetch_encoded(f);

    return err ? err : ngx_http_rtauth_fetch_pack(f, &job->body);
}


/* one that can be sent back as it is, or none (RFC 9110, 8.8.3) */

static void
ngx_http_rtauth_fetch_etag(ngx_http_rtauth_fetch_t *f)
{
    size_t      i;
    ngx_str_t  *etag;

    etag = &f->wanted[3].value;
    f->etag.len = 0;

    if (f->wanted[3].count != 1 || etag->len < 2
        || etag->len > NGX_HTTP_RTAUTH_ETAG
        || etag->data[etag->len - 1] != '"')
    {
        return;
    }

    for (i = 0; i < etag->len; i++) {
        if (etag->data[i] <= 0x20 || etag->data[i] >= 0x7f) {
            return;
        }
    }

    f->etag = *etag;
}


/* the length of the metadata, in this host's order, and both texts */

static char *
ngx_http_rtauth_fetch_pack(ngx_http_rtauth_fetch_t *f, ngx_str_t *keys)
{
    u_char    *p;
    uint32_t   len;

    len = f->metadata.len;

    f->doc.len = sizeof(len) + len + keys->len;
    f->doc.data = ngx_pnalloc(f->pool, f->doc.len);

    if (f->doc.data == NULL) {
        return "out of memory";
    }

    p = ngx_cpymem(f->doc.data, &len, sizeof(len));
    p = ngx_cpymem(p, f->metadata.data, len);
    ngx_memcpy(p, keys->data, keys->len);

    return NULL;
}


ngx_int_t
ngx_http_rtauth_fetch_unpack(ngx_str_t *doc, ngx_str_t *metadata,
    ngx_str_t *keys)
{
    uint32_t  len;

    if (doc->len < sizeof(len)) {
        return NGX_ERROR;
    }

    ngx_memcpy(&len, doc->data, sizeof(len));

    if (len > doc->len - sizeof(len)) {
        return NGX_ERROR;
    }

    metadata->len = len;
    metadata->data = doc->data + sizeof(len);

    keys->len = doc->len - sizeof(len) - len;
    keys->data = metadata->data + len;

    return NGX_OK;
}


/* no Accept-Encoding was sent */

static char *
ngx_http_rtauth_fetch_encoded(ngx_http_rtauth_fetch_t *f)
{
    rt_str_t  *value;

    value = ngx_rt_str(&f->wanted[2].value);

    if (value->len == 0 || rt_str_lit(value, "identity")) {
        return NULL;
    }

    return "the answer is compressed (Content-Encoding), which was not asked "
           "for";
}


static void
ngx_http_rtauth_fetch_done(ngx_http_rtauth_fetch_t *f, char *err)
{
    if (err) {
        f->error.data = (u_char *) err;
        f->error.len = ngx_strlen(err);
        f->fault = NGX_RT_HTTP_FAULT_ANSWER;
    }

    f->handler(f);

    ngx_destroy_pool(f->pool);
}


void
ngx_http_rtauth_fetch_cancel(ngx_http_rtauth_fetch_t *f)
{
    if (f->job) {
        ngx_rt_http_cancel(f->job);
    }

    ngx_destroy_pool(f->pool);
}

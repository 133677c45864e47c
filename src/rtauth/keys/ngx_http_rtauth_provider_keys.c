
/*
 * Where a provider's keys come from, and whether whoever answers there can be
 * trusted: what the block by itself can tell, then all of http {}.
 */


#include "keys/ngx_http_rtauth_provider.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>


/* addresses that a line names */

typedef enum {
    NGX_HTTP_RTAUTH_JWKS_URI = 0,
    NGX_HTTP_RTAUTH_DISCOVERY,
    NGX_HTTP_RTAUTH_INTROSPECTION
} ngx_http_rtauth_address_e;


typedef struct {
    char        *line;
    size_t       text;      /* of pcf, ngx_str_t */
    size_t       at;        /* likewise, ngx_rt_where_t */
    char        *warning;   /* of plain http */
} ngx_http_rtauth_address_t;


#define ngx_http_rtauth_pcf(m)  offsetof(ngx_http_rtauth_provider_conf_t, m)

static ngx_http_rtauth_address_t  ngx_http_rtauth_provider_keys_rows[] = {

    [NGX_HTTP_RTAUTH_JWKS_URI] =
        { "jwks_uri", ngx_http_rtauth_pcf(jwks_uri),
          ngx_http_rtauth_pcf(at.jwks_uri),
          "rtauth_provider \"%V\": keys from \"%V\" come over plain http, "
          "whoever is on the way can sign in as anybody: write \"https://\"" },

    [NGX_HTTP_RTAUTH_DISCOVERY] =
        { "discovery", ngx_http_rtauth_pcf(discovery),
          ngx_http_rtauth_pcf(at.discovery),
          "rtauth_provider \"%V\": keys from \"%V\" come over plain http, "
          "whoever is on the way can sign in as anybody: write \"https://\"" },

    [NGX_HTTP_RTAUTH_INTROSPECTION] =
        { "introspection_endpoint",
          ngx_http_rtauth_pcf(introspection_endpoint),
          ngx_http_rtauth_pcf(at.introspection_endpoint),
          "rtauth_provider \"%V\": tokens go to \"%V\" over plain http, "
          "whoever is on the way can take them, or sign in as anybody: write "
          "\"https://\"" }
};


typedef struct {
    EVP_MD_CTX  *md;
    ngx_uint_t   failed;
} ngx_http_rtauth_fingerprint_t;


static char *ngx_http_rtauth_provider_keys_source(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static ngx_int_t ngx_http_rtauth_provider_keys_imply(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static char *ngx_http_rtauth_provider_keys_url(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_http_rtauth_address_e which,
    ngx_rt_url_t *url);
static ngx_rt_where_t *ngx_http_rtauth_provider_keys_at(
    ngx_http_rtauth_provider_conf_t *pcf, ngx_http_rtauth_address_e which);
static char *ngx_http_rtauth_provider_keys_hmac(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static char *ngx_http_rtauth_provider_keys_addresses(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static char *ngx_http_rtauth_provider_keys_resolve(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_http_rtauth_address_e which,
    ngx_rt_url_t *url);
static char *ngx_http_rtauth_provider_keys_trust(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);
static ngx_int_t ngx_http_rtauth_provider_keys_fingerprint(
    ngx_http_rtauth_provider_conf_t *pcf);


char *
ngx_http_rtauth_provider_keys(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    char  *rv;

    rv = ngx_http_rtauth_provider_keys_source(cf, pcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_rtauth_jwks_files_load(cf, pcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_rtauth_provider_keys_hmac(cf, pcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_http_rtauth_provider_keys_trust(cf, pcf);
}


/*
 * jwks_uri, or discovery; a file alone asks for neither.  Who signs people in
 * needs discovery in any case: it has the provider's other addresses.
 */

static char *
ngx_http_rtauth_provider_keys_source(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    ngx_http_rtauth_provider_t  *p;

    p = pcf->provider;

    if (pcf->discovery_off && p->client) {
        return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.discovery,
                   "\"discovery off\" leaves \"client_id\" without the "
                   "addresses to sign in at, leave the line out", &p->name);
    }

    if (pcf->jwks_uri.data && pcf->discovery.data && p->client == NULL) {
        return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.jwks_uri,
                   "both \"jwks_uri\" and \"discovery\", drop one of them",
                   &p->name);
    }

    if (pcf->jwks_uri.data == NULL && pcf->discovery.data == NULL
        && p->client == NULL)
    {
        if (pcf->files.nelts) {
            return NGX_CONF_OK;
        }

        if (pcf->discovery_off) {
            return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.discovery,
                       "\"discovery off\" leaves no keys: write \"jwks_file "
                       "PATH\" or \"jwks_uri URL\"", &p->name);
        }
    }

    if (pcf->discovery.data == NULL
        && (pcf->jwks_uri.data == NULL || p->client)
        && ngx_http_rtauth_provider_keys_imply(cf, pcf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    pcf->remote = 1;
    pcf->discover = (pcf->discovery.data != NULL);

    if (pcf->discover && pcf->jwks_uri.data
        && ngx_http_rtauth_provider_keys_url(cf, pcf,
                                             NGX_HTTP_RTAUTH_JWKS_URI,
                                             &pcf->jwks)
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (pcf->introspection_endpoint.data
        && ngx_http_rtauth_provider_keys_url(cf, pcf,
                                             NGX_HTTP_RTAUTH_INTROSPECTION,
                                             &pcf->ask)
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtauth_provider_keys_url(cf, pcf,
                                             pcf->discover
                                             ? NGX_HTTP_RTAUTH_DISCOVERY
                                             : NGX_HTTP_RTAUTH_JWKS_URI,
                                             &pcf->url);
}


/* OpenID Connect Discovery 1.0, 4.1 */

static ngx_int_t
ngx_http_rtauth_provider_keys_imply(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    size_t      len;
    ngx_str_t  *issuer;

    static ngx_str_t  path = ngx_string("/.well-known/openid-configuration");

    issuer = &pcf->provider->issuer;
    len = issuer->len - (issuer->data[issuer->len - 1] == '/');

    pcf->discovery.len = len + path.len;
    pcf->discovery.data = ngx_pnalloc(cf->pool, pcf->discovery.len);
    if (pcf->discovery.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(pcf->discovery.data, issuer->data, len);
    ngx_memcpy(pcf->discovery.data + len, path.data, path.len);

    pcf->implied = 1;

    return NGX_OK;
}


static char *
ngx_http_rtauth_provider_keys_url(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_http_rtauth_address_e which,
    ngx_rt_url_t *url)
{
    char                       *err;
    ngx_int_t                   rc;
    ngx_str_t                  *text;
    ngx_http_rtauth_address_t  *row;

    row = &ngx_http_rtauth_provider_keys_rows[which];
    text = ngx_rt_line_member(pcf, row->text, ngx_str_t);

    rc = ngx_rt_url_parse(cf->pool, text, url, &err);

    if (rc == NGX_ERROR) {
        return NGX_CONF_ERROR;
    }

    if (rc == NGX_DECLINED && which == NGX_HTTP_RTAUTH_DISCOVERY
        && pcf->implied)
    {
        return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.issuer,
                   "the keys of \"issuer %V\" cannot be discovered, for it %s; "
                   "write \"jwks_file PATH\" or \"jwks_uri https://...\"",
                   &pcf->provider->name, &pcf->provider->issuer, err);
    }

    if (rc == NGX_DECLINED) {
        return ngx_rt_conf_invalid_late(cf,
                                        ngx_http_rtauth_provider_keys_at(pcf,
                                                                 which),
                                        row->line, "URL", text,
                                        "write \"https://HOST/PATH\", for "
                                        "this one %s", err);
    }

    if (pcf->trusted.data && !url->parts.tls
        && which != NGX_HTTP_RTAUTH_INTROSPECTION)
    {
        return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.trusted,
                   "\"ssl_trusted_certificate\" is of no use with \"%V\": "
                   "write \"https://\"", &pcf->provider->name, text);
    }

    return NGX_CONF_OK;
}


/* the line that an address comes from */

static ngx_rt_where_t *
ngx_http_rtauth_provider_keys_at(ngx_http_rtauth_provider_conf_t *pcf,
    ngx_http_rtauth_address_e which)
{
    if (which == NGX_HTTP_RTAUTH_DISCOVERY && pcf->implied) {
        return &pcf->at.issuer;
    }

    return ngx_rt_line_member(pcf,
                              ngx_http_rtauth_provider_keys_rows[which].at,
                              ngx_rt_where_t);
}


/* HMAC keys are secrets: they come from a file only, and each has its use */

static char *
ngx_http_rtauth_provider_keys_hmac(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    uint32_t         have;
    ngx_uint_t       i;
    const rt_jwa_t  *alg;

    if ((pcf->algs & RT_JWA_HS) == 0) {
        return NGX_CONF_OK;
    }

    if (pcf->remote) {
        return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.algorithms,
                   "\"algorithms\" lists HMAC, whose keys are never fetched; "
                   "write \"jwks_file\" alone, and a provider of its own for "
                   "keys by URL", &pcf->provider->name);
    }

    have = 0;

    for (i = 0; i < pcf->file_keys.nkeys; i++) {
        have |= pcf->file_keys.keys[i].algs;
    }

    for (i = 0; i < RT_JWA_MAX; i++) {
        if ((pcf->algs & RT_JWA_HS & rt_jwa_bit(i)) && !(have & rt_jwa_bit(i)))
        {
            alg = rt_jwa(i);

            return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.algorithms,
                       "\"algorithms\" lists %*s, but no \"jwks_file\" has an "
                       "\"oct\" key of at least %uz bytes for it",
                       &pcf->provider->name, alg->name.len, alg->name.data,
                       alg->md_len);
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_keys_trust(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    BIO            *bio;
    X509           *x509;
    char           *rv;
    ngx_rt_file_t   file;

    pcf->http.agent = "nginx-rtauth";
    pcf->http.keepalive = NGX_HTTP_RTAUTH_KEEPALIVE;

    if (pcf->trusted.data == NULL) {
        return NGX_CONF_OK;
    }

    if (ngx_conf_full_name(cf->cycle, &pcf->trusted, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    rv = ngx_http_rtauth_read_file(cf, pcf, "ssl_trusted_certificate",
                                   &pcf->trusted, &pcf->at.trusted,
                                   NGX_HTTP_RTAUTH_MAX_CA, &file);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    pcf->http.trusted = file.text;

    bio = BIO_new_mem_buf(pcf->http.trusted.data, pcf->http.trusted.len);
    x509 = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    X509_free(x509);
    ERR_clear_error();

    if (x509 == NULL) {
        return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.trusted,
                   "\"ssl_trusted_certificate %V\" has no certificate, it "
                   "must be a PEM file", &pcf->provider->name, &pcf->trusted);
    }

    return NGX_CONF_OK;
}


/*
 * When all of http {} is known.  Errors name the place of a line of the block:
 * cf's own is the end of http {}.
 */

char *
ngx_http_rtauth_provider_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    char                              *rv;
    ngx_uint_t                         i;
    ngx_http_rtauth_provider_t       **p;
    ngx_http_rtauth_provider_conf_t   *pcf;

    p = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        pcf = p[i]->conf;

        if (mcf->zone == NULL) {
            return ngx_http_rtauth_provider_late(cf, pcf, &pcf->at.block,
                       "no memory for its keys: write \"rtauth_zone 16m\" in "
                       "http", &p[i]->name);
        }

        rv = ngx_http_rtauth_provider_keys_addresses(cf, pcf);
        if (rv != NGX_CONF_OK) {
            return rv;
        }

        if (ngx_http_rtauth_provider_keys_fingerprint(pcf) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_keys_addresses(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    ngx_http_rtauth_address_e  which;

    which = pcf->discover ? NGX_HTTP_RTAUTH_DISCOVERY
                          : NGX_HTTP_RTAUTH_JWKS_URI;

    if (pcf->remote
        && ngx_http_rtauth_provider_keys_resolve(cf, pcf, which, &pcf->url)
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (pcf->jwks.text.len
        && ngx_http_rtauth_provider_keys_resolve(cf, pcf,
                                                 NGX_HTTP_RTAUTH_JWKS_URI,
                                                 &pcf->jwks)
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (pcf->ask.text.len
        && ngx_http_rtauth_provider_keys_resolve(cf, pcf,
                                                 NGX_HTTP_RTAUTH_INTROSPECTION,
                                                 &pcf->ask)
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_provider_keys_resolve(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_http_rtauth_address_e which,
    ngx_rt_url_t *url)
{
    char                      *err;
    ngx_int_t                  rc;
    ngx_rt_where_t            *where;
    ngx_http_core_loc_conf_t  *clcf;

    where = ngx_http_rtauth_provider_keys_at(pcf, which);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->resolver && clcf->resolver->connections.nelts) {
        pcf->http.resolver = clcf->resolver;
    }

    rc = ngx_rt_url_resolve(cf->pool, url, &err);

    if (rc == NGX_ERROR) {
        return NGX_CONF_ERROR;
    }

    if (rc == NGX_DECLINED) {

        if (pcf->http.resolver == NULL) {
            return ngx_http_rtauth_provider_late(cf, pcf, where,
                       "%s in \"%V\", mend the name or write \"resolver "
                       "ADDRESS\" in http", &pcf->provider->name, err,
                       &url->text);
        }

        ngx_rt_conf_warn(cf, where,
                         "rtauth_provider \"%V\": %s in \"%V\", will ask the "
                         "resolver later", &pcf->provider->name, err,
                         &url->text);
    }

    if (url->parts.tls || ngx_rt_url_loopback(url)) {
        return NGX_CONF_OK;
    }

    /* keys that came in the clear are anybody's keys */

    if (which == NGX_HTTP_RTAUTH_DISCOVERY && pcf->implied) {
        return ngx_http_rtauth_provider_late(cf, pcf, where,
                   "keys would be discovered over plain http from \"%V\": "
                   "write an https issuer, or \"jwks_uri\" or \"jwks_file\"",
                   &pcf->provider->name, &url->text);
    }

    ngx_rt_conf_warn(cf, where,
                     ngx_http_rtauth_provider_keys_rows[which].warning,
                     &pcf->provider->name, &url->text);

    return NGX_CONF_OK;
}


/*
 * Two digests: of the place keys come from (the slot's name), and of all that
 * decides whether a token is good (a part of the token cache's key).
 */

static void
ngx_http_rtauth_provider_keys_add(ngx_http_rtauth_fingerprint_t *fp, void *data,
    size_t len)
{
    /* the length first: two values never read as one */

    if (EVP_DigestUpdate(fp->md, &len, sizeof(len)) != 1
        || EVP_DigestUpdate(fp->md, data, len) != 1)
    {
        fp->failed = 1;
    }
}


static ngx_int_t
ngx_http_rtauth_provider_keys_fingerprint(ngx_http_rtauth_provider_conf_t *pcf)
{
    size_t                         i;
    ngx_http_rtauth_fingerprint_t  fp;

    fp.failed = 0;
    fp.md = EVP_MD_CTX_new();
    if (fp.md == NULL) {
        return NGX_ERROR;
    }

    if (EVP_DigestInit_ex(fp.md, EVP_sha256(), NULL) != 1) {
        fp.failed = 1;
    }

    ngx_http_rtauth_provider_keys_add(&fp, pcf->policy.issuer.data,
                                      pcf->policy.issuer.len);
    ngx_http_rtauth_provider_keys_add(&fp, &pcf->algs, sizeof(pcf->algs));

    if (pcf->remote) {
        ngx_http_rtauth_provider_keys_add(&fp, pcf->url.text.data,
                                          pcf->url.text.len);
        ngx_http_rtauth_provider_keys_add(&fp, pcf->jwks.text.data,
                                          pcf->jwks.text.len);
        ngx_http_rtauth_provider_keys_add(&fp, pcf->http.trusted.data,
                                          pcf->http.trusted.len);
    }

    if (EVP_DigestFinal_ex(fp.md, pcf->source, NULL) != 1
        || EVP_DigestInit_ex(fp.md, EVP_sha256(), NULL) != 1)
    {
        fp.failed = 1;
    }

    ngx_http_rtauth_provider_keys_add(&fp, pcf->source, sizeof(pcf->source));
    ngx_http_rtauth_provider_keys_add(&fp, pcf->file_digest,
                                      sizeof(pcf->file_digest));
    ngx_http_rtauth_provider_keys_add(&fp, pcf->provider->name.data,
                                      pcf->provider->name.len);
    ngx_http_rtauth_provider_keys_add(&fp, &pcf->introspection,
                                      sizeof(pcf->introspection));
    ngx_http_rtauth_provider_keys_add(&fp, pcf->ask.text.data,
                                      pcf->ask.text.len);
    ngx_http_rtauth_provider_keys_add(&fp, &pcf->require_sub,
                                      sizeof(pcf->require_sub));
    ngx_http_rtauth_provider_keys_add(&fp, &pcf->policy.bound,
                                      sizeof(pcf->policy.bound));
    ngx_http_rtauth_provider_keys_add(&fp, &pcf->leeway, sizeof(pcf->leeway));
    ngx_http_rtauth_provider_keys_add(&fp, &pcf->policy.max_lifetime,
                                      sizeof(pcf->policy.max_lifetime));
    ngx_http_rtauth_provider_keys_add(&fp, &pcf->policy.client_audience,
                                      sizeof(pcf->policy.client_audience));
    ngx_http_rtauth_provider_keys_add(&fp, pcf->policy.client_id.data,
                                      pcf->policy.client_id.len);
    ngx_http_rtauth_provider_keys_add(&fp, &pcf->policy.naudiences,
                                      sizeof(pcf->policy.naudiences));

    for (i = 0; i < pcf->policy.naudiences; i++) {
        ngx_http_rtauth_provider_keys_add(&fp, pcf->policy.audiences[i].data,
                                          pcf->policy.audiences[i].len);
    }

    ngx_http_rtauth_provider_keys_add(&fp, &pcf->policy.ntypes,
                                      sizeof(pcf->policy.ntypes));

    for (i = 0; i < pcf->policy.ntypes; i++) {
        ngx_http_rtauth_provider_keys_add(&fp, pcf->policy.types[i].data,
                                          pcf->policy.types[i].len);
    }

    if (EVP_DigestFinal_ex(fp.md, pcf->fingerprint, NULL) != 1) {
        fp.failed = 1;
    }

    EVP_MD_CTX_free(fp.md);

    return fp.failed ? NGX_ERROR : NGX_OK;
}

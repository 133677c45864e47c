
/*
 * jwks_file: read and loaded by the master, at start and at each reload, and by
 * a worker that saw it change.
 */

#include "keys/ngx_http_rtauth_provider.h"

#include <openssl/evp.h>


/* nginx does not start with a bad file, and goes on with the keys it has */

#define ngx_http_rtauth_jwks_file_level(cf)                                   \
    ((cf)->conf_file ? NGX_LOG_EMERG : NGX_LOG_ERR)


static char *ngx_http_rtauth_jwks_file_parse(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_str_t *name, ngx_rt_file_t *file,
    rt_jwks_t *set);
static ngx_uint_t ngx_http_rtauth_jwks_file_has_secret(rt_jwks_t *set);
static char *ngx_http_rtauth_jwks_file_join(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, rt_jwks_t *sets, rt_jwks_t *keys);
static void ngx_http_rtauth_jwks_file_cleanup(void *data);


char *
ngx_http_rtauth_jwks_files_load(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    char           *rv;
    ngx_rt_file_t  *texts;

    if (pcf->files.nelts == 0) {
        return NGX_CONF_OK;
    }

    texts = ngx_pcalloc(cf->pool, pcf->files.nelts * sizeof(ngx_rt_file_t));
    if (texts == NULL) {
        return NGX_CONF_ERROR;
    }

    rv = ngx_http_rtauth_jwks_files_read(cf, pcf, texts, pcf->file_digest);

    if (rv == NGX_CONF_OK) {
        rv = ngx_http_rtauth_jwks_files_parse(cf, pcf, texts, &pcf->file_keys);
    }

    ngx_http_rtauth_jwks_files_wipe(pcf, texts);

    return rv;
}


char *
ngx_http_rtauth_jwks_files_read(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_rt_file_t *texts, u_char *digest)
{
    int                           ok;
    char                         *rv;
    ngx_uint_t                    i;
    EVP_MD_CTX                   *md;
    ngx_http_rtauth_jwks_file_t  *file;

    file = pcf->files.elts;

    for (i = 0; i < pcf->files.nelts; i++) {
        rv = ngx_http_rtauth_read_file(cf, pcf, "jwks_file", &file[i].name,
                                       &file[i].where, RT_JWKS_MAX_TEXT,
                                       &texts[i]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    md = EVP_MD_CTX_new();
    ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

    for (i = 0; i < pcf->files.nelts && ok; i++) {
        ok = EVP_DigestUpdate(md, &texts[i].text.len, sizeof(size_t)) == 1
             && EVP_DigestUpdate(md, texts[i].text.data, texts[i].text.len)
                == 1;
    }

    ok = ok && EVP_DigestFinal_ex(md, digest, NULL) == 1;

    EVP_MD_CTX_free(md);

    return ok ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_rtauth_jwks_files_parse(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_rt_file_t *texts, rt_jwks_t *keys)
{
    char                         *rv;
    rt_jwks_t                    *sets;
    ngx_uint_t                    i;
    ngx_pool_cleanup_t           *cln;
    ngx_http_rtauth_jwks_file_t  *file;

    file = pcf->files.elts;

    sets = ngx_pcalloc(cf->pool, pcf->files.nelts * sizeof(rt_jwks_t));
    if (sets == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < pcf->files.nelts; i++) {
        cln = ngx_pool_cleanup_add(cf->pool, 0);
        if (cln == NULL) {
            return NGX_CONF_ERROR;
        }

        cln->handler = ngx_http_rtauth_jwks_file_cleanup;
        cln->data = &sets[i];

        ngx_rt_conf_swap(cf, &file[i].where);

        rv = ngx_http_rtauth_jwks_file_parse(cf, pcf, &file[i].name, &texts[i],
                                             &sets[i]);

        ngx_rt_conf_swap(cf, &file[i].where);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return ngx_http_rtauth_jwks_file_join(cf, pcf, sets, keys);
}


static char *
ngx_http_rtauth_jwks_file_parse(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_str_t *name, ngx_rt_file_t *file,
    rt_jwks_t *set)
{
    rt_mem_t      mem;
    unsigned      i;
    const char   *err;

    mem = ngx_rt_str_mem(cf->pool);

    if (rt_jwks_load(&mem, ngx_rt_str(&file->text), pcf->algs, set, &err)
        != RT_OK)
    {
        ngx_conf_log_error(ngx_http_rtauth_jwks_file_level(cf), cf, 0,
                           "rtauth_provider \"%V\": \"jwks_file %V\" %s%s%s; "
                           "it must be a JWK Set with a key for one of the "
                           "\"algorithms\"", &pcf->provider->name, name, err,
                           set->nskips ? ", its first key: " : "",
                           set->nskips ? set->skips[0].why : "");
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < set->nskips; i++) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "rtauth_provider \"%V\": \"jwks_file %V\": key %ui "
                           "is not used: %s", &pcf->provider->name, name,
                           (ngx_uint_t) set->skips[i].index,
                           set->skips[i].why);
    }

    if (file->others && ngx_http_rtauth_jwks_file_has_secret(set)) {
        ngx_conf_log_error(ngx_http_rtauth_jwks_file_level(cf), cf, 0,
                           "rtauth_provider \"%V\": \"jwks_file %V\" has an "
                           "HMAC key and may be read by all users, make it "
                           "\"chmod o= %V\"", &pcf->provider->name, name,
                           name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_rtauth_jwks_file_has_secret(rt_jwks_t *set)
{
    unsigned  i;

    for (i = 0; i < set->nkeys; i++) {
        if (set->keys[i].kty == RT_KTY_OCT) {
            return 1;
        }
    }

    return 0;
}


/* one table over all files; the sets it points into keep what they own */

static char *
ngx_http_rtauth_jwks_file_join(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, rt_jwks_t *sets, rt_jwks_t *keys)
{
    rt_jwk_t    *key;
    ngx_uint_t   i, n;

    n = 0;

    for (i = 0; i < pcf->files.nelts; i++) {
        n += sets[i].nkeys;
    }

    key = ngx_palloc(cf->pool, n * sizeof(rt_jwk_t));
    if (key == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(keys, sizeof(rt_jwks_t));
    keys->keys = key;
    keys->nkeys = n;

    for (i = 0; i < pcf->files.nelts; i++) {
        key = (rt_jwk_t *) ngx_cpymem((u_char *) key, sets[i].keys,
                                      sets[i].nkeys * sizeof(rt_jwk_t));
    }

    return NGX_CONF_OK;
}


static void
ngx_http_rtauth_jwks_file_cleanup(void *data)
{
    rt_jwks_destroy(data);
}


void
ngx_http_rtauth_jwks_files_wipe(ngx_http_rtauth_provider_conf_t *pcf,
    ngx_rt_file_t *texts)
{
    ngx_uint_t  i;

    for (i = 0; i < pcf->files.nelts; i++) {
        ngx_explicit_memzero(texts[i].text.data, texts[i].text.len);
    }
}


char *
ngx_http_rtauth_read_file(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, char *directive, ngx_str_t *name,
    ngx_rt_where_t *where, size_t max, ngx_rt_file_t *file)
{
    ngx_int_t  rc;

    ngx_rt_conf_swap(cf, where);

    rc = ngx_rt_file_read(cf, name, max, file);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(ngx_http_rtauth_jwks_file_level(cf), cf, file->err,
                           "rtauth_provider \"%V\": \"%s %V\" %s",
                           &pcf->provider->name, directive, name, file->fault);
    }

    ngx_rt_conf_swap(cf, where);

    return (rc == NGX_OK) ? NGX_CONF_OK : NGX_CONF_ERROR;
}

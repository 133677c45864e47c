
/* jwks_file: read and loaded by the master, at start and at each reload. */

#include "keys/ngx_http_rtauth_provider.h"

#include <openssl/evp.h>


static char *ngx_http_rtauth_jwks_file_load(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf,
    ngx_http_rtauth_jwks_file_t *from, rt_jwks_t *set, EVP_MD_CTX *md);
static char *ngx_http_rtauth_jwks_file_check(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf,
    ngx_http_rtauth_jwks_file_t *from, rt_jwks_t *set, ngx_uint_t others);
static char *ngx_http_rtauth_jwks_file_join(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, rt_jwks_t *sets);
static void ngx_http_rtauth_jwks_file_cleanup(void *data);


char *
ngx_http_rtauth_jwks_files_load(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf)
{
    char                         *rv;
    ngx_uint_t                    i;
    rt_jwks_t                    *sets;
    EVP_MD_CTX                   *md;
    ngx_http_rtauth_jwks_file_t  *file;

    if (pcf->files.nelts == 0) {
        return NGX_CONF_OK;
    }

    file = pcf->files.elts;

    sets = ngx_pcalloc(cf->pool, pcf->files.nelts * sizeof(rt_jwks_t));
    md = EVP_MD_CTX_new();

    if (sets == NULL || md == NULL
        || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
    {
        EVP_MD_CTX_free(md);
        return NGX_CONF_ERROR;
    }

    rv = NGX_CONF_OK;

    for (i = 0; i < pcf->files.nelts && rv == NGX_CONF_OK; i++) {
        rv = ngx_http_rtauth_jwks_file_load(cf, pcf, &file[i], &sets[i], md);
    }

    if (rv == NGX_CONF_OK
        && EVP_DigestFinal_ex(md, pcf->file_digest, NULL) != 1)
    {
        rv = NGX_CONF_ERROR;
    }

    EVP_MD_CTX_free(md);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_http_rtauth_jwks_file_join(cf, pcf, sets);
}


static char *
ngx_http_rtauth_jwks_file_load(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf,
    ngx_http_rtauth_jwks_file_t *from, rt_jwks_t *set, EVP_MD_CTX *md)
{
    char                *rv;
    rt_mem_t             mem;
    const char          *err;
    rt_status_e          rc;
    ngx_rt_file_t        file;
    ngx_pool_cleanup_t  *cln;

    rv = ngx_http_rtauth_read_file(cf, pcf, "jwks_file", &from->name,
                                   &from->where, RT_JWKS_MAX_TEXT, &file);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_rtauth_jwks_file_cleanup;
    cln->data = set;

    mem = ngx_rt_str_mem(cf->pool);

    rc = rt_jwks_load(&mem, ngx_rt_str(&file.text), pcf->algs, set, &err);

    if (EVP_DigestUpdate(md, file.text.data, file.text.len) != 1) {
        return NGX_CONF_ERROR;
    }

    /* HMAC keys may have been in there */

    ngx_explicit_memzero(file.text.data, file.text.len);

    if (rc != RT_OK) {
        return ngx_http_rtauth_provider_late(cf, pcf, &from->where,
                   "\"jwks_file %V\" %s%s%s; it must be a JWK Set with a key "
                   "for one of the \"algorithms\"", &pcf->provider->name,
                   &from->name, err, set->nskips ? ", its first key: " : "",
                   set->nskips ? set->skips[0].why : "");
    }

    return ngx_http_rtauth_jwks_file_check(cf, pcf, from, set, file.others);
}


static char *
ngx_http_rtauth_jwks_file_check(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf,
    ngx_http_rtauth_jwks_file_t *from, rt_jwks_t *set, ngx_uint_t others)
{
    unsigned  i;

    for (i = 0; i < set->nskips; i++) {
        ngx_rt_conf_warn(cf, &from->where,
                         "rtauth_provider \"%V\": \"jwks_file %V\": key %ui "
                         "is not used: %s", &pcf->provider->name, &from->name,
                         (ngx_uint_t) set->skips[i].index, set->skips[i].why);
    }

    for (i = 0; i < set->nkeys; i++) {
        if (set->keys[i].kty == RT_KTY_OCT && others) {
            return ngx_http_rtauth_provider_late(cf, pcf, &from->where,
                       "\"jwks_file %V\" has an HMAC key and may be read by "
                       "all users, make it \"chmod o= %V\"",
                       &pcf->provider->name, &from->name, &from->name);
        }
    }

    return NGX_CONF_OK;
}


/* one table over all files; the sets it points into keep what they own */

static char *
ngx_http_rtauth_jwks_file_join(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, rt_jwks_t *sets)
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

    pcf->file_keys.keys = key;
    pcf->file_keys.nkeys = n;

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


char *
ngx_http_rtauth_read_file(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, char *directive, ngx_str_t *name,
    ngx_rt_where_t *where, size_t max, ngx_rt_file_t *file)
{
    ngx_int_t  rc;

    ngx_rt_conf_swap(cf, where);

    rc = ngx_rt_file_read(cf, name, max, file);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, file->err,
                           "rtauth_provider \"%V\": \"%s %V\" %s",
                           &pcf->provider->name, directive, name, file->fault);
    }

    ngx_rt_conf_swap(cf, where);

    return (rc == NGX_OK) ? NGX_CONF_OK : NGX_CONF_ERROR;
}

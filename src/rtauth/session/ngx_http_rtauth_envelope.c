
#include "session/ngx_http_rtauth_envelope.h"
#include "session/ngx_http_rtauth_jar.h"
#include "session/ngx_http_rtauth_stores.h"
#include "keys/ngx_http_rtauth_worker.h"
#include "text/rt_b64.h"

#include <openssl/crypto.h>


static ngx_uint_t ngx_http_rtauth_envelope_stateless(ngx_http_request_t *r);
static ngx_http_rtauth_sessions_t *ngx_http_rtauth_envelope_sessions(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_envelope_name(ngx_http_request_t *r,
    ngx_str_t *bytes, u_char *name);
static ngx_uint_t ngx_http_rtauth_envelope_keys(ngx_http_request_t *r,
    ngx_http_rtauth_envelope_t *envelope, rt_seal_key_t **keys);
static ngx_uint_t ngx_http_rtauth_envelope_derive(ngx_http_request_t *r,
    rt_str_t *salt, rt_str_t *info, rt_str_t *other, rt_seal_key_t **keys);
static void ngx_http_rtauth_envelope_wipe(void *data);
static ngx_int_t ngx_http_rtauth_envelope_aad(ngx_http_request_t *r,
    rt_str_t *aad);


static ngx_http_rtauth_sessions_t *
ngx_http_rtauth_envelope_sessions(ngx_http_request_t *r)
{
    ngx_http_rtauth_srv_conf_t  *scf;

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    return scf->sessions;
}


static ngx_uint_t
ngx_http_rtauth_envelope_stateless(ngx_http_request_t *r)
{
    return ngx_http_rtauth_stores(ngx_http_rtauth_envelope_sessions(r))
           ->stateless;
}


ngx_int_t
ngx_http_rtauth_envelope_new(ngx_http_request_t *r,
    ngx_http_rtauth_envelope_t *envelope)
{
    rt_mem_t   mem;
    rt_str_t   bytes, text;

    ngx_memzero(envelope, sizeof(ngx_http_rtauth_envelope_t));

    if (ngx_http_rtauth_envelope_stateless(r)) {
        return NGX_OK;
    }

    if (rt_seal_random(envelope->secret, sizeof(envelope->secret)) != RT_OK) {
        return NGX_ERROR;
    }

    mem = ngx_rt_str_mem(r->pool);
    bytes.len = sizeof(envelope->secret);
    bytes.data = envelope->secret;

    if (rt_b64_encode(&mem, &bytes, &text) != RT_OK) {
        return NGX_ERROR;
    }

    envelope->cookie = ngx_rt_str_copy(&text);

    return ngx_http_rtauth_envelope_name(r, ngx_rt_ngx(&bytes),
                                         envelope->name);
}


ngx_int_t
ngx_http_rtauth_envelope_read(ngx_http_request_t *r, ngx_str_t *cookie,
    ngx_http_rtauth_envelope_t *envelope)
{
    rt_mem_t     mem;
    rt_str_t     bytes;
    rt_status_e  rc;

    ngx_memzero(envelope, sizeof(ngx_http_rtauth_envelope_t));

    envelope->cookie = *cookie;

    if (ngx_http_rtauth_envelope_stateless(r)) {
        return ngx_http_rtauth_envelope_name(r, cookie, envelope->name);
    }

    if (cookie->len != NGX_HTTP_RTAUTH_ENVELOPE_TEXT) {
        return NGX_DECLINED;
    }

    mem = ngx_rt_str_mem(r->pool);

    rc = rt_b64_decode(&mem, ngx_rt_str(cookie), &bytes);

    if (rc != RT_OK || bytes.len != sizeof(envelope->secret)) {
        return rc == RT_ERROR ? NGX_ERROR : NGX_DECLINED;
    }

    ngx_memcpy(envelope->secret, bytes.data, bytes.len);

    return ngx_http_rtauth_envelope_name(r, ngx_rt_ngx(&bytes),
                                         envelope->name);
}


static ngx_int_t
ngx_http_rtauth_envelope_name(ngx_http_request_t *r, ngx_str_t *bytes,
    u_char *name)
{
    ngx_http_rtauth_worker_t  *w;

    w = ngx_http_rtauth_worker(
             ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));

    return w ? ngx_http_rtauth_digest(w, bytes, name) : NGX_ERROR;
}


ngx_int_t
ngx_http_rtauth_envelope_seal(ngx_http_request_t *r,
    ngx_http_rtauth_envelope_t *envelope, rt_str_t *plain, ngx_str_t *sealed)
{
    rt_mem_t        mem;
    rt_str_t        aad, out;
    rt_status_e     rc;
    rt_seal_key_t  *keys;

    if (ngx_http_rtauth_envelope_keys(r, envelope, &keys) == 0
        || ngx_http_rtauth_envelope_aad(r, &aad) != NGX_OK)
    {
        return NGX_ERROR;
    }

    mem = ngx_rt_str_mem(r->pool);

    if (!ngx_http_rtauth_envelope_stateless(r)) {
        rc = rt_seal(&mem, &keys[0], &aad, plain, &out);
        *sealed = ngx_rt_str_copy(&out);

        return rc == RT_OK ? NGX_OK
               : rc == RT_TOO_BIG ? NGX_DECLINED : NGX_ERROR;
    }

    rc = rt_seal_text(&mem, &keys[0], &aad, plain, &out);

    if (rc == RT_TOO_BIG
        || (rc == RT_OK && out.len > NGX_HTTP_RTAUTH_JAR_MAX_SESSION))
    {
        return NGX_DECLINED;
    }

    if (rc != RT_OK) {
        return NGX_ERROR;
    }

    ngx_str_null(sealed);
    envelope->cookie = ngx_rt_str_copy(&out);

    return NGX_OK;
}


ngx_int_t
ngx_http_rtauth_envelope_open(ngx_http_request_t *r,
    ngx_http_rtauth_envelope_t *envelope, rt_mem_t *mem, ngx_str_t *sealed,
    rt_str_t *plain)
{
    rt_str_t        aad;
    unsigned        n;
    rt_status_e     rc;
    rt_seal_key_t  *keys;

    n = ngx_http_rtauth_envelope_keys(r, envelope, &keys);

    if (n == 0 || ngx_http_rtauth_envelope_aad(r, &aad) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_rtauth_envelope_stateless(r)) {
        rc = rt_unseal_text(mem, keys, n, &aad,
                            ngx_rt_str(&envelope->cookie), plain, NULL);
    } else {
        rc = rt_unseal(mem, keys, n, &aad, ngx_rt_str(sealed), plain, NULL);
    }

    return rc == RT_OK ? NGX_OK
           : rc == RT_DECLINED ? NGX_DECLINED : NGX_ERROR;
}


static ngx_uint_t
ngx_http_rtauth_envelope_keys(ngx_http_request_t *r,
    ngx_http_rtauth_envelope_t *envelope, rt_seal_key_t **keys)
{
    rt_str_t  salt, none;

    static rt_str_t  kept = rt_string("rtauth session");
    static rt_str_t  cookie = rt_string("rtauth session cookie");

    none = (rt_str_t) rt_null_string;

    if (ngx_http_rtauth_envelope_stateless(r)) {
        return ngx_http_rtauth_envelope_derive(r, &none, &cookie, NULL, keys);
    }

    salt.len = sizeof(envelope->secret);
    salt.data = envelope->secret;

    return ngx_http_rtauth_envelope_derive(r, &salt, &kept, &none, keys);
}


ngx_uint_t
ngx_http_rtauth_envelope_login_keys(ngx_http_request_t *r,
    rt_seal_key_t **keys)
{
    rt_str_t                      none, other;
    ngx_http_rtauth_root_t       *root;
    ngx_http_rtauth_main_conf_t  *mcf;

    static rt_str_t  info = rt_string("rtauth login");

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    root = ngx_http_rtauth_root(mcf->zone);

    none = (rt_str_t) rt_null_string;
    other.len = sizeof(root->secret);
    other.data = root->secret;

    return ngx_http_rtauth_envelope_derive(r, &none, &info, &other, keys);
}


/*
 * Derives a key from each configured one, or from "other" where there is none.
 */

static ngx_uint_t
ngx_http_rtauth_envelope_derive(ngx_http_request_t *r, rt_str_t *salt,
    rt_str_t *info, rt_str_t *other, rt_seal_key_t **keys)
{
    ngx_str_t                   *key;
    ngx_uint_t                   i, n;
    ngx_pool_cleanup_t          *cln;
    ngx_http_rtauth_sessions_t  *sessions;

    sessions = ngx_http_rtauth_envelope_sessions(r);

    key = sessions->keys ? sessions->keys->elts : ngx_rt_ngx(other);
    n = sessions->keys ? sessions->keys->nelts : (other != NULL);

    cln = ngx_pool_cleanup_add(r->pool,
                               NGX_HTTP_RTAUTH_SESSION_MAX_KEYS
                               * sizeof(rt_seal_key_t));
    if (cln == NULL) {
        return 0;
    }

    cln->handler = ngx_http_rtauth_envelope_wipe;
    *keys = cln->data;

    for (i = 0; i < n; i++) {
        if (rt_seal_derive(&(*keys)[i], ngx_rt_str(&key[i]), salt, info)
            != RT_OK)
        {
            return 0;
        }
    }

    return n;
}


static void
ngx_http_rtauth_envelope_wipe(void *data)
{
    OPENSSL_cleanse(data, NGX_HTTP_RTAUTH_SESSION_MAX_KEYS
                          * sizeof(rt_seal_key_t));
}


/* what binds a record to its purpose, its cookie's name and its host */

static ngx_int_t
ngx_http_rtauth_envelope_aad(ngx_http_request_t *r, rt_str_t *aad)
{
    u_char                      *p;
    ngx_http_rtauth_srv_conf_t  *scf;

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    p = ngx_pnalloc(r->pool, sizeof("rtauth session\n\n")
                             + scf->sessions->cookie.len + scf->origin.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    aad->data = p;
    aad->len = ngx_sprintf(p, "rtauth session\n%V\n%V",
                           &scf->sessions->cookie, &scf->origin) - p;

    return NGX_OK;
}

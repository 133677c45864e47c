
#include "login/ngx_http_rtauth_attempt.h"
#include "session/ngx_http_rtauth_envelope.h"
#include "session/ngx_http_rtauth_jar.h"

#include <openssl/crypto.h>


static ngx_int_t ngx_http_rtauth_attempt_open(ngx_http_request_t *r,
    ngx_uint_t i, rt_login_t *login);
static ngx_uint_t ngx_http_rtauth_attempt_is_done(rt_login_t *login);
static ngx_int_t ngx_http_rtauth_attempt_set(ngx_http_request_t *r,
    ngx_uint_t i, rt_login_t *login, time_t max_age);
static ngx_int_t ngx_http_rtauth_attempt_aad(ngx_http_request_t *r,
    rt_str_t *aad);


ngx_int_t
ngx_http_rtauth_attempt_done(ngx_http_request_t *r)
{
    ngx_int_t   rc, n;
    ngx_uint_t  i;
    rt_login_t  login;

    n = 0;

    for (i = 0; i < NGX_HTTP_RTAUTH_JAR_LOGINS; i++) {

        rc = ngx_http_rtauth_attempt_open(r, i, &login);

        if (rc == NGX_ERROR) {
            return -1;
        }

        if (rc == NGX_OK && ngx_http_rtauth_attempt_is_done(&login)
            && ngx_time() - login.time < NGX_HTTP_RTAUTH_ATTEMPT_DONE)
        {
            n++;
        }

        OPENSSL_cleanse(&login, sizeof(rt_login_t));
    }

    return n;
}


ngx_int_t
ngx_http_rtauth_attempt_begin(ngx_http_request_t *r, uint32_t provider,
    ngx_uint_t stepup, rt_login_t *login)
{
    int64_t     oldest, age;
    ngx_int_t   rc;
    ngx_uint_t  i, place;

    place = 0;
    oldest = -1;

    for (i = 0; i < NGX_HTTP_RTAUTH_JAR_LOGINS; i++) {

        rc = ngx_http_rtauth_attempt_open(r, i, login);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        age = (rc == NGX_OK) ? ngx_time() - login->time
                             : RT_CLAIMS_MAX_TIME;
        if (age > oldest) {
            oldest = age;
            place = i;
        }
    }

    if (rt_login_begin(login, provider, ngx_time(), stepup) != RT_OK) {
        return NGX_ERROR;
    }

    return ngx_http_rtauth_attempt_set(r, place, login,
                                       NGX_HTTP_RTAUTH_ATTEMPT_TIME);
}


ngx_int_t
ngx_http_rtauth_attempt_take(ngx_http_request_t *r, rt_str_t *state,
    rt_login_t *login, rt_str_t *to)
{
    rt_mem_t     mem;
    ngx_int_t    rc;
    ngx_uint_t   i;
    rt_login_t   done;
    rt_status_e  status;

    mem = ngx_rt_str_mem(r->pool);

    for (i = 0; i < NGX_HTTP_RTAUTH_JAR_LOGINS; i++) {

        rc = ngx_http_rtauth_attempt_open(r, i, login);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc != NGX_OK || ngx_http_rtauth_attempt_is_done(login)
            || ngx_time() - login->time >= NGX_HTTP_RTAUTH_ATTEMPT_TIME)
        {
            continue;
        }

        status = rt_login_state(&mem, login, state, to);

        if (status == RT_ERROR) {
            return NGX_ERROR;
        }

        if (status == RT_OK) {
            done = *login;
            done.time = ngx_time();
            ngx_memzero(done.secret, sizeof(done.secret));

            return ngx_http_rtauth_attempt_set(r, i, &done,
                                               NGX_HTTP_RTAUTH_ATTEMPT_DONE);
        }
    }

    OPENSSL_cleanse(login, sizeof(rt_login_t));

    return NGX_DECLINED;
}


/* a secret of zeros is never made: whoever has one has come back */

static ngx_uint_t
ngx_http_rtauth_attempt_is_done(rt_login_t *login)
{
    static const u_char  zero[RT_LOGIN_SECRET];

    return CRYPTO_memcmp(login->secret, zero, sizeof(zero)) == 0;
}


static ngx_int_t
ngx_http_rtauth_attempt_open(ngx_http_request_t *r, ngx_uint_t i,
    rt_login_t *login)
{
    rt_mem_t                mem;
    rt_str_t                aad;
    unsigned                n;
    ngx_str_t              *cookie;
    rt_status_e             rc;
    rt_seal_key_t          *keys;
    ngx_http_rtauth_jar_t  *jar;

    jar = ngx_http_rtauth_jar(r);
    cookie = jar ? &jar->logins[i] : NULL;

    if (cookie == NULL || cookie->len == 0) {
        return NGX_DECLINED;
    }

    n = ngx_http_rtauth_envelope_login_keys(r, &keys);

    if (n == 0 || ngx_http_rtauth_attempt_aad(r, &aad) != NGX_OK) {
        return NGX_ERROR;
    }

    mem = ngx_rt_str_mem(r->pool);

    rc = rt_login_open(&mem, keys, n, &aad, ngx_rt_str(cookie), login);

    return rc == RT_OK ? NGX_OK
           : rc == RT_DECLINED ? NGX_DECLINED : NGX_ERROR;
}


static ngx_int_t
ngx_http_rtauth_attempt_set(ngx_http_request_t *r, ngx_uint_t i,
    rt_login_t *login, time_t max_age)
{
    char            suffix[] = "_l0";
    rt_mem_t        mem;
    rt_str_t        aad, text;
    ngx_str_t       value;
    rt_seal_key_t  *keys;

    suffix[2] = '0' + i;
    mem = ngx_rt_str_mem(r->pool);

    if (ngx_http_rtauth_envelope_login_keys(r, &keys) == 0
        || ngx_http_rtauth_attempt_aad(r, &aad) != NGX_OK
        || rt_login_seal(&mem, &keys[0], login, &aad, &text) != RT_OK)
    {
        return NGX_ERROR;
    }

    value = ngx_rt_str_copy(&text);

    return ngx_http_rtauth_jar_set(r, suffix, &value, max_age);
}


static ngx_int_t
ngx_http_rtauth_attempt_aad(ngx_http_request_t *r, rt_str_t *aad)
{
    u_char                      *p;
    ngx_http_rtauth_srv_conf_t  *scf;

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    p = ngx_pnalloc(r->pool, sizeof("rtauth login\n") + scf->origin.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    aad->data = p;
    aad->len = ngx_sprintf(p, "rtauth login\n%V", &scf->origin) - p;

    return NGX_OK;
}

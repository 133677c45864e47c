
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "oidc/rt_bigend.h"
#include "oidc/rt_login.h"
#include "text/rt_b64.h"
#include "text/rt_uri.h"


#define LOGIN_PLAIN       (RT_LOGIN_SECRET + 8 + 4 + 1)
#define LOGIN_STATE_MAC   16        /* bytes of the MAC in a state */
#define LOGIN_STATE_HEAD  22        /* characters of these */


static const rt_str_t  login_return = rt_string("rtauth return address");


static rt_status_e
sha256(EVP_MD_CTX *ctx, const rt_str_t *parts, unsigned n,
    unsigned char md[RT_SEAL_HASH])
{
    int       ok;
    unsigned  i;

    ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);

    for (i = 0; ok && i < n; i++) {
        ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len);
    }

    ok = ok && EVP_DigestFinal_ex(ctx, md, NULL);

    EVP_MD_CTX_free(ctx);
    ERR_clear_error();

    return ok ? RT_OK : RT_ERROR;
}


rt_status_e
rt_login_provider(const rt_str_t *issuer, const rt_str_t *client_id,
    uint32_t *provider)
{
    rt_str_t       parts[3];
    unsigned char  md[RT_SEAL_HASH];

    parts[0] = *issuer;
    parts[1] = (rt_str_t) rt_string("\0");
    parts[2] = *client_id;

    if (sha256(EVP_MD_CTX_new(), parts, 3, md) != RT_OK) {
        return RT_ERROR;
    }

    *provider = (uint32_t) rt_bigend_get(md, 4);

    return RT_OK;
}


rt_status_e
rt_login_begin(rt_login_t *login, uint32_t provider, int64_t now,
    unsigned stepup)
{
    login->time = now;
    login->provider = provider;
    login->stepup = stepup;

    return rt_seal_random(login->secret, RT_LOGIN_SECRET);
}


rt_status_e
rt_login_seal(rt_mem_t *mem, const rt_seal_key_t *key,
    const rt_login_t *login, const rt_str_t *aad, rt_str_t *cookie)
{
    rt_str_t       plain;
    rt_status_e    rc;
    unsigned char  buf[LOGIN_PLAIN];

    memcpy(buf, login->secret, RT_LOGIN_SECRET);
    rt_bigend_put(buf + RT_LOGIN_SECRET, (uint64_t) login->time, 8);
    rt_bigend_put(buf + RT_LOGIN_SECRET + 8, login->provider, 4);
    buf[LOGIN_PLAIN - 1] = login->stepup;

    plain.data = buf;
    plain.len = LOGIN_PLAIN;

    rc = rt_seal_text(mem, key, aad, &plain, cookie);

    OPENSSL_cleanse(buf, LOGIN_PLAIN);

    return rc;
}


rt_status_e
rt_login_open(rt_mem_t *mem, const rt_seal_key_t *keys, unsigned n,
    const rt_str_t *aad, const rt_str_t *cookie, rt_login_t *login)
{
    rt_str_t        plain;
    rt_status_e     rc;
    unsigned char  *p;

    memset(login, 0, sizeof(rt_login_t));

    if (cookie->len != RT_LOGIN_COOKIE) {
        return RT_DECLINED;
    }

    rc = rt_unseal_text(mem, keys, n, aad, cookie, &plain, NULL);
    if (rc != RT_OK) {
        return rc;
    }

    p = plain.data;

    memcpy(login->secret, p, RT_LOGIN_SECRET);
    login->time = (int64_t) rt_bigend_get(p + RT_LOGIN_SECRET, 8);
    login->provider = (uint32_t) rt_bigend_get(p + RT_LOGIN_SECRET + 8, 4);
    login->stepup = p[LOGIN_PLAIN - 1];

    OPENSSL_cleanse(p, LOGIN_PLAIN);

    return RT_OK;
}


/* what a secret stands for in one of its roles */

static rt_status_e
derive(const rt_login_t *login, const char *label, unsigned char *out)
{
    rt_str_t  secret;

    secret.data = (unsigned char *) login->secret;
    secret.len = RT_LOGIN_SECRET;

    return rt_seal_hmac(&secret, label, out);
}


/* the first len bytes of it, as text */

static rt_status_e
derive_text(rt_mem_t *mem, const rt_login_t *login, const char *label,
    size_t len, rt_str_t *text)
{
    rt_str_t       bytes;
    rt_status_e    rc;
    unsigned char  mac[RT_SEAL_HASH];

    bytes.data = mac;
    bytes.len = len;

    rc = derive(login, label, mac);

    if (rc == RT_OK) {
        rc = rt_b64_encode(mem, &bytes, text);
    }

    OPENSSL_cleanse(mac, RT_SEAL_HASH);

    return rc;
}


/* to, or as much of it as can be kept and be gone to */

static rt_status_e
return_address(rt_mem_t *mem, const rt_str_t *to, rt_str_t *out)
{
    rt_status_e   rc;
    const char   *why;

    static const rt_str_t  top = rt_string("/");

    *out = *to;

    if (out->len > RT_LOGIN_MAX_TO) {
        for (out->len = 0; out->len < to->len
                           && to->data[out->len] != '?'
                           && to->data[out->len] != '#'; out->len++)
        {
            /* void */
        }
    }

    rc = rt_uri_return_check(mem, out, &why);

    if (rc == RT_DECLINED || out->len > RT_LOGIN_MAX_TO) {
        *out = top;
        rc = RT_OK;
    }

    return rc;
}


static rt_status_e
state(rt_mem_t *mem, const rt_login_t *login, const rt_str_t *to,
    rt_str_t *out)
{
    rt_str_t        head, tail;
    rt_status_e     rc;
    rt_seal_key_t   key;

    rc = derive(login, "rtauth return address", key.key);

    if (rc == RT_OK) {
        rc = rt_seal_text(mem, &key, &login_return, to, &tail);
    }

    OPENSSL_cleanse(&key, sizeof(rt_seal_key_t));

    if (rc != RT_OK
        || derive_text(mem, login, "rtauth state", LOGIN_STATE_MAC, &head)
           != RT_OK)
    {
        return RT_ERROR;
    }

    out->len = head.len + 1 + tail.len;

    out->data = rt_alloc(mem, out->len);
    if (out->data == NULL) {
        return RT_ERROR;
    }

    memcpy(out->data, head.data, head.len);
    out->data[head.len] = '.';
    memcpy(out->data + head.len + 1, tail.data, tail.len);

    return RT_OK;
}


rt_status_e
rt_login_params(rt_mem_t *mem, const rt_login_t *login, const rt_str_t *to,
    rt_login_params_t *params)
{
    rt_str_t     kept;
    rt_status_e  rc;

    rc = return_address(mem, to, &kept);

    if (rc == RT_OK) {
        rc = state(mem, login, &kept, &params->state);
    }

    if (rc == RT_OK) {
        rc = derive_text(mem, login, "rtauth nonce", RT_SEAL_HASH,
                         &params->nonce);
    }

    if (rc == RT_OK) {
        rc = derive_text(mem, login, "rtauth code verifier", RT_SEAL_HASH,
                         &params->verifier);
    }

    if (rc == RT_OK) {
        rc = rt_login_challenge(mem, &params->verifier, &params->challenge);
    }

    return rc;
}


rt_status_e
rt_login_state(rt_mem_t *mem, const rt_login_t *login, const rt_str_t *state,
    rt_str_t *to)
{
    rt_str_t       head, tail;
    rt_status_e    rc;
    rt_seal_key_t  key;

    to->len = 0;
    to->data = NULL;

    if (state->len < LOGIN_STATE_HEAD + 1 || state->len > RT_LOGIN_MAX_STATE
        || state->data[LOGIN_STATE_HEAD] != '.')
    {
        return RT_DECLINED;
    }

    rc = derive_text(mem, login, "rtauth state", LOGIN_STATE_MAC, &head);
    if (rc != RT_OK) {
        return rc;
    }

    if (CRYPTO_memcmp(state->data, head.data, LOGIN_STATE_HEAD) != 0) {
        return RT_DECLINED;
    }

    tail.data = state->data + LOGIN_STATE_HEAD + 1;
    tail.len = state->len - LOGIN_STATE_HEAD - 1;

    rc = derive(login, "rtauth return address", key.key);

    if (rc == RT_OK) {
        rc = rt_unseal_text(mem, &key, 1, &login_return, &tail, to, NULL);
    }

    OPENSSL_cleanse(&key, sizeof(rt_seal_key_t));

    return rc;
}


rt_status_e
rt_login_challenge(rt_mem_t *mem, const rt_str_t *verifier,
    rt_str_t *challenge)
{
    rt_str_t       hash;
    unsigned char  md[RT_SEAL_HASH];

    hash.data = md;
    hash.len = RT_SEAL_HASH;

    if (sha256(EVP_MD_CTX_new(), verifier, 1, md) != RT_OK) {
        return RT_ERROR;
    }

    return rt_b64_encode(mem, &hash, challenge);
}

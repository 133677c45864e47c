
#include "client/ngx_http_rtauth_client_key_conf.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>


static char *ngx_http_rtauth_client_key_conf_sign(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client);
static rt_status_e ngx_http_rtauth_client_key_conf_load(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, const char *alg, const char **why);
static void ngx_http_rtauth_client_key_conf_free(void *data);
static char *ngx_http_rtauth_client_key_conf_pair(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client);


/* the first that fits the key is taken */

static char  *ngx_http_rtauth_client_key_conf_algs[] = {
    "RS256", "ES256", "ES384", "ES512", "EdDSA", NULL
};


char *
ngx_http_rtauth_client_key(ngx_conf_t *cf, ngx_http_rtauth_client_t *client)
{
    return client->auth == NGX_HTTP_RTAUTH_CLIENT_JWT
           ? ngx_http_rtauth_client_key_conf_sign(cf, client)
           : ngx_http_rtauth_client_key_conf_pair(cf, client);
}


/* a key that is read once signs in every worker */

static char *
ngx_http_rtauth_client_key_conf_sign(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client)
{
    char                **alg;
    const char           *why;
    rt_status_e           rc;
    ngx_pool_cleanup_t   *cln;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    why = "is not known";

    if (client->alg.len) {
        rc = ngx_http_rtauth_client_key_conf_load(cf, client,
                                                  (char *) client->alg.data,
                                                  &why);
    } else {

        rc = RT_DECLINED;
        alg = ngx_http_rtauth_client_key_conf_algs;

        for ( /* void */ ; rc == RT_DECLINED && *alg; alg++) {
            rc = ngx_http_rtauth_client_key_conf_load(cf, client, *alg, &why);
        }
    }

    if (rc == RT_ERROR) {
        return NGX_CONF_ERROR;
    }

    if (rc != RT_OK) {
        return ngx_http_rtauth_client_late(cf, client, &client->at.key,
                   "\"client_key\" cannot sign, for it %s: write \"client_key "
                   "file:PATH\" with a PEM or a private JWK, and \"alg=\" that "
                   "fits it", why);
    }

    cln->handler = ngx_http_rtauth_client_key_conf_free;
    cln->data = client;

    return NGX_CONF_OK;
}


static rt_status_e
ngx_http_rtauth_client_key_conf_load(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, const char *alg, const char **why)
{
    rt_mem_t        mem;
    rt_str_t        name;
    rt_sign_conf_t  conf;

    name.data = (unsigned char *) alg;
    name.len = ngx_strlen(alg);

    ngx_memzero(&conf, sizeof(rt_sign_conf_t));

    conf.key = *ngx_rt_str(&client->key);
    conf.certificate = *ngx_rt_str(&client->certificate);
    conf.kid = *ngx_rt_str(&client->kid);
    conf.alg = rt_jwa_find(&name);

    if (conf.alg == NULL || (rt_jwa_bit(conf.alg->id) & RT_JWA_HS)) {
        *why = "has an \"alg=\" that is not known";
        return RT_DECLINED;
    }

    mem = ngx_rt_str_mem(cf->pool);

    return rt_sign_load(&mem, &conf, &client->sign, why);
}


static void
ngx_http_rtauth_client_key_conf_free(void *data)
{
    ngx_http_rtauth_client_t *client = data;

    rt_sign_free(client->sign);
}


/* TLS takes a key and a certificate that belong together */

static char *
ngx_http_rtauth_client_key_conf_pair(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client)
{
    BIO       *bio;
    X509      *x509;
    EVP_PKEY  *key;
    ngx_int_t  pair;

    bio = BIO_new_mem_buf(client->key.data, client->key.len);
    key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *) "") : NULL;
    BIO_free(bio);

    bio = BIO_new_mem_buf(client->certificate.data, client->certificate.len);
    x509 = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);

    pair = (key && x509 && X509_check_private_key(x509, key) == 1);

    if (!pair) {
        (void) ngx_http_rtauth_client_late(cf, client, key == NULL
                   ? &client->at.key : &client->at.certificate, "\"%s",
                   key == NULL ? "client_key\" is no private key in PEM"
                   : x509 == NULL
                   ? "client_certificate\" is no certificate in PEM"
                   : "client_certificate\" is that of another key than "
                     "\"client_key\"");
    }

    EVP_PKEY_free(key);
    X509_free(x509);
    ERR_clear_error();

    return pair ? NGX_CONF_OK : NGX_CONF_ERROR;
}

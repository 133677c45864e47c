
/*
 * TLS of a Redis client, by nginx's own; nothing in an nginx without SSL.
 */

#include "ngx_rt_peer.h"
#include "ngx_rt_redis_part.h"


#if (NGX_SSL)


#define NGX_RT_REDIS_TLS_DEPTH  8       /* of a chain of certificates */


static void ngx_rt_redis_tls_shaken(ngx_connection_t *c);


ngx_int_t
ngx_rt_redis_conf(ngx_conf_t *cf, ngx_rt_redis_conf_t *conf)
{
    ngx_ssl_t           *ssl;
    ngx_pool_cleanup_t  *cln;

    if (!conf->tls) {
        return NGX_OK;
    }

    ssl = ngx_pcalloc(cf->pool, sizeof(ngx_ssl_t));
    if (ssl == NULL) {
        return NGX_ERROR;
    }

    ssl->log = cf->log;

    if (ngx_ssl_create(ssl, NGX_SSL_TLSv1_2|NGX_SSL_TLSv1_3, NULL) != NGX_OK) {
        return NGX_ERROR;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        ngx_ssl_cleanup_ctx(ssl);
        return NGX_ERROR;
    }

    cln->handler = ngx_ssl_cleanup_ctx;
    cln->data = ssl;

    conf->ssl = ssl;

    if (conf->trusted.len) {
        return ngx_ssl_trusted_certificate(cf, ssl, &conf->trusted,
                                           NGX_RT_REDIS_TLS_DEPTH);
    }

    if (SSL_CTX_set_default_verify_paths(ssl->ctx) != 1) {
        ngx_ssl_error(NGX_LOG_EMERG, cf->log, 0,
                      "the system's certificates cannot be used");
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_rt_redis_tls(ngx_rt_redis_t *redis, void (*done)(ngx_rt_redis_t *redis))
{
    ngx_int_t          rc;
    ngx_connection_t  *c;

    c = redis->connection;

    if (ngx_ssl_create_connection(redis->conf->ssl, c,
                                  NGX_SSL_BUFFER|NGX_SSL_CLIENT)
        != NGX_OK
        || ngx_rt_peer_expect(c->ssl->connection, &redis->conf->host)
           != NGX_OK)
    {
        redis->failed(redis, 0, "TLS cannot begin");
        return;
    }

    redis->secured = done;

    rc = ngx_ssl_handshake(c);

    if (rc == NGX_AGAIN) {
        c->ssl->handler = ngx_rt_redis_tls_shaken;
        return;
    }

    ngx_rt_redis_tls_shaken(c);
}


/* nothing was sent yet: the password goes to nobody else */

static void
ngx_rt_redis_tls_shaken(ngx_connection_t *c)
{
    long             verified;
    X509            *cert;
    ngx_rt_redis_t  *redis;

    redis = c->data;

    if (!c->ssl->handshaked) {
        redis->failed(redis, 0, "the TLS handshake fails");
        return;
    }

    verified = SSL_get_verify_result(c->ssl->connection);

    if (verified != X509_V_OK) {
        redis->failed(redis, 0,
                            X509_verify_cert_error_string(verified));
        return;
    }

    cert = SSL_get_peer_certificate(c->ssl->connection);

    if (cert == NULL) {
        redis->failed(redis, 0, "it shows no certificate");
        return;
    }

    X509_free(cert);

    redis->secured(redis);
}


#endif

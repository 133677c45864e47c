
#include "request/ngx_http_rtauth_bound.h"
#include "keys/ngx_http_rtauth_bound_conf.h"
#include "request/ngx_http_rtauth_proof.h"
#include "text/rt_same.h"


static ngx_uint_t ngx_http_rtauth_bound_certificate(ngx_http_request_t *r,
    u_char *digest);
#if (NGX_HTTP_SSL)
static ngx_uint_t ngx_http_rtauth_bound_verified(ngx_http_request_t *r);
#endif


ngx_int_t
ngx_http_rtauth_bound(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass,
    ngx_uint_t header, ngx_str_t *token, rt_reason_e *reason)
{
    ngx_uint_t                   scheme;
    rt_bound_t                   bound;
    ngx_http_rtauth_identity_t  *identity;

    identity = pass->identity;

    /* "DPoP" is no scheme for a token that nobody has to prove */

    if (identity->provider->bound == NULL) {
        *reason = RT_REASON_UNBOUND;
        return NGX_DECLINED;
    }

    *reason = rt_bound_read(identity->claims, identity->provider->bound->ways,
                            &bound);

    if (*reason != RT_REASON_OK) {
        return NGX_DECLINED;
    }

    scheme = pass->dpop;
    pass->dpop = (bound.ways & RT_BOUND_DPOP) != 0;

    /* RFC 9449, 7.2: a bound token is no bearer token, even with a proof */

    if (header && scheme != pass->dpop) {
        *reason = RT_REASON_CONFIRMATION;
        return NGX_DECLINED;
    }

    if ((bound.ways & RT_BOUND_MTLS)
        && !ngx_http_rtauth_bound_certificate(r, bound.x5t))
    {
        *reason = RT_REASON_WRONG_CERTIFICATE;
        return NGX_DECLINED;
    }

    if (bound.ways & RT_BOUND_DPOP) {
        return ngx_http_rtauth_proof(r, identity->provider, bound.jkt, token,
                                     reason);
    }

    return NGX_OK;
}


/* is it the digest of the certificate whose key the client has? */

static ngx_uint_t
ngx_http_rtauth_bound_certificate(ngx_http_request_t *r, u_char *digest)
{
#if (NGX_HTTP_SSL)

    X509        *cert;
    u_char       own[EVP_MAX_MD_SIZE];
    unsigned     len;
    ngx_uint_t   same;

    if (r->connection->ssl == NULL || !ngx_http_rtauth_bound_verified(r)) {
        return 0;
    }

    cert = SSL_get_peer_certificate(r->connection->ssl->connection);
    if (cert == NULL) {
        return 0;
    }

    same = X509_digest(cert, EVP_sha256(), own, &len) == 1
           && len == RT_BOUND_HASH && rt_same(own, digest, RT_BOUND_HASH);

    X509_free(cert);

    return same;

#else

    return 0;

#endif
}


#if (NGX_HTTP_SSL)

/*
 * TLS has proved that the client has the certificate's key, and the token says
 * whose it is: who signed the certificate does not matter (RFC 8705, 6.2).  So
 * what "optional_no_ca" lets through will do, a self-signed one for example:
 * of any other fault, such as an expired one, nginx has made an error 400.
 */

static ngx_uint_t
ngx_http_rtauth_bound_verified(ngx_http_request_t *r)
{
    ngx_str_t                 result;
    ngx_http_ssl_srv_conf_t  *sscf;

    sscf = ngx_http_get_module_srv_conf(r, ngx_http_ssl_module);

    if (sscf->verify == 3) {            /* optional_no_ca */
        return 1;
    }

    return sscf->verify
           && ngx_ssl_get_client_verify(r->connection, r->pool, &result)
              == NGX_OK
           && rt_str_lit(ngx_rt_str(&result), "SUCCESS");
}

#endif

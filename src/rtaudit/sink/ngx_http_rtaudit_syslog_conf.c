
#include "sink/ngx_http_rtaudit_link.h"
#include "sink/ngx_http_rtaudit_option_conf.h"
#include "sink/ngx_http_rtaudit_syslog_conf.h"
#include "ngx_rt_peer.h"
#include "ngx_rt_str.h"

#include "text/rt_syslog.h"


/* how a collector is reached: what stands before its address */

typedef struct {
    ngx_str_t                        name;
    int                              type;
    in_port_t                        port;
    ngx_uint_t                       tls;
} ngx_http_rtaudit_syslog_conf_way_t;


static char *ngx_http_rtaudit_syslog_conf_target(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);
static char *ngx_http_rtaudit_syslog_conf_resolve(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *address,
    ngx_http_rtaudit_syslog_conf_way_t *way);
static char *ngx_http_rtaudit_syslog_conf_facility(ngx_conf_t *cf, void *conf,
    ngx_str_t *value);
static char *ngx_http_rtaudit_syslog_conf_tag(ngx_conf_t *cf, void *conf,
    ngx_str_t *value);

#if (NGX_SSL)
static char *ngx_http_rtaudit_syslog_conf_tls(ngx_conf_t *cf,
    ngx_http_rtaudit_syslog_conf_t *scf);
static char *ngx_http_rtaudit_syslog_conf_own(ngx_conf_t *cf,
    ngx_http_rtaudit_syslog_conf_t *scf);
static int ngx_http_rtaudit_syslog_conf_each(SSL_CTX *ctx, ngx_str_t *text,
    int (*take)(SSL_CTX *ctx, X509 *x509, ngx_uint_t n));
static int ngx_http_rtaudit_syslog_conf_take_ca(SSL_CTX *ctx, X509 *x509,
    ngx_uint_t n);
static int ngx_http_rtaudit_syslog_conf_take_own(SSL_CTX *ctx, X509 *x509,
    ngx_uint_t n);
#endif


static ngx_http_rtaudit_syslog_conf_way_t  ngx_http_rtaudit_syslog_conf_ways[]
    =
{
    { ngx_string("tls://"), SOCK_STREAM, 6514, 1 },
    { ngx_string("tcp://"), SOCK_STREAM, 601, 0 },
    { ngx_string("udp://"), SOCK_DGRAM, 514, 0 },
    { ngx_string("unix:/"), SOCK_DGRAM, 0, 0 },
    { ngx_null_string, 0, 0, 0 }
};


static ngx_http_rtaudit_option_t  ngx_http_rtaudit_syslog_conf_options[] = {
    { ngx_string("facility="), ngx_http_rtaudit_syslog_conf_facility },
    { ngx_string("tag="), ngx_http_rtaudit_syslog_conf_tag },
    { ngx_null_string, NULL }
};


char *
ngx_http_rtaudit_syslog_parse(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink)
{
    ngx_http_rtaudit_syslog_conf_t  *scf;

    scf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtaudit_syslog_conf_t));
    if (scf == NULL) {
        return NGX_CONF_ERROR;
    }

    scf->facility = NGX_HTTP_RTAUDIT_SYSLOG_AUDIT;
    ngx_str_set(&scf->tag, "nginx");
    sink->conf = scf;

    if (ngx_http_rtaudit_syslog_conf_target(cf, sink) != NGX_CONF_OK
        || ngx_http_rtaudit_options(cf, sink,
                                    ngx_http_rtaudit_syslog_conf_options,
                                    "\"facility=audit\", \"tag=nginx\"",
                                    &scf->pem, scf->secure ? NULL
                                                       : "syslog:tls://HOST")
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

#if (NGX_SSL)
    return scf->secure ? ngx_http_rtaudit_syslog_conf_tls(cf, scf)
                       : NGX_CONF_OK;
#else
    return NGX_CONF_OK;
#endif
}


static char *
ngx_http_rtaudit_syslog_conf_target(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink)
{
    ngx_str_t                            address, *value;
    ngx_http_rtaudit_syslog_conf_t      *scf;
    ngx_http_rtaudit_syslog_conf_way_t  *way;

    scf = sink->conf;
    value = cf->args->elts;
    value += 2;

    sink->target.data = value->data + 7;
    sink->target.len = value->len - 7;

    way = ngx_rt_conf_row(ngx_http_rtaudit_syslog_conf_ways,
                          sizeof(ngx_http_rtaudit_syslog_conf_way_t),
                          &sink->target, NGX_RT_CONF_BEGINS);

    if (way == NULL) {
        return ngx_rt_conf_invalid(cf, "target", value,
                                   "write syslog:tls://HOST, syslog:tcp://HOST"
                                   ", syslog:udp://HOST or syslog:unix:/PATH");
    }

#if !(NGX_SSL)
    if (way->tls) {
        return ngx_rt_conf_invalid(cf, "target", value,
                                   "this nginx was built without SSL, write "
                                   "syslog:tcp://HOST");
    }
#endif

    scf->type = way->type;
    scf->secure = way->tls;

    address = sink->target;

    if (way->port) {
        address.data += way->name.len;
        address.len -= way->name.len;
    }

    return ngx_http_rtaudit_syslog_conf_resolve(cf, sink, &address, way);
}


static char *
ngx_http_rtaudit_syslog_conf_resolve(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *address,
    ngx_http_rtaudit_syslog_conf_way_t *way)
{
    ngx_url_t                        u;
    ngx_http_rtaudit_syslog_conf_t  *scf;

    scf = sink->conf;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *address;
    u.default_port = way->port;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        return u.err ? ngx_rt_conf_invalid(cf, "target", address,
                                           "%s, write HOST or HOST:PORT",
                                           u.err)
                     : NGX_CONF_ERROR;
    }

    scf->addrs = u.addrs;
    scf->naddrs = ngx_min(u.naddrs, NGX_HTTP_RTAUDIT_LINK_ADDRS);
    scf->pem.name = u.host;
    sink->remote = (way->port != 0);

    if (way->port && !way->tls
        && !ngx_rt_peer_loopback(scf->addrs, scf->naddrs))
    {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"rtaudit_sink %V\": events go to \"%V\" in the "
                           "clear: write syslog:tls://HOST", &sink->name,
                           &sink->target);
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_syslog_conf_facility(ngx_conf_t *cf, void *conf,
    ngx_str_t *value)
{
    ngx_http_rtaudit_syslog_conf_t *scf = conf;

    int  facility;

    facility = rt_syslog_facility(ngx_rt_str(value));

    if (facility == -1) {
        return ngx_rt_conf_invalid(cf, "facility", value,
                                   "write audit, local0, authpriv or another "
                                   "that nginx's \"syslog:\" knows");
    }

    scf->facility = facility;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_syslog_conf_tag(ngx_conf_t *cf, void *conf, ngx_str_t *value)
{
    ngx_http_rtaudit_syslog_conf_t *scf = conf;

    if (!ngx_rt_conf_name(value, "_-.") || value->len > RT_SYSLOG_APP) {
        return ngx_rt_conf_invalid(cf, "tag", value,
                                   "write 1 to %d letters, digits, \"_\", "
                                   "\"-\" or \".\"", RT_SYSLOG_APP);
    }

    scf->tag = *value;

    return NGX_CONF_OK;
}


#if (NGX_SSL)

static void
ngx_http_rtaudit_syslog_conf_free(void *data)
{
    SSL_CTX_free(data);
}


static char *
ngx_http_rtaudit_syslog_conf_tls(ngx_conf_t *cf,
    ngx_http_rtaudit_syslog_conf_t *scf)
{
    SSL_CTX             *ctx;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    ctx = SSL_CTX_new(TLS_client_method());

    if (ctx == NULL
        || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
    {
        SSL_CTX_free(ctx);
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_rtaudit_syslog_conf_free;
    cln->data = ctx;
    scf->tls = ctx;

    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);

    /* nothing that a collector says matters, nor that it ends early */

    SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);

    if (scf->pem.cert.len
        && ngx_http_rtaudit_syslog_conf_own(cf, scf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (scf->pem.ca.len) {
        return ngx_http_rtaudit_syslog_conf_each(ctx, &scf->pem.ca,
                                         ngx_http_rtaudit_syslog_conf_take_ca)
               ? NGX_CONF_OK
               : ngx_rt_conf_invalid(cf, "ca", NULL, "OpenSSL refuses it");
    }

    return SSL_CTX_set_default_verify_paths(ctx) == 1 ? NGX_CONF_OK
                                                      : NGX_CONF_ERROR;
}


/* what this nginx shows to a collector that wants to know who it is */

static char *
ngx_http_rtaudit_syslog_conf_own(ngx_conf_t *cf,
    ngx_http_rtaudit_syslog_conf_t *scf)
{
    int        rc;
    EVP_PKEY  *key;

    if (!ngx_http_rtaudit_syslog_conf_each(scf->tls, &scf->pem.cert,
                                       ngx_http_rtaudit_syslog_conf_take_own))
    {
        return ngx_rt_conf_invalid(cf, "cert", NULL, "OpenSSL refuses it");
    }

    key = ngx_http_rtaudit_pem_key(&scf->pem.key);
    rc = key ? SSL_CTX_use_PrivateKey(scf->tls, key) : 0;

    EVP_PKEY_free(key);
    ERR_clear_error();

    return rc == 1 ? NGX_CONF_OK
                   : ngx_rt_conf_invalid(cf, "key", NULL,
                                         "OpenSSL refuses it");
}


/* all certificates of a text; ret: 1 if each was taken */

static int
ngx_http_rtaudit_syslog_conf_each(SSL_CTX *ctx, ngx_str_t *text,
    int (*take)(SSL_CTX *ctx, X509 *x509, ngx_uint_t n))
{
    int          rc;
    BIO         *bio;
    X509        *x509;
    ngx_uint_t   n;

    bio = BIO_new_mem_buf(text->data, (int) text->len);
    rc = (bio != NULL);

    for (n = 0;
         rc == 1 && (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL;
         n++)
    {
        rc = take(ctx, x509, n);
        X509_free(x509);
    }

    BIO_free(bio);
    ERR_clear_error();

    return rc == 1;
}


static int
ngx_http_rtaudit_syslog_conf_take_ca(SSL_CTX *ctx, X509 *x509, ngx_uint_t n)
{
    return X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), x509);
}


/* the first is its own, the others vouch for it */

static int
ngx_http_rtaudit_syslog_conf_take_own(SSL_CTX *ctx, X509 *x509, ngx_uint_t n)
{
    return n ? (int) SSL_CTX_add1_chain_cert(ctx, x509)
             : SSL_CTX_use_certificate(ctx, x509);
}

#endif


/*
 * An issuer as configured: rtauth_provider NAME { ... }.  Constant after the
 * configuration was read.
 */


#ifndef NGX_HTTP_RTAUTH_PROVIDER_H_INCLUDED
#define NGX_HTTP_RTAUTH_PROVIDER_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "ngx_rt_block.h"
#include "ngx_rt_file.h"
#include "ngx_rt_http.h"
#include "jose/rt_claims.h"
#include "jose/rt_jwks.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_KEEPALIVE     5000      /* ms: discovery, then keys */
#define NGX_HTTP_RTAUTH_MAX_CA        (1024 * 1024)

/* introspection: how an answer about a token comes */

#define NGX_HTTP_RTAUTH_ASK_OFF       0
#define NGX_HTTP_RTAUTH_ASK_ON        1         /* as JSON, or signed */
#define NGX_HTTP_RTAUTH_ASK_JWT       2         /* signed */


typedef struct {
    ngx_str_t                    name;        /* in full */
    ngx_rt_where_t               where;
} ngx_http_rtauth_jwks_file_t;


/* lines of the block, for errors that are found at its end */

typedef struct {
    ngx_rt_where_t               block;
    ngx_rt_where_t               issuer;
    ngx_rt_where_t               algorithms;
    ngx_rt_where_t               jwks_uri;
    ngx_rt_where_t               discovery;
    ngx_rt_where_t               introspection;
    ngx_rt_where_t               introspection_endpoint;
    ngx_rt_where_t               introspection_cache;
    ngx_rt_where_t               trusted;
    ngx_rt_where_t               bound;
    ngx_rt_where_t               other;
} ngx_http_rtauth_provider_at_t;


/* where the keys come from; both may be there: a file, then an address */

struct ngx_http_rtauth_provider_conf_s {
    ngx_http_rtauth_provider_t  *provider;

    rt_claims_policy_t           policy;
    uint32_t                     algs;        /* bits of rt_jwa.h */
    u_char                       fingerprint[32];  /* of what judges tokens */

    ngx_array_t                  files;       /* ngx_http_rtauth_jwks_file_t */
    ngx_str_t                    jwks_uri;
    ngx_str_t                    discovery;
    ngx_str_t                    introspection_endpoint;    /* or empty: that
                                                 of the metadata */
    ngx_str_t                    trusted;     /* file name */

    rt_jwks_t                    file_keys;   /* of all files together */
    u_char                       file_digest[32];

    ngx_rt_url_t                 url;         /* of discovery or jwks_uri */
    ngx_rt_url_t                 jwks;        /* of jwks_uri beside discovery:
                                                 with client_id */
    ngx_rt_url_t                 ask;         /* of introspection_endpoint */
    u_char                       source[32];  /* names the slot in the zone */
    ngx_rt_http_conf_t           http;

    ngx_msec_t                   timeout;
    time_t                       refresh;     /* at the latest, seconds */
    time_t                       cooldown;    /* for unknown kids, seconds */
    time_t                       stale;       /* seconds after a refresh was
                                                 due */
    ngx_uint_t                   introspection;
    time_t                       told;        /* introspection_cache, seconds */
    ngx_flag_t                   require_sub;
    time_t                       leeway;
    time_t                       max_lifetime;

    ngx_http_rtauth_provider_at_t  at;

    unsigned                     discovery_off:1;
    unsigned                     remote:1;    /* url is set */
    unsigned                     discover:1;  /* url is of discovery, */
    unsigned                     implied:1;   /*   made from the issuer */
};


/* one that is found later, of the line at "where" */

#define ngx_http_rtauth_provider_late(cf, pcf, where, ...)                    \
    ngx_rt_conf_error(cf, where, "rtauth_provider \"%V\": " __VA_ARGS__)


/*
 * ngx_http_rtauth_provider_keys.c: reads the files, looks at the addresses, at
 * the block's end.
 */
char *ngx_http_rtauth_provider_keys(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);

/*
 * ngx_http_rtauth_jwks_file.c.  The master reads and loads all files of pcf
 * while the configuration is read.
 */
char *ngx_http_rtauth_jwks_files_load(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf);

/*
 * Its three steps, which a worker takes with a cf that has a pool and a log,
 * and no file: the texts and the digest of them all; one table of keys, which
 * cf's pool destroys; the end of the texts, which may hold HMAC keys, whatever
 * came of the steps before.
 *
 * in:  texts  as many as pcf has files, all zero at first
 * ret: NGX_CONF_OK; NGX_CONF_ERROR with the error logged
 */
char *ngx_http_rtauth_jwks_files_read(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_rt_file_t *texts,
    u_char *digest);
char *ngx_http_rtauth_jwks_files_parse(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, ngx_rt_file_t *texts,
    rt_jwks_t *keys);
void ngx_http_rtauth_jwks_files_wipe(ngx_http_rtauth_provider_conf_t *pcf,
    ngx_rt_file_t *texts);

/*
 * A whole file in the pool.
 * ret: NGX_CONF_OK; NGX_CONF_ERROR with the error logged
 */
char *ngx_http_rtauth_read_file(ngx_conf_t *cf,
    ngx_http_rtauth_provider_conf_t *pcf, char *directive, ngx_str_t *name,
    ngx_rt_where_t *where, size_t max, ngx_rt_file_t *file);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_PROVIDER_H_INCLUDED */

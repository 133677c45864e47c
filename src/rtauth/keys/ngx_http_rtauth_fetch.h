
/*
 * Getting the key set of a provider once: discovery, when it is configured,
 * and the set itself.  An object of its own: create, start, next, done; freed
 * when its handler returns, or by cancel.
 *
 * Who has a document with an ETag says so (RFC 9110, 13.1.2), and is given the
 * same one back where the provider answers 304.  An ETag is of one address: so
 * the set is asked for in this way only when discovery, which names that
 * address, said the very same as it did for that document.
 */


#ifndef NGX_HTTP_RTAUTH_FETCH_H_INCLUDED
#define NGX_HTTP_RTAUTH_FETCH_H_INCLUDED


#include "keys/ngx_http_rtauth_provider.h"


#pragma GCC visibility push(hidden)


typedef struct ngx_http_rtauth_fetch_s  ngx_http_rtauth_fetch_t;

struct ngx_http_rtauth_fetch_s {
    void                           (*handler)(ngx_http_rtauth_fetch_t *f);
    void                            *data;

    ngx_pool_t                      *pool;

    /* set before start, in the pool: what is there already, or nothing */

    ngx_str_t                        known;     /* a doc */
    ngx_str_t                        etag;      /* its own; then doc's */

    /* the answer, valid in the handler */

    ngx_str_t                        error;     /* empty: doc is there */
    ngx_rt_http_fault_e              fault;     /* with an error: its kind */
    ngx_str_t                        url;       /* of error; no query */
    ngx_str_t                        doc;       /* for the slot, packed; its
                                                   key set was not looked at */
    time_t                           max_age;   /* seconds; -1: unsaid */

    /* private */

    ngx_http_rtauth_provider_conf_t *pcf;
    ngx_rt_http_client_t            *client;
    ngx_rt_http_t                   *job;
    ngx_rt_url_t                     found;     /* jwks_uri of discovery */
    ngx_str_t                        metadata;  /* discovery's own document */
    ngx_rt_http_header_t             wanted[4]; /* Cache-Control, Age,
                                                   Content-Encoding, ETag */
};


/* NULL when memory is out */
ngx_http_rtauth_fetch_t *ngx_http_rtauth_fetch_create(
    ngx_rt_http_client_t *client, ngx_http_rtauth_provider_conf_t *pcf);

/*
 * ret: NGX_OK, the handler is called exactly once, and not from within;
 *      NGX_ERROR, memory is out, and f is freed
 */
ngx_int_t ngx_http_rtauth_fetch_start(ngx_http_rtauth_fetch_t *f);
void ngx_http_rtauth_fetch_cancel(ngx_http_rtauth_fetch_t *f);


/*
 * The parts of a document as the slot keeps it, within its bytes: what
 * discovery said, empty where nothing was discovered, and the key set.
 * ret: NGX_OK; NGX_ERROR, nobody has packed this
 */
ngx_int_t ngx_http_rtauth_fetch_unpack(ngx_str_t *doc, ngx_str_t *metadata,
    ngx_str_t *keys);


/* how long it may take, in milliseconds */

#define ngx_http_rtauth_fetch_limit(pcf)                                      \
    ((pcf)->timeout * ((pcf)->discover ? 2 : 1) + 1000)


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_FETCH_H_INCLUDED */

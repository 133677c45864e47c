
/*
 * An HTTP client for the modules' own requests (keys, discovery): libcurl's
 * multi interface on nginx's events and timers.  Nothing here blocks.
 *
 * libcurl is taken for TLS, HTTP/2 and the framing rules, and it is given
 * nothing else to do:
 *
 *   - it never looks up a name: addresses come with CURLOPT_RESOLVE from the
 *     URL (resolved when the configuration was read) or nginx's resolver;
 *   - it follows no redirect, uses no proxy of the environment, no netrc, no
 *     cookies, and speaks only the URL's own scheme;
 *   - the certificate and its name are always checked;
 *   - sizes of header and body and the whole time are bounded.
 *
 * A job lives from ngx_rt_http_create() to the return of its handler or to
 * ngx_rt_http_cancel(), whatever comes first, and frees itself then.  The
 * handler is called exactly once, never from within ngx_rt_http_start().
 */


#ifndef NGX_RT_HTTP_H_INCLUDED
#define NGX_RT_HTTP_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "rt_base.h"
#include "ngx_rt_url.h"


#pragma GCC visibility push(hidden)


#define NGX_RT_HTTP_MAX_HEADER  65536


typedef struct ngx_rt_http_s         ngx_rt_http_t;
typedef struct ngx_rt_http_client_s  ngx_rt_http_client_t;

typedef void (*ngx_rt_http_handler_pt)(ngx_rt_http_t *job);


/* what is the same for all jobs of one purpose; constant configuration */

typedef struct {
    char            *agent;             /* User-Agent */
    char            *accept;            /* Accept */
    ngx_str_t        trusted;           /* PEM; empty: the system's CAs */
    ngx_msec_t       timeout;           /* for all of it, look-up included */
    size_t           max_body;
    ngx_resolver_t  *resolver;          /* or NULL */
} ngx_rt_http_conf_t;


struct ngx_rt_http_s {
    ngx_rt_http_handler_pt  handler;    /* set both before start */
    void                   *data;

    /* the answer: valid in the handler */

    ngx_str_t               error;      /* empty: 200 and the whole body */
    ngx_uint_t              status;     /* 0: there was none */
    ngx_str_t               body;
    time_t                  max_age;    /* Cache-Control less Age; -1: unsaid */

    /* private */

    ngx_pool_t             *pool;
    ngx_log_t              *log;
    ngx_rt_url_t           *url;
    ngx_rt_http_conf_t     *conf;
    ngx_rt_http_client_t   *client;
    ngx_queue_t             queue;
    ngx_event_t             event;      /* posted to end outside of libcurl */
    ngx_resolver_ctx_t     *resolving;
    void                   *easy;       /* CURL */
    void                   *lists[2];   /* curl_slist: addresses, headers */
    char                   *detail;     /* CURLOPT_ERRORBUFFER */
    char                   *failure;    /* ours, goes before libcurl's */
    size_t                  allocated;
    size_t                  header_size;
    time_t                  age;
    unsigned                added:1;
};


/*
 * One client a worker; made when first needed.  NULL when memory is out.
 * destroy() drops all jobs without calling their handlers.
 */
ngx_rt_http_client_t *ngx_rt_http_client_create(ngx_log_t *log);
void ngx_rt_http_client_destroy(ngx_rt_http_client_t *client);

/* url and conf must outlive the job; NULL when memory is out */
ngx_rt_http_t *ngx_rt_http_create(ngx_rt_http_client_t *client,
    ngx_rt_url_t *url, ngx_rt_http_conf_t *conf);
void ngx_rt_http_start(ngx_rt_http_t *job);
void ngx_rt_http_cancel(ngx_rt_http_t *job);


#pragma GCC visibility pop


#endif /* NGX_RT_HTTP_H_INCLUDED */


/*
 * An HTTP client for the modules' own exchanges with a provider or a
 * collector: libcurl's multi interface on nginx's events and timers.  Nothing
 * here blocks, and nothing here decides: what an answer means, how long it may
 * be kept and whether to try again is the caller's.
 *
 * libcurl is taken for TLS, HTTP/2 and the framing rules, and it is given
 * nothing else to do:
 *
 *   - it never looks up a name: addresses come with CURLOPT_RESOLVE from the
 *     URL (resolved when the configuration was read) or nginx's resolver;
 *   - it follows no redirect, uses no proxy of the environment, no netrc, no
 *     cookies, and speaks only the URL's own scheme;
 *   - the certificate and its name are always checked;
 *   - sizes of header and body and the whole time are bounded;
 *   - it leaves nothing in OpenSSL's queue of errors.
 *
 * Request headers, both bodies and the query of the URL may hold secrets: no
 * log line and no text of an error has any of them.
 *
 * A job lives from ngx_rt_http_create() to the return of its handler or to
 * ngx_rt_http_cancel(), whatever comes first, and frees itself then.  The
 * handler is called exactly once, never from within ngx_rt_http_start(); it
 * may start other jobs and cancel them, but not its own.
 *
 *     job = ngx_rt_http_create(client, url);
 *     job->handler = ...;
 *     job->method = NGX_RT_HTTP_POST;
 *     job->content = form;
 *     ngx_rt_http_add_header(job, "Authorization", &basic);
 *     ngx_rt_http_start(job);
 */


#ifndef NGX_RT_HTTP_H_INCLUDED
#define NGX_RT_HTTP_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "rt_base.h"
#include "ngx_rt_url.h"


#pragma GCC visibility push(hidden)


#define NGX_RT_HTTP_TIMEOUT       5000      /* ms, unless the job says */
#define NGX_RT_HTTP_MAX_BODY      65536     /* bytes, unless the job says */
#define NGX_RT_HTTP_MAX_HEADER    65536     /* bytes, all of the answer's */
#define NGX_RT_HTTP_MAX_REPEATED  16        /* one wanted header */
#define NGX_RT_HTTP_MAX_IDLE      4         /* connections of a client */


typedef enum {
    NGX_RT_HTTP_GET = 0,
    NGX_RT_HTTP_POST
} ngx_rt_http_method_e;


/* what kind of thing went wrong: few words, for whoever counts them */

typedef enum {
    NGX_RT_HTTP_NO_FAULT = 0,
    NGX_RT_HTTP_FAULT_LOCAL,            /* of this host: memory, connections */
    NGX_RT_HTTP_FAULT_NAME,             /* the host has no address */
    NGX_RT_HTTP_FAULT_CONNECT,          /* no connection, or it broke */
    NGX_RT_HTTP_FAULT_TLS,
    NGX_RT_HTTP_FAULT_TIMEOUT,
    NGX_RT_HTTP_FAULT_STATUS,           /* one that was not expected */
    NGX_RT_HTTP_FAULT_ANSWER,           /* it cannot be used */
    NGX_RT_HTTP_FAULTS
} ngx_rt_http_fault_e;


typedef struct ngx_rt_http_s         ngx_rt_http_t;
typedef struct ngx_rt_http_client_s  ngx_rt_http_client_t;

typedef void (*ngx_rt_http_handler_pt)(ngx_rt_http_t *job);


/* whom a client trusts and how it connects; constant configuration */

typedef struct {
    char                    *agent;     /* User-Agent */
    ngx_str_t                trusted;   /* PEM; empty: the system's CAs */
    ngx_resolver_t          *resolver;  /* or NULL */
    ngx_msec_t               keepalive; /* for an idle connection; 0: none */
} ngx_rt_http_conf_t;


/* a header of the answer that the caller wants to see */

typedef struct {
    ngx_str_t                name;
    ngx_str_t                value;     /* repeated: joined by ", " */
    ngx_uint_t               count;     /* 0: it is absent */
} ngx_rt_http_header_t;


struct ngx_rt_http_s {
    ngx_rt_http_handler_pt   handler;
    void                    *data;

    /*
     * The request, set before start.  What the pointers point to must stay
     * until the job ends; job->pool lives as long as that.
     */

    ngx_rt_http_method_e     method;
    ngx_str_t                content;   /* of a POST; a form by default */
    ngx_msec_t               timeout;   /* for all of it, look-up included */
    size_t                   max_body;  /* of the answer; not 0 */
    const ngx_uint_t        *expected;  /* statuses, the last is 0; NULL: 200 */
    ngx_rt_http_header_t    *wanted;
    ngx_uint_t               nwanted;

    /*
     * Shown to a server over TLS that asks for one (RFC 8705): PEM, with the
     * rest of its chain behind it; and its key, a PEM, not encrypted.  Empty:
     * none.  A connection that was opened with one is used again with the same
     * one only.
     */

    ngx_str_t                certificate;
    ngx_str_t                key;

    /*
     * libcurl sends a request again when a connection it has kept turns out
     * to be dead.  A code that is good for one use asks for a new connection.
     */

    unsigned                 once:1;

    /* someone waits: a worker that is told to go stays until it is done */

    unsigned                 hold:1;

    /* the answer: valid in the handler, the body whatever the status is */

    ngx_str_t                error;     /* empty: expected, and complete */
    ngx_rt_http_fault_e      fault;     /* with an error: its kind */
    ngx_uint_t               status;    /* 0: there was none */
    ngx_str_t                body;

    /* private */

    ngx_pool_t              *pool;
    ngx_log_t               *log;
    ngx_rt_url_t            *url;
    ngx_rt_http_client_t    *client;
    ngx_queue_t              queue;
    ngx_event_t              event;     /* the deadline; posted by a failure */
    ngx_resolver_ctx_t      *resolving;
    ngx_rt_http_handler_pt   next;      /* once the addresses are known */
    void                    *easy;      /* CURL */
    void                    *addresses; /* curl_slist */
    void                    *headers;   /* curl_slist */
    char                    *detail;    /* CURLOPT_ERRORBUFFER */
    char                    *failure;   /* ours, goes before libcurl's */
    size_t                   allocated;
    size_t                   header_size;
    unsigned                 header_done:1;
    unsigned                 added:1;
};


/*
 * One client a worker and configuration: connections are kept and used again
 * within it only, so that none is ever used with another trust, or after a
 * reload.  One that its peer closes is closed at once, and none keeps a worker
 * that is told to go.  conf must outlive the client.  NULL when memory is out.
 *
 * destroy() drops all jobs without calling their handlers.
 */
ngx_rt_http_client_t *ngx_rt_http_client_create(ngx_rt_http_conf_t *conf,
    ngx_log_t *log);
void ngx_rt_http_client_destroy(ngx_rt_http_client_t *client);

/* url must outlive the job; NULL when memory is out */
ngx_rt_http_t *ngx_rt_http_create(ngx_rt_http_client_t *client,
    ngx_rt_url_t *url);

/*
 * A header of the request, copied.  An empty value takes away the one that
 * libcurl would send by itself.
 * ret: NGX_OK; NGX_DECLINED, the value has a control character and is not
 *      taken; NGX_ERROR, memory is out
 */
ngx_int_t ngx_rt_http_add_header(ngx_rt_http_t *job, char *name,
    ngx_str_t *value);

void ngx_rt_http_start(ngx_rt_http_t *job);
void ngx_rt_http_cancel(ngx_rt_http_t *job);


#pragma GCC visibility pop


#endif /* NGX_RT_HTTP_H_INCLUDED */

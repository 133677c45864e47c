
/*
 * What is said to a provider on a request's behalf: its token endpoint and the
 * like.  The request waits meanwhile, and its phases run again with the answer.
 */


#ifndef NGX_HTTP_RTAUTH_EXCHANGE_H_INCLUDED
#define NGX_HTTP_RTAUTH_EXCHANGE_H_INCLUDED


#include "client/ngx_http_rtauth_client.h"
#include "keys/ngx_http_rtauth_worker.h"
#include "oidc/rt_args.h"
#include "oidc/rt_metadata.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_EXCHANGE_ARGS  48       /* of a form, ours included */


typedef struct {
    ngx_http_request_t           *request;
    ngx_http_rtauth_client_t     *client;
    ngx_http_rtauth_keys_t       *keys;         /* of its provider */
    ngx_uint_t                    step;         /* the next one, see below */
    void                         *data;         /* the caller's own */
    ngx_int_t                     stored;       /* what a store said last */
    ngx_str_t                     accept;       /* of the answer; set by
                                                   _create() */

    /* the answer, when it is not pending any more; in r->pool */

    ngx_str_t                     error;        /* empty: there is one */
    ngx_uint_t                    status;
    ngx_str_t                     body;
    ngx_str_t                     type;         /* Content-Type */

    unsigned                      pending:1;
    unsigned                      lasting:1;    /* it is its caller's to find,
                                                   and goes on though the
                                                   client has gone away */

    /* private */

    ngx_http_rtauth_worker_t     *worker;
    ngx_rt_http_t                *job;
    ngx_rt_url_t                  url;
    ngx_rt_http_header_t          wanted;
    ngx_array_t                  *secrets;      /* of rt_str_t, sent along; they
                                                   live as long as job does */
    ngx_uint_t                    repeats;      /* the answer has one of them */
} ngx_http_rtauth_exchange_t;


/* the exchange of a request for an address of ours; NULL: none was made */
ngx_http_rtauth_exchange_t *ngx_http_rtauth_exchange(ngx_http_request_t *r);

/* NULL: out of memory */
ngx_http_rtauth_exchange_t *ngx_http_rtauth_exchange_create(
    ngx_http_request_t *r, ngx_http_rtauth_client_t *client);

/* from here on the exchange is that of another client */
void ngx_http_rtauth_exchange_of(ngx_http_rtauth_exchange_t *x,
    ngx_http_rtauth_client_t *client);

/*
 * What is done at such an address, step by step.  One that returns NGX_OK is
 * over; NGX_AGAIN: it is called again when what it waits for is there; else the
 * request is answered.
 *
 * ret: for the handler of a phase to return; NGX_DONE: it waits
 */

typedef ngx_int_t (*ngx_http_rtauth_exchange_pt)(
    ngx_http_rtauth_exchange_t *x);

ngx_int_t ngx_http_rtauth_exchange_run(ngx_http_rtauth_exchange_t *x,
    const ngx_http_rtauth_exchange_pt *steps);

/*
 * For a step that gives the session's store something to do: _store() is what
 * it returns, _stored() what the store calls.  The next step has x->stored.
 */
ngx_int_t ngx_http_rtauth_exchange_store(ngx_http_rtauth_exchange_t *x,
    ngx_int_t rc);
void ngx_http_rtauth_exchange_stored(ngx_http_request_t *r, ngx_int_t rc);

/*
 * Sends a form to an endpoint of the metadata, or of a line of its own, with
 * what proves who this client is.  once: it is good for one use, and never sent
 * again.
 * ret: NGX_AGAIN, the answer comes; NGX_ERROR, with x->error set
 */
ngx_int_t ngx_http_rtauth_exchange_post(ngx_http_rtauth_exchange_t *x,
    const rt_metadata_t *m, rt_metadata_endpoint_e endpoint, rt_arg_t *args,
    ngx_uint_t nargs, ngx_uint_t once);

/* asks an endpoint of the metadata with an access token (RFC 6750, 2.1) */
ngx_int_t ngx_http_rtauth_exchange_get(ngx_http_rtauth_exchange_t *x,
    const rt_metadata_t *m, rt_metadata_endpoint_e endpoint, rt_str_t *token);

/*
 * Its provider's refusal as a phrase, in its own words, which rt_shown() has
 * made harmless, and without those that say a secret of ours again; NULL: out
 * of memory
 */
const char *ngx_http_rtauth_exchange_says(ngx_http_rtauth_exchange_t *x,
    rt_str_t *error, rt_str_t *description);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_EXCHANGE_H_INCLUDED */

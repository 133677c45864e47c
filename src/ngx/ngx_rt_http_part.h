
/*
 * What the files of the HTTP client share: _job.c is a job from its start to
 * its handler; it has _resolve.c look up the name, _setup.c tell libcurl what
 * to send, _loop.c drive libcurl by nginx's events, and _answer.c take what
 * comes back.
 */


#ifndef NGX_RT_HTTP_PART_H_INCLUDED
#define NGX_RT_HTTP_PART_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <curl/curl.h>

#include "ngx_rt_http.h"


#pragma GCC visibility push(hidden)


/*
 * The data of an event must look like a connection up to its fd, the fourth
 * word: nginx's debug log prints that (as in ngx_resolver_t).
 */

struct ngx_rt_http_client_s {
    ngx_rt_http_conf_t  *conf;
    ngx_pool_t          *pool;
    ngx_log_t           *log;
    ngx_int_t            ident;

    void               (*done)(ngx_rt_http_t *job, CURLcode rc);

    CURLM               *multi;     /* NULL: nothing is open */
    ngx_event_t          timer;     /* libcurl's */
    ngx_event_t          idle;      /* closes what nobody uses any longer */
    ngx_queue_t          jobs;
    ngx_queue_t          sockets;   /* ngx_connection_t, by their queue */
    unsigned             stale:1;   /* a kept connection was closed by its
                                       peer, or cannot be watched */
};


/* ngx_rt_http_answer.c: CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION */

size_t ngx_rt_http_answer_header(char *p, size_t size, size_t n, void *data);
size_t ngx_rt_http_answer_body(char *p, size_t size, size_t n, void *data);


/* ngx_rt_http_loop.c */

void ngx_rt_http_loop_init(ngx_rt_http_client_t *client);

/* closes all connections; not to be called with jobs, nor from libcurl */
void ngx_rt_http_loop_close(ngx_rt_http_client_t *client);

/* NGX_ERROR: memory is out, or libcurl refuses the job */
ngx_int_t ngx_rt_http_loop_add(ngx_rt_http_t *job);
void ngx_rt_http_loop_remove(ngx_rt_http_t *job);

/* watches the connection of a job that is done, if libcurl keeps it */
void ngx_rt_http_loop_keep(ngx_rt_http_t *job);

/*
 * Ends the job from the event loop: whoever notices the failure may be inside
 * of libcurl, or of the code that has just started the job.
 */
void ngx_rt_http_loop_fail(ngx_rt_http_t *job, char *failure);

/* CURLOPT_CLOSESOCKETFUNCTION */
int ngx_rt_http_loop_closed(void *data, curl_socket_t fd);


/* ngx_rt_http_resolve.c: job->addresses, then next(); or the job fails */

void ngx_rt_http_resolve(ngx_rt_http_t *job, ngx_rt_http_handler_pt next);


/* ngx_rt_http_setup.c: NGX_ERROR, memory is out or an option is unknown */

ngx_int_t ngx_rt_http_setup(ngx_rt_http_t *job);


#pragma GCC visibility pop


#endif /* NGX_RT_HTTP_PART_H_INCLUDED */

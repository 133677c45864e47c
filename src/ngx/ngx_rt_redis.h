
/*
 * A Redis or Valkey server, asked on nginx's own connections and events.
 *
 * A client has one connection, made when something is asked and kept as long
 * as it is used.  Questions go out at once, one behind the other, and answers
 * come back in that order.  The server is away when it cannot be reached, is
 * late, or says something that no server says; whoever waits is told so, and
 * until a moment has passed nobody waits again.  Nothing is asked twice.
 *
 * Keys, values and passwords are written into no log.
 *
 *     rt_str_t  words[2] = { rt_string("GET"), key };
 *
 *     ask = ngx_rt_redis_ask(redis, words, 2, 0, handler, data);
 */


#ifndef NGX_RT_REDIS_H_INCLUDED
#define NGX_RT_REDIS_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define NGX_RT_REDIS_MAX_ASKED    1024      /* at a time, by a worker */
#define NGX_RT_REDIS_MAX_ANSWER   131072    /* bytes */
#define NGX_RT_REDIS_IDLE         60000     /* ms, then it is closed */


/* constant configuration; the client needs it as long as it lives */

typedef struct {
    ngx_str_t                 name;         /* "DIRECTIVE "NAME"", for logs */
    ngx_addr_t               *addrs;        /* tried one after the other */
    ngx_uint_t                naddrs;
    ngx_uint_t                tls;
    ngx_str_t                 host;         /* of the certificate */
    ngx_str_t                 trusted;      /* file of CAs; empty: system's */
    ngx_str_t                 user;         /* of AUTH, or empty */
    ngx_str_t                 password;     /* likewise */
    ngx_uint_t                db;           /* of SELECT */
    ngx_msec_t                timeout;      /* of an answer */
    void                     *ssl;          /* private */
} ngx_rt_redis_conf_t;


typedef struct ngx_rt_redis_s      ngx_rt_redis_t;
typedef struct ngx_rt_redis_ask_s  ngx_rt_redis_ask_t;

/*
 * An answer (rt_resp.h), complete and no error, which is gone afterwards;
 * NULL: the server is away, or has answered with an error.
 */
typedef void (*ngx_rt_redis_handler_pt)(void *data, rt_str_t *answer);


#if (NGX_SSL)
/*
 * Makes ready what "tls" needs, while the configuration is read.
 * ret: NGX_OK; NGX_ERROR after a message
 */
ngx_int_t ngx_rt_redis_conf(ngx_conf_t *cf, ngx_rt_redis_conf_t *conf);
#endif

/*
 * hold: a worker that is told to go stays until what was asked is answered.
 * NULL when memory is out.
 */
ngx_rt_redis_t *ngx_rt_redis_create(ngx_rt_redis_conf_t *conf,
    ngx_uint_t hold, ngx_log_t *log);

/* whoever waits is not told */
void ngx_rt_redis_destroy(ngx_rt_redis_t *redis);

/*
 * Asks; n words, copied.  more: ms, beyond the timeout, that the command itself
 * may wait.  The handler, if there is one, is called once and never from
 * within; it may ask, and forget others.
 *
 * ret: what can be forgotten until the handler is called; NULL: the server is
 *      away, too much was asked, or memory is out
 */
ngx_rt_redis_ask_t *ngx_rt_redis_ask(ngx_rt_redis_t *redis,
    const rt_str_t *words, ngx_uint_t n, ngx_msec_t more,
    ngx_rt_redis_handler_pt handler, void *data);

/* the handler is not called; what was asked is asked all the same */
void ngx_rt_redis_forget(ngx_rt_redis_ask_t *ask);


#pragma GCC visibility pop


#endif /* NGX_RT_REDIS_H_INCLUDED */

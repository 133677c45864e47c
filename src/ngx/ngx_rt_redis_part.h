
/*
 * What the files of the Redis client share: _ask.c keeps what was asked and
 * hands out answers, _link.c has the connection, _tls.c its TLS.
 */


#ifndef NGX_RT_REDIS_PART_H_INCLUDED
#define NGX_RT_REDIS_PART_H_INCLUDED


#include <ngx_event_connect.h>

#include "ngx_rt_redis.h"
#include "text/rt_resp.h"


#pragma GCC visibility push(hidden)


struct ngx_rt_redis_ask_s {
    ngx_queue_t               queue;
    ngx_rt_redis_handler_pt   handler;      /* NULL: nobody waits */
    void                     *data;
    ngx_msec_t                until;
    size_t                    len;
    size_t                    sent;
    unsigned                  greeting:1;   /* ours, and may hold a password */
    u_char                    bytes[];
};


/*
 * The data of an event must look like a connection up to its fd, the fourth
 * word: nginx's debug log prints that.
 */

struct ngx_rt_redis_s {
    ngx_rt_redis_conf_t      *conf;
    ngx_log_t                *log;
    ngx_connection_t         *connection;   /* NULL: none */
    ngx_int_t                 ident;

    ngx_queue_t               waiting;      /* to be sent */
    ngx_queue_t               sent;         /* to be answered */
    ngx_uint_t                asked;        /* in both */

    ngx_event_t               work;         /* posted: something waits */
    ngx_event_t               timer;        /* of the first answer; idle */

    ngx_uint_t                addr;         /* the one of conf->addrs */
    ngx_uint_t                tried;        /* addresses in vain */
    ngx_msec_t                pause;        /* after the last failure, */
    ngx_msec_t                retry;        /*   which is over then */
    ngx_msec_t                complained;   /* about an answer */

    u_char                   *buf;          /* what came in, from its begin */
    size_t                    have;
    size_t                    size;
    rt_resp_scan_t            scan;         /* of the first answer in it */

    /*
     * What the connection calls.  greet: it is there, and questions that go
     * first may be put before what waits.  send: it takes bytes, and what waits
     * is sent.  take: bytes have come; ret: NGX_OK, or NGX_ERROR, it is closed
     * by now.  failed: it is to be closed, and whoever waits told; why, for the
     * log.
     */

    ngx_int_t               (*greet)(ngx_rt_redis_t *redis);
    void                    (*send)(ngx_rt_redis_t *redis);
    ngx_int_t               (*take)(ngx_rt_redis_t *redis);
    void                    (*failed)(ngx_rt_redis_t *redis, ngx_err_t err,
                                      const char *why);

    void                    (*secured)(ngx_rt_redis_t *redis);

    unsigned                  hold:1;
    unsigned                  ready:1;      /* connected: may be written to */
    unsigned                  good:1;       /* this connection has answered */
    unsigned                  away:1;       /* and the log says so */
    unsigned                  complaining:1;    /* "complained" is set */
};


void ngx_rt_redis_open(ngx_rt_redis_t *redis);
void ngx_rt_redis_close(ngx_rt_redis_t *redis);

#if (NGX_SSL)
/* the handshake; at its end, and only if the server is who it has to be, done;
   else redis->failed() */
void ngx_rt_redis_tls(ngx_rt_redis_t *redis,
    void (*done)(ngx_rt_redis_t *redis));
#endif


#pragma GCC visibility pop


#endif /* NGX_RT_REDIS_PART_H_INCLUDED */

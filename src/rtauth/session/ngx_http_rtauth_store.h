
/*
 * Where sessions are kept: stores are one table of functions.
 *
 * A store keeps sealed bytes under a name of 32 bytes, for a time.  It cannot
 * open them, and the name does not tell the cookie (session.h).  One of them
 * keeps nothing: with it the sealed bytes are the cookie.
 */


#ifndef NGX_HTTP_RTAUTH_STORE_H_INCLUDED
#define NGX_HTTP_RTAUTH_STORE_H_INCLUDED


#include "keys/ngx_http_rtauth_zone.h"
#include "session/ngx_http_rtauth_sessions.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_STORE_KEY   NGX_HTTP_RTAUTH_DIGEST
#define NGX_HTTP_RTAUTH_STORE_MAX   (48 * 1024)     /* bytes of a record */


typedef struct ngx_http_rtauth_op_s  ngx_http_rtauth_op_t;

typedef void (*ngx_http_rtauth_op_pt)(ngx_http_rtauth_op_t *op, ngx_int_t rc);

/* one operation; it and what it points to stay until it is over */

struct ngx_http_rtauth_op_s {
    ngx_pool_t                  *pool;      /* of the request */
    ngx_log_t                   *log;
    ngx_http_rtauth_sessions_t  *sessions;
    u_char                       key[NGX_HTTP_RTAUTH_STORE_KEY];
    ngx_str_t                    value;     /* in for save, out of load */
    ngx_uint_t                   version;   /* out of load and save: another
                                               one after each save; 0: not
                                               known.  Out of lock, and in for
                                               its unlock */
    time_t                       ttl;       /* seconds, for save and touch; of
                                               lock: it lapses after them */
    time_t                       hold;      /* of load, seconds; 0: see below */

    unsigned                     again:1;   /* of save: only in place of the
                                               one of "version" */

    /*
     * Called once, and only when the function said NGX_AGAIN; never from
     * within it.  Not called when the pool goes before: the store sees to that.
     */

    ngx_http_rtauth_op_pt        handler;
    void                        *data;
    void                        *pending;   /* the store's own */
};


/*
 * A load with "hold" is for a request that goes on: its session's idle time
 * neither ends nor begins anew by it, and a record whose idle time is over is
 * there for so long.  NGX_DECLINED: it was removed; NGX_DONE: it is not there,
 * and nobody knows why.
 *
 * All of them return
 *     NGX_OK        done
 *     NGX_DECLINED  load: there is none; save: no room, or there is no old one
 *                   to be replaced; lock: it is another's
 *     NGX_BUSY      save: the one to be replaced was replaced meanwhile
 *     NGX_AGAIN     handler will be called with one of the others
 *     NGX_ERROR     the store cannot be reached, or memory is out
 */

typedef ngx_int_t (*ngx_http_rtauth_store_pt)(ngx_http_rtauth_op_t *op);

typedef struct {
    ngx_str_t                    name;
    ngx_http_rtauth_store_pt     load;      /* and its idle time begins anew,
                                               where that costs nothing */
    ngx_http_rtauth_store_pt     save;      /* new, or in place of the old */
    ngx_http_rtauth_store_pt     touch;     /* its idle time begins anew */
    ngx_http_rtauth_store_pt     remove;
    ngx_http_rtauth_store_pt     lock;      /* single flight of a refresh */
    ngx_http_rtauth_store_pt     unlock;
    unsigned                     stateless:1;   /* the cookie is the record */
    unsigned                     touches:1;     /* load does what touch does */
} ngx_http_rtauth_store_t;


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_STORE_H_INCLUDED */

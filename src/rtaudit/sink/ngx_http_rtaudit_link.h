
/*
 * A connection to a collector, in the writer's thread: made when it is needed,
 * and never waited for.
 *
 *   CLOSED --> CONNECTING --> SHAKING (TLS) --> READY
 *      ^____________|_____________|_______________|     what fails, closes
 *
 * The thread may outlive the configuration: a link has all it needs.
 */


#ifndef NGX_HTTP_RTAUDIT_LINK_H_INCLUDED
#define NGX_HTTP_RTAUDIT_LINK_H_INCLUDED


#include "sink/ngx_http_rtaudit_kind.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_LINK_ADDRS  16
#define NGX_HTTP_RTAUDIT_LINK_NAME   256


typedef enum {
    NGX_HTTP_RTAUDIT_LINK_CLOSED = 0,
    NGX_HTTP_RTAUDIT_LINK_CONNECTING,
    NGX_HTTP_RTAUDIT_LINK_SHAKING,
    NGX_HTTP_RTAUDIT_LINK_READY
} ngx_http_rtaudit_link_e;


typedef struct {
    ngx_http_rtaudit_link_e      state;
    int                          fd;
    int                          type;      /* SOCK_STREAM, SOCK_DGRAM */
    void                        *ctx;       /* SSL_CTX; NULL: no TLS */
    void                        *ssl;
    uint64_t                     deadline;  /* ms; to be ready, and then to
                                               be refused (TLS) */

    uint64_t                     ends;      /* ms; 0: TLS has not ended */

    ngx_err_t                    err;       /* why it is not */
    const char                  *why;       /* ... when err does not tell */

    ngx_uint_t                   next;      /* of the addresses */
    ngx_uint_t                   naddrs;
    socklen_t                    len[NGX_HTTP_RTAUDIT_LINK_ADDRS];
    ngx_sockaddr_t               addr[NGX_HTTP_RTAUDIT_LINK_ADDRS];
    u_char                       name[NGX_HTTP_RTAUDIT_LINK_NAME];
} ngx_http_rtaudit_link_t;


/*
 * Each of these goes on as far as it can without waiting.
 *
 * ret: NGX_OK; NGX_AGAIN; NGX_ERROR: it is closed, see err and why
 */

/* to be READY */
ngx_int_t ngx_http_rtaudit_link_ready(ngx_http_rtaudit_link_t *link);

/*
 * What the collector says: nothing of it matters, but NGX_DONE: it has closed
 * the connection, in order.
 */
ngx_int_t ngx_http_rtaudit_link_hear(ngx_http_rtaudit_link_t *link);

/* of a stream; *n becomes how much of the data it took */
ngx_int_t ngx_http_rtaudit_link_send(ngx_http_rtaudit_link_t *link,
    u_char *data, size_t *n);

/* one datagram; NGX_DECLINED: it is longer than one can be */
ngx_int_t ngx_http_rtaudit_link_datagram(ngx_http_rtaudit_link_t *link,
    struct iovec *iov, size_t n);

/*
 * Has all of it arrived?  With TCP, at the collector's machine; at a socket of
 * this one, it was read; with UDP, it has left.
 */
ngx_int_t ngx_http_rtaudit_link_arrived(ngx_http_rtaudit_link_t *link);

ngx_int_t ngx_http_rtaudit_link_failed(ngx_http_rtaudit_link_t *link,
    ngx_err_t err, const char *why);

void ngx_http_rtaudit_link_close(ngx_http_rtaudit_link_t *link);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_LINK_H_INCLUDED */

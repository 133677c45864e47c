
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>

#include "sink/ngx_http_rtaudit_link.h"
#include "ngx_rt_peer.h"


#define NGX_HTTP_RTAUDIT_LINK_READY_IN  10000   /* ms to be ready */
#define NGX_HTTP_RTAUDIT_LINK_DEAD      60000   /* ms until bytes must have
                                                   arrived (TCP) */
#define NGX_HTTP_RTAUDIT_LINK_REFUSE    4000    /* ms to be refused, after a
                                                   handshake (TLS 1.3) */
#define NGX_HTTP_RTAUDIT_LINK_ENDS      2000    /* ms from the end of TLS to
                                                   that of the connection */
#define NGX_HTTP_RTAUDIT_LINK_HEAR      4       /* reads at a time */


static ngx_int_t ngx_http_rtaudit_link_open(ngx_http_rtaudit_link_t *link);
static ngx_uint_t ngx_http_rtaudit_link_to_itself(
    ngx_http_rtaudit_link_t *link);
static ngx_int_t ngx_http_rtaudit_link_connected(
    ngx_http_rtaudit_link_t *link);
static ngx_int_t ngx_http_rtaudit_link_wait(ngx_http_rtaudit_link_t *link);

#if (NGX_SSL)
static ngx_int_t ngx_http_rtaudit_link_shake(ngx_http_rtaudit_link_t *link);
static ngx_int_t ngx_http_rtaudit_link_shaken(ngx_http_rtaudit_link_t *link);
static ngx_int_t ngx_http_rtaudit_link_over(ngx_http_rtaudit_link_t *link);
static ngx_uint_t ngx_http_rtaudit_link_refusable(
    ngx_http_rtaudit_link_t *link);
static ngx_int_t ngx_http_rtaudit_link_tls(ngx_http_rtaudit_link_t *link,
    int rc);
#endif


ngx_int_t
ngx_http_rtaudit_link_ready(ngx_http_rtaudit_link_t *link)
{
    ngx_int_t  rc;

    rc = NGX_OK;

    if (link->state == NGX_HTTP_RTAUDIT_LINK_CLOSED) {
        rc = ngx_http_rtaudit_link_open(link);
    }

    if (rc == NGX_OK && link->state == NGX_HTTP_RTAUDIT_LINK_CONNECTING) {
        rc = ngx_http_rtaudit_link_connected(link);
    }

#if (NGX_SSL)
    if (rc == NGX_OK && link->state == NGX_HTTP_RTAUDIT_LINK_SHAKING) {
        rc = ngx_http_rtaudit_link_shaken(link);
    }
#endif

    return rc == NGX_AGAIN ? ngx_http_rtaudit_link_wait(link) : rc;
}


/* not for ever */

static ngx_int_t
ngx_http_rtaudit_link_wait(ngx_http_rtaudit_link_t *link)
{
    if (ngx_http_rtaudit_zone_now() >= link->deadline) {
        return ngx_http_rtaudit_link_failed(link, ETIMEDOUT, NULL);
    }

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_rtaudit_link_open(ngx_http_rtaudit_link_t *link)
{
    int              on, dead;
    ngx_uint_t       n;
    struct sockaddr  *sa;

    n = link->next++ % link->naddrs;
    sa = &link->addr[n].sockaddr;

    link->fd = socket(sa->sa_family, link->type|SOCK_NONBLOCK|SOCK_CLOEXEC, 0);

    if (link->fd == -1) {
        return ngx_http_rtaudit_link_failed(link, errno, NULL);
    }

    on = 1;
    dead = NGX_HTTP_RTAUDIT_LINK_DEAD;

    if (link->type == SOCK_STREAM) {
        (void) setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on,
                          sizeof(on));
        (void) setsockopt(link->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead,
                          sizeof(dead));
    }

    link->state = NGX_HTTP_RTAUDIT_LINK_CONNECTING;
    link->deadline = ngx_http_rtaudit_zone_now()
                     + NGX_HTTP_RTAUDIT_LINK_READY_IN;

    if (connect(link->fd, sa, link->len[n]) == -1 && errno != EINPROGRESS) {
        return ngx_http_rtaudit_link_failed(link, errno, NULL);
    }

    return NGX_OK;
}


/* where nobody listens, TCP may give out that very port, and answer itself */

static ngx_uint_t
ngx_http_rtaudit_link_to_itself(ngx_http_rtaudit_link_t *link)
{
    socklen_t                len, peer_len;
    struct sockaddr_storage  sa, peer;

    len = sizeof(sa);
    peer_len = sizeof(peer);
    ngx_memzero(&sa, sizeof(sa));
    ngx_memzero(&peer, sizeof(peer));

    return link->type == SOCK_STREAM
           && getsockname(link->fd, (struct sockaddr *) &sa, &len) == 0
           && getpeername(link->fd, (struct sockaddr *) &peer, &peer_len) == 0
           && len == peer_len && ngx_memcmp(&sa, &peer, len) == 0;
}


static ngx_int_t
ngx_http_rtaudit_link_connected(ngx_http_rtaudit_link_t *link)
{
    int            err;
    socklen_t      len;
    struct pollfd  pfd;

    pfd.fd = link->fd;
    pfd.events = POLLOUT;

    if (poll(&pfd, 1, 0) != 1) {
        return NGX_AGAIN;
    }

    err = 0;
    len = sizeof(err);

    if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &err, &len) == -1 || err) {
        return ngx_http_rtaudit_link_failed(link, err ? err : errno, NULL);
    }

    if (ngx_http_rtaudit_link_to_itself(link)) {
        return ngx_http_rtaudit_link_failed(link, ECONNREFUSED, NULL);
    }

#if (NGX_SSL)
    if (link->ctx) {
        return ngx_http_rtaudit_link_shake(link);
    }
#endif

    link->state = NGX_HTTP_RTAUDIT_LINK_READY;

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_link_hear(ngx_http_rtaudit_link_t *link)
{
    u_char      buf[1024];
    ssize_t     n;
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_RTAUDIT_LINK_HEAR; i++) {

#if (NGX_SSL)
        if (link->ssl) {
            ERR_clear_error();

            n = SSL_read(link->ssl, buf, sizeof(buf));

            if (n <= 0) {
                return SSL_get_error(link->ssl, n) == SSL_ERROR_ZERO_RETURN
                       ? ngx_http_rtaudit_link_over(link)
                       : ngx_http_rtaudit_link_tls(link, n);
            }

            continue;
        }
#endif

        n = recv(link->fd, buf, sizeof(buf), 0);

        if (n == 0 && link->type == SOCK_STREAM) {
            return NGX_DONE;
        }

        if (n == -1) {
            return (errno == EAGAIN || errno == EINTR) ? NGX_OK
                   : ngx_http_rtaudit_link_failed(link, errno, NULL);
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_link_send(ngx_http_rtaudit_link_t *link, u_char *data,
    size_t *n)
{
    ssize_t  sent;

#if (NGX_SSL)
    int      rc;

    if (link->ssl) {
        ERR_clear_error();

        rc = SSL_write(link->ssl, data, (int) *n);

        if (rc <= 0) {
            return ngx_http_rtaudit_link_tls(link, rc) == NGX_OK ? NGX_AGAIN
                                                                 : NGX_ERROR;
        }

        *n = rc;

        return NGX_OK;
    }
#endif

    sent = send(link->fd, data, *n, MSG_NOSIGNAL);

    if (sent == -1) {
        return (errno == EAGAIN || errno == EINTR) ? NGX_AGAIN
               : ngx_http_rtaudit_link_failed(link, errno, NULL);
    }

    *n = sent;

    return NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_link_datagram(ngx_http_rtaudit_link_t *link,
    struct iovec *iov, size_t n)
{
    struct msghdr  msg;

    ngx_memzero(&msg, sizeof(struct msghdr));

    msg.msg_iov = iov;
    msg.msg_iovlen = n;

    if (sendmsg(link->fd, &msg, MSG_NOSIGNAL) != -1) {
        return NGX_OK;
    }

    switch (errno) {

    case EAGAIN:
    case EINTR:
    case ENOBUFS:
        return NGX_AGAIN;

    case EMSGSIZE:
        return NGX_DECLINED;

    default:
        return ngx_http_rtaudit_link_failed(link, errno, NULL);
    }
}


ngx_int_t
ngx_http_rtaudit_link_arrived(ngx_http_rtaudit_link_t *link)
{
    int  left;

#if (NGX_SSL)
    if (link->ssl && ngx_http_rtaudit_link_refusable(link)) {
        return NGX_AGAIN;
    }
#endif

    if (ioctl(link->fd, SIOCOUTQ, &left) == -1) {
        return ngx_http_rtaudit_link_failed(link, errno, NULL);
    }

    return left ? NGX_AGAIN : NGX_OK;
}


ngx_int_t
ngx_http_rtaudit_link_failed(ngx_http_rtaudit_link_t *link, ngx_err_t err,
    const char *why)
{
    link->err = err;
    link->why = why;

    ngx_http_rtaudit_link_close(link);

    return NGX_ERROR;
}


void
ngx_http_rtaudit_link_close(ngx_http_rtaudit_link_t *link)
{
#if (NGX_SSL)
    if (link->ssl) {
        ERR_clear_error();

        if (link->state == NGX_HTTP_RTAUDIT_LINK_READY) {
            (void) SSL_shutdown(link->ssl);
        }

        SSL_free(link->ssl);
        link->ssl = NULL;
    }
#endif

    if (link->fd != -1) {
        (void) close(link->fd);
        link->fd = -1;
    }

    link->state = NGX_HTTP_RTAUDIT_LINK_CLOSED;
    link->ends = 0;
}


#if (NGX_SSL)

static ngx_int_t
ngx_http_rtaudit_link_shake(ngx_http_rtaudit_link_t *link)
{
    ngx_str_t  name;

    name.data = link->name;
    name.len = ngx_strlen(name.data);

    link->ssl = SSL_new(link->ctx);

    if (link->ssl == NULL
        || SSL_set_fd(link->ssl, link->fd) != 1
        || ngx_rt_peer_expect(link->ssl, &name) != NGX_OK)
    {
        return ngx_http_rtaudit_link_failed(link, EPROTO, "TLS cannot begin");
    }

    SSL_set_connect_state(link->ssl);
    link->state = NGX_HTTP_RTAUDIT_LINK_SHAKING;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_link_shaken(ngx_http_rtaudit_link_t *link)
{
    int  rc;

    ERR_clear_error();

    rc = SSL_do_handshake(link->ssl);

    if (rc == 1) {
        link->state = NGX_HTTP_RTAUDIT_LINK_READY;
        link->deadline = ngx_http_rtaudit_zone_now()
                         + NGX_HTTP_RTAUDIT_LINK_REFUSE;
        return NGX_OK;
    }

    return ngx_http_rtaudit_link_tls(link, rc) == NGX_OK ? NGX_AGAIN
                                                         : NGX_ERROR;
}


/*
 * TLS ends before the connection does, and only the end of that tells whether
 * all was read: in order, or by a reset.
 */

static ngx_int_t
ngx_http_rtaudit_link_over(ngx_http_rtaudit_link_t *link)
{
    u_char    c;
    ssize_t   n;
    uint64_t  now;

    now = ngx_http_rtaudit_zone_now();

    /* before a write that would take the error away */

    n = recv(link->fd, &c, 1, MSG_PEEK);

    if (n == -1 && errno == EAGAIN && link->ends == 0) {
        link->ends = now + NGX_HTTP_RTAUDIT_LINK_ENDS;

        (void) SSL_shutdown(link->ssl);
        (void) shutdown(link->fd, SHUT_WR);

        return NGX_AGAIN;
    }

    if (n == -1 && errno == EAGAIN && now < link->ends) {
        return NGX_AGAIN;
    }

    return n == 0 ? NGX_DONE
                  : ngx_http_rtaudit_link_failed(link, ECONNRESET, NULL);
}


/*
 * With TLS 1.3 the client may send before the server has judged it: one that
 * wants a certificate says so afterwards.  A ticket says that all is well.
 */

static ngx_uint_t
ngx_http_rtaudit_link_refusable(ngx_http_rtaudit_link_t *link)
{
    return SSL_version(link->ssl) >= TLS1_3_VERSION
           && !SSL_SESSION_has_ticket(SSL_get0_session(link->ssl))
           && ngx_http_rtaudit_zone_now() < link->deadline;
}


/* NGX_OK: it waits for the collector, no more */

static ngx_int_t
ngx_http_rtaudit_link_tls(ngx_http_rtaudit_link_t *link, int rc)
{
    long         verified;
    ngx_err_t    err;
    const char  *why;

    err = errno;

    switch (SSL_get_error(link->ssl, rc)) {

    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return NGX_OK;

    case SSL_ERROR_SYSCALL:
        if (err) {
            return ngx_http_rtaudit_link_failed(link, err, NULL);
        }

        break;
    }

    verified = SSL_get_verify_result(link->ssl);

    why = (verified != X509_V_OK) ? X509_verify_cert_error_string(verified)
                                  : ERR_reason_error_string(ERR_peek_error());

    ERR_clear_error();

    return ngx_http_rtaudit_link_failed(link, EPROTO,
                                        why ? why : "TLS ends early");
}

#endif

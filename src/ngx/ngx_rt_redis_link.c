
/*
 * The connection of a Redis client.
 */

#include "ngx_rt_redis_part.h"


#define NGX_RT_REDIS_BUF  4096


static void ngx_rt_redis_link_connected(ngx_event_t *ev);
static ngx_err_t ngx_rt_redis_link_error(ngx_connection_t *c);
static void ngx_rt_redis_link_start(ngx_rt_redis_t *redis);
static void ngx_rt_redis_link_write(ngx_event_t *wev);
static void ngx_rt_redis_link_read(ngx_event_t *rev);
static ngx_int_t ngx_rt_redis_link_room(ngx_rt_redis_t *redis);


void
ngx_rt_redis_open(ngx_rt_redis_t *redis)
{
    ngx_int_t               rc;
    ngx_addr_t             *addr;
    ngx_connection_t       *c;
    ngx_peer_connection_t   peer;

    addr = &redis->conf->addrs[redis->addr];

    ngx_memzero(&peer, sizeof(ngx_peer_connection_t));

    peer.sockaddr = addr->sockaddr;
    peer.socklen = addr->socklen;
    peer.name = &addr->name;
    peer.get = ngx_event_get_peer;
    peer.log = redis->log;
    peer.log_error = NGX_ERROR_INFO;
    peer.so_keepalive = 1;

    rc = ngx_event_connect_peer(&peer);

    if (rc != NGX_OK && rc != NGX_AGAIN) {
        redis->failed(redis, 0, "it cannot be connected to");
        return;
    }

    c = peer.connection;

    c->data = redis;
    c->read->handler = ngx_rt_redis_link_connected;
    c->write->handler = ngx_rt_redis_link_connected;
    c->log_error = NGX_ERROR_INFO;

    redis->connection = c;

    c->pool = ngx_create_pool(256, redis->log);
    if (c->pool == NULL) {
        redis->failed(redis, 0, "memory is out");
        return;
    }

    if (rc == NGX_OK) {
        ngx_rt_redis_link_connected(c->write);
    }
}


void
ngx_rt_redis_close(ngx_rt_redis_t *redis)
{
    ngx_pool_t        *pool;
    ngx_connection_t  *c;

    c = redis->connection;

    if (redis->buf) {
        ngx_free(redis->buf);
        redis->buf = NULL;
    }

    redis->have = 0;
    redis->size = 0;
    redis->ready = 0;
    redis->good = 0;
    redis->connection = NULL;

    ngx_memzero(&redis->scan, sizeof(rt_resp_scan_t));

    if (c == NULL) {
        return;
    }

#if (NGX_SSL)
    if (c->ssl) {
        c->ssl->no_wait_shutdown = 1;
        c->ssl->no_send_shutdown = 1;       /* nothing to wait for */
        (void) ngx_ssl_shutdown(c);
    }
#endif

    pool = c->pool;

    ngx_close_connection(c);

    if (pool) {
        ngx_destroy_pool(pool);
    }
}


static void
ngx_rt_redis_link_connected(ngx_event_t *ev)
{
    ngx_err_t          err;
    ngx_rt_redis_t    *redis;
    ngx_connection_t  *c;

    c = ev->data;
    redis = c->data;

    err = ngx_rt_redis_link_error(c);

    if (err) {
        redis->failed(redis, err, "it cannot be connected to");
        return;
    }

#if (NGX_SSL)
    if (redis->conf->tls) {
        ngx_rt_redis_tls(redis, ngx_rt_redis_link_start);
        return;
    }
#endif

    ngx_rt_redis_link_start(redis);
}


static ngx_err_t
ngx_rt_redis_link_error(ngx_connection_t *c)
{
    int        err;
    socklen_t  len;

    err = 0;
    len = sizeof(int);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1) {
        err = ngx_socket_errno;
    }

    return err;
}


static void
ngx_rt_redis_link_start(ngx_rt_redis_t *redis)
{
    ngx_connection_t  *c;

    c = redis->connection;

    c->read->handler = ngx_rt_redis_link_read;
    c->write->handler = ngx_rt_redis_link_write;

    if (ngx_handle_read_event(c->read, 0) != NGX_OK
        || redis->greet(redis) != NGX_OK)
    {
        redis->failed(redis, 0, "memory is out");
        return;
    }

    redis->ready = 1;

    redis->send(redis);
}


static void
ngx_rt_redis_link_write(ngx_event_t *wev)
{
    ngx_rt_redis_t    *redis;
    ngx_connection_t  *c;

    c = wev->data;
    redis = c->data;

    redis->send(redis);
}


/* a server closes connections that nobody uses: it is not away for that */

static void
ngx_rt_redis_link_read(ngx_event_t *rev)
{
    ssize_t            n;
    ngx_rt_redis_t    *redis;
    ngx_connection_t  *c;

    c = rev->data;
    redis = c->data;

    do {
        if (ngx_rt_redis_link_room(redis) != NGX_OK) {
            redis->failed(redis, 0, "its answer is too long");
            return;
        }

        n = c->recv(c, redis->buf + redis->have, redis->size - redis->have);

        if (n == NGX_AGAIN) {

            if (ngx_handle_read_event(rev, 0) != NGX_OK) {
                redis->failed(redis, 0, "its connection cannot be watched");
            }

            return;
        }

        if (n <= 0 && redis->asked == 0) {
            ngx_rt_redis_close(redis);
            return;
        }

        if (n <= 0) {
            redis->failed(redis, 0, "it closed the connection");
            return;
        }

        redis->have += n;

    } while (redis->take(redis) == NGX_OK);
}


static ngx_int_t
ngx_rt_redis_link_room(ngx_rt_redis_t *redis)
{
    size_t   size;
    u_char  *buf;

    if (redis->have < redis->size) {
        return NGX_OK;
    }

    size = redis->size ? redis->size * 2 : NGX_RT_REDIS_BUF;

    if (size > NGX_RT_REDIS_MAX_ANSWER) {
        return NGX_ERROR;
    }

    buf = ngx_alloc(size, redis->log);
    if (buf == NULL) {
        return NGX_ERROR;
    }

    if (redis->buf) {
        ngx_memcpy(buf, redis->buf, redis->have);
        ngx_free(redis->buf);
    }

    redis->buf = buf;
    redis->size = size;

    return NGX_OK;
}

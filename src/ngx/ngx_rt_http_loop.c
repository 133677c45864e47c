
/*
 * libcurl on nginx's events.
 *
 * A socket is in one of three hands.  While a job uses it, libcurl says what
 * it waits for.  When the job is done and libcurl keeps the connection, we
 * watch it, for nobody else would notice that its peer closes it.  The rest of
 * the time, as while it is being connected or closed, it is libcurl's alone.
 */

#include "ngx_rt_http_part.h"

#include <openssl/err.h>


static ngx_int_t ngx_rt_http_loop_open(ngx_rt_http_client_t *client);
static int ngx_rt_http_loop_socket(CURL *easy, curl_socket_t fd, int what,
    void *data, void *socket_data);
static ngx_connection_t *ngx_rt_http_loop_find(ngx_rt_http_client_t *client,
    curl_socket_t fd);
static ngx_connection_t *ngx_rt_http_loop_watch(ngx_rt_http_client_t *client,
    curl_socket_t fd);
static void ngx_rt_http_loop_use(ngx_connection_t *c);
static ngx_int_t ngx_rt_http_loop_interest(ngx_event_t *ev, ngx_int_t event,
    ngx_uint_t on);
static void ngx_rt_http_loop_forget(ngx_connection_t *c);
static void ngx_rt_http_loop_release(ngx_connection_t *c, ngx_uint_t flags);
static int ngx_rt_http_loop_timer(CURLM *multi, long timeout_ms, void *data);
static void ngx_rt_http_loop_read_handler(ngx_event_t *rev);
static void ngx_rt_http_loop_write_handler(ngx_event_t *wev);
static void ngx_rt_http_loop_timer_handler(ngx_event_t *ev);
static void ngx_rt_http_loop_action(ngx_rt_http_client_t *client,
    curl_socket_t fd, int mask);
static void ngx_rt_http_loop_kept_handler(ngx_event_t *rev);
static void ngx_rt_http_loop_kept_tls_handler(ngx_event_t *rev);
static void ngx_rt_http_loop_kept_write_handler(ngx_event_t *wev);
static void ngx_rt_http_loop_idle_handler(ngx_event_t *ev);


void
ngx_rt_http_loop_init(ngx_rt_http_client_t *client)
{
    client->timer.data = client;
    client->timer.handler = ngx_rt_http_loop_timer_handler;
    client->timer.log = client->log;
    client->timer.cancelable = 1;

    client->idle.data = client;
    client->idle.handler = ngx_rt_http_loop_idle_handler;
    client->idle.log = client->log;
    client->idle.cancelable = 1;

    ngx_queue_init(&client->sockets);
}


static ngx_int_t
ngx_rt_http_loop_open(ngx_rt_http_client_t *client)
{
    CURLM  *multi;

    if (client->multi) {
        return NGX_OK;
    }

    multi = curl_multi_init();
    if (multi == NULL) {
        return NGX_ERROR;
    }

    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, ngx_rt_http_loop_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, ngx_rt_http_loop_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
                      (long) NGX_RT_HTTP_MAX_IDLE);

    client->multi = multi;
    client->stale = 0;

    return NGX_OK;
}


void
ngx_rt_http_loop_close(ngx_rt_http_client_t *client)
{
    ngx_connection_t  *c;

    if (client->multi) {
        curl_multi_cleanup(client->multi);
        client->multi = NULL;

        ERR_clear_error();
    }

    while (!ngx_queue_empty(&client->sockets)) {
        c = ngx_queue_data(ngx_queue_head(&client->sockets), ngx_connection_t,
                           queue);
        ngx_rt_http_loop_forget(c);
    }

    if (client->timer.timer_set) {
        ngx_del_timer(&client->timer);
    }

    if (client->idle.timer_set) {
        ngx_del_timer(&client->idle);
    }

    if (client->idle.posted) {
        ngx_delete_posted_event(&client->idle);
    }
}


ngx_int_t
ngx_rt_http_loop_add(ngx_rt_http_t *job)
{
    ngx_rt_http_client_t  *client;

    client = job->client;

    if (ngx_rt_http_loop_open(client) != NGX_OK) {
        return NGX_ERROR;
    }

    if (client->idle.timer_set) {
        ngx_del_timer(&client->idle);
    }

    if (curl_multi_add_handle(client->multi, job->easy) != CURLM_OK) {
        return NGX_ERROR;
    }

    job->added = 1;

    return NGX_OK;
}


/*
 * The last job leaves: what is kept is closed after a while, or at once when a
 * part of it is good for nothing.  Not from here, for libcurl may be at work.
 */

void
ngx_rt_http_loop_remove(ngx_rt_http_t *job)
{
    ngx_rt_http_client_t  *client;

    client = job->client;

    if (job->added) {
        curl_multi_remove_handle(client->multi, job->easy);
    }

    if (job->easy) {
        curl_easy_cleanup(job->easy);
    }

    ERR_clear_error();

    ngx_queue_remove(&job->queue);

    if (client->multi == NULL || !ngx_queue_empty(&client->jobs)) {
        return;
    }

    if (client->stale || client->conf->keepalive == 0) {
        ngx_post_event(&client->idle, &ngx_posted_events);

    } else if (!client->idle.timer_set) {
        ngx_add_timer(&client->idle, client->conf->keepalive);
    }
}


void
ngx_rt_http_loop_keep(ngx_rt_http_t *job)
{
    curl_socket_t          fd;
    ngx_connection_t      *c;
    ngx_rt_http_client_t  *client;

    client = job->client;
    fd = CURL_SOCKET_BAD;

    if (!job->added
        || curl_easy_getinfo(job->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK
        || fd == CURL_SOCKET_BAD
        || ngx_rt_http_loop_find(client, fd))
    {
        return;
    }

    c = ngx_rt_http_loop_watch(client, fd);

    if (c == NULL) {
        client->stale = 1;
        return;
    }

    c->idle = 1;
    c->read->handler = job->url->parts.tls ? ngx_rt_http_loop_kept_tls_handler
                                           : ngx_rt_http_loop_kept_handler;
    c->write->handler = ngx_rt_http_loop_kept_write_handler;

    if (ngx_add_event(c->read, NGX_READ_EVENT, NGX_CLEAR_EVENT) != NGX_OK) {
        ngx_rt_http_loop_forget(c);
        client->stale = 1;
    }
}


void
ngx_rt_http_loop_fail(ngx_rt_http_t *job, char *failure)
{
    job->failure = failure;

    if (!job->event.posted) {
        ngx_post_event(&job->event, &ngx_posted_events);
    }
}


/*
 * libcurl says what it waits for on a socket of its own.  The socket may be
 * closed by libcurl only, so that the connection is given back without
 * closing it.  A failure here must not be returned: it would leave the whole
 * multi handle dead.
 */

static int
ngx_rt_http_loop_socket(CURL *easy, curl_socket_t fd, int what, void *data,
    void *socket_data)
{
    ngx_rt_http_client_t *client = data;

    ngx_rt_http_t     *job;
    ngx_connection_t  *c;

    c = ngx_rt_http_loop_find(client, fd);

    ngx_log_debug3(NGX_LOG_DEBUG_EVENT, client->log, 0,
                   "rt http socket fd:%d what:%d c:%p", fd, what, c);

    if (what == CURL_POLL_REMOVE) {
        if (c) {
            ngx_rt_http_loop_forget(c);
        }

        return 0;
    }

    if (c == NULL) {
        c = ngx_rt_http_loop_watch(client, fd);
    }

    if (c) {
        ngx_rt_http_loop_use(c);
    }

    if (c == NULL
        || ngx_rt_http_loop_interest(c->read, NGX_READ_EVENT,
                                     what & CURL_POLL_IN) != NGX_OK
        || ngx_rt_http_loop_interest(c->write, NGX_WRITE_EVENT,
                                     what & CURL_POLL_OUT) != NGX_OK)
    {
        job = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **) &job);

        if (job) {
            ngx_rt_http_loop_fail(job, "no free connection or event");
        }
    }

    return 0;
}


/* there are a few at a time */

static ngx_connection_t *
ngx_rt_http_loop_find(ngx_rt_http_client_t *client, curl_socket_t fd)
{
    ngx_queue_t       *q;
    ngx_connection_t  *c;

    for (q = ngx_queue_head(&client->sockets);
         q != ngx_queue_sentinel(&client->sockets);
         q = ngx_queue_next(q))
    {
        c = ngx_queue_data(q, ngx_connection_t, queue);

        if (c->fd == fd) {
            return c;
        }
    }

    return NULL;
}


/* nginx's own use of c->queue is for connections it may reuse: not ours */

static ngx_connection_t *
ngx_rt_http_loop_watch(ngx_rt_http_client_t *client, curl_socket_t fd)
{
    ngx_connection_t  *c;

    c = ngx_get_connection(fd, client->log);
    if (c == NULL) {
        return NULL;
    }

    c->data = client;
    c->log = client->log;
    c->type = SOCK_STREAM;
    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);

    c->read->log = client->log;
    c->write->log = client->log;

    ngx_queue_insert_tail(&client->sockets, &c->queue);

    return c;
}


static void
ngx_rt_http_loop_use(ngx_connection_t *c)
{
    if (c->idle) {
        c->idle = 0;
        (void) ngx_rt_http_loop_interest(c->read, NGX_READ_EVENT, 0);
    }

    c->read->handler = ngx_rt_http_loop_read_handler;
    c->write->handler = ngx_rt_http_loop_write_handler;
}


/* level-triggered: it is libcurl that drains the socket */

static ngx_int_t
ngx_rt_http_loop_interest(ngx_event_t *ev, ngx_int_t event, ngx_uint_t on)
{
    if (on) {
        return ev->active ? NGX_OK
                          : ngx_add_event(ev, event, NGX_LEVEL_EVENT);
    }

    return ev->active ? ngx_del_event(ev, event, 0) : NGX_OK;
}


/*
 * libcurl 7.88 closes a socket that is not connected yet before it says
 * that it is done with it: the kernel has forgotten its events by then.
 */

static void
ngx_rt_http_loop_forget(ngx_connection_t *c)
{
    ngx_rt_http_loop_release(c, fcntl(c->fd, F_GETFD) == -1 ? NGX_CLOSE_EVENT
                                                            : 0);
}


static void
ngx_rt_http_loop_release(ngx_connection_t *c, ngx_uint_t flags)
{
    if (c->read->active) {
        (void) ngx_del_event(c->read, NGX_READ_EVENT, flags);
    }

    if (c->write->active) {
        (void) ngx_del_event(c->write, NGX_WRITE_EVENT, flags);
    }

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }

    ngx_queue_remove(&c->queue);

    c->idle = 0;
    ngx_free_connection(c);

    /* events of this turn that were not handled yet are now stale */

    c->fd = (ngx_socket_t) -1;
}


int
ngx_rt_http_loop_closed(void *data, curl_socket_t fd)
{
    ngx_rt_http_client_t *client = data;

    ngx_connection_t  *c;

    c = ngx_rt_http_loop_find(client, fd);

    if (c) {
        ngx_rt_http_loop_release(c, NGX_CLOSE_EVENT);
    }

    if (ngx_close_socket(fd) == -1) {
        ngx_log_error(NGX_LOG_ALERT, client->log, ngx_socket_errno,
                      ngx_close_socket_n " failed");
    }

    return 0;
}


/* must not call back into libcurl: it only arms the timer, for 0 ms too */

static int
ngx_rt_http_loop_timer(CURLM *multi, long timeout_ms, void *data)
{
    ngx_rt_http_client_t *client = data;

    /* nginx would keep a timer that differs by less than 300 ms */

    if (client->timer.timer_set) {
        ngx_del_timer(&client->timer);
    }

    if (timeout_ms >= 0) {
        ngx_add_timer(&client->timer, (ngx_msec_t) timeout_ms);
    }

    return 0;
}


/*
 * The mask is made from the handler that was called: nobody resets ev->ready
 * for a reader outside of nginx.
 */

static void
ngx_rt_http_loop_read_handler(ngx_event_t *rev)
{
    ngx_connection_t  *c = rev->data;

    ngx_rt_http_loop_action(c->data, c->fd, CURL_CSELECT_IN);
}


static void
ngx_rt_http_loop_write_handler(ngx_event_t *wev)
{
    ngx_connection_t  *c = wev->data;

    ngx_rt_http_loop_action(c->data, c->fd, CURL_CSELECT_OUT);
}


static void
ngx_rt_http_loop_timer_handler(ngx_event_t *ev)
{
    ngx_rt_http_loop_action(ev->data, CURL_SOCKET_TIMEOUT, 0);
}


/*
 * What libcurl leaves in OpenSSL's queue of errors would be taken for an error
 * of whichever connection uses OpenSSL next.
 */

static void
ngx_rt_http_loop_action(ngx_rt_http_client_t *client, curl_socket_t fd,
    int mask)
{
    int             n;
    CURLM          *multi;
    CURLcode        rc;
    CURLMsg        *msg;
    ngx_rt_http_t  *job;

    multi = client->multi;

    curl_multi_socket_action(multi, fd, mask, &n);

    ERR_clear_error();

    while ((msg = curl_multi_info_read(multi, &n)) != NULL) {

        if (msg->msg != CURLMSG_DONE) {
            continue;
        }

        /* the message does not survive the removal of its handle */

        rc = msg->data.result;
        job = NULL;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **) &job);

        client->done(job, rc);
    }
}


/*
 * A kept connection has something to read: its end, or what nobody asked for.
 * libcurl has no way to close one connection.  With no job about, all are
 * closed, else it looks by itself before it uses one.  nginx calls this too,
 * with c->close set, when a worker is told to go.
 */

static void
ngx_rt_http_loop_kept_handler(ngx_event_t *rev)
{
    ngx_connection_t      *c;
    ngx_rt_http_client_t  *client;

    c = rev->data;
    client = c->data;

    ngx_log_debug1(NGX_LOG_DEBUG_EVENT, client->log, 0,
                   "rt http stale fd:%d", c->fd);

    client->stale = 1;

    ngx_rt_http_loop_forget(c);

    if (ngx_queue_empty(&client->jobs)) {
        ngx_rt_http_loop_close(client);
    }
}


/*
 * TLS and HTTP/2 have records and frames of their own that may come now.  They
 * are left to libcurl, which reads them before it uses the connection again;
 * only the end of it is looked for.
 */

static void
ngx_rt_http_loop_kept_tls_handler(ngx_event_t *rev)
{
    char               byte;
    ssize_t            n;
    ngx_connection_t  *c;

    c = rev->data;

    if (!c->close && !rev->pending_eof
        && (ngx_event_flags & NGX_USE_CLEAR_EVENT))
    {
        n = recv(c->fd, &byte, 1, MSG_PEEK);

        if (n > 0 || (n == -1 && ngx_socket_errno == NGX_EAGAIN)) {
            return;
        }
    }

    ngx_rt_http_loop_kept_handler(rev);
}


static void
ngx_rt_http_loop_kept_write_handler(ngx_event_t *wev)
{
    ngx_log_debug0(NGX_LOG_DEBUG_EVENT, wev->log, 0, "rt http idle write");
}


static void
ngx_rt_http_loop_idle_handler(ngx_event_t *ev)
{
    ngx_rt_http_client_t *client = ev->data;

    if (ngx_queue_empty(&client->jobs)) {
        ngx_rt_http_loop_close(client);
    }
}

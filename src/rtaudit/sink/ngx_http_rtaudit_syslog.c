
/*
 * The kind of sinks that are syslog collectors.  Runs in the writer's thread,
 * but for open and close.
 *
 * Lines go out as a flight: what write() has of a ring.  They stay in the ring
 * until all of the flight has arrived; should the connection break before,
 * they are sent again.  Syslog has no answer, so what counts as arrival is
 * what the kernel can tell, see ngx_http_rtaudit_link_arrived(), a pass after
 * the last byte was sent, so that a refusal of UDP has the time to come back.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sink/ngx_http_rtaudit_link.h"
#include "sink/ngx_http_rtaudit_syslog.h"
#include "sink/ngx_http_rtaudit_syslog_conf.h"
#include "ngx_rt_str.h"

#include "text/rt_syslog.h"


#define NGX_HTTP_RTAUDIT_SYSLOG_STAGE  16384    /* a record of TLS */
#define NGX_HTTP_RTAUDIT_SYSLOG_INFO   6        /* severity */


typedef struct {
    ngx_http_rtaudit_link_t      link;
    rt_syslog_t                  head;

    /* the flight; n is 0: there is none */
    ngx_uint_t                   n;         /* lines */
    ngx_uint_t                   slot;      /* whose lines they are */
    uint64_t                     cursor;    /* ... behind this cursor */
    ngx_uint_t                   line;      /* the next to be sent */
    size_t                       offset;    /* in it, with its header */
    unsigned                     whole:1;   /* all of it was sent */

    unsigned                     worked:1;  /* this connection */
    unsigned                     lost:1;    /* what arrived may be */

    size_t                       sent;      /* of the stage */
    size_t                       staged;
    u_char                       stage[NGX_HTTP_RTAUDIT_SYSLOG_STAGE];
} ngx_http_rtaudit_syslog_t;


static ngx_int_t ngx_http_rtaudit_syslog_open(ngx_http_rtaudit_out_t *out,
    ngx_log_t *log);
static ngx_int_t ngx_http_rtaudit_syslog_write(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b);
static ngx_int_t ngx_http_rtaudit_syslog_healthy(ngx_http_rtaudit_out_t *out);
static void ngx_http_rtaudit_syslog_close(ngx_http_rtaudit_out_t *out);

static void ngx_http_rtaudit_syslog_who(rt_syslog_t *head,
    ngx_http_rtaudit_sink_t *sink);
static void ngx_http_rtaudit_syslog_given_up(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_syslog_t *syslog);
static void ngx_http_rtaudit_syslog_broken(ngx_http_rtaudit_out_t *out,
    ngx_err_t err);
static ngx_int_t ngx_http_rtaudit_syslog_ready(
    ngx_http_rtaudit_syslog_t *syslog);
static ngx_int_t ngx_http_rtaudit_syslog_closed(
    ngx_http_rtaudit_syslog_t *syslog);
static ngx_int_t ngx_http_rtaudit_syslog_fly(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b);
static ngx_int_t ngx_http_rtaudit_syslog_stream(
    ngx_http_rtaudit_syslog_t *syslog, ngx_http_rtaudit_batch_t *b);
static void ngx_http_rtaudit_syslog_stage(ngx_http_rtaudit_syslog_t *syslog,
    ngx_http_rtaudit_batch_t *b);
static ngx_int_t ngx_http_rtaudit_syslog_datagrams(
    ngx_http_rtaudit_syslog_t *syslog, ngx_http_rtaudit_batch_t *b);


ngx_http_rtaudit_kind_t  ngx_http_rtaudit_syslog = {
    ngx_string("syslog"),
    "syslog:tls://HOST",
    ngx_http_rtaudit_syslog_parse,
    NULL,
    ngx_http_rtaudit_syslog_open,
    ngx_http_rtaudit_syslog_write,
    NULL,
    NULL,
    NULL,
    ngx_http_rtaudit_syslog_healthy,
    "start the collector that listens there",
    NULL,
    ngx_http_rtaudit_syslog_close,
    NULL,
    NULL
};


static ngx_int_t
ngx_http_rtaudit_syslog_open(ngx_http_rtaudit_out_t *out, ngx_log_t *log)
{
    ngx_uint_t                       i;
    ngx_http_rtaudit_link_t         *link;
    ngx_http_rtaudit_syslog_t       *syslog;
    ngx_http_rtaudit_syslog_conf_t  *scf;

    scf = out->sink->conf;

    syslog = ngx_calloc(sizeof(ngx_http_rtaudit_syslog_t), log);
    if (syslog == NULL) {
        return NGX_ERROR;
    }

    link = &syslog->link;

    link->fd = -1;
    link->type = scf->type;
    link->naddrs = scf->naddrs;
    (void) ngx_cpystrn(link->name, scf->pem.name.data,
                       ngx_min(scf->pem.name.len + 1,
                               sizeof(link->name)));

    for (i = 0; i < scf->naddrs; i++) {
        link->len[i] = scf->addrs[i].socklen;
        ngx_memcpy(&link->addr[i], scf->addrs[i].sockaddr, link->len[i]);
    }

#if (NGX_SSL)
    if (scf->tls) {
        SSL_CTX_up_ref(scf->tls);
        link->ctx = scf->tls;
    }
#endif

    ngx_http_rtaudit_syslog_who(&syslog->head, out->sink);

    out->ctx = syslog;

    return NGX_OK;
}


static void
ngx_http_rtaudit_syslog_who(rt_syslog_t *head, ngx_http_rtaudit_sink_t *sink)
{
    u_char                           pid[NGX_INT64_LEN];
    ngx_str_t                        procid, host;
    ngx_http_rtaudit_syslog_conf_t  *scf;

    scf = sink->conf;
    host = ngx_cycle->hostname;

    procid.data = pid;
    procid.len = ngx_sprintf(pid, "%P", ngx_pid) - pid;

    head->pri = scf->facility * 8 + NGX_HTTP_RTAUDIT_SYSLOG_INFO;
    head->host_len = rt_syslog_word(head->host, RT_SYSLOG_HOST,
                                    ngx_rt_str(&host));
    head->app_len = rt_syslog_word(head->app, RT_SYSLOG_APP,
                                   ngx_rt_str(&scf->tag));
    head->procid_len = rt_syslog_word(head->procid, RT_SYSLOG_WORD,
                                      ngx_rt_str(&procid));
    head->msgid_len = rt_syslog_word(head->msgid, RT_SYSLOG_WORD,
                                     ngx_rt_str(&sink->name));
}


static void
ngx_http_rtaudit_syslog_close(ngx_http_rtaudit_out_t *out)
{
    ngx_http_rtaudit_syslog_t  *syslog;

    syslog = out->ctx;

    ngx_http_rtaudit_link_close(&syslog->link);

#if (NGX_SSL)
    SSL_CTX_free(syslog->link.ctx);
#endif

    ngx_free(syslog);
}


/*
 * A collector that ends without reading all that it was sent says so by a
 * reset, and not what it had read.
 */

static ngx_int_t
ngx_http_rtaudit_syslog_healthy(ngx_http_rtaudit_out_t *out)
{
    unsigned                    lost;
    ngx_http_rtaudit_syslog_t  *syslog;

    syslog = out->ctx;

    if (syslog->link.state == NGX_HTTP_RTAUDIT_LINK_READY
        && ngx_http_rtaudit_link_hear(&syslog->link) == NGX_ERROR)
    {
        ngx_http_rtaudit_syslog_broken(out, syslog->link.err);
    }

    lost = syslog->lost;
    syslog->lost = 0;

    return lost ? NGX_DONE : NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_syslog_write(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b)
{
    ngx_int_t                   rc;
    ngx_http_rtaudit_syslog_t  *syslog;

    syslog = out->ctx;

    ngx_http_rtaudit_syslog_given_up(out, syslog);

    rc = ngx_http_rtaudit_syslog_ready(syslog);

    if (rc == NGX_OK) {
        rc = ngx_http_rtaudit_syslog_fly(out, b);
    }

    switch (rc) {

    case NGX_OK:
        b->done = syslog->n;
        syslog->n = 0;
        break;

    case NGX_AGAIN:
        b->err = (syslog->n) ? EINPROGRESS : EAGAIN;
        b->why = "the collector takes nothing";
        break;

    case NGX_ERROR:
        b->err = syslog->link.err;
        b->why = syslog->link.why;
        ngx_http_rtaudit_syslog_broken(out, b->err);
        break;
    }

    return (rc == NGX_OK && b->done < b->n) ? NGX_AGAIN : rc;
}


/* part of a line may be out that will not be sent any more */

static void
ngx_http_rtaudit_syslog_given_up(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_syslog_t *syslog)
{
    ngx_http_rtaudit_account_t  *account;

    if (syslog->n) {
        account = &out->zone->slot[syslog->slot].account[out->id];

        if (ngx_http_rtaudit_zone_get(&account->cursor) != syslog->cursor) {
            ngx_http_rtaudit_link_close(&syslog->link);
            ngx_http_rtaudit_syslog_broken(out, 0);
        }
    }
}


/*
 * Nobody knows how much the collector had read.  Before the next line is sent,
 * healthy() tells of the loss.
 */

static void
ngx_http_rtaudit_syslog_broken(ngx_http_rtaudit_out_t *out, ngx_err_t err)
{
    ngx_http_rtaudit_syslog_t  *syslog;

    syslog = out->ctx;

    if (syslog->worked
        && (err == ECONNRESET || err == ECONNREFUSED || err == EPROTO))
    {
        syslog->lost = 1;
        out->look = 0;
    }

    syslog->n = 0;
    syslog->worked = 0;
}


static ngx_int_t
ngx_http_rtaudit_syslog_ready(ngx_http_rtaudit_syslog_t *syslog)
{
    ngx_int_t                 rc;
    ngx_http_rtaudit_link_t  *link;

    link = &syslog->link;

    rc = (link->state == NGX_HTTP_RTAUDIT_LINK_READY)
         ? ngx_http_rtaudit_link_hear(link) : NGX_OK;

    if (rc == NGX_DONE) {
        rc = ngx_http_rtaudit_syslog_closed(syslog);
    }

    return rc == NGX_OK ? ngx_http_rtaudit_link_ready(link) : rc;
}


/*
 * The collector closed in order: it has read what its machine acknowledged, but
 * for TLS, where its kernel has not said so yet.  When nothing was under way,
 * the connection is made anew.
 */

static ngx_int_t
ngx_http_rtaudit_syslog_closed(ngx_http_rtaudit_syslog_t *syslog)
{
    ngx_http_rtaudit_link_t  *link;

    link = &syslog->link;

    if (syslog->n && syslog->whole && link->ssl == NULL
        && ngx_http_rtaudit_link_arrived(link) == NGX_OK)
    {
        return NGX_OK;
    }

    if (syslog->n || !syslog->worked) {
        return ngx_http_rtaudit_link_failed(link, EPIPE, NULL);
    }

    syslog->worked = 0;
    ngx_http_rtaudit_link_close(link);

    return NGX_OK;
}


/* NGX_OK: all of the flight has arrived */

static ngx_int_t
ngx_http_rtaudit_syslog_fly(ngx_http_rtaudit_out_t *out,
    ngx_http_rtaudit_batch_t *b)
{
    ngx_int_t                   rc;
    ngx_http_rtaudit_syslog_t  *syslog;

    syslog = out->ctx;

    if (syslog->n == 0) {
        syslog->n = b->n;
        syslog->slot = b->slot->number;
        syslog->cursor =
                ngx_http_rtaudit_zone_get(&b->slot->account[out->id].cursor);
        syslog->line = 0;
        syslog->offset = 0;
        syslog->whole = 0;
        syslog->sent = 0;
        syslog->staged = 0;
    }

    if (syslog->slot != b->slot->number) {
        return NGX_AGAIN;
    }

    if (!syslog->whole) {
        rc = (syslog->link.type == SOCK_STREAM)
             ? ngx_http_rtaudit_syslog_stream(syslog, b)
             : ngx_http_rtaudit_syslog_datagrams(syslog, b);

        syslog->whole = (rc == NGX_OK);

        return rc == NGX_OK ? NGX_AGAIN : rc;
    }

    rc = ngx_http_rtaudit_link_arrived(&syslog->link);

    if (rc == NGX_OK) {
        syslog->worked = 1;
    }

    return rc;
}


/* the next line of the flight, without its LF, and its header in buf */

static void
ngx_http_rtaudit_syslog_message(ngx_http_rtaudit_syslog_t *syslog,
    ngx_http_rtaudit_batch_t *b, u_char *buf, struct iovec *iov)
{
    rt_str_t  head, line;

    line.data = b->iov[syslog->line].iov_base;
    line.len = b->iov[syslog->line].iov_len;

    if (line.len && line.data[line.len - 1] == LF) {
        line.len--;
    }

    head = rt_syslog_head(&syslog->head, &line,
                          syslog->link.type == SOCK_STREAM, buf);

    iov[0].iov_base = head.data;
    iov[0].iov_len = head.len;
    iov[1].iov_base = line.data;
    iov[1].iov_len = line.len;
}


/* NGX_OK: all lines of the flight are sent */

static ngx_int_t
ngx_http_rtaudit_syslog_stream(ngx_http_rtaudit_syslog_t *syslog,
    ngx_http_rtaudit_batch_t *b)
{
    size_t     n;
    ngx_int_t  rc;

    for ( ;; ) {

        if (syslog->sent == syslog->staged) {
            ngx_http_rtaudit_syslog_stage(syslog, b);

            if (syslog->staged == 0) {
                return NGX_OK;
            }
        }

        n = syslog->staged - syslog->sent;

        rc = ngx_http_rtaudit_link_send(&syslog->link,
                                        syslog->stage + syslog->sent, &n);
        if (rc != NGX_OK) {
            return rc;
        }

        syslog->sent += n;
    }
}


static void
ngx_http_rtaudit_syslog_stage(ngx_http_rtaudit_syslog_t *syslog,
    ngx_http_rtaudit_batch_t *b)
{
    u_char        buf[RT_SYSLOG_HEAD];
    size_t        at, n, skip;
    ngx_uint_t    i;
    struct iovec  iov[2];

    syslog->sent = 0;
    syslog->staged = 0;

    while (syslog->line < syslog->n) {

        ngx_http_rtaudit_syslog_message(syslog, b, buf, iov);

        at = syslog->offset;

        for (i = 0; i < 2; i++) {
            skip = ngx_min(at, iov[i].iov_len);
            at -= skip;

            n = ngx_min(iov[i].iov_len - skip,
                        sizeof(syslog->stage) - syslog->staged);

            ngx_memcpy(syslog->stage + syslog->staged,
                       (u_char *) iov[i].iov_base + skip, n);

            syslog->staged += n;
            syslog->offset += n;
        }

        if (syslog->offset < iov[0].iov_len + iov[1].iov_len) {
            return;
        }

        syslog->line++;
        syslog->offset = 0;
    }
}


/* likewise; one that is too long ends the flight, and the next one tells it */

static ngx_int_t
ngx_http_rtaudit_syslog_datagrams(ngx_http_rtaudit_syslog_t *syslog,
    ngx_http_rtaudit_batch_t *b)
{
    u_char        buf[RT_SYSLOG_HEAD];
    ngx_int_t     rc;
    struct iovec  iov[2];

    while (syslog->line < syslog->n) {

        ngx_http_rtaudit_syslog_message(syslog, b, buf, iov);

        rc = ngx_http_rtaudit_link_datagram(&syslog->link, iov, 2);

        if (rc == NGX_DECLINED && syslog->line) {
            syslog->n = syslog->line;
            return NGX_OK;
        }

        if (rc == NGX_DECLINED) {
            syslog->n = 0;
        }

        if (rc != NGX_OK) {
            return rc;
        }

        syslog->line++;
    }

    return NGX_OK;
}

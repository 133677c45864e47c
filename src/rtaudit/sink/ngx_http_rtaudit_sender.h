
/*
 * From a spool to its collector: a thread of its own for each sink, so that
 * neither a collector nor compression keeps the writer from other sinks.
 *
 * One of all processes sends: who has the lock of the spool.  It waits for
 * nothing but its collector, and for that within a bound of time.  What was
 * sent is removed from the spool after the answer: should the process be
 * killed before, those lines are sent again, by the next one.
 *
 * The thread touches no nginx function, pool or log, and no signal reaches it.
 */


#ifndef NGX_HTTP_RTAUDIT_SENDER_H_INCLUDED
#define NGX_HTTP_RTAUDIT_SENDER_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <curl/curl.h>
#include <pthread.h>
#include <zlib.h>

#include "sink/ngx_http_rtaudit_spool.h"
#include "sink/ngx_http_rtaudit_zone.h"

#include "event/rt_event_format.h"


#pragma GCC visibility push(hidden)


/* the answer to a request */

typedef struct {
    unsigned                       status;  /* 0: none that is complete */
    long                           after;   /* seconds of Retry-After */
    CURLcode                       rc;
    long                           verify;  /* X509_V_... */
    unsigned                       whole:1; /* its header was */
} ngx_http_rtaudit_answer_t;


/* why events wait; all 0: they do not */

typedef struct {
    int                            err;     /* of the spool */
    unsigned                       status;  /* of an answer, no success */
    const char                    *why;
} ngx_http_rtaudit_trouble_t;


typedef struct {
    ngx_http_rtaudit_spool_t       spool;
    ngx_http_rtaudit_sent_t       *sent;    /* in the zone */
    CURL                          *easy;
    CURLM                         *multi;
    struct curl_slist             *headers;
    struct curl_slist             *addresses;
    z_stream                       gzip;
    u_char                        *content; /* a body, compressed */
    size_t                         room;
    rt_event_view_t                view;
    u_char                        *text;    /* of it */
    u_char                        *made;    /* a line in it; NULL: as it is */
    rt_batch_t                     batch;
    size_t                         gone;    /* lines of it that are booked */
    unsigned                       held:1;  /* there is one */
    ngx_http_rtaudit_answer_t      answer;
    u_char                        *body;    /* of it; NULL: it is not read */
    size_t                         heard;   /* bytes of it */

    pthread_t                      thread;
    unsigned                       running:1;
    _Atomic int                    stop;
    _Atomic int                    done;
    _Atomic int                    leads;   /* no other process sends */

    pthread_mutex_t                lock;    /* of trouble */
    ngx_http_rtaudit_trouble_t     trouble;
} ngx_http_rtaudit_sender_t;


/* spool, easy, headers, sent and view are set; NGX_ERROR after a message */
ngx_int_t ngx_http_rtaudit_sender_start(ngx_http_rtaudit_sender_t *s,
    ngx_log_t *log);

ngx_http_rtaudit_trouble_t ngx_http_rtaudit_sender_trouble(
    ngx_http_rtaudit_sender_t *s);

/* begins no other request; what waits is for another process */
void ngx_http_rtaudit_sender_leave(ngx_http_rtaudit_sender_t *s);

/* likewise, waits for the one that is under way, a while, and frees all */
void ngx_http_rtaudit_sender_stop(ngx_http_rtaudit_sender_t *s);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_SENDER_H_INCLUDED */

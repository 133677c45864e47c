
/*
 * Requests that wait for something of one provider, in one worker: for its
 * keys, or for what it says of a token that another request asked about.
 */


#ifndef NGX_HTTP_RTAUTH_WAIT_H_INCLUDED
#define NGX_HTTP_RTAUTH_WAIT_H_INCLUDED


#include "keys/ngx_http_rtauth_fetch.h"
#include "keys/ngx_http_rtauth_zone.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_MAX_WAITING  1024   /* a provider and worker */
#define NGX_HTTP_RTAUTH_POLL         20     /* ms, while requests wait */


typedef struct {
    ngx_queue_t                      queue;     /* ngx_http_rtauth_wait_t */
    ngx_uint_t                       n;
    ngx_atomic_t                    *gauge;     /* this worker's, of all
                                                   providers; or NULL */
    ngx_event_t                     *timer;     /* looks at the slot; of a
                                                   question: wakes them */
    ngx_http_rtauth_hold_t          *hold;      /* NULL: of a question */
    ngx_http_rtauth_provider_conf_t *pcf;
} ngx_http_rtauth_waiting_t;


/*
 * One of them.  The fourth word is what nginx's debug log takes for the fd of
 * a timer's connection.
 */

typedef struct {
    ngx_http_request_t              *request;
    ngx_http_rtauth_waiting_t       *waiting;
    void                            *dummy;
    ngx_int_t                        ident;

    ngx_queue_t                      queue;
    ngx_event_t                      timer;
    ngx_msec_t                       deadline;
    ngx_uint_t                       attempts;  /* or the question's number */

    unsigned                         queued:1;
    unsigned                         expired:1;
    unsigned                         answered:1;    /* that question is over, */
    unsigned                         failed:1;      /*   with nothing said */
    unsigned                         asked:1;   /* for newer keys */
} ngx_http_rtauth_wait_t;


/* what is booked on this request, or NULL */
ngx_http_rtauth_wait_t *ngx_http_rtauth_wait_find(ngx_http_request_t *r);

/*
 * True while the request is parked.  Its phases may run for another reason
 * meanwhile, an event of its connection say: the keys have not come then.
 */
ngx_uint_t ngx_http_rtauth_waits(ngx_http_request_t *r);

/*
 * Parks the request.  It goes on when the slot counts more attempts than
 * "attempts", when the question of the number "asked" is over, or when it has
 * waited too long.
 *
 * in:  attempts: as it was before the keys were looked at, so that no fetch
 *       that ends in between is missed
 * ret: NGX_AGAIN; NGX_ERROR when too many wait, too long, or memory is out
 */
ngx_int_t ngx_http_rtauth_wait(ngx_http_request_t *r,
    ngx_http_rtauth_waiting_t *waiting, ngx_uint_t attempts,
    ngx_uint_t asked);

/* that question is over: requests that wait for it go on in the next turn of
   the event loop */
void ngx_http_rtauth_wait_answered(ngx_http_rtauth_waiting_t *waiting,
    ngx_uint_t question, ngx_uint_t failed);

/* runs the phases of all requests whose attempt, or question, is over */
void ngx_http_rtauth_wait_wake(ngx_http_rtauth_waiting_t *waiting);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_WAIT_H_INCLUDED */

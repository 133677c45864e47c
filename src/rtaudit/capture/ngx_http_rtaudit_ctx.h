
/*
 * A request on its way: what is kept of it until its event.
 */


#ifndef NGX_HTTP_RTAUDIT_CTX_H_INCLUDED
#define NGX_HTTP_RTAUDIT_CTX_H_INCLUDED


#include "ngx_http_rtaudit.h"
#include "capture/ngx_http_rtaudit_keep.h"
#include "sink/ngx_http_rtaudit_books.h"
#include "sink/ngx_http_rtaudit_strict.h"

#include "text/rt_uuid.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUDIT_UNPROCESSABLE  422

#define NGX_HTTP_RTAUDIT_SETS  16   /* locations whose redactions add up */


typedef struct {
    ngx_http_rtaudit_loc_conf_t  *conf;     /* of the first location */
    ngx_http_rtaudit_slot_t      *slot;
    off_t                         announced;    /* body bytes, or <= 0 */

    const rt_redact_set_t        *set[NGX_HTTP_RTAUDIT_SETS];
    ngx_uint_t                    nsets;

    ngx_http_rtaudit_kept_t       body;
    const char                   *unreadable;   /* why it was refused */

    ngx_http_rtaudit_response_t  *response;     /* NULL: not wanted, or there
                                                   is none yet */

    ngx_http_rtaudit_strict_t    *intent;       /* that it waited for */

    ngx_http_request_t           *running;      /* in the queue of those that
                                                   are not over; or NULL */
    ngx_queue_t                   queue;
    ngx_msec_t                    due;          /* ... and takes long then */

    u_char                        id[RT_UUID_LEN];

    unsigned                      chunked:1;
    unsigned                      has_id:1;
    unsigned                      refused:1;    /* by a required sink */
    unsigned                      passed:1;     /* its intent is on disk */
    unsigned                      open:1;       /* its event is owed */
    unsigned                      started:1;    /* ... for it was said that
                                                   the request runs */
    unsigned                      view:1;       /* rtaudit_view answered it */
} ngx_http_rtaudit_ctx_t;


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_CTX_H_INCLUDED */


/*
 * rtauth_reauthorize: requests that live long are judged anew, and end when
 * whoever sent them would not be let in any more.
 *
 *   this worker's queues, one for each TIME of the configuration
 *     [0]  kept -> kept -> kept     all of a queue wait equally long, so that
 *     [1]  kept                     the first one is due first
 *
 * A request enters when it is let in and leaves in the clean-up of its pool,
 * both in O(1).  One timer a worker looks at those that are due.
 */


#ifndef NGX_HTTP_RTAUTH_REAUTHORIZE_H_INCLUDED
#define NGX_HTTP_RTAUTH_REAUTHORIZE_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/*
 * The client's request was let in by "pass": by its own, or by that of a
 * subrequest r where its own location asks nobody.
 * ret: NGX_OK; NGX_ERROR, memory is out
 */
ngx_int_t ngx_http_rtauth_reauthorize_enter(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_http_rtauth_kept_t *kept);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_REAUTHORIZE_H_INCLUDED */


/*
 * LOCATION/events: events as JSON, newest first.
 *
 *     user=, action=, path=, id=, status=, since=, until=    see rt_query.h
 *     limit=      events of the answer, 1 to 200, by default 50
 *     cursor=     go on where another answer ended, its "next"
 *     after=      no older ones than that answer's "head"
 *     views=no    without the events of who reads here
 *
 * The file is read by a thread, which makes the whole answer.  The worker
 * holds the request meanwhile; when the client goes away, the thread's work
 * is thrown away as it comes.
 */


#ifndef NGX_HTTP_RTAUDIT_VIEW_EVENTS_H_INCLUDED
#define NGX_HTTP_RTAUDIT_VIEW_EVENTS_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


/* ret: for finalize */
ngx_int_t ngx_http_rtaudit_view_events(ngx_http_request_t *r,
    ngx_http_rtaudit_view_t *view);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_VIEW_EVENTS_H_INCLUDED */

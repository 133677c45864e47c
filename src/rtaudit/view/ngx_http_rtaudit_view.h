
/*
 * rtaudit_view: a page that shows the events of a file, and what it asks.
 *
 *     LOCATION            the page
 *     LOCATION/view.js    what it runs
 *     LOCATION/view.css   how it looks
 *     LOCATION/events     events as JSON, newest first (_view_events.c)
 *
 * The script and the style are files of the same origin, so that the page's
 * policy needs neither a hash nor a nonce; where rtcsp has a nonce for the
 * page, both tags carry it.
 */


#ifndef NGX_HTTP_RTAUDIT_VIEW_H_INCLUDED
#define NGX_HTTP_RTAUDIT_VIEW_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


/* content handler */
ngx_int_t ngx_http_rtaudit_view_handler(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_VIEW_H_INCLUDED */

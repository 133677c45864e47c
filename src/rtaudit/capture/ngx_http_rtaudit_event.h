
/*
 * What nginx knows of a request that is over, as the event's fields.
 */


#ifndef NGX_HTTP_RTAUDIT_EVENT_H_INCLUDED
#define NGX_HTTP_RTAUDIT_EVENT_H_INCLUDED


#include "capture/ngx_http_rtaudit_ctx.h"


#pragma GCC visibility push(hidden)


/*
 * In postconfiguration: finds the variables of others that an event takes, and
 * makes the rules of a sign-in.  ret: NGX_OK, NGX_ERROR (memory)
 */
ngx_int_t ngx_http_rtaudit_event_init(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf);

/* encodes what is known into *line, in the worker's scratch */
rt_status_e ngx_http_rtaudit_event(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_level_e level,
    ngx_http_rtaudit_entry_t *e, ngx_str_t *line);

/*
 * Puts a line about a request that is not over, at level metadata.  With
 * RT_EVENT_RECEIVED that is its intent, for the strict ones of its sinks; with
 * RT_EVENT_STARTED, that it runs, for all sinks but those for alerts alone.
 *
 * Directives that may depend on the outcome are not evaluated: nginx would keep
 * the value that a variable has now, and the event would get it.
 *
 * out:  e->end, or 0 if there was no room
 * ret:  those sinks, a bit each
 */
uint32_t ngx_http_rtaudit_event_early(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_event_stage_e stage,
    ngx_http_rtaudit_entry_t *e);

/* what is known of the body; nothing is parsed yet */
void ngx_http_rtaudit_event_seen(ngx_http_request_t *r,
    ngx_http_rtaudit_ctx_t *ctx, rt_body_t *b);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_EVENT_H_INCLUDED */


/*
 * rtauth_raw_path: may the application read this path otherwise than nginx?
 *
 * A location without rtauth may lead to the same application as one with it,
 * so every client request is looked at, once, in any server in which rtauth
 * is on somewhere.  The setting is that of the first location chosen; a later
 * internal redirect changes nothing.
 */


#ifndef NGX_HTTP_RTAUTH_PATH_H_INCLUDED
#define NGX_HTTP_RTAUTH_PATH_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/* collects the paths that "deny", "except" and "=/x" of groups name, for
   "strict" */
char *ngx_http_rtauth_path_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf);

/* of a location whose providers were merged: what its server must know */
char *ngx_http_rtauth_path_merge(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* in REWRITE, before any rewrite: notes the first location chosen */
ngx_int_t ngx_http_rtauth_path_note_handler(ngx_http_request_t *r);

/*
 * In PREACCESS.  A path that was refused stays so where an application would
 * make the error page, for it might be told the path; a page that nginx has
 * itself is shown.
 *
 * ret:  RT_REASON_OK, RT_REASON_BAD_PATH, RT_REASON_INTERNAL
 */
rt_reason_e ngx_http_rtauth_path_check(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_PATH_H_INCLUDED */

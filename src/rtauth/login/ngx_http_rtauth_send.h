
/*
 * Who opens a page, and is not known yet, is sent to login_uri, which is told
 * where he was.  Nothing is decided here, and no cookie is set.
 */


#ifndef NGX_HTTP_RTAUTH_SEND_H_INCLUDED
#define NGX_HTTP_RTAUTH_SEND_H_INCLUDED


#include "ngx_http_rtauth.h"


#pragma GCC visibility push(hidden)


/*
 * The handlers of PREACCESS and ACCESS: those of decide.h, and a 401 of theirs
 * becomes a redirect.  Under "satisfy any" others may let him in yet: then the
 * header filter makes it of the final 401.
 */
ngx_int_t ngx_http_rtauth_send_preaccess_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_rtauth_send_access_handler(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SEND_H_INCLUDED */


/*
 * rtauth_userinfo: the signed-in user as JSON, for the script of a page.
 */


#ifndef NGX_HTTP_RTAUTH_USERINFO_H_INCLUDED
#define NGX_HTTP_RTAUTH_USERINFO_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


ngx_int_t ngx_http_rtauth_userinfo_handler(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_USERINFO_H_INCLUDED */

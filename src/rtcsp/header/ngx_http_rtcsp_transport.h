
/*
 * What Talisman does beside headers of its own: force_https and the flags of
 * the session cookie.
 */


#ifndef NGX_HTTP_RTCSP_TRANSPORT_H_INCLUDED
#define NGX_HTTP_RTCSP_TRANSPORT_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/*
 * A handler of REWRITE, which runs before "rewrite" and "return" of the same
 * location: a request that did not come over https is sent there.
 */
ngx_int_t ngx_http_rtcsp_force_https_handler(ngx_http_request_t *r);

/* the response's cookies that rtcsp_session_cookie names get its flags */
ngx_int_t ngx_http_rtcsp_cookies(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_TRANSPORT_H_INCLUDED */

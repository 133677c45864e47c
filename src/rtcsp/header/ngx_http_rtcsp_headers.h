/*
 * The header filter.
 */


#ifndef NGX_HTTP_RTCSP_HEADERS_H_INCLUDED
#define NGX_HTTP_RTCSP_HEADERS_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/*
 * Runs before nginx's not_modified filter, which would make a 304 of a page
 * that was in some cache before rtcsp was turned on: forbids it for pages
 * that get a nonce, and asks for it where upstream was not told what the
 * client has.
 */
void ngx_http_rtcsp_early(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf);

/*
 * ret: 1 if the response of r, a subrequest too, is none.  An interim response
 * of upstream (100, 102, 103), or one below, is its answer to nginx: what
 * follows, the answer's head included, would go to the client as it came, and
 * a browser take that for the answer.  After a 101 that was asked for no
 * HTTP follows.
 */
ngx_uint_t ngx_http_rtcsp_interim(ngx_http_request_t *r);

/* sends 502 in place of it; ret: for nginx, as a header filter's */
ngx_int_t ngx_http_rtcsp_refuse(ngx_http_request_t *r);

/*
 * Of a subrequest: its body may stand in one that is searched (SSI, addition,
 * slice), and is then neither encoded nor cut.
 * ret: NGX_OK, or the status to end it with
 */
ngx_int_t ngx_http_rtcsp_part(ngx_http_request_t *r);

/*
 * Scrubs and sets the headers of the response of r, which is a main request,
 * and prepares the rewriting of its body (ctx->body).
 * ret: NGX_OK, NGX_ERROR, or NGX_DECLINED: the placeholder may be in a body
 *      that cannot be read; another response (502) must be sent instead
 */
ngx_int_t ngx_http_rtcsp_headers(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_HEADERS_H_INCLUDED */

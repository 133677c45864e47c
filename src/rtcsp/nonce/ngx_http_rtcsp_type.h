/*
 * What a response is: its class, its encoding, whether it came whole, whether
 * its bytes can be read as ASCII, and whether it goes over https.
 */


#ifndef NGX_HTTP_RTCSP_TYPE_H_INCLUDED
#define NGX_HTTP_RTCSP_TYPE_H_INCLUDED


#include "ngx_http_rtcsp.h"


#pragma GCC visibility push(hidden)


/*
 * Whatever is not known to be binary is text: a browser would read it as
 * text, too, if it has no type at all.
 */
ngx_http_rtcsp_class_e ngx_http_rtcsp_class(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf);

/*
 * ret: 1 if the charset of the response is one where ASCII bytes mean ASCII,
 *      or is not said; 0: no scanner of ours reads what a browser will
 */
ngx_uint_t ngx_http_rtcsp_ascii(ngx_http_request_t *r);

/* ret: 1 if the response says no charset: a browser guesses */
ngx_uint_t ngx_http_rtcsp_guessed(ngx_http_request_t *r);

/* ret: 1 if it says UTF-8 */
ngx_uint_t ngx_http_rtcsp_utf8(ngx_http_request_t *r);

/*
 * Content-Encoding.
 * ret: NGX_OK       not encoded
 *      NGX_AGAIN    gzip
 *      NGX_DECLINED anything else, or more than one
 */
ngx_int_t ngx_http_rtcsp_encoding(ngx_http_request_t *r);

/* ret: 1 if it is a slice of a document */
ngx_uint_t ngx_http_rtcsp_partial(ngx_http_request_t *r);

/*
 * ret: 1 if the client speaks TLS with nginx, or with a proxy that
 *      rtcsp_trusted_proxy lists and that says so in X-Forwarded-Proto
 */
ngx_uint_t ngx_http_rtcsp_secure(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTCSP_TYPE_H_INCLUDED */

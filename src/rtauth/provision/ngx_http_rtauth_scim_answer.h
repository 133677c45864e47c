
/*
 * Answers of rtauth_scim: JSON that nobody may cache.
 */


#ifndef NGX_HTTP_RTAUTH_SCIM_ANSWER_H_INCLUDED
#define NGX_HTTP_RTAUTH_SCIM_ANSWER_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "scim/rt_scim.h"


#pragma GCC visibility push(hidden)


/* a writer with room for so many bytes in r's pool; ret: NGX_OK, NGX_ERROR */
ngx_int_t ngx_http_rtauth_scim_open(ngx_http_request_t *r, rt_jsonw_t *w,
    size_t room);

/*
 * These return what a location's handler returns, or what finalizes a request.
 * Where w is NULL the answer has no body.
 */
ngx_int_t ngx_http_rtauth_scim_send(ngx_http_request_t *r, ngx_uint_t status,
    rt_jsonw_t *w);
ngx_int_t ngx_http_rtauth_scim_refuse(ngx_http_request_t *r,
    const rt_scim_error_t *error);

/* adds a header to the answer; name is a constant */
ngx_int_t ngx_http_rtauth_scim_header(ngx_http_request_t *r, char *name,
    const rt_str_t *value);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_SCIM_ANSWER_H_INCLUDED */

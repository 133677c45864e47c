
/*
 * A VALUE of the configuration that a claim is compared with: text with
 * variables, or a source of the request, "arg:NAME" or "header:NAME", see
 * src/lib/policy/rt_source.h.
 */


#ifndef NGX_HTTP_RTAUTH_VALUE_H_INCLUDED
#define NGX_HTTP_RTAUTH_VALUE_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "policy/rt_source.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_http_complex_value_t   complex;
    rt_source_t                source;
    ngx_uint_t                 named;       /* unsigned named:1; a source */
} ngx_http_rtauth_value_t;


/* does the word need a request to be a value */
ngx_uint_t ngx_http_rtauth_value_varies(ngx_str_t *word);

/*
 * Compiles a word; line is the directive it stands in, for messages.  Warns
 * of variables that show one of several values.
 */
ngx_int_t ngx_http_rtauth_value_compile(ngx_conf_t *cf, ngx_str_t *line,
    ngx_str_t *word, ngx_http_rtauth_value_t *value);

/*
 * The value in this request; empty when a source has none, or none that all
 * applications would read alike.
 */
ngx_int_t ngx_http_rtauth_value_get(ngx_http_request_t *r,
    ngx_http_rtauth_value_t *value, ngx_str_t *text);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_VALUE_H_INCLUDED */

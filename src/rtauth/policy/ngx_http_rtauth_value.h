
/*
 * A VALUE of the configuration that a claim is compared with: text with
 * variables, or a source of the request, such as "arg:NAME" or "json:/NAME",
 * see src/lib/policy/rt_source.h.
 */


#ifndef NGX_HTTP_RTAUTH_VALUE_H_INCLUDED
#define NGX_HTTP_RTAUTH_VALUE_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "policy/rt_source_body.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_http_complex_value_t   complex;
    rt_source_t                source;
    ngx_uint_t                 named;       /* unsigned named:1; a source */
} ngx_http_rtauth_value_t;


/* what a request brought with it, _body.h */

typedef struct {
    rt_body_t                  body;
    const char                *why;         /* nothing of it can be compared;
                                               or NULL */
    ngx_uint_t                 present;     /* unsigned present:1; there is
                                               one, of any size but 0 */
} ngx_http_rtauth_body_t;


/* does the word need a request to be a value */
ngx_uint_t ngx_http_rtauth_value_varies(ngx_str_t *word);

/*
 * Compiles a word; line is the directive it stands in, for messages.  Warns
 * of variables that show one of several values.
 */
ngx_int_t ngx_http_rtauth_value_compile(ngx_conf_t *cf, ngx_str_t *line,
    ngx_str_t *word, ngx_http_rtauth_value_t *value);

/* is it in the body */
ngx_uint_t ngx_http_rtauth_value_in_body(ngx_http_rtauth_value_t *value);

/*
 * The value in this request.
 *
 * ret:  NGX_OK; NGX_DECLINED, a source has none; NGX_ABORT, it has none that
 *       all applications would read alike, *why is a phrase; NGX_ERROR
 */
ngx_int_t ngx_http_rtauth_value_read(ngx_http_request_t *r,
    ngx_http_rtauth_body_t *body, ngx_http_rtauth_value_t *value,
    ngx_str_t *text, const char **why);

/* likewise; empty when there is none, and a line in the log says why */
ngx_int_t ngx_http_rtauth_value_get(ngx_http_request_t *r,
    ngx_http_rtauth_body_t *body, ngx_http_rtauth_value_t *value,
    ngx_str_t *text);

/*
 * The one header of that name that is there, however it may be spelled.
 * Returns as ngx_http_rtauth_value_read() does.
 */
ngx_int_t ngx_http_rtauth_value_header(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *text, const char **why);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_VALUE_H_INCLUDED */

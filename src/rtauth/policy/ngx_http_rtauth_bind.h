
/*
 * Values of a request that claim to be the user: rtauth_bind.
 *
 * A parameter is what an application looks for in the query string and in the
 * body alike.  So where one is bound, a body comes through only if a line here
 * knows its kind.
 */


#ifndef NGX_HTTP_RTAUTH_BIND_H_INCLUDED
#define NGX_HTTP_RTAUTH_BIND_H_INCLUDED


#include "ngx_http_rtauth.h"
#include "policy/ngx_http_rtauth_value.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_http_rtauth_value_t      source;
    ngx_http_complex_value_t     value;
    ngx_uint_t                   required;  /* unsigned required:1 */
    ngx_str_t                    text;      /* as written, for messages */
    ngx_rt_where_t               where;
} ngx_http_rtauth_bind_t;


/*
 * Do all lines hold?  What does not is said in the log, without a value.
 *
 * ret:  RT_REASON_OK, RT_REASON_SPOOFED, RT_REASON_INTERNAL
 */
rt_reason_e ngx_http_rtauth_bind_eval(ngx_http_request_t *r, ngx_array_t *bind,
    ngx_http_rtauth_body_t *body);

/* lines that were written where rtauth is not on: NGX_CONF_ERROR */
char *ngx_http_rtauth_bind_check(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);

/* adds the lines of the outer level; called after that of rtauth_require */
char *ngx_http_rtauth_bind_merge(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *prev, ngx_http_rtauth_loc_conf_t *conf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_BIND_H_INCLUDED */


/*
 * The body of a request, when nginx has read it.
 */


#ifndef NGX_RT_BODY_H_INCLUDED
#define NGX_RT_BODY_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


/*
 * All of it in one piece: it is in as many as it came in, and in a file when
 * it is long.
 *
 * out:  *body, as long as r->pool; empty when there is none
 * ret:  NGX_OK; NGX_DECLINED, it is longer than max; NGX_ERROR
 */
ngx_int_t ngx_rt_body_join(ngx_http_request_t *r, size_t max, rt_str_t *body);

/*
 * ret: its media type, without parameters; empty: it is said several times or
 *      not at all, or the body is encoded, or not in UTF-8
 */
rt_str_t ngx_rt_body_type(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_RT_BODY_H_INCLUDED */

/*
 * What differs between nginx 1.22.1 and mainline; the only file with tests
 * of nginx_version.
 *
 *   1.23.0  several header lines of one name became a list linked through
 *           ngx_table_elt_t.next (headers_in.cookies -> cookie, and in
 *           headers_out cache_control and link); before, they were arrays
 *           of pointers.  Whoever pushes a line must terminate that list.
 */


#ifndef NGX_RT_COMPAT_H_INCLUDED
#define NGX_RT_COMPAT_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#if (nginx_version >= 1023000)

#define NGX_RT_LINKED_HEADERS  1

#else

#define NGX_RT_LINKED_HEADERS  0

#endif


#if (NGX_RT_LINKED_HEADERS)

/* h, already pushed to headers_out.headers, is the only Cache-Control line */

static ngx_inline ngx_int_t
ngx_rt_compat_set_cache_control(ngx_http_request_t *r, ngx_table_elt_t *h)
{
    r->headers_out.cache_control = h;

    return NGX_OK;
}

#else

/* h, already pushed to headers_out.headers, is the only Cache-Control line */

static ngx_inline ngx_int_t
ngx_rt_compat_set_cache_control(ngx_http_request_t *r, ngx_table_elt_t *h)
{
    ngx_array_t       *a;
    ngx_table_elt_t  **ph;

    a = &r->headers_out.cache_control;

    if (a->elts == NULL
        && ngx_array_init(a, r->pool, 1, sizeof(ngx_table_elt_t *)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    a->nelts = 0;

    ph = ngx_array_push(a);
    if (ph == NULL) {
        return NGX_ERROR;
    }

    *ph = h;

    return NGX_OK;
}

#endif


/*
 * Empties the field of headers_in that nginx keeps for a request header it
 * knows, at the offset given in headers_in_hash.
 */

static ngx_inline void
ngx_rt_compat_forget_header_in(ngx_http_headers_in_t *headers,
    ngx_uint_t offset)
{
#if !(NGX_RT_LINKED_HEADERS)

    if (offset == offsetof(ngx_http_headers_in_t, cookies)
#if (NGX_HTTP_X_FORWARDED_FOR)
        || offset == offsetof(ngx_http_headers_in_t, x_forwarded_for)
#endif
        )
    {
        ((ngx_array_t *) ((u_char *) headers + offset))->nelts = 0;
        return;
    }

#endif

    *(ngx_table_elt_t **) ((u_char *) headers + offset) = NULL;
}


#pragma GCC visibility pop


#endif /* NGX_RT_COMPAT_H_INCLUDED */


/*
 * The pages a person sees as the answer to a request.
 */


#ifndef NGX_HTTP_RTAUTH_PAGE_H_INCLUDED
#define NGX_HTTP_RTAUTH_PAGE_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


#define NGX_HTTP_RTAUTH_REFERENCE  8    /* hex digits */


/*
 * The page as the whole answer of r, with headers of its own, which are
 * ngx_http_rtauth_answer.c's to set.  Where an error_page is configured for
 * the status, nothing is sent: the operator has a page of his own.
 *
 * ret:  NGX_DONE: r is answered, and may be gone; else a status.  Either is for
 *       the handler of a phase to return
 */
ngx_int_t ngx_http_rtauth_page(ngx_http_request_t *r, rt_page_e kind,
    ngx_uint_t status, rt_page_values_t *values);

/*
 * A sign-in or sign-out that came to nothing: a line in the error log and the
 * deed LOGIN_FAILED, both with a reference that the page shows, too.
 *
 * in:   provider, or NULL: it is not known yet
 *       why, a phrase without a byte of what came in, or NULL
 * ret:  as above
 */
ngx_int_t ngx_http_rtauth_page_failed(ngx_http_request_t *r,
    rt_reason_e reason, ngx_http_rtauth_provider_t *provider,
    const char *why);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_PAGE_H_INCLUDED */

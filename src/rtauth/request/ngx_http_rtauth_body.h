
/*
 * The body of a client's request, for lines that compare values in it.
 */


#ifndef NGX_HTTP_RTAUTH_BODY_H_INCLUDED
#define NGX_HTTP_RTAUTH_BODY_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


/*
 * Reads it, where a line of the location asks for a value in it: when it is
 * known who sent it, and unless it announces to be longer than
 * client_body_buffer_size.  A subrequest reads none.
 *
 * ret:  NGX_OK, there is nothing to wait for; NGX_AGAIN, the phases are run
 *       again when it is here; NGX_HTTP_..., the answer, it cannot be read
 */
ngx_int_t ngx_http_rtauth_body_read(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);

/*
 * Makes pass->body, where a line asks for it: all that the client sent, read
 * and parsed.
 *
 * ret:  NGX_OK, NGX_ERROR (memory)
 */
ngx_int_t ngx_http_rtauth_body_take(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_BODY_H_INCLUDED */

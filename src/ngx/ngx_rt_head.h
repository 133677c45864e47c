
/*
 * The head of a request whose connection switches protocols.
 *
 * When a client has sent something behind that head already, nginx goes on to
 * read into the buffer that both are in, from its start
 * (ngx_http_upstream_process_upgraded()).  So the client writes over the
 * request line and the header fields, of which an event is made when the
 * connection ends, and decisions while it lives.
 */


#ifndef NGX_RT_HEAD_H_INCLUDED
#define NGX_RT_HEAD_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


#pragma GCC visibility push(hidden)


/* for a header filter: what is behind such a head gets a buffer of its own */
ngx_int_t ngx_rt_head_keep(ngx_http_request_t *r);


#pragma GCC visibility pop


#endif /* NGX_RT_HEAD_H_INCLUDED */

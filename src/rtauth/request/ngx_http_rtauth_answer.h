
/*
 * What rtauth does to a response: the backstop, the caches, the headers of a
 * refusal.
 */


#ifndef NGX_HTTP_RTAUTH_ANSWER_H_INCLUDED
#define NGX_HTTP_RTAUTH_ANSWER_H_INCLUDED


#include "request/ngx_http_rtauth_request.h"


#pragma GCC visibility push(hidden)


void ngx_http_rtauth_answer_init(void);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_ANSWER_H_INCLUDED */


/*
 * The filters that see a response: behind those that change it, rtcsp's among
 * them, and before those that compress it.
 *
 * So what is kept is what the client gets: without the secret that stands for
 * a nonce where the application put it, which rtcsp has taken out by then.
 */


#ifndef NGX_HTTP_RTAUDIT_RESPONSE_H_INCLUDED
#define NGX_HTTP_RTAUDIT_RESPONSE_H_INCLUDED


#include "capture/ngx_http_rtaudit_ctx.h"


#pragma GCC visibility push(hidden)


/*
 * In the postconfiguration of a module with a place of its own among filters:
 * puts ours there, that of bodies if some location wants responses.
 */
ngx_int_t ngx_http_rtaudit_response_init(ngx_conf_t *cf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_RESPONSE_H_INCLUDED */

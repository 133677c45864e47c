
/* client_key and client_certificate: whether they are what they must be. */


#ifndef NGX_HTTP_RTAUTH_CLIENT_KEY_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_CLIENT_KEY_CONF_H_INCLUDED


#include "client/ngx_http_rtauth_client.h"


#pragma GCC visibility push(hidden)


/* at the end of the block, of a client that has a key: reads it */
char *ngx_http_rtauth_client_key(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_CLIENT_KEY_CONF_H_INCLUDED */

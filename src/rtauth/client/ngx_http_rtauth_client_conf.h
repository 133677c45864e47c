
/*
 * The lines of a provider's block that client_id brings.  The block itself is
 * read in the room "keys", which asks here for what it does not know.
 */


#ifndef NGX_HTTP_RTAUTH_CLIENT_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_CLIENT_CONF_H_INCLUDED


#include "client/ngx_http_rtauth_client.h"
#include "ngx_rt_block.h"


#pragma GCC visibility push(hidden)


/* makes the provider's client, and the table of the lines that fill it */
ngx_int_t ngx_http_rtauth_client_open(ngx_conf_t *cf,
    ngx_http_rtauth_provider_t *provider, ngx_rt_lines_t *lines);

/*
 * At the end of the block, before anything else is looked at: a preset fills
 * what no line said, of the provider too; what is left has its default.
 * Without a client_id the provider has no client afterwards.  "issuer" is the
 * place of that line, or becomes that of the preset.
 */
char *ngx_http_rtauth_client_close(ngx_conf_t *cf,
    ngx_http_rtauth_provider_t *provider, ngx_rt_where_t *issuer);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_CLIENT_CONF_H_INCLUDED */

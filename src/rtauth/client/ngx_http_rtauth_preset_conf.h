
/* What "preset NAME [OPTION=VALUE ...]" fills in, by a table. */


#ifndef NGX_HTTP_RTAUTH_PRESET_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_PRESET_CONF_H_INCLUDED


#include "client/ngx_http_rtauth_client.h"
#include "ngx_rt_block.h"


#pragma GCC visibility push(hidden)


/* the line itself: remembers name and options */
char *ngx_http_rtauth_preset_set(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);

/* at the end of the block: whatever no line of the block said */
char *ngx_http_rtauth_preset_fill(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_PRESET_CONF_H_INCLUDED */

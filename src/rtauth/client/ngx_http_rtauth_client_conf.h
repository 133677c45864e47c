
/*
 * The lines of a provider's block that client_id brings.  The block itself is
 * read in the room "keys", which asks here for what it does not know.
 */


#ifndef NGX_HTTP_RTAUTH_CLIENT_CONF_H_INCLUDED
#define NGX_HTTP_RTAUTH_CLIENT_CONF_H_INCLUDED


#include "client/ngx_http_rtauth_client.h"


#pragma GCC visibility push(hidden)


typedef char *(*ngx_http_rtauth_client_set_pt)(ngx_conf_t *cf,
    ngx_http_rtauth_client_t *client, ngx_uint_t n);

typedef struct {
    ngx_str_t                      name;
    ngx_uint_t                     max;     /* values; one at least */
    ngx_http_rtauth_client_set_pt  set;
    ngx_uint_t                     n;       /* for set: an offset */
    size_t                         at;      /* where the line stands */
} ngx_http_rtauth_client_line_t;


/* the line of that name, or NULL */
ngx_http_rtauth_client_line_t *ngx_http_rtauth_client_line(ngx_str_t *name);

/* reads the line that cf is at into the provider's client, which it makes */
char *ngx_http_rtauth_client_set(ngx_conf_t *cf,
    ngx_http_rtauth_provider_t *provider, ngx_http_rtauth_client_line_t *line);

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

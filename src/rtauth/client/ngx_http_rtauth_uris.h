
/*
 * The addresses of a server that rtauth itself answers: those of all providers
 * with a client_id that a "rtauth" of this server names.
 */


#ifndef NGX_HTTP_RTAUTH_URIS_H_INCLUDED
#define NGX_HTTP_RTAUTH_URIS_H_INCLUDED


#include "client/ngx_http_rtauth_client.h"


#pragma GCC visibility push(hidden)


typedef enum {
    NGX_HTTP_RTAUTH_URI_LOGIN = 0,
    NGX_HTTP_RTAUTH_URI_REDIRECT,       /* where the provider sends back to */
    NGX_HTTP_RTAUTH_URI_LOGOUT,
    NGX_HTTP_RTAUTH_URI_BACKCHANNEL,
    NGX_HTTP_RTAUTH_URI_FRONTCHANNEL
} ngx_http_rtauth_uri_e;


struct ngx_http_rtauth_uri_s {
    ngx_str_t                    uri;
    ngx_http_rtauth_uri_e        kind;
    ngx_array_t                  clients;     /* ngx_http_rtauth_client_t *, in
                                                 the order they were named;
                                                 one, but for LOGIN, LOGOUT */
    ngx_uint_t                   exact;       /* the server has a location
                                                 "= uri", which answers */
};


/*
 * The row of r->uri in the table of the server that r is for, or NULL.  The
 * server may have none; a named or internal location changes nothing.
 */
ngx_http_rtauth_uri_t *ngx_http_rtauth_uri_find(ngx_http_request_t *r);

/*
 * The same if it is answered in the location that the server has for it, where
 * nobody is asked who he is; else NULL.  A rewrite may give any request such a
 * URI: only what is answered by us may come by without a decision.
 */
ngx_http_rtauth_uri_t *ngx_http_rtauth_uri_exact(ngx_http_request_t *r);

/* the row of another path */
ngx_http_rtauth_uri_t *ngx_http_rtauth_uri_named(ngx_http_request_t *r,
    ngx_str_t *path);

/* the line of the block that it comes from: "login_uri" */
ngx_str_t *ngx_http_rtauth_uri_line(ngx_http_rtauth_uri_t *row);

/*
 * A path of ours as others are told it, behind the server's origin; a whole URL
 * stays.  ret: data is NULL when memory is out, or when there is none
 */
ngx_str_t ngx_http_rtauth_uri_whole(ngx_http_request_t *r, ngx_str_t *uri);

/*
 * In merge: adds those of the clients among "providers" (ngx_http_rtauth_
 * provider_t *) to the server's table.  Two that may not be the same are an
 * error, as is an address that is not the server's to answer.
 */
char *ngx_http_rtauth_uris_merge(ngx_conf_t *cf, ngx_array_t *providers);

/* when locations are known: notes which of the addresses have one */
void ngx_http_rtauth_uris_exact(ngx_http_rtauth_srv_conf_t *scf);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUTH_URIS_H_INCLUDED */

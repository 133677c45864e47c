
/*
 * Certificates and keys that a sink names: "ca=FILE", "cert=FILE" and
 * "key=SECRET".
 */


#ifndef NGX_HTTP_RTAUDIT_PEM_CONF_H_INCLUDED
#define NGX_HTTP_RTAUDIT_PEM_CONF_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


/*
 * The text of a file of certificates, in PEM, at least one.
 *
 * in:   what, as the sink calls it: "ca"
 *       name, absolute
 * ret:  NGX_CONF_OK; NGX_CONF_ERROR after a message
 */
char *ngx_http_rtaudit_pem_conf(ngx_conf_t *cf, const char *what,
    ngx_str_t *name, ngx_str_t *text);

/* is this the private key of the first certificate? */
ngx_uint_t ngx_http_rtaudit_pem_conf_pair(ngx_str_t *cert, ngx_str_t *key);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_PEM_CONF_H_INCLUDED */

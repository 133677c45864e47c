
/*
 * Whom a sink under TLS trusts, and what it shows: "ca=FILE", "name=HOST",
 * "cert=FILE" and "key=SECRET".
 */


#ifndef NGX_HTTP_RTAUDIT_PEM_CONF_H_INCLUDED
#define NGX_HTTP_RTAUDIT_PEM_CONF_H_INCLUDED


#include "ngx_http_rtaudit.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_str_t        name;          /* of the collector's certificate, or its
                                       address */
    ngx_str_t        ca;            /* PEM; empty: the system's */
    ngx_str_t        cert;          /* PEM; empty: none is shown */
    ngx_str_t        key;           /* of cert, in PEM */
} ngx_http_rtaudit_pem_t;


/* what a message tells to write, behind a kind's own */
#define NGX_HTTP_RTAUDIT_PEM                                                  \
    "\"ca=FILE\", \"name=HOST\", \"cert=FILE\" or \"key=SECRET\""


/*
 * in:   secure, the target that TLS options need, for the message; NULL if
 *       this sink has TLS
 * ret:  NGX_OK; NGX_DECLINED: it is none of them; NGX_ERROR: a message was
 *       logged
 */
ngx_int_t ngx_http_rtaudit_pem_option(ngx_conf_t *cf,
    ngx_http_rtaudit_pem_t *pem, const char *secure, ngx_str_t *value);

/* a private key in PEM, without a passphrase; NULL: it is none */
EVP_PKEY *ngx_http_rtaudit_pem_key(ngx_str_t *text);

/* when all are read */
char *ngx_http_rtaudit_pem_check(ngx_conf_t *cf, ngx_http_rtaudit_pem_t *pem);


#pragma GCC visibility pop


#endif /* NGX_HTTP_RTAUDIT_PEM_CONF_H_INCLUDED */


/*
 * URLs the modules themselves go to: http and https, absolute, plain.
 *
 * The host must be a name of letters, digits, '-', '.', '_' or an address
 * literal, so that nginx and libcurl cannot read it differently.  User names,
 * fragments, blanks, control characters and bytes above 0x7e are refused.
 *
 * Names are looked up twice at most: by the system when the configuration is
 * read, as proxy_pass does, and in a worker only by nginx's resolver.
 */


#ifndef NGX_RT_URL_H_INCLUDED
#define NGX_RT_URL_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define NGX_RT_URL_MAX  2048


typedef struct {
    ngx_str_t        text;      /* the whole URL; a NUL follows */
    ngx_str_t        host;      /* without the brackets of an IPv6 literal */
    in_port_t        port;
    unsigned         tls:1;
    unsigned         literal:1; /* the host is an address */
    ngx_uint_t       naddrs;    /* 0: the name is not resolved yet */
    ngx_addr_t      *addrs;
} ngx_rt_url_t;


/*
 * in:   text, any bytes
 * out:  *url with memory of its own in the pool; address literals are resolved
 * ret:  NGX_OK, or NGX_DECLINED with a reason in *err, or NGX_ERROR (memory)
 */
ngx_int_t ngx_rt_url_parse(ngx_pool_t *pool, ngx_str_t *text,
    ngx_rt_url_t *url, char **err);

/*
 * Asks the system's resolver: blocks, for configuration time only.
 * ret: as above
 */
ngx_int_t ngx_rt_url_resolve(ngx_pool_t *pool, ngx_rt_url_t *url, char **err);

/* true when addresses are known and all of them are of this machine */
ngx_uint_t ngx_rt_url_loopback(ngx_rt_url_t *url);

/*
 * True when a user name or password stands before the host, or seems to (its
 * "/" ends the host, and what is left is no port): such a URL is not to be
 * printed.
 */
ngx_uint_t ngx_rt_url_login(ngx_str_t *text);

/* true when scheme, host and port are the same */
ngx_uint_t ngx_rt_url_same_origin(ngx_rt_url_t *a, ngx_rt_url_t *b);


#pragma GCC visibility pop


#endif /* NGX_RT_URL_H_INCLUDED */

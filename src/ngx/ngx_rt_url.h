
/*
 * URLs the modules themselves go to, as src/lib/text/rt_url.h reads them, with
 * addresses.
 *
 * Names are looked up twice at most: by the system when the configuration is
 * read, as proxy_pass does, and in a worker only by nginx's resolver.
 */


#ifndef NGX_RT_URL_H_INCLUDED
#define NGX_RT_URL_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "text/rt_url.h"
#include "ngx_rt_str.h"


#pragma GCC visibility push(hidden)


typedef struct {
    ngx_str_t        text;      /* the whole URL; a NUL follows */
    rt_url_t         parts;     /* of text */
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


#pragma GCC visibility pop


#endif /* NGX_RT_URL_H_INCLUDED */

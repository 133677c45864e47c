
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_rt_peer.h"
#include "ngx_rt_url.h"


static ngx_int_t ngx_rt_url_literal(ngx_pool_t *pool, ngx_rt_url_t *url,
    char **err);


ngx_int_t
ngx_rt_url_parse(ngx_pool_t *pool, ngx_str_t *text, ngx_rt_url_t *url,
    char **err)
{
    const char  *why;

    ngx_memzero(url, sizeof(ngx_rt_url_t));

    if (rt_url_parse(ngx_rt_str(text), &url->parts, &why) != RT_OK) {
        *err = (char *) why;
        return NGX_DECLINED;
    }

    url->text.len = text->len;
    url->text.data = ngx_pnalloc(pool, text->len + 1);
    if (url->text.data == NULL) {
        return NGX_ERROR;
    }

    *ngx_cpymem(url->text.data, text->data, text->len) = '\0';

    url->parts.host.data = url->text.data
                           + (url->parts.host.data - text->data);
    url->parts.shown.data = url->text.data;

    if (url->parts.quad || url->parts.bracketed) {
        return ngx_rt_url_literal(pool, url, err);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_rt_url_literal(ngx_pool_t *pool, ngx_rt_url_t *url, char **err)
{
    ngx_int_t    rc;
    ngx_addr_t   addr;

    rc = ngx_parse_addr(pool, &addr, url->parts.host.data,
                        url->parts.host.len);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        *err = "has an invalid IPv6 address";
        return NGX_DECLINED;
    }

    url->literal = 1;

    url->addrs = ngx_palloc(pool, sizeof(ngx_addr_t));
    if (url->addrs == NULL) {
        return NGX_ERROR;
    }

    ngx_inet_set_port(addr.sockaddr, url->parts.port);

    url->addrs[0] = addr;
    url->naddrs = 1;

    return NGX_OK;
}


ngx_int_t
ngx_rt_url_resolve(ngx_pool_t *pool, ngx_rt_url_t *url, char **err)
{
    ngx_url_t  u;

    if (url->naddrs) {
        return NGX_OK;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = ngx_rt_str_copy(&url->parts.host);
    u.default_port = url->parts.port;

    if (ngx_parse_url(pool, &u) != NGX_OK) {

        if (u.err == NULL) {
            return NGX_ERROR;
        }

        *err = u.err;
        return NGX_DECLINED;
    }

    url->addrs = u.addrs;
    url->naddrs = u.naddrs;

    return NGX_OK;
}


ngx_uint_t
ngx_rt_url_loopback(ngx_rt_url_t *url)
{
    return ngx_rt_peer_loopback(url->addrs, url->naddrs);
}


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_rt_url.h"


static ngx_int_t ngx_rt_url_scheme(ngx_rt_url_t *url, u_char **pos,
    char **err);
static ngx_int_t ngx_rt_url_host(ngx_rt_url_t *url, u_char **pos, char **err);
static ngx_int_t ngx_rt_url_port(ngx_rt_url_t *url, u_char *p, u_char *last,
    char **err);
static ngx_int_t ngx_rt_url_literal(ngx_pool_t *pool, ngx_rt_url_t *url,
    char **err);


static ngx_inline ngx_uint_t
ngx_rt_url_alnum(u_char c)
{
    return (c >= '0' && c <= '9')
           || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}


ngx_int_t
ngx_rt_url_parse(ngx_pool_t *pool, ngx_str_t *text, ngx_rt_url_t *url,
    char **err)
{
    u_char  *p;
    size_t   i;

    ngx_memzero(url, sizeof(ngx_rt_url_t));

    if (text->len == 0 || text->len > NGX_RT_URL_MAX) {
        *err = "is empty or too long";
        return NGX_DECLINED;
    }

    for (i = 0; i < text->len; i++) {
        if (text->data[i] <= ' ' || text->data[i] > '~'
            || text->data[i] == '#' || text->data[i] == '\\')
        {
            *err = "has a blank, a \"#\", a \"\\\" or a byte that is not "
                   "printable ASCII";
            return NGX_DECLINED;
        }
    }

    url->text.len = text->len;
    url->text.data = ngx_pnalloc(pool, text->len + 1);
    if (url->text.data == NULL) {
        return NGX_ERROR;
    }

    *ngx_cpymem(url->text.data, text->data, text->len) = '\0';

    p = url->text.data;

    if (ngx_rt_url_scheme(url, &p, err) != NGX_OK
        || ngx_rt_url_host(url, &p, err) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    return ngx_rt_url_literal(pool, url, err);
}


static ngx_int_t
ngx_rt_url_scheme(ngx_rt_url_t *url, u_char **pos, char **err)
{
    u_char  *p;

    p = *pos;

    if (ngx_strncasecmp(p, (u_char *) "https://", 8) == 0) {
        url->tls = 1;
        url->port = 443;
        *pos = p + 8;
        return NGX_OK;
    }

    if (ngx_strncasecmp(p, (u_char *) "http://", 7) == 0) {
        url->port = 80;
        *pos = p + 7;
        return NGX_OK;
    }

    *err = "does not begin with \"https://\"";
    return NGX_DECLINED;
}


static ngx_int_t
ngx_rt_url_host(ngx_rt_url_t *url, u_char **pos, char **err)
{
    u_char     *p, *last;
    ngx_uint_t  brackets;

    p = *pos;
    last = p + strcspn((char *) p, "/?");
    brackets = (*p == '[');

    if (brackets) {
        p++;
    }

    url->host.data = p;

    while (p < last
           && (ngx_rt_url_alnum(*p) || *p == '.'
               || (brackets ? *p == ':' : (*p == '-' || *p == '_'))))
    {
        p++;
    }

    url->host.len = p - url->host.data;

    if (url->host.len == 0 || url->host.len > 255) {
        *err = "has no host";
        return NGX_DECLINED;
    }

    if (brackets && *p++ != ']') {
        *err = "has an invalid IPv6 address";
        return NGX_DECLINED;
    }

    url->literal = brackets;

    return ngx_rt_url_port(url, p, last, err);
}


static ngx_int_t
ngx_rt_url_port(ngx_rt_url_t *url, u_char *p, u_char *last, char **err)
{
    ngx_int_t  n;

    if (p == last) {
        return NGX_OK;
    }

    if (*p++ != ':') {
        *err = "has a host that is not a plain name or address";
        return NGX_DECLINED;
    }

    n = ngx_atoi(p, last - p);

    if (n < 1 || n > 65535) {
        *err = "has an invalid port";
        return NGX_DECLINED;
    }

    url->port = (in_port_t) n;

    return NGX_OK;
}


static ngx_int_t
ngx_rt_url_literal(ngx_pool_t *pool, ngx_rt_url_t *url, char **err)
{
    ngx_int_t    rc;
    ngx_addr_t   addr;

    rc = ngx_parse_addr(pool, &addr, url->host.data, url->host.len);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        if (url->literal) {
            *err = "has an invalid IPv6 address";
            return NGX_DECLINED;
        }

        return NGX_OK;
    }

    url->literal = 1;

    url->addrs = ngx_palloc(pool, sizeof(ngx_addr_t));
    if (url->addrs == NULL) {
        return NGX_ERROR;
    }

    ngx_inet_set_port(addr.sockaddr, url->port);

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

    u.url = url->host;
    u.default_port = url->port;

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
    ngx_uint_t            i;
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    for (i = 0; i < url->naddrs; i++) {

        switch (url->addrs[i].sockaddr->sa_family) {

#if (NGX_HAVE_INET6)
        case AF_INET6:
            sin6 = (struct sockaddr_in6 *) url->addrs[i].sockaddr;

            if (!IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr)) {
                return 0;
            }

            break;
#endif

        case AF_INET:
            sin = (struct sockaddr_in *) url->addrs[i].sockaddr;

            if ((ntohl(sin->sin_addr.s_addr) >> 24) != 127) {
                return 0;
            }

            break;

        default:
            return 0;
        }
    }

    return url->naddrs != 0;
}


ngx_uint_t
ngx_rt_url_login(ngx_str_t *text)
{
    u_char  *p, *last, *end, *port;

    last = text->data + text->len;

    p = ngx_strnstr(text->data, "://", text->len);
    if (p == NULL) {
        return 0;
    }

    p += 3;
    port = last;

    for (end = p; end < last && *end != '/' && *end != '?' && *end != '#';
         end++)
    {
        if (*end == '@') {
            return 1;
        }

        if (*end == ':') {
            port = end + 1;

        } else if (*end == ']') {
            port = last;
        }
    }

    while (port < end && *port >= '0' && *port <= '9') {
        port++;
    }

    return port < end && ngx_strlchr(end, last, '@') != NULL;
}


ngx_uint_t
ngx_rt_url_same_origin(ngx_rt_url_t *a, ngx_rt_url_t *b)
{
    return a->tls == b->tls
           && a->port == b->port
           && a->host.len == b->host.len
           && ngx_strncasecmp(a->host.data, b->host.data, a->host.len) == 0;
}

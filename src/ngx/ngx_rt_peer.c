
#include "ngx_rt_peer.h"


ngx_uint_t
ngx_rt_peer_loopback(ngx_addr_t *addrs, ngx_uint_t n)
{
    ngx_uint_t            i;
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    for (i = 0; i < n; i++) {

        switch (addrs[i].sockaddr->sa_family) {

#if (NGX_HAVE_INET6)
        case AF_INET6:
            sin6 = (struct sockaddr_in6 *) addrs[i].sockaddr;

            if (!IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr)) {
                return 0;
            }

            break;
#endif

        case AF_INET:
            sin = (struct sockaddr_in *) addrs[i].sockaddr;

            if ((ntohl(sin->sin_addr.s_addr) >> 24) != 127) {
                return 0;
            }

            break;

        default:
            return 0;
        }
    }

    return n != 0;
}


#if (NGX_SSL)

ngx_int_t
ngx_rt_peer_expect(SSL *ssl, ngx_str_t *host)
{
    char        name[256];
    size_t      len;
    ngx_uint_t  bracketed;

    bracketed = (host->len > 2 && host->data[0] == '[');
    len = bracketed ? host->len - 2 : host->len;

    if (len == 0 || len >= sizeof(name)) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn((u_char *) name, host->data + bracketed, len + 1);

    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1) {
        return NGX_OK;
    }

    return SSL_set1_host(ssl, name) == 1
           && SSL_set_tlsext_host_name(ssl, name) == 1
           ? NGX_OK : NGX_ERROR;
}

#endif

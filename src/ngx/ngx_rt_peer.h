
/*
 * Whom a client of ours talks to: on this machine or not, and who has to show
 * a certificate.
 */


#ifndef NGX_RT_PEER_H_INCLUDED
#define NGX_RT_PEER_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>


#pragma GCC visibility push(hidden)


/* true when there are addresses, and all of them are of this machine */
ngx_uint_t ngx_rt_peer_loopback(ngx_addr_t *addrs, ngx_uint_t n);


#if (NGX_SSL)

/*
 * Whose certificate it has to be: a name's, which the peer is told, or an
 * address's, of IPv6 also in brackets.  ret: NGX_OK, NGX_ERROR
 */
ngx_int_t ngx_rt_peer_expect(SSL *ssl, ngx_str_t *host);

#endif


#pragma GCC visibility pop


#endif /* NGX_RT_PEER_H_INCLUDED */


/*
 * What every exchange of ours tells libcurl, whoever drives it: what it is to
 * leave alone, whom it trusts, and where a host is, for it looks up no name.
 */


#ifndef NGX_RT_CURL_H_INCLUDED
#define NGX_RT_CURL_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <curl/curl.h>

#include "ngx_rt_url.h"


#pragma GCC visibility push(hidden)


#define ngx_rt_curl_set(easy, opt, value)                                     \
    (curl_easy_setopt(easy, opt, value) == CURLE_OK)


/*
 * Nothing but this scheme; no redirect, no proxy of the environment, no user
 * in the URL, no signal.
 *
 * ret: NGX_OK; NGX_ERROR, memory is out or an option is unknown
 */
ngx_int_t ngx_rt_curl_alone(CURL *easy, ngx_uint_t tls);

/*
 * TLS 1.2 or newer, with the certificate and its name checked.
 *
 * in:   trusted, PEM, stands alone; empty: the system's CAs
 *       certificate, key: shown to a server that asks for one; empty: none
 *       flags: CURL_BLOB_COPY; CURL_BLOB_NOCOPY: the texts outlive the handle
 * ret:  as above
 */
ngx_int_t ngx_rt_curl_tls(CURL *easy, ngx_str_t *trusted,
    ngx_str_t *certificate, ngx_str_t *key, unsigned flags);

/*
 * For CURLOPT_RESOLVE: this host and port have these addresses, of which one
 * array is NULL.  ret: the list with another entry; NULL: memory is out
 */
struct curl_slist *ngx_rt_curl_address(ngx_pool_t *pool,
    struct curl_slist *list, const rt_url_t *url, ngx_uint_t n,
    ngx_addr_t *addrs, ngx_resolver_addr_t *resolved);


#pragma GCC visibility pop


#endif /* NGX_RT_CURL_H_INCLUDED */

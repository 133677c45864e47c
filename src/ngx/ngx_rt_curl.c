
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_rt_curl.h"


static ngx_int_t ngx_rt_curl_blob(CURL *easy, CURLoption option,
    ngx_str_t *text, unsigned flags);


ngx_int_t
ngx_rt_curl_alone(CURL *easy, ngx_uint_t tls)
{
    char  *schemes;

    schemes = tls ? "https" : "http";

    if (!ngx_rt_curl_set(easy, CURLOPT_NOSIGNAL, 1L)
        || !ngx_rt_curl_set(easy, CURLOPT_PROTOCOLS_STR, schemes)
        || !ngx_rt_curl_set(easy, CURLOPT_REDIR_PROTOCOLS_STR, schemes)
        || !ngx_rt_curl_set(easy, CURLOPT_FOLLOWLOCATION, 0L)
        || !ngx_rt_curl_set(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L)
        || !ngx_rt_curl_set(easy, CURLOPT_PROXY, "")
        || !ngx_rt_curl_set(easy, CURLOPT_NOPROXY, "*"))
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * A configured CA stands alone: the system's file and folder, which libcurl
 * would add by itself, are taken away.  It is passed as bytes that the master
 * read, for a worker may not be able to.
 */

ngx_int_t
ngx_rt_curl_tls(CURL *easy, ngx_str_t *trusted, ngx_str_t *certificate,
    ngx_str_t *key, unsigned flags)
{
    if (!ngx_rt_curl_set(easy, CURLOPT_SSL_VERIFYPEER, 1L)
        || !ngx_rt_curl_set(easy, CURLOPT_SSL_VERIFYHOST, 2L)
        || !ngx_rt_curl_set(easy, CURLOPT_SSLVERSION,
                            (long) CURL_SSLVERSION_TLSv1_2)
        || ngx_rt_curl_blob(easy, CURLOPT_SSLCERT_BLOB, certificate, flags)
           != NGX_OK
        || ngx_rt_curl_blob(easy, CURLOPT_SSLKEY_BLOB, key, flags) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (trusted->len == 0) {
        return NGX_OK;
    }

    if (!ngx_rt_curl_set(easy, CURLOPT_CAINFO, NULL)
        || !ngx_rt_curl_set(easy, CURLOPT_CAPATH, NULL))
    {
        return NGX_ERROR;
    }

    return ngx_rt_curl_blob(easy, CURLOPT_CAINFO_BLOB, trusted, flags);
}


static ngx_int_t
ngx_rt_curl_blob(CURL *easy, CURLoption option, ngx_str_t *text,
    unsigned flags)
{
    struct curl_blob  blob;

    if (text->len == 0) {
        return NGX_OK;
    }

    blob.data = text->data;
    blob.len = text->len;
    blob.flags = flags;

    return ngx_rt_curl_set(easy, option, &blob) ? NGX_OK : NGX_ERROR;
}


/* HOST:PORT:ADDRESS[,ADDRESS ...]: libcurl asks nobody else then */

struct curl_slist *
ngx_rt_curl_address(ngx_pool_t *pool, struct curl_slist *list,
    const rt_url_t *url, ngx_uint_t n, ngx_addr_t *addrs,
    ngx_resolver_addr_t *resolved)
{
    size_t            size;
    u_char           *p, *buf, *last;
    ngx_uint_t        i;
    socklen_t         len;
    struct sockaddr  *sa;

    size = url->host.len + sizeof(":65535:") + n * (NGX_SOCKADDR_STRLEN + 3);

    buf = ngx_pnalloc(pool, size);
    if (buf == NULL) {
        return NULL;
    }

    last = buf + size;
    p = ngx_sprintf(buf, "%V:%d", ngx_rt_ngx(&url->host), (int) url->port);

    for (i = 0; i < n; i++) {
        sa = resolved ? resolved[i].sockaddr : addrs[i].sockaddr;
        len = resolved ? resolved[i].socklen : addrs[i].socklen;

        *p++ = i ? ',' : ':';

        /* an IPv6 address comes without brackets when no port is wanted */

        if (sa->sa_family == AF_INET6) {
            *p++ = '[';
        }

        p += ngx_sock_ntop(sa, len, p, last - p, 0);

        if (sa->sa_family == AF_INET6) {
            *p++ = ']';
        }
    }

    *p = '\0';

    return curl_slist_append(list, (char *) buf);
}

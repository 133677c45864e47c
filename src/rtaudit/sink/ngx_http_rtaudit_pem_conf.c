
#include "sink/ngx_http_rtaudit_pem_conf.h"
#include "ngx_rt_file.h"

#include <openssl/err.h>
#include <openssl/pem.h>


#define NGX_HTTP_RTAUDIT_PEM_CONF_MAX  (1024 * 1024)    /* bytes */


char *
ngx_http_rtaudit_pem_conf(ngx_conf_t *cf, const char *what, ngx_str_t *name,
    ngx_str_t *text)
{
    BIO            *bio;
    X509           *x509;
    ngx_int_t       rc;
    ngx_rt_file_t   file;

    rc = ngx_rt_file_read(cf, name, NGX_HTTP_RTAUDIT_PEM_CONF_MAX, &file);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, file.err,
                           "\"%s=%V\" of \"rtaudit_sink\" %s", what, name,
                           file.fault);
    }

    if (rc != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    bio = BIO_new_mem_buf(file.text.data, (int) file.text.len);
    x509 = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    rc = x509 ? NGX_OK : NGX_DECLINED;

    X509_free(x509);
    BIO_free(bio);
    ERR_clear_error();

    if (rc != NGX_OK) {
        return ngx_rt_conf_invalid(cf, what, name, "write a file of "
                                   "certificates, in PEM");
    }

    *text = file.text;

    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_rtaudit_pem_conf_pair(ngx_str_t *cert, ngx_str_t *key)
{
    BIO         *bio;
    X509        *x509;
    EVP_PKEY    *pkey;
    ngx_uint_t   pair;

    bio = BIO_new_mem_buf(cert->data, (int) cert->len);
    x509 = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);

    bio = BIO_new_mem_buf(key->data, (int) key->len);
    pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *) "") : NULL;
    BIO_free(bio);

    pair = x509 && pkey && X509_check_private_key(x509, pkey) == 1;

    EVP_PKEY_free(pkey);
    X509_free(x509);
    ERR_clear_error();

    return pair;
}

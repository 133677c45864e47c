
#include "sink/ngx_http_rtaudit_pem_conf.h"
#include "ngx_rt_file.h"
#include "ngx_rt_secret.h"

#include <openssl/err.h>
#include <openssl/pem.h>


#define NGX_HTTP_RTAUDIT_PEM_CONF_MAX  (1024 * 1024)    /* bytes */


#define NGX_HTTP_RTAUDIT_PEM_CONF_NAME  255             /* bytes */


typedef struct {
    ngx_str_t        name;
    char          *(*set)(ngx_conf_t *cf, const char *what, ngx_str_t *value,
                          ngx_str_t *text);
    const char      *what;
    size_t           offset;        /* in ngx_http_rtaudit_pem_t */
} ngx_http_rtaudit_pem_conf_t;


static char *ngx_http_rtaudit_pem_conf_file(ngx_conf_t *cf, const char *what,
    ngx_str_t *value, ngx_str_t *text);
static char *ngx_http_rtaudit_pem_conf_host(ngx_conf_t *cf, const char *what,
    ngx_str_t *value, ngx_str_t *text);
static char *ngx_http_rtaudit_pem_conf_secret(ngx_conf_t *cf,
    const char *what, ngx_str_t *value, ngx_str_t *text);
static X509 *ngx_http_rtaudit_pem_conf_first(ngx_str_t *text);


static ngx_http_rtaudit_pem_conf_t  ngx_http_rtaudit_pem_conf_rows[] = {

    { ngx_string("ca="), ngx_http_rtaudit_pem_conf_file, "ca",
      offsetof(ngx_http_rtaudit_pem_t, ca) },

    { ngx_string("name="), ngx_http_rtaudit_pem_conf_host, "name",
      offsetof(ngx_http_rtaudit_pem_t, name) },

    { ngx_string("cert="), ngx_http_rtaudit_pem_conf_file, "cert",
      offsetof(ngx_http_rtaudit_pem_t, cert) },

    { ngx_string("key="), ngx_http_rtaudit_pem_conf_secret, "key",
      offsetof(ngx_http_rtaudit_pem_t, key) },

    { ngx_null_string, NULL, NULL, 0 }
};


ngx_int_t
ngx_http_rtaudit_pem_option(ngx_conf_t *cf, ngx_http_rtaudit_pem_t *pem,
    const char *secure, ngx_str_t *value)
{
    char                         *rv;
    ngx_str_t                     text;
    ngx_http_rtaudit_pem_conf_t  *row;

    row = ngx_rt_conf_row(ngx_http_rtaudit_pem_conf_rows,
                          sizeof(ngx_http_rtaudit_pem_conf_t), value,
                          NGX_RT_CONF_BEGINS);

    if (row == NULL) {
        return NGX_DECLINED;
    }

    text.data = value->data + row->name.len;
    text.len = value->len - row->name.len;

    rv = secure ? ngx_rt_conf_invalid(cf, "parameter", value, "it is for %s",
                                      secure)
                : row->set(cf, row->what, &text,
                           (ngx_str_t *) ((u_char *) pem + row->offset));

    return rv == NGX_CONF_OK ? NGX_OK : NGX_ERROR;
}


static char *
ngx_http_rtaudit_pem_conf_host(ngx_conf_t *cf, const char *what,
    ngx_str_t *value, ngx_str_t *text)
{
    ngx_addr_t  addr;

    if ((!ngx_rt_conf_name(value, "-.")
         && ngx_parse_addr(cf->pool, &addr, value->data, value->len) != NGX_OK)
        || value->len > NGX_HTTP_RTAUDIT_PEM_CONF_NAME)
    {
        return ngx_rt_conf_invalid(cf, what, value, "write a host's, of 1 to "
                                   "%d letters, digits, \"-\" and \".\", or "
                                   "an IP address",
                                   NGX_HTTP_RTAUDIT_PEM_CONF_NAME);
    }

    *text = *value;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_pem_conf_secret(ngx_conf_t *cf, const char *what,
    ngx_str_t *value, ngx_str_t *text)
{
    return ngx_rt_secret(cf, what, value, text) == NGX_OK ? NGX_CONF_OK
                                                          : NGX_CONF_ERROR;
}


/* the text of a file of certificates, at least one */

static char *
ngx_http_rtaudit_pem_conf_file(ngx_conf_t *cf, const char *what,
    ngx_str_t *value, ngx_str_t *text)
{
    X509           *x509;
    ngx_int_t       rc;
    ngx_rt_file_t   file;

    if (ngx_conf_full_name(cf->cycle, value, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    rc = ngx_rt_file_read(cf, value, NGX_HTTP_RTAUDIT_PEM_CONF_MAX, &file);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, file.err,
                           "\"%s=%V\" of \"rtaudit_sink\" %s", what, value,
                           file.fault);
    }

    if (rc != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    x509 = ngx_http_rtaudit_pem_conf_first(&file.text);

    if (x509 == NULL) {
        return ngx_rt_conf_invalid(cf, what, value, "write a file of "
                                   "certificates, in PEM");
    }

    X509_free(x509);
    *text = file.text;

    return NGX_CONF_OK;
}


/* the first certificate of a text, or NULL */

static X509 *
ngx_http_rtaudit_pem_conf_first(ngx_str_t *text)
{
    BIO   *bio;
    X509  *x509;

    bio = BIO_new_mem_buf(text->data, (int) text->len);
    x509 = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    ERR_clear_error();

    return x509;
}


EVP_PKEY *
ngx_http_rtaudit_pem_key(ngx_str_t *text)
{
    BIO       *bio;
    EVP_PKEY  *key;

    bio = BIO_new_mem_buf(text->data, (int) text->len);
    key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *) "") : NULL;

    BIO_free(bio);

    return key;
}


/* is this the private key of the first certificate? */

static ngx_uint_t
ngx_http_rtaudit_pem_conf_pair(ngx_str_t *cert, ngx_str_t *key)
{
    X509        *x509;
    EVP_PKEY    *pkey;
    ngx_uint_t   pair;

    x509 = ngx_http_rtaudit_pem_conf_first(cert);
    pkey = ngx_http_rtaudit_pem_key(key);
    pair = x509 && pkey && X509_check_private_key(x509, pkey) == 1;

    EVP_PKEY_free(pkey);
    X509_free(x509);
    ERR_clear_error();

    return pair;
}


char *
ngx_http_rtaudit_pem_check(ngx_conf_t *cf, ngx_http_rtaudit_pem_t *pem)
{
    if ((pem->cert.len || pem->key.len)
        && !ngx_http_rtaudit_pem_conf_pair(&pem->cert, &pem->key))
    {
        return ngx_rt_conf_invalid(cf, "key", NULL, "write both cert=FILE and "
                                   "key=SECRET, its private key, in PEM");
    }

    return NGX_CONF_OK;
}

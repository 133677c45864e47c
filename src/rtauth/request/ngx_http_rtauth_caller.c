
#include "request/ngx_http_rtauth_caller.h"
#include "keys/ngx_http_rtauth_worker.h"
#include "jose/rt_bearer.h"
#include "text/rt_same.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_log.h"
#include "ngx_rt_secret.h"

#include <openssl/evp.h>


#define NGX_HTTP_RTAUTH_CALLER_KEY  32      /* characters, at least */


static ngx_http_rtauth_caller_key_t *ngx_http_rtauth_caller_shown(
    ngx_http_request_t *r, ngx_http_rtauth_caller_t *caller);


char *
ngx_http_rtauth_caller_conf(ngx_conf_t *cf, ngx_http_rtauth_caller_t *caller,
    ngx_str_t *value)
{
    u_char                         of[32];
    ngx_str_t                      spec, secret;
    ngx_http_rtauth_caller_key_t  *key;

    if (caller->n == NGX_HTTP_RTAUTH_CALLER_KEYS) {
        return ngx_rt_conf_invalid(cf, "number of keys", NULL,
                                   "write one, or two while they change");
    }

    spec.data = value->data + sizeof("key=") - 1;
    spec.len = value->len - (sizeof("key=") - 1);

    if (ngx_rt_secret(cf, "key", &spec, &secret) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (secret.len < NGX_HTTP_RTAUTH_CALLER_KEY) {
        return ngx_rt_conf_invalid(cf, "key", NULL, "write a secret of at "
                                   "least %d characters",
                                   NGX_HTTP_RTAUTH_CALLER_KEY);
    }

    key = &caller->key[caller->n++];

    if (EVP_Digest(secret.data, secret.len, key->digest, NULL, EVP_sha256(),
                   NULL) != 1
        || EVP_Digest(key->digest, sizeof(key->digest), of, NULL, EVP_sha256(),
                      NULL) != 1)
    {
        return NGX_CONF_ERROR;
    }

    (void) ngx_hex_dump(key->id, of, sizeof(key->id) / 2);

    return NGX_CONF_OK;
}


ngx_http_rtauth_caller_key_t *
ngx_http_rtauth_caller(ngx_http_request_t *r, ngx_http_rtauth_caller_t *caller,
    ngx_uint_t *status)
{
    ngx_table_elt_t               *h;
    ngx_http_rtauth_worker_t      *w;
    ngx_http_rtauth_caller_key_t  *key;

    key = ngx_http_rtauth_caller_shown(r, caller);

    if (key) {
        return key;
    }

    *status = NGX_HTTP_INTERNAL_SERVER_ERROR;

    w = ngx_http_rtauth_worker(ngx_http_get_module_main_conf(r,
                                                     ngx_http_rtauth_module));
    if (w == NULL) {
        return NULL;
    }

    if (!ngx_http_rtauth_budget_left(w->guesses, r->connection)) {
        h = ngx_rt_headers_add(r, "Retry-After");

        if (h) {
            ngx_str_set(&h->value, "1");
            *status = NGX_HTTP_TOO_MANY_REQUESTS;
        }

        return NULL;
    }

    ngx_http_rtauth_budget_spend(w->guesses, r->connection);

    ngx_rt_log_error(NGX_LOG_NOTICE, r,
                     "rtauth: refused with 401: the key is not one of those "
                     "that are written here");

    h = ngx_rt_headers_add(r, "WWW-Authenticate");

    if (h) {
        ngx_str_set(&h->value, "Bearer");
        *status = NGX_HTTP_UNAUTHORIZED;
    }

    return NULL;
}


/*
 * Every key is compared, by its digest, so that the time tells nothing of them.
 */

static ngx_http_rtauth_caller_key_t *
ngx_http_rtauth_caller_shown(ngx_http_request_t *r,
    ngx_http_rtauth_caller_t *caller)
{
    u_char                         digest[32];
    rt_str_t                       token;
    ngx_str_t                      value;
    ngx_uint_t                     i;
    ngx_http_rtauth_caller_key_t  *same;

    if (ngx_rt_headers_last(r, "Authorization", &value) != 1
        || rt_bearer_token(ngx_rt_str(&value), &token) != RT_OK
        || EVP_Digest(token.data, token.len, digest, NULL, EVP_sha256(), NULL)
           != 1)
    {
        return NULL;
    }

    same = NULL;

    for (i = 0; i < caller->n; i++) {
        if (rt_same(digest, caller->key[i].digest, sizeof(digest))) {
            same = &caller->key[i];
        }
    }

    return same;
}

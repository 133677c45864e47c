
/*
 * Headers a client can never send.
 *
 * The header list is rebuilt: a line with hash = 0 is still proxied.  Names
 * are compared folded, for what stands behind nginx may read X_Email and
 * x-email as X-Email.  Names of stripped headers are also taken out of
 * Connection lines: a next hop would drop what it finds named there, and so
 * the header this server sets.
 */


#include "request/ngx_http_rtauth_strip.h"
#include "request/ngx_http_rtauth_upgrade.h"
#include "ngx_rt_compat.h"
#include "ngx_rt_headers.h"
#include "text/rt_field.h"


typedef struct {
    ngx_array_t  *names;      /* of rtauth_strip_header, or NULL */
    ngx_flag_t    guarded;    /* so is what is never let in */
    ngx_uint_t    upgrade;    /* Upgrade, too */
} ngx_http_rtauth_strip_t;


static ngx_int_t ngx_http_rtauth_strip(ngx_http_request_t *r,
    ngx_uint_t upgrade);
static ngx_int_t ngx_http_rtauth_strip_lines(ngx_http_request_t *r,
    ngx_http_rtauth_strip_t *strip);
static ngx_int_t ngx_http_rtauth_strip_line(ngx_http_request_t *r,
    ngx_table_elt_t *h, void *data);
static ngx_uint_t ngx_http_rtauth_strip_is(ngx_http_rtauth_strip_t *strip,
    u_char *name, size_t len);
static ngx_uint_t ngx_http_rtauth_strip_always(u_char *name, size_t len);
static void ngx_http_rtauth_strip_known(ngx_http_request_t *r,
    ngx_table_elt_t *h);
static ngx_int_t ngx_http_rtauth_strip_connection(ngx_http_request_t *r,
    ngx_http_rtauth_strip_t *strip, ngx_table_elt_t *h);


/* Transfer_Encoding, say, is Transfer-Encoding to some applications */

static ngx_str_t  ngx_http_rtauth_strip_framing[] = {
    ngx_string("Content-Length"),
    ngx_string("Transfer-Encoding"),
    ngx_null_string
};


ngx_int_t
ngx_http_rtauth_strip_handler(ngx_http_request_t *r)
{
    return ngx_http_rtauth_strip(r, ngx_http_rtauth_upgrade_anywhere(r));
}


ngx_int_t
ngx_http_rtauth_strip_again_handler(ngx_http_request_t *r)
{
    return ngx_http_rtauth_strip(r, ngx_http_rtauth_upgrade_here(r));
}


static ngx_int_t
ngx_http_rtauth_strip(ngx_http_request_t *r, ngx_uint_t upgrade)
{
    ngx_http_rtauth_kept_t      *kept;
    ngx_http_rtauth_strip_t      strip;
    ngx_http_rtauth_srv_conf_t  *rscf;

    rscf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    if ((rscf->strip == NULL && !rscf->guarded) || r != r->main) {
        return NGX_DECLINED;
    }

    kept = ngx_http_rtauth_keep(r);
    if (kept == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    strip.names = rscf->strip;
    strip.guarded = rscf->guarded;
    strip.upgrade = rscf->guarded && upgrade;

    if (kept->stripped && !strip.upgrade) {
        return NGX_DECLINED;
    }

    kept->stripped = 1;

    if (ngx_http_rtauth_strip_lines(r, &strip) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (strip.upgrade) {
        ngx_http_rtauth_upgrade_forget(r);
    }

    return NGX_DECLINED;
}


/* most requests have nothing to take out, and keep their list */

static ngx_int_t
ngx_http_rtauth_strip_lines(ngx_http_request_t *r,
    ngx_http_rtauth_strip_t *strip)
{
    ngx_int_t          rc;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_next(&walk)) != NULL) {

        rc = ngx_http_rtauth_strip_line(r, h, strip);

        if (rc == NGX_DECLINED) {
            return ngx_rt_headers_rebuild(r, ngx_http_rtauth_strip_line,
                                          strip);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_strip_line(ngx_http_request_t *r, ngx_table_elt_t *h,
    void *data)
{
    ngx_http_rtauth_strip_t *strip = data;

    static ngx_str_t  connection = ngx_string("Connection");

    if (ngx_http_rtauth_strip_is(strip, h->key.data, h->key.len)) {
        ngx_http_rtauth_strip_known(r, h);
        return NGX_DECLINED;
    }

    if (!ngx_rt_header_is(h, &connection)) {
        return NGX_OK;
    }

    if (ngx_http_rtauth_strip_connection(r, strip, h) != NGX_OK) {
        return NGX_ERROR;
    }

    return h->value.len ? NGX_OK : NGX_DECLINED;
}


static ngx_uint_t
ngx_http_rtauth_strip_is(ngx_http_rtauth_strip_t *strip, u_char *name,
    size_t len)
{
    static ngx_str_t  upgrade = ngx_string("Upgrade");

    return (strip->names && ngx_rt_header_among(strip->names, name, len))
           || (strip->guarded && ngx_http_rtauth_strip_always(name, len))
           || (strip->upgrade && ngx_rt_header_alike(&upgrade, name, len));
}


/*
 * The settings of h2c, and other spellings of a header that nginx reads itself.
 */

static ngx_uint_t
ngx_http_rtauth_strip_always(u_char *name, size_t len)
{
    ngx_str_t  *s;

    static ngx_str_t  settings = ngx_string("HTTP2-Settings");

    for (s = ngx_http_rtauth_strip_framing; s->len; s++) {
        if (ngx_rt_header_alike(s, name, len)) {
            return ngx_strncasecmp(s->data, name, len) != 0;
        }
    }

    return ngx_rt_header_alike(&settings, name, len);
}


/*
 * Forgets what nginx has noted of a header it knows: $http_x_forwarded_for,
 * say.
 */

static void
ngx_http_rtauth_strip_known(ngx_http_request_t *r, ngx_table_elt_t *h)
{
    ngx_http_header_t          *hh;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    hh = ngx_hash_find(&cmcf->headers_in_hash, h->hash, h->lowcase_key,
                       h->key.len);

    if (hh && hh->offset) {
        ngx_rt_compat_forget_header_in(&r->headers_in, hh->offset);
    }
}


static ngx_int_t
ngx_http_rtauth_strip_connection(ngx_http_request_t *r,
    ngx_http_rtauth_strip_t *strip, ngx_table_elt_t *h)
{
    u_char      *dst, *value;
    rt_str_t     list, option;
    ngx_uint_t   found;

    value = ngx_pnalloc(r->pool, h->value.len);
    if (value == NULL) {
        return h->value.len ? NGX_ERROR : NGX_OK;
    }

    list = *ngx_rt_str(&h->value);
    dst = value;
    found = 0;

    while (rt_field_next(&list, &option)) {

        if (ngx_http_rtauth_strip_is(strip, option.data, option.len)) {
            found = 1;
            continue;
        }

        if (dst != value) {
            *dst++ = ',';
        }

        dst = ngx_cpymem(dst, option.data, option.len);
    }

    if (found) {
        h->value.data = value;
        h->value.len = dst - value;
    }

    return NGX_OK;
}


char *
ngx_http_rtauth_strip_merge(ngx_conf_t *cf, ngx_http_rtauth_srv_conf_t *prev,
    ngx_http_rtauth_srv_conf_t *conf)
{
    ngx_str_t  *name;

    if (conf->strip == NULL) {
        conf->strip = prev->strip;
        return NGX_CONF_OK;
    }

    if (prev->strip == NULL) {
        return NGX_CONF_OK;
    }

    name = ngx_array_push_n(conf->strip, prev->strip->nelts);
    if (name == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(name, prev->strip->elts,
               prev->strip->nelts * sizeof(ngx_str_t));

    return NGX_CONF_OK;
}

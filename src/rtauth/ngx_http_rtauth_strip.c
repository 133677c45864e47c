
/*
 * Headers a client can never send.
 *
 * The header list is rebuilt: a line with hash = 0 is still proxied.  Names
 * are compared folded, for what stands behind nginx may read X_Email and
 * x-email as X-Email.  Names of stripped headers are also taken out of
 * Connection lines: a next hop would drop what it finds named there, and so
 * the header this server sets.
 */


#include "ngx_http_rtauth_strip.h"
#include "ngx_rt_compat.h"
#include "ngx_rt_headers.h"


static ngx_int_t ngx_http_rtauth_strip_line(ngx_http_request_t *r,
    ngx_table_elt_t *h, void *data);
static void ngx_http_rtauth_strip_known(ngx_http_request_t *r,
    ngx_table_elt_t *h);
static ngx_int_t ngx_http_rtauth_strip_connection(ngx_http_request_t *r,
    ngx_array_t *names, ngx_table_elt_t *h);
static char *ngx_http_rtauth_strip_check(ngx_conf_t *cf, ngx_str_t *name);


/* headers nginx itself reads to know where a request ends and whose it is */

static ngx_str_t  ngx_http_rtauth_unstrippable[] = {
    ngx_string("host"),
    ngx_string("connection"),
    ngx_string("content-length"),
    ngx_string("transfer-encoding"),
    ngx_string("expect"),
    ngx_string("upgrade"),
    ngx_null_string
};


ngx_int_t
ngx_http_rtauth_strip_handler(ngx_http_request_t *r)
{
    ngx_http_rtauth_kept_t      *kept;
    ngx_http_rtauth_srv_conf_t  *rscf;

    rscf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    if (rscf->strip == NULL || r != r->main) {
        return NGX_DECLINED;
    }

    kept = ngx_http_rtauth_keep(r);
    if (kept == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (kept->stripped) {
        return NGX_DECLINED;
    }

    kept->stripped = 1;

    if (ngx_rt_headers_rebuild(r, ngx_http_rtauth_strip_line, rscf->strip)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_rtauth_strip_line(ngx_http_request_t *r, ngx_table_elt_t *h,
    void *data)
{
    ngx_array_t *names = data;

    static ngx_str_t  connection = ngx_string("Connection");

    if (ngx_rt_header_among(names, h->key.data, h->key.len)) {
        ngx_http_rtauth_strip_known(r, h);
        return NGX_DECLINED;
    }

    if (!ngx_rt_header_is(h, &connection)) {
        return NGX_OK;
    }

    if (ngx_http_rtauth_strip_connection(r, names, h) != NGX_OK) {
        return NGX_ERROR;
    }

    return h->value.len ? NGX_OK : NGX_DECLINED;
}


/* what nginx remembers of a header it knows: $http_x_forwarded_for, say */

static void
ngx_http_rtauth_strip_known(ngx_http_request_t *r, ngx_table_elt_t *h)
{
    ngx_http_header_t          *hh;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    hh = ngx_hash_find(&cmcf->headers_in_hash, h->hash, h->lowcase_key,
                       h->key.len);

    if (hh && hh->offset) {
        ngx_rt_forget_header_in(&r->headers_in, hh->offset);
    }
}


static ngx_int_t
ngx_http_rtauth_strip_connection(ngx_http_request_t *r, ngx_array_t *names,
    ngx_table_elt_t *h)
{
    u_char      *p, *last, *token, *end, *dst, *value;
    ngx_uint_t   found;

    value = ngx_pnalloc(r->pool, h->value.len);
    if (value == NULL) {
        return h->value.len ? NGX_ERROR : NGX_OK;
    }

    p = h->value.data;
    last = p + h->value.len;
    dst = value;
    found = 0;

    while (p < last) {

        while (p < last && (*p == ' ' || *p == '\t' || *p == ',')) {
            p++;
        }

        token = p;

        while (p < last && *p != ',') {
            p++;
        }

        for (end = p; end > token && (end[-1] == ' ' || end[-1] == '\t');) {
            end--;
        }

        if (end == token) {
            continue;
        }

        if (ngx_rt_header_among(names, token, end - token)) {
            found = 1;
            continue;
        }

        if (dst != value) {
            *dst++ = ',';
        }

        dst = ngx_cpymem(dst, token, end - token);
    }

    if (found) {
        h->value.data = value;
        h->value.len = dst - value;
    }

    return NGX_OK;
}


char *
ngx_http_rtauth_strip_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_srv_conf_t *rscf = conf;

    char        *rv;
    ngx_str_t   *value, *name;
    ngx_uint_t   i;

    if (rscf->strip == NULL) {
        rscf->strip = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
        if (rscf->strip == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        rv = ngx_http_rtauth_strip_check(cf, &value[i]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }

        name = ngx_array_push(rscf->strip);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_strip_check(ngx_conf_t *cf, ngx_str_t *name)
{
    size_t      n;
    u_char      ch;
    ngx_str_t  *s;

    for (n = 0; n < name->len; n++) {
        ch = name->data[n];

        if (ngx_rt_header_fold(ch) == '_' && ch != '-' && ch != '_') {
            break;
        }
    }

    if (name->len == 0 || n < name->len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid header name \"%V\" in "
                           "\"rtauth_strip_header\": write the name alone, "
                           "of letters, digits, \"-\" and \"_\"", name);
        return NGX_CONF_ERROR;
    }

    for (s = ngx_http_rtauth_unstrippable; s->len; s++) {
        if (s->len == name->len
            && ngx_strncasecmp(s->data, name->data, s->len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" in \"rtauth_strip_header\" is a header "
                               "nginx itself needs: remove it, and set it "
                               "with \"proxy_set_header\"", name);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
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

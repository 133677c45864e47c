
#include "sink/ngx_http_rtaudit_file_conf.h"
#include "sink/ngx_http_rtaudit_https_conf.h"
#include "sink/ngx_http_rtaudit_option_conf.h"
#include "sink/ngx_http_rtaudit_spool.h"
#include "ngx_rt_path.h"
#include "ngx_rt_secret.h"


#define NGX_HTTP_RTAUDIT_HTTPS_TIMEOUT  30000   /* ms */
#define NGX_HTTP_RTAUDIT_HTTPS_HEADERS  8


static char *ngx_http_rtaudit_https_conf_url(ngx_conf_t *cf, const char *what,
    ngx_str_t *text, ngx_rt_url_t *url);
static char *ngx_http_rtaudit_https_conf_proxy(ngx_conf_t *cf, void *conf,
    ngx_str_t *value);
static char *ngx_http_rtaudit_https_conf_timeout(ngx_conf_t *cf, void *conf,
    ngx_str_t *value);
static char *ngx_http_rtaudit_https_conf_header(ngx_conf_t *cf, void *conf,
    ngx_str_t *value);
static char *ngx_http_rtaudit_https_conf_spool(ngx_conf_t *cf, void *conf,
    ngx_str_t *value);
static char *ngx_http_rtaudit_https_conf_where(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);
static char *ngx_http_rtaudit_https_conf_renamed(ngx_conf_t *cf,
    ngx_http_rtaudit_https_conf_t *hcf);
static char *ngx_http_rtaudit_https_conf_folder(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink);


static ngx_http_rtaudit_option_t  ngx_http_rtaudit_https_conf_options[] = {
    { ngx_string("spool="), ngx_http_rtaudit_https_conf_spool },
    { ngx_string("header="), ngx_http_rtaudit_https_conf_header },
    { ngx_string("timeout="), ngx_http_rtaudit_https_conf_timeout },
    { ngx_string("proxy="), ngx_http_rtaudit_https_conf_proxy },
    { ngx_null_string, NULL }
};


/* what a request is made of, or how it ends, is not for others to say */

static ngx_str_t  ngx_http_rtaudit_https_conf_own[] = {
    ngx_string("Content-Type"),
    ngx_string("Content-Encoding"),
    ngx_string("Content-Length"),
    ngx_string("Transfer-Encoding"),
    ngx_string("Connection"),
    ngx_string("Expect"),
    ngx_string("Host"),
    ngx_null_string
};


char *
ngx_http_rtaudit_https_parse(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink)
{
    ngx_str_t                      *value;
    ngx_http_rtaudit_https_conf_t  *hcf;

    hcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtaudit_https_conf_t));

    if (hcf == NULL
        || ngx_array_init(&hcf->headers, cf->pool, 1, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    hcf->timeout = NGX_HTTP_RTAUDIT_HTTPS_TIMEOUT;
    sink->conf = hcf;
    sink->remote = 1;
    sink->batches = 1;
    value = cf->args->elts;

    if (ngx_http_rtaudit_https_conf_url(cf, "target", &value[2], &hcf->at)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    sink->target = ngx_rt_str_copy(&hcf->at.parts.shown);

    if (ngx_http_rtaudit_options(cf, sink, ngx_http_rtaudit_https_conf_options,
                                 "\"spool=PATH:SIZE\", "
                                 "\"header=NAME:SECRET\", \"timeout=TIME\", "
                                 "\"proxy=URL\"", &hcf->pem,
                                 hcf->at.parts.tls ? NULL : "https://HOST")
        != NGX_CONF_OK
        || ngx_http_rtaudit_https_conf_where(cf, sink) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtaudit_https_conf_folder(cf, sink);
}


static char *
ngx_http_rtaudit_https_conf_url(ngx_conf_t *cf, const char *what,
    ngx_str_t *text, ngx_rt_url_t *url)
{
    char       *err;
    ngx_int_t   rc;

    rc = ngx_rt_url_parse(cf->pool, text, url, &err);

    /* it may hold a password: it is not shown */

    if (rc == NGX_DECLINED) {
        return ngx_rt_conf_invalid(cf, what, NULL, "the URL %s, write "
                                   "http://HOST[:PORT] or https://..., and a "
                                   "key by header=NAME:SECRET", err);
    }

    return rc == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_rtaudit_https_conf_proxy(ngx_conf_t *cf, void *conf, ngx_str_t *value)
{
    ngx_http_rtaudit_https_conf_t *hcf = conf;

    char  *err;

    if (ngx_http_rtaudit_https_conf_url(cf, "proxy", value, &hcf->proxy)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    err = "it is for http://HOST:PORT";

    if (hcf->proxy.parts.tls
        || ngx_rt_url_resolve(cf->pool, &hcf->proxy, &err) != NGX_OK)
    {
        return ngx_rt_conf_invalid(cf, "proxy", value, "%s", err);
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_https_conf_timeout(ngx_conf_t *cf, void *conf,
    ngx_str_t *value)
{
    ngx_http_rtaudit_https_conf_t *hcf = conf;

    ngx_int_t  ms;

    ms = ngx_parse_time(value, 0);

    if (ms < 100 || ms > 600000) {
        return ngx_rt_conf_invalid(cf, "timeout", value,
                                   "write a time from 100ms to 10m");
    }

    hcf->timeout = ms;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_https_conf_header(ngx_conf_t *cf, void *conf, ngx_str_t *value)
{
    ngx_http_rtaudit_https_conf_t *hcf = conf;

    size_t      i;
    rt_str_t    name, spec;
    ngx_str_t   secret, *header;

    (void) rt_str_cut(ngx_rt_str(value), ':', &name, &spec);

    if (!ngx_rt_conf_name(ngx_rt_ngx(&name), "-_")
        || ngx_rt_conf_among(ngx_http_rtaudit_https_conf_own, name.data,
                             name.len)
        || hcf->headers.nelts == NGX_HTTP_RTAUDIT_HTTPS_HEADERS)
    {
        return ngx_rt_conf_invalid(cf, "header", ngx_rt_ngx(&name),
                                   "write at most %d of NAME:SECRET, and none "
                                   "that the request itself needs",
                                   NGX_HTTP_RTAUDIT_HTTPS_HEADERS);
    }

    if (ngx_rt_secret(cf, "header", ngx_rt_ngx(&spec), &secret) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < secret.len; i++) {
        if (secret.data[i] < ' ' || secret.data[i] == 0x7f) {
            return ngx_rt_conf_invalid(cf, "header", ngx_rt_ngx(&name),
                                       "its secret has a control character, "
                                       "write one line");
        }
    }

    header = ngx_array_push(&hcf->headers);
    if (header == NULL) {
        return NGX_CONF_ERROR;
    }

    header->len = name.len + 2 + secret.len;
    header->data = ngx_pnalloc(cf->pool, header->len + 1);
    if (header->data == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_sprintf(header->data, "%V: %V%Z", ngx_rt_ngx(&name), &secret);

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_https_conf_spool(ngx_conf_t *cf, void *conf, ngx_str_t *value)
{
    ngx_http_rtaudit_https_conf_t *hcf = conf;

    u_char     *colon;
    off_t       size;
    ngx_str_t   text;

    hcf->spool = ngx_pcalloc(cf->pool, sizeof(ngx_path_t));
    if (hcf->spool == NULL) {
        return NGX_CONF_ERROR;
    }

    size = NGX_ERROR;
    colon = ngx_strlchr(value->data, value->data + value->len, ':');

    if (colon) {
        text.data = colon + 1;
        text.len = value->data + value->len - text.data;
        size = ngx_parse_offset(&text);
    }

    if (colon == NULL || value->data[0] != '/' || colon < value->data + 2
        || colon[-1] == '/'
        || size < NGX_HTTP_RTAUDIT_SPOOL * NGX_HTTP_RTAUDIT_SEGMENT)
    {
        return ngx_rt_conf_invalid(cf, "spool", value,
                                   "write the absolute path of a folder of "
                                   "its own, and 16m or more, like "
                                   "spool=/var/spool/nginx/audit:256m");
    }

    hcf->segments = size / NGX_HTTP_RTAUDIT_SEGMENT;
    hcf->spool->name.len = colon - value->data;
    hcf->spool->name.data = ngx_pnalloc(cf->pool, hcf->spool->name.len + 1);
    if (hcf->spool->name.data == NULL) {
        return NGX_CONF_ERROR;
    }

    (void) ngx_cpystrn(hcf->spool->name.data, value->data,
                       hcf->spool->name.len + 1);

    return NGX_CONF_OK;
}


/* where the collector is, unless a proxy knows, and what it is called */

static char *
ngx_http_rtaudit_https_conf_where(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink)
{
    char                           *err;
    ngx_int_t                       rc;
    ngx_http_rtaudit_https_conf_t  *hcf;

    hcf = sink->conf;
    hcf->url = hcf->at;

    if (hcf->proxy.text.len == 0) {
        rc = ngx_rt_url_resolve(cf->pool, &hcf->at, &err);

        if (rc == NGX_DECLINED) {
            return ngx_rt_conf_invalid(cf, "target", &sink->target, "%s", err);
        }

        if (rc != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    if (!hcf->at.parts.tls && !ngx_rt_url_loopback(&hcf->at)) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"rtaudit_sink %V\": events go to \"%V\" in the "
                           "clear: write https://HOST", &sink->name,
                           &sink->target);
    }

    return hcf->pem.name.len ? ngx_http_rtaudit_https_conf_renamed(cf, hcf)
                         : NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_https_conf_renamed(ngx_conf_t *cf,
    ngx_http_rtaudit_https_conf_t *hcf)
{
    size_t      at;
    ngx_str_t   text, rest, *old;

    old = &hcf->at.text;

    for (at = sizeof("https://") - 1; at < old->len; at++) {
        if (ngx_strchr("/?", old->data[at])) {
            break;
        }
    }

    rest.data = old->data + at;
    rest.len = old->len - at;

    text.data = ngx_pnalloc(cf->pool, hcf->pem.name.len + rest.len
                                      + sizeof("https://:65535"));
    if (text.data == NULL) {
        return NGX_CONF_ERROR;
    }

    text.len = ngx_sprintf(text.data, "https://%V:%d%V", &hcf->pem.name,
                           (int) hcf->at.parts.port, &rest)
               - text.data;

    if (ngx_http_rtaudit_https_conf_url(cf, "name", &text, &hcf->url)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (hcf->proxy.text.len || hcf->url.literal) {
        return ngx_rt_conf_invalid(cf, "name", &hcf->pem.name,
                                   "write a host's, and no \"proxy=\", which "
                                   "would have to find it");
    }

    return NGX_CONF_OK;
}


/*
 * nginx makes the folder, and gives it to the workers' user: one that holds
 * other things than a spool is not to be given away.
 */

static char *
ngx_http_rtaudit_https_conf_folder(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink)
{
    ngx_int_t                       rc;
    ngx_str_t                      *path;
    ngx_rt_path_t                   p;
    ngx_http_rtaudit_https_conf_t  *hcf;

    hcf = sink->conf;

    if (hcf->spool == NULL) {
        return ngx_rt_conf_invalid(cf, "parameter", NULL, "write "
                                   "spool=PATH:SIZE, where events wait, like "
                                   "spool=/var/spool/nginx/audit:256m");
    }

    path = &hcf->spool->name;
    sink->place = *path;

    rc = ngx_rt_path_walk(&p, path);
    ngx_rt_path_close(&p);

    if (rc != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "\"rtaudit_sink %V\" cannot make \"%V\": name a "
                           "folder in one that is there", &sink->name, path);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_rtaudit_file_conf_trust(cf, sink, &p) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (p.exists && (!S_ISDIR(p.st.st_mode) || (p.st.st_mode & S_IRWXO)
                     || (p.st.st_mode & S_IWGRP)
                     || ngx_http_rtaudit_spool_foreign((char *) path->data)))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_sink %V\" cannot use \"%V\": name a "
                           "folder that is not there, nginx makes it, or one "
                           "with mode 0700 and nothing in it but a spool",
                           &sink->name, path);
        return NGX_CONF_ERROR;
    }

    hcf->spool->data = sink;
    hcf->spool->conf_file = cf->conf_file->file.name.data;
    hcf->spool->line = cf->conf_file->line;

    return ngx_add_path(cf, &hcf->spool) == NGX_OK ? NGX_CONF_OK
                                                   : NGX_CONF_ERROR;
}

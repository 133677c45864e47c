
#include "login/ngx_http_rtauth_page_conf.h"
#include "ngx_rt_file.h"


static char *ngx_http_rtauth_page_conf_read(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *conf);
static char *ngx_http_rtauth_page_conf_folder(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *conf);
static ngx_int_t ngx_http_rtauth_page_conf_file(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *conf, rt_page_e kind);
static ngx_int_t ngx_http_rtauth_page_conf_name(ngx_conf_t *cf,
    ngx_str_t *folder, rt_page_e kind, ngx_str_t *name);


char *
ngx_http_rtauth_page_merge(ngx_conf_t *cf, ngx_http_rtauth_srv_conf_t *prev,
    ngx_http_rtauth_srv_conf_t *conf)
{
    /* http has no outer level: nothing but its inner ones looks at its lines */

    if (prev->templates == NULL
        && ngx_http_rtauth_page_conf_read(cf, prev) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->pages.len == 0) {
        conf->pages = prev->pages;
        conf->pages_where = prev->pages_where;
        conf->templates = prev->templates;

        return NGX_CONF_OK;
    }

    return ngx_http_rtauth_page_conf_read(cf, conf);
}


static char *
ngx_http_rtauth_page_conf_read(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *conf)
{
    unsigned     line;
    rt_mem_t     mem;
    rt_page_e    kind;
    const char  *why;

    mem = ngx_rt_str_mem(cf->pool);

    conf->templates = ngx_palloc(cf->pool, RT_PAGE_MAX * sizeof(rt_page_t));
    if (conf->templates == NULL) {
        return NGX_CONF_ERROR;
    }

    for (kind = 0; kind < RT_PAGE_MAX; kind++) {
        if (rt_page_read(&mem, rt_page_builtin(kind), kind,
                         &conf->templates[kind], &why, &line)
            != RT_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return conf->pages.len ? ngx_http_rtauth_page_conf_folder(cf, conf)
                           : NGX_CONF_OK;
}


/* a folder without any of the files is one that was not meant */

static char *
ngx_http_rtauth_page_conf_folder(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *conf)
{
    ngx_int_t   rc;
    rt_page_e   kind;
    ngx_uint_t  found;

    found = 0;

    for (kind = 0; kind < RT_PAGE_MAX; kind++) {

        rc = ngx_http_rtauth_page_conf_file(cf, conf, kind);

        if (rc == NGX_ERROR) {
            return NGX_CONF_ERROR;
        }

        found += (rc == NGX_OK);
    }

    if (found) {
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_error(cf, &conf->pages_where,
                             "\"rtauth_pages %V\" holds no page: call one "
                             "\"chooser.html\", \"signed_out.html\", "
                             "\"sign_out.html\", \"refused.html\", "
                             "\"away.html\", \"failed.html\" or "
                             "\"frame.html\"",
                             &conf->pages);
}


/* ret: NGX_OK, NGX_DECLINED: there is none, NGX_ERROR */

static ngx_int_t
ngx_http_rtauth_page_conf_file(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *conf, rt_page_e kind)
{
    rt_mem_t        mem;
    unsigned        line;
    ngx_int_t       rc;
    ngx_str_t       name;
    const char     *why;
    ngx_rt_file_t   file;

    if (ngx_http_rtauth_page_conf_name(cf, &conf->pages, kind, &name)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_rt_conf_swap(cf, &conf->pages_where);
    rc = ngx_rt_file_read(cf, &name, RT_PAGE_MAX_TEXT, &file);
    ngx_rt_conf_swap(cf, &conf->pages_where);

    if (rc == NGX_DECLINED && file.err == NGX_ENOENT) {
        return NGX_DECLINED;
    }

    if (rc == NGX_DECLINED) {
        (void) ngx_rt_conf_error(cf, &conf->pages_where,
                                 "\"%V\" of \"rtauth_pages\" %s", &name,
                                 file.fault);
        return NGX_ERROR;
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    mem = ngx_rt_str_mem(cf->pool);

    if (rt_page_read(&mem, ngx_rt_str(&file.text), kind,
                     &conf->templates[kind], &why, &line)
        != RT_OK)
    {
        (void) ngx_rt_conf_error(cf, &conf->pages_where,
                                 "\"%V:%ui\" of \"rtauth_pages\" %s", &name,
                                 (ngx_uint_t) line, why);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_page_conf_name(ngx_conf_t *cf, ngx_str_t *folder,
    rt_page_e kind, ngx_str_t *name)
{
    u_char          *p;
    const rt_str_t  *base;

    base = rt_page_name(kind);

    name->len = folder->len + 1 + base->len + sizeof(".html") - 1;
    name->data = ngx_pnalloc(cf->pool, name->len + 1);
    if (name->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(name->data, "%V/%*s.html", folder, base->len, base->data);
    *p = '\0';

    return NGX_OK;
}

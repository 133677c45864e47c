#include "header/ngx_http_rtcsp_transport.h"
#include "nonce/ngx_http_rtcsp_type.h"
#include "ngx_rt_headers.h"


static ngx_str_t *ngx_http_rtcsp_transport_host(ngx_http_request_t *r,
    ngx_http_rtcsp_force_https_t *force);
static ngx_int_t ngx_http_rtcsp_transport_cookie(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_str_t *line);


/*
 * A browser that is sent elsewhere with 301 or 302 may make a GET of a POST;
 * with 308 and 307 it does not.
 */

ngx_int_t
ngx_http_rtcsp_force_https_handler(ngx_http_request_t *r)
{
    u_char                        *p;
    ngx_str_t                     *host;
    ngx_uint_t                     safe;
    ngx_table_elt_t               *h;
    ngx_http_rtcsp_loc_conf_t     *conf;
    ngx_http_rtcsp_force_https_t  *force;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_rtcsp_module);
    force = conf->force_https;

    /* an error page is shown as it is, and not redirected */

    if (force == NULL || !force->on || r != r->main || r->error_page
        || ngx_http_rtcsp_secure(r, conf))
    {
        return NGX_DECLINED;
    }

    host = ngx_http_rtcsp_transport_host(r, force);

    ngx_http_clear_location(r);

    h = ngx_rt_headers_add(r, "Location");
    if (h == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_pnalloc(r->pool, sizeof("https://") + host->len
                             + r->unparsed_uri.len);
    if (p == NULL) {
        h->hash = 0;
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    h->value.data = p;
    p = ngx_cpymem(p, "https://", sizeof("https://") - 1);
    p = ngx_cpymem(p, host->data, host->len);
    p = ngx_cpymem(p, r->unparsed_uri.data, r->unparsed_uri.len);
    h->value.len = p - h->value.data;

    r->headers_out.location = h;

    safe = r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD);

    if (force->permanent) {
        return safe ? NGX_HTTP_MOVED_PERMANENTLY
                    : NGX_HTTP_PERMANENT_REDIRECT;
    }

    return safe ? NGX_HTTP_MOVED_TEMPORARILY : NGX_HTTP_TEMPORARY_REDIRECT;
}


/* the client's Host is taken only if it is a name of this server */

static ngx_str_t *
ngx_http_rtcsp_transport_host(ngx_http_request_t *r,
    ngx_http_rtcsp_force_https_t *force)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    if (force->host.len) {
        return &force->host;
    }

    name = force->names->elts;

    for (i = 0; i < force->names->nelts; i++) {
        if (name[i].len == r->headers_in.server.len
            && ngx_strncmp(name[i].data, r->headers_in.server.data,
                           name[i].len)
               == 0)
        {
            return &name[i];
        }
    }

    return &name[0];
}


ngx_int_t
ngx_http_rtcsp_cookies(ngx_http_request_t *r, ngx_http_rtcsp_loc_conf_t *conf)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    static ngx_str_t  name = ngx_string("Set-Cookie");

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (ngx_rt_header_is(h, &name)
            && ngx_http_rtcsp_transport_cookie(r, conf, &h->value) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtcsp_transport_cookie(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_str_t *line)
{
    rt_mem_t                      mem;
    rt_str_t                      name, out, *want;
    ngx_uint_t                    i;
    const char                   *why;
    ngx_http_rtcsp_cookie_t      *cookie;
    ngx_http_rtcsp_main_conf_t   *mcf;

    cookie = conf->cookie;
    want = cookie->names->elts;

    rt_setcookie_name(ngx_rt_str(line), &name);

    for (i = 0; i < cookie->names->nelts; i++) {
        if (rt_str_eq(&want[i], &name)) {
            break;
        }
    }

    if (i == cookie->names->nelts) {
        return NGX_OK;
    }

    mem = ngx_rt_str_mem(r->pool);

    if (rt_setcookie(&mem, &cookie->flags, ngx_rt_str(line), &out, &why)
        != RT_OK)
    {
        return NGX_ERROR;
    }

    line->data = out.data;
    line->len = out.len;

    if (why) {
        mcf = ngx_http_get_module_main_conf(r, ngx_http_rtcsp_module);

        ngx_rt_once(mcf->once, &conf->cookie, r,
                    "rtcsp: browsers drop the cookie \"%*s\" of upstream: it "
                    "%s", want[i].len, want[i].data, why);
    }

    return NGX_OK;
}

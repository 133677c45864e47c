
#include "request/ngx_http_rtauth_origin.h"
#include "oidc/rt_origin.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_log.h"


static ngx_int_t ngx_http_rtauth_origin_check(ngx_http_request_t *r,
    ngx_http_rtauth_loc_conf_t *rlcf, rt_origin_request_t *request);
static ngx_int_t ngx_http_rtauth_origin_own(ngx_http_request_t *r,
    rt_origin_t *own);


ngx_int_t
ngx_http_rtauth_cross_origin(ngx_http_request_t *r,
    ngx_http_rtauth_loc_conf_t *rlcf)
{
    rt_origin_request_t      request;
    ngx_http_rtauth_kept_t  *kept;

    kept = ngx_http_rtauth_kept(r);

    ngx_memzero(&request, sizeof(rt_origin_request_t));

    /* an error page has made it GET */

    request.method = *ngx_rt_str(kept ? &kept->method : &r->main->method_name);
    request.websocket = (r->main->headers_in.upgrade != NULL);

    return rt_origin_safe(&request)
           ? NGX_OK : ngx_http_rtauth_origin_check(r, rlcf, &request);
}


ngx_int_t
ngx_http_rtauth_foreign(ngx_http_request_t *r,
    ngx_http_rtauth_loc_conf_t *rlcf)
{
    rt_origin_request_t  request;

    ngx_memzero(&request, sizeof(rt_origin_request_t));

    request.method = (rt_str_t) rt_string("POST");

    return ngx_http_rtauth_origin_check(r, rlcf, &request);
}


static ngx_int_t
ngx_http_rtauth_origin_check(ngx_http_request_t *r,
    ngx_http_rtauth_loc_conf_t *rlcf, rt_origin_request_t *request)
{
    const char          *why;
    rt_origin_t          own;
    ngx_http_request_t  *main;

    if (rlcf->cross_origin == NGX_HTTP_RTAUTH_CROSS_ALLOW) {
        return NGX_OK;
    }

    main = r->main;

    request->repeated = ngx_rt_headers_last(main, "Sec-Fetch-Site",
                                            ngx_rt_ngx(&request->site)) > 1;
    request->repeated |= ngx_rt_headers_last(main, "Origin",
                                             ngx_rt_ngx(&request->origin)) > 1;

    if (ngx_http_rtauth_origin_own(main, &own) == NGX_OK) {
        request->ours = &own;
    }

    if (rlcf->origins) {
        request->allowed = rlcf->origins->elts;
        request->nallowed = rlcf->origins->nelts;
    }

    if (rt_origin_check(request, &why) == RT_OK) {
        return NGX_OK;
    }

    ngx_rt_log_error(NGX_LOG_NOTICE, r,
                     "rtauth: the request %s (rtauth_cross_origin)", why);

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_rtauth_origin_text(ngx_http_request_t *r, ngx_str_t *text)
{
    u_char                      *p;
    ngx_str_t                   *host;
    ngx_http_rtauth_srv_conf_t  *scf;

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    *text = scf->origin;

    if (text->len) {
        return NGX_OK;
    }

    if (r->headers_in.host == NULL) {
        return NGX_DECLINED;
    }

    host = &r->headers_in.host->value;

    p = ngx_pnalloc(r->pool, sizeof("https://") + host->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;

#if (NGX_HTTP_SSL)
    text->len = ngx_sprintf(p, "%s%V", r->connection->ssl ? "https://"
                                                          : "http://", host)
                - p;
#else
    text->len = ngx_sprintf(p, "http://%V", host) - p;
#endif

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_origin_own(ngx_http_request_t *r, rt_origin_t *own)
{
    ngx_int_t    rc;
    ngx_str_t    text;
    const char  *why;

    rc = ngx_http_rtauth_origin_text(r, &text);

    if (rc != NGX_OK) {
        return rc;
    }

    return rt_origin_parse(ngx_rt_str(&text), own, &why) == RT_OK
           ? NGX_OK : NGX_DECLINED;
}

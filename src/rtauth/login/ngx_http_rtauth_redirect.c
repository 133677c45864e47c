
#include "login/ngx_http_rtauth_redirect.h"
#include "login/ngx_http_rtauth_page.h"
#include "ngx_rt_headers.h"


ngx_int_t
ngx_http_rtauth_redirect(ngx_http_request_t *r, ngx_str_t url)
{
    static ngx_str_t  no_store = ngx_string("no-store");

    return ngx_rt_headers_location(r, &url) == NGX_OK
           && ngx_rt_headers_uncache(r, &no_store)
           ? NGX_HTTP_MOVED_TEMPORARILY : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


ngx_int_t
ngx_http_rtauth_redirect_provider(ngx_http_request_t *r,
    ngx_http_rtauth_provider_t *provider, const rt_str_t *endpoint,
    rt_arg_t *args, ngx_uint_t nargs)
{
    rt_mem_t  mem;
    rt_str_t  url;

    mem = ngx_rt_str_mem(r->pool);

    if (rt_args_url(&mem, endpoint, args, nargs, &url) != RT_OK) {
        return ngx_http_rtauth_page_failed(r, RT_REASON_PROVIDER_UNAVAILABLE,
                                           provider,
                                           "its authorization endpoint cannot "
                                           "take our arguments");
    }

    return ngx_http_rtauth_redirect(r, ngx_rt_str_copy(&url));
}


#include "login/ngx_http_rtauth_redirect.h"
#include "ngx_rt_headers.h"


ngx_int_t
ngx_http_rtauth_redirect(ngx_http_request_t *r, ngx_str_t url)
{
    ngx_table_elt_t  *location;

    static ngx_str_t  no_store = ngx_string("no-store");

    ngx_http_clear_location(r);

    location = ngx_rt_headers_add(r, "Location");

    if (location == NULL || ngx_rt_headers_uncache(r, &no_store) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    location->value = url;

    return NGX_HTTP_MOVED_TEMPORARILY;
}

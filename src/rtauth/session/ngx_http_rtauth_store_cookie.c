
/*
 * Sessions that nobody keeps: the cookie is the sealed record.  What was
 * signed out is remembered as revoked, see session.c.
 */


#include "session/ngx_http_rtauth_store_cookie.h"
#include "session/ngx_http_rtauth_store_zone.h"


static ngx_int_t ngx_http_rtauth_store_cookie_nothing(
    ngx_http_rtauth_op_t *op);


const ngx_http_rtauth_store_t  ngx_http_rtauth_store_cookie = {
    .name = ngx_string("cookie"),
    .load = ngx_http_rtauth_store_cookie_nothing,
    .save = ngx_http_rtauth_store_cookie_nothing,
    .touch = ngx_http_rtauth_store_cookie_nothing,
    .remove = ngx_http_rtauth_store_cookie_nothing,
    .lock = ngx_http_rtauth_store_zone_lock,
    .unlock = ngx_http_rtauth_store_zone_unlock,
    .stateless = 1
};


static ngx_int_t
ngx_http_rtauth_store_cookie_nothing(ngx_http_rtauth_op_t *op)
{
    return NGX_OK;
}

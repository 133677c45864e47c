
#include "session/ngx_http_rtauth_stores.h"
#include "session/ngx_http_rtauth_store_cookie.h"
#include "session/ngx_http_rtauth_store_redis.h"
#include "session/ngx_http_rtauth_store_zone.h"


const ngx_http_rtauth_store_t *
ngx_http_rtauth_stores(ngx_http_rtauth_sessions_t *sessions)
{
    static const ngx_http_rtauth_store_t  *const all[] = {
        [NGX_HTTP_RTAUTH_STORE_ZONE] = &ngx_http_rtauth_store_zone,
        [NGX_HTTP_RTAUTH_STORE_COOKIE] = &ngx_http_rtauth_store_cookie,
        [NGX_HTTP_RTAUTH_STORE_REDIS] = &ngx_http_rtauth_store_redis
    };

    return all[sessions->store];
}


#include "session/ngx_http_rtauth_store.h"


const ngx_http_rtauth_store_t *
ngx_http_rtauth_store(ngx_http_rtauth_sessions_t *sessions)
{
    static const ngx_http_rtauth_store_t  *const stores[] = {
        [NGX_HTTP_RTAUTH_STORE_ZONE] = &ngx_http_rtauth_store_zone,
        [NGX_HTTP_RTAUTH_STORE_COOKIE] = &ngx_http_rtauth_store_cookie,
        [NGX_HTTP_RTAUTH_STORE_REDIS] = &ngx_http_rtauth_store_redis
    };

    return stores[sessions->store];
}

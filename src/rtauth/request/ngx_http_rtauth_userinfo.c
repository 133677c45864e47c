
#include "request/ngx_http_rtauth_userinfo.h"
#include "request/ngx_http_rtauth_decide.h"
#include "request/ngx_http_rtauth_origin.h"
#include "request/ngx_http_rtauth_token.h"
#include "request/ngx_http_rtauth_user.h"
#include "request/ngx_http_rtauth_vars.h"
#include "ngx_rt_headers.h"


static ngx_int_t ngx_http_rtauth_userinfo_headers(ngx_http_request_t *r);


ngx_int_t
ngx_http_rtauth_userinfo_handler(ngx_http_request_t *r)
{
    ngx_str_t                  json;
    ngx_http_rtauth_pass_t    *pass;
    ngx_http_complex_value_t   cv;

    static ngx_str_t  type = ngx_string("application/json");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    /* who got in otherwise is nobody */

    pass = ngx_http_rtauth_vars_admitted(r);

    if (pass == NULL) {
        return NGX_HTTP_UNAUTHORIZED;
    }

    if (pass->ambient && ngx_http_rtauth_foreign(r, pass->conf) != NGX_OK) {
        (void) ngx_http_rtauth_refuse(r, pass, RT_REASON_CROSS_ORIGIN, 0);

        /* in a dry run, too: it is told to no other site */

        return NGX_HTTP_FORBIDDEN;
    }

    if (ngx_http_rtauth_user_json(r, pass->identity, &json) != NGX_OK
        || ngx_http_rtauth_userinfo_headers(r) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));
    cv.value = json;

    return ngx_http_send_response(r, NGX_HTTP_OK, &type, &cv);
}


/* no other site's page may have it, neither as a script nor as an image */

static ngx_int_t
ngx_http_rtauth_userinfo_headers(ngx_http_request_t *r)
{
    ngx_table_elt_t  *sniff, *policy;

    static ngx_str_t  control = ngx_string("no-store");

    sniff = ngx_rt_headers_add(r, "X-Content-Type-Options");
    policy = ngx_rt_headers_add(r, "Cross-Origin-Resource-Policy");

    if (sniff == NULL || policy == NULL
        || ngx_rt_headers_cache_control(r, &control) == NULL)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&sniff->value, "nosniff");
    ngx_str_set(&policy->value, "same-origin");

    return NGX_OK;
}


#include "login/ngx_http_rtauth_endpoint.h"
#include "login/ngx_http_rtauth_backchannel.h"
#include "login/ngx_http_rtauth_logout.h"
#include "login/ngx_http_rtauth_page.h"
#include "login/ngx_http_rtauth_return.h"
#include "login/ngx_http_rtauth_start.h"
#include "keys/ngx_http_rtauth_worker.h"
#include "request/ngx_http_rtauth_request.h"


static ngx_int_t ngx_http_rtauth_endpoint_serve(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri);
static ngx_int_t ngx_http_rtauth_endpoint_enter(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri);


ngx_int_t
ngx_http_rtauth_endpoint_handler(ngx_http_request_t *r)
{
    ngx_http_rtauth_uri_t  *uri;

    if (r != r->main || r->internal) {
        return NGX_DECLINED;
    }

    uri = ngx_http_rtauth_uri_find(r);

    if (uri == NULL || uri->exact) {
        return NGX_DECLINED;
    }

    return ngx_http_rtauth_endpoint_serve(r, uri);
}


ngx_int_t
ngx_http_rtauth_endpoint_exact_handler(ngx_http_request_t *r)
{
    ngx_http_rtauth_uri_t  *uri;

    uri = ngx_http_rtauth_uri_exact(r);

    return uri ? ngx_http_rtauth_endpoint_serve(r, uri) : NGX_DECLINED;
}


/* a request that waits comes here again, by its phase */

static ngx_int_t
ngx_http_rtauth_endpoint_serve(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri)
{
    ngx_int_t  rc;

    rc = ngx_http_rtauth_endpoint_enter(r, uri);
    if (rc != NGX_OK) {
        return rc;
    }

    switch (uri->kind) {

    case NGX_HTTP_RTAUTH_URI_LOGIN:
        return ngx_http_rtauth_start(r, uri);

    case NGX_HTTP_RTAUTH_URI_REDIRECT:
        return ngx_http_rtauth_return(r, uri);

    case NGX_HTTP_RTAUTH_URI_LOGOUT:
        return ngx_http_rtauth_logout(r, uri);

    case NGX_HTTP_RTAUTH_URI_BACKCHANNEL:
        return ngx_http_rtauth_backchannel(r, uri);

    case NGX_HTTP_RTAUTH_URI_FRONTCHANNEL:
        return ngx_http_rtauth_frontchannel(r, uri);
    }

    return NGX_HTTP_NOT_FOUND;
}


static ngx_int_t
ngx_http_rtauth_endpoint_enter(ngx_http_request_t *r,
    ngx_http_rtauth_uri_t *uri)
{
    ngx_http_rtauth_pass_t     *pass;
    ngx_http_rtauth_client_t  **client;
    ngx_http_rtauth_worker_t   *w;

    pass = ngx_http_get_module_ctx(r, ngx_http_rtauth_module);

    if (pass && pass->endpoint) {
        return NGX_OK;
    }

    /* the backstop asks whether anybody decided: these are for everybody */

    pass = ngx_http_rtauth_pass_own(r);

    w = ngx_http_rtauth_worker(
             ngx_http_get_module_main_conf(r, ngx_http_rtauth_module));

    if (pass == NULL || w == NULL || ngx_http_rtauth_keep(r) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    pass->endpoint = 1;

    if (ngx_http_rtauth_budget_left(w->logins, r->connection)) {

        /* a provider may end many sessions at once: see backchannel.c */

        if (uri->kind != NGX_HTTP_RTAUTH_URI_BACKCHANNEL) {
            ngx_http_rtauth_budget_spend(w->logins, r->connection);
        }

        return NGX_OK;
    }

    client = uri->clients.elts;

    return ngx_http_rtauth_page_failed(r, RT_REASON_LOGIN_LIMIT,
                                       client[0]->provider,
                                       "too many requests from this address");
}

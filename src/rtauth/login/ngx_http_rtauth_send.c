
#include "login/ngx_http_rtauth_send.h"
#include "client/ngx_http_rtauth_uris.h"
#include "login/ngx_http_rtauth_page.h"
#include "login/ngx_http_rtauth_redirect.h"
#include "request/ngx_http_rtauth_decide.h"
#include "request/ngx_http_rtauth_request.h"
#include "oidc/rt_args.h"
#include "oidc/rt_login.h"
#include "oidc/rt_navigation.h"
#include "ngx_rt_headers.h"


static ngx_int_t ngx_http_rtauth_send(ngx_http_request_t *r, ngx_int_t rc);
static ngx_uint_t ngx_http_rtauth_send_stranger(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);
static rt_navigation_e ngx_http_rtauth_send_kind(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);
static void ngx_http_rtauth_send_header(ngx_http_request_t *r, char *name,
    rt_navigation_t *navigation, rt_str_t *value);
static ngx_int_t ngx_http_rtauth_send_url(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_str_t *url);
static ngx_http_rtauth_client_t *ngx_http_rtauth_send_client(
    ngx_http_rtauth_pass_t *pass, ngx_uint_t *n);
static rt_str_t ngx_http_rtauth_send_to(ngx_http_request_t *r);


ngx_int_t
ngx_http_rtauth_send_preaccess_handler(ngx_http_request_t *r)
{
    return ngx_http_rtauth_send(r, ngx_http_rtauth_preaccess_handler(r));
}


ngx_int_t
ngx_http_rtauth_send_access_handler(ngx_http_request_t *r)
{
    return ngx_http_rtauth_send(r, ngx_http_rtauth_access_handler(r));
}


static ngx_int_t
ngx_http_rtauth_send(ngx_http_request_t *r, ngx_int_t rc)
{
    rt_str_t                   url;
    rt_navigation_e            kind;
    rt_page_values_t           values;
    ngx_http_rtauth_pass_t    *pass;
    ngx_http_core_loc_conf_t  *clcf;

    if (rc != NGX_HTTP_UNAUTHORIZED) {
        return rc;
    }

    pass = ngx_http_rtauth_pass(r);

    if (pass == NULL || !ngx_http_rtauth_send_stranger(r, pass)) {
        return rc;
    }

    kind = ngx_http_rtauth_send_kind(r, pass);

    if (kind == RT_NAVIGATION_OTHER) {
        return rc;
    }

    if (ngx_http_rtauth_send_url(r, pass, &url) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->satisfy == NGX_HTTP_SATISFY_ANY) {

        if (kind == RT_NAVIGATION_PAGE) {
            pass->login = ngx_rt_str_copy(&url);
        }

        return rc;
    }

    if (kind == RT_NAVIGATION_FRAME) {
        ngx_memzero(&values, sizeof(rt_page_values_t));
        values.back = url;

        return ngx_http_rtauth_page(r, RT_PAGE_FRAME, NGX_HTTP_UNAUTHORIZED,
                                    &values);
    }

    pass->status = NGX_HTTP_MOVED_TEMPORARILY;

    return ngx_http_rtauth_redirect(r, ngx_rt_str_copy(&url));
}


/* who showed something that is not believed is no stranger */

static ngx_uint_t
ngx_http_rtauth_send_stranger(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass)
{
    return r == r->main && !r->error_page
           && pass->conf->login != NGX_HTTP_RTAUTH_LOGIN_NEVER
           && (pass->reason == RT_REASON_ANONYMOUS
               || (pass->reason == RT_REASON_REVOKED && pass->session));
}


static rt_navigation_e
ngx_http_rtauth_send_kind(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass)
{
    rt_navigation_t  navigation;

    if (pass->conf->login == NGX_HTTP_RTAUTH_LOGIN_ALWAYS) {
        return (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
               ? RT_NAVIGATION_PAGE : RT_NAVIGATION_OTHER;
    }

    ngx_memzero(&navigation, sizeof(rt_navigation_t));

    navigation.method = *ngx_rt_str(&r->method_name);

    ngx_http_rtauth_send_header(r, "Sec-Fetch-Mode", &navigation,
                                &navigation.mode);
    ngx_http_rtauth_send_header(r, "Sec-Fetch-Dest", &navigation,
                                &navigation.dest);
    ngx_http_rtauth_send_header(r, "Sec-Fetch-Site", &navigation,
                                &navigation.site);
    ngx_http_rtauth_send_header(r, "Sec-Purpose", &navigation,
                                &navigation.sec_purpose);
    ngx_http_rtauth_send_header(r, "Purpose", &navigation,
                                &navigation.purpose);
    ngx_http_rtauth_send_header(r, "X-Requested-With", &navigation,
                                &navigation.requested_with);
    ngx_http_rtauth_send_header(r, "Upgrade", &navigation,
                                &navigation.upgrade);
    ngx_http_rtauth_send_header(r, "Accept", NULL, &navigation.accept);

    return rt_navigation(&navigation);
}


/* navigation: several lines of it are noted there, NULL: they do not matter */

static void
ngx_http_rtauth_send_header(ngx_http_request_t *r, char *name,
    rt_navigation_t *navigation, rt_str_t *value)
{
    ngx_str_t          wanted;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    wanted.data = (u_char *) name;
    wanted.len = ngx_strlen(name);

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (!ngx_rt_header_is(h, &wanted)) {
            continue;
        }

        if (navigation && value->data) {
            navigation->repeated = 1;
        }

        *value = *ngx_rt_str(&h->value);
    }
}


/*
 * The login URI of the first provider.  It may be shared with providers that
 * are none of this location: with one here, it is told which one.
 */

static ngx_int_t
ngx_http_rtauth_send_url(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass,
    rt_str_t *url)
{
    rt_arg_t                   args[2];
    rt_mem_t                   mem;
    ngx_uint_t                 n;
    ngx_http_rtauth_uri_t     *uri;
    ngx_http_rtauth_client_t  *client;

    client = ngx_http_rtauth_send_client(pass, &n);
    if (client == NULL) {
        return NGX_ERROR;
    }

    mem = ngx_rt_str_mem(r->pool);
    uri = ngx_http_rtauth_uri_named(r, &client->login_uri);

    args[0].name = (rt_str_t) rt_string("to");
    args[0].value = ngx_http_rtauth_send_to(r);
    args[1].name = (rt_str_t) rt_string("rtauth_provider");
    args[1].value = *ngx_rt_str(&client->provider->name);

    return rt_args_url(&mem, ngx_rt_str(&client->login_uri), args,
                       (n == 1 && uri && uri->clients.nelts > 1) ? 2 : 1, url)
           == RT_OK ? NGX_OK : NGX_ERROR;
}


static ngx_http_rtauth_client_t *
ngx_http_rtauth_send_client(ngx_http_rtauth_pass_t *pass, ngx_uint_t *n)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_client_t     *client;
    ngx_http_rtauth_provider_t  **provider;

    client = NULL;
    *n = 0;

    provider = pass->conf->providers->elts;

    for (i = 0; i < pass->conf->providers->nelts; i++) {
        if (provider[i]->client) {
            client = client ? client : provider[i]->client;
            (*n)++;
        }
    }

    return client;
}


/* as the client wrote it, and short enough to go into one more request line */

static rt_str_t
ngx_http_rtauth_send_to(ngx_http_request_t *r)
{
    u_char    *p;
    rt_str_t   to;

    static const rt_str_t  top = rt_string("/");

    to = *ngx_rt_str(&r->unparsed_uri);

    if (to.len > RT_LOGIN_MAX_TO) {
        p = ngx_strlchr(to.data, to.data + to.len, '?');
        to.len = p ? (size_t) (p - to.data) : to.len;
    }

    return to.len > RT_LOGIN_MAX_TO ? top : to;
}

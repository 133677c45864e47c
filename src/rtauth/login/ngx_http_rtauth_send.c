
#include "login/ngx_http_rtauth_send.h"
#include "client/ngx_http_rtauth_uris.h"
#include "login/ngx_http_rtauth_page.h"
#include "login/ngx_http_rtauth_redirect.h"
#include "policy/ngx_http_rtauth_stepup.h"
#include "request/ngx_http_rtauth_decide.h"
#include "request/ngx_http_rtauth_request.h"
#include "oidc/rt_args.h"
#include "oidc/rt_login.h"
#include "oidc/rt_navigation.h"
#include "ngx_rt_headers.h"


/* a header of the request, and what of rt_navigation_t it is */

typedef struct {
    ngx_str_t   name;
    size_t      offset;
} ngx_http_rtauth_send_field_t;


static ngx_int_t ngx_http_rtauth_send(ngx_http_request_t *r, ngx_int_t rc);
static ngx_uint_t ngx_http_rtauth_send_person(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);
static ngx_uint_t ngx_http_rtauth_send_stranger(ngx_http_rtauth_pass_t *pass);
static ngx_int_t ngx_http_rtauth_send_page(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, ngx_int_t rc);
static rt_navigation_e ngx_http_rtauth_send_kind(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass);
static void ngx_http_rtauth_send_headers(ngx_http_request_t *r,
    rt_navigation_t *navigation);
static ngx_int_t ngx_http_rtauth_send_url(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass, rt_str_t *url);
static ngx_http_rtauth_client_t *ngx_http_rtauth_send_client(
    ngx_http_rtauth_pass_t *pass, ngx_uint_t *n);
static rt_str_t ngx_http_rtauth_send_to(ngx_http_request_t *r);


static ngx_http_rtauth_send_field_t  ngx_http_rtauth_send_fields[] = {
    { ngx_string("Sec-Fetch-Mode"), offsetof(rt_navigation_t, mode) },
    { ngx_string("Sec-Fetch-Dest"), offsetof(rt_navigation_t, dest) },
    { ngx_string("Sec-Fetch-Site"), offsetof(rt_navigation_t, site) },
    { ngx_string("Sec-Purpose"), offsetof(rt_navigation_t, sec_purpose) },
    { ngx_string("Purpose"), offsetof(rt_navigation_t, purpose) },
    { ngx_string("X-Requested-With"),
      offsetof(rt_navigation_t, requested_with) },
    { ngx_string("Upgrade"), offsetof(rt_navigation_t, upgrade) },
    { ngx_null_string, 0 }
};


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

    pass = ngx_http_rtauth_pass(r);

    if (pass == NULL || !ngx_http_rtauth_send_person(r, pass)) {
        return rc;
    }

    if (rc == NGX_HTTP_FORBIDDEN || rc == NGX_HTTP_SERVICE_UNAVAILABLE) {
        return ngx_http_rtauth_send_page(r, pass, rc);
    }

    if (rc != NGX_HTTP_UNAUTHORIZED || !ngx_http_rtauth_send_stranger(pass)) {
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

    return ngx_http_rtauth_redirect(r, ngx_rt_str_copy(&url));
}


/*
 * Do people sign in here?  A path is refused in a location with "rtauth off",
 * too.  An error page that keeps its status is no page that anybody asked for.
 */

static ngx_uint_t
ngx_http_rtauth_send_person(ngx_http_request_t *r,
    ngx_http_rtauth_pass_t *pass)
{
    ngx_uint_t  n;

    return r == r->main && r->err_status == 0
           && pass->conf->providers
           && pass->conf->login != NGX_HTTP_RTAUTH_LOGIN_NEVER
           && ngx_http_rtauth_send_client(pass, &n);
}


/*
 * A stranger is sent to sign in.  Whoever showed a token that is not believed
 * is none: he has to mend it.  Whoever is signed in, but not strongly or
 * recently enough for the location, is one.
 */

static ngx_uint_t
ngx_http_rtauth_send_stranger(ngx_http_rtauth_pass_t *pass)
{
    return pass->reason == RT_REASON_ANONYMOUS
           || (pass->reason == RT_REASON_REVOKED && pass->session)
           || (pass->reason == RT_REASON_STEPUP && pass->identity->session);
}


/*
 * Who is signed in and not let in, or cannot be known now, is told so.  He may
 * have another account: without a way out the session would keep him here.
 */

static ngx_int_t
ngx_http_rtauth_send_page(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass,
    ngx_int_t rc)
{
    rt_page_link_t             link;
    rt_page_values_t           values;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->satisfy == NGX_HTTP_SATISFY_ANY
        || ngx_http_rtauth_send_kind(r, pass) != RT_NAVIGATION_PAGE)
    {
        return rc;
    }

    ngx_memzero(&values, sizeof(rt_page_values_t));

    if (rc == NGX_HTTP_SERVICE_UNAVAILABLE) {
        values.back = ngx_http_rtauth_send_to(r);
        return ngx_http_rtauth_page(r, RT_PAGE_AWAY, rc, &values);
    }

    if (pass->identity == NULL || pass->identity->session == NULL) {
        return rc;
    }

    link.title = (rt_str_t) rt_string("Sign out");
    link.url = *ngx_rt_str(&pass->identity->provider->client->logout_uri);

    values.links = &link;
    values.nlinks = 1;

    return ngx_http_rtauth_page(r, RT_PAGE_REFUSED, rc, &values);
}


static rt_navigation_e
ngx_http_rtauth_send_kind(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass)
{
    rt_str_t                *method;
    rt_navigation_t          navigation;
    ngx_http_rtauth_kept_t  *kept;

    kept = ngx_http_rtauth_kept(r);

    /* an error_page has made it GET */

    method = ngx_rt_str(kept ? &kept->method : &r->method_name);

    ngx_memzero(&navigation, sizeof(rt_navigation_t));

    navigation.method = *method;
    ngx_http_rtauth_send_headers(r, &navigation);

    if (pass->conf->login != NGX_HTTP_RTAUTH_LOGIN_ALWAYS) {
        return rt_navigation(&navigation);
    }

    return (rt_str_lit(method, "GET") || rt_str_lit(method, "HEAD"))
           && navigation.upgrade.data == NULL
           ? RT_NAVIGATION_PAGE : RT_NAVIGATION_OTHER;
}


static void
ngx_http_rtauth_send_headers(ngx_http_request_t *r, rt_navigation_t *navigation)
{
    rt_str_t                      *value;
    ngx_table_elt_t               *h;
    ngx_rt_headers_t               walk;
    ngx_http_rtauth_send_field_t  *field;

    static ngx_str_t  accept = ngx_string("Accept");

    ngx_rt_headers_value(r, &accept, ngx_rt_ngx(&navigation->accept));

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        for (field = ngx_http_rtauth_send_fields; field->name.len; field++) {

            if (!ngx_rt_header_is(h, &field->name)) {
                continue;
            }

            value = (rt_str_t *) ((u_char *) navigation + field->offset);

            navigation->repeated |= (value->data != NULL);
            *value = *ngx_rt_str(&h->value);
        }
    }
}


/*
 * The login URI of the first provider.  Providers of other locations may share
 * it: where this location has one alone, the URI names it.  It also names the
 * provider that has signed him in already, when he has to sign in again, and
 * what this location asks of a sign-in.
 */

static ngx_int_t
ngx_http_rtauth_send_url(ngx_http_request_t *r, ngx_http_rtauth_pass_t *pass,
    rt_str_t *url)
{
    u_char                     number[NGX_INT_T_LEN];
    rt_arg_t                   args[3];
    rt_mem_t                   mem;
    ngx_uint_t                 n;
    ngx_http_rtauth_uri_t     *uri;
    ngx_http_rtauth_client_t  *client;

    client = ngx_http_rtauth_send_client(pass, &n);
    if (client == NULL) {
        return NGX_ERROR;
    }

    if (pass->reason == RT_REASON_STEPUP) {
        client = pass->identity->provider->client;
        n = 1;
    }

    mem = ngx_rt_str_mem(r->pool);
    uri = ngx_http_rtauth_uri_named(r, &client->login_uri);

    args[0].name = (rt_str_t) rt_string("to");
    args[0].value = ngx_http_rtauth_send_to(r);
    args[1].name = (rt_str_t) rt_string("rtauth_provider");
    args[1].value = *ngx_rt_str(&client->provider->name);

    n = (n == 1 && uri && uri->clients.nelts > 1) ? 2 : 1;

    if (pass->conf->stepup) {
        args[n].name = (rt_str_t) rt_string("stepup");
        args[n].value.data = number;
        args[n].value.len = ngx_sprintf(number, "%ui",
                                        pass->conf->stepup->number)
                            - number;
        n++;
    }

    return rt_args_url(&mem, ngx_rt_str(&client->login_uri), args, n, url)
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
    rt_str_t  to, path, query;

    static const rt_str_t  top = rt_string("/");

    to = *ngx_rt_str(&r->unparsed_uri);

    if (to.len > RT_LOGIN_MAX_TO) {
        (void) rt_str_cut(&to, '?', &path, &query);
        to = path;
    }

    return to.len == 0 || to.len > RT_LOGIN_MAX_TO || to.data[0] != '/'
           ? top : to;
}

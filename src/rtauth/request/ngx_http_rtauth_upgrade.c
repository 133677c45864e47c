
/*
 * Which "Upgrade" of a client may pass.
 */


#include "request/ngx_http_rtauth_upgrade.h"
#include "ngx_rt_headers.h"


static ngx_uint_t ngx_http_rtauth_upgrade_listed(ngx_http_request_t *r,
    ngx_array_t *names);
static ngx_str_t *ngx_http_rtauth_upgrade_asked(ngx_http_request_t *r);


static ngx_str_t  ngx_http_rtauth_upgrade_websocket = ngx_string("websocket");


char *
ngx_http_rtauth_upgrade_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    ngx_str_t  name = ngx_string("http_upgrade");

    if (mcf->upgrades.nelts == 0) {
        return NGX_CONF_OK;
    }

    mcf->http_upgrade = ngx_http_get_variable_index(cf, &name);

    return mcf->http_upgrade == NGX_ERROR ? NGX_CONF_ERROR : NGX_CONF_OK;
}


ngx_uint_t
ngx_http_rtauth_upgrade_anywhere(ngx_http_request_t *r)
{
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    return r->headers_in.upgrade
           && !ngx_http_rtauth_upgrade_listed(r, NULL)
           && !ngx_http_rtauth_upgrade_listed(r, &mcf->upgrades);
}


ngx_uint_t
ngx_http_rtauth_upgrade_here(ngx_http_request_t *r)
{
    ngx_http_rtauth_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    return r->headers_in.upgrade
           && !ngx_http_rtauth_upgrade_listed(r, rlcf->upgrade);
}


/* names: NULL, websocket alone */

static ngx_uint_t
ngx_http_rtauth_upgrade_listed(ngx_http_request_t *r, ngx_array_t *names)
{
    ngx_str_t   *name, *asked;
    ngx_uint_t   i, n;

    asked = ngx_http_rtauth_upgrade_asked(r);

    name = names ? names->elts : &ngx_http_rtauth_upgrade_websocket;
    n = names ? names->nelts : 1;

    for (i = 0; asked && i < n; i++) {
        if (rt_str_ieq(ngx_rt_str(&name[i]), ngx_rt_str(asked))) {
            return 1;
        }
    }

    return 0;
}


/*
 * The value of the only Upgrade line; NULL when there are several, of which
 * nginx and the application may take different ones, and when the client
 * speaks a version of HTTP that has no upgrades.
 */

static ngx_str_t *
ngx_http_rtauth_upgrade_asked(ngx_http_request_t *r)
{
    ngx_str_t         *value;
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    static ngx_str_t  upgrade = ngx_string("Upgrade");

    if (r->http_version != NGX_HTTP_VERSION_11) {
        return NULL;
    }

    value = NULL;

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_next(&walk)) != NULL) {

        if (!ngx_rt_header_is(h, &upgrade)) {
            continue;
        }

        if (value) {
            return NULL;
        }

        value = &h->value;
    }

    return value;
}


void
ngx_http_rtauth_upgrade_forget(ngx_http_request_t *r)
{
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    if (mcf->upgrades.nelts) {
        r->variables[mcf->http_upgrade].valid = 0;
        r->variables[mcf->http_upgrade].not_found = 0;
    }
}


/* nginx would pass on such a 101 and whatever follows it, one way */

ngx_uint_t
ngx_http_rtauth_upgrade_unasked(ngx_http_request_t *r)
{
    ngx_http_rtauth_srv_conf_t  *rscf;

    rscf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    return rscf->guarded
           && r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS
           && r->upstream && !r->upstream->upgrade;
}

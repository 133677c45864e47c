
/*
 * Which "Upgrade" of a client may pass.
 */


#include "request/ngx_http_rtauth_upgrade.h"
#include "ngx_rt_headers.h"


static char *ngx_http_rtauth_upgrade_check(ngx_conf_t *cf, ngx_str_t *name);
static ngx_uint_t ngx_http_rtauth_upgrade_listed(ngx_array_t *names,
    ngx_str_t *value);
static ngx_str_t *ngx_http_rtauth_upgrade_asked(ngx_http_request_t *r);


static ngx_str_t  ngx_http_rtauth_websocket = ngx_string("websocket");


/* protocols, without a version, that carry requests */

static ngx_str_t  ngx_http_rtauth_tunnels[] = {
    ngx_string("h2c"),
    ngx_string("h2"),
    ngx_string("HTTP"),
    ngx_string("TLS"),
    ngx_null_string
};


char *
ngx_http_rtauth_upgrade(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t                    *value, *name, *all;
    ngx_uint_t                    i;
    ngx_http_rtauth_main_conf_t  *mcf;

    if (rlcf->upgrade != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);
    value = cf->args->elts;

    rlcf->upgrade = ngx_array_create(cf->pool, 2, sizeof(ngx_str_t));
    if (rlcf->upgrade == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_rtauth_upgrade_check(cf, &value[i]) != NGX_CONF_OK) {
            return NGX_CONF_ERROR;
        }

        name = ngx_array_push(rlcf->upgrade);
        all = ngx_array_push(&mcf->upgrades);
        if (name == NULL || all == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
        *all = value[i];
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_upgrade_check(ngx_conf_t *cf, ngx_str_t *name)
{
    size_t   len;
    u_char  *p;

    if (!ngx_rt_conf_name(name, "-_.+/")) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid protocol \"%V\" in \"rtauth_upgrade\": "
                           "write each name as it stands in \"Upgrade\", "
                           "apart from the others", name);
        return NGX_CONF_ERROR;
    }

    p = (u_char *) ngx_strchr(name->data, '/');
    len = p ? (size_t) (p - name->data) : name->len;

    if (ngx_rt_conf_among(ngx_http_rtauth_tunnels, name->data, len)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" in \"rtauth_upgrade\" would carry requests "
                           "that nobody looks at: remove it", name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


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
    ngx_str_t                    *asked;
    ngx_http_rtauth_main_conf_t  *mcf;

    if (r->headers_in.upgrade == NULL) {
        return 0;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    asked = ngx_http_rtauth_upgrade_asked(r);

    return asked == NULL
           || (!ngx_http_rtauth_upgrade_listed(NULL, asked)
               && !ngx_http_rtauth_upgrade_listed(&mcf->upgrades, asked));
}


ngx_uint_t
ngx_http_rtauth_upgrade_here(ngx_http_request_t *r)
{
    ngx_str_t                   *asked;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    if (r->headers_in.upgrade == NULL) {
        return 0;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);
    asked = ngx_http_rtauth_upgrade_asked(r);

    return asked == NULL
           || !ngx_http_rtauth_upgrade_listed(rlcf->upgrade, asked);
}


static ngx_uint_t
ngx_http_rtauth_upgrade_listed(ngx_array_t *names, ngx_str_t *value)
{
    ngx_str_t   *name;
    ngx_uint_t   i, n;

    name = names ? names->elts : &ngx_http_rtauth_websocket;
    n = names ? names->nelts : 1;

    for (i = 0; i < n; i++) {
        if (name[i].len == value->len
            && ngx_strncasecmp(name[i].data, value->data, value->len) == 0)
        {
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

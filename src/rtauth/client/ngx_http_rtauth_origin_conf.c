
#include "client/ngx_http_rtauth_origin_conf.h"
#include "ngx_rt_server.h"
#include "oidc/rt_origin.h"


/* what a server listens on */

typedef struct {
    ngx_uint_t   tls;           /* 1: only such listeners count */
    in_port_t    port;          /* the scheme's own, else the last one seen */
    ngx_uint_t   ports;         /* that differ */
} ngx_http_rtauth_origin_conf_t;


static void ngx_http_rtauth_origin_conf_listen(ngx_conf_t *cf,
    ngx_http_core_srv_conf_t *cscf, ngx_http_rtauth_origin_conf_t *o);
static void ngx_http_rtauth_origin_conf_port(
    ngx_http_core_srv_conf_t *cscf, ngx_http_conf_port_t *port,
    ngx_http_rtauth_origin_conf_t *o);
static ngx_uint_t ngx_http_rtauth_origin_conf_serves(
    ngx_http_core_srv_conf_t *cscf, ngx_http_conf_addr_t *addr);


char *
ngx_http_rtauth_origin(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_srv_conf_t *rscf = conf;

    ngx_str_t    *value;
    const char   *why;
    rt_origin_t   origin;

    if (rscf->origin.len) {
        return "is duplicate";
    }

    value = cf->args->elts;

    why = "is none of http or https";

    if (rt_origin_parse(ngx_rt_str(&value[1]), &origin, &why) != RT_OK
        || !origin.web)
    {
        return ngx_rt_conf_invalid(cf, "origin", &value[1],
                                   "write \"https://HOST\", what people see "
                                   "in front of the path, for this one %s",
                                   why);
    }

    rscf->origin = value[1];
    ngx_rt_conf_here(cf, &rscf->origin_where);

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_origin_init(ngx_conf_t *cf, ngx_http_core_srv_conf_t *cscf,
    ngx_http_rtauth_srv_conf_t *rscf)
{
    u_char                         *p;
    ngx_str_t                      *name;
    ngx_array_t                    *names;
    ngx_rt_where_t                  where;
    ngx_http_rtauth_origin_conf_t   o;

    if (rscf->origin.len) {
        return NGX_CONF_OK;
    }

    where = ngx_rt_server_where(cscf);

    names = ngx_rt_server_names(cf->pool, cscf);
    if (names == NULL) {
        return NGX_CONF_ERROR;
    }

    if (names->nelts == 0) {
        return ngx_rt_conf_error(cf, &where, "people sign in at this server, "
                                 "and it has no exact \"server_name\" to send "
                                 "them back to: write \"rtauth_origin https:"
                                 "//HOST\"");
    }

    name = names->elts;

    ngx_http_rtauth_origin_conf_listen(cf, cscf, &o);

    if (o.ports != 1) {
        return ngx_rt_conf_error(cf, &where, "people sign in at this server, "
                                 "and it listens on %ui ports: write "
                                 "\"rtauth_origin https://%V\", with the port "
                                 "that they see", o.ports, name);
    }

    p = ngx_pnalloc(cf->pool, name->len + sizeof("https://:65535"));
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    rscf->origin.data = p;

    p = ngx_sprintf(p, "%s://%V", o.tls ? "https" : "http", name);

    if (o.port != (o.tls ? 443 : 80)) {
        p = ngx_sprintf(p, ":%ui", (ngx_uint_t) o.port);
    }

    rscf->origin.len = p - rscf->origin.data;

    return NGX_CONF_OK;
}


static void
ngx_http_rtauth_origin_conf_listen(ngx_conf_t *cf,
    ngx_http_core_srv_conf_t *cscf, ngx_http_rtauth_origin_conf_t *o)
{
    ngx_uint_t                  i;
    ngx_http_conf_port_t       *port;
    ngx_http_core_main_conf_t  *cmcf;

    ngx_memzero(o, sizeof(ngx_http_rtauth_origin_conf_t));

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    if (cmcf->ports == NULL) {
        return;
    }

    port = cmcf->ports->elts;

    for (i = 0; i < cmcf->ports->nelts; i++) {
        if (port[i].family != AF_UNIX) {
            ngx_http_rtauth_origin_conf_port(cscf, &port[i], o);
        }
    }
}


/* a server for http and https is https: the former sends people there */

static void
ngx_http_rtauth_origin_conf_port(ngx_http_core_srv_conf_t *cscf,
    ngx_http_conf_port_t *port, ngx_http_rtauth_origin_conf_t *o)
{
    in_port_t              number, own;
    ngx_uint_t             i, tls;
    ngx_http_conf_addr_t  *addr;

    addr = port->addrs.elts;
    number = ngx_inet_get_port(addr[0].opt.sockaddr);

    for (i = 0; i < port->addrs.nelts; i++) {

        if (!ngx_http_rtauth_origin_conf_serves(cscf, &addr[i])) {
            continue;
        }

        tls = 0;
#if (NGX_HTTP_SSL)
        tls = addr[i].opt.ssl;
#endif
        own = tls ? 443 : 80;

        if (tls < o->tls) {
            continue;
        }

        if (tls > o->tls) {
            o->tls = 1;
            o->ports = 0;
        }

        if (o->ports == 0 || number == own) {
            o->port = number;
            o->ports = 1;

        } else if (o->port != number && o->port != own) {
            o->ports++;
        }
    }
}


static ngx_uint_t
ngx_http_rtauth_origin_conf_serves(ngx_http_core_srv_conf_t *cscf,
    ngx_http_conf_addr_t *addr)
{
    ngx_uint_t                  i;
    ngx_http_core_srv_conf_t  **server;

    server = addr->servers.elts;

    for (i = 0; i < addr->servers.nelts; i++) {
        if (server[i] == cscf) {
            return 1;
        }
    }

    return 0;
}

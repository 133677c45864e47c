
#include "client/ngx_http_rtauth_uris.h"


static char *ngx_http_rtauth_uris_client(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *rscf, ngx_http_rtauth_client_t *client);
static char *ngx_http_rtauth_uris_add(ngx_conf_t *cf,
    ngx_http_rtauth_srv_conf_t *rscf, ngx_http_rtauth_client_t *client,
    ngx_http_rtauth_uri_e kind, ngx_str_t *uri);
static char *ngx_http_rtauth_uris_join(ngx_conf_t *cf,
    ngx_http_rtauth_uri_t *row, ngx_http_rtauth_client_t *client,
    ngx_http_rtauth_uri_e kind);
static ngx_http_rtauth_uri_t *ngx_http_rtauth_uris_get(
    ngx_http_rtauth_srv_conf_t *rscf, ngx_str_t *uri);
static ngx_uint_t ngx_http_rtauth_uris_knows(ngx_array_t *clients,
    ngx_http_rtauth_client_t *client);


/* the lines they come from, in the order of ngx_http_rtauth_uri_e */

static ngx_str_t  ngx_http_rtauth_uris_lines[] = {
    ngx_string("login_uri"),
    ngx_string("redirect_uri"),
    ngx_string("logout_uri"),
    ngx_string("backchannel_logout_uri"),
    ngx_string("frontchannel_logout_uri")
};


ngx_http_rtauth_uri_t *
ngx_http_rtauth_uri_find(ngx_http_request_t *r)
{
    return ngx_http_rtauth_uri_named(r, &r->uri);
}


ngx_http_rtauth_uri_t *
ngx_http_rtauth_uri_exact(ngx_http_request_t *r)
{
    ngx_http_rtauth_uri_t  *row;

    if (r != r->main || r->internal) {
        return NULL;
    }

    row = ngx_http_rtauth_uri_find(r);

    return row && row->exact ? row : NULL;
}


ngx_http_rtauth_uri_t *
ngx_http_rtauth_uri_named(ngx_http_request_t *r, ngx_str_t *path)
{
    ngx_http_rtauth_srv_conf_t  *rscf;

    rscf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    return ngx_http_rtauth_uris_get(rscf, path);
}


static ngx_http_rtauth_uri_t *
ngx_http_rtauth_uris_get(ngx_http_rtauth_srv_conf_t *rscf, ngx_str_t *uri)
{
    ngx_uint_t              i;
    ngx_http_rtauth_uri_t  *row;

    row = rscf->uris.elts;

    for (i = 0; i < rscf->uris.nelts; i++) {
        if (rt_str_eq(ngx_rt_str(&row[i].uri), ngx_rt_str(uri))) {
            return &row[i];
        }
    }

    return NULL;
}


ngx_str_t *
ngx_http_rtauth_uri_line(ngx_http_rtauth_uri_t *row)
{
    return &ngx_http_rtauth_uris_lines[row->kind];
}


char *
ngx_http_rtauth_uris_merge(ngx_conf_t *cf, ngx_array_t *providers)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **provider;
    ngx_http_rtauth_srv_conf_t   *rscf;

    if (providers == NULL) {
        return NGX_CONF_OK;
    }

    rscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_rtauth_module);

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {

        if (provider[i]->client
            && ngx_http_rtauth_uris_client(cf, rscf, provider[i]->client)
               != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_uris_client(ngx_conf_t *cf, ngx_http_rtauth_srv_conf_t *rscf,
    ngx_http_rtauth_client_t *client)
{
    ngx_uint_t              i;
    ngx_str_t              *uri[] = {
        &client->login_uri,
        &client->redirect_path,
        &client->logout_uri,
        &client->backchannel_logout_uri,
        &client->frontchannel_logout_uri
    };
    ngx_http_rtauth_uri_t  *row;

    /* the provider's lines are here already, if another location named it */

    row = ngx_http_rtauth_uris_get(rscf, &client->redirect_path);

    if (row && ngx_http_rtauth_uris_knows(&row->clients, client)) {
        return NGX_CONF_OK;
    }

    for (i = 0; i < sizeof(uri) / sizeof(uri[0]); i++) {

        if (uri[i]->len
            && ngx_http_rtauth_uris_add(cf, rscf, client, i, uri[i])
               != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_rtauth_uris_knows(ngx_array_t *clients,
    ngx_http_rtauth_client_t *client)
{
    ngx_uint_t                  i;
    ngx_http_rtauth_client_t  **known;

    known = clients->elts;

    for (i = 0; i < clients->nelts; i++) {
        if (known[i] == client) {
            return 1;
        }
    }

    return 0;
}


static char *
ngx_http_rtauth_uris_add(ngx_conf_t *cf, ngx_http_rtauth_srv_conf_t *rscf,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_uri_e kind,
    ngx_str_t *uri)
{
    ngx_http_rtauth_uri_t      *row;
    ngx_http_rtauth_client_t  **slot;

    row = ngx_http_rtauth_uris_get(rscf, uri);

    if (row) {
        return ngx_http_rtauth_uris_join(cf, row, client, kind);
    }

    if (rscf->uris.elts == NULL
        && ngx_array_init(&rscf->uris, cf->pool, 4,
                          sizeof(ngx_http_rtauth_uri_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    row = ngx_array_push(&rscf->uris);
    if (row == NULL) {
        return NGX_CONF_ERROR;
    }

    row->uri = *uri;
    row->kind = kind;
    row->exact = 0;

    if (ngx_array_init(&row->clients, cf->pool, 1,
                       sizeof(ngx_http_rtauth_client_t *))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    slot = ngx_array_push(&row->clients);
    if (slot == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = client;

    return NGX_CONF_OK;
}


/*
 * What is done at login and logout does not depend on the address.  At all
 * others it says whose answer this is: that no provider can answer for another
 * one (mix-up) rests on it.
 */

static char *
ngx_http_rtauth_uris_join(ngx_conf_t *cf, ngx_http_rtauth_uri_t *row,
    ngx_http_rtauth_client_t *client, ngx_http_rtauth_uri_e kind)
{
    ngx_http_rtauth_client_t  **other, **slot;

    if (row->kind == kind
        && (kind == NGX_HTTP_RTAUTH_URI_LOGIN
            || kind == NGX_HTTP_RTAUTH_URI_LOGOUT))
    {
        slot = ngx_array_push(&row->clients);
        if (slot == NULL) {
            return NGX_CONF_ERROR;
        }

        *slot = client;

        return NGX_CONF_OK;
    }

    other = row->clients.elts;

    return ngx_rt_conf_error(cf, kind == NGX_HTTP_RTAUTH_URI_REDIRECT
                             && client->at.redirect.file.len
                             ? &client->at.redirect : client->at.uri.file.len
                             ? &client->at.uri : &client->at.client_id,
                             "\"%V %V\" of rtauth_provider \"%V\" is \"%V\" "
                             "of \"%V\" too, in one server: write another "
                             "\"%V\"", &ngx_http_rtauth_uris_lines[kind],
                             &row->uri, &client->provider->name,
                             &ngx_http_rtauth_uris_lines[row->kind],
                             &other[0]->provider->name,
                             &ngx_http_rtauth_uris_lines[kind]);
}


ngx_str_t
ngx_http_rtauth_uri_whole(ngx_http_request_t *r, ngx_str_t *uri)
{
    ngx_str_t                    whole;
    ngx_http_rtauth_srv_conf_t  *scf;

    if (uri->len && uri->data[0] != '/') {
        return *uri;
    }

    ngx_str_null(&whole);

    if (uri->len == 0) {
        return whole;
    }

    scf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    whole.data = ngx_pnalloc(r->pool, scf->origin.len + uri->len);

    if (whole.data) {
        whole.len = ngx_sprintf(whole.data, "%V%V", &scf->origin, uri)
                    - whole.data;
    }

    return whole;
}


void
ngx_http_rtauth_uris_exact(ngx_http_rtauth_srv_conf_t *rscf)
{
    ngx_str_t              *name;
    ngx_uint_t              i;
    ngx_http_rtauth_uri_t  *row;

    name = rscf->exact.elts;

    for (i = 0; i < rscf->exact.nelts; i++) {

        row = ngx_http_rtauth_uris_get(rscf, &name[i]);

        if (row) {
            row->exact = 1;
        }
    }
}


#include "provision/ngx_http_rtauth_scim.h"
#include "provision/ngx_http_rtauth_scim_answer.h"
#include "provision/ngx_http_rtauth_scim_ask.h"
#include "request/ngx_http_rtauth_origin.h"
#include "scim/ngx_http_rtauth_scim_effect.h"
#include "scim/rt_scim_discovery.h"
#include "ngx_rt_body.h"
#include "ngx_rt_headers.h"
#include "ngx_rt_kept.h"
#include "ngx_rt_log.h"
#include "ngx_rt_wait.h"


static ngx_int_t ngx_http_rtauth_scim_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static const rt_scim_error_t *ngx_http_rtauth_scim_guard(
    ngx_http_request_t *r, ngx_http_rtauth_scim_loc_t *slcf,
    ngx_http_rtauth_scim_ask_t *ask);
static void ngx_http_rtauth_scim_route(ngx_http_request_t *r,
    ngx_str_t *prefix, ngx_http_rtauth_scim_ask_t *ask);
static const rt_scim_error_t *ngx_http_rtauth_scim_may(ngx_http_request_t *r,
    ngx_http_rtauth_scim_ask_t *ask);
static const rt_scim_error_t *ngx_http_rtauth_scim_fits(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_scim_base(ngx_http_request_t *r,
    ngx_str_t *prefix, rt_str_t *base);
static void ngx_http_rtauth_scim_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_scim_discover(
    ngx_http_rtauth_scim_ask_t *ask);
static void ngx_http_rtauth_scim_go(ngx_http_request_t *r);
static ngx_int_t ngx_http_rtauth_scim_answer(ngx_http_rtauth_scim_ask_t *ask);
static void ngx_http_rtauth_scim_cleanup(void *data);


static ngx_http_request_body_filter_pt  ngx_http_rtauth_scim_next_filter;

static const rt_scim_error_t  ngx_http_rtauth_scim_no_key = {
    NGX_HTTP_UNAUTHORIZED, NULL, "the key is not this one"
};

static const rt_scim_error_t  ngx_http_rtauth_scim_guessed = {
    NGX_HTTP_TOO_MANY_REQUESTS, NULL, "too many wrong keys came from there"
};

static const rt_scim_error_t  ngx_http_rtauth_scim_method = {
    NGX_HTTP_NOT_ALLOWED, NULL, "this address has other methods"
};

static const rt_scim_error_t  ngx_http_rtauth_scim_media = {
    NGX_HTTP_UNSUPPORTED_MEDIA_TYPE, NULL,
    "send application/scim+json or application/json, in UTF-8, not encoded"
};


static const struct {
    rt_str_t                    name;
    ngx_http_rtauth_scim_at_e   at;
    rt_scim_type_e              type;
} ngx_http_rtauth_scim_places[] = {

    { rt_string("Users"), NGX_HTTP_RTAUTH_SCIM_ALL, RT_SCIM_USER },
    { rt_string("Groups"), NGX_HTTP_RTAUTH_SCIM_ALL, RT_SCIM_GROUP },
    { rt_string("ServiceProviderConfig"), NGX_HTTP_RTAUTH_SCIM_CONFIG, 0 },
    { rt_string("ResourceTypes"), NGX_HTTP_RTAUTH_SCIM_TYPES, 0 },
    { rt_string("Schemas"), NGX_HTTP_RTAUTH_SCIM_SCHEMAS, 0 },
    { rt_string("Bulk"), NGX_HTTP_RTAUTH_SCIM_NOT_HERE, 0 },
    { rt_string("Me"), NGX_HTTP_RTAUTH_SCIM_NOT_HERE, 0 },
    { rt_null_string, 0, 0 }
};


static const struct {
    ngx_uint_t                  methods;
    rt_str_t                    allow;
} ngx_http_rtauth_scim_methods[] = {

    [NGX_HTTP_RTAUTH_SCIM_ALL] = {
        NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_POST,
        rt_string("GET, HEAD, POST") },
    [NGX_HTTP_RTAUTH_SCIM_ONE] = {
        NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_PUT|NGX_HTTP_PATCH
        |NGX_HTTP_DELETE,
        rt_string("GET, HEAD, PUT, PATCH, DELETE") },
    [NGX_HTTP_RTAUTH_SCIM_SEARCH] = { NGX_HTTP_POST, rt_string("POST") },
    [NGX_HTTP_RTAUTH_SCIM_CONFIG] = {
        NGX_HTTP_GET|NGX_HTTP_HEAD, rt_string("GET, HEAD") },
    [NGX_HTTP_RTAUTH_SCIM_TYPES] = {
        NGX_HTTP_GET|NGX_HTTP_HEAD, rt_string("GET, HEAD") },
    [NGX_HTTP_RTAUTH_SCIM_SCHEMAS] = {
        NGX_HTTP_GET|NGX_HTTP_HEAD, rt_string("GET, HEAD") }
};


ngx_int_t
ngx_http_rtauth_scim_handler(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    const rt_scim_error_t       *error;
    ngx_http_rtauth_loc_conf_t  *rlcf;
    ngx_http_rtauth_scim_ask_t  *ask;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    if (r != r->main || rlcf->scim == NULL) {
        return NGX_HTTP_FORBIDDEN;
    }

    ask = ngx_rt_kept_add(r->pool, sizeof(ngx_http_rtauth_scim_ask_t),
                          ngx_http_rtauth_scim_cleanup);
    if (ask == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ask->request = r;
    ask->mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    error = ngx_http_rtauth_scim_guard(r, rlcf->scim, ask);

    if (error == NULL) {
        ngx_http_rtauth_scim_route(r, &rlcf->scim->location->name, ask);
        error = ngx_http_rtauth_scim_may(r, ask);
    }

    if (error) {
        return ngx_http_rtauth_scim_refuse(r, error);
    }

    if (ngx_http_rtauth_scim_base(r, &rlcf->scim->location->name,
                                  &ask->said.base)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_rtauth_scim_body);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


void
ngx_http_rtauth_scim_filter_init(void)
{
    ngx_http_rtauth_scim_next_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = ngx_http_rtauth_scim_body_filter;
}


/*
 * Refuses a body whose chunks do not fit into the buffer.  nginx bounds only
 * what the chunks hold, and writes a body to a file when the buffer is full of
 * that and of the chunks' sizes.
 */

static ngx_int_t
ngx_http_rtauth_scim_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_request_body_t     *rb;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    rb = r->request_body;
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    if (rlcf->scim && rb->rest > 0 && rb->buf && rb->buf->last == rb->buf->end)
    {
        ngx_rt_log_error(NGX_LOG_ERR, r, "rtauth: its body is too large with "
                         "the sizes of its chunks");

        r->lingering_close = 1;

        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    return ngx_http_rtauth_scim_next_filter(r, in);
}


static const rt_scim_error_t *
ngx_http_rtauth_scim_guard(ngx_http_request_t *r,
    ngx_http_rtauth_scim_loc_t *slcf, ngx_http_rtauth_scim_ask_t *ask)
{
    ngx_uint_t  status;

    ask->key = ngx_http_rtauth_caller(r, &slcf->caller, &status);

    return ask->key ? NULL
           : status == NGX_HTTP_UNAUTHORIZED ? &ngx_http_rtauth_scim_no_key
           : status == NGX_HTTP_TOO_MANY_REQUESTS
             ? &ngx_http_rtauth_scim_guessed : &rt_scim_no_memory;
}


/*
 * Finds out what the address asks for.  A rewrite or try_files may have made it
 * one that does not begin with the location's name: then it is none of ours.
 * in: prefix, the location's name
 */

static void
ngx_http_rtauth_scim_route(ngx_http_request_t *r, ngx_str_t *prefix,
    ngx_http_rtauth_scim_ask_t *ask)
{
    rt_str_t    rest, name, id, more;
    ngx_uint_t  i;

    if (r->uri.len < prefix->len
        || ngx_memcmp(r->uri.data, prefix->data, prefix->len) != 0)
    {
        return;
    }

    rest.data = r->uri.data + prefix->len;
    rest.len = r->uri.len - prefix->len;

    if (prefix->len && prefix->data[prefix->len - 1] != '/'
        && (!rt_str_cut(&rest, '/', &name, &rest) || name.len))
    {
        return;
    }

    (void) rt_str_cut(&rest, '/', &name, &id);

    if (rt_str_cut(&id, '/', &id, &more)) {
        return;
    }

    for (i = 0; ngx_http_rtauth_scim_places[i].name.len; i++) {

        if (rt_str_eq(&ngx_http_rtauth_scim_places[i].name, &name)) {
            ask->at = ngx_http_rtauth_scim_places[i].at;
            ask->said.type = ngx_http_rtauth_scim_places[i].type;
            ask->said.id = id;
            break;
        }
    }

    if (ask->at == NGX_HTTP_RTAUTH_SCIM_ALL && id.len) {
        ask->at = rt_str_lit(&id, ".search") ? NGX_HTTP_RTAUTH_SCIM_SEARCH
                                             : NGX_HTTP_RTAUTH_SCIM_ONE;
    }
}


static const rt_scim_error_t *
ngx_http_rtauth_scim_may(ngx_http_request_t *r, ngx_http_rtauth_scim_ask_t *ask)
{
    if (ask->at == NGX_HTTP_RTAUTH_SCIM_NONE) {
        return &rt_scim_not_found;
    }

    if (ask->at == NGX_HTTP_RTAUTH_SCIM_NOT_HERE) {
        return &rt_scim_not_implemented;
    }

    if (!(r->method & ngx_http_rtauth_scim_methods[ask->at].methods)) {
        return ngx_http_rtauth_scim_header(r, "Allow",
                                     &ngx_http_rtauth_scim_methods[ask->at]
                                      .allow)
               == NGX_OK ? &ngx_http_rtauth_scim_method : &rt_scim_no_memory;
    }

    return r->method & (NGX_HTTP_POST|NGX_HTTP_PUT|NGX_HTTP_PATCH)
           ? ngx_http_rtauth_scim_fits(r) : NULL;
}


static const rt_scim_error_t *
ngx_http_rtauth_scim_fits(ngx_http_request_t *r)
{
    rt_str_t  kind;

    kind = ngx_rt_body_type(r);

    if (!rt_str_ieq(&kind, &(rt_str_t) rt_string("application/scim+json"))
        && !rt_str_ieq(&kind, &(rt_str_t) rt_string("application/json")))
    {
        return &ngx_http_rtauth_scim_media;
    }

    return r->headers_in.content_length_n > RT_SCIM_MAX_BODY
           ? &rt_scim_too_large : NULL;
}


static ngx_int_t
ngx_http_rtauth_scim_base(ngx_http_request_t *r, ngx_str_t *prefix,
    rt_str_t *base)
{
    u_char     *p;
    ngx_int_t   rc;
    ngx_str_t   origin, path;

    path = *prefix;

    if (path.len && path.data[path.len - 1] == '/') {
        path.len--;
    }

    rc = ngx_http_rtauth_origin_text(r, &origin);

    if (rc == NGX_DECLINED) {
        ngx_str_null(&origin);
    }

    p = ngx_pnalloc(r->pool, origin.len + path.len);

    if (rc == NGX_ERROR || p == NULL) {
        return NGX_ERROR;
    }

    base->data = p;
    base->len = ngx_sprintf(p, "%V%V", &origin, &path) - p;

    return NGX_OK;
}


static void
ngx_http_rtauth_scim_body(ngx_http_request_t *r)
{
    const rt_scim_error_t       *error;
    ngx_http_rtauth_scim_ask_t  *ask;

    ask = ngx_rt_kept(r->pool, ngx_http_rtauth_scim_cleanup);

    if (ask->at >= NGX_HTTP_RTAUTH_SCIM_CONFIG) {
        ngx_http_finalize_request(r, ngx_http_rtauth_scim_discover(ask));
        return;
    }

    error = ngx_http_rtauth_scim_read(ask);

    if (error == NULL) {
        error = ngx_http_rtauth_scim_begin(ask);
    }

    if (error) {
        ngx_http_finalize_request(r, ngx_http_rtauth_scim_refuse(r, error));
        return;
    }

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_rtauth_scim_go;

    /* a change is made even when its client goes away meanwhile */

    if (ask->said.what <= RT_SCIM_DO_SEARCH) {
        ngx_rt_wait_watch(r);
    }
}


static ngx_int_t
ngx_http_rtauth_scim_discover(ngx_http_rtauth_scim_ask_t *ask)
{
    rt_str_t     *id, *base;
    rt_jsonw_t    w;
    rt_status_e   rc;

    id = &ask->said.id;
    base = &ask->said.base;

    if (ngx_http_rtauth_scim_open(ask->request, &w, RT_SCIM_DISCOVERY_ROOM)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    switch (ask->at) {

    case NGX_HTTP_RTAUTH_SCIM_TYPES:
        rc = rt_scim_resource_types(&w, base, id);
        break;

    case NGX_HTTP_RTAUTH_SCIM_SCHEMAS:
        rc = rt_scim_schemas(&w, base, id);
        break;

    default: /* NGX_HTTP_RTAUTH_SCIM_CONFIG */
        rc = id->len ? RT_DECLINED : RT_OK;
        rt_scim_config(&w, base, RT_SCIM_MAX_RESULTS);
    }

    return rc == RT_OK
           ? ngx_http_rtauth_scim_send(ask->request, NGX_HTTP_OK, &w)
           : ngx_http_rtauth_scim_refuse(ask->request, &rt_scim_not_found);
}


static void
ngx_http_rtauth_scim_go(ngx_http_request_t *r)
{
    ngx_http_rtauth_scim_ask_t  *ask;

    ask = ngx_rt_kept(r->pool, ngx_http_rtauth_scim_cleanup);

    if (ask->job == NULL) {
        ngx_http_finalize_request(r, ngx_http_rtauth_scim_answer(ask));
    }
}


static ngx_int_t
ngx_http_rtauth_scim_answer(ngx_http_rtauth_scim_ask_t *ask)
{
    u_char              *p;
    rt_str_t             etag;
    rt_jsonw_t           w;
    rt_scim_reply_t     *reply;
    ngx_http_request_t  *r;

    r = ask->request;
    reply = &ask->reply;

    if (reply->error) {

        if (reply->error->status >= NGX_HTTP_INTERNAL_SERVER_ERROR) {
            ngx_rt_log_error(NGX_LOG_ERR, r, "rtauth: %s by "
                             "\"rtauth_scim\": %s",
                             reply->told.action ? "a change was made, and not "
                                                  "answered,"
                                                : "nothing was changed",
                             reply->error->detail);
        }

        return ngx_http_rtauth_scim_refuse(r, reply->error);
    }

    if (reply->location.len
        && ngx_http_rtauth_scim_header(r, "Location", &reply->location)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (reply->version) {

        p = ngx_pnalloc(r->pool, RT_SCIM_ETAG_LEN);
        if (p == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        etag.data = p;
        etag.len = rt_scim_etag(reply->version, p);

        if (ngx_http_rtauth_scim_header(r, "ETag", &etag) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    rt_jsonw_init(&w, reply->text.data, reply->text.len);
    w.pos += reply->text.len;

    return ngx_http_rtauth_scim_send(r, reply->status, &w);
}


static void
ngx_http_rtauth_scim_cleanup(void *data)
{
    ngx_http_rtauth_scim_ask_t *ask = data;

    if (ask->job) {
        ngx_http_rtauth_scim_cancel(ask->job);
    }
}

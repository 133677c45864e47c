#include "header/ngx_http_rtcsp_headers.h"
#include "header/ngx_http_rtcsp_value.h"
#include "nonce/ngx_http_rtcsp_body.h"
#include "nonce/ngx_http_rtcsp_nonce.h"
#include "nonce/ngx_http_rtcsp_out.h"
#include "nonce/ngx_http_rtcsp_token.h"
#include "nonce/ngx_http_rtcsp_type.h"
#include "ngx_rt_log.h"
#include "csp/rt_csp_foreign.h"
#include "text/rt_field.h"


static ngx_uint_t ngx_http_rtcsp_headers_switches(ngx_http_request_t *r);
static ngx_uint_t ngx_http_rtcsp_headers_rtauth(ngx_http_request_t *r);
static void ngx_http_rtcsp_headers_foreign(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx);
static ngx_uint_t ngx_http_rtcsp_headers_wants_nonce(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf);
static ngx_uint_t ngx_http_rtcsp_headers_stays(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_str_t *name);
static ngx_uint_t ngx_http_rtcsp_headers_no_body(ngx_http_request_t *r);
static void ngx_http_rtcsp_headers_inflated(ngx_http_request_t *r);
static void ngx_http_rtcsp_headers_ranges(ngx_http_request_t *r,
    ngx_http_rtcsp_ctx_t *ctx);
static ngx_int_t ngx_http_rtcsp_headers_plan(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_class_e class);
static ngx_int_t ngx_http_rtcsp_headers_body_plan(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_class_e class);
static ngx_int_t ngx_http_rtcsp_headers_tags_plan(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx);
static ngx_uint_t ngx_http_rtcsp_headers_unread(ngx_http_request_t *r,
    ngx_int_t encoding);
static ngx_int_t ngx_http_rtcsp_headers_read(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_uint_t html, ngx_int_t encoding);
static ngx_int_t ngx_http_rtcsp_headers_set_fixed(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_uint_t rtauth);
static ngx_int_t ngx_http_rtcsp_headers_set_policies(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx);
static ngx_int_t ngx_http_rtcsp_headers_set_policy(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_str_t *name, rt_csp_template_t *policy);


void
ngx_http_rtcsp_early(ngx_http_request_t *r, ngx_http_rtcsp_loc_conf_t *conf)
{
    /* the client does not ask whether the page was modified */

    if (r->headers_in.if_modified_since == NULL
        && r->headers_in.if_none_match == NULL
        && r->headers_in.if_unmodified_since == NULL
        && r->headers_in.if_match == NULL)
    {
        return;
    }

    if (ngx_http_rtcsp_class(r, conf) == NGX_HTTP_RTCSP_PAGE
        && ngx_http_rtcsp_headers_wants_nonce(r, conf))
    {
        r->disable_not_modified = 1;
        return;
    }

    /*
     * nginx leaves it to upstream to compare validators, but upstream was not
     * told the client's.  Preconditions it was told.
     */

    if (ngx_http_rtcsp_searches(conf)
        && r->upstream != NULL
        && (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
        && r->headers_in.if_match == NULL
        && r->headers_in.if_unmodified_since == NULL)
    {
        r->disable_not_modified = 0;
    }
}


ngx_uint_t
ngx_http_rtcsp_interim(ngx_http_request_t *r)
{
    ngx_uint_t            status, live;
    ngx_http_upstream_t  *u;

    status = r->headers_out.status;

    if (status >= NGX_HTTP_OK) {
        return 0;
    }

    if (status == NGX_HTTP_SWITCHING_PROTOCOLS) {
        return !ngx_http_rtcsp_headers_switches(r);
    }

    /*
     * Upstream's HTTP/0.9 has no status, and a body that is read.  Nor has a
     * stub of SSI, which nginx sends when it is done with upstream, if any.
     */

    u = r->upstream;
    live = (u != NULL && u->cleanup != NULL);

#if (NGX_HTTP_CACHE)
    live |= r->cached;
#endif

    return status != 0 || (live && r->http_version >= NGX_HTTP_VERSION_10);
}


/* RFC 9110, 7.8: a client that sends Upgrade names it in Connection, too */

static ngx_uint_t
ngx_http_rtcsp_headers_switches(ngx_http_request_t *r)
{
    ngx_table_elt_t   *h;
    ngx_rt_headers_t   walk;

    static ngx_str_t  name = ngx_string("Connection");

    if (r != r->main || r->upstream == NULL || !r->upstream->upgrade
        || r->http_version < NGX_HTTP_VERSION_11
        || r->http_version >= NGX_HTTP_VERSION_20)
    {
        return 0;
    }

    ngx_rt_headers_first(&walk, &r->headers_in.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (ngx_rt_header_is(h, &name)
            && rt_field_has(ngx_rt_str(&h->value), "upgrade"))
        {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_rtcsp_refuse(ngx_http_request_t *r)
{
    ngx_http_rtcsp_ctx_t  *ctx;

    ctx = ngx_http_rtcsp_keep(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->bad = NGX_HTTP_RTCSP_INTERIM;

    ngx_rt_log_error(NGX_LOG_ERR, r,
                     "rtcsp: upstream sent status %ui, behind which nothing "
                     "can be read: let it send its answer alone, and switch "
                     "protocols only when asked", r->headers_out.status);

    /*
     * The answer is yet to come.  To nginx this was it, if it has no body: on
     * a connection that is kept, it would be another client's.
     */

    if (r->upstream != NULL) {
        r->upstream->keepalive = 0;
    }

    if (r != r->main) {
        /*
         * An error from the filter of a subrequest would end the whole request.
         */
        return NGX_HTTP_BAD_GATEWAY;
    }

    return ngx_http_filter_finalize_request(r, &ngx_http_rtcsp_module,
                                            NGX_HTTP_BAD_GATEWAY);
}


ngx_int_t
ngx_http_rtcsp_part(ngx_http_request_t *r)
{
    ngx_int_t              encoding;
    ngx_http_rtcsp_ctx_t  *ctx;

    ctx = ngx_http_rtcsp_find(r);

    if (ctx == NULL || ctx->body == NULL || r->header_only || r->background) {
        return NGX_OK;
    }

    /*
     * Also for a slice: no range is cut out of the page that it becomes a part
     * of.
     */

    ngx_http_clear_accept_ranges(r);

    /* the slices of a page in gzip are in gzip */

    encoding = ngx_http_rtcsp_body_gzip(ctx) ? NGX_AGAIN : NGX_OK;

    if (ngx_http_rtcsp_encoding(r) == encoding && !ngx_http_rtcsp_partial(r)) {
        return NGX_OK;
    }

    ctx->bad = NGX_HTTP_RTCSP_PART;

    ngx_rt_log_error(NGX_LOG_ERR, r,
                     "rtcsp: a part of a page came encoded or as a range, "
                     "and cannot be searched for the placeholder: let "
                     "upstream send parts whole and plain");

    /* the error page that takes its place has none of its headers */

    ngx_http_clean_header(r);

    return NGX_HTTP_BAD_GATEWAY;
}


ngx_int_t
ngx_http_rtcsp_headers(ngx_http_request_t *r, ngx_http_rtcsp_loc_conf_t *conf)
{
    ngx_int_t                rc;
    ngx_http_rtcsp_ctx_t    *ctx;
    ngx_http_rtcsp_class_e   class;

    ctx = ngx_http_rtcsp_keep(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    /* this may be the second response: an error page instead of the first */

    ngx_http_rtcsp_nonce_forget(ctx);
    ngx_http_rtcsp_drop_ours(r);

    if (ngx_http_rtcsp_headers_rtauth(r)) {
        return conf->on ? ngx_http_rtcsp_headers_set_fixed(r, conf, 1)
                        : NGX_OK;
    }

    class = ngx_http_rtcsp_class(r, conf);
    ctx->secret = conf->secret;
    rc = NGX_OK;

    if (ngx_http_rtcsp_takes(conf)) {

        rc = ngx_http_rtcsp_token(r, conf, ctx,
                                  class == NGX_HTTP_RTCSP_PAGE);

        if (rc == NGX_ERROR || rc == NGX_ABORT) {
            return (rc == NGX_ABORT && !r->filter_finalize) ? NGX_DECLINED
                                                            : NGX_ERROR;
        }
    }

    if (class == NGX_HTTP_RTCSP_PAGE && rc == NGX_OK
        && ngx_http_rtcsp_headers_wants_nonce(r, conf)
        && ngx_http_rtcsp_nonce(r, ctx) == NGX_OK)
    {
        ctx->nonced = 1;
    }

    if (class == NGX_HTTP_RTCSP_PAGE) {
        ngx_http_rtcsp_headers_foreign(r, conf, ctx);
    }

    /* a policy of the application, with the placeholder, that may stay */

    if (conf->secret != NULL && ctx->nonced
        && ngx_http_rtcsp_token_fill(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->secret != NULL
        && ngx_http_rtcsp_scrub_headers(r, ctx->secret) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_rtcsp_headers_plan(r, conf, ctx, class);
    if (rc != NGX_OK) {
        return rc;
    }

    if (!conf->on) {
        return NGX_OK;
    }

    if (ctx->nonced && ngx_http_rtcsp_uncache(r, conf->cache) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_rtcsp_headers_set_fixed(r, conf, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_rtcsp_headers_set_policies(r, conf, ctx);
}


/*
 * A page of rtauth has a policy made for it, which is stricter than one for an
 * application, and no placeholder.  The modules meet by a variable, which is
 * not there without rtauth.
 */

static ngx_uint_t
ngx_http_rtcsp_headers_rtauth(ngx_http_request_t *r)
{
    ngx_str_t                    page;
    ngx_http_rtcsp_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtcsp_module);

    ngx_rt_var_get(r, &mcf->page, &page);

    return page.len != 0;
}


/*
 * A page whose application made the nonce: without its policy no script of it
 * runs.  A nonce of ours in there, or the placeholder, is as good as none.
 */

static void
ngx_http_rtcsp_headers_foreign(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx)
{
    rt_str_t                     own[2];
    unsigned                     n;
    ngx_table_elt_t             *h;
    ngx_rt_headers_t             walk;
    ngx_http_rtcsp_main_conf_t  *mcf;

    if (!conf->on || conf->enforced == NULL || ngx_http_rtcsp_takes(conf)
        || conf->upstream != NGX_HTTP_RTCSP_REPLACE
        || r->headers_out.status == NGX_HTTP_NOT_MODIFIED)
    {
        return;
    }

    n = 0;

    if (ctx->made) {
        own[n].data = ctx->nonce;
        own[n++].len = RT_CSP_NONCE_LEN;
    }

    if (conf->secret != NULL) {
        own[n].data = conf->secret->text;
        own[n++].len = conf->secret->len;
    }

    ngx_rt_headers_first(&walk, &r->headers_out.headers);

    while ((h = ngx_rt_headers_live(&walk)) != NULL) {

        if (!ngx_rt_header_is(h, &ngx_http_rtcsp_csp_name)
            || !rt_csp_foreign_nonce(ngx_rt_str(&h->value), own, n))
        {
            continue;
        }

        mcf = ngx_http_get_module_main_conf(r, ngx_http_rtcsp_module);

        ngx_rt_once(mcf->once, &conf->upstream, r,
                    "rtcsp: replaced a policy that had a nonce of the "
                    "application, whose scripts may not run now: write "
                    "\"rtcsp_upstream keep\", or let the application print "
                    "rtcsp's nonce");
    }
}


/* will a browser show this page, and with a policy of ours? */

static ngx_uint_t
ngx_http_rtcsp_headers_wants_nonce(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf)
{
    ngx_uint_t  status;

    if (!conf->on || conf->mode == NGX_HTTP_RTCSP_NONCE_OFF) {
        return 0;
    }

    status = r->headers_out.status;

    if (status == NGX_HTTP_NO_CONTENT || status == NGX_HTTP_NOT_MODIFIED
        || status == NGX_HTTP_PARTIAL_CONTENT
        || status < NGX_HTTP_OK)
    {
        return 0;
    }

    if (status >= NGX_HTTP_SPECIAL_RESPONSE && status < NGX_HTTP_BAD_REQUEST) {
        /* a redirect: a browser follows it, and shows nothing of it */
        return 0;
    }

    if (!ngx_http_rtcsp_ascii(r)) {
        return 0;
    }

#if (NGX_HTTP_CACHE)

    if (conf->mode == NGX_HTTP_RTCSP_NONCE_HEADER && r->cached) {
        /* the page holds the nonce of the request that filled the cache */
        return 0;
    }

#endif

    if (ngx_http_rtcsp_takes(conf)) {
        return 1;
    }

    return (conf->enforced != NULL && conf->enforced->n
            && !ngx_http_rtcsp_headers_stays(r, conf, &ngx_http_rtcsp_csp_name))
           || (conf->reported != NULL && conf->reported->n
               && !ngx_http_rtcsp_headers_stays(r, conf,
                                                &ngx_http_rtcsp_report_name));
}


/* rtcsp_upstream keep: what upstream says of it stays, and ours is not sent */

static ngx_uint_t
ngx_http_rtcsp_headers_stays(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_str_t *name)
{
    return (conf->upstream == NGX_HTTP_RTCSP_KEEP
            || ngx_http_rtcsp_takes(conf))
           && ngx_http_rtcsp_has(r, name);
}


/* in HTTP/0.9, upstream's or the client's, there is a body whatever it says */

static ngx_uint_t
ngx_http_rtcsp_headers_no_body(ngx_http_request_t *r)
{
    ngx_uint_t  status;

    status = r->headers_out.status;

    return r->http_version >= NGX_HTTP_VERSION_10
           && (status < NGX_HTTP_OK || status == NGX_HTTP_NO_CONTENT
               || status == NGX_HTTP_NOT_MODIFIED);
}


/*
 * Headers of a response that upstream sent in gzip, and that is inflated here.
 */

static void
ngx_http_rtcsp_headers_inflated(ngx_http_request_t *r)
{
    ngx_http_clear_content_length(r);
    ngx_http_weak_etag(r);

    /* add_header makes a line that content_encoding does not point at */

    ngx_rt_headers_drop(r, &ngx_http_rtcsp_encoding_name);
    r->headers_out.content_encoding = NULL;

    r->gzip_vary = 1;
}


/*
 * The range was kept from upstream.  As this body is not searched after all,
 * nginx itself cuts it out.
 */

static void
ngx_http_rtcsp_headers_ranges(ngx_http_request_t *r, ngx_http_rtcsp_ctx_t *ctx)
{
    if (ctx->ranged && r->headers_out.status == NGX_HTTP_OK) {
        r->allow_ranges = 1;
        r->single_range = 1;
    }
}


/* ret: NGX_OK, NGX_ERROR, or NGX_DECLINED: it is not sent */

static ngx_int_t
ngx_http_rtcsp_headers_plan(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_class_e class)
{
    if (ctx->secret != NULL) {
        return ngx_http_rtcsp_headers_body_plan(r, conf, ctx, class);
    }

    if (ctx->nonced && ngx_http_rtcsp_places(conf)) {
        return ngx_http_rtcsp_headers_tags_plan(r, conf, ctx);
    }

    if (ngx_http_rtcsp_searches(conf)) {
        ngx_http_rtcsp_headers_ranges(r, ctx);
    }

    return NGX_OK;
}


/* the body may hold the placeholder: see that it is read, or not sent */

static ngx_int_t
ngx_http_rtcsp_headers_body_plan(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_http_rtcsp_class_e class)
{
    ngx_int_t                    encoding;
    ngx_http_rtcsp_main_conf_t  *mcf;

    if (r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS) {
        mcf = ngx_http_get_module_main_conf(r, ngx_http_rtcsp_module);

        ngx_rt_once(mcf->once, &conf->mode, r,
                    "rtcsp: upstream switched protocols, and what it sends is "
                    "not searched for the placeholder: give WebSockets a "
                    "location with \"rtcsp_nonce off\"");
    }

    if (ngx_http_rtcsp_headers_no_body(r)) {
        return NGX_OK;
    }

    if (class == NGX_HTTP_RTCSP_BINARY) {
        ngx_http_rtcsp_headers_ranges(r, ctx);
        return NGX_OK;
    }

    encoding = ngx_http_rtcsp_encoding(r);

    if (ngx_http_rtcsp_headers_unread(r, encoding)) {

        ctx->bad = (encoding == NGX_DECLINED) ? NGX_HTTP_RTCSP_ENCODED
                                              : NGX_HTTP_RTCSP_RANGE;

        ngx_rt_log_error(NGX_LOG_ERR, r,
                         "rtcsp: upstream sent text %s, which cannot be "
                         "searched for the placeholder: let it send whole "
                         "responses, plain or in gzip",
                         (encoding == NGX_DECLINED)
                         ? "in an encoding other than gzip"
                         : "as a range");

        return NGX_DECLINED;
    }

    if (ngx_http_rtcsp_headers_read(r, conf, ctx,
                                    class == NGX_HTTP_RTCSP_PAGE
                                    && ctx->nonced, encoding)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* the body is told of it first */

    if (ctx->nonced && ctx->secret->len != RT_CSP_NONCE_LEN) {
        ngx_http_clear_content_length(r);
    }

    return NGX_OK;
}


/* a page whose tags get the nonce; if it cannot be read, none of them does */

static ngx_int_t
ngx_http_rtcsp_headers_tags_plan(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx)
{
    ngx_int_t                    encoding;
    ngx_http_rtcsp_main_conf_t  *mcf;

    encoding = ngx_http_rtcsp_encoding(r);

    if (ngx_http_rtcsp_headers_unread(r, encoding)) {
        ctx->nonced = 0;

        mcf = ngx_http_get_module_main_conf(r, ngx_http_rtcsp_module);

        ngx_rt_once(mcf->once, &conf->allow, r,
                    "rtcsp: no tag of a page got a nonce, because upstream "
                    "sent it as a range or in an encoding other than gzip: "
                    "let it send whole pages, plain or in gzip");
        return NGX_OK;
    }

    ngx_http_clear_content_length(r);

    return ngx_http_rtcsp_headers_read(r, conf, ctx, 1, encoding);
}


/* content_offset: nginx's slice filter began where the client asked */

static ngx_uint_t
ngx_http_rtcsp_headers_unread(ngx_http_request_t *r, ngx_int_t encoding)
{
    return encoding == NGX_DECLINED || ngx_http_rtcsp_partial(r)
           || r->headers_out.content_offset;
}


static ngx_int_t
ngx_http_rtcsp_headers_read(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_uint_t html, ngx_int_t encoding)
{
    ngx_http_clear_accept_ranges(r);

    if (encoding == NGX_AGAIN) {
        ngx_http_rtcsp_headers_inflated(r);
    }

    if (r->method == NGX_HTTP_HEAD && r->http_version >= NGX_HTTP_VERSION_10) {
        return NGX_OK;
    }

    return ngx_http_rtcsp_body_start(r, conf, ctx, html,
                                     encoding == NGX_AGAIN);
}


/* a page of rtauth keeps what it says itself, and says who may frame it */

static ngx_int_t
ngx_http_rtcsp_headers_set_fixed(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_uint_t rtauth)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    for (i = 0; i < NGX_HTTP_RTCSP_FIXED; i++) {

        if (conf->fixed[i].len == 0) {
            continue;
        }

        name = &ngx_http_rtcsp_fixed_names[i];

        if (ngx_http_rtcsp_headers_stays(r, conf, name)
            || (rtauth && (i == NGX_HTTP_RTCSP_FRAME_OPTIONS
                           || ngx_http_rtcsp_has(r, name))))
        {
            continue;
        }

        if (i == NGX_HTTP_RTCSP_HSTS && !ngx_http_rtcsp_secure(r, conf)) {
            continue;
        }

        ngx_rt_headers_drop(r, name);

        if (ngx_http_rtcsp_add(r, name, &conf->fixed[i]) == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtcsp_headers_set_policies(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx)
{
    if (r->headers_out.status == NGX_HTTP_NOT_MODIFIED) {

        /*
         * A browser would apply it to the page in its cache, whose nonce is
         * another one.
         */

        if (conf->enforced != NULL || conf->reported != NULL
            || ngx_http_rtcsp_takes(conf))
        {
            ngx_rt_headers_drop(r, &ngx_http_rtcsp_csp_name);
            ngx_rt_headers_drop(r, &ngx_http_rtcsp_report_name);
        }

        return NGX_OK;
    }

    if (conf->enforced != NULL
        && !ngx_http_rtcsp_headers_stays(r, conf, &ngx_http_rtcsp_csp_name))
    {
        if (ngx_http_rtcsp_headers_set_policy(r, conf, ctx,
                                              &ngx_http_rtcsp_csp_name,
                                              conf->enforced)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        ctx->enforced = 1;
    }

    if (conf->reported != NULL
        && !ngx_http_rtcsp_headers_stays(r, conf, &ngx_http_rtcsp_report_name))
    {
        if (ngx_http_rtcsp_headers_set_policy(r, conf, ctx,
                                              &ngx_http_rtcsp_report_name,
                                              conf->reported)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        ctx->reported = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtcsp_headers_set_policy(ngx_http_request_t *r,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_ctx_t *ctx,
    ngx_str_t *name, rt_csp_template_t *policy)
{
    ngx_str_t  value;

    value.len = policy->without.len;
    value.data = policy->without.data;

    if (ctx->nonced && policy->n && ngx_http_rtcsp_lists(conf)) {

        value.data = ngx_pnalloc(r->pool, policy->with_nonce.len);
        if (value.data == NULL) {
            return NGX_ERROR;
        }

        value.len = rt_csp_render(policy, ctx->nonce, value.data)
                    - value.data;
    }

    if (policy->values
        && ngx_http_rtcsp_value_fill(r, policy, &value) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (conf->upstream == NGX_HTTP_RTCSP_REPLACE) {
        ngx_rt_headers_drop(r, name);
    }

    return ngx_http_rtcsp_add(r, name, &value) ? NGX_OK : NGX_ERROR;
}

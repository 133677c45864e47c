
/* The addresses of a job's host. */

#include "ngx_rt_curl.h"
#include "ngx_rt_http_part.h"


static void ngx_rt_http_resolve_name(ngx_rt_http_t *job);
static void ngx_rt_http_resolve_handler(ngx_resolver_ctx_t *ctx);
static void ngx_rt_http_resolve_done(ngx_rt_http_t *job, ngx_uint_t naddrs,
    ngx_resolver_addr_t *resolved);
static ngx_int_t ngx_rt_http_resolve_list(ngx_rt_http_t *job,
    ngx_uint_t naddrs, ngx_resolver_addr_t *resolved);


void
ngx_rt_http_resolve(ngx_rt_http_t *job, ngx_rt_http_handler_pt next)
{
    ngx_rt_url_t    *url;
    ngx_resolver_t  *resolver;

    job->next = next;

    url = job->url;
    resolver = job->client->conf->resolver;

    if (url->literal || (resolver == NULL && url->naddrs)) {
        ngx_rt_http_resolve_done(job, 0, NULL);
        return;
    }

    if (resolver == NULL) {
        ngx_rt_http_loop_fail(job, "the host is not known from the "
                                   "configuration and there is no "
                                   "\"resolver\" in http {}");
        return;
    }

    ngx_rt_http_resolve_name(job);
}


static void
ngx_rt_http_resolve_name(ngx_rt_http_t *job)
{
    ngx_resolver_ctx_t  *ctx, temp;

    job->log->action = "resolving a name";

    temp.name = ngx_rt_str_copy(&job->url->parts.host);

    ctx = ngx_resolve_start(job->client->conf->resolver, &temp);

    if (ctx == NULL || ctx == NGX_NO_RESOLVER) {
        ngx_rt_http_loop_fail(job, "the resolver could not be started");
        return;
    }

    ctx->name = temp.name;
    ctx->handler = ngx_rt_http_resolve_handler;
    ctx->data = job;
    ctx->timeout = job->timeout;
    ctx->cancelable = 1;

    job->resolving = ctx;

    if (ngx_resolve_name(ctx) != NGX_OK) {
        job->resolving = NULL;
        ngx_rt_http_loop_fail(job, "the resolver could not be asked");
    }
}


/*
 * A name the resolver does not have may stand in the system's hosts file:
 * then the addresses found at start hold on.
 */

static void
ngx_rt_http_resolve_handler(ngx_resolver_ctx_t *ctx)
{
    ngx_rt_http_t  *job;

    job = ctx->data;
    job->resolving = NULL;

    if (ctx->state && job->url->naddrs == 0) {
        ngx_log_error(NGX_LOG_ERR, job->log, 0,
                      "\"%V\" could not be resolved (%i: %s)", &ctx->name,
                      ctx->state, ngx_resolver_strerror(ctx->state));

        ngx_rt_http_loop_fail(job, "the host could not be resolved");

    } else if (ctx->state) {
        ngx_rt_http_resolve_done(job, 0, NULL);

    } else {
        ngx_rt_http_resolve_done(job, ctx->naddrs, ctx->addrs);
    }

    ngx_resolve_name_done(ctx);
}


static void
ngx_rt_http_resolve_done(ngx_rt_http_t *job, ngx_uint_t naddrs,
    ngx_resolver_addr_t *resolved)
{
    if (ngx_rt_http_resolve_list(job, naddrs, resolved) != NGX_OK) {
        ngx_rt_http_loop_fail(job, "out of memory");
        return;
    }

    job->next(job);
}


static ngx_int_t
ngx_rt_http_resolve_list(ngx_rt_http_t *job, ngx_uint_t naddrs,
    ngx_resolver_addr_t *resolved)
{
    ngx_rt_url_t  *url;

    url = job->url;

    if (url->literal) {
        return NGX_OK;
    }

    job->addresses = ngx_rt_curl_address(job->pool, NULL, &url->parts,
                                         resolved ? naddrs : url->naddrs,
                                         url->addrs, resolved);

    return job->addresses ? NGX_OK : NGX_ERROR;
}

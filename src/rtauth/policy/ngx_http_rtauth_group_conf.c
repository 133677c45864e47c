
#include "policy/ngx_http_rtauth_group_conf.h"
#include "policy/ngx_http_rtauth_regex.h"
#include "policy/rt_policy_index.h"


#define NGX_HTTP_RTAUTH_GROUP_LINES  4


/* where a group's block begins, and the last line of each kind in it */

typedef struct {
    ngx_rt_where_t                block;
    ngx_rt_where_t                lines[NGX_HTTP_RTAUTH_GROUP_LINES];
} ngx_http_rtauth_group_at_t;


typedef struct {
    ngx_http_rtauth_main_conf_t  *mcf;
    rt_group_t                   *group;
    ngx_http_rtauth_group_at_t   *at;
} ngx_http_rtauth_group_ctx_t;


typedef rt_status_e (*ngx_http_rtauth_group_set_pt)(
    ngx_http_rtauth_group_ctx_t *ctx, rt_str_t *args, size_t nargs,
    rt_str_t *err);


typedef struct {
    ngx_str_t                     name;
    ngx_uint_t                    min;      /* arguments */
    ngx_uint_t                    max;
    ngx_http_rtauth_group_set_pt  set;
} ngx_http_rtauth_group_line_t;


static char *ngx_http_rtauth_group_conf_line(ngx_conf_t *cf,
    ngx_command_t *dummy, void *conf);
static ngx_http_rtauth_group_line_t *ngx_http_rtauth_group_conf_find_line(
    ngx_str_t *name);
static ngx_rt_where_t *ngx_http_rtauth_group_conf_where(
    ngx_http_rtauth_main_conf_t *mcf, rt_policy_bad_t *bad);
static rt_status_e ngx_http_rtauth_group_conf_match(
    ngx_http_rtauth_group_ctx_t *ctx, rt_str_t *args, size_t nargs,
    rt_str_t *err);
static rt_status_e ngx_http_rtauth_group_conf_permission(
    ngx_http_rtauth_group_ctx_t *ctx, rt_str_t *args, size_t nargs,
    rt_str_t *err);
static rt_status_e ngx_http_rtauth_group_conf_default_app(
    ngx_http_rtauth_group_ctx_t *ctx, rt_str_t *args, size_t nargs,
    rt_str_t *err);
static rt_status_e ngx_http_rtauth_group_conf_provider(
    ngx_http_rtauth_group_ctx_t *ctx, rt_str_t *args, size_t nargs,
    rt_str_t *err);


static ngx_http_rtauth_group_line_t
    ngx_http_rtauth_group_conf_lines[NGX_HTTP_RTAUTH_GROUP_LINES + 1] =
{

    { ngx_string("match"), 1, NGX_CONF_MAX_ARGS,
      ngx_http_rtauth_group_conf_match },

    { ngx_string("permission"), 1, NGX_CONF_MAX_ARGS,
      ngx_http_rtauth_group_conf_permission },

    { ngx_string("default_app"), 1, 1,
      ngx_http_rtauth_group_conf_default_app },

    { ngx_string("provider"), 1, 1,
      ngx_http_rtauth_group_conf_provider },

    { ngx_null_string, 0, 0, NULL }
};


char *
ngx_http_rtauth_group_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    char                         *rv;
    rt_str_t                      err;
    ngx_str_t                    *value;
    ngx_conf_t                    save;
    ngx_http_rtauth_group_ctx_t   ctx;

    value = cf->args->elts;

    ctx.mcf = mcf;

    switch (rt_policy_add_group(&mcf->policy, ngx_rt_str(&value[1]),
                                &ctx.group, &err))
    {
    case RT_OK:
        break;

    case RT_INVALID:
        return ngx_rt_conf_invalid(cf, "name", &value[1], "%V",
                                   ngx_rt_ngx(&err));

    default:
        return NGX_CONF_ERROR;
    }

    ctx.at = ngx_array_push(&mcf->groups);
    if (ctx.at == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(ctx.at, sizeof(ngx_http_rtauth_group_at_t));
    ngx_rt_conf_here(cf, &ctx.at->block);

    save = *cf;

    mcf->regex.ctx = cf;

    cf->ctx = &ctx;
    cf->handler = ngx_http_rtauth_group_conf_line;
    cf->handler_conf = (char *) &ctx;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    mcf->regex.ctx = NULL;

    return rv;
}


static char *
ngx_http_rtauth_group_conf_line(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf)
{
    ngx_http_rtauth_group_ctx_t *ctx = conf;

    rt_str_t                       err, *args;
    ngx_str_t                     *value;
    ngx_uint_t                     i, n;
    rt_status_e                    rc;
    ngx_http_rtauth_group_line_t  *line;

    value = cf->args->elts;
    n = cf->args->nelts - 1;

    line = ngx_http_rtauth_group_conf_find_line(&value[0]);

    if (line == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown \"%V\" in \"rtauth_group %V\": write "
                           "\"match\", \"permission\", \"default_app\" or "
                           "\"provider\"", &value[0],
                           ngx_rt_ngx(&ctx->group->name));
        return NGX_CONF_ERROR;
    }

    /* a lost semicolon: what follows would be more values of this line */

    for (i = 1; i < n; i++) {
        if (ngx_http_rtauth_group_conf_find_line(&value[i])) {
            return ngx_rt_conf_semicolon(cf, &value[i]);
        }
    }

    if (n < line->min || n > line->max) {
        return ngx_rt_conf_invalid(cf, "number of arguments", NULL, "write %s",
                                   line->max == 1 ? "one value"
                                                  : "one value or more");
    }

    ngx_rt_conf_here(cf,
                     &ctx->at->lines[line - ngx_http_rtauth_group_conf_lines]);

    err.len = 0;
    err.data = NULL;

    /* the next line is read into the same array */

    args = ngx_palloc(cf->pool, n * sizeof(rt_str_t));
    if (args == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(args, &value[1], n * sizeof(rt_str_t));

    rc = line->set(ctx, args, n, &err);

    if (rc == RT_OK) {
        return NGX_CONF_OK;
    }

    if (rc == RT_INVALID || rc == RT_DECLINED) {
        return ngx_rt_conf_invalid(cf, n == 1 ? "value" : "values",
                                   n == 1 ? &value[1] : NULL, "%V",
                                   ngx_rt_ngx(&err));
    }

    return NGX_CONF_ERROR;
}


static ngx_http_rtauth_group_line_t *
ngx_http_rtauth_group_conf_find_line(ngx_str_t *name)
{
    return ngx_rt_conf_row(ngx_http_rtauth_group_conf_lines,
                           sizeof(ngx_http_rtauth_group_line_t), name, 0);
}


static rt_status_e
ngx_http_rtauth_group_conf_match(ngx_http_rtauth_group_ctx_t *ctx,
    rt_str_t *args, size_t nargs, rt_str_t *err)
{
    return rt_group_add_match(&ctx->mcf->policy, ctx->group, args, nargs,
                              &ctx->mcf->regex, err);
}


static rt_status_e
ngx_http_rtauth_group_conf_permission(ngx_http_rtauth_group_ctx_t *ctx,
    rt_str_t *args, size_t nargs, rt_str_t *err)
{
    return rt_group_add_permission(&ctx->mcf->policy, ctx->group, args, nargs,
                                   err);
}


static rt_status_e
ngx_http_rtauth_group_conf_default_app(ngx_http_rtauth_group_ctx_t *ctx,
    rt_str_t *args, size_t nargs, rt_str_t *err)
{
    return rt_group_set_default_app(&ctx->mcf->policy, ctx->group, args, err);
}


static rt_status_e
ngx_http_rtauth_group_conf_provider(ngx_http_rtauth_group_ctx_t *ctx,
    rt_str_t *args, size_t nargs, rt_str_t *err)
{
    return rt_group_set_provider(&ctx->mcf->policy, ctx->group, args, err);
}


ngx_int_t
ngx_http_rtauth_group_create(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    mcf->mem = ngx_rt_str_mem(cf->pool);

    ngx_http_rtauth_regex_init(&mcf->regex);

    rt_policy_init(&mcf->policy, &mcf->mem);

    return ngx_array_init(&mcf->groups, cf->pool, 4,
                          sizeof(ngx_http_rtauth_group_at_t));
}


char *
ngx_http_rtauth_group_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    rt_str_t                      *names, err;
    ngx_uint_t                     i, n;
    rt_policy_bad_t                bad;
    ngx_http_rtauth_provider_t   **provider;

    n = mcf->providers.nelts;
    provider = mcf->providers.elts;

    names = ngx_palloc(cf->temp_pool, (n + 1) * sizeof(rt_str_t));
    if (names == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < n; i++) {
        names[i] = *ngx_rt_str(&provider[i]->name);
    }

    switch (rt_policy_finish(&mcf->policy, names, n, &bad, &err)) {

    case RT_OK:
        return rt_policy_index(&mcf->policy) == RT_OK ? NGX_CONF_OK
                                                      : NGX_CONF_ERROR;

    case RT_INVALID:
        return ngx_rt_conf_invalid_late(cf,
                                        ngx_http_rtauth_group_conf_where(mcf,
                                                                        &bad),
                                        "rtauth_group", "group",
                                        ngx_rt_ngx(&bad.group->name), "%V",
                                        ngx_rt_ngx(&err));

    default:
        return NGX_CONF_ERROR;
    }
}


static ngx_rt_where_t *
ngx_http_rtauth_group_conf_where(ngx_http_rtauth_main_conf_t *mcf,
    rt_policy_bad_t *bad)
{
    ngx_uint_t                   i;
    ngx_http_rtauth_group_at_t  *at;

    at = mcf->groups.elts;
    at += bad->group->index;

    for (i = 0; bad->line && i < NGX_HTTP_RTAUTH_GROUP_LINES; i++) {

        if (ngx_strcmp(ngx_http_rtauth_group_conf_lines[i].name.data, bad->line)
            == 0
            && at->lines[i].file.len)
        {
            return &at->lines[i];
        }
    }

    return &at->block;
}

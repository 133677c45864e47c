
#include "policy/ngx_http_rtauth_group_conf.h"
#include "policy/rt_policy_index.h"
#include "policy/rt_policy_member.h"
#include "ngx_rt_block.h"
#include "ngx_rt_regex.h"


/* where a group's block begins, and the last line of each kind in it */

typedef struct {
    ngx_rt_where_t                block;
    ngx_rt_where_t                match;
    ngx_rt_where_t                permission;
    ngx_rt_where_t                except;
    ngx_rt_where_t                deny;
    ngx_rt_where_t                include;
    ngx_rt_where_t                scim_group;
    ngx_rt_where_t                from;
    ngx_rt_where_t                until;
    ngx_rt_where_t                reason;
    ngx_rt_where_t                row_filter;
    ngx_rt_where_t                default_app;
    ngx_rt_where_t                provider;
} ngx_http_rtauth_group_at_t;


typedef struct {
    ngx_http_rtauth_main_conf_t  *mcf;
    rt_group_t                   *group;
    ngx_http_rtauth_group_at_t    at;
} ngx_http_rtauth_group_ctx_t;


static char *ngx_http_rtauth_group_conf_public(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf);
static char *ngx_http_rtauth_group_conf_set(ngx_conf_t *cf, void *conf,
    ngx_rt_line_t *line);
static rt_status_e ngx_http_rtauth_group_conf_line(
    ngx_http_rtauth_group_ctx_t *ctx, ngx_rt_line_t *line, rt_str_t *args,
    size_t n, rt_str_t *err);
static ngx_rt_where_t *ngx_http_rtauth_group_conf_where(
    ngx_http_rtauth_main_conf_t *mcf, rt_policy_bad_t *bad);

#define ngx_http_rtauth_group_at(m)                                           \
    offsetof(ngx_http_rtauth_group_ctx_t, at.m)


static ngx_rt_line_t  ngx_http_rtauth_group_conf_rows[] = {

    { ngx_string("match"), 64 | NGX_RT_LINE_MANY,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(match), NULL, NULL },

    { ngx_string("permission"), 64 | NGX_RT_LINE_MANY,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(permission), NULL, NULL },

    { ngx_string("except"), 64 | NGX_RT_LINE_MANY,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(except), NULL, NULL },

    { ngx_string("deny"), 64 | NGX_RT_LINE_MANY,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(deny), NULL, NULL },

    { ngx_string("include"), 64 | NGX_RT_LINE_MANY,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(include), NULL, NULL },

    { ngx_string("scim_group"), 64 | NGX_RT_LINE_MANY,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(scim_group), NULL, NULL },

    { ngx_string("from"), 1,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(from), NULL, NULL },

    { ngx_string("until"), 1,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(until), NULL, NULL },

    { ngx_string("reason"), 1,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(reason), NULL, NULL },

    { ngx_string("row_filter"), 3 | NGX_RT_LINE_MANY,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(row_filter), NULL, NULL },

    { ngx_string("default_app"), 1,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(default_app), NULL, NULL },

    { ngx_string("provider"), 1,
      ngx_http_rtauth_group_conf_set, 0,
      ngx_http_rtauth_group_at(provider), NULL, NULL },

    { ngx_null_string, 0, NULL, 0, 0, NULL, NULL }
};

ngx_rt_lines_fit(ngx_http_rtauth_group_conf_rows);


char *
ngx_http_rtauth_group_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    char                         *rv;
    rt_str_t                      err;
    ngx_str_t                    *value;
    ngx_rt_block_t                block;
    ngx_http_rtauth_group_at_t   *at;
    ngx_http_rtauth_group_ctx_t   ctx;

    value = cf->args->elts;

    ngx_memzero(&ctx, sizeof(ngx_http_rtauth_group_ctx_t));
    ngx_rt_conf_here(cf, &ctx.at.block);
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

    at = ngx_array_push(&mcf->groups);
    if (at == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&block, sizeof(ngx_rt_block_t));

    block.directive = "rtauth_group";
    block.name = value[1];
    block.lines[0].rows = ngx_http_rtauth_group_conf_rows;
    block.lines[0].conf = &ctx;

    mcf->regex.ctx = cf;
    rv = ngx_rt_block(cf, &block);
    mcf->regex.ctx = NULL;

    *at = ctx.at;

    return rv;
}


static char *
ngx_http_rtauth_group_conf_set(ngx_conf_t *cf, void *conf, ngx_rt_line_t *line)
{
    ngx_http_rtauth_group_ctx_t *ctx = conf;

    size_t        n;
    rt_str_t      err, *args;
    ngx_str_t    *value;
    rt_status_e   rc;

    value = cf->args->elts;
    n = cf->args->nelts - 1;
    err.len = 0;

    /* the next line is read into the same array */

    args = ngx_palloc(cf->pool, n * sizeof(rt_str_t));
    if (args == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(args, &value[1], n * sizeof(rt_str_t));

    rc = ngx_http_rtauth_group_conf_line(ctx, line, args, n, &err);

    if (rc == RT_INVALID || rc == RT_DECLINED) {
        return ngx_rt_conf_invalid(cf, n == 1 ? "value" : "values",
                                   n == 1 ? &value[1] : NULL, "%V",
                                   ngx_rt_ngx(&err));
    }

    return rc == RT_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static rt_status_e
ngx_http_rtauth_group_conf_line(ngx_http_rtauth_group_ctx_t *ctx,
    ngx_rt_line_t *line, rt_str_t *args, size_t n, rt_str_t *err)
{
    rt_group_t   *group;
    rt_policy_t  *policy;

    policy = &ctx->mcf->policy;
    group = ctx->group;

    switch (line->at) {

    case ngx_http_rtauth_group_at(match):
        return rt_group_add_match(policy, group, args, n, &ctx->mcf->regex,
                                  err);

    case ngx_http_rtauth_group_at(permission):
        return rt_group_add_permission(policy, group, args, n, err);

    case ngx_http_rtauth_group_at(except):
        return rt_group_add_except(policy, group, args, n, err);

    case ngx_http_rtauth_group_at(deny):
        return rt_group_add_deny(policy, group, args, n, err);

    case ngx_http_rtauth_group_at(include):
        return rt_group_add_include(policy, group, args, n, err);

    case ngx_http_rtauth_group_at(scim_group):
        return rt_group_add_pushed(policy, group, args, n, err);

    case ngx_http_rtauth_group_at(from):
        return rt_group_set_from(policy, group, args, err);

    case ngx_http_rtauth_group_at(until):
        return rt_group_set_until(policy, group, args, err);

    case ngx_http_rtauth_group_at(reason):
        return rt_group_set_reason(policy, group, args, err);

    case ngx_http_rtauth_group_at(row_filter):
        return rt_rowfilter_add(&ctx->mcf->rowfilters, policy, group, args, n,
                                err);

    case ngx_http_rtauth_group_at(default_app):
        return rt_group_set_default_app(policy, group, args, err);

    default:
        return rt_group_set_provider(policy, group, args, err);
    }
}


ngx_int_t
ngx_http_rtauth_group_create(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    mcf->mem = ngx_rt_str_mem(cf->pool);

    ngx_rt_regex_init(&mcf->regex);

    rt_policy_init(&mcf->policy, &mcf->mem);

    if (ngx_array_init(&mcf->publics, cf->pool, 1, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_array_init(&mcf->groups, cf->pool, 4,
                          sizeof(ngx_http_rtauth_group_at_t));
}


char *
ngx_http_rtauth_group_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    rt_str_t                      *names, err;
    ngx_str_t                     *public;
    rt_group_t                    *group;
    ngx_uint_t                     i, n;
    rt_status_e                    rc;
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

    public = mcf->publics.elts;

    for (i = 0; i < mcf->publics.nelts; i++) {
        group = (rt_group_t *) rt_policy_find(&mcf->policy,
                                              ngx_rt_str(&public[i]));
        if (group) {
            group->peopled = 1;
        }
    }

    rc = rt_policy_member_finish(&mcf->policy, n, &bad, &err);

    if (rc == RT_OK) {
        rc = rt_policy_finish(&mcf->policy, names, n, &bad, &err);
    }

    switch (rc) {

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


ngx_rt_where_t *
ngx_http_rtauth_group_pushed(ngx_http_rtauth_main_conf_t *mcf,
    rt_group_t *group)
{
    ngx_http_rtauth_group_at_t  *at;

    at = mcf->groups.elts;

    return &at[group->index].scim_group;
}


static ngx_rt_where_t *
ngx_http_rtauth_group_conf_where(ngx_http_rtauth_main_conf_t *mcf,
    rt_policy_bad_t *bad)
{
    ngx_str_t                     name;
    ngx_rt_line_t                *row;
    ngx_rt_where_t               *where;
    ngx_http_rtauth_group_at_t   *at;

    at = mcf->groups.elts;
    at += bad->group->index;

    if (bad->line == NULL) {
        return &at->block;
    }

    name.data = (u_char *) bad->line;
    name.len = ngx_strlen(bad->line);

    row = ngx_rt_conf_row(ngx_http_rtauth_group_conf_rows,
                          sizeof(ngx_rt_line_t), &name, 0);

    where = ngx_rt_line_member(at, row->at - ngx_http_rtauth_group_at(block),
                               ngx_rt_where_t);

    return where->file.len ? where : &at->block;
}


char *
ngx_http_rtauth_public_group(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t                    *value, *name;
    ngx_http_rtauth_main_conf_t  *mcf;

    if (rlcf->public_group != NGX_CONF_UNSET_PTR || rlcf->public_name.len) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (rt_str_lit(ngx_rt_str(&value[1]), "off")) {
        rlcf->public_group = NULL;
        return NGX_CONF_OK;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    name = ngx_array_push(&mcf->publics);
    if (name == NULL) {
        return NGX_CONF_ERROR;
    }

    *name = value[1];
    rlcf->public_name = value[1];
    ngx_rt_conf_here(cf, &rlcf->public_where);

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_public_merge(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *prev,
    ngx_http_rtauth_loc_conf_t *conf)
{
    /* http has no outer level: nothing but its inner ones looks at its lines */

    if (ngx_http_rtauth_group_conf_public(cf, prev) != NGX_CONF_OK
        || ngx_http_rtauth_group_conf_public(cf, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_conf_merge_ptr_value(conf->public_group, prev->public_group, NULL);

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_group_conf_public(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *conf)
{
    rt_group_t                   *group;
    ngx_http_rtauth_main_conf_t  *mcf;

    if (conf->public_name.len == 0
        || conf->public_group != NGX_CONF_UNSET_PTR)
    {
        return NGX_CONF_OK;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    group = (rt_group_t *) rt_policy_find(&mcf->policy,
                                          ngx_rt_str(&conf->public_name));

    if (group == NULL) {
        return ngx_rt_conf_error(cf, &conf->public_where,
                                 "unknown group \"%V\" in "
                                 "\"rtauth_public_group\": write "
                                 "\"rtauth_group %V { ... }\" in http",
                                 &conf->public_name, &conf->public_name);
    }

    if (!rt_groups_meet(&group->joins, &mcf->policy.above[RT_LEVEL_NONE])) {
        return ngx_rt_conf_error(cf, &conf->public_where,
                                 "\"rtauth_public_group %V\" lets nobody in: "
                                 "the group has no \"permission\", write one",
                                 &conf->public_name);
    }

    conf->public_group = group;

    return NGX_CONF_OK;
}

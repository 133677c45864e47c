
#include "conf/ngx_http_rtauth_show.h"
#include "ngx_rt_show.h"
#include "oidc/rt_origin.h"
#include "policy/ngx_http_rtauth_bind.h"
#include "policy/ngx_http_rtauth_require.h"
#include "request/ngx_http_rtauth_token.h"


static void ngx_http_rtauth_show_http(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place);
static void ngx_http_rtauth_show_place(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place);


static const ngx_rt_show_t  ngx_http_rtauth_show_lines = {
    "rtauth", ngx_http_rtauth_show_http, ngx_http_rtauth_show_place
};

/* by the values of the configuration */

static const char  *ngx_http_rtauth_show_raw[] = {
    "refuse", "strict", "allow"
};
static const char  *ngx_http_rtauth_show_phase[] = {
    "access", "preaccess"
};
static const char  *ngx_http_rtauth_show_login[] = {
    "auto", "always", "never"
};
static const char  *ngx_http_rtauth_show_cross[] = {
    "refuse", "allow"
};
static const char  *ngx_http_rtauth_show_status[] = {
    "", "json", "prometheus", "ready"
};


ngx_int_t
ngx_http_rtauth_show(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    return ngx_rt_show(cf, mcf->shown, &ngx_http_rtauth_show_lines);
}


/* -- what belongs to no place */


static void
ngx_http_rtauth_show_targets(rt_jsonw_t *w, const rt_grant_t *grant)
{
    rt_jsonw_open(w, '[');

    for ( /* void */ ; grant; grant = grant->next) {
        rt_jsonw_open(w, '{');

        if (grant->level != RT_LEVEL_NONE) {
            rt_jsonw_lit(w, "permission");
            rt_jsonw_str(w, rt_policy_level_name(grant->level));
        }

        rt_jsonw_lit(w, "methods");
        rt_jsonw_str(w, &grant->target.methods);
        rt_jsonw_lit(w, "path");
        rt_jsonw_str(w, &grant->target.path);
        ngx_rt_show_bool(w, "exact", grant->target.exact);
        rt_jsonw_close(w, '}');
    }

    rt_jsonw_close(w, ']');
}


static void
ngx_http_rtauth_show_group(rt_jsonw_t *w, const rt_group_t *group)
{
    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "name");
    rt_jsonw_str(w, &group->name);
    rt_jsonw_lit(w, "provider");
    rt_jsonw_str(w, &group->provider);
    rt_jsonw_lit(w, "permissions");
    ngx_http_rtauth_show_targets(w, group->grants);
    rt_jsonw_lit(w, "except");
    ngx_http_rtauth_show_targets(w, group->excepts);
    rt_jsonw_lit(w, "deny");
    ngx_http_rtauth_show_targets(w, group->denies);
    ngx_rt_show_bool(w, "matched", group->matches != NULL);
    ngx_rt_show_bool(w, "pushed", group->pushed != NULL);
    ngx_rt_show_bool(w, "timed", group->timed);
    rt_jsonw_lit(w, "reason");
    rt_jsonw_str(w, &group->reason);
    rt_jsonw_close(w, '}');
}


static void
ngx_http_rtauth_show_http(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place)
{
    ngx_uint_t                     i;
    const rt_group_t              *group;
    ngx_http_rtauth_provider_t   **provider;
    ngx_http_rtauth_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    rt_jsonw_lit(w, "providers");
    rt_jsonw_open(w, '[');

    provider = mcf->providers.elts;

    for (i = 0; i < mcf->providers.nelts; i++) {
        rt_jsonw_open(w, '{');
        ngx_rt_show_str(w, "name", &provider[i]->name);
        ngx_rt_show_str(w, "issuer", &provider[i]->issuer);
        ngx_rt_show_bool(w, "signsIn", provider[i]->client != NULL);
        ngx_rt_show_str(w, "userClaim", &provider[i]->user_claim);
        ngx_rt_show_bool(w, "bound", provider[i]->bound != NULL);
        rt_jsonw_close(w, '}');
    }

    rt_jsonw_close(w, ']');

    rt_jsonw_lit(w, "groups");
    rt_jsonw_open(w, '[');

    for (group = mcf->policy.groups; group; group = group->next) {
        ngx_http_rtauth_show_group(w, group);
    }

    rt_jsonw_close(w, ']');

    ngx_rt_show_bool(w, "disabled", mcf->disabled != NULL);
    ngx_rt_show_bool(w, "scim", mcf->scim != NULL);
    ngx_rt_show_str(w, "state", &mcf->state);
}


/* -- a place */


/* a path of the one may be a path of the other; nobody knows of a pattern */

static ngx_uint_t
ngx_http_rtauth_show_meets(const rt_target_t *target,
    ngx_http_core_loc_conf_t *clcf)
{
    size_t      len;
    ngx_str_t  *name;

    name = &clcf->name;

    if (target->path.len == 0 || name->len == 0 || name->data[0] != '/'
        || clcf->noname)
    {
        return 1;
    }

    len = ngx_min(name->len, target->path.len);

    if (ngx_strncmp(name->data, target->path.data, len) != 0) {
        return 0;
    }

    return (name->len >= target->path.len || !clcf->exact_match)
           && (target->path.len >= name->len || !target->exact);
}


/* which groups may do something here, and what */

static void
ngx_http_rtauth_show_permits(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_http_core_loc_conf_t *clcf, ngx_uint_t denies)
{
    const rt_grant_t             *grant;
    const rt_group_t             *group;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    rt_jsonw_open(w, '[');

    for (group = mcf->policy.groups; group; group = group->next) {
        grant = denies ? group->denies : group->grants;

        for ( /* void */ ; grant; grant = grant->next) {

            if (!ngx_http_rtauth_show_meets(&grant->target, clcf)) {
                continue;
            }

            rt_jsonw_open(w, '{');
            rt_jsonw_lit(w, "group");
            rt_jsonw_str(w, &group->name);

            if (!denies) {
                rt_jsonw_lit(w, "permission");
                rt_jsonw_str(w, rt_policy_level_name(grant->level));
            }

            rt_jsonw_lit(w, "methods");
            rt_jsonw_str(w, &grant->target.methods);
            rt_jsonw_lit(w, "path");
            rt_jsonw_str(w, &grant->target.path);
            rt_jsonw_close(w, '}');
        }
    }

    rt_jsonw_close(w, ']');
}


static void
ngx_http_rtauth_show_tokens(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_array_t *sources)
{
    ngx_int_t                  *source;
    ngx_uint_t                  i;
    ngx_http_variable_t        *v;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    v = cmcf->variables.elts;

    rt_jsonw_open(w, '[');

    for (i = 0; sources && i < sources->nelts; i++) {
        source = sources->elts;

        if (source[i] == NGX_HTTP_RTAUTH_BEARER) {
            ngx_rt_show_word(w, "http_authorization");

        } else {
            rt_jsonw_str(w, ngx_rt_str(&v[source[i]].name));
        }
    }

    rt_jsonw_close(w, ']');
}


static void
ngx_http_rtauth_show_lines_of(rt_jsonw_t *w, ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_uint_t                   i;
    rt_origin_t                 *origin;
    ngx_http_rtauth_bind_t     **bind;
    ngx_http_rtauth_require_t  **require;

    rt_jsonw_lit(w, "require");
    rt_jsonw_open(w, '[');

    for (i = 0; conf->require && i < conf->require->nelts; i++) {
        require = conf->require->elts;

        rt_jsonw_open(w, '{');
        ngx_rt_show_str(w, "text", &require[i]->text);
        ngx_rt_show_uint(w, "error", require[i]->status);
        ngx_rt_show_str(w, "file", &require[i]->where.file);
        ngx_rt_show_uint(w, "line", require[i]->where.line);
        rt_jsonw_close(w, '}');
    }

    rt_jsonw_close(w, ']');

    rt_jsonw_lit(w, "bind");
    rt_jsonw_open(w, '[');

    for (i = 0; conf->bind && i < conf->bind->nelts; i++) {
        bind = conf->bind->elts;

        rt_jsonw_open(w, '{');
        ngx_rt_show_str(w, "text", &bind[i]->text);
        ngx_rt_show_bool(w, "required", bind[i]->required);
        rt_jsonw_close(w, '}');
    }

    rt_jsonw_close(w, ']');

    rt_jsonw_lit(w, "origins");
    rt_jsonw_open(w, '[');

    for (i = 0; conf->origins && i < conf->origins->nelts; i++) {
        origin = conf->origins->elts;
        rt_jsonw_str(w, &origin[i].text);
    }

    rt_jsonw_close(w, ']');
}


static void
ngx_http_rtauth_show_place(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place)
{
    ngx_uint_t                     i;
    ngx_http_rtauth_loc_conf_t    *conf;
    ngx_http_rtauth_srv_conf_t    *scf;
    ngx_http_rtauth_provider_t   **provider;

    conf = place->conf;
    scf = place->server->ctx->srv_conf[ngx_http_rtauth_module.ctx_index];

    rt_jsonw_lit(w, "providers");
    rt_jsonw_open(w, '[');

    for (i = 0; conf->providers && i < conf->providers->nelts; i++) {
        provider = conf->providers->elts;
        rt_jsonw_str(w, ngx_rt_str(&provider[i]->name));
    }

    rt_jsonw_close(w, ']');

    ngx_rt_show_bool(w, "on", conf->providers != NULL);
    ngx_rt_show_bool(w, "dryRun", conf->dry_run);
    ngx_rt_show_bool(w, "authorize", conf->authorize);

    if (conf->providers && conf->authorize) {
        rt_jsonw_lit(w, "permits");
        ngx_http_rtauth_show_permits(w, cf, place->location, 0);
        rt_jsonw_lit(w, "denies");
        ngx_http_rtauth_show_permits(w, cf, place->location, 1);
    }

    if (conf->public_group) {
        rt_jsonw_lit(w, "public");
        rt_jsonw_str(w, &conf->public_group->name);
    }

    ngx_http_rtauth_show_lines_of(w, conf);

    rt_jsonw_lit(w, "tokens");
    ngx_http_rtauth_show_tokens(w, cf, conf->sources);
    rt_jsonw_lit(w, "strip");
    ngx_rt_show_strs(w, scf->strip);
    rt_jsonw_lit(w, "upgrade");
    ngx_rt_show_strs(w, conf->upgrade);

    rt_jsonw_lit(w, "phase");
    ngx_rt_show_word(w, ngx_http_rtauth_show_phase[conf->phase]);
    rt_jsonw_lit(w, "login");
    ngx_rt_show_word(w, ngx_http_rtauth_show_login[conf->login]);
    rt_jsonw_lit(w, "rawPath");
    ngx_rt_show_word(w, ngx_http_rtauth_show_raw[conf->raw_path]);
    rt_jsonw_lit(w, "crossOrigin");
    ngx_rt_show_word(w, ngx_http_rtauth_show_cross[conf->cross_origin]);

    ngx_rt_show_bool(w, "cache", conf->cache);
    ngx_rt_show_bool(w, "workspace", conf->workspace);
    ngx_rt_show_bool(w, "identity", conf->issue != NULL);
    ngx_rt_show_uint(w, "reauthorizeMs", conf->reauthorize);

    rt_jsonw_lit(w, "status");
    ngx_rt_show_word(w, ngx_http_rtauth_show_status[conf->status]);
    ngx_rt_show_bool(w, "revoke", conf->revoke != NULL);
    ngx_rt_show_bool(w, "scim", conf->scim != NULL);
}


/*
 * The path of a client's request, as it wrote it.
 */


#include "request/ngx_http_rtauth_path.h"
#include "ngx_rt_log.h"
#include "text/rt_uri.h"


static char *ngx_http_rtauth_path_name(ngx_http_rtauth_main_conf_t *mcf,
    rt_grant_t *grant, ngx_uint_t exact);
static char *ngx_http_rtauth_path_add(ngx_conf_t *cf, ngx_array_t *names,
    ngx_str_t *name);
static rt_status_e ngx_http_rtauth_path_look(ngx_http_request_t *r,
    ngx_http_rtauth_kept_t *kept);
static ngx_str_t *ngx_http_rtauth_path_named(ngx_http_request_t *r,
    ngx_http_rtauth_kept_t *kept, ngx_str_t *uri);


char *
ngx_http_rtauth_path_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    rt_group_t  *group;

    if (ngx_array_init(&mcf->named, cf->pool, 4, sizeof(rt_target_t *))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (group = mcf->policy.groups; group; group = group->next) {

        if (ngx_http_rtauth_path_name(mcf, group->grants, 1) != NGX_CONF_OK
            || ngx_http_rtauth_path_name(mcf, group->excepts, 0) != NGX_CONF_OK
            || ngx_http_rtauth_path_name(mcf, group->denies, 0) != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_path_name(ngx_http_rtauth_main_conf_t *mcf, rt_grant_t *grant,
    ngx_uint_t exact)
{
    rt_target_t  **named;

    for ( /* void */ ; grant; grant = grant->next) {

        if (exact && !grant->target.exact) {
            continue;
        }

        named = ngx_array_push(&mcf->named);
        if (named == NULL) {
            return NGX_CONF_ERROR;
        }

        *named = &grant->target;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_path_merge(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t    *clcf;
    ngx_http_rtauth_srv_conf_t  *rscf;

    rscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_rtauth_module);
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->providers) {
        rscf->guarded = 1;
    }

    return clcf->exact_match
           ? ngx_http_rtauth_path_add(cf, &rscf->exact, &clcf->name)
           : NGX_CONF_OK;
}


static char *
ngx_http_rtauth_path_add(ngx_conf_t *cf, ngx_array_t *names, ngx_str_t *name)
{
    ngx_str_t  *added;

    if (names->elts == NULL
        && ngx_array_init(names, cf->pool, 4, sizeof(ngx_str_t)) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    added = ngx_array_push(names);
    if (added == NULL) {
        return NGX_CONF_ERROR;
    }

    *added = *name;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_rtauth_path_note_handler(ngx_http_request_t *r)
{
    ngx_http_rtauth_kept_t      *kept;
    ngx_http_core_loc_conf_t    *clcf;
    ngx_http_rtauth_loc_conf_t  *rlcf;
    ngx_http_rtauth_srv_conf_t  *rscf;

    rscf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    if (!rscf->guarded || r != r->main) {
        return NGX_DECLINED;
    }

    kept = ngx_http_rtauth_keep(r);
    if (kept == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (kept->placed) {
        return NGX_DECLINED;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    kept->placed = 1;
    kept->place = clcf->name;
    kept->place_uri = r->uri;
    kept->raw_path = rlcf->raw_path;
    kept->path_dry = rlcf->dry_run;

    return NGX_DECLINED;
}


rt_reason_e
ngx_http_rtauth_path_check(ngx_http_request_t *r)
{
    rt_status_e                  rc;
    ngx_http_rtauth_kept_t      *kept;
    ngx_http_rtauth_srv_conf_t  *rscf;

    rscf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    if (!rscf->guarded) {
        return RT_REASON_OK;
    }

    kept = ngx_http_rtauth_keep(r);
    if (kept == NULL) {
        return RT_REASON_INTERNAL;
    }

    if (!kept->path_seen) {
        rc = ngx_http_rtauth_path_look(r, kept);

        if (rc == RT_ERROR) {
            return RT_REASON_INTERNAL;
        }

        kept->path_seen = 1;
        kept->bad_path = (rc != RT_OK && !kept->path_dry);

        if (rc != RT_OK && kept->path_dry) {
            ngx_rt_log_error(NGX_LOG_NOTICE, r,
                             "rtauth: dry run, would be refused with 403: "
                             "bad_path");
        }

    } else if (r->content_handler == NULL) {
        return RT_REASON_OK;
    }

    return kept->bad_path ? RT_REASON_BAD_PATH : RT_REASON_OK;
}


static rt_status_e
ngx_http_rtauth_path_look(ngx_http_request_t *r, ngx_http_rtauth_kept_t *kept)
{
    rt_mem_t      mem;
    rt_str_t      path, query;
    ngx_str_t    *name;
    const char   *why;
    rt_status_e   rc;

    if (kept->raw_path == NGX_HTTP_RTAUTH_RAW_ALLOW) {
        return RT_OK;
    }

    mem = ngx_rt_str_mem(r->pool);

    (void) rt_str_cut(ngx_rt_str(&r->main->unparsed_uri), '?', &path, &query);

    rc = rt_uri_raw_check(&mem, &path, &why);

    if (rc == RT_DECLINED) {
        ngx_rt_log_error(NGX_LOG_NOTICE, r,
                         "rtauth: the raw path %s; if the application behind "
                         "location \"%V\" needs such paths, write "
                         "\"rtauth_raw_path allow\" there",
                         why, &kept->place);
    }

    if (rc != RT_OK || kept->raw_path != NGX_HTTP_RTAUTH_RAW_STRICT) {
        return rc;
    }

    name = ngx_http_rtauth_path_named(r, kept, &kept->uri);

    if (name == NULL) {
        name = ngx_http_rtauth_path_named(r, kept, &kept->place_uri);
    }

    if (name == NULL) {
        return RT_OK;
    }

    ngx_rt_log_error(NGX_LOG_NOTICE, r,
                     "rtauth: the path is another spelling of \"%V\"; if the "
                     "application behind location \"%V\" tells them apart, "
                     "write \"rtauth_raw_path refuse\" there",
                     name, &kept->place);

    return RT_DECLINED;
}


/*
 * The name that a path spells in another way.  A path that is one of the names,
 * letter by letter, may pass.
 */

static ngx_str_t *
ngx_http_rtauth_path_named(ngx_http_request_t *r, ngx_http_rtauth_kept_t *kept,
    ngx_str_t *uri)
{
    ngx_str_t                    *name, *alike;
    ngx_uint_t                    i;
    rt_target_t                 **named;
    ngx_http_rtauth_srv_conf_t   *rscf;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    rscf = ngx_http_get_module_srv_conf(r, ngx_http_rtauth_module);

    if (rt_str_eq(ngx_rt_str(uri), ngx_rt_str(&kept->place))) {
        return NULL;
    }

    alike = NULL;
    named = mcf->named.elts;

    for (i = 0; i < mcf->named.nelts; i++) {

        if (rt_str_eq(ngx_rt_str(uri), &named[i]->path)) {
            return NULL;
        }

        if (rt_target_alike(named[i], ngx_rt_str(uri))) {
            alike = ngx_rt_ngx(&named[i]->path);
        }
    }

    name = rscf->exact.elts;

    for (i = 0; i < rscf->exact.nelts; i++) {

        if (rt_str_eq(ngx_rt_str(uri), ngx_rt_str(&name[i]))) {
            return NULL;
        }

        if (rt_uri_alike(ngx_rt_str(uri), ngx_rt_str(&name[i]))) {
            alike = &name[i];
        }
    }

    return alike;
}

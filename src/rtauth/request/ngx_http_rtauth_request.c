
/*
 * What rtauth remembers of a request, and for how long.
 */


#include "request/ngx_http_rtauth_request.h"
#include "request/ngx_http_rtauth_token.h"
#include "ngx_rt_kept.h"
#include "policy/rt_policy_member.h"


static void ngx_http_rtauth_request_keep_cleanup(void *data);
static ngx_uint_t ngx_http_rtauth_request_withheld(ngx_http_request_t *r,
    ngx_http_rtauth_kept_t *kept);
static ngx_uint_t ngx_http_rtauth_request_refused(ngx_http_rtauth_pass_t *pass);


ngx_http_rtauth_kept_t *
ngx_http_rtauth_kept(ngx_http_request_t *r)
{
    return ngx_rt_kept(r->main->pool, ngx_http_rtauth_request_keep_cleanup);
}


ngx_http_rtauth_kept_t *
ngx_http_rtauth_keep(ngx_http_request_t *r)
{
    ngx_http_rtauth_kept_t  *kept;

    kept = ngx_http_rtauth_kept(r);
    if (kept) {
        return kept;
    }

    return ngx_rt_kept_add(r->main->pool, sizeof(ngx_http_rtauth_kept_t),
                           ngx_http_rtauth_request_keep_cleanup);
}


static void
ngx_http_rtauth_request_keep_cleanup(void *data)
{
    ngx_http_rtauth_kept_t *kept = data;

    if (kept->live.queue.next) {
        ngx_queue_remove(&kept->live.queue);
    }
}


ngx_int_t
ngx_http_rtauth_note_handler(ngx_http_request_t *r)
{
    ngx_http_rtauth_kept_t       *kept;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);

    if (mcf->providers.nelts == 0) {
        return NGX_DECLINED;
    }

    kept = ngx_http_rtauth_keep(r);
    if (kept == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    kept->uri = r->uri;
    kept->method = r->method_name;

    return NGX_DECLINED;
}


ngx_http_rtauth_pass_t *
ngx_http_rtauth_pass(ngx_http_request_t *r)
{
    ngx_http_rtauth_pass_t      *pass;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    pass = ngx_http_get_module_ctx(r, ngx_http_rtauth_module);
    if (pass) {
        return (pass->decided && pass->conf == rlcf) ? pass : NULL;
    }

    /*
     * slices and background updates of a cache are clones of their parent:
     * they start at its phase, behind the one that decides subrequests
     */

    if (r != r->main && r->parent && r->uri.data == r->parent->uri.data
        && r->uri.len == r->parent->uri.len)
    {
        pass = ngx_http_get_module_ctx(r->parent, ngx_http_rtauth_module);
        if (pass && pass->decided && pass->conf == rlcf) {
            return pass;
        }
    }

    return NULL;
}


ngx_http_rtauth_pass_t *
ngx_http_rtauth_begin(ngx_http_request_t *r)
{
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_pcalloc(r->pool, sizeof(ngx_http_rtauth_pass_t));
    if (pass == NULL) {
        return NULL;
    }

    pass->conf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    ngx_http_set_ctx(r, pass, ngx_http_rtauth_module);

    return pass;
}


ngx_http_rtauth_pass_t *
ngx_http_rtauth_pass_own(ngx_http_request_t *r)
{
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_rtauth_pass(r);

    if (pass == NULL) {
        pass = ngx_http_rtauth_begin(r);
    }

    if (pass) {
        pass->decided = 1;
    }

    return pass;
}


ngx_int_t
ngx_http_rtauth_deed(ngx_http_request_t *r, char *action,
    ngx_http_rtauth_provider_t *provider, rt_reason_e reason,
    ngx_http_rtauth_identity_t *identity)
{
    ngx_http_rtauth_deed_t  *deed;

    deed = ngx_http_rtauth_deed_room(r);

    return deed ? ngx_http_rtauth_deed_done(r, deed, action, provider, reason,
                                            identity)
                : NGX_ERROR;
}


ngx_http_rtauth_deed_t *
ngx_http_rtauth_deed_room(ngx_http_request_t *r)
{
    return ngx_http_rtauth_keep(r) && ngx_http_rtauth_pass_own(r)
           ? ngx_pcalloc(r->main->pool, sizeof(ngx_http_rtauth_deed_t))
           : NULL;
}


ngx_int_t
ngx_http_rtauth_deed_done(ngx_http_request_t *r, ngx_http_rtauth_deed_t *deed,
    char *action, ngx_http_rtauth_provider_t *provider, rt_reason_e reason,
    ngx_http_rtauth_identity_t *identity)
{
    ngx_http_rtauth_kept_t  *kept;
    ngx_http_rtauth_pass_t  *pass;

    kept = ngx_http_rtauth_keep(r);
    pass = ngx_http_rtauth_pass_own(r);

    if (kept == NULL || pass == NULL) {
        return NGX_ERROR;
    }

    deed->action.len = ngx_strlen(action);
    deed->action.data = (u_char *) action;
    deed->provider = provider;
    deed->reason = reason;
    deed->identity = identity;

    pass->reason = reason;
    pass->status = (reason == RT_REASON_OK) ? 0 : rt_reason(reason)->status;

    kept->deed = deed;
    kept->last = pass;

    return NGX_OK;
}


ngx_http_rtauth_identity_t *
ngx_http_rtauth_identity(ngx_http_request_t *r)
{
    ngx_http_rtauth_kept_t      *kept;
    ngx_http_rtauth_identity_t  *identity;

    identity = ngx_http_rtauth_noted(r);

    if (identity == NULL || ngx_http_rtauth_pass(r)) {
        return identity;
    }

    kept = ngx_http_rtauth_kept(r);

    return identity == kept->identity
           && ngx_http_rtauth_request_withheld(r, kept) ? NULL : identity;
}


ngx_http_rtauth_identity_t *
ngx_http_rtauth_noted(ngx_http_request_t *r)
{
    ngx_http_rtauth_kept_t      *kept;
    ngx_http_rtauth_pass_t      *pass;
    ngx_http_rtauth_loc_conf_t  *rlcf;

    kept = ngx_http_rtauth_kept(r);
    if (kept && kept->deed && kept->deed->identity) {
        return kept->deed->identity;
    }

    pass = ngx_http_rtauth_pass(r);

    if (pass) {

        /* "auth_request_set" reads a subrequest that was refused, too */

        return pass->overruled || (pass->status && r != r->main)
               ? NULL : pass->identity;
    }

    if (kept == NULL || kept->identity == NULL) {
        return NULL;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_rtauth_module);

    if (rlcf->providers
        && (!ngx_http_rtauth_trusts(rlcf, kept->identity->provider)
            || !ngx_http_rtauth_reads(rlcf, kept->source)))
    {
        return NULL;
    }

    return kept->identity;
}


/*
 * He was refused, here or by a subrequest (auth_request), and an application
 * answers all the same: for an error_page, or for "satisfy any".  It would take
 * whom it is told of for a user that was let in.  What is written when the
 * answer was sent tells of him.
 */

static ngx_uint_t
ngx_http_rtauth_request_withheld(ngx_http_request_t *r,
    ngx_http_rtauth_kept_t *kept)
{
    ngx_uint_t                  asked;
    ngx_http_core_main_conf_t  *cmcf;

    asked = ngx_http_rtauth_request_refused(kept->asked)
            && (kept->last == NULL || r->main->error_page);

    if (!asked && !ngx_http_rtauth_request_refused(kept->last)) {
        return 0;
    }

    /* "auth_request_set" reads one whose own error page was sent already */

    if (asked && r != r->main) {
        return 1;
    }

    /* a server's "set" is run before there is a location that answers */

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    return !r->header_sent && r->main->count
           && (r->content_handler
               || r->phase_handler
                  < (ngx_int_t) cmcf->phase_engine.location_rewrite_index);
}


static ngx_uint_t
ngx_http_rtauth_request_refused(ngx_http_rtauth_pass_t *pass)
{
    return pass && pass->status && !pass->overruled;
}


void
ngx_http_rtauth_asked(ngx_http_request_t *r, ngx_http_rtauth_kept_t *kept,
    ngx_http_rtauth_pass_t *pass, rt_asked_t *asked)
{
    asked->uri = ngx_rt_str(&pass->uri);

    if (r == r->main) {
        asked->path = ngx_rt_str(&kept->uri);
        asked->method = ngx_rt_str(&kept->method);

    } else {
        asked->path = asked->uri;
        asked->method = ngx_rt_str(&r->method_name);
    }
}


ngx_uint_t
ngx_http_rtauth_dry(ngx_http_rtauth_pass_t *pass)
{
    return pass->overruled && pass->conf->dry_run;
}


rt_groups_t
ngx_http_rtauth_groups(ngx_http_request_t *r,
    ngx_http_rtauth_identity_t *identity)
{
    rt_groups_t                   set;
    ngx_http_rtauth_pass_t       *pass;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_rtauth_module);
    pass = ngx_http_rtauth_decision(r);

    if (identity == NULL) {
        ngx_memzero(&set, sizeof(rt_groups_t));
        return pass && pass->open ? pass->groups : set;
    }

    set = identity->groups;
    rt_policy_now(&mcf->policy, &set,
                  pass && pass->now ? pass->now : ngx_time());

    return set;
}


ngx_http_rtauth_pass_t *
ngx_http_rtauth_decision(ngx_http_request_t *r)
{
    ngx_http_rtauth_kept_t  *kept;
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_rtauth_pass(r);
    if (pass) {
        return pass;
    }

    kept = ngx_http_rtauth_kept(r);

    return kept ? kept->last : NULL;
}


ngx_http_rtauth_pass_t *
ngx_http_rtauth_verdict(ngx_http_request_t *r)
{
    ngx_uint_t               status;
    ngx_http_rtauth_kept_t  *kept;
    ngx_http_rtauth_pass_t  *pass;

    pass = ngx_http_rtauth_decision(r);
    kept = ngx_http_rtauth_kept(r);

    if (r != r->main || kept == NULL || kept->refused == NULL) {
        return pass;
    }

    status = r->err_status ? r->err_status : r->headers_out.status;

    return (kept->refused->status == NGX_HTTP_FORBIDDEN
            || kept->refused->status == status)
           ? kept->refused : pass;
}


ngx_http_rtauth_pass_t *
ngx_http_rtauth_asked_refused(ngx_http_request_t *r)
{
    ngx_uint_t               status;
    ngx_http_rtauth_kept_t  *kept;

    kept = ngx_http_rtauth_kept(r);

    if (r != r->main || kept == NULL || kept->asked == NULL) {
        return NULL;
    }

    status = r->err_status ? r->err_status : r->headers_out.status;

    return kept->asked_first && ngx_http_rtauth_request_refused(kept->asked)
           && (kept->asked->status == status
               || (kept->asked->status == NGX_HTTP_FORBIDDEN && r->error_page))
           ? kept->asked : NULL;
}


ngx_uint_t
ngx_http_rtauth_trusts(ngx_http_rtauth_loc_conf_t *rlcf,
    ngx_http_rtauth_provider_t *provider)
{
    ngx_uint_t                    i;
    ngx_http_rtauth_provider_t  **listed;

    if (rlcf->providers == NULL) {
        return 0;
    }

    listed = rlcf->providers->elts;

    for (i = 0; i < rlcf->providers->nelts; i++) {
        if (listed[i] == provider) {
            return 1;
        }
    }

    return 0;
}

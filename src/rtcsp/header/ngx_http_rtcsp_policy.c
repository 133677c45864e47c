#include "header/ngx_http_rtcsp_policy.h"
#include "header/ngx_http_rtcsp_value.h"
#include "csp/rt_csp_source.h"
#include "ngx_rt_server.h"


/* the directives to put nonces in, as src/lib takes them */

typedef struct {
    const rt_str_t   *names;
    unsigned          n;
    unsigned          strict:1;     /* each must have an effect */
} ngx_http_rtcsp_in_t;


static ngx_rt_where_t *ngx_http_rtcsp_policy_finding_where(
    ngx_http_rtcsp_base_t *base, ngx_array_t *edits, rt_str_t *name);
static void ngx_http_rtcsp_policy_location(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_uint_t inherits);
static ngx_uint_t ngx_http_rtcsp_policy_outer(ngx_conf_t *cf);
static ngx_uint_t ngx_http_rtcsp_policy_inherit(ngx_http_rtcsp_loc_conf_t *prev,
    ngx_http_rtcsp_loc_conf_t *conf);
static char *ngx_http_rtcsp_policy_needs_policy(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_uint_t nonce_in_here,
    ngx_uint_t report_here);
static rt_csp_template_t *ngx_http_rtcsp_policy_compile(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_base_t *base,
    ngx_array_t *edits, ngx_uint_t report_only, ngx_uint_t nonce_in_here);
static char *ngx_http_rtcsp_policy_base_uri(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_base_t *base,
    rt_csp_t *csp);
static char *ngx_http_rtcsp_policy_every(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, rt_csp_t *csp);
static void ngx_http_rtcsp_policy_meta(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, rt_csp_t *csp, ngx_http_rtcsp_in_t *in);
static char *ngx_http_rtcsp_policy_gated(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_base_t *base,
    ngx_array_t *edits, rt_csp_t *csp, ngx_uint_t nonces);
static char *ngx_http_rtcsp_policy_apply(ngx_conf_t *cf,
    ngx_http_rtcsp_base_t *base, rt_csp_t *csp, ngx_array_t *edits);
static ngx_uint_t ngx_http_rtcsp_policy_taken(ngx_http_rtcsp_base_t *base,
    rt_str_t *name);
static char *ngx_http_rtcsp_policy_reports(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_base_t *base,
    rt_csp_t *csp, ngx_uint_t report_only);
static char *ngx_http_rtcsp_policy_report(rt_csp_t *csp, const rt_str_t *name,
    ngx_str_t *value);
static char *ngx_http_rtcsp_policy_nonces(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_http_rtcsp_base_t *base,
    rt_csp_t *csp, ngx_http_rtcsp_in_t *in);
static char *ngx_http_rtcsp_policy_nonces_open(ngx_conf_t *cf, rt_csp_t *csp,
    ngx_http_rtcsp_in_t *in);


/*
 * Errors end the start, warnings go to the log.  A directive that browsers
 * do not know is an error here: what was mistyped is not restricted at all.
 */

char *
ngx_http_rtcsp_policy_findings(ngx_conf_t *cf, ngx_http_rtcsp_base_t *base,
    ngx_array_t *edits, rt_csp_findings_t *findings)
{
    ngx_str_t                   at;
    ngx_uint_t                  fatal, errors;
    ngx_rt_where_t             *where;
    rt_csp_finding_t           *f;
    ngx_http_rtcsp_srv_conf_t  *scf;

    static const char  text[] = "\"%V\" in the policy of \"%s\": %s (%s)";

    errors = findings->errors + findings->failed;
    scf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_rtcsp_module);

    for (f = findings->first; f; f = f->next) {

        if (f->severity == RT_CSP_NOTE) {
            continue;
        }

        fatal = (f->severity == RT_CSP_ERROR
                 || ngx_strcmp(f->code, "unknown-directive") == 0);
        errors += fatal;

        at.len = f->directive.len + f->value.len + (f->value.len ? 1 : 0);
        at.data = ngx_pnalloc(cf->temp_pool, at.len);
        if (at.data == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_snprintf(at.data, at.len, f->value.len ? "%*s %*s" : "%*s",
                     f->directive.len, f->directive.data,
                     f->value.len, f->value.data);

        where = ngx_http_rtcsp_policy_finding_where(base, edits, &f->directive);

        if (ngx_strcmp(f->code, "strict-dynamic-alone") == 0
            && ngx_http_rtcsp_policy_outer(cf))
        {
            /*
             * Kept for later, for all locations of the server may have a nonce.
             * What is found first is about the enforced policy.
             */

            if (scf->finding.len) {
                continue;
            }

            scf->finding_where = where;
            scf->finding.data = ngx_pnalloc(cf->temp_pool, NGX_MAX_CONF_ERRSTR);
            if (scf->finding.data == NULL) {
                return NGX_CONF_ERROR;
            }

            scf->finding.len = ngx_snprintf(scf->finding.data,
                                            NGX_MAX_CONF_ERRSTR, text, &at,
                                            base->directive, f->text, f->code)
                               - scf->finding.data;

        } else if (fatal) {
            (void) ngx_rt_conf_error(cf, where, text, &at, base->directive,
                                     f->text, f->code);
        } else {
            ngx_rt_conf_warn(cf, where, text, &at, base->directive, f->text,
                             f->code);
        }
    }

    return errors ? NGX_CONF_ERROR : NGX_CONF_OK;
}


/* the last rtcsp_directive line of that name, or the policy's own */

static ngx_rt_where_t *
ngx_http_rtcsp_policy_finding_where(ngx_http_rtcsp_base_t *base,
    ngx_array_t *edits, rt_str_t *name)
{
    ngx_uint_t              i;
    ngx_http_rtcsp_edit_t  *edit;

    edit = edits ? edits->elts : NULL;

    for (i = edits ? edits->nelts : 0; i > 0; i--) {
        if (rt_str_ieq(ngx_rt_str(&edit[i - 1].name), name)) {
            return &edit[i - 1].where;
        }
    }

    return &base->where;
}


/* the level around the locations of a server */

static ngx_uint_t
ngx_http_rtcsp_policy_outer(ngx_conf_t *cf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    return clcf->name.len == 0;
}


/* what becomes of the policy of that level: see ngx_http_rtcsp_policy_warn() */

static void
ngx_http_rtcsp_policy_location(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_uint_t inherits)
{
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_core_srv_conf_t   *cscf;
    ngx_http_rtcsp_srv_conf_t  *scf;
    ngx_http_rtcsp_loc_conf_t  *outer;

    if (ngx_http_rtcsp_policy_outer(cf)) {
        return;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);
    scf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_rtcsp_module);
    outer = cscf->ctx->loc_conf[ngx_http_rtcsp_module.ctx_index];

    scf->root |= (clcf->name.len == 1 && clcf->name.data[0] == '/'
                  && !clcf->exact_match && !clcf->noname);

    scf->served |= (inherits && !conf->collector
                    && conf->enforced == outer->enforced
                    && conf->reported == outer->reported);
}


char *
ngx_http_rtcsp_policy_merge(ngx_conf_t *cf, ngx_http_rtcsp_loc_conf_t *prev,
    ngx_http_rtcsp_loc_conf_t *conf)
{
    ngx_uint_t               inherits, nonce_in_here, report_here;
    ngx_http_rtcsp_base_t   *main;

    nonce_in_here = (conf->nonce_in != NULL && conf->nonce_in->nelts);
    report_here = (conf->report_only == 1);

    inherits = ngx_http_rtcsp_policy_inherit(prev, conf);

    if (inherits) {
        conf->enforced = prev->enforced;
        conf->reported = prev->reported;
    }

    ngx_http_rtcsp_policy_location(cf, conf, inherits);

    if (inherits) {
        return NGX_CONF_OK;
    }

    if (conf->preset == NGX_HTTP_RTCSP_OFF) {
        return NGX_CONF_OK;
    }

    if (ngx_http_rtcsp_policy_needs_policy(cf, conf, nonce_in_here, report_here)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    main = conf->policy;

    if (main != NULL && !main->off) {

        if (conf->report_only) {
            conf->reported = ngx_http_rtcsp_policy_compile(cf, conf, main,
                                                           conf->edits, 1,
                                                           nonce_in_here);
            if (conf->reported == NULL) {
                return NGX_CONF_ERROR;
            }

        } else {
            conf->enforced = ngx_http_rtcsp_policy_compile(cf, conf, main,
                                                           conf->edits, 0,
                                                           nonce_in_here);
            if (conf->enforced == NULL) {
                return NGX_CONF_ERROR;
            }
        }
    }

    if (conf->report_policy != NULL && !conf->report_policy->off) {

        /*
         * Where both are there, what this one closes may be open in the other.
         */

        nonce_in_here = (nonce_in_here && main == NULL);

        conf->reported = ngx_http_rtcsp_policy_compile(cf, conf,
                                                       conf->report_policy,
                                                       NULL, 1, nonce_in_here);
        if (conf->reported == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/*
 * Lines of rtcsp_directive change the policy they stand beside: a level that
 * has a policy of its own, or such lines, does not take the outer lines.
 *
 * ret: 1 if the outer level's templates will do
 */

static ngx_uint_t
ngx_http_rtcsp_policy_inherit(ngx_http_rtcsp_loc_conf_t *prev,
    ngx_http_rtcsp_loc_conf_t *conf)
{
    if (conf->policy == NULL) {
        conf->policy = conf->preset_policy;
    }

    if (conf->policy == NULL) {
        conf->policy = prev->policy ? prev->policy : prev->preset_policy;

        if (conf->edits == NULL) {
            conf->edits = prev->edits;
        }
    }

    if (conf->report_policy == NULL) {
        conf->report_policy = prev->report_policy;
    }

    if (conf->nonce_in == NULL) {
        conf->nonce_in = prev->nonce_in;
        conf->nonce_in_where = prev->nonce_in_where;
    }

    if (conf->report_only == NGX_CONF_UNSET) {
        conf->report_only_where = prev->report_only_where;
    }

    if (conf->report_uri.data == NULL) {
        conf->report_uri = prev->report_uri;
    }

    if (conf->report_to.data == NULL) {
        conf->report_to = prev->report_to;
    }

    ngx_conf_merge_value(conf->report_only, prev->report_only, 0);

    return prev->merged
           && (prev->preset == NGX_HTTP_RTCSP_OFF)
              == (conf->preset == NGX_HTTP_RTCSP_OFF)
           && prev->policy == conf->policy
           && prev->edits == conf->edits
           && prev->report_policy == conf->report_policy
           && prev->nonce_in == conf->nonce_in
           && prev->report_uri.data == conf->report_uri.data
           && prev->report_to.data == conf->report_to.data
           && prev->report_only == conf->report_only
           && (prev->mode == NGX_HTTP_RTCSP_NONCE_OFF)
              == (conf->mode == NGX_HTTP_RTCSP_NONCE_OFF)
           && (prev->mode == NGX_HTTP_RTCSP_NONCE_EVERY)
              == (conf->mode == NGX_HTTP_RTCSP_NONCE_EVERY)
           && prev->allow == conf->allow
           && prev->meta == conf->meta;
}


static char *
ngx_http_rtcsp_policy_needs_policy(ngx_conf_t *cf,
    ngx_http_rtcsp_loc_conf_t *conf, ngx_uint_t nonce_in_here,
    ngx_uint_t report_here)
{
    ngx_uint_t              enforced, reported;
    ngx_http_rtcsp_edit_t  *edit;

    enforced = (conf->policy != NULL && !conf->policy->off);
    reported = (conf->report_policy != NULL && !conf->report_policy->off);

    if (nonce_in_here && !enforced && !reported) {
        return ngx_rt_conf_error(cf, &conf->nonce_in_where,
                                 "no policy for \"rtcsp_nonce_in\" to put a "
                                 "nonce in: write \"rtcsp PRESET\" or "
                                 "\"rtcsp_policy\"");
    }

    if (conf->edits != NULL && !enforced) {
        edit = conf->edits->elts;

        return ngx_rt_conf_error(cf, &edit->where,
                                 "no policy for \"rtcsp_directive %V\" to "
                                 "change: write \"rtcsp PRESET\" or "
                                 "\"rtcsp_policy\"", &edit->name);
    }

    if (report_here && !enforced) {
        return ngx_rt_conf_error(cf, &conf->report_only_where,
                                 "no policy for \"rtcsp_report_only on\": "
                                 "write \"rtcsp PRESET\" or "
                                 "\"rtcsp_policy\"");
    }

    if (conf->report_only && enforced && reported) {
        return ngx_rt_conf_error(cf, report_here
                                     ? &conf->report_only_where
                                     : &conf->report_policy->where,
                                 "\"rtcsp_report_only on\" and "
                                 "\"rtcsp_report_only_policy\" would both "
                                 "send Content-Security-Policy-Report-Only: "
                                 "remove one of them");
    }

    return NGX_CONF_OK;
}


static rt_csp_template_t *
ngx_http_rtcsp_policy_compile(ngx_conf_t *cf, ngx_http_rtcsp_loc_conf_t *conf,
    ngx_http_rtcsp_base_t *base, ngx_array_t *edits, ngx_uint_t report_only,
    ngx_uint_t nonce_in_here)
{
    rt_mem_t             *mem;
    rt_csp_t              csp;
    rt_csp_lint_t         opts;
    rt_csp_findings_t     findings;
    rt_csp_template_t    *template;
    ngx_http_rtcsp_in_t   in;

    mem = ngx_http_rtcsp_policy_mem(cf);
    template = ngx_pcalloc(cf->pool, sizeof(rt_csp_template_t));

    if (mem == NULL || template == NULL
        || rt_csp_copy(&csp, mem, &base->csp) != RT_OK)
    {
        return NULL;
    }

    in.strict = nonce_in_here;

    if (ngx_http_rtcsp_policy_base_uri(cf, conf, base, &csp) != NGX_CONF_OK
        || ngx_http_rtcsp_policy_apply(cf, base, &csp, edits) != NGX_CONF_OK
        || ngx_http_rtcsp_policy_nonces(cf, conf, base, &csp, &in)
           != NGX_CONF_OK
        || ngx_http_rtcsp_policy_gated(cf, conf, base, edits, &csp, in.n)
           != NGX_CONF_OK
        || ngx_http_rtcsp_policy_reports(cf, conf, base, &csp, report_only)
           != NGX_CONF_OK)
    {
        return NULL;
    }

    if (conf->mode == NGX_HTTP_RTCSP_NONCE_EVERY
        && ngx_http_rtcsp_policy_every(cf, conf, &csp) != NGX_CONF_OK)
    {
        return NULL;
    }

    if (conf->meta && conf->mode == NGX_HTTP_RTCSP_NONCE_PLACEHOLDER) {
        ngx_http_rtcsp_policy_meta(cf, conf, &csp, &in);
    }

    ngx_memzero(&opts, sizeof(rt_csp_lint_t));

    opts.report_only = report_only;
    opts.preset = (base->nonce_in != NULL);
    opts.nonce_way = (conf->mode != NGX_HTTP_RTCSP_NONCE_OFF);
    opts.nonce = (in.n != 0);
    opts.nonce_in = in.names;
    opts.n = in.n;

    rt_csp_findings_init(&findings, mem);

    if (rt_csp_lint(&csp, &opts, &findings) != RT_OK
        || ngx_http_rtcsp_policy_findings(cf, base, edits, &findings)
           != NGX_CONF_OK
        || rt_csp_compile(&csp, mem, in.names, in.n, template) != RT_OK
        || ngx_http_rtcsp_value_compile(cf, base, template) != NGX_CONF_OK)
    {
        return NULL;
    }

    return template;
}


/*
 * A script that has the nonce runs wherever it comes from, so that a <base>
 * that somebody injected would choose where.  A preset with a nonce forbids
 * that, and pages keep a <base> of their own origin; in a policy of one's own
 * rt_csp_lint() warns of it.
 */

static const rt_str_t  ngx_http_rtcsp_policy_base_name = rt_string("base-uri");


static char *
ngx_http_rtcsp_policy_base_uri(ngx_conf_t *cf, ngx_http_rtcsp_loc_conf_t *conf,
    ngx_http_rtcsp_base_t *base, rt_csp_t *csp)
{
    ngx_uint_t  n;

    static const rt_str_t  self = rt_string("'self'");

    n = (conf->nonce_in != NULL) ? conf->nonce_in->nelts : base->nnonce_in;

    if (base->nonce_in == NULL || conf->mode == NGX_HTTP_RTCSP_NONCE_OFF
        || n == 0 || rt_csp_get(csp, &ngx_http_rtcsp_policy_base_name) != NULL)
    {
        return NGX_CONF_OK;
    }

    return rt_csp_set(csp, &ngx_http_rtcsp_policy_base_name, &self, 1) == RT_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/*
 * Behind a <base> of another origin, "src=/static/app.js" is not what
 * rtcsp_nonce gated takes it for.
 */

static char *
ngx_http_rtcsp_policy_gated(ngx_conf_t *cf, ngx_http_rtcsp_loc_conf_t *conf,
    ngx_http_rtcsp_base_t *base, ngx_array_t *edits, rt_csp_t *csp,
    ngx_uint_t nonces)
{
    unsigned             i;
    ngx_rt_where_t      *where;
    rt_csp_directive_t  *directive;

    static const rt_str_t  self = rt_string("'self'");
    static const rt_str_t  none = rt_string("'none'");

    if (conf->allow == NULL || nonces == 0) {
        return NGX_CONF_OK;
    }

    directive = rt_csp_get(csp, &ngx_http_rtcsp_policy_base_name);

    if (directive == NULL) {
        return rt_csp_set(csp, &ngx_http_rtcsp_policy_base_name, &self, 1)
               == RT_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    for (i = 0; i < directive->n; i++) {
        if (!rt_str_ieq(&directive->values[i], &self)
            && !rt_str_ieq(&directive->values[i], &none))
        {
            where = ngx_http_rtcsp_policy_finding_where(base, edits,
                                                        &directive->name);

            return ngx_rt_conf_error(cf, where,
                                     "base-uri of the policy of \"%s\" lets a "
                                     "<base> lead scripts that \"rtcsp_nonce "
                                     "gated\" allows to \"%V\": make it "
                                     "'self' or 'none'", base->directive,
                                     ngx_rt_ngx(&directive->values[i]));
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtcsp_policy_every(ngx_conf_t *cf, ngx_http_rtcsp_loc_conf_t *conf,
    rt_csp_t *csp)
{
    unsigned             i;
    rt_csp_directive_t  *d;

    static const rt_str_t  dynamic = rt_string("'strict-dynamic'");

    for (d = csp->first; d != NULL; d = d->next) {
        for (i = 0; i < d->n; i++) {

            if (rt_str_ieq(&d->values[i], &dynamic)) {
                return ngx_rt_conf_error(cf, &conf->mode_where,
                                         "\"rtcsp_nonce unsafe-auto\" beside "
                                         "'strict-dynamic' would let an "
                                         "injected script load any other: "
                                         "write the hosts that scripts come "
                                         "from");
            }
        }
    }

    return NGX_CONF_OK;
}


/*
 * Browsers hide the attribute "nonce" from style sheets, but not "content": a
 * style that somebody injected, as <style> or as a <link> to a host of his,
 * could send it away letter by letter.
 */

static void
ngx_http_rtcsp_policy_meta(ngx_conf_t *cf, ngx_http_rtcsp_loc_conf_t *conf,
    rt_csp_t *csp, ngx_http_rtcsp_in_t *in)
{
    unsigned             i, k, nonce, open;
    rt_csp_source_t      source;
    rt_csp_directive_t  *d;

    static const rt_str_t  anything = rt_string("'unsafe-inline'");
    static const rt_str_t  names[] = {
        rt_string("style-src-elem"),
        rt_string("style-src"),
        rt_string("default-src")
    };

    for (d = NULL, i = 0; i < 3 && d == NULL; i++) {
        d = rt_csp_get(csp, &names[i]);
    }

    for (nonce = 0, k = 0; d != NULL && k < in->n; k++) {
        nonce |= rt_str_ieq(&in->names[k], &d->name);
    }

    open = (d == NULL);

    for (k = 0; d != NULL && k < d->n; k++) {

        if (rt_str_ieq(&d->values[k], &anything)) {
            open |= !nonce;         /* it is without effect beside a nonce */

        } else if (rt_csp_source(&source, &d->values[k]) == NULL) {
            open |= rt_csp_source_anywhere(&source);
        }
    }

    if (open) {
        ngx_rt_conf_warn(cf, &conf->mode_where,
                         "\"meta\" of \"rtcsp_nonce\" shows the nonce to "
                         "injected styles, which the policy allows: let the "
                         "page print nonce= instead of content=, or name "
                         "hosts in style-src, and write \"rtcsp_nonce_in "
                         "style-src\"");
    }
}


static char *
ngx_http_rtcsp_policy_apply(ngx_conf_t *cf, ngx_http_rtcsp_base_t *base,
    rt_csp_t *csp, ngx_array_t *edits)
{
    rt_str_t               *name;
    ngx_uint_t              i;
    rt_status_e             rc;
    ngx_http_rtcsp_edit_t  *edit;

    if (edits == NULL) {
        return NGX_CONF_OK;
    }

    edit = edits->elts;

    for (i = 0; i < edits->nelts; i++) {

        name = ngx_rt_str(&edit[i].name);

        switch (edit[i].op) {

        case '+':
            rc = rt_csp_add(csp, name, ngx_rt_str(edit[i].values->elts),
                            edit[i].values->nelts);
            break;

        case '-':
            rc = rt_csp_off(csp, name);
            break;

        default: /* '=' */
            rc = rt_csp_set(csp, name, ngx_rt_str(edit[i].values->elts),
                            edit[i].values->nelts);
            break;
        }

        if (rc == RT_OK
            || (rc == RT_DECLINED && ngx_http_rtcsp_policy_taken(base, name)))
        {
            continue;
        }

        return ngx_rt_conf_error(cf, &edit[i].where,
                                 "\"rtcsp_directive %V ...\" cannot be "
                                 "applied: %s", &edit[i].name,
                                 (rc == RT_DECLINED)
                                 ? "the policy has no such directive to take "
                                   "away: remove the line"
                                 : "the policy grows too big: write fewer "
                                   "values");
    }

    if (csp->n == 0) {
        return ngx_rt_conf_error(cf, &edit[i - 1].where,
                                 "\"rtcsp_directive\" took all directives "
                                 "from the policy: write \"rtcsp_policy off\" "
                                 "instead");
    }

    return NGX_CONF_OK;
}


/* a preset has a base-uri where there is a nonce: "off" may stand outside */

static ngx_uint_t
ngx_http_rtcsp_policy_taken(ngx_http_rtcsp_base_t *base, rt_str_t *name)
{
    return base->nonce_in != NULL
           && rt_str_ieq(name, &ngx_http_rtcsp_policy_base_name);
}


/* Talisman's rule: each is added unless the policy has its own */

static char *
ngx_http_rtcsp_policy_reports(ngx_conf_t *cf, ngx_http_rtcsp_loc_conf_t *conf,
    ngx_http_rtcsp_base_t *base, rt_csp_t *csp, ngx_uint_t report_only)
{
    static const rt_str_t  report_uri = rt_string("report-uri");
    static const rt_str_t  report_to = rt_string("report-to");

    if (ngx_http_rtcsp_policy_report(csp, &report_uri, &conf->report_uri)
        != NGX_CONF_OK
        || ngx_http_rtcsp_policy_report(csp, &report_to, &conf->report_to)
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (report_only && rt_csp_get(csp, &report_uri) == NULL
        && rt_csp_get(csp, &report_to) == NULL)
    {
        return ngx_rt_conf_error(cf, base == conf->report_policy
                                     ? &base->where
                                     : &conf->report_only_where,
                                 "the policy of \"%s\" is only reported on, "
                                 "but says nowhere to: write "
                                 "\"rtcsp_report_uri URI\"",
                                 base->directive);
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtcsp_policy_report(rt_csp_t *csp, const rt_str_t *name,
    ngx_str_t *value)
{
    if (value->len == 0 || rt_csp_get(csp, name) != NULL) {
        return NGX_CONF_OK;
    }

    return (rt_csp_set(csp, name, ngx_rt_str(value), 1) == RT_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/*
 * A policy may stand further inside than rtcsp_nonce_in, and restrict no
 * scripts, or allow none: then there is nothing for a nonce to do in it.
 */

static char *
ngx_http_rtcsp_policy_nonces(ngx_conf_t *cf, ngx_http_rtcsp_loc_conf_t *conf,
    ngx_http_rtcsp_base_t *base, rt_csp_t *csp, ngx_http_rtcsp_in_t *in)
{
    const rt_str_t  *bad;

    if (conf->mode == NGX_HTTP_RTCSP_NONCE_OFF) {
        in->names = NULL;
        in->n = 0;

        return NGX_CONF_OK;
    }

    if (conf->nonce_in == NULL) {
        in->names = base->nonce_in;
        in->n = base->nnonce_in;

    } else {
        in->names = ngx_rt_str(conf->nonce_in->elts);
        in->n = conf->nonce_in->nelts;

        if (!in->strict
            && ngx_http_rtcsp_policy_nonces_open(cf, csp, in) != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    bad = NULL;

    if (in->n == 0 || rt_csp_nonce_in(csp, in->names, in->n, &bad) == RT_OK) {
        return NGX_CONF_OK;
    }

    if (bad == NULL) {
        return NGX_CONF_ERROR;
    }

    return ngx_rt_conf_invalid_late(cf, conf->nonce_in ? &conf->nonce_in_where
                                                       : &base->where,
                                    "rtcsp_nonce_in", "directive",
                                    ngx_rt_ngx(bad),
                                    "write it or default-src in the policy, "
                                    "which has neither");
}


static char *
ngx_http_rtcsp_policy_nonces_open(ngx_conf_t *cf, rt_csp_t *csp,
    ngx_http_rtcsp_in_t *in)
{
    unsigned   i, n;
    rt_str_t  *names;

    names = ngx_palloc(cf->pool, in->n * sizeof(rt_str_t) + 1);
    if (names == NULL) {
        return NGX_CONF_ERROR;
    }

    n = 0;

    for (i = 0; i < in->n; i++) {
        if (rt_csp_nonce_open(csp, &in->names[i])) {
            names[n++] = in->names[i];
        }
    }

    in->names = names;
    in->n = n;

    return NGX_CONF_OK;
}


void
ngx_http_rtcsp_nonce_unused(ngx_conf_t *cf, ngx_http_rtcsp_loc_conf_t *conf)
{
    if (!ngx_http_rtcsp_lists(conf)
        || (conf->enforced == NULL && conf->reported == NULL)
        || (conf->enforced != NULL && conf->enforced->n)
        || (conf->reported != NULL && conf->reported->n))
    {
        return;
    }

    ngx_rt_conf_warn(cf, &conf->mode_where,
                     "\"rtcsp_nonce\" gives no page a nonce, because no "
                     "policy lists it: write \"rtcsp_nonce_in script-src\"");
}


/* Superset's CONTENT_SECURITY_POLICY_WARNING */

void
ngx_http_rtcsp_policy_warn(ngx_conf_t *cf)
{
    ngx_uint_t                   i;
    ngx_rt_where_t               where;
    ngx_http_core_srv_conf_t   **cscf;
    ngx_http_rtcsp_srv_conf_t   *scf;
    ngx_http_core_main_conf_t   *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    cscf = cmcf->servers.elts;

    for (i = 0; i < cmcf->servers.nelts; i++) {
        scf = cscf[i]->ctx->srv_conf[ngx_http_rtcsp_module.ctx_index];

        if (scf->finding.len && (scf->served || !scf->root)) {
            ngx_rt_conf_warn(cf, scf->finding_where, "%V", &scf->finding);
        }

        if (scf->policy || !scf->warning) {
            continue;
        }

        where = ngx_rt_server_where(cscf[i]);

        ngx_rt_conf_warn(cf, &where,
                         "no location of this server has a "
                         "Content-Security-Policy: write \"rtcsp PRESET\" or "
                         "\"rtcsp_policy\", or \"rtcsp_warning off\"");
    }
}


rt_mem_t *
ngx_http_rtcsp_policy_mem(ngx_conf_t *cf)
{
    rt_mem_t  *mem;

    mem = ngx_palloc(cf->pool, sizeof(rt_mem_t));

    if (mem != NULL) {
        *mem = ngx_rt_str_mem(cf->pool);
    }

    return mem;
}

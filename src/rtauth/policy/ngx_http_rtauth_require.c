
/*
 * Conditions that must all hold; the logic of claims and groups is in
 * src/lib/policy/rt_cond.h and rt_policy.h.
 */


#include "policy/ngx_http_rtauth_require.h"
#include "policy/ngx_http_rtauth_regex.h"
#include "policy/ngx_http_rtauth_value.h"
#include "ngx_rt_log.h"


typedef struct ngx_http_rtauth_require_s  ngx_http_rtauth_require_t;

typedef ngx_int_t (*ngx_http_rtauth_require_pt)(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);

struct ngx_http_rtauth_require_s {
    ngx_http_rtauth_require_pt   eval;      /* 1, 0, NGX_ERROR */
    ngx_uint_t                   status;    /* when it does not hold */

    rt_cond_t                    cond;      /* claim */
    ngx_http_rtauth_value_t     *values;    /* of it, if any varies */

    ngx_str_t                   *names;     /* group */
    ngx_uint_t                   nnames;
    rt_groups_t                  groups;

    rt_level_e                   level;     /* permission */

    ngx_str_t                    text;      /* as written, for messages */
    ngx_rt_where_t               where;
};


typedef struct {
    ngx_str_t                    name;
    ngx_http_rtauth_require_pt   eval;
    char                      *(*parse)(ngx_conf_t *cf,
                                        ngx_http_rtauth_require_t *require,
                                        ngx_str_t *args, ngx_uint_t nargs);
} ngx_http_rtauth_require_kind_t;


static ngx_int_t ngx_http_rtauth_require_claim(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
static ngx_int_t ngx_http_rtauth_require_group(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
static ngx_int_t ngx_http_rtauth_require_permission(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who);
static char *ngx_http_rtauth_require_parse(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_parse_claim(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_values(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_parse_group(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_parse_permission(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static ngx_int_t ngx_http_rtauth_require_error(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *arg);
static char *ngx_http_rtauth_require_resolve(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_require_t *require);
static ngx_http_rtauth_require_t *ngx_http_rtauth_require_add(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *rlcf);


static ngx_http_rtauth_require_kind_t  ngx_http_rtauth_require_kinds[] = {

    { ngx_string("claim"), ngx_http_rtauth_require_claim,
      ngx_http_rtauth_require_parse_claim },

    { ngx_string("group"), ngx_http_rtauth_require_group,
      ngx_http_rtauth_require_parse_group },

    { ngx_string("permission"), ngx_http_rtauth_require_permission,
      ngx_http_rtauth_require_parse_permission },

    { ngx_null_string, NULL, NULL }
};


ngx_int_t
ngx_http_rtauth_require_eval(ngx_http_request_t *r, ngx_array_t *require,
    ngx_http_rtauth_subject_t *who)
{
    ngx_int_t                    rc;
    ngx_uint_t                   i;
    ngx_http_rtauth_require_t  **line;

    if (require == NULL) {
        return NGX_OK;
    }

    line = require->elts;

    for (i = 0; i < require->nelts; i++) {
        rc = line[i]->eval(r, line[i], who);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc != 1) {
            ngx_rt_log_error(NGX_LOG_INFO, r,
                             "rtauth: \"rtauth_require %V\" in %V:%ui does "
                             "not hold", &line[i]->text,
                             &line[i]->where.file, line[i]->where.line);

            return line[i]->status;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtauth_require_claim(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    int        rc;
    unsigned   i;
    rt_str_t  *values;

    values = NULL;

    if (require->values) {
        values = ngx_palloc(r->pool, require->cond.nvalues * sizeof(rt_str_t));
        if (values == NULL) {
            return NGX_ERROR;
        }

        for (i = 0; i < require->cond.nvalues; i++) {
            if (ngx_http_rtauth_value_get(r, &require->values[i],
                                          ngx_rt_ngx(&values[i]))
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    rc = rt_cond_eval(&require->cond, values, who->identity->claims);

    if (rc == RT_COND_GAVE_UP) {
        ngx_http_rtauth_regex_given_up(r, &require->cond);
    }

    return rc == 1;
}


static ngx_int_t
ngx_http_rtauth_require_group(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    ngx_uint_t  i;

    for (i = 0; i < RT_POLICY_MAX_GROUPS / 64; i++) {
        if (require->groups.bits[i] & who->groups.bits[i]) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_rtauth_require_permission(ngx_http_request_t *r,
    ngx_http_rtauth_require_t *require, ngx_http_rtauth_subject_t *who)
{
    return who->level >= require->level;
}


char *
ngx_http_rtauth_require(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_int_t                   n;
    ngx_str_t                  *value, *args;
    ngx_http_rtauth_require_t  *require;

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {

        if (rlcf->require) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"rtauth_require off\" drops the conditions "
                               "of outer levels: remove it, or the "
                               "conditions beside it");
            return NGX_CONF_ERROR;
        }

        rlcf->require_off = 1;

        return NGX_CONF_OK;
    }

    require = ngx_http_rtauth_require_add(cf, rlcf);
    if (require == NULL) {
        return NGX_CONF_ERROR;
    }

    n = cf->args->nelts - 1;

    switch (ngx_http_rtauth_require_error(cf, require, &value[n])) {

    case NGX_OK:
        n--;
        break;

    case NGX_DECLINED:
        break;

    default:
        return NGX_CONF_ERROR;
    }

    /* the next line is read into the same array */

    args = ngx_palloc(cf->pool, n * sizeof(ngx_str_t));
    if (args == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(args, &value[1], n * sizeof(ngx_str_t));

    return ngx_http_rtauth_require_parse(cf, require, args, n);
}


static ngx_http_rtauth_require_t *
ngx_http_rtauth_require_add(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *rlcf)
{
    size_t                         len;
    u_char                        *p;
    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_http_rtauth_require_t     *require, **line, **all;
    ngx_http_rtauth_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    if (rlcf->require == NULL) {
        rlcf->require = ngx_array_create(cf->pool, 2,
                                         sizeof(ngx_http_rtauth_require_t *));
        if (rlcf->require == NULL) {
            return NULL;
        }
    }

    require = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_require_t));
    line = ngx_array_push(rlcf->require);
    all = ngx_array_push(&mcf->requires);

    if (require == NULL || line == NULL || all == NULL) {
        return NULL;
    }

    *line = require;
    *all = require;

    value = cf->args->elts;
    len = 0;

    for (i = 1; i < cf->args->nelts; i++) {
        len += value[i].len + 1;
    }

    require->text.data = ngx_pnalloc(cf->pool, len);
    if (require->text.data == NULL) {
        return NULL;
    }

    p = require->text.data;

    for (i = 1; i < cf->args->nelts; i++) {
        p = ngx_cpymem(p, value[i].data, value[i].len);
        *p++ = ' ';
    }

    require->text.len = len - 1;
    ngx_rt_conf_here(cf, &require->where);

    return require;
}


/* the last argument may be error=401 or error=403 */

static ngx_int_t
ngx_http_rtauth_require_error(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *arg)
{
    require->status = NGX_HTTP_FORBIDDEN;

    if (ngx_strncmp(arg->data, "error=", sizeof("error=") - 1) != 0) {
        return NGX_DECLINED;
    }

    if (ngx_strcmp(arg->data, "error=401") == 0) {
        require->status = NGX_HTTP_UNAUTHORIZED;
        return NGX_OK;
    }

    if (ngx_strcmp(arg->data, "error=403") == 0) {
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid \"%V\" in \"rtauth_require\": write "
                       "\"error=401\" or \"error=403\"", arg);

    return NGX_ERROR;
}


static char *
ngx_http_rtauth_require_parse(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    ngx_http_rtauth_require_kind_t  *kind;

    if (nargs >= 1) {
        for (kind = ngx_http_rtauth_require_kinds; kind->name.len; kind++) {
            if (ngx_strcmp(args[0].data, kind->name.data) != 0) {
                continue;
            }

            if (nargs < 2) {
                break;
            }

            require->eval = kind->eval;

            return kind->parse(cf, require, &args[1], nargs - 1);
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid condition \"%V\" in \"rtauth_require\": write "
                       "\"claim PATH OP VALUE\", \"group NAME ...\", "
                       "\"permission use|edit|own\" or \"off\"",
                       &require->text);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_rtauth_require_parse_claim(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    rt_str_t                      err;
    ngx_uint_t                    i, dynamic;
    rt_status_e                   rc;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    dynamic = 0;

    /* a regular expression is literal, and may end with "$" */

    if (nargs > 2 && args[1].data[0] != '~') {
        for (i = 2; i < nargs; i++) {
            dynamic |= ngx_http_rtauth_value_varies(&args[i]);
        }
    }

    mcf->regex.ctx = cf;

    rc = rt_cond_compile(&mcf->mem, ngx_rt_str(args), nargs, dynamic,
                         &mcf->regex, &require->cond, &err);

    mcf->regex.ctx = NULL;

    if (rc == RT_INVALID) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"rtauth_require %V\": %V",
                           &require->text, ngx_rt_ngx(&err));
    }

    if (rc != RT_OK) {
        return NGX_CONF_ERROR;
    }

    if (!dynamic) {
        return NGX_CONF_OK;
    }

    return ngx_http_rtauth_require_values(cf, require, &args[2], nargs - 2);
}


static char *
ngx_http_rtauth_require_values(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    ngx_str_t   line;
    ngx_uint_t  i;

    require->values = ngx_pcalloc(cf->pool,
                                  nargs * sizeof(ngx_http_rtauth_value_t));
    line.data = ngx_pnalloc(cf->pool, sizeof("rtauth_require ") - 1
                                      + require->text.len);

    if (require->values == NULL || line.data == NULL) {
        return NGX_CONF_ERROR;
    }

    line.len = ngx_sprintf(line.data, "rtauth_require %V", &require->text)
               - line.data;

    for (i = 0; i < nargs; i++) {
        if (ngx_http_rtauth_value_compile(cf, &line, &args[i],
                                          &require->values[i])
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_require_parse_group(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    /* groups may be declared further down: looked up in _init() */

    require->names = args;
    require->nnames = nargs;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_require_parse_permission(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    if (nargs != 1
        || rt_policy_level_parse(ngx_rt_str(args), &require->level) != RT_OK
        || require->level == RT_LEVEL_NONE)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"rtauth_require %V\": the permission is "
                           "one of \"use\", \"edit\", \"own\"",
                           &require->text);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_require_init(ngx_conf_t *cf, ngx_http_rtauth_main_conf_t *mcf)
{
    char                        *rv;
    ngx_uint_t                   i;
    ngx_http_rtauth_require_t  **line;

    line = mcf->requires.elts;

    for (i = 0; i < mcf->requires.nelts; i++) {

        if (line[i]->level && !mcf->policy.grants) {
            return ngx_rt_conf_error(cf, &line[i]->where,
                                     "\"rtauth_require %V\" can never hold: "
                                     "no \"rtauth_group\" has a "
                                     "\"permission\", write one",
                                     &line[i]->text);
        }

        rv = ngx_http_rtauth_require_resolve(cf, mcf, line[i]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_require_resolve(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf, ngx_http_rtauth_require_t *require)
{
    ngx_uint_t         i;
    const rt_group_t  *group;

    for (i = 0; i < require->nnames; i++) {

        group = rt_policy_find(&mcf->policy, ngx_rt_str(&require->names[i]));

        if (group == NULL) {
            return ngx_rt_conf_error(cf, &require->where,
                                     "unknown group \"%V\" in "
                                     "\"rtauth_require %V\": write "
                                     "\"rtauth_group %V { ... }\" in http",
                                     &require->names[i], &require->text,
                                     &require->names[i]);
        }

        require->groups.bits[group->index / 64] |=
            (uint64_t) 1 << (group->index % 64);
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_require_merge(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *prev,
    ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_array_t                 *own;
    ngx_http_rtauth_require_t  **line;

    if (ngx_http_rtauth_require_check(cf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (conf->require_off == 1 || prev->require == NULL) {
        return NGX_CONF_OK;
    }

    own = conf->require;

    if (own == NULL) {
        conf->require = prev->require;
        return NGX_CONF_OK;
    }

    /* outer conditions are looked at first */

    conf->require = ngx_array_create(cf->pool,
                                     prev->require->nelts + own->nelts,
                                     sizeof(ngx_http_rtauth_require_t *));
    if (conf->require == NULL) {
        return NGX_CONF_ERROR;
    }

    line = ngx_array_push_n(conf->require, prev->require->nelts);
    ngx_memcpy(line, prev->require->elts,
               prev->require->nelts * sizeof(ngx_http_rtauth_require_t *));

    line = ngx_array_push_n(conf->require, own->nelts);
    ngx_memcpy(line, own->elts,
               own->nelts * sizeof(ngx_http_rtauth_require_t *));

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_require_check(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_http_rtauth_require_t  **line;

    if (conf->require == NULL
        || (conf->providers && conf->providers != NGX_CONF_UNSET_PTR))
    {
        return NGX_CONF_OK;
    }

    line = conf->require->elts;

    return ngx_rt_conf_error(cf, &line[0]->where,
                             "\"rtauth_require %V\" asks nobody: write "
                             "\"rtauth NAME\" at the same level or outside of "
                             "it", &line[0]->text);
}

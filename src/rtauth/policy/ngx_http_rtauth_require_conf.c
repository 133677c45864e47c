
#include "policy/ngx_http_rtauth_require_conf.h"
#include "policy/ngx_http_rtauth_require.h"
#include "policy/ngx_http_rtauth_stepup.h"
#include "policy/ngx_http_rtauth_value.h"


typedef struct {
    ngx_str_t                    name;
    ngx_http_rtauth_require_pt   eval;
    ngx_http_rtauth_came_pt      came;
    char                      *(*parse)(ngx_conf_t *cf,
                                        ngx_http_rtauth_require_t *require,
                                        ngx_str_t *args, ngx_uint_t nargs);
    ngx_http_rtauth_stepup_e     stepup;
} ngx_http_rtauth_require_kind_t;


static char *ngx_http_rtauth_require_conf_parse(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_conf_parse_claim(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_conf_values(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_conf_parse_group(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_conf_parse_permission(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_conf_parse_variables(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_conf_parse_ways(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static char *ngx_http_rtauth_require_conf_parse_age(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs);
static ngx_int_t ngx_http_rtauth_require_conf_error(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *arg);
static ngx_http_rtauth_require_t *ngx_http_rtauth_require_conf_add(
    ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *rlcf);


static ngx_http_rtauth_require_kind_t  ngx_http_rtauth_require_conf_kinds[] = {

    { ngx_string("claim"), ngx_http_rtauth_require_claim,
      ngx_http_rtauth_require_came_claim,
      ngx_http_rtauth_require_conf_parse_claim, 0 },

    { ngx_string("jose"), ngx_http_rtauth_require_jose,
      ngx_http_rtauth_require_came_jose,
      ngx_http_rtauth_require_conf_parse_claim, 0 },

    { ngx_string("scope"), ngx_http_rtauth_require_scope,
      ngx_http_rtauth_require_came_scope,
      ngx_http_rtauth_require_conf_parse_ways, 0 },

    { ngx_string("group"), ngx_http_rtauth_require_group,
      ngx_http_rtauth_require_came_group,
      ngx_http_rtauth_require_conf_parse_group, 0 },

    { ngx_string("permission"), ngx_http_rtauth_require_permission,
      ngx_http_rtauth_require_came_level,
      ngx_http_rtauth_require_conf_parse_permission, 0 },

    { ngx_string("acr"), ngx_http_rtauth_stepup_acr,
      ngx_http_rtauth_stepup_came,
      ngx_http_rtauth_require_conf_parse_ways, NGX_HTTP_RTAUTH_STEPUP_ACR },

    { ngx_string("amr"), ngx_http_rtauth_stepup_amr,
      ngx_http_rtauth_stepup_came,
      ngx_http_rtauth_require_conf_parse_ways, NGX_HTTP_RTAUTH_STEPUP_AMR },

    { ngx_string("auth_age"), ngx_http_rtauth_stepup_age,
      ngx_http_rtauth_stepup_came,
      ngx_http_rtauth_require_conf_parse_age, NGX_HTTP_RTAUTH_STEPUP_AGE },

    { ngx_null_string, NULL, NULL, NULL, 0 }
};


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

    require = ngx_http_rtauth_require_conf_add(cf, rlcf);
    if (require == NULL) {
        return NGX_CONF_ERROR;
    }

    n = cf->args->nelts - 1;

    switch (ngx_http_rtauth_require_conf_error(cf, require, &value[n])) {

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

    return ngx_http_rtauth_require_conf_parse(cf, require, args, n);
}


static ngx_http_rtauth_require_t *
ngx_http_rtauth_require_conf_add(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *rlcf)
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
ngx_http_rtauth_require_conf_error(ngx_conf_t *cf,
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

    (void) ngx_rt_conf_invalid(cf, "parameter", arg,
                               "write \"error=401\" or \"error=403\"");

    return NGX_ERROR;
}


static char *
ngx_http_rtauth_require_conf_parse(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    ngx_http_rtauth_require_kind_t  *kind;

    if (nargs && args[0].data[0] == '$') {
        return ngx_http_rtauth_require_conf_parse_variables(cf, require, args,
                                                            nargs);
    }

    kind = (nargs < 2) ? NULL
           : ngx_rt_conf_row(ngx_http_rtauth_require_conf_kinds,
                             sizeof(ngx_http_rtauth_require_kind_t),
                             &args[0], 0);

    if (kind) {
        require->eval = kind->eval;
        require->came = kind->came;
        require->stepup = kind->stepup;

        return kind->parse(cf, require, &args[1], nargs - 1);
    }

    return ngx_rt_conf_invalid(cf, "condition", &require->text,
                               "write \"claim PATH OP VALUE\", \"jose PATH OP "
                               "VALUE\", \"scope VALUE ...\", \"group NAME "
                               "...\", \"permission use|edit|own\", \"acr "
                               "VALUE ...\", \"amr VALUE ...\", \"auth_age "
                               "TIME\", \"$VARIABLE ...\" or \"off\"");
}


static char *
ngx_http_rtauth_require_conf_parse_claim(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    rt_str_t                      err;
    ngx_uint_t                    i, dynamic;
    rt_status_e                   rc;
    ngx_http_rtauth_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtauth_module);

    dynamic = 0;

    /* a regular expression is literal, and may end with "$" */

    if (nargs > 2 && ngx_strchr(args[1].data, '~') == NULL) {
        for (i = 2; i < nargs; i++) {
            dynamic |= ngx_http_rtauth_value_varies(&args[i]);
        }
    }

    mcf->regex.ctx = cf;

    rc = rt_cond_compile(&mcf->mem, ngx_rt_str(args), nargs, dynamic,
                         &mcf->regex, &require->cond, &err);

    mcf->regex.ctx = NULL;

    if (rc == RT_INVALID) {
        return ngx_rt_conf_invalid(cf, "condition", &require->text, "%V",
                                   ngx_rt_ngx(&err));
    }

    if (rc != RT_OK) {
        return NGX_CONF_ERROR;
    }

    if (!dynamic) {
        return NGX_CONF_OK;
    }

    return ngx_http_rtauth_require_conf_values(cf, require, &args[2],
                                               require->cond.nvalues);
}


static char *
ngx_http_rtauth_require_conf_values(ngx_conf_t *cf,
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

        require->reads_body |=
            ngx_http_rtauth_value_in_body(&require->values[i]);
    }

    return NGX_CONF_OK;
}


/* all of them, as other directives of nginx's take their "if=" */

static char *
ngx_http_rtauth_require_conf_parse_variables(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    ngx_uint_t  i;

    for (i = 0; i < nargs; i++) {
        if (args[i].data[0] != '$') {
            return ngx_rt_conf_invalid(cf, "condition", &require->text,
                                       "write variables alone, such as "
                                       "\"$allowed\"");
        }
    }

    require->eval = ngx_http_rtauth_require_variables;
    require->came = ngx_http_rtauth_require_came_variables;
    require->nways = nargs;

    return ngx_http_rtauth_require_conf_values(cf, require, args, nargs);
}


static char *
ngx_http_rtauth_require_conf_parse_group(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    /* groups may be declared further down: looked up in _init() */

    require->names = args;
    require->nnames = nargs;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_require_conf_parse_permission(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    if (nargs != 1
        || rt_policy_level_parse(ngx_rt_str(args), &require->level) != RT_OK
        || require->level == RT_LEVEL_NONE)
    {
        return ngx_rt_conf_invalid(cf, "condition", &require->text,
                                   "write \"permission use\", \"permission "
                                   "edit\" or \"permission own\"");
    }

    return NGX_CONF_OK;
}


/* they go into a header and to a provider, with blanks between them */

static char *
ngx_http_rtauth_require_conf_parse_ways(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    size_t      n;
    ngx_uint_t  i;

    for (i = 0; i < nargs; i++) {

        for (n = 0; n < args[i].len; n++) {
            if (args[i].data[n] <= ' ' || args[i].data[n] > '~'
                || ngx_strlchr((u_char *) "\"\\$", (u_char *) "\"\\$" + 3,
                               args[i].data[n]))
            {
                break;
            }
        }

        if (n == 0 || n < args[i].len) {
            return ngx_rt_conf_invalid(cf, "value", &args[i],
                                       "write a word of ASCII, without "
                                       "quotes, blanks and variables");
        }
    }

    require->ways = args;
    require->nways = nargs;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_require_conf_parse_age(ngx_conf_t *cf,
    ngx_http_rtauth_require_t *require, ngx_str_t *args, ngx_uint_t nargs)
{
    require->age = ngx_parse_time(&args[0], 1);

    if (nargs == 1 && require->age != (time_t) NGX_ERROR
        && require->age >= NGX_HTTP_RTAUTH_STEPUP_WAIT
        && require->age <= NGX_HTTP_RTAUTH_STEPUP_MAX_AGE)
    {
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_invalid(cf, "condition", &require->text,
                               "write one time from 1m to 365d, such as "
                               "\"auth_age 15m\"");
}

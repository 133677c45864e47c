#include "header/ngx_http_rtcsp_policy_conf.h"
#include "header/ngx_http_rtcsp_policy.h"


static ngx_http_rtcsp_base_t *ngx_http_rtcsp_policy_conf_preset(ngx_conf_t *cf,
    ngx_str_t *name);
static ngx_http_rtcsp_base_t *ngx_http_rtcsp_policy_conf_text(ngx_conf_t *cf,
    ngx_str_t *text);
static char *ngx_http_rtcsp_policy_conf_check(ngx_conf_t *cf,
    ngx_http_rtcsp_edit_t *edit);
static ngx_uint_t ngx_http_rtcsp_policy_conf_address(ngx_str_t *arg,
    const char *scheme);
static ngx_uint_t ngx_http_rtcsp_policy_conf_endpoint(ngx_str_t *name);


static ngx_conf_enum_t  ngx_http_rtcsp_policy_conf_presets[] = {
    { ngx_string("off"), NGX_HTTP_RTCSP_OFF },
    { ngx_string("on"), NGX_HTTP_RTCSP_TALISMAN },
    { ngx_string("talisman"), NGX_HTTP_RTCSP_TALISMAN },
    { ngx_string("google"), NGX_HTTP_RTCSP_GOOGLE },
    { ngx_string("superset"), NGX_HTTP_RTCSP_SUPERSET },
    { ngx_string("superset-dev"), NGX_HTTP_RTCSP_SUPERSET_DEV },
    { ngx_string("strict"), NGX_HTTP_RTCSP_STRICT },
    { ngx_string("api"), NGX_HTTP_RTCSP_API },
    { ngx_null_string, 0 }
};


ngx_str_t *
ngx_http_rtcsp_preset_name(ngx_uint_t preset)
{
    ngx_conf_enum_t  *row, *named;

    named = ngx_http_rtcsp_policy_conf_presets;

    /* of two names of a preset, the last is shown, and not "on" */

    for (row = named; row->name.len; row++) {
        named = row->value == preset ? row : named;
    }

    return &named->name;
}


char *
ngx_http_rtcsp_preset(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_str_t         *args, name;
    ngx_conf_enum_t   *e;

    if (lcf->preset != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    args = cf->args->elts;

    e = ngx_rt_conf_row(ngx_http_rtcsp_policy_conf_presets,
                        sizeof(ngx_conf_enum_t), &args[1], 0);

    if (e == NULL) {
        return ngx_rt_conf_invalid(cf, "preset", &args[1],
                                   "write talisman, google, superset, "
                                   "superset-dev, strict, api, on or off");
    }

    lcf->preset = e->value;

    if (e->value == NGX_HTTP_RTCSP_OFF) {
        return NGX_CONF_OK;
    }

    name = args[1];

    if (e->value == NGX_HTTP_RTCSP_TALISMAN) {
        ngx_str_set(&name, "talisman");
    }

    lcf->preset_policy = ngx_http_rtcsp_policy_conf_preset(cf, &name);

    return lcf->preset_policy ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* ret: NULL without a message: not a preset, or no memory */

static ngx_http_rtcsp_base_t *
ngx_http_rtcsp_policy_conf_preset(ngx_conf_t *cf, ngx_str_t *name)
{
    rt_mem_t               *mem;
    ngx_http_rtcsp_base_t  *base;

    mem = ngx_http_rtcsp_policy_mem(cf);
    base = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtcsp_base_t));

    if (mem == NULL || base == NULL) {
        return NULL;
    }

    base->directive = "rtcsp";
    ngx_rt_conf_here(cf, &base->where);

    rt_csp_init(&base->csp, mem);

    if (rt_csp_preset(&base->csp, ngx_rt_str(name), &base->nonce_in,
                      &base->nnonce_in)
        != RT_OK)
    {
        return NULL;
    }

    return base;
}


char *
ngx_http_rtcsp_policy(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_str_t  *args;

    if (lcf->policy != NULL) {
        return "is duplicate";
    }

    args = cf->args->elts;

    if (ngx_strcmp(args[1].data, "off") != 0) {
        lcf->policy = ngx_http_rtcsp_policy_conf_text(cf, &args[1]);

        return lcf->policy ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    lcf->policy = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtcsp_base_t));
    if (lcf->policy == NULL) {
        return NGX_CONF_ERROR;
    }

    lcf->policy->off = 1;

    return NGX_CONF_OK;
}


char *
ngx_http_rtcsp_report_only_policy(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_str_t  *args;

    if (lcf->report_policy != NULL) {
        return "is duplicate";
    }

    args = cf->args->elts;

    if (ngx_strcmp(args[1].data, "off") == 0) {

        lcf->report_policy = ngx_pcalloc(cf->pool,
                                         sizeof(ngx_http_rtcsp_base_t));
        if (lcf->report_policy == NULL) {
            return NGX_CONF_ERROR;
        }

        lcf->report_policy->off = 1;

        return NGX_CONF_OK;
    }

    lcf->report_policy = ngx_http_rtcsp_policy_conf_preset(cf, &args[1]);

    if (lcf->report_policy == NULL) {
        lcf->report_policy = ngx_http_rtcsp_policy_conf_text(cf, &args[1]);
    }

    if (lcf->report_policy == NULL) {
        return NGX_CONF_ERROR;
    }

    lcf->report_policy->directive = "rtcsp_report_only_policy";

    return NGX_CONF_OK;
}


static ngx_http_rtcsp_base_t *
ngx_http_rtcsp_policy_conf_text(ngx_conf_t *cf, ngx_str_t *text)
{
    char                   *rv;
    rt_mem_t               *mem;
    ngx_str_t              *args;
    rt_status_e             rc;
    rt_csp_findings_t       findings;
    ngx_http_rtcsp_base_t  *base;

    mem = ngx_http_rtcsp_policy_mem(cf);
    base = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtcsp_base_t));

    if (mem == NULL || base == NULL) {
        return NULL;
    }

    args = cf->args->elts;
    base->directive = (char *) args[0].data;
    ngx_rt_conf_here(cf, &base->where);

    rt_csp_findings_init(&findings, mem);
    rt_csp_init(&base->csp, mem);

    rc = rt_csp_parse(&base->csp, ngx_rt_str(text), &findings);

    rv = ngx_http_rtcsp_policy_findings(cf, base, NULL, &findings);

    if (rc == RT_OK && base->csp.n != 0) {
        return (rv == NGX_CONF_OK) ? base : NULL;
    }

    if (rv == NGX_CONF_OK) {
        (void) ngx_rt_conf_invalid(cf, "policy", text,
                                   "write directives as in \"default-src "
                                   "'self'; object-src 'none'\"%s",
                                   (rc == RT_TOO_BIG) ? ", and fewer of them"
                                                      : "");
    }

    return NULL;
}


/* NAME VALUE ... | NAME + VALUE ... | NAME off */

char *
ngx_http_rtcsp_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_str_t              *args, *value;
    ngx_uint_t              i;
    ngx_http_rtcsp_edit_t  *edit;

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (lcf->edits == NULL) {
        lcf->edits = ngx_array_create(cf->pool, 4,
                                      sizeof(ngx_http_rtcsp_edit_t));
        if (lcf->edits == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    edit = ngx_array_push(lcf->edits);
    if (edit == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_rt_conf_here(cf, &edit->where);

    args = cf->args->elts;
    edit->name = args[1];
    edit->op = '=';
    i = 2;

    if (cf->args->nelts == 3 && ngx_strcmp(args[2].data, "off") == 0) {
        edit->op = '-';
        i = 3;

    } else if (cf->args->nelts > 2 && ngx_strcmp(args[2].data, "+") == 0) {
        edit->op = '+';
        i = 3;

        if (cf->args->nelts == 3) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"rtcsp_directive %V +\" adds nothing: write "
                               "a value after the \"+\"", &args[1]);
            return NGX_CONF_ERROR;
        }
    }

    edit->values = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
    if (edit->values == NULL) {
        return NGX_CONF_ERROR;
    }

    for ( /* void */ ; i < cf->args->nelts; i++) {
        value = ngx_array_push(edit->values);
        if (value == NULL) {
            return NGX_CONF_ERROR;
        }

        *value = args[i];
    }

    return ngx_http_rtcsp_policy_conf_check(cf, edit);
}


/* tries it on an empty policy, while the line is known */

static char *
ngx_http_rtcsp_policy_conf_check(ngx_conf_t *cf, ngx_http_rtcsp_edit_t *edit)
{
    rt_csp_t      csp;
    rt_mem_t     *mem;
    rt_status_e   rc;

    mem = ngx_http_rtcsp_policy_mem(cf);
    if (mem == NULL) {
        return NGX_CONF_ERROR;
    }

    rt_csp_init(&csp, mem);

    rc = rt_csp_set(&csp, ngx_rt_str(&edit->name),
                    ngx_rt_str(edit->values->elts), edit->values->nelts);

    if (rc == RT_OK) {
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_invalid(cf, "name or value of", &edit->name,
                               "write one directive, without \";\" and \",\", "
                               "as in \"rtcsp_directive img-src self data:\"");
}


char *
ngx_http_rtcsp_nonce_in(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_str_t   *args, *name;
    ngx_uint_t   i;

    if (lcf->nonce_in != NULL) {
        return "is duplicate";
    }

    ngx_rt_conf_here(cf, &lcf->nonce_in_where);

    args = cf->args->elts;

    lcf->nonce_in = ngx_array_create(cf->pool, 2, sizeof(ngx_str_t));
    if (lcf->nonce_in == NULL) {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 2 && ngx_strcmp(args[1].data, "off") == 0) {
        return NGX_CONF_OK;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (!rt_csp_nonce_name(ngx_rt_str(&args[i]))) {
            return ngx_rt_conf_invalid(cf, "directive", &args[i],
                                       "write one that takes a nonce, "
                                       "script-src, style-src or one of their "
                                       "-elem forms");
        }

        name = ngx_array_push(lcf->nonce_in);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = args[i];
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtcsp_report_only(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_rt_conf_here(cf, &lcf->report_only_where);

    return ngx_conf_set_flag_slot(cf, cmd, conf);
}


char *
ngx_http_rtcsp_report_uri(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_str_t  *args;

    if (lcf->report_uri.data != NULL) {
        return "is duplicate";
    }

    args = cf->args->elts;

    if (ngx_strcmp(args[1].data, "off") == 0) {
        ngx_str_set(&lcf->report_uri, "");
        return NGX_CONF_OK;
    }

    if (!ngx_http_rtcsp_policy_conf_address(&args[1], "https://")
        && !ngx_http_rtcsp_policy_conf_address(&args[1], "http://"))
    {
        return ngx_rt_conf_invalid(cf, "value", &args[1],
                                   "write a path such as /csp-report, or an "
                                   "https URL, without blanks, quotes, "
                                   "variables, \";\" and \",\"");
    }

    lcf->report_uri = args[1];

    return NGX_CONF_OK;
}


/* a path, or a URL that begins so, of bytes that need no escape anywhere */

static ngx_uint_t
ngx_http_rtcsp_policy_conf_address(ngx_str_t *arg, const char *scheme)
{
    size_t  i, len;

    len = ngx_strlen(scheme);

    if (arg->len == 0
        || (arg->data[0] != '/'
            && (arg->len <= len
                || ngx_strncasecmp(arg->data, (u_char *) scheme, len) != 0)))
    {
        return 0;
    }

    for (i = 0; i < arg->len; i++) {
        if (arg->data[i] <= ' ' || arg->data[i] > '~'
            || ngx_strchr(";,\"\\$", arg->data[i]) != NULL)
        {
            return 0;
        }
    }

    return 1;
}


/*
 * NAME URI | off.  A browser takes neither an endpoint nor what comes to it
 * over plain http; "//host" would be read as a path by many.
 */

char *
ngx_http_rtcsp_report_to(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_str_t  *args, *value;

    value = &lcf->said[NGX_HTTP_RTCSP_ENDPOINTS];

    if (value->data != NULL) {
        return "is duplicate";
    }

    args = cf->args->elts;

    if (cf->args->nelts == 2) {

        if (ngx_strcmp(args[1].data, "off") != 0) {
            return ngx_rt_conf_invalid(cf, "number of arguments", NULL,
                                       "write \"NAME URI\", or \"off\"");
        }

        ngx_str_set(value, "");
        ngx_str_set(&lcf->report_to, "");

        return NGX_CONF_OK;
    }

    if (!ngx_http_rtcsp_policy_conf_endpoint(&args[1])) {
        return ngx_rt_conf_invalid(cf, "name", &args[1],
                                   "write a lower-case letter, and then such "
                                   "letters, digits, \"-\", \"_\" or \".\"");
    }

    if (!ngx_http_rtcsp_policy_conf_address(&args[2], "https://")
        || ngx_strncmp(args[2].data, "//", 2) == 0)
    {
        return ngx_rt_conf_invalid(cf, "value", &args[2],
                                   "browsers send such reports over https "
                                   "alone: write a path such as /csp-report, "
                                   "or an https URL, without blanks, quotes, "
                                   "variables, \";\" and \",\"");
    }

    value->data = ngx_pnalloc(cf->pool, args[1].len + args[2].len + 3);
    if (value->data == NULL) {
        return NGX_CONF_ERROR;
    }

    value->len = ngx_sprintf(value->data, "%V=\"%V\"", &args[1], &args[2])
                 - value->data;
    lcf->report_to = args[1];

    return NGX_CONF_OK;
}


/* RFC 9651, 3.2: a key; in the policy it is a token */

static ngx_uint_t
ngx_http_rtcsp_policy_conf_endpoint(ngx_str_t *name)
{
    size_t  i;
    u_char  c;

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if ((c < 'a' || c > 'z')
            && (i == 0 || ((c < '0' || c > '9')
                           && ngx_strchr("-_.", c) == NULL)))
        {
            return 0;
        }
    }

    return name->len != 0;
}

#include "header/ngx_http_rtcsp_fixed_conf.h"
#include "csp/rt_csp_field.h"


#define NGX_HTTP_RTCSP_YEAR         31556926    /* seconds; Talisman's */
#define NGX_HTTP_RTCSP_PRELOAD_AGE  31536000    /* what browsers' lists ask */

/* bytes of a header from the one that is wrong, as an error shows them */
#define NGX_HTTP_RTCSP_SHOWN        32

#define NGX_HTTP_RTCSP_HSTS_MAX                                               \
    (sizeof("max-age=; includeSubDomains; preload") + NGX_TIME_T_LEN)


static char *ngx_http_rtcsp_fixed_conf_word(ngx_conf_t *cf, ngx_str_t *arg,
    ngx_http_rtcsp_grammar_t *g, ngx_str_t *value);
static char *ngx_http_rtcsp_fixed_conf_fields(ngx_conf_t *cf,
    ngx_http_rtcsp_grammar_t *g, ngx_str_t *value);
static ngx_uint_t ngx_http_rtcsp_fixed_conf_text(ngx_str_t *arg, u_char must);
static ngx_uint_t ngx_http_rtcsp_fixed_conf_name(ngx_str_t *arg);
static char *ngx_http_rtcsp_fixed_conf_hsts(ngx_conf_t *cf, ngx_str_t *arg,
    time_t *age, ngx_flag_t *subdomains, ngx_flag_t *preload);
static char *ngx_http_rtcsp_fixed_conf_flag(ngx_conf_t *cf, ngx_str_t *arg,
    size_t skip, ngx_flag_t *flag);


/* "off" is no row: it is the empty value, which is not sent */

ngx_http_rtcsp_grammar_t  ngx_http_rtcsp_grammars[] = {

    { NGX_HTTP_RTCSP_FEATURE_POLICY,
      { { ngx_null_string, ngx_null_string } },
      NULL, ' ',
      "write a policy such as \"geolocation 'none'\", or \"off\"" },

    { NGX_HTTP_RTCSP_PERMISSIONS_POLICY,
      { { ngx_null_string, ngx_null_string } },
      ", ", '=',
      "write features such as \"camera=()\", or \"off\"" },

    { NGX_HTTP_RTCSP_DOCUMENT_POLICY,
      { { ngx_null_string, ngx_null_string } },
      ", ", '=',
      "write features such as \"force-load-at-top\" or \"js-profiling=?0\", "
      "or \"off\"" },

    { NGX_HTTP_RTCSP_FRAME_OPTIONS,
      { { ngx_string("SAMEORIGIN"), ngx_null_string },
        { ngx_string("DENY"), ngx_null_string },
        { ngx_null_string, ngx_null_string } },
      NULL, 0,
      "write SAMEORIGIN, DENY or off; browsers ignore ALLOW-FROM: name "
      "other sites with \"rtcsp_directive frame-ancestors ...\"" },

    { NGX_HTTP_RTCSP_XSS_PROTECTION,
      { { ngx_string("on"), ngx_string("1; mode=block") },
        { ngx_string("0"), ngx_null_string },
        { ngx_null_string, ngx_null_string } },
      NULL, 0, "write on, 0 or off" },

    { NGX_HTTP_RTCSP_CONTENT_TYPE_OPTIONS,
      { { ngx_string("on"), ngx_string("nosniff") },
        { ngx_string("nosniff"), ngx_null_string },
        { ngx_null_string, ngx_null_string } },
      NULL, 0, "write on or off" },

    { NGX_HTTP_RTCSP_FILE_SAVE,
      { { ngx_string("on"), ngx_string("noopen") },
        { ngx_null_string, ngx_null_string } },
      NULL, 0, "write on or off" },

    { NGX_HTTP_RTCSP_HSTS,
      { { ngx_null_string, ngx_null_string } },
      NULL, 0, NULL },

    { NGX_HTTP_RTCSP_REFERRER_POLICY,
      { { ngx_string("no-referrer"), ngx_null_string },
        { ngx_string("no-referrer-when-downgrade"), ngx_null_string },
        { ngx_string("origin"), ngx_null_string },
        { ngx_string("origin-when-cross-origin"), ngx_null_string },
        { ngx_string("same-origin"), ngx_null_string },
        { ngx_string("strict-origin"), ngx_null_string },
        { ngx_string("strict-origin-when-cross-origin"), ngx_null_string },
        { ngx_string("unsafe-url"), ngx_null_string },
        { ngx_null_string, ngx_null_string } },
      ", ", 0,
      "write no-referrer, no-referrer-when-downgrade, origin, "
      "origin-when-cross-origin, same-origin, strict-origin, "
      "strict-origin-when-cross-origin, unsafe-url or off" },

    { NGX_HTTP_RTCSP_COOP,
      { { ngx_string("same-origin"), ngx_null_string },
        { ngx_string("same-origin-allow-popups"), ngx_null_string },
        { ngx_string("noopener-allow-popups"), ngx_null_string },
        { ngx_string("unsafe-none"), ngx_null_string },
        { ngx_null_string, ngx_null_string } },
      NULL, 0,
      "write same-origin, same-origin-allow-popups, noopener-allow-popups, "
      "unsafe-none or off" },

    { NGX_HTTP_RTCSP_COEP,
      { { ngx_string("require-corp"), ngx_null_string },
        { ngx_string("credentialless"), ngx_null_string },
        { ngx_string("unsafe-none"), ngx_null_string },
        { ngx_null_string, ngx_null_string } },
      NULL, 0, "write require-corp, credentialless, unsafe-none or off" },

    { NGX_HTTP_RTCSP_CORP,
      { { ngx_string("same-origin"), ngx_null_string },
        { ngx_string("same-site"), ngx_null_string },
        { ngx_string("cross-origin"), ngx_null_string },
        { ngx_null_string, ngx_null_string } },
      NULL, 0, "write same-origin, same-site, cross-origin or off" }
};


char *
ngx_http_rtcsp_fixed(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    char                      *rv;
    u_char                    *p;
    size_t                     len;
    ngx_str_t                 *args, *value, word;
    ngx_uint_t                 i, join;
    ngx_http_rtcsp_grammar_t  *g;

    g = cmd->post;
    value = &lcf->said[g->header];

    if (value->data != NULL) {
        return "is duplicate";
    }

    args = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(args[1].data, "off") == 0) {
        ngx_str_set(value, "");
        return NGX_CONF_OK;
    }

    len = 0;
    join = g->join ? ngx_strlen(g->join) : 0;

    for (i = 1; i < cf->args->nelts; i++) {

        rv = ngx_http_rtcsp_fixed_conf_word(cf, &args[i], g, &word);
        if (rv != NGX_CONF_OK) {
            return rv;
        }

        if (i > 1 && g->join == NULL) {
            return ngx_rt_conf_invalid(cf, "number of arguments", NULL, "%s",
                                       g->mend);
        }

        len += word.len + join;
    }

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    value->data = p;

    for (i = 1; i < cf->args->nelts; i++) {

        (void) ngx_http_rtcsp_fixed_conf_word(cf, &args[i], g, &word);

        if (i > 1) {
            p = ngx_cpymem(p, g->join, join);
        }

        p = ngx_cpymem(p, word.data, word.len);
    }

    value->len = p - value->data;

    return ngx_http_rtcsp_fixed_conf_fields(cf, g, value);
}


static char *
ngx_http_rtcsp_fixed_conf_word(ngx_conf_t *cf, ngx_str_t *arg,
    ngx_http_rtcsp_grammar_t *g, ngx_str_t *value)
{
    ngx_str_t               word;
    ngx_http_rtcsp_word_t  *known;

    word = *arg;

    /* "no-referrer," of a list as the header has it */

    if (g->join != NULL && word.len && word.data[word.len - 1] == ',') {
        word.len--;
    }

    known = ngx_rt_conf_row(g->words, sizeof(ngx_http_rtcsp_word_t), &word,
                            NGX_RT_CONF_FOLD);

    if (known) {
        *value = known->value.len ? known->value : known->word;
        return NGX_CONF_OK;
    }

    if ((g->text && ngx_http_rtcsp_fixed_conf_text(&word, g->text))
        || (g->header == NGX_HTTP_RTCSP_DOCUMENT_POLICY
            && ngx_http_rtcsp_fixed_conf_name(&word)))
    {
        *value = word;
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_invalid(cf, "value", arg, "%s", g->mend);
}


/* of a structured field, browsers take nothing where they cannot parse all */

static char *
ngx_http_rtcsp_fixed_conf_fields(ngx_conf_t *cf, ngx_http_rtcsp_grammar_t *g,
    ngx_str_t *value)
{
    rt_mem_t            mem;
    ngx_str_t          *directive, rest;
    rt_status_e         rc;
    rt_sf_error_t       error;
    rt_csp_finding_t   *f;
    rt_csp_findings_t   findings;

    if (g->header != NGX_HTTP_RTCSP_PERMISSIONS_POLICY
        && g->header != NGX_HTTP_RTCSP_DOCUMENT_POLICY)
    {
        return NGX_CONF_OK;
    }

    directive = cf->args->elts;
    mem = ngx_rt_str_mem(cf->temp_pool);

    rt_csp_findings_init(&findings, &mem);

    rc = rt_csp_field(g->header == NGX_HTTP_RTCSP_PERMISSIONS_POLICY
                      ? RT_CSP_PERMISSIONS : RT_CSP_DOCUMENT,
                      ngx_rt_str(value), &findings, &error);

    if (rc == RT_INVALID || rc == RT_TOO_BIG) {
        rest.data = value->data + error.offset;
        rest.len = ngx_min(value->len - error.offset, NGX_HTTP_RTCSP_SHOWN);

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "browsers drop all of \"%V\" in \"%V\", because "
                           "of what begins at \"%V\": %s",
                           value, directive, &rest, error.why);
        return NGX_CONF_ERROR;
    }

    for (f = findings.first; f; f = f->next) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"%*s=%*s\" in \"%V\": %s (%s)",
                           f->directive.len, f->directive.data,
                           f->value.len, f->value.data,
                           directive, f->text, f->code);
    }

    return (rc == RT_OK) ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* printable ASCII, with the character that any such policy has in it */

static ngx_uint_t
ngx_http_rtcsp_fixed_conf_text(ngx_str_t *arg, u_char must)
{
    size_t      i;
    ngx_uint_t  seen;

    seen = 0;

    for (i = 0; i < arg->len; i++) {

        if (arg->data[i] < ' ' || arg->data[i] > '~' || arg->data[i] == '$') {
            return 0;
        }

        if (arg->data[i] == must && i != 0) {
            seen = 1;
        }
    }

    return seen;
}


/* a feature that is turned on by its name alone: each has a '-' in it */

static ngx_uint_t
ngx_http_rtcsp_fixed_conf_name(ngx_str_t *arg)
{
    size_t      i;
    u_char      c;
    ngx_uint_t  dashes;

    dashes = 0;

    for (i = 0; i < arg->len; i++) {
        c = arg->data[i];

        if (c == '-' && i != 0) {
            dashes++;

        } else if ((c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9')) {
            return 0;
        }
    }

    return dashes;
}


char *
ngx_http_rtcsp_hsts(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    char        *rv;
    time_t       age;
    ngx_str_t   *args, *value;
    ngx_flag_t   subdomains, preload;
    ngx_uint_t   i;

    value = &lcf->said[NGX_HTTP_RTCSP_HSTS];

    if (value->data != NULL) {
        return "is duplicate";
    }

    args = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(args[1].data, "off") == 0) {
        ngx_str_set(value, "");
        return NGX_CONF_OK;
    }

    age = NGX_HTTP_RTCSP_YEAR;
    subdomains = 1;
    preload = 0;

    for (i = 1; i < cf->args->nelts; i++) {

        if (cf->args->nelts == 2 && ngx_strcmp(args[1].data, "on") == 0) {
            break;
        }

        rv = ngx_http_rtcsp_fixed_conf_hsts(cf, &args[i], &age, &subdomains,
                                            &preload);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (preload && (!subdomains || age < NGX_HTTP_RTCSP_PRELOAD_AGE)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"preload=on\" in \"rtcsp_hsts\" needs "
                           "\"include_subdomains=on\" and a \"max_age\" of at "
                           "least %d, or browsers do not preload the site",
                           NGX_HTTP_RTCSP_PRELOAD_AGE);
        return NGX_CONF_ERROR;
    }

    value->data = ngx_pnalloc(cf->pool, NGX_HTTP_RTCSP_HSTS_MAX);
    if (value->data == NULL) {
        return NGX_CONF_ERROR;
    }

    value->len = ngx_sprintf(value->data, "max-age=%T%s%s", age,
                             subdomains ? "; includeSubDomains" : "",
                             preload ? "; preload" : "")
                 - value->data;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtcsp_fixed_conf_hsts(ngx_conf_t *cf, ngx_str_t *arg, time_t *age,
    ngx_flag_t *subdomains, ngx_flag_t *preload)
{
    ngx_str_t  s;

    if (ngx_strncmp(arg->data, "max_age=", 8) == 0) {
        s.data = arg->data + 8;
        s.len = arg->len - 8;

        *age = ngx_parse_time(&s, 1);

        if (*age != (time_t) NGX_ERROR) {
            return NGX_CONF_OK;
        }

        return ngx_rt_conf_invalid(cf, "parameter", arg,
                                   "write seconds or a time such as "
                                   "\"max_age=1y\"");
    }

    if (ngx_strncmp(arg->data, "include_subdomains=", 19) == 0) {
        return ngx_http_rtcsp_fixed_conf_flag(cf, arg, 19, subdomains);
    }

    if (ngx_strncmp(arg->data, "preload=", 8) == 0) {
        return ngx_http_rtcsp_fixed_conf_flag(cf, arg, 8, preload);
    }

    return ngx_rt_conf_invalid(cf, "parameter", arg,
                               "write on, off, or any of \"max_age=TIME\", "
                               "\"include_subdomains=on|off\", "
                               "\"preload=on|off\"");
}


static char *
ngx_http_rtcsp_fixed_conf_flag(ngx_conf_t *cf, ngx_str_t *arg, size_t skip,
    ngx_flag_t *flag)
{
    if (ngx_strcmp(arg->data + skip, "on") == 0) {
        *flag = 1;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(arg->data + skip, "off") == 0) {
        *flag = 0;
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_invalid(cf, "parameter", arg,
                               "write \"on\" or \"off\" after the \"=\"");
}


char *
ngx_http_rtcsp_trusted_proxy(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_int_t    rc;
    ngx_str_t   *args;
    ngx_cidr_t  *cidr;
    ngx_uint_t   i;

    if (lcf->trusted == NGX_CONF_UNSET_PTR) {
        lcf->trusted = ngx_array_create(cf->pool, 4, sizeof(ngx_cidr_t));
        if (lcf->trusted == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    args = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        cidr = ngx_array_push(lcf->trusted);
        if (cidr == NULL) {
            return NGX_CONF_ERROR;
        }

#if (NGX_HAVE_UNIX_DOMAIN)

        if (ngx_strcmp(args[i].data, "unix:") == 0) {
            cidr->family = AF_UNIX;
            continue;
        }

#endif

        rc = ngx_ptocidr(&args[i], cidr);

        if (rc == NGX_ERROR) {
            return ngx_rt_conf_invalid(cf, "address", &args[i],
                                       "write an address, a network such as "
                                       "10.0.0.0/8, or \"unix:\"");
        }

        if (rc == NGX_DONE) {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "low address bits of \"%V\" in "
                               "\"rtcsp_trusted_proxy\" are meaningless",
                               &args[i]);
        }
    }

    return NGX_CONF_OK;
}

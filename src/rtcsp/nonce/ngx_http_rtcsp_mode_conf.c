#include "nonce/ngx_http_rtcsp_mode_conf.h"
#include "nonce/ngx_http_rtcsp_gate_conf.h"
#include "ngx_rt_secret.h"


#define NGX_HTTP_RTCSP_DISTINCT  8      /* characters of a placeholder */


static char *ngx_http_rtcsp_mode_conf_placeholder(ngx_conf_t *cf,
    ngx_str_t *spec, ngx_http_rtcsp_loc_conf_t *conf);
static ngx_uint_t ngx_http_rtcsp_mode_conf_distinct(ngx_str_t *s);
static char *ngx_http_rtcsp_mode_conf_header_name(ngx_conf_t *cf,
    ngx_str_t *name, ngx_http_rtcsp_loc_conf_t *conf);


/* headers by which nginx and upstream find the end of a request */

static ngx_str_t  ngx_http_rtcsp_mode_conf_reserved[] = {
    ngx_string("host"),
    ngx_string("connection"),
    ngx_string("content-length"),
    ngx_string("transfer-encoding"),
    ngx_string("te"),
    ngx_string("upgrade"),
    ngx_string("expect"),
    ngx_string("cookie"),
    ngx_string("authorization"),
    ngx_null_string
};


char *
ngx_http_rtcsp_mode(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtcsp_loc_conf_t *lcf = conf;

    ngx_str_t  *args, s;

    if (lcf->mode != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    ngx_rt_conf_here(cf, &lcf->mode_where);

    args = cf->args->elts;

    if (ngx_strcmp(args[1].data, "gated") == 0) {
        return ngx_http_rtcsp_gate_conf(cf, lcf);
    }

    if (cf->args->nelts > 2) {

        if (cf->args->nelts > 3 || ngx_strcmp(args[2].data, "meta") != 0
            || (ngx_strcmp(args[1].data, "upstream") != 0
                && ngx_strncmp(args[1].data, "placeholder=", 12) != 0))
        {
            return ngx_rt_conf_invalid(cf, "parameter", NULL,
                                       "nothing but \"meta\" may stand behind "
                                       "placeholder=... or upstream");
        }

        lcf->meta = 1;
    }

    if (ngx_strcmp(args[1].data, "off") == 0) {
        lcf->mode = NGX_HTTP_RTCSP_NONCE_OFF;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(args[1].data, "upstream") == 0) {
        lcf->mode = NGX_HTTP_RTCSP_NONCE_UPSTREAM;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(args[1].data, "unsafe-auto") == 0) {
        lcf->mode = NGX_HTTP_RTCSP_NONCE_EVERY;

        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"rtcsp_nonce unsafe-auto\" lets injected scripts "
                           "run, too, as long as they are in the page: let "
                           "the application print a placeholder");
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(args[1].data, "header") == 0) {
        lcf->mode = NGX_HTTP_RTCSP_NONCE_HEADER;
        ngx_str_set(&lcf->nonce_header, "X-CSP-Nonce");
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(args[1].data, "header=", 7) == 0) {
        s.data = args[1].data + 7;
        s.len = args[1].len - 7;

        return ngx_http_rtcsp_mode_conf_header_name(cf, &s, lcf);
    }

    if (ngx_strncmp(args[1].data, "placeholder=", 12) == 0) {
        s.data = args[1].data + 12;
        s.len = args[1].len - 12;

        return ngx_http_rtcsp_mode_conf_placeholder(cf, &s, lcf);
    }

    /* the argument may be a secret that lacks its "placeholder=" */

    return ngx_rt_conf_invalid(cf, "parameter", NULL,
                               "write placeholder=file:PATH, "
                               "placeholder=env:NAME, upstream, gated, header, "
                               "header=NAME, unsafe-auto or off");
}


static char *
ngx_http_rtcsp_mode_conf_placeholder(ngx_conf_t *cf, ngx_str_t *spec,
    ngx_http_rtcsp_loc_conf_t *conf)
{
    size_t       distinct;
    ngx_str_t    text;
    rt_status_e  rc;

    if (ngx_rt_secret(cf, "placeholder", spec, &text) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    conf->secret = ngx_palloc(cf->pool, sizeof(rt_nonce_secret_t));
    if (conf->secret == NULL) {
        return NGX_CONF_ERROR;
    }

    rc = rt_nonce_secret(conf->secret, ngx_rt_str(&text));

    if (rc != RT_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the placeholder of \"rtcsp_nonce\" %s: make it "
                           "%d to %d characters of base64url, 32 are best, "
                           "for example with \"openssl rand -hex 16\"",
                           (rc == RT_INVALID)
                           ? "has characters other than A-Z, a-z, 0-9, - and _"
                           : (text.len < RT_NONCE_SECRET_MIN)
                             ? "is too short" : "is too long",
                           RT_NONCE_SECRET_MIN, RT_NONCE_SECRET_MAX);
        return NGX_CONF_ERROR;
    }

    distinct = ngx_http_rtcsp_mode_conf_distinct(&text);

    if (distinct < NGX_HTTP_RTCSP_DISTINCT) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "the placeholder of \"rtcsp_nonce\" is made of %uz "
                           "different characters only, and easily guessed: "
                           "make it with \"openssl rand -hex 16\"", distinct);
    }

    conf->mode = NGX_HTTP_RTCSP_NONCE_PLACEHOLDER;

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_rtcsp_mode_conf_distinct(ngx_str_t *s)
{
    u_char      seen[256];
    size_t      i;
    ngx_uint_t  n;

    ngx_memzero(seen, sizeof(seen));

    n = 0;

    for (i = 0; i < s->len; i++) {
        n += !seen[s->data[i]];
        seen[s->data[i]] = 1;
    }

    return n;
}


static char *
ngx_http_rtcsp_mode_conf_header_name(ngx_conf_t *cf, ngx_str_t *name,
    ngx_http_rtcsp_loc_conf_t *conf)
{
    if (!ngx_rt_conf_name(name, "-")
        || ngx_rt_conf_among(ngx_http_rtcsp_mode_conf_reserved, name->data,
                             name->len))
    {
        return ngx_rt_conf_invalid(cf, "header name", name,
                                   "write a name of its own, of letters, "
                                   "digits and \"-\", such as "
                                   "header=X-CSP-Nonce");
    }

    conf->mode = NGX_HTTP_RTCSP_NONCE_HEADER;
    conf->nonce_header = *name;

    return NGX_CONF_OK;
}


void
ngx_http_rtcsp_mode_merge(ngx_http_rtcsp_loc_conf_t *prev,
    ngx_http_rtcsp_loc_conf_t *conf)
{
    if (conf->mode != NGX_CONF_UNSET_UINT) {
        return;
    }

    if (prev->mode == NGX_CONF_UNSET_UINT) {
        conf->mode = NGX_HTTP_RTCSP_NONCE_OFF;
        return;
    }

    conf->mode = prev->mode;
    conf->meta = prev->meta;
    conf->mode_where = prev->mode_where;
    conf->nonce_header = prev->nonce_header;
    conf->secret = prev->secret;
    conf->allow = prev->allow;
}


char *
ngx_http_rtcsp_types(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char        *why;
    ngx_str_t   *args;
    ngx_uint_t   i;

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    args = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        why = NULL;

        if (ngx_strcmp(args[i].data, "*") == 0) {
            why = "images would be read as HTML";

        } else if (ngx_strcasestrn(args[i].data, "xml", 3 - 1) != NULL
                   || ngx_strcasestrn(args[i].data, "svg", 3 - 1) != NULL)
        {
            why = "browsers read it as XML, where other rules hold";
        }

        if (why != NULL) {
            return ngx_rt_conf_invalid(cf, "type", &args[i],
                                       "write types that are HTML, such as "
                                       "text/html, for %s", why);
        }
    }

    return ngx_http_types_slot(cf, cmd, conf);
}

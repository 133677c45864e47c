
#include "policy/ngx_http_rtauth_bind.h"
#include "policy/ngx_http_rtauth_require.h"
#include "ngx_rt_log.h"


static const char *ngx_http_rtauth_bind_body(ngx_array_t *bind,
    ngx_http_rtauth_body_t *body);
static ngx_uint_t ngx_http_rtauth_bind_kinds(ngx_http_rtauth_bind_t *line);
static rt_reason_e ngx_http_rtauth_bind_line(ngx_http_request_t *r,
    ngx_http_rtauth_bind_t *line, ngx_http_rtauth_body_t *body);
static const char *ngx_http_rtauth_bind_differs(ngx_str_t *came,
    ngx_str_t *value);
static ngx_uint_t ngx_http_rtauth_bind_reads(ngx_http_rtauth_loc_conf_t *conf);


rt_reason_e
ngx_http_rtauth_bind_eval(ngx_http_request_t *r, ngx_array_t *bind,
    ngx_http_rtauth_body_t *body)
{
    ngx_uint_t                i;
    const char               *why;
    rt_reason_e               reason;
    ngx_http_rtauth_bind_t  **line;

    why = ngx_http_rtauth_bind_body(bind, body);

    if (why) {
        ngx_rt_log_error(NGX_LOG_NOTICE, r,
                         "rtauth: the body of a request for which there is "
                         "an \"rtauth_bind\" %s", why);
        return RT_REASON_SPOOFED;
    }

    line = bind->elts;

    for (i = 0; i < bind->nelts; i++) {
        reason = ngx_http_rtauth_bind_line(r, line[i], body);

        if (reason != RT_REASON_OK) {
            return reason;
        }
    }

    return RT_REASON_OK;
}


/* why the body cannot come through; NULL: it can */

static const char *
ngx_http_rtauth_bind_body(ngx_array_t *bind, ngx_http_rtauth_body_t *body)
{
    ngx_uint_t                i, kinds, parameters;
    ngx_http_rtauth_bind_t  **line;

    if (!body->present) {
        return NULL;
    }

    kinds = 0;
    parameters = 0;
    line = bind->elts;

    for (i = 0; i < bind->nelts; i++) {
        kinds |= ngx_http_rtauth_bind_kinds(line[i]);
        parameters |= line[i]->source.named
                      && line[i]->source.source.from == RT_SOURCE_ARG;
    }

    if (kinds == 0 && !parameters) {
        return NULL;
    }

    if (kinds && body->why) {
        return body->why;
    }

    return kinds & 1 << body->body.kind
           ? NULL : "is of a type that no line knows: write \"rtauth_bind\" "
                    "with \"form:NAME\" or \"json:/NAME\"";
}


/* the kinds of bodies that a line looks into, as bits */

static ngx_uint_t
ngx_http_rtauth_bind_kinds(ngx_http_rtauth_bind_t *line)
{
    if (!ngx_http_rtauth_value_in_body(&line->source)) {
        return 0;
    }

    return line->source.source.from == RT_SOURCE_JSON
           ? 1 << RT_BODY_JSON : 1 << RT_BODY_FORM | 1 << RT_BODY_MULTIPART;
}


static rt_reason_e
ngx_http_rtauth_bind_line(ngx_http_request_t *r, ngx_http_rtauth_bind_t *line,
    ngx_http_rtauth_body_t *body)
{
    ngx_int_t    rc;
    ngx_str_t    came, value;
    const char  *why;

    why = NULL;

    rc = ngx_http_rtauth_value_read(r, body, &line->source, &came, &why);

    if (rc == NGX_OK && !line->source.named && came.len == 0) {
        rc = NGX_DECLINED;
    }

    switch (rc) {

    case NGX_OK:
        if (ngx_http_complex_value(r, &line->value, &value) != NGX_OK) {
            return RT_REASON_INTERNAL;
        }

        why = ngx_http_rtauth_bind_differs(&came, &value);
        break;

    case NGX_DECLINED:
        why = line->required
              && (!ngx_http_rtauth_value_in_body(&line->source)
                  || !body->present
                  || ngx_http_rtauth_bind_kinds(line) & 1 << body->body.kind)
              ? "is absent" : NULL;
        break;

    case NGX_ABORT:
        break;

    default:
        return RT_REASON_INTERNAL;
    }

    if (why == NULL) {
        return RT_REASON_OK;
    }

    ngx_rt_log_error(NGX_LOG_NOTICE, r, "rtauth: \"rtauth_bind %V\" in "
                     "%V:%ui does not hold: the %s %s", &line->text,
                     &line->where.file, line->where.line,
                     line->source.named
                     ? rt_source_noun(line->source.source.from) : "variable",
                     why);

    return RT_REASON_SPOOFED;
}


static const char *
ngx_http_rtauth_bind_differs(ngx_str_t *came, ngx_str_t *value)
{
    return value->len == 0 ? "is there, and the user's value is empty"
           : rt_str_eq(ngx_rt_str(came), ngx_rt_str(value))
           ? NULL : "is another one than the user's";
}


char *
ngx_http_rtauth_bind_check(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_http_rtauth_bind_t  **line;

    if (conf->bind == NULL
        || (conf->providers && conf->providers != NGX_CONF_UNSET_PTR))
    {
        return NGX_CONF_OK;
    }

    line = conf->bind->elts;

    return ngx_rt_conf_error(cf, &line[0]->where,
                             "\"rtauth_bind %V\" asks nobody: write "
                             "\"rtauth NAME\" at the same level or outside of "
                             "it", &line[0]->text);
}


char *
ngx_http_rtauth_bind_merge(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *prev,
    ngx_http_rtauth_loc_conf_t *conf)
{
    if (ngx_http_rtauth_bind_check(cf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (conf->bind_off != 1
        && ngx_rt_conf_inherit(cf, prev->bind, &conf->bind) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    conf->reads_body = ngx_http_rtauth_bind_reads(conf);

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_rtauth_bind_reads(ngx_http_rtauth_loc_conf_t *conf)
{
    ngx_uint_t                    i, reads;
    ngx_http_rtauth_bind_t      **line;
    ngx_http_rtauth_require_t   **require;

    reads = 0;

    if (conf->bind) {
        line = conf->bind->elts;

        for (i = 0; i < conf->bind->nelts; i++) {
            reads |= ngx_http_rtauth_value_in_body(&line[i]->source);
        }
    }

    if (conf->require) {
        require = conf->require->elts;

        for (i = 0; i < conf->require->nelts; i++) {
            reads |= require[i]->reads_body;
        }
    }

    return reads;
}

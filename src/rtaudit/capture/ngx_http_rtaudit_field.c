
/*
 * rtaudit_field FIELD SOURCE ...: values of the request, or of variables, as
 * fields of the event.  Rules of rtaudit_redact are asked for every name
 * such a value comes from.
 */

#include "capture/ngx_http_rtaudit_field.h"
#include "ngx_rt_headers.h"
#include "event/rt_event_who.h"
#include "redact/rt_redact_head.h"


typedef struct {
    ngx_str_t   name;
    size_t      offset;
} field_name_t;


static field_name_t  field_names[] = {
    { ngx_string("userId"), offsetof(rt_event_t, user_id) },
    { ngx_string("environment"), offsetof(rt_event_t, environment) },
    { ngx_string("organizationId"), offsetof(rt_event_t, organization_id) },
    { ngx_string("pageName"), offsetof(rt_event_t, page_name) },
    { ngx_string("pageVersion"), offsetof(rt_event_t, page_version) },
    { ngx_string("queryName"), offsetof(rt_event_t, query_name) },
    { ngx_string("resourceName"), offsetof(rt_event_t, resource_name) },
    { ngx_string("geoLocation.country"), offsetof(rt_event_t, country) },
    { ngx_string("geoLocation.region"), offsetof(rt_event_t, region) },
    { ngx_string("geoLocation.city"), offsetof(rt_event_t, city) },
    { ngx_string("query.route"), offsetof(rt_event_t, route) },
    { ngx_string("query.operation"), offsetof(rt_event_t, operation) },
    { ngx_null_string, 0 }
};


typedef struct {
    ngx_str_t   prefix;
    ngx_uint_t  from;
} source_kind_t;


static source_kind_t  source_kinds[] = {
    { ngx_string("arg:"), NGX_HTTP_RTAUDIT_ARG },
    { ngx_string("form:"), NGX_HTTP_RTAUDIT_FORM },
    { ngx_string("json:"), NGX_HTTP_RTAUDIT_JSON },
    { ngx_string("header:"), NGX_HTTP_RTAUDIT_HEADER },
    { ngx_null_string, 0 }
};


/* variables that carry a value under its name; "head": it is a header's */

typedef struct {
    ngx_uint_t  head;           /* unsigned head:1 */
    ngx_str_t   prefix;
} carrier_t;


static carrier_t  carriers[] = {
    { 0, ngx_string("arg_") },
    { 0, ngx_string("cookie_") },
    { 1, ngx_string("http_") },
    { 1, ngx_string("sent_http_") },
    { 1, ngx_string("sent_trailer_") },
    { 0, ngx_string("upstream_cookie_") },
    { 1, ngx_string("upstream_http_") },
    { 1, ngx_string("upstream_trailer_") },
    { 0, ngx_null_string }
};


/* variables with values of many names in them, which no rule would meet */

static ngx_str_t  mixtures[] = {
    ngx_string("args"),
    ngx_string("query_string"),
    ngx_string("request"),
    ngx_string("request_body"),
    ngx_string("request_uri"),
    ngx_null_string
};


/* headers that hold credentials are no source */

static ngx_str_t  credentials[] = {
    ngx_string("authorization"),
    ngx_string("proxy-authorization"),
    ngx_string("cookie"),
    ngx_string("set-cookie"),
    ngx_null_string
};


static char *ngx_http_rtaudit_field_name(ngx_conf_t *cf,
    ngx_http_rtaudit_field_t *field, ngx_str_t *value);
static char *ngx_http_rtaudit_field_source(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value);
static char *ngx_http_rtaudit_field_named(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value);
static char *ngx_http_rtaudit_field_header(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *name, ngx_str_t *value);
static char *ngx_http_rtaudit_field_variable(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value);
static char *ngx_http_rtaudit_field_carrier(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *name, ngx_str_t *value);
static char *ngx_http_rtaudit_field_path_names(ngx_http_rtaudit_source_t *src);
static ngx_int_t ngx_http_rtaudit_field_fetch(ngx_http_rtaudit_input_t *in,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value);
static void ngx_http_rtaudit_field_judge(ngx_http_rtaudit_input_t *in,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value);
static rt_redact_act_e ngx_http_rtaudit_field_judge_names(
    ngx_http_rtaudit_input_t *in, ngx_http_rtaudit_source_t *src,
    rt_str_t *by);


char *
ngx_http_rtaudit_field(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_loc_conf_t *alcf = conf;

    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_rtaudit_field_t   *field;
    ngx_http_rtaudit_source_t  *src;

    value = cf->args->elts;

    if (alcf->fields == NULL) {
        alcf->fields = ngx_array_create(cf->pool, 4,
                                        sizeof(ngx_http_rtaudit_field_t));
        if (alcf->fields == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    field = alcf->fields->elts;

    for (i = 0; i < alcf->fields->nelts; i++) {
        if (field[i].name.len == value[1].len
            && ngx_strcmp(field[i].name.data, value[1].data) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"rtaudit_field %V\" is given twice: write "
                               "all its sources in one line", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    field = ngx_array_push(alcf->fields);
    if (field == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(field, sizeof(ngx_http_rtaudit_field_t));
    field->name = value[1];

    if (ngx_http_rtaudit_field_name(cf, field, &value[1]) != NGX_CONF_OK
        || ngx_array_init(&field->sources, cf->pool, cf->args->nelts - 2,
                          sizeof(ngx_http_rtaudit_source_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        src = ngx_array_push(&field->sources);
        if (src == NULL
            || ngx_http_rtaudit_field_source(cf, src, &value[i])
               != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_field_name(ngx_conf_t *cf, ngx_http_rtaudit_field_t *field,
    ngx_str_t *value)
{
    ngx_uint_t  i;

    for (i = 0; field_names[i].name.len; i++) {
        if (field_names[i].name.len == value->len
            && ngx_strcmp(field_names[i].name.data, value->data) == 0)
        {
            field->offset = field_names[i].offset;
            return NGX_CONF_OK;
        }
    }

    if (value->len > 5 && ngx_strncmp(value->data, "user.", 5) == 0) {

        field->member.data = value->data + 5;
        field->member.len = value->len - 5;

        if (rt_event_user_member(ngx_rt_str(&field->member))) {
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"rtaudit_field\" does not know \"%V\": write "
                       "userId, organizationId, environment, pageName, "
                       "pageVersion, queryName, resourceName, "
                       "geoLocation.country, geoLocation.region, "
                       "geoLocation.city, query.route, query.operation or "
                       "user.NAME, as in user.email",
                       value);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_rtaudit_field_source(ngx_conf_t *cf, ngx_http_rtaudit_source_t *src,
    ngx_str_t *value)
{
    ngx_uint_t      i;
    source_kind_t  *kind;

    ngx_memzero(src, sizeof(ngx_http_rtaudit_source_t));

    if (ngx_array_init(&src->names, cf->pool, 1, sizeof(rt_str_t)) != NGX_OK
        || ngx_array_init(&src->heads, cf->pool, 1, sizeof(rt_str_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 0; source_kinds[i].prefix.len; i++) {
        kind = &source_kinds[i];

        if (value->len >= kind->prefix.len
            && ngx_strncmp(value->data, kind->prefix.data, kind->prefix.len)
               == 0)
        {
            src->from = kind->from;
            src->name.data = value->data + kind->prefix.len;
            src->name.len = value->len - kind->prefix.len;

            return ngx_http_rtaudit_field_named(cf, src, value);
        }
    }

    return ngx_http_rtaudit_field_variable(cf, src, value);
}


static char *
ngx_http_rtaudit_field_named(ngx_conf_t *cf, ngx_http_rtaudit_source_t *src,
    ngx_str_t *value)
{
    u_char    *p;
    rt_str_t  *name;

    if (src->name.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_field\" has no name in \"%V\": write "
                           "one behind the colon", value);
        return NGX_CONF_ERROR;
    }

    if (src->from == NGX_HTTP_RTAUDIT_JSON) {

        if (rt_json_path_check(ngx_rt_str(&src->name)) != RT_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"rtaudit_field\" cannot use the path in "
                               "\"%V\": write it like json:/user/email or "
                               "json:user.email", value);
            return NGX_CONF_ERROR;
        }

        return ngx_http_rtaudit_field_path_names(src);
    }

    if (src->from == NGX_HTTP_RTAUDIT_HEADER) {

        p = ngx_pnalloc(cf->pool, src->name.len);
        if (p == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_strlow(p, src->name.data, src->name.len);
        src->name.data = p;

        return ngx_http_rtaudit_field_header(cf, src, &src->name, value);
    }

    name = ngx_array_push(&src->names);
    if (name == NULL) {
        return NGX_CONF_ERROR;
    }

    *name = *ngx_rt_str(&src->name);

    return NGX_CONF_OK;
}


/* name: in lower case; value: what was written, for messages */

static char *
ngx_http_rtaudit_field_header(ngx_conf_t *cf, ngx_http_rtaudit_source_t *src,
    ngx_str_t *name, ngx_str_t *value)
{
    rt_str_t    *head;
    ngx_uint_t   i;

    for (i = 0; credentials[i].len; i++) {
        if (credentials[i].len == name->len
            && ngx_strncmp(credentials[i].data, name->data, name->len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"rtaudit_field\" cannot log \"%V\", "
                               "which holds credentials: name another "
                               "source", value);
            return NGX_CONF_ERROR;
        }
    }

    head = ngx_array_push(&src->heads);
    if (head == NULL) {
        return NGX_CONF_ERROR;
    }

    *head = *ngx_rt_str(name);

    return NGX_CONF_OK;
}


/* every step of a path is a name: what is below a secret is secret */

static char *
ngx_http_rtaudit_field_path_names(ngx_http_rtaudit_source_t *src)
{
    u_char    *p, *last, *start;
    rt_str_t  *name;

    p = src->name.data;
    last = p + src->name.len;

    while (p < last) {

        start = p;

        while (p < last && *p != '/' && *p != '.' && *p != '[' && *p != ']') {
            p++;
        }

        if (p > start) {
            name = ngx_array_push(&src->names);
            if (name == NULL) {
                return NGX_CONF_ERROR;
            }

            name->data = start;
            name->len = p - start;
        }

        p++;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_field_variable(ngx_conf_t *cf, ngx_http_rtaudit_source_t *src,
    ngx_str_t *value)
{
    u_char                            *p, *last;
    ngx_str_t                          name;

    src->from = NGX_HTTP_RTAUDIT_VALUE;
    p = value->data;
    last = p + value->len;

    while (p < last) {

        if (*p++ != '$') {
            continue;
        }

        if (p < last && *p == '{') {
            p++;
        }

        name.data = p;

        while (p < last
               && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')
                   || (*p >= '0' && *p <= '9') || *p == '_'))
        {
            p++;
        }

        name.len = p - name.data;

        if (ngx_http_rtaudit_field_carrier(cf, src, &name, value)
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return ngx_rt_conf_complex(cf, value, &src->value) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* of a variable: what names its value comes from; nginx folds their case */

static char *
ngx_http_rtaudit_field_carrier(ngx_conf_t *cf, ngx_http_rtaudit_source_t *src,
    ngx_str_t *name, ngx_str_t *value)
{
    size_t       n;
    rt_str_t    *push;
    ngx_str_t    rest;
    ngx_uint_t   i;
    carrier_t   *c;

    for (i = 0; mixtures[i].len; i++) {
        if (mixtures[i].len == name->len
            && ngx_strncasecmp(mixtures[i].data, name->data, name->len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"rtaudit_field\" cannot log \"%V\", where "
                               "values of any name could hide: write $uri, "
                               "arg:NAME, form:NAME or json:PATH", value);
            return NGX_CONF_ERROR;
        }
    }

    for (c = carriers; c->prefix.len; c++) {
        if (name->len > c->prefix.len
            && ngx_strncasecmp(c->prefix.data, name->data, c->prefix.len)
               == 0)
        {
            break;
        }
    }

    if (c->prefix.len == 0) {
        return NGX_CONF_OK;
    }

    rest.len = name->len - c->prefix.len;
    rest.data = ngx_pnalloc(cf->pool, rest.len);
    if (rest.data == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_strlow(rest.data, name->data + c->prefix.len, rest.len);

    if (c->head) {

        for (n = 0; n < rest.len; n++) {
            if (rest.data[n] == '_') {
                rest.data[n] = '-';
            }
        }

        return ngx_http_rtaudit_field_header(cf, src, &rest, value);
    }

    push = ngx_array_push(&src->names);
    if (push == NULL) {
        return NGX_CONF_ERROR;
    }

    *push = *ngx_rt_str(&rest);

    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_rtaudit_field_needs_body(ngx_array_t *fields)
{
    ngx_uint_t                  i, k;
    ngx_http_rtaudit_field_t   *field;
    ngx_http_rtaudit_source_t  *src;

    if (fields == NULL) {
        return 0;
    }

    field = fields->elts;

    for (i = 0; i < fields->nelts; i++) {
        src = field[i].sources.elts;

        for (k = 0; k < field[i].sources.nelts; k++) {
            if (src[k].from == NGX_HTTP_RTAUDIT_FORM
                || src[k].from == NGX_HTTP_RTAUDIT_JSON)
            {
                return 1;
            }
        }
    }

    return 0;
}


ngx_int_t
ngx_http_rtaudit_field_fill(ngx_http_rtaudit_input_t *in, ngx_array_t *fields,
    rt_event_t *ev)
{
    size_t                      saved;
    ngx_str_t                   value;
    ngx_uint_t                  i, k;
    rt_event_header_t          *user;
    ngx_http_rtaudit_field_t   *field;
    ngx_http_rtaudit_source_t  *src;

    if (fields == NULL) {
        return NGX_OK;
    }

    field = fields->elts;

    user = ngx_palloc(in->r->pool, fields->nelts * sizeof(rt_event_header_t));
    if (user == NULL) {
        return NGX_ERROR;
    }

    ev->user_field = user;

    for (i = 0; i < fields->nelts; i++) {

        src = field[i].sources.elts;
        ngx_str_null(&value);

        saved = rt_redact_enter(in->rd, ngx_rt_str(&field[i].name));

        for (k = 0; k < field[i].sources.nelts && value.len == 0; k++) {
            if (ngx_http_rtaudit_field_fetch(in, &src[k], &value) != NGX_OK) {
                return NGX_ERROR;
            }
        }

        rt_redact_leave(in->rd, saved);

        if (value.len == 0) {
            continue;
        }

        if (field[i].member.len == 0) {
            *(rt_str_t *) ((u_char *) ev + field[i].offset)
                = *ngx_rt_str(&value);
            continue;
        }

        user[ev->nuser_fields].name = *ngx_rt_str(&field[i].member);
        user[ev->nuser_fields].value = *ngx_rt_str(&value);
        ev->nuser_fields++;
    }

    return NGX_OK;
}


/* the value, already redacted; empty when this source has none */

static ngx_int_t
ngx_http_rtaudit_field_fetch(ngx_http_rtaudit_input_t *in,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value)
{
    rt_json_t              *v;
    const rt_form_t        *form;
    const rt_form_field_t  *f;

    form = in->args;

    switch (src->from) {

    case NGX_HTTP_RTAUDIT_FORM:
        form = (in->body->kind == RT_BODY_FORM) ? &in->body->form : NULL;

        /* fall through */

    case NGX_HTTP_RTAUDIT_ARG:
        f = form ? rt_form_get(form, ngx_rt_str(&src->name)) : NULL;

        if (f && !f->bad) {
            value->data = f->value.data;
            value->len = f->value.len;
        }

        break;

    case NGX_HTTP_RTAUDIT_JSON:
        /* of a name that stands there twice nobody knows which counts */

        v = (in->body->kind == RT_BODY_JSON && !in->body->json->again)
            ? rt_json_path(in->body->json, ngx_rt_str(&src->name)) : NULL;

        if (v && (v->type == RT_JSON_STRING || v->type == RT_JSON_NUMBER)) {
            value->data = v->str.data;
            value->len = v->str.len;
        }

        break;

    case NGX_HTTP_RTAUDIT_HEADER:
        ngx_rt_headers_value(in->r, &src->name, value);
        break;

    default:
        if (ngx_http_complex_value(in->r, &src->value, value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (value->len) {
        ngx_http_rtaudit_field_judge(in, src, value);
    }

    return NGX_OK;
}


static void
ngx_http_rtaudit_field_judge(ngx_http_rtaudit_input_t *in,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value)
{
    rt_str_t         text, out, by;
    rt_redact_act_e  most;

    out = (rt_str_t) rt_null_string;
    by = (rt_str_t) rt_null_string;
    text = *ngx_rt_str(value);

    most = ngx_http_rtaudit_field_judge_names(in, src, &by);

    if (most == RT_REDACT_NONE) {

        switch (rt_redact_look(in->rd, &text, &out, &by)) {

        case RT_REDACT_CLEAN:
            return;

        case RT_REDACT_EDITED:
            value->data = out.data;
            value->len = out.len;
            return;

        default:
            most = RT_REDACT_MASK;
        }
    }

    rt_redact_note(in->rd, rt_redact_act_name(most), &by);

    if (most == RT_REDACT_MASK) {
        ngx_str_set(value, RT_REDACT_MASKED);

    } else {
        ngx_str_null(value);
    }
}


/* the strictest of what is said of the names, and of the headers */

static rt_redact_act_e
ngx_http_rtaudit_field_judge_names(ngx_http_rtaudit_input_t *in,
    ngx_http_rtaudit_source_t *src, rt_str_t *by)
{
    rt_str_t         *name, rule;
    ngx_uint_t        i;
    rt_redact_act_e   act, most;

    most = RT_REDACT_NONE;
    name = src->names.elts;

    for (i = 0; i < src->names.nelts; i++) {
        act = rt_redact_name(in->rd, &name[i], &rule);

        if (act > most) {
            most = act;
            *by = rule;
        }
    }

    name = src->heads.elts;

    for (i = 0; i < src->heads.nelts; i++) {
        act = rt_redact_header(in->rd, &name[i], &rule);

        if (act > most) {
            most = act;
            *by = rule;
        }
    }

    return most;
}

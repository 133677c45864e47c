
/*
 * rtaudit_field FIELD SOURCE ...: the directive.
 */

#include "capture/ngx_http_rtaudit_field.h"
#include "event/rt_event_who.h"


typedef struct {
    ngx_str_t   name;
    size_t      offset;
} ngx_http_rtaudit_field_name_t;


static ngx_http_rtaudit_field_name_t  ngx_http_rtaudit_field_conf_names[] = {
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
    ngx_str_t   name;           /* that begins a source */
    ngx_uint_t  from;
} ngx_http_rtaudit_field_kind_t;


static ngx_http_rtaudit_field_kind_t  ngx_http_rtaudit_field_conf_kinds[] = {
    { ngx_string("arg:"), NGX_HTTP_RTAUDIT_ARG },
    { ngx_string("form:"), NGX_HTTP_RTAUDIT_FORM },
    { ngx_string("json:"), NGX_HTTP_RTAUDIT_JSON },
    { ngx_string("header:"), NGX_HTTP_RTAUDIT_HEADER },
    { ngx_null_string, 0 }
};


/* variables that carry a value under its name; "head": it is a header's */

typedef struct {
    ngx_str_t   name;           /* that begins a variable's */
    ngx_uint_t  head;           /* unsigned head:1 */
} ngx_http_rtaudit_field_carrier_t;


static ngx_http_rtaudit_field_carrier_t
    ngx_http_rtaudit_field_conf_carriers[] =
{
    { ngx_string("arg_"), 0 },
    { ngx_string("cookie_"), 0 },
    { ngx_string("http_"), 1 },
    { ngx_string("sent_http_"), 1 },
    { ngx_string("sent_trailer_"), 1 },
    { ngx_string("upstream_cookie_"), 0 },
    { ngx_string("upstream_http_"), 1 },
    { ngx_string("upstream_trailer_"), 1 },
    { ngx_null_string, 0 }
};


/* variables with values of many names in them, which no rule would meet */

static ngx_str_t  ngx_http_rtaudit_field_conf_mixtures[] = {
    ngx_string("args"),
    ngx_string("query_string"),
    ngx_string("request"),
    ngx_string("request_body"),
    ngx_string("request_uri"),
    ngx_null_string
};


/* headers that hold credentials are no source */

static ngx_str_t  ngx_http_rtaudit_field_conf_credentials[] = {
    ngx_string("authorization"),
    ngx_string("proxy-authorization"),
    ngx_string("cookie"),
    ngx_string("set-cookie"),
    ngx_null_string
};


/* nor are variables that hold them */

static ngx_str_t  ngx_http_rtaudit_field_conf_tokens[] = {
    ngx_string("rtauth_access_token"),
    ngx_string("rtauth_id_token"),
    ngx_null_string
};


static char *ngx_http_rtaudit_field_conf_name(ngx_conf_t *cf,
    ngx_http_rtaudit_field_t *field, ngx_str_t *value);
static char *ngx_http_rtaudit_field_conf_source(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value);
static char *ngx_http_rtaudit_field_conf_named(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value);
static char *ngx_http_rtaudit_field_conf_header(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *name, ngx_str_t *value);
static char *ngx_http_rtaudit_field_conf_variable(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value);
static char *ngx_http_rtaudit_field_conf_carrier(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *name, ngx_str_t *value);
static char *ngx_http_rtaudit_field_conf_path_names(
    ngx_http_rtaudit_source_t *src);


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

    if (ngx_http_rtaudit_field_conf_name(cf, field, &value[1]) != NGX_CONF_OK
        || ngx_array_init(&field->sources, cf->pool, cf->args->nelts - 2,
                          sizeof(ngx_http_rtaudit_source_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        src = ngx_array_push(&field->sources);
        if (src == NULL
            || ngx_http_rtaudit_field_conf_source(cf, src, &value[i])
               != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_field_conf_name(ngx_conf_t *cf,
    ngx_http_rtaudit_field_t *field, ngx_str_t *value)
{
    ngx_http_rtaudit_field_name_t  *name;

    name = ngx_rt_conf_row(ngx_http_rtaudit_field_conf_names,
                           sizeof(ngx_http_rtaudit_field_name_t), value, 0);

    if (name) {
        field->offset = name->offset;
        return NGX_CONF_OK;
    }

    if (value->len > 5 && ngx_strncmp(value->data, "user.", 5) == 0) {

        field->member.data = value->data + 5;
        field->member.len = value->len - 5;

        if (rt_event_user_member(ngx_rt_str(&field->member))) {
            return NGX_CONF_OK;
        }
    }

    return ngx_rt_conf_invalid(cf, "name", value,
                               "write userId, organizationId, environment, "
                               "pageName, pageVersion, queryName, "
                               "resourceName, geoLocation.country, "
                               "geoLocation.region, geoLocation.city, "
                               "query.route, query.operation or user.NAME, as "
                               "in user.email");
}


static char *
ngx_http_rtaudit_field_conf_source(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value)
{
    ngx_http_rtaudit_field_kind_t  *kind;

    ngx_memzero(src, sizeof(ngx_http_rtaudit_source_t));

    if (ngx_array_init(&src->names, cf->pool, 1, sizeof(rt_str_t)) != NGX_OK
        || ngx_array_init(&src->heads, cf->pool, 1, sizeof(rt_str_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    kind = ngx_rt_conf_row(ngx_http_rtaudit_field_conf_kinds,
                           sizeof(ngx_http_rtaudit_field_kind_t), value,
                           NGX_RT_CONF_BEGINS);

    if (kind == NULL) {
        return ngx_http_rtaudit_field_conf_variable(cf, src, value);
    }

    src->from = kind->from;
    src->name.data = value->data + kind->name.len;
    src->name.len = value->len - kind->name.len;

    return ngx_http_rtaudit_field_conf_named(cf, src, value);
}


static char *
ngx_http_rtaudit_field_conf_named(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value)
{
    u_char    *p;
    rt_str_t  *name;

    if (src->name.len == 0) {
        return ngx_rt_conf_invalid(cf, "source", value,
                                   "write a name behind the colon");
    }

    if (src->from == NGX_HTTP_RTAUDIT_JSON) {

        if (rt_json_path_check(ngx_rt_str(&src->name)) != RT_OK) {
            return ngx_rt_conf_invalid(cf, "source", value,
                                       "write the path like json:/user/email "
                                       "or json:user.email");
        }

        return ngx_http_rtaudit_field_conf_path_names(src);
    }

    if (src->from == NGX_HTTP_RTAUDIT_HEADER) {

        p = ngx_pnalloc(cf->pool, src->name.len);
        if (p == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_strlow(p, src->name.data, src->name.len);
        src->name.data = p;

        return ngx_http_rtaudit_field_conf_header(cf, src, &src->name, value);
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
ngx_http_rtaudit_field_conf_header(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *name, ngx_str_t *value)
{
    rt_str_t  *head;

    if (ngx_rt_conf_among(ngx_http_rtaudit_field_conf_credentials, name->data,
                          name->len))
    {
        return ngx_rt_conf_invalid(cf, "source", value,
                                   "write another, this one holds "
                                   "credentials");
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
ngx_http_rtaudit_field_conf_path_names(ngx_http_rtaudit_source_t *src)
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
ngx_http_rtaudit_field_conf_variable(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *value)
{
    ngx_str_t  rest, name;

    src->from = NGX_HTTP_RTAUDIT_VALUE;
    rest = *value;

    while (ngx_rt_conf_variable(&rest, &name)) {
        if (ngx_http_rtaudit_field_conf_carrier(cf, src, &name, value)
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
ngx_http_rtaudit_field_conf_carrier(ngx_conf_t *cf,
    ngx_http_rtaudit_source_t *src, ngx_str_t *name, ngx_str_t *value)
{
    size_t                             n;
    rt_str_t                          *push;
    ngx_str_t                          rest;
    ngx_http_rtaudit_field_carrier_t  *c;

    if (ngx_rt_conf_among(ngx_http_rtaudit_field_conf_mixtures, name->data,
                          name->len))
    {
        return ngx_rt_conf_invalid(cf, "source", value,
                                   "write $uri, arg:NAME, form:NAME or "
                                   "json:PATH, for values of any name could "
                                   "hide in this one");
    }

    if (ngx_rt_conf_among(ngx_http_rtaudit_field_conf_tokens, name->data,
                          name->len))
    {
        return ngx_rt_conf_invalid(cf, "source", value,
                                   "write another, this one holds "
                                   "credentials");
    }

    c = ngx_rt_conf_row(ngx_http_rtaudit_field_conf_carriers,
                        sizeof(ngx_http_rtaudit_field_carrier_t), name,
                        NGX_RT_CONF_FOLD|NGX_RT_CONF_BEGINS);

    if (c == NULL || name->len == c->name.len) {
        return NGX_CONF_OK;
    }

    rest.len = name->len - c->name.len;
    rest.data = ngx_pnalloc(cf->pool, rest.len);
    if (rest.data == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_strlow(rest.data, name->data + c->name.len, rest.len);

    if (c->head) {

        for (n = 0; n < rest.len; n++) {
            if (rest.data[n] == '_') {
                rest.data[n] = '-';
            }
        }

        return ngx_http_rtaudit_field_conf_header(cf, src, &rest, value);
    }

    push = ngx_array_push(&src->names);
    if (push == NULL) {
        return NGX_CONF_ERROR;
    }

    *push = *ngx_rt_str(&rest);

    return NGX_CONF_OK;
}


#include "sink/ngx_http_rtaudit_option_conf.h"

#include "event/rt_event_class.h"


typedef struct {
    ngx_str_t        name;
    ngx_int_t      (*set)(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink,
                        ngx_str_t *value, ngx_uint_t row);
    ngx_uint_t       option;        /* of formats */
    size_t           offset;        /* in rt_event_view_t */
} ngx_http_rtaudit_option_conf_t;


static ngx_int_t ngx_http_rtaudit_option_conf_class(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value, ngx_uint_t row);
static ngx_int_t ngx_http_rtaudit_option_conf_format(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value, ngx_uint_t row);
static ngx_int_t ngx_http_rtaudit_option_conf_text(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value, ngx_uint_t row);


static ngx_http_rtaudit_option_conf_t  ngx_http_rtaudit_option_conf_rows[] = {

    { ngx_string("class="), ngx_http_rtaudit_option_conf_class, 0, 0 },

    { ngx_string("format="), ngx_http_rtaudit_option_conf_format, 0, 0 },

    { ngx_string("service="), ngx_http_rtaudit_option_conf_text,
      RT_EVENT_SERVICE, offsetof(rt_event_view_t, service) },

    { ngx_string("env="), ngx_http_rtaudit_option_conf_text,
      RT_EVENT_ENV, offsetof(rt_event_view_t, env) },

    { ngx_string("tags="), ngx_http_rtaudit_option_conf_text,
      RT_EVENT_TAGS, offsetof(rt_event_view_t, tags) },

    { ngx_string("index="), ngx_http_rtaudit_option_conf_text,
      RT_EVENT_INDEX, offsetof(rt_event_view_t, index) },

    { ngx_null_string, NULL, 0, 0 }
};


ngx_int_t
ngx_http_rtaudit_option(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink,
    ngx_str_t *value)
{
    ngx_str_t                        text;
    ngx_http_rtaudit_option_conf_t  *option;

    if (value->len == 8 && ngx_strncmp(value->data, "required", 8) == 0) {
        sink->required = 1;
        return NGX_OK;
    }

    option = ngx_rt_conf_row(ngx_http_rtaudit_option_conf_rows,
                             sizeof(ngx_http_rtaudit_option_conf_t), value,
                             NGX_RT_CONF_BEGINS);

    if (option == NULL) {
        return NGX_DECLINED;
    }

    /* a line that is out in part may only go on as it began */

    ngx_crc32_update(&sink->made, value->data, value->len);

    text.data = value->data + option->name.len;
    text.len = value->len - option->name.len;

    return option->set(cf, sink, &text,
                       option - ngx_http_rtaudit_option_conf_rows);
}


char *
ngx_http_rtaudit_options(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink,
    ngx_http_rtaudit_option_t *rows, const char *words,
    ngx_http_rtaudit_pem_t *pem, const char *secure)
{
    char                       *rv;
    ngx_int_t                   rc;
    ngx_str_t                   text, *value;
    ngx_uint_t                  i;
    ngx_http_rtaudit_option_t  *row;

    value = cf->args->elts;

    for (i = 3; i < cf->args->nelts; i++) {

        rc = ngx_http_rtaudit_option(cf, sink, &value[i]);

        if (rc == NGX_DECLINED) {
            rc = ngx_http_rtaudit_pem_option(cf, pem, secure, &value[i]);
        }

        if (rc == NGX_ERROR) {
            return NGX_CONF_ERROR;
        }

        if (rc == NGX_OK) {
            continue;
        }

        row = ngx_rt_conf_row(rows, sizeof(ngx_http_rtaudit_option_t),
                              &value[i], NGX_RT_CONF_BEGINS);

        if (row == NULL) {
            return ngx_rt_conf_invalid(cf, "parameter", &value[i],
                                       "write " NGX_HTTP_RTAUDIT_OPTIONS ", %s"
                                       ", " NGX_HTTP_RTAUDIT_PEM, words);
        }

        text.data = value[i].data + row->name.len;
        text.len = value[i].len - row->name.len;

        rv = row->set(cf, sink->conf, &text);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return ngx_http_rtaudit_pem_check(cf, pem);
}


/* "all" is no class: the line goes out as it is */

static ngx_int_t
ngx_http_rtaudit_option_conf_class(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value, ngx_uint_t row)
{
    int         more;
    rt_str_t    rest, name;
    ngx_uint_t  class, classes;

    classes = 0;
    rest = *ngx_rt_str(value);

    do {
        more = rt_str_cut(&rest, ',', &name, &rest);
        class = rt_event_class(&name);

        if (class == 0 && !(classes == 0 && !more && rt_str_lit(&name, "all")))
        {
            (void) ngx_rt_conf_invalid(cf, "class", value, "write one or more "
                                       "of usage, metering, health, alert, "
                                       "pii and content, with commas between "
                                       "them, or class=all");
            return NGX_ERROR;
        }

        classes |= class;

    } while (more);

    sink->classes = classes;
    sink->classed = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_rtaudit_option_conf_format(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value, ngx_uint_t row)
{
    sink->view.format = rt_event_format_find(ngx_rt_str(value));

    if (sink->view.format == NULL) {
        (void) ngx_rt_conf_invalid(cf, "format", value, "write retool, "
                                   "datadog, loki, es_bulk or splunk_hec");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* which format has it is looked at when all are read */

static ngx_int_t
ngx_http_rtaudit_option_conf_text(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value, ngx_uint_t row)
{
    ngx_http_rtaudit_option_conf_t  *option;

    option = &ngx_http_rtaudit_option_conf_rows[row];

    if (!rt_event_format_option(option->option, ngx_rt_str(value))) {
        (void) ngx_rt_conf_invalid(cf, "parameter", &option->name, "write 1 "
                                   "to %d letters, digits, \"_\", \"-\", "
                                   "\".\", \"/\" or \":\"%s behind it",
                                   RT_EVENT_OPTION,
                                   option->option == RT_EVENT_TAGS
                                   ? ", with commas between tags," : "");
        return NGX_ERROR;
    }

    *(rt_str_t *) ((u_char *) &sink->view + option->offset) =
                                                        *ngx_rt_str(value);

    return NGX_OK;
}


/* are those that were written of the format, and is it for such a sink? */

static char *
ngx_http_rtaudit_option_conf_view(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink)
{
    rt_str_t                        *text;
    ngx_str_t                        name;
    ngx_uint_t                       has;
    const rt_event_format_t         *format;
    ngx_http_rtaudit_option_conf_t  *option;

    format = sink->view.format;

    if (format && !format->alone && !sink->batches) {
        name.data = format->name.data;
        name.len = format->name.len;

        return ngx_rt_conf_invalid(cf, "format", &name, "it is for a sink "
                                   "that sends requests, write retool or "
                                   "datadog");
    }

    has = format ? format->options : 0;

    for (option = ngx_http_rtaudit_option_conf_rows; option->set; option++) {
        text = (rt_str_t *) ((u_char *) &sink->view + option->offset);

        if (option->option && text->len && !(has & option->option)) {
            return ngx_rt_conf_invalid(cf, "parameter", &option->name,
                                       format ? "this format has none, leave "
                                                "it out"
                                       : "it is a format's, write "
                                         "format=datadog or another as well");
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtaudit_option_check(ngx_conf_t *cf, ngx_http_rtaudit_sink_t *sink)
{
    if (sink->remote && !sink->classed) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_sink %V\" sends events to \"%V\" and "
                           "does not say which part of them: write "
                           "class=health, or other classes, or class=all",
                           &sink->name, &sink->target);
        return NGX_CONF_ERROR;
    }

    return ngx_http_rtaudit_option_conf_view(cf, sink);
}

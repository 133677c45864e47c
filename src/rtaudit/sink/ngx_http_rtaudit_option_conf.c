
#include "sink/ngx_http_rtaudit_option_conf.h"

#include "event/rt_event_class.h"


typedef ngx_int_t (*ngx_http_rtaudit_option_conf_pt)(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value);


typedef struct {
    ngx_str_t                        name;
    ngx_http_rtaudit_option_conf_pt  set;
} ngx_http_rtaudit_option_conf_t;


static ngx_int_t ngx_http_rtaudit_option_conf_class(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value);


static ngx_http_rtaudit_option_conf_t  ngx_http_rtaudit_option_conf_rows[] = {
    { ngx_string("class="), ngx_http_rtaudit_option_conf_class },
    { ngx_null_string, NULL }
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

    return option->set(cf, sink, &text);
}


/* "all" is no class: the line goes out as it is */

static ngx_int_t
ngx_http_rtaudit_option_conf_class(ngx_conf_t *cf,
    ngx_http_rtaudit_sink_t *sink, ngx_str_t *value)
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

    return NGX_CONF_OK;
}

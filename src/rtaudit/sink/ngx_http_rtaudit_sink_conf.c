
#include "sink/ngx_http_rtaudit_digest.h"
#include "sink/ngx_http_rtaudit_file.h"
#include "sink/ngx_http_rtaudit_https.h"
#include "sink/ngx_http_rtaudit_option_conf.h"
#include "sink/ngx_http_rtaudit_syslog.h"


/* a row a kind; the first is what a message tells to write */

static ngx_http_rtaudit_kind_t  *ngx_http_rtaudit_sink_conf_kinds[] = {
    &ngx_http_rtaudit_file,
    &ngx_http_rtaudit_syslog,
    &ngx_http_rtaudit_https,
    &ngx_http_rtaudit_http,
    NULL
};


static char *
ngx_http_rtaudit_sink_conf_name(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_str_t *value)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_sink_t  **sink;

    if (!ngx_rt_conf_name(value, "_-.") || value->len > NGX_HTTP_RTAUDIT_NAME
        || ngx_strcmp(value->data, "off") == 0)
    {
        return ngx_rt_conf_invalid(cf, "name", value,
                                   "write 1 to %d letters, digits, \"_\", "
                                   "\"-\" or \".\", and not \"off\"",
                                   NGX_HTTP_RTAUDIT_NAME);
    }

    sink = mcf->sinks.elts;

    for (i = 0; i < mcf->sinks.nelts; i++) {
        if (sink[i]->name.len == value->len
            && ngx_strncmp(sink[i]->name.data, value->data, value->len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"rtaudit_sink %V\" is already defined in "
                               "%V:%ui: give this one another name", value,
                               &sink[i]->where.file, sink[i]->where.line);
            return NGX_CONF_ERROR;
        }
    }

    if (mcf->sinks.nelts == NGX_HTTP_RTAUDIT_SINKS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_sink %V\" is one too many: write at "
                           "most %d", value, NGX_HTTP_RTAUDIT_SINKS);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_http_rtaudit_kind_t *
ngx_http_rtaudit_sink_conf_kind(ngx_str_t *target)
{
    ngx_uint_t                i;
    ngx_http_rtaudit_kind_t  *kind;

    for (i = 0; (kind = ngx_http_rtaudit_sink_conf_kinds[i]) != NULL; i++) {

        if (target->len > kind->name.len
            && target->data[kind->name.len] == ':'
            && ngx_strncmp(target->data, kind->name.data, kind->name.len)
               == 0)
        {
            return kind;
        }
    }

    return NULL;
}


char *
ngx_http_rtaudit_sink(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_main_conf_t *mcf = conf;

    ngx_str_t                 *value;
    ngx_http_rtaudit_sink_t   *sink, **sinkp;

    value = cf->args->elts;

    if (ngx_http_rtaudit_sink_conf_name(cf, mcf, &value[1]) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    sink = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtaudit_sink_t));
    sinkp = ngx_array_push(&mcf->sinks);

    if (sink == NULL || sinkp == NULL
        || ngx_http_rtaudit_digest_line(cf, mcf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    *sinkp = sink;
    sink->name = value[1];
    ngx_rt_conf_here(cf, &sink->where);

    sink->kind = ngx_http_rtaudit_sink_conf_kind(&value[2]);

    if (sink->kind == NULL) {
        return ngx_rt_conf_invalid(cf, "target", &value[2],
                                   "write %s, %s or %s",
                                   ngx_http_rtaudit_file.target,
                                   ngx_http_rtaudit_syslog.target,
                                   ngx_http_rtaudit_https.target);
    }

    if (ngx_rt_conf_once(cf, "header=") != NGX_CONF_OK
        || sink->kind->parse(cf, sink) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (sink->place.len == 0) {
        sink->place = sink->target;
    }

    mcf->required |= sink->required;

    return ngx_http_rtaudit_option_check(cf, sink);
}


char *
ngx_http_rtaudit_sink_target(void)
{
    return ngx_http_rtaudit_sink_conf_kinds[0]->target;
}


ngx_int_t
ngx_http_rtaudit_sink_own(ngx_cycle_t *cycle,
    ngx_http_rtaudit_main_conf_t *mcf)
{
    ngx_int_t                  rc;
    ngx_uint_t                 i;
    ngx_core_conf_t           *ccf;
    ngx_http_rtaudit_sink_t  **sink;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    if (geteuid() != 0 || ccf->user == (ngx_uid_t) NGX_CONF_UNSET_UINT) {
        return NGX_OK;
    }

    rc = NGX_OK;
    sink = mcf->sinks.elts;

    for (i = 0; i < mcf->sinks.nelts; i++) {
        if (sink[i]->kind->own
            && sink[i]->kind->own(sink[i], ccf->user, cycle->log) != NGX_OK)
        {
            rc = NGX_ERROR;
        }
    }

    /* at a reload nginx would end over it, and leave its workers alone */

    return ngx_is_init_cycle(cycle->old_cycle) ? rc : NGX_OK;
}

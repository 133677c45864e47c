
#include "conf/ngx_http_rtaudit_show.h"
#include "event/rt_event_class.h"
#include "ngx_rt_show.h"
#include "sink/ngx_http_rtaudit_kind.h"


static void ngx_http_rtaudit_show_http(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place);
static void ngx_http_rtaudit_show_place(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place);


static const ngx_rt_show_t  ngx_http_rtaudit_show_lines = {
    "rtaudit", ngx_http_rtaudit_show_http, ngx_http_rtaudit_show_place
};


ngx_int_t
ngx_http_rtaudit_show(ngx_conf_t *cf, ngx_http_rtaudit_main_conf_t *mcf)
{
    return ngx_rt_show(cf, mcf->shown, &ngx_http_rtaudit_show_lines);
}


/* the target is what log lines name: it has no password of an address */

static void
ngx_http_rtaudit_show_sink(rt_jsonw_t *w, ngx_http_rtaudit_sink_t *sink)
{
    unsigned  i;

    rt_jsonw_open(w, '{');
    ngx_rt_show_str(w, "name", &sink->name);
    ngx_rt_show_str(w, "kind", &sink->kind->name);
    ngx_rt_show_str(w, "target", &sink->target);
    ngx_rt_show_bool(w, "required", sink->required);
    ngx_rt_show_bool(w, "strict", sink->strict);
    ngx_rt_show_bool(w, "remote", sink->remote);

    rt_jsonw_lit(w, "classes");
    rt_jsonw_open(w, '[');

    for (i = 0; i < RT_EVENT_CLASSES; i++) {
        if (sink->classes & (1u << i)) {
            rt_jsonw_str(w, rt_event_class_name(i));
        }
    }

    rt_jsonw_close(w, ']');

    rt_jsonw_lit(w, "format");

    if (sink->view.format) {
        rt_jsonw_str(w, &sink->view.format->name);

    } else {
        ngx_rt_show_word(w, "retool");
    }

    rt_jsonw_close(w, '}');
}


static void
ngx_http_rtaudit_show_http(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place)
{
    ngx_uint_t                      i;
    ngx_http_rtaudit_sink_t       **sink;
    ngx_http_rtaudit_main_conf_t   *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtaudit_module);

    rt_jsonw_lit(w, "sinks");
    rt_jsonw_open(w, '[');

    sink = mcf->sinks.elts;

    for (i = 0; i < mcf->sinks.nelts; i++) {
        ngx_http_rtaudit_show_sink(w, sink[i]);
    }

    rt_jsonw_close(w, ']');

    ngx_rt_show_bool(w, "chain", mcf->chain.key.len != 0);
    ngx_rt_show_bool(w, "signed", mcf->chain.sign.len != 0);
    ngx_rt_show_bool(w, "pseudonyms", mcf->keys.nelts != 0);
    ngx_rt_show_uint(w, "startedMs", mcf->started);
}


static void
ngx_http_rtaudit_show_levels(rt_jsonw_t *w, ngx_array_t *levels)
{
    ngx_uint_t                 i, open;
    ngx_http_rtaudit_depth_t  *depth;

    rt_jsonw_open(w, '[');

    for (i = 0, open = 1; levels && i < levels->nelts; i++) {
        depth = levels->elts;

        rt_jsonw_open(w, '{');
        ngx_rt_show_str(w, "level",
                        ngx_http_rtaudit_level_name(depth[i].level));

        if (depth[i].cond) {
            ngx_rt_show_str(w, "if", &depth[i].cond->value);

        } else {
            open = 0;
        }

        rt_jsonw_close(w, '}');
    }

    /* where no line without condition ends them */

    if (open) {
        rt_jsonw_open(w, '{');
        ngx_rt_show_str(w, "level",
                        ngx_http_rtaudit_level_name(
                                                NGX_HTTP_RTAUDIT_METADATA));
        rt_jsonw_close(w, '}');
    }

    rt_jsonw_close(w, ']');
}


static void
ngx_http_rtaudit_show_place(rt_jsonw_t *w, ngx_conf_t *cf,
    ngx_rt_show_place_t *place)
{
    ngx_uint_t                    i;
    rt_redact_rule_t             *rule;
    ngx_http_rtaudit_sink_t     **sink;
    ngx_http_rtaudit_field_t     *field;
    ngx_http_rtaudit_loc_conf_t  *conf;

    conf = place->conf;

    ngx_rt_show_bool(w, "on", conf->enabled);

    rt_jsonw_lit(w, "sinks");
    rt_jsonw_open(w, '[');

    for (i = 0; conf->sinks && i < conf->sinks->nelts; i++) {
        sink = conf->sinks->elts;
        rt_jsonw_str(w, ngx_rt_str(&sink[i]->name));
    }

    rt_jsonw_close(w, ']');

    ngx_rt_show_bool(w, "required", conf->required);
    ngx_rt_show_bool(w, "strict", conf->strict);
    rt_jsonw_lit(w, "levels");
    ngx_http_rtaudit_show_levels(w, conf->levels);

    rt_jsonw_lit(w, "redact");
    rt_jsonw_open(w, '[');

    for (i = 0; conf->rules && i < conf->rules->nelts; i++) {
        rule = conf->rules->elts;

        rt_jsonw_open(w, '{');
        rt_jsonw_lit(w, "selector");
        rt_jsonw_str(w, &rule[i].text);
        rt_jsonw_lit(w, "action");
        ngx_rt_show_word(w, rt_redact_act_name(rule[i].act));
        rt_jsonw_close(w, '}');
    }

    rt_jsonw_close(w, ']');

    rt_jsonw_lit(w, "headers");
    ngx_rt_show_strs(w, conf->headers);

    rt_jsonw_lit(w, "fields");
    rt_jsonw_open(w, '[');

    for (i = 0; conf->fields && i < conf->fields->nelts; i++) {
        field = conf->fields->elts;
        rt_jsonw_str(w, ngx_rt_str(&field[i].name));
    }

    rt_jsonw_close(w, ']');

    ngx_rt_show_bool(w, "bodies", conf->show_body);
    ngx_rt_show_bool(w, "responses", conf->want_response);
    ngx_rt_show_uint(w, "body", conf->body);
    ngx_rt_show_uint(w, "maxEvent", conf->max_event);

    rt_jsonw_lit(w, "unreadable");
    ngx_rt_show_word(w, conf->unreadable == NGX_HTTP_RTAUDIT_REFUSE
                        ? "refuse" : "note");

    if (conf->action) {
        ngx_rt_show_str(w, "action", &conf->action->value);
    }

    ngx_rt_show_bool(w, "view", conf->view != NULL);
}


#include "ngx_http_rtaudit.h"
#include "sink/ngx_http_rtaudit_digest.h"
#include "sink/ngx_http_rtaudit_zone.h"
#include "ngx_rt_secret.h"

#include "event/rt_event_who.h"


#define NGX_HTTP_RTAUDIT_STARTED_MIN  1000              /* ms */
#define NGX_HTTP_RTAUDIT_STARTED_MAX  (24 * 3600000)

static char *ngx_http_rtaudit_conf_rules(ngx_conf_t *cf,
    rt_redact_rule_t *rule, ngx_uint_t n);
static char *ngx_http_rtaudit_conf_resolve(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_loc_conf_t *conf);
static char *ngx_http_rtaudit_conf_resolve_one(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_loc_conf_t *conf,
    ngx_str_t *name);
static char *ngx_http_rtaudit_conf_merge_rules(ngx_conf_t *cf,
    ngx_http_rtaudit_loc_conf_t *prev, ngx_http_rtaudit_loc_conf_t *conf);
static char *ngx_http_rtaudit_conf_merge_headers(ngx_conf_t *cf,
    ngx_http_rtaudit_loc_conf_t *prev, ngx_http_rtaudit_loc_conf_t *conf);
static void ngx_http_rtaudit_conf_summarize(ngx_http_rtaudit_main_conf_t *mcf,
    ngx_http_rtaudit_loc_conf_t *conf);


char *
ngx_http_rtaudit_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_main_conf_t *mcf = conf;

    ngx_str_t  name = ngx_string("rtaudit");

    if (mcf->zone) {
        return "is duplicate";
    }

    mcf->zone = ngx_rt_conf_zone(cf, &name, 8 * ngx_pagesize,
                                 &ngx_http_rtaudit_module);
    if (mcf->zone == NULL) {
        return NGX_CONF_ERROR;
    }

    mcf->zone->init = ngx_http_rtaudit_zone_init;
    mcf->zone->data = mcf;

    ngx_rt_conf_here(cf, &mcf->where);

    return NGX_CONF_OK;
}


char *
ngx_http_rtaudit_started(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_main_conf_t *mcf = conf;

    ngx_int_t   ms;
    ngx_str_t  *value;

    if (mcf->started != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;
    ms = 0;

    if (!rt_str_lit(ngx_rt_str(&value[1]), "off")) {
        ms = ngx_parse_time(&value[1], 0);

        if (ms < NGX_HTTP_RTAUDIT_STARTED_MIN
            || ms > NGX_HTTP_RTAUDIT_STARTED_MAX)
        {
            return ngx_rt_conf_invalid(cf, "time", &value[1],
                                       "write 1s to 1d, or \"off\"");
        }
    }

    mcf->started = (ngx_msec_t) ms;

    return ngx_http_rtaudit_digest_line(cf, mcf) == NGX_OK ? NGX_CONF_OK
                                                           : NGX_CONF_ERROR;
}


/* kid=ID key=SECRET */

char *
ngx_http_rtaudit_hmac_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_main_conf_t *mcf = conf;

    ngx_str_t           *value, kid, spec, secret;
    ngx_uint_t           i;
    rt_pseudonym_key_t  *key;

    value = cf->args->elts;

    if (ngx_strncmp(value[1].data, "kid=", 4) != 0
        || ngx_strncmp(value[2].data, "key=", 4) != 0)
    {
        return ngx_rt_conf_invalid(cf, "parameters", NULL,
                                   "write \"kid=ID key=SECRET\", like "
                                   "\"kid=2026 "
                                   "key=file:/etc/nginx/audit.key\"");
    }

    kid.data = value[1].data + 4;
    kid.len = value[1].len - 4;

    spec.data = value[2].data + 4;
    spec.len = value[2].len - 4;

    if (!rt_pseudonym_kid(ngx_rt_str(&kid))) {
        return ngx_rt_conf_invalid(cf, "name", &kid,
                                   "write 1 to %d letters, digits, \"_\", "
                                   "\"-\" and \".\"", RT_PSEUDONYM_KID);
    }

    key = mcf->keys.elts;

    for (i = 0; i < mcf->keys.nelts; i++) {
        if (rt_str_eq(&key[i].kid, ngx_rt_str(&kid))) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"rtaudit_hmac_key\" has \"kid=%V\" twice: "
                               "give each key a name of its own", &kid);
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_rt_secret(cf, "key", &spec, &secret) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (secret.len < RT_PSEUDONYM_KEY) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the key \"%V\" of \"rtaudit_hmac_key\" is too "
                           "short: make it at least %d bytes, for example "
                           "with \"openssl rand -hex 32\"",
                           &kid, RT_PSEUDONYM_KEY);
        return NGX_CONF_ERROR;
    }

    key = ngx_array_push(&mcf->keys);

    if (key == NULL || ngx_http_rtaudit_digest_line(cf, mcf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    key->kid = *ngx_rt_str(&kid);
    key->key = *ngx_rt_str(&secret);

    return NGX_CONF_OK;
}


char *
ngx_http_rtaudit_zone_check(ngx_conf_t *cf, ngx_http_rtaudit_main_conf_t *mcf)
{
    ngx_http_rtaudit_sink_t  **sink;

    if (mcf->zone) {
        return NGX_CONF_OK;
    }

    sink = mcf->sinks.elts;

    return ngx_rt_conf_error(cf, &sink[0]->where,
                             "no memory for \"rtaudit_sink %V\": write "
                             "\"rtaudit_zone 8m\" in http",
                             &sink[0]->name);
}


char *
ngx_http_rtaudit_names(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_loc_conf_t *alcf = conf;

    ngx_str_t   *value, *name;
    ngx_uint_t   i, k;

    if (alcf->names) {
        return "is duplicate";
    }

    value = cf->args->elts;

    alcf->names = ngx_array_create(cf->pool, cf->args->nelts,
                                   sizeof(ngx_str_t));
    if (alcf->names == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_rt_conf_here(cf, &alcf->where);

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        return NGX_CONF_OK;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "off") == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"rtaudit\" has \"off\" beside names of "
                               "sinks: write either \"rtaudit off\" or the "
                               "names");
            return NGX_CONF_ERROR;
        }

        for (k = 1; k < i; k++) {
            if (ngx_strcmp(value[i].data, value[k].data) == 0) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "\"rtaudit\" names the sink \"%V\" twice: "
                                   "write it once", &value[i]);
                return NGX_CONF_ERROR;
            }
        }

        name = ngx_array_push(alcf->names);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
    }

    return NGX_CONF_OK;
}


static ngx_conf_enum_t  ngx_http_rtaudit_conf_levels[] = {
    { ngx_string("none"), NGX_HTTP_RTAUDIT_NONE },
    { ngx_string("metadata"), NGX_HTTP_RTAUDIT_METADATA },
    { ngx_string("request"), NGX_HTTP_RTAUDIT_REQUEST },
    { ngx_string("response"), NGX_HTTP_RTAUDIT_RESPONSE },
    { ngx_null_string, 0 }
};


ngx_str_t *
ngx_http_rtaudit_level_name(ngx_http_rtaudit_level_e level)
{
    return &ngx_http_rtaudit_conf_levels[level].name;
}


static char *
ngx_http_rtaudit_conf_condition(ngx_conf_t *cf,
    ngx_http_rtaudit_depth_t *depth, ngx_str_t *value)
{
    ngx_str_t  text;

    if (value->len < 5 || ngx_strncmp(value->data, "if=", 3) != 0
        || ngx_strlchr(value->data, value->data + value->len, '$') == NULL)
    {
        return ngx_rt_conf_invalid(cf, "condition", value,
                                   "write one like \"if=$variable\"");
    }

    text.data = value->data + 3;
    text.len = value->len - 3;

    depth->cond = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (depth->cond == NULL) {
        return NGX_CONF_ERROR;
    }

    return ngx_rt_conf_complex(cf, &text, depth->cond) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_rtaudit_level(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_loc_conf_t *alcf = conf;

    ngx_str_t                 *value;
    ngx_conf_enum_t           *level;
    ngx_http_rtaudit_depth_t  *depth;

    value = cf->args->elts;

    if (alcf->levels == NULL) {
        alcf->levels = ngx_array_create(cf->pool, 2,
                                        sizeof(ngx_http_rtaudit_depth_t));
        if (alcf->levels == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    depth = alcf->levels->elts;

    if (alcf->levels->nelts && depth[alcf->levels->nelts - 1].cond == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"rtaudit_level %V\" is never looked at after a "
                           "line without condition: write lines with "
                           "if=$variable first", &value[1]);
        return NGX_CONF_ERROR;
    }

    level = ngx_rt_conf_row(ngx_http_rtaudit_conf_levels,
                            sizeof(ngx_conf_enum_t), &value[1], 0);

    if (level == NULL) {
        return ngx_rt_conf_invalid(cf, "level", &value[1],
                                   "write \"none\", \"metadata\", "
                                   "\"request\" or \"response\"");
    }

    depth = ngx_array_push(alcf->levels);
    if (depth == NULL) {
        return NGX_CONF_ERROR;
    }

    depth->level = level->value;
    depth->cond = NULL;

    if (cf->args->nelts < 3) {
        return NGX_CONF_OK;
    }

    return ngx_http_rtaudit_conf_condition(cf, depth, &value[2]);
}


char *
ngx_http_rtaudit_redact(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_loc_conf_t *alcf = conf;

    unsigned                       n;
    rt_mem_t                       mem;
    ngx_str_t                     *value;
    rt_str_t                       err;
    ngx_uint_t                     room;
    rt_status_e                    rc;
    rt_redact_rule_t              *rule;
    ngx_http_rtaudit_main_conf_t  *mcf;

    value = cf->args->elts;
    mem = ngx_rt_str_mem(cf->pool);
    room = cf->args->nelts - 1;

    if (alcf->rules == NULL) {
        alcf->rules = ngx_array_create(cf->pool, room + 1,
                                       sizeof(rt_redact_rule_t));
        if (alcf->rules == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    rule = ngx_array_push_n(alcf->rules, room);
    if (rule == NULL) {
        return NGX_CONF_ERROR;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtaudit_module);
    mcf->regex.ctx = cf;

    rc = rt_redact_parse(&mem, ngx_rt_str(&value[1]), room, &mcf->regex, rule,
                         &n, &err);

    mcf->regex.ctx = NULL;

    switch (rc) {

    case RT_OK:
        alcf->rules->nelts -= room - n;
        return ngx_http_rtaudit_conf_rules(cf, rule, n);

    case RT_INVALID:
        return ngx_rt_conf_invalid(cf, "arguments", NULL, "%V",
                                   ngx_rt_ngx(&err));

    default: /* RT_ERROR */
        return NGX_CONF_ERROR;
    }
}


/*
 * What only glue knows of rules: who a user is, that there will be a key, and
 * which addresses lead here from elsewhere.
 */

static char *
ngx_http_rtaudit_conf_rules(ngx_conf_t *cf, rt_redact_rule_t *rule,
    ngx_uint_t n)
{
    rt_str_t                       name;
    ngx_uint_t                     i;
    rt_redact_rule_t              *uri;
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtaudit_module);
    mcf->rules += n;

    for (i = 0; i < n; i++) {

        if (rule[i].act == RT_REDACT_HMAC && mcf->hmac.line == 0) {
            ngx_rt_conf_here(cf, &mcf->hmac);
        }

        if (rule[i].kind == RT_REDACT_URI) {

            uri = ngx_array_push(&mcf->uris);
            if (uri == NULL) {
                return NGX_CONF_ERROR;
            }

            *uri = rule[i];
        }

        if (rule[i].kind != RT_REDACT_USER) {
            continue;
        }

        name.data = rule[i].text.data + sizeof("user:") - 1;
        name.len = rule[i].text.len - (sizeof("user:") - 1);

        if (!rt_event_user_member(&name) && !rt_str_lit(&name, "userId")
            && !rt_redact_any(rule[i].step))
        {
            return ngx_rt_conf_invalid(cf, "member", ngx_rt_ngx(&name),
                                       "write one of the event's user, like "
                                       "\"user:email\", or \"user:*\"");
        }
    }

    mcf->elsewhere.rule = mcf->uris.elts;
    mcf->elsewhere.n = mcf->uris.nelts;

    return NGX_CONF_OK;
}


char *
ngx_http_rtaudit_hmac_check(ngx_conf_t *cf, ngx_http_rtaudit_main_conf_t *mcf)
{
    if (mcf->hmac.line == 0 || mcf->keys.nelts) {
        return NGX_CONF_OK;
    }

    return ngx_rt_conf_error(cf, &mcf->hmac,
                             "no key for \"action=hmac\" of "
                             "\"rtaudit_redact\": write \"rtaudit_hmac_key "
                             "kid=2026 key=file:/etc/nginx/audit.key\" in "
                             "http");
}


char *
ngx_http_rtaudit_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_loc_conf_t *alcf = conf;

    ngx_str_t   *value, *name;
    ngx_uint_t   i;

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    if (alcf->headers == NULL) {
        alcf->headers = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
        if (alcf->headers == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (!ngx_rt_conf_name(&value[i], "-_")) {
            return ngx_rt_conf_invalid(cf, "name", &value[i],
                                       "write that of a request header, like "
                                       "\"User-Agent\"");
        }

        name = ngx_array_push(alcf->headers);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
        ngx_strlow(name->data, name->data, name->len);
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtaudit_action(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtaudit_loc_conf_t *alcf = conf;

    ngx_str_t  *value;

    if (alcf->action) {
        return "is duplicate";
    }

    value = cf->args->elts;

    alcf->action = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (alcf->action == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_rt_conf_complex(cf, &value[1], alcf->action) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (alcf->action->lengths == NULL
        && !rt_event_action_valid(ngx_rt_str(&value[1])))
    {
        return ngx_rt_conf_invalid(cf, "action", &value[1],
                                   "write 1 to 64 capitals, digits and \"_\", "
                                   "beginning with a capital, like "
                                   "REPORT_EXPORT");
    }

    return NGX_CONF_OK;
}


char *
ngx_http_rtaudit_body_post(ngx_conf_t *cf, void *post, void *data)
{
    size_t *size = data;

    ngx_str_t  *value;

    if (*size <= NGX_HTTP_RTAUDIT_BODY_MAX) {
        return NGX_CONF_OK;
    }

    value = cf->args->elts;

    return ngx_rt_conf_invalid(cf, "size", &value[1], "write at most 16m");
}


char *
ngx_http_rtaudit_event_post(ngx_conf_t *cf, void *post, void *data)
{
    size_t *size = data;

    ngx_str_t  *value;

    if (*size >= RT_EVENT_MIN && *size <= NGX_HTTP_RTAUDIT_EVENT_MAX) {
        return NGX_CONF_OK;
    }

    value = cf->args->elts;

    return ngx_rt_conf_invalid(cf, "size", &value[1],
                               "write one from 8k to 1m");
}


char *
ngx_http_rtaudit_merge(ngx_conf_t *cf, ngx_http_rtaudit_loc_conf_t *prev,
    ngx_http_rtaudit_loc_conf_t *conf)
{
    ngx_http_rtaudit_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_rtaudit_module);

    /* the names of http{} itself are resolved with the first server's */

    if (prev->names && prev->sinks == NULL
        && ngx_http_rtaudit_conf_resolve(cf, mcf, prev) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->names == NULL) {
        conf->names = prev->names;
        conf->where = prev->where;
        conf->sinks = prev->sinks;

    } else if (ngx_http_rtaudit_conf_resolve(cf, mcf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (conf->levels == NULL) {
        conf->levels = prev->levels;
    }

    if (conf->fields == NULL) {
        conf->fields = prev->fields;
    }

    if (conf->action == NULL) {
        conf->action = prev->action;
    }

    /* an "if" of the location answers by the same handler */

    if (conf->view == NULL) {
        conf->view = prev->view;
    }

    ngx_conf_merge_size_value(conf->body, prev->body, NGX_HTTP_RTAUDIT_BODY);
    ngx_conf_merge_size_value(conf->max_event, prev->max_event,
                              RT_EVENT_MAX);
    ngx_conf_merge_uint_value(conf->unreadable, prev->unreadable,
                              NGX_HTTP_RTAUDIT_NOTE);
    ngx_conf_merge_uint_value(conf->parameters, prev->parameters,
                              NGX_HTTP_RTAUDIT_OBJECT);

    if (ngx_http_rtaudit_conf_merge_rules(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_rtaudit_conf_merge_headers(cf, prev, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_http_rtaudit_conf_summarize(mcf, conf);

    return ngx_http_rtaudit_digest_place(cf, mcf, conf) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_rtaudit_conf_resolve(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_loc_conf_t *conf)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    conf->sinks = ngx_array_create(cf->pool, ngx_max(conf->names->nelts, 1),
                                   sizeof(ngx_http_rtaudit_sink_t *));
    if (conf->sinks == NULL) {
        return NGX_CONF_ERROR;
    }

    name = conf->names->elts;

    for (i = 0; i < conf->names->nelts; i++) {
        if (ngx_http_rtaudit_conf_resolve_one(cf, mcf, conf, &name[i])
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_conf_resolve_one(ngx_conf_t *cf,
    ngx_http_rtaudit_main_conf_t *mcf, ngx_http_rtaudit_loc_conf_t *conf,
    ngx_str_t *name)
{
    ngx_uint_t                 i;
    ngx_http_rtaudit_sink_t  **sink, **found;

    sink = mcf->sinks.elts;

    for (i = 0; i < mcf->sinks.nelts; i++) {

        if (sink[i]->name.len != name->len
            || ngx_strncmp(sink[i]->name.data, name->data, name->len) != 0)
        {
            continue;
        }

        found = ngx_array_push(conf->sinks);
        if (found == NULL) {
            return NGX_CONF_ERROR;
        }

        *found = sink[i];

        return NGX_CONF_OK;
    }

    return ngx_rt_conf_error(cf, &conf->where,
                             "unknown sink \"%V\" in \"rtaudit\": write "
                             "\"rtaudit_sink %V %s\" in http",
                             name, name, ngx_http_rtaudit_sink_target());
}


/* outer rules and own ones: an inner level never takes any away */

static char *
ngx_http_rtaudit_conf_merge_rules(ngx_conf_t *cf,
    ngx_http_rtaudit_loc_conf_t *prev, ngx_http_rtaudit_loc_conf_t *conf)
{
    ngx_array_t       *all;
    rt_redact_rule_t  *rule;

    if (conf->rules == NULL) {
        conf->rules = prev->rules;

    } else if (prev->rules && prev->rules->nelts) {

        all = ngx_array_create(cf->pool,
                               prev->rules->nelts + conf->rules->nelts,
                               sizeof(rt_redact_rule_t));
        if (all == NULL) {
            return NGX_CONF_ERROR;
        }

        rule = ngx_array_push_n(all, prev->rules->nelts);
        ngx_memcpy(rule, prev->rules->elts,
                   prev->rules->nelts * sizeof(rt_redact_rule_t));

        rule = ngx_array_push_n(all, conf->rules->nelts);
        ngx_memcpy(rule, conf->rules->elts,
                   conf->rules->nelts * sizeof(rt_redact_rule_t));

        conf->rules = all;
    }

    if (conf->rules) {
        conf->redact.rule = conf->rules->elts;
        conf->redact.n = conf->rules->nelts;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_rtaudit_conf_merge_headers(ngx_conf_t *cf,
    ngx_http_rtaudit_loc_conf_t *prev, ngx_http_rtaudit_loc_conf_t *conf)
{
    ngx_str_t    *outer, *own, *name;
    ngx_uint_t    i, k;

    if (conf->headers == NULL) {
        conf->headers = prev->headers;
        return NGX_CONF_OK;
    }

    if (prev->headers == NULL) {
        return NGX_CONF_OK;
    }

    outer = prev->headers->elts;

    for (i = 0; i < prev->headers->nelts; i++) {

        own = conf->headers->elts;

        for (k = 0; k < conf->headers->nelts; k++) {
            if (own[k].len == outer[i].len
                && ngx_strncmp(own[k].data, outer[i].data, own[k].len) == 0)
            {
                break;
            }
        }

        if (k < conf->headers->nelts) {
            continue;
        }

        name = ngx_array_push(conf->headers);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = outer[i];
    }

    return NGX_CONF_OK;
}


/* works out once what every request asks of its location */

static void
ngx_http_rtaudit_conf_summarize(ngx_http_rtaudit_main_conf_t *mcf,
    ngx_http_rtaudit_loc_conf_t *conf)
{
    ngx_uint_t                  i;
    ngx_http_rtaudit_sink_t   **sink;
    ngx_http_rtaudit_depth_t   *depth;

    conf->enabled = 0;
    conf->required = 0;
    conf->strict = 0;
    conf->want_response = 0;
    conf->want_body = ngx_http_rtaudit_field_needs_body(conf->fields);

    if (conf->sinks == NULL || conf->sinks->nelts == 0) {
        return;
    }

    conf->enabled = 1;

    sink = conf->sinks->elts;

    for (i = 0; i < conf->sinks->nelts; i++) {
        conf->required |= sink[i]->required;
        conf->strict |= sink[i]->strict;
    }

    mcf->max_event = ngx_max(mcf->max_event, conf->max_event);

    if (conf->levels == NULL) {
        return;
    }

    depth = conf->levels->elts;

    if (depth[0].cond == NULL && depth[0].level == NGX_HTTP_RTAUDIT_NONE) {
        conf->enabled = 0;
    }

    for (i = 0; i < conf->levels->nelts; i++) {
        if (depth[i].level >= NGX_HTTP_RTAUDIT_REQUEST) {
            conf->want_body = 1;
            conf->show_body = 1;
        }

        if (depth[i].level == NGX_HTTP_RTAUDIT_RESPONSE) {
            conf->want_response = 1;
            mcf->responses = 1;
        }
    }
}

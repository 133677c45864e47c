
#include "policy/ngx_http_rtauth_bind_conf.h"
#include "policy/ngx_http_rtauth_bind.h"


static char *ngx_http_rtauth_bind_conf_off(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *rlcf);
static ngx_http_rtauth_bind_t *ngx_http_rtauth_bind_conf_add(ngx_conf_t *cf,
    ngx_http_rtauth_loc_conf_t *rlcf);
static char *ngx_http_rtauth_bind_conf_words(ngx_conf_t *cf,
    ngx_str_t *value);


char *
ngx_http_rtauth_bind(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_loc_conf_t *rlcf = conf;

    ngx_str_t               *value, line;
    ngx_http_rtauth_bind_t  *bind;

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2) {
        return ngx_http_rtauth_bind_conf_off(cf, rlcf);
    }

    if (ngx_http_rtauth_bind_conf_words(cf, value) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    bind = ngx_http_rtauth_bind_conf_add(cf, rlcf);
    if (bind == NULL) {
        return NGX_CONF_ERROR;
    }

    line.data = ngx_pnalloc(cf->pool, sizeof("rtauth_bind ") - 1
                                      + bind->text.len);
    if (line.data == NULL) {
        return NGX_CONF_ERROR;
    }

    line.len = ngx_sprintf(line.data, "rtauth_bind %V", &bind->text)
               - line.data;

    bind->required = (cf->args->nelts == 4);

    if (ngx_http_rtauth_value_compile(cf, &line, &value[1], &bind->source)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_rt_conf_complex(cf, &value[2], &bind->value) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_rtauth_bind_conf_off(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *rlcf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") != 0 || rlcf->bind) {
        return ngx_rt_conf_invalid(cf, "value", &value[1],
                                   "write \"SOURCE VALUE [required]\", or "
                                   "\"off\" before any other line, which "
                                   "drops those of outer levels");
    }

    rlcf->bind_off = 1;

    return NGX_CONF_OK;
}


static char *
ngx_http_rtauth_bind_conf_words(ngx_conf_t *cf, ngx_str_t *value)
{
    if (value[1].data[0] != '$' && !rt_source_is(ngx_rt_str(&value[1]))) {
        return ngx_rt_conf_invalid(cf, "source", &value[1],
                                   "write \"arg:NAME\", \"form:NAME\", "
                                   "\"json:/NAME\", \"header:NAME\", "
                                   "\"cookie:NAME\" or \"$VARIABLE\"");
    }

    if (rt_source_is(ngx_rt_str(&value[2])) || value[2].len == 0) {
        return ngx_rt_conf_invalid(cf, "value", &value[2],
                                   "write what is known of the user, such as "
                                   "\"$rtauth_user\" or "
                                   "\"$rtauth_claim_NAME\"");
    }

    if (cf->args->nelts == 4 && ngx_strcmp(value[3].data, "required") != 0) {
        return ngx_rt_conf_invalid(cf, "parameter", &value[3],
                                   "write \"required\" or nothing");
    }

    return NGX_CONF_OK;
}


static ngx_http_rtauth_bind_t *
ngx_http_rtauth_bind_conf_add(ngx_conf_t *cf, ngx_http_rtauth_loc_conf_t *rlcf)
{
    ngx_str_t                *value;
    ngx_http_rtauth_bind_t   *bind, **line;

    value = cf->args->elts;

    if (rlcf->bind == NULL) {
        rlcf->bind = ngx_array_create(cf->pool, 2,
                                      sizeof(ngx_http_rtauth_bind_t *));
        if (rlcf->bind == NULL) {
            return NULL;
        }
    }

    line = ngx_array_push(rlcf->bind);
    bind = ngx_pcalloc(cf->pool, sizeof(ngx_http_rtauth_bind_t));

    if (line == NULL || bind == NULL) {
        return NULL;
    }

    *line = bind;

    bind->text.data = ngx_pnalloc(cf->pool, value[1].len + value[2].len + 1);
    if (bind->text.data == NULL) {
        return NULL;
    }

    bind->text.len = ngx_sprintf(bind->text.data, "%V %V", &value[1],
                                 &value[2])
                     - bind->text.data;
    ngx_rt_conf_here(cf, &bind->where);

    return bind;
}

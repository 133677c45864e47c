
#include "policy/ngx_http_rtauth_rowfilter_conf.h"


/* a directive as it was written */

typedef struct {
    ngx_rt_where_t   where;
    rt_str_t        *args;
    size_t           n;
} ngx_http_rtauth_rowfilter_conf_t;


ngx_int_t
ngx_http_rtauth_rowfilter_conf_create(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf)
{
    mcf->rowfilters.mem = &mcf->mem;

    return ngx_array_init(&mcf->rowlines, cf->pool, 4,
                          sizeof(ngx_http_rtauth_rowfilter_conf_t));
}


char *
ngx_http_rtauth_row_filter(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_rtauth_main_conf_t *mcf = conf;

    ngx_str_t                         *value;
    ngx_http_rtauth_rowfilter_conf_t  *line;

    if (ngx_rt_conf_swallowed(cf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    line = ngx_array_push(&mcf->rowlines);
    if (line == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_rt_conf_here(cf, &line->where);

    /* the next directive is read into the same array */

    line->n = cf->args->nelts - 1;
    line->args = ngx_palloc(cf->pool, line->n * sizeof(rt_str_t));
    if (line->args == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;
    ngx_memcpy(line->args, &value[1], line->n * sizeof(rt_str_t));

    return NGX_CONF_OK;
}


char *
ngx_http_rtauth_rowfilter_conf_init(ngx_conf_t *cf,
    ngx_http_rtauth_main_conf_t *mcf)
{
    rt_str_t                           err;
    ngx_uint_t                         i;
    ngx_http_rtauth_rowfilter_conf_t  *line;

    line = mcf->rowlines.elts;

    for (i = 0; i < mcf->rowlines.nelts; i++) {

        switch (rt_rowfilter_add(&mcf->rowfilters, &mcf->policy, NULL,
                                 line[i].args, line[i].n, &err))
        {
        case RT_OK:
            break;

        case RT_INVALID:
            return ngx_rt_conf_invalid_late(cf, &line[i].where,
                                            "rtauth_row_filter", "filter",
                                            ngx_rt_ngx(&line[i].args[0]), "%V",
                                            ngx_rt_ngx(&err));

        default:
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}

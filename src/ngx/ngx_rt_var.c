
#include "ngx_rt_var.h"


static void
ngx_rt_var_take(ngx_http_variable_value_t *vv, ngx_str_t *value)
{
    if (vv == NULL || vv->not_found || !vv->valid) {
        ngx_str_null(value);
        return;
    }

    value->len = vv->len;
    value->data = vv->data;
}


ngx_int_t
ngx_rt_var_add(ngx_conf_t *cf, ngx_http_variable_t *vars)
{
    ngx_http_variable_t  *var, *v;

    for (v = vars; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


void
ngx_rt_var_init(ngx_conf_t *cf, ngx_rt_var_t *var, ngx_str_t *name)
{
    ngx_uint_t                  i;
    ngx_hash_key_t             *key;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    var->var = NULL;

    key = cmcf->variables_keys->keys.elts;

    for (i = 0; i < cmcf->variables_keys->keys.nelts; i++) {
        if (key[i].key.len == name->len
            && ngx_strncmp(key[i].key.data, name->data, name->len) == 0)
        {
            var->var = key[i].value;
            break;
        }
    }
}


/* as ngx_http_get_variable(), which would look for the name each time */

void
ngx_rt_var_get(ngx_http_request_t *r, ngx_rt_var_t *var, ngx_str_t *value)
{
    ngx_http_variable_t        *v;
    ngx_http_variable_value_t   vv;

    v = var->var;

    ngx_str_null(value);

    if (v == NULL) {
        return;
    }

    if (r && (v->flags & NGX_HTTP_VAR_INDEXED)) {
        ngx_rt_var_take(ngx_http_get_flushed_variable(r, v->index), value);
        return;
    }

    ngx_memzero(&vv, sizeof(ngx_http_variable_value_t));

    if (v->get_handler != NULL && v->get_handler(r, &vv, v->data) == NGX_OK) {
        ngx_rt_var_take(&vv, value);
    }
}


ngx_int_t
ngx_rt_var_used(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_uint_t                  i;
    ngx_http_variable_t        *v;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {
        if (v[i].name.len == name->len
            && ngx_strncmp(v[i].name.data, name->data, name->len) == 0)
        {
            return i;
        }
    }

    return NGX_DECLINED;
}


void
ngx_rt_var_indexed(ngx_http_request_t *r, ngx_int_t index, ngx_str_t *value)
{
    ngx_rt_var_take(ngx_http_get_indexed_variable(r, index), value);
}

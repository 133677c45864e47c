
#include "ngx_rt_server.h"


ngx_array_t *
ngx_rt_server_names(ngx_pool_t *pool, ngx_http_core_srv_conf_t *cscf)
{
    ngx_str_t               *name;
    ngx_uint_t               i;
    ngx_array_t             *found;
    ngx_http_server_name_t  *names;

    names = cscf->server_names.elts;

    found = ngx_array_create(pool, 1, sizeof(ngx_str_t));
    if (found == NULL) {
        return NULL;
    }

    for (i = 0; i < cscf->server_names.nelts; i++) {

#if (NGX_PCRE)
        if (names[i].regex) {
            continue;
        }
#endif

        if (names[i].name.len == 0
            || !ngx_rt_conf_name(&names[i].name, "-._")
            || names[i].name.data[0] == '.' || names[i].name.data[0] == '_')
        {
            continue;
        }

        name = ngx_array_push(found);
        if (name == NULL) {
            return NULL;
        }

        *name = names[i].name;
    }

    return found;
}


ngx_rt_where_t
ngx_rt_server_where(ngx_http_core_srv_conf_t *cscf)
{
    ngx_rt_where_t  where;

    where.file.data = cscf->file_name;
    where.file.len = ngx_strlen(cscf->file_name);
    where.line = cscf->line;

    return where;
}


#include "ngx_rt_order.h"


static ngx_uint_t ngx_rt_order_compresses(char *module);


ngx_int_t
ngx_rt_order(ngx_conf_t *cf, ngx_module_t *self, char *name)
{
    char        *other;
    ngx_uint_t   i, seen, behind;

    seen = 0;
    behind = 0;

    for (i = 0; cf->cycle->modules[i]; i++) {

        other = cf->cycle->modules[i]->name;

        if (cf->cycle->modules[i] == self) {
            seen = 1;
            continue;
        }

        if (ngx_strcmp(other, "ngx_http_postpone_filter_module") == 0) {
            behind = seen;
        }

        if (seen && ngx_rt_order_compresses(other)) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"%s\" would compress pages before "
                          "\"ngx_http_%s_module\" reads them: put the "
                          "\"load_module\" of %s after its own, in \"%V\" "
                          "or a file that it includes", other, name, name,
                          &cf->cycle->conf_file);
            return NGX_ERROR;
        }
    }

    if (!behind) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"%s\" is not in its place before "
                      "\"ngx_http_postpone_filter_module\": take it out of "
                      "nginx's own binary, and write \"load_module "
                      "modules/ngx_http_%s_module.so;\" at the top of "
                      "\"%V\"", self->name, name, &cf->cycle->conf_file);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_rt_order_compresses(char *module)
{
    ngx_uint_t    i;
    static char  *compress[] = {
        "ngx_http_gzip_filter_module",
        "ngx_http_brotli_filter_module",
        "ngx_http_zstd_filter_module",
        NULL
    };

    for (i = 0; compress[i] != NULL; i++) {
        if (ngx_strcmp(module, compress[i]) == 0) {
            return 1;
        }
    }

    return 0;
}

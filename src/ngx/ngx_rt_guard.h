
/*
 * How rtauth guards a location, for another module's nginx -t.  A module cannot
 * know the types of another one, which may be of another version; but what
 * rtauth has for a location begins with a word of these bits.
 */


#ifndef NGX_RT_GUARD_H_INCLUDED
#define NGX_RT_GUARD_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


#pragma GCC visibility push(hidden)


#define NGX_RT_GUARD_ASKS      1    /* who comes here, and no dry run */
#define NGX_RT_GUARD_REQUIRES  2    /* ... something of him */


/* in postconfiguration, when all modules have merged; 0: it does not */

static ngx_inline ngx_uint_t
ngx_rt_guard(ngx_conf_t *cf, void **loc_conf)
{
    ngx_uint_t     i;
    ngx_module_t  *m;

    for (i = 0; (m = cf->cycle->modules[i]) != NULL; i++) {

        if (m->type == NGX_HTTP_MODULE
            && ngx_strcmp(m->name, "ngx_http_rtauth_module") == 0)
        {
            return *(ngx_uint_t *) loc_conf[m->ctx_index];
        }
    }

    return 0;
}


#pragma GCC visibility pop


#endif /* NGX_RT_GUARD_H_INCLUDED */

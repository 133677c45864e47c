/*
 * SECRET in a directive: file:PATH, env:NAME, exec:PATH or data:TEXT.
 */


#ifndef NGX_RT_SECRET_H_INCLUDED
#define NGX_RT_SECRET_H_INCLUDED


#include <ngx_config.h>
#include <ngx_core.h>

#include "rt_base.h"


#pragma GCC visibility push(hidden)


#define NGX_RT_SECRET_MAX  65536        /* bytes */


/*
 * Reads a secret while the configuration is read, that is, in the master and
 * again at each reload.
 *
 * in:   spec      file:PATH (relative to the folder of nginx.conf), env:NAME,
 *                 exec:PATH [ARG ...] (ngx_rt_exec.h), or data:TEXT, which is
 *                 warned of: the configuration is copied and printed (nginx
 *                 -T) more freely than a secret is
 *       what      how the directive calls it, for messages: "placeholder"
 * out:  *secret   in cf->pool, NUL-terminated, one trailing newline stripped;
 *                 never empty, holds no NUL
 * ret:  NGX_OK, or NGX_ERROR after a message at emerg that names directive,
 *       source and mend, and never the secret
 *
 * A file is one that ngx_rt_file.h takes, and that others (mode o+rwx) have no
 * right to; its group may read it, as with Kubernetes' mounted secrets.
 */
ngx_int_t ngx_rt_secret(ngx_conf_t *cf, const char *what, ngx_str_t *spec,
    ngx_str_t *secret);


#pragma GCC visibility pop


#endif /* NGX_RT_SECRET_H_INCLUDED */
